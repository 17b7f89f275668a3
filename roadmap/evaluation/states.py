"""What decides besides the rules: an account's state before them, an exception after them. Pure;
sections 0.3 and 0.8 of the evidence rules."""

from __future__ import annotations

from datetime import date

from roadmap.registry import Flow, Item
from roadmap.subject import AccountRow, Excepted
from roadmap.verdicts import (
    Reason,
    Source,
    Status,
    Verdict,
    not_applicable,
    not_in_organization,
    unknown,
)

SUSPENDED = frozenset({"SUSPENDED", "PENDING_CLOSURE"})
NOT_OPEN = frozenset({"CLOSED", "LEFT", ""})

RULE = "account state"


def by_state(account: AccountRow, item: Item, today: date) -> Verdict | None:
    """The verdict that follows from the account's state alone; None if the item is to be judged."""
    if account.closed_on and account.closed_on <= today and account.state in NOT_OPEN:
        sentence = f"The account was confirmed as closed on {account.closed_on}."
        return not_applicable(Reason.ACCOUNT_CLOSED, sentence, RULE)
    if account.state in SUSPENDED and not item.always_judged:
        words = account.state.replace("_", " ").lower()
        return not_applicable(Reason.ACCOUNT_SUSPENDED, f"The account is {words}.", RULE)
    if account.state == "PENDING_ACTIVATION":
        sentence = "The account is not active yet, so nothing was collected."
        return unknown(Reason.NEVER_COLLECTED, sentence, RULE)
    return None


def unjudged(item: Item) -> Verdict:
    """The verdict of an item that has no rule yet."""
    if Source.ATTESTED in item.sources and Source.AUTOMATIC not in item.sources:
        return unknown(Reason.NOT_ATTESTED, "Nobody has answered this yet.", "not attested")
    return unknown(Reason.NEVER_COLLECTED, "Cairn does not collect this yet.", "not collected")


def outside(item: Item) -> Verdict | None:
    """The verdict of an organization-wide item for an account in no known organization."""
    if item.flow != Flow.INHERIT or item.judge is None:
        return None
    return not_in_organization()


def put_in_place(verdict: Verdict, exception: Excepted) -> Verdict:
    """Not applicable by exception, with the rule's verdict beside it. What does not apply anyway
    stays as it is."""
    if verdict.status == Status.NOT_APPLICABLE:
        return verdict
    until = f" until {exception.expires_at:%-d %b %Y}" if exception.expires_at else ""
    return not_applicable(
        Reason.EXCEPTION,
        f"Excepted{until}: {exception.reason} Without that: {verdict.status.label.lower()}. "
        f"{verdict.sentence}",
        "exception",
        facts=verdict.facts,
        problems=verdict.problems,
        incomplete=verdict.incomplete,
        source=verdict.source,
        inherits_from=verdict.inherits_from,
        regions=verdict.regions,
        raw=verdict,
    )
