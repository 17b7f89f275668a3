"""Network Firewall: policies, and the endpoints of firewalls; the firewalls are moto's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from moto.networkfirewall.models import networkfirewall_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.wire import Call

# ARN of a firewall -> ids of its endpoints, which AWS makes by itself and here the world does.
ENDPOINTS: Final[dict[str, list[str]]] = {}
# ARN -> the policy as it was given.
_POLICIES: Final[dict[str, Mapping[str, Any]]] = {}


def _described(arn: str) -> dict[str, Any]:
    return {
        "FirewallPolicyName": arn.rpartition("/")[2],
        "FirewallPolicyArn": arn,
        "FirewallPolicyId": "00000000-0000-4000-8000-000000000000",
        "FirewallPolicyStatus": "ACTIVE",
    }


@answers("network-firewall", "CreateFirewallPolicy")
def create_firewall_policy(call: Call) -> Result:
    name = call.parameters["FirewallPolicyName"]
    arn = f"arn:aws:network-firewall:{call.region}:{call.account}:firewall-policy/{name}"
    _POLICIES[arn] = call.parameters["FirewallPolicy"]
    return {"UpdateToken": "1", "FirewallPolicyResponse": _described(arn)}


@answers("network-firewall", "DescribeFirewallPolicy")
def describe_firewall_policy(call: Call) -> Result:
    arn = call.parameters.get("FirewallPolicyArn") or ""
    if arn not in _POLICIES:
        raise AwsError("ResourceNotFoundException", f"There is no firewall policy {arn}.", 400)
    return {
        "UpdateToken": "1",
        "FirewallPolicyResponse": _described(arn),
        "FirewallPolicy": _POLICIES[arn],
    }


@answers("network-firewall", "DescribeFirewall")
def describe_firewall(call: Call) -> Result | None:
    """moto leaves out the endpoints."""
    arn = call.parameters.get("FirewallArn") or ""
    firewall = networkfirewall_backends[call.account][call.region].firewalls.get(arn)
    if firewall is not None:
        status: dict[str, Any] = firewall.firewall_status
        status["SyncStates"] = {
            f"{call.region}{zone}": {"Attachment": {"EndpointId": endpoint, "Status": "READY"}}
            for zone, endpoint in zip("abcdef", ENDPOINTS.get(arn, ()), strict=False)
        }
    return None
