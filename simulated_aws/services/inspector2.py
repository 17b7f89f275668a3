"""Inspector: an account that never enabled it has a state too, which moto leaves out."""

from __future__ import annotations

from moto.inspector2.models import AccountStatus, inspector2_backends

from simulated_aws.answers import Result, answers
from simulated_aws.wire import Call


@answers("inspector2", "BatchGetAccountStatus")
def batch_get_account_status(call: Call) -> Result:
    known = inspector2_backends[call.account][call.region].account_status
    asked = call.parameters.get("accountIds") or [call.account]
    accounts = [(known.get(one) or AccountStatus(one)).to_batch_json() for one in asked]
    return {"accounts": accounts, "failedAccounts": []}
