"""How a verdict's sentence names accounts, Regions and long lists. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status, Verdict

NAMED_AT_MOST = 3  # longer lists are counted
LONGEST = 900  # characters of a sentence, well within the column it is stored in


def listed(names: Iterable[str], at_most: int = NAMED_AT_MOST) -> str:
    """``a``, ``a and b``, ``a, b and 5 more``."""
    found = list(names)
    if len(found) > at_most:
        found = [*found[: at_most - 1], f"{len(found) - at_most + 1} more"]
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


def number(count: int, noun: str, plural: str = "") -> str:
    """``1 role``, ``3 roles``, ``no role``."""
    if count == 0:
        return f"no {noun}"
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def account_name(subject: Subject, account_id: str) -> str:
    """The id, with the account's name where the sheet has it."""
    known = subject.company.accounts.get(account_id)
    return f"{account_id} ({known.name})" if known and known.name else account_id


def over_regions(parts: Mapping[str, Verdict]) -> str:
    """What the Regions' verdicts say, each thing once with the Regions it holds for; the most
    frequent first. The parts' sentences are clauses without a full stop."""
    groups: dict[str, list[str]] = {}
    for region, part in parts.items():
        groups.setdefault(_clause(part), []).append(region)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    said = [f"{clause} {_where(regions, len(parts))}." for clause, regions in ordered]
    return " ".join(said)[:LONGEST]


def _clause(part: Verdict) -> str:
    """Messages about what could not be seen differ by Region; their reason does not."""
    if part.status == Status.UNKNOWN and part.reason is not None:
        return f"Could not be told ({part.reason.replace('_', ' ')})"
    if part.reason == Reason.SERVICE_UNAVAILABLE:
        return "Not offered by AWS"
    return part.sentence


def _where(regions: Sequence[str], total: int) -> str:
    if len(regions) == total:
        return f"in all {total} Regions" if total > 1 else f"in {regions[0]}"
    if len(regions) <= NAMED_AT_MOST:
        return f"in {listed(regions)}"
    return f"in {len(regions)} of {total} Regions"
