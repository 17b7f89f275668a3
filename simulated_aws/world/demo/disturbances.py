"""What goes wrong while collecting: a region that fails, throttling, refusals."""

from __future__ import annotations

from typing import Final

from simulated_aws.answers import CANNED, CannedAnswer
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import account_id
from simulated_aws.world.demo.contacts import UNREADABLE
from simulated_aws.world.demo.costs import CLOSED_BILLING

FAILING_REGION: Final = ("fernhill-shop", "eu-west-1")
THROTTLED: Final = "logistics-dev"
# So many calls are refused before the account answers: a patient collector gets through.
THROTTLED_CALLS: Final = 5

REMARKS: Final = {
    FAILING_REGION[0]: f"every call in {FAILING_REGION[1]} fails",
    THROTTLED: f"throttles its first {THROTTLED_CALLS} calls",
}


def build(_: Builder) -> None:
    name, region = FAILING_REGION
    for answer in (
        CannedAnswer(account=account_id(name), region=region, error="invalid-credentials"),
        CannedAnswer(account=account_id(THROTTLED), error="throttled", times=THROTTLED_CALLS),
        CannedAnswer(
            service="budgets",
            account=account_id(CLOSED_BILLING),
            error="denied",
            message="IAM user and role access to Billing information is not activated.",
        ),
        *(
            CannedAnswer(
                service="account",
                operation=operation,
                parameters={"AccountId": account_id(UNREADABLE)},
                error="denied",
                message="You are not authorized to look at this account's contacts.",
            )
            for operation in ("GetAlternateContact", "GetContactInformation")
        ),
    ):
        CANNED.add(answer)
