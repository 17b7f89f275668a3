"""Where people of Larkfield asked to depart from an item, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.people import user_of
from inventory.models import Account, Role
from roadmap.exceptions import approve, ask, refuse


@dataclass(frozen=True)
class Asked:
    """``granted`` is None while it waits; ``remark`` says why it was refused."""

    item: str
    account: str
    reason: str
    days: int
    by: Role
    pattern: str = ""
    granted: bool | None = None
    remark: str = ""


ASKED = (
    Asked(
        "visibility.s3_block_public",
        "storefront-cdn",
        "Product images are meant for everybody; nothing else may go into this bucket, and a "
        "scan of it runs every night.",
        180,
        Role.SECURITY,
        "arn:aws:s3:::larkfield-product-images",
        granted=True,
    ),
    Asked(
        "network.egress",
        "corporate-it",
        "The account is given up at the end of the year; the office network filters what leaves.",
        40,
        Role.SECURITY,
        granted=True,
    ),
    Asked(
        "ownership.iac",
        "payments-dev",
        "People of Payments try things out by hand here; what stays is written as code in staging.",
        90,
        Role.OWNER,
    ),
    Asked(
        "surface.imdsv2",
        "fernhill-shop",
        "The shop's old image asks for its role without a token.",
        120,
        Role.SECURITY,
        granted=False,
        remark="The agent that needed it was updated in spring: require tokens on this instance.",
    ),
)


def ask_for_exceptions(now: datetime) -> None:
    for one in ASKED:
        asked = ask(
            user_of(one.by),
            one.item,
            account=Account.objects.get(observed_name=one.account),
            pattern=one.pattern,
            reason=one.reason,
            expires_at=now + timedelta(days=one.days),
        )
        if one.granted is True:
            approve(user_of(Role.ADMIN), asked)
        elif one.granted is False:
            refuse(user_of(Role.ADMIN), asked, one.remark)
