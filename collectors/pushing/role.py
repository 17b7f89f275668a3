"""The contacts role of a connection: tried step by step before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from collectors.aws import CallFailed
from collectors.connecting import ROLE_ARN, Step
from collectors.models import Connection
from collectors.outcomes import Outcome
from collectors.pushing.readiness import writer_of
from collectors.services.account import GET_ALTERNATE_CONTACT, SECURITY
from inventory.models import Account, AccountState

TRUSTED_ACCESS = (
    "Let AWS Organizations answer for member accounts, in the management account: "
    "aws organizations enable-aws-service-access --service-principal account.amazonaws.com"
)


def why_wrong(connection: Connection, arn: str) -> str:
    """What is wrong with the ARN, or an empty text."""
    management = connection.organization.management_account_id
    found = ROLE_ARN.fullmatch(arn)
    if not found:
        return (
            "Is not the ARN of a role; write one such as "
            f"arn:{connection.organization.partition}:iam::{management}:role/CairnContacts."
        )
    if found[2] != management:
        return f"Is a role of {found[2]}; it must be one of the management account, {management}."
    if arn == connection.management_role_arn:
        return "Is the role that reads; make one of its own, so that it can be taken away alone."
    return ""


def check(connection: Connection, arn: str) -> Iterator[Step]:
    """The first step that fails is the last. Nothing is written."""
    writer = writer_of(connection, arn)
    management = writer.role.account_id
    member = _a_member(connection)
    yield (step := _tried("Contacts role", "sts:AssumeRole on this role", writer.enter))
    if not step.is_good:
        return
    for title, account_id in (("Management account", management), ("Member account", member)):
        if not account_id:
            continue
        ask = partial(writer.read, account_id, SECURITY)
        step = _tried(f"{title} {account_id}", GET_ALTERNATE_CONTACT.action, ask)
        yield step
        if not step.is_good:
            return


def _a_member(connection: Connection) -> str:
    organization = connection.organization
    members = Account.objects.filter(
        observed_organization=organization, state=AccountState.ACTIVE
    ).exclude(account_id=organization.management_account_id)
    return members.values_list("account_id", flat=True).first() or ""


def _tried(title: str, action: str, ask: Callable[[], object]) -> Step:
    try:
        ask()
    except CallFailed as failed:
        denied = failed.outcome in (Outcome.ACCESS_DENIED, Outcome.ASSUME_ROLE_DENIED)
        return Step(title, False, failed.message, action if denied else "", _cure(failed))
    return Step(title, True, "Works.")


def _cure(failed: CallFailed) -> str:
    if failed.outcome == Outcome.ASSUME_ROLE_DENIED:
        return (
            "Create the role with the template, and check that its trust policy names Cairn's "
            "principal and this external id, and that Cairn may assume it."
        )
    if failed.outcome == Outcome.ACCESS_DENIED:
        return f"Add the action to the policy of the role. {TRUSTED_ACCESS}"
    return ""
