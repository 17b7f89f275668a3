"""Data Lifecycle Manager, which moto does not have: policies as they were made. None ever runs."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.wire import Call

# (account, region) -> policies by id, as GetLifecyclePolicy describes them.
POLICIES: Final[dict[tuple[str, str], dict[str, dict[str, Any]]]] = {}
SUMMARY: Final = ("PolicyId", "Description", "State")


@answers("dlm", "CreateLifecyclePolicy")
def create_lifecycle_policy(call: Call) -> Result:
    policies = POLICIES.setdefault((call.account, call.region), {})
    policy_id = f"policy-{len(policies):017x}"
    details = dict(call.parameters.get("PolicyDetails") or {})
    details.setdefault("PolicyType", "EBS_SNAPSHOT_MANAGEMENT")
    policies[policy_id] = {
        "PolicyId": policy_id,
        "Description": call.parameters["Description"],
        "State": call.parameters["State"],
        "ExecutionRoleArn": call.parameters["ExecutionRoleArn"],
        "PolicyDetails": details,
        "PolicyArn": f"arn:aws:dlm:{call.region}:{call.account}:policy/{policy_id}",
    }
    return {"PolicyId": policy_id}


@answers("dlm", "GetLifecyclePolicies")
def get_lifecycle_policies(call: Call) -> Result:
    wanted = call.parameters.get("State")
    return {
        "Policies": [
            {
                **{key: policy[key] for key in SUMMARY},
                "PolicyType": policy["PolicyDetails"]["PolicyType"],
            }
            for policy in POLICIES.get((call.account, call.region), {}).values()
            if wanted in (None, policy["State"])
        ]
    }


@answers("dlm", "GetLifecyclePolicy")
def get_lifecycle_policy(call: Call) -> Result:
    policy_id = str(call.parameters["PolicyId"])
    policy = POLICIES.get((call.account, call.region), {}).get(policy_id)
    if policy is None:
        raise AwsError("ResourceNotFoundException", f"There is no policy {policy_id}.", 404)
    return {"Policy": policy}
