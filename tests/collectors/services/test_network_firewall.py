"""The firewalls of a Region, and whether they stop anything."""

from typing import Any

import pytest
from hypothesis import given

from collectors.services.network_firewall import Firewall, Policy, firewalls
from collectors.services.route53resolver import Association, firewall_associations
from tests.collectors.services.canned import Refusal, collect, thinned

ID = "0" * 36
FIREWALL: dict[str, Any] = {
    "FirewallName": "egress",
    "FirewallId": ID,
    "FirewallArn": "arn:firewall",
    "FirewallPolicyArn": "arn:policy",
    "VpcId": "vpc-1",
    "SubnetMappings": [{"SubnetId": "subnet-1"}],
}
STATUS = {
    "Status": "READY",
    "ConfigurationSyncStateSummary": "IN_SYNC",
    "SyncStates": {
        "eu-west-1a": {"Attachment": {"SubnetId": "subnet-1", "EndpointId": "vpce-1"}},
        "eu-west-1b": {"Attachment": {"SubnetId": "subnet-2"}},
    },
}
POLICY = {
    "StatelessDefaultActions": ["aws:forward_to_sfe"],
    "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
    "StatefulDefaultActions": ["aws:drop_established"],
    "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"},
    "StatefulRuleGroupReferences": [
        {"ResourceArn": "arn:rules", "Override": {"Action": "DROP_TO_ALERT"}}
    ],
}
RESPONSE = {
    "FirewallPolicyName": "p",
    "FirewallPolicyArn": "arn:policy",
    "FirewallPolicyId": ID,
}
ANSWERS: dict[str, Any] = {
    "list_firewalls": {"Firewalls": [{"FirewallName": "egress", "FirewallArn": "arn:firewall"}]},
    "describe_firewall": {"Firewall": FIREWALL, "FirewallStatus": STATUS},
    "describe_firewall_policy": {
        "UpdateToken": ID,
        "FirewallPolicyResponse": RESPONSE,
        "FirewallPolicy": POLICY,
    },
}


def test_it_reads_where_a_firewall_stands_and_what_it_does() -> None:
    (found,) = collect(firewalls, ANSWERS)

    assert found == Firewall(
        "arn:firewall",
        "egress",
        "vpc-1",
        ("vpce-1",),
        status="READY",
        policy=Policy(
            "arn:policy",
            "STRICT_ORDER",
            ("aws:forward_to_sfe",),
            ("aws:drop_established",),
            1,
            1,
        ),
    )
    assert found.filters


def test_a_policy_of_two_firewalls_is_asked_for_once() -> None:
    asked: list[Any] = []
    two = {"Firewalls": [{"FirewallArn": "arn:firewall"}, {"FirewallArn": "arn:second"}]}
    found = collect(firewalls, ANSWERS | {"list_firewalls": two}, asked=asked)

    assert [one.arn for one in found] == ["arn:firewall", "arn:second"]
    assert [name for name, _ in asked].count("describe_firewall_policy") == 1


def test_a_firewall_that_vanished_is_left_out_and_one_without_policy_stops_nothing() -> None:
    gone = Refusal("ResourceNotFoundException")
    assert collect(firewalls, ANSWERS | {"describe_firewall": gone}) == ()

    (found,) = collect(firewalls, ANSWERS | {"describe_firewall_policy": gone})
    assert not found.filters


def test_one_at_a_transit_gateway_names_it() -> None:
    described = {
        "Firewall": FIREWALL | {"TransitGatewayId": "tgw-1234567890"},
        "FirewallStatus": STATUS,
    }
    (found,) = collect(firewalls, ANSWERS | {"describe_firewall": described})
    assert found.transit_gateway_id == "tgw-1234567890"


FORWARD = ("aws:forward_to_sfe",)
STRICT = "STRICT_ORDER"
POLICIES: dict[str, tuple[Policy, bool, bool]] = {
    "drops by default": (Policy("", STRICT, FORWARD, ("aws:drop_strict",)), True, False),
    "drops in default order": (
        Policy("", "DEFAULT_ACTION_ORDER", FORWARD, ("aws:drop_strict",)), False, False,
    ),
    "a default nobody knows": (Policy("", STRICT, FORWARD, ("aws:tomorrow",)), False, False),
    "alerts by default": (Policy("", STRICT, FORWARD, ("aws:alert_strict",)), False, False),
    "rules": (Policy("", "", FORWARD, (), 1), True, False),
    "rules that only alert": (Policy("", "", FORWARD, (), 2, 2), False, True),
    "some rules only alert": (Policy("", "", FORWARD, (), 2, 1), True, False),
    "rules alert, the default drops": (
        Policy("", STRICT, FORWARD, ("aws:drop_strict",), 1, 1), True, False,
    ),
    "rules never see it": (Policy("", "", ("aws:pass",), (), 1), False, False),
    "everything dropped": (Policy("", "", ("aws:drop",)), True, False),
    "nothing": (Policy(), False, False),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "filters", "alerts"), POLICIES.values(), ids=POLICIES)
def test_whether_a_policy_stops_anything(policy: Policy, filters: bool, alerts: bool) -> None:
    assert (policy.filters, policy.only_alerts) == (filters, alerts)
    assert Firewall("arn", status="READY", policy=policy).filters is filters
    assert not Firewall("arn", status="PROVISIONING", policy=policy).filters


@given(thinned(ANSWERS, kept=frozenset({"FirewallArn", "FirewallPolicyArn"})))
def test_a_firewall_filters_only_if_it_says_so(answers: Any) -> None:
    (found,) = collect(firewalls, answers, is_checked=False)
    policy = answers["describe_firewall_policy"].get("FirewallPolicy") or {}
    options = policy.get("StatefulEngineOptions") or {}

    if found.filters:
        status = answers["describe_firewall"]["FirewallStatus"]["Status"]
        assert status == "READY"
        references = policy.get("StatefulRuleGroupReferences") or [{}]
        overridden = (references[0].get("Override") or {}).get("Action")
        assert options.get("RuleOrder") == STRICT or not overridden


def test_it_reads_the_associations_of_the_dns_firewall() -> None:
    answer = {
        "FirewallRuleGroupAssociations": [
            {"Id": "1", "VpcId": "vpc-1", "FirewallRuleGroupId": "rg-1", "Status": "COMPLETE"},
            {"Id": "2", "VpcId": "vpc-1", "Status": "UPDATING"},
            {"Status": "COMPLETE"},
        ]
    }
    found = collect(firewall_associations, {"list_firewall_rule_group_associations": answer})
    assert found == (
        Association("1", "vpc-1", "rg-1", "COMPLETE"),
        Association("2", "vpc-1", "", "UPDATING"),
    )
    assert [one.is_complete for one in found] == [True, False]
