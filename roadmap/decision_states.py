"""What becomes of a finding: every state, everything that may happen, and the state after it.

The one table of it. Decisions and storage move by it; docs/findings.md and the pages print it, and
a test makes every cell of it happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Standing(StrEnum):
    """Where a finding stands, by what people decided of it."""

    UNDECIDED = "undecided"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTANCE_ASKED = "acceptance_asked"
    ACCEPTED = "accepted"
    FALSE_POSITIVE_ASKED = "false_positive_asked"
    FALSE_POSITIVE = "false_positive"
    RESOLVED = "resolved"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def phrase(self) -> str:
        """In a sentence, such as "12 findings …"."""
        return _PHRASES[self]

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


class Event(StrEnum):
    """What may happen to it, in the words of the table."""

    ACKNOWLEDGE = "somebody acknowledges it"
    ASK_ACCEPTANCE = "somebody asks to accept the risk"
    ASK_FALSE_POSITIVE = "somebody asks to call it a false positive"
    APPROVE = "another person approves"
    REFUSE = "somebody refuses"
    END = "the decision is taken back or ended"
    PLAN_PASSES = "the plan's date passes"
    EXPIRES = "the last day of the acceptance passes"
    SEEN_SAME = "seen again, saying the same"
    SEEN_OLDER = "seen again, only ages and times differ"
    SEVERITY_CHANGES = "seen again with another severity"
    TEXT_CHANGES = "seen again, saying something else"
    LATE_IMPORT = "an older scan is imported late"
    MUTED = "the scanner mutes it"
    UNMUTED = "the scanner no longer mutes it"
    EXCEPTED = "an exception is granted for it"
    EXCEPTION_ENDS = "its exception ends"
    GONE = "a complete newer look no longer sees it"
    APPROVER_LEAVES = "the approver may no longer approve"
    ASKER_LEAVES = "who decided or asked can no longer sign in"


_LABELS = {
    Standing.UNDECIDED: "Undecided",
    Standing.ACKNOWLEDGED: "Acknowledged",
    Standing.ACCEPTANCE_ASKED: "Acceptance asked for",
    Standing.ACCEPTED: "Accepted",
    Standing.FALSE_POSITIVE_ASKED: "False positive, asked for",
    Standing.FALSE_POSITIVE: "False positive",
    Standing.RESOLVED: "Resolved",
}
_PHRASES = {
    Standing.UNDECIDED: "that nobody decided on",
    Standing.ACKNOWLEDGED: "that are acknowledged",
    Standing.ACCEPTANCE_ASKED: "whose acceptance is asked for",
    Standing.ACCEPTED: "whose risk is accepted",
    Standing.FALSE_POSITIVE_ASKED: "that somebody calls false positives",
    Standing.FALSE_POSITIVE: "that are false positives",
    Standing.RESOLVED: "that are resolved",
}
_MEANINGS = {
    Standing.UNDECIDED: "Nobody has said anything of it. It counts as open.",
    Standing.ACKNOWLEDGED: "Somebody has a plan and a date. It counts as open, and is theirs.",
    Standing.ACCEPTANCE_ASKED: "Waits for an approver. It counts as open.",
    Standing.ACCEPTED: "The risk is borne until a day. It does not count as open.",
    Standing.FALSE_POSITIVE_ASKED: "Waits for a reviewer. It counts as open.",
    Standing.FALSE_POSITIVE: "Reviewed as no problem at all. It does not count as open.",
    Standing.RESOLVED: "No longer there. No decision holds on.",
}

_O, _A, _AA, _AC, _FA, _FP, _R = Standing
_NOT = None
Row = tuple[Standing | None, ...]
_STAYS: Row = (_O, _A, _AA, _AC, _FA, _FP)
_ENDS_WHAT_HIDES: Row = (_O, _A, _O, _O, _O, _O)

# Event → the state after it, for each state in the order of Standing; None where it cannot happen
# or is refused.
_ROWS: Mapping[Event, Row] = {
    Event.ACKNOWLEDGE: (_A, _A, _NOT, _NOT, _NOT, _NOT, _NOT),
    Event.ASK_ACCEPTANCE: (_AA, _AA, _NOT, _NOT, _NOT, _NOT, _NOT),
    Event.ASK_FALSE_POSITIVE: (_FA, _FA, _NOT, _NOT, _NOT, _NOT, _NOT),
    Event.APPROVE: (_NOT, _NOT, _AC, _NOT, _FP, _NOT, _NOT),
    Event.REFUSE: (_NOT, _NOT, _O, _NOT, _O, _NOT, _NOT),
    Event.END: (_NOT, _O, _O, _O, _O, _O, _NOT),
    Event.PLAN_PASSES: (_NOT, _A, _NOT, _NOT, _NOT, _NOT, _NOT),
    Event.EXPIRES: (_NOT, _NOT, _O, _O, _NOT, _NOT, _NOT),
    Event.SEEN_SAME: (*_STAYS, _O),
    Event.SEEN_OLDER: (*_STAYS, _O),
    Event.SEVERITY_CHANGES: (*_ENDS_WHAT_HIDES, _O),
    Event.TEXT_CHANGES: (*_ENDS_WHAT_HIDES, _O),
    Event.LATE_IMPORT: (*_STAYS, _R),
    Event.MUTED: (*_STAYS, _O),
    Event.UNMUTED: (*_STAYS, _NOT),
    Event.EXCEPTED: (*_STAYS, _NOT),
    Event.EXCEPTION_ENDS: (*_STAYS, _NOT),
    Event.GONE: (_R, _R, _R, _R, _R, _R, _R),
    Event.APPROVER_LEAVES: (_NOT, _NOT, _NOT, _AC, _NOT, _FP, _NOT),
    Event.ASKER_LEAVES: (_NOT, _A, _AA, _AC, _FA, _FP, _NOT),
}


def after(standing: Standing, event: Event) -> Standing | None:
    """None where the event cannot happen in that state, or is refused."""
    return _ROWS[event][list(Standing).index(standing)]


def rows() -> Iterator[tuple[Event, list[Standing | None]]]:
    """The table, an event a row and a state a column."""
    for event in Event:
        yield event, [after(standing, event) for standing in Standing]


def as_markdown() -> str:
    heads = [standing.label for standing in Standing]
    lines = [["", *heads], ["---"] * (len(heads) + 1)]
    lines += [
        [event.value, *(found.label if found else "–" for found in cells)]
        for event, cells in rows()
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


BEGIN, END = "<!-- decisions -->\n", "<!-- /decisions -->\n"


def with_decision_table(document: str) -> str:
    """The document with the table as it is now between its two marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}{as_markdown()}{END}{behind}"
