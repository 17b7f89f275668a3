"""What waits for people of Larkfield: an account that changed hands, one that may be another's, an
answer that ends, a proposal."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo.people import user_of
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Account, Origin, Role, Team
from inventory.ownership import disown
from inventory.proposals import propose
from roadmap.attestations import Answer, give

MOVED, ASKED, OWNED = "payments-staging", "payments-dev", "payments-prod"


def leave_work(now: datetime) -> None:
    owner, security = user_of(Role.OWNER), user_of(Role.SECURITY)
    accounts = {account.name: account for account in Account.objects.all()}
    write(
        [Edit(ACCOUNTS, accounts[MOVED].key, {"owner": owner.email, "confirmed_at": ""})],
        origin=Origin.EDIT,
        source="Owners",
        message="Sam Whitaker leaves Payments",
        user=security,
    )
    disown(security, accounts[ASKED], owner.email, "Sam Whitaker leaves the team this month.")
    propose(
        Edit(ACCOUNTS, accounts[OWNED].key, {"cost_center": "CC-2210"}),
        source=f"Cost centre of {OWNED}",
        reason="Payments has a cost centre of its own from January.",
        user=owner,
    )
    give(
        owner,
        "identity.secret_hooks",
        Team.objects.get(name="Payments"),
        Answer(
            "done",
            "Push protection is on for all repositories but two archives.",
            "https://wiki.example.com/payments-hooks",
            expires_at=now + timedelta(days=12),
            details={"share": 96, "tool": "Push protection", "kind": "push_protection"},
        ),
    )
