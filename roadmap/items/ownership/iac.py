"""Networks, roles and other core resources come from code, and nobody changes them by hand.

A resource is of code if a live stack holds it (cloudformation:ListStackResources), if it carries a
tag of IAC_TAG_KEYS, or if the team lists it as what its state files hold. A tag tells an intention
only, so a sample of cloudtrail:LookupEvents shows who changes things in the console, and the team
says how changes are approved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from collectors.console_writes import ConsoleWrites
from collectors.outcomes import Missing, Outcome
from collectors.services import cloudtrail
from roadmap.readings.core_resources import READS, Core, CoreResources, find_core_resources
from roadmap.readings.gaps import Seen, as_far_as_seen, despite
from roadmap.registry import Attestable, Detail, DetailKind, FindingKind, Fix, Flow, Item, Level
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
)

TOP = 5  # principals that are named


def judge(subject: Subject) -> Verdict:
    core = find_core_resources(subject)
    if not core.has_seen and core.missing:
        raise core.missing[0]
    console, untold = _console(subject)
    made, total = len(core.of_code), len(core.of_code) + len(core.by_hand)
    writes = _count(subject, console)
    more: dict[str, Any] = {
        "facts": {
            "types": {
                kind: {"of_code": of_code, "total": count}
                for kind, (of_code, count) in core.by_kind().items()
            },
            "console_changes": writes,
            "sample": {
                region: {"days": found.days, "events": found.events, "is_cut": found.is_cut}
                for region, found in console.values.items()
            },
            "principals": dict(_top(console)),
        },
        "problems": list(_problems(subject, core, console)),
    }
    if not total:
        sentence = "It has no network, role, policy, function, database or bucket of its own."
        verdict = not_applicable(Reason.NO_RESOURCES, sentence, "no core resource", **more)
        return despite(verdict, core.missing)
    verdict = _verdict(subject, made, total, writes, more)
    return despite(verdict, [*core.missing, *untold])


def _console(subject: Subject) -> tuple[Seen[ConsoleWrites], Sequence[Missing]]:
    """The samples of changes, and why some or all of them are missing. A sample is of the days that
    counted when it was taken; it is cut where there were more events than were read."""
    told = as_far_as_seen(subject.facts, cloudtrail.console_writes)
    days = subject.settings["IAC_SAMPLE_DAYS"]
    since = (subject.now - timedelta(days=days)).date()
    short = [
        Missing(
            Outcome.NEVER_COLLECTED,
            f"Changes of {days} days in {region} are read at the next collection.",
        )
        for region, found in told.values.items()
        if found.days < days and not found.is_cut
    ]
    console = {region: _since(found, since) for region, found in told.values.items()}
    return Seen(console), [*told.missing, *short]


def _since(found: ConsoleWrites, day: date) -> ConsoleWrites:
    late = tuple(write for write in found.writes if write.day >= day)
    early = sum(write.count for write in found.writes if write.day < day)
    return replace(found, writes=late, count=found.count - early)


def _verdict(subject: Subject, made: int, total: int, writes: int, more: Any) -> Verdict:
    settings = subject.settings
    status = ratio(made, total, settings["IAC_PASS_PCT"], settings["IAC_PARTIAL_PCT"])
    attested = subject.holding("done", "partly")
    is_done = attested is not None and attested.claim == "done"
    share = f"{made} of {total} core resources come from code"
    if status == Status.PASS and is_done:
        allowed = settings["IAC_CONSOLE_MAX"]
        if writes <= allowed:
            sentence = f"{share}, and {_said(writes)} from the console."
            return passed(sentence, "from code, and kept so", **more)
        sentence = f"{share}, but {_said(writes)} from the console, where {allowed} are let pass."
        return partly(sentence, "from code, but changed by hand", **more)
    if status == Status.PASS:
        sentence = f"{share}, but the team does not say that changes are approved."
        return partly(sentence, "from code, approval not attested", **more)
    if status == Status.PARTIAL:
        return partly(f"{share}.", "from code in part", **more)
    if attested is not None:
        sentence = f"{share}, though the team says it has a pipeline."
        return partly(sentence, "attested, few from code", **more)
    return failed(f"{share}.", "not from code", **more)


def _said(writes: int) -> str:
    return "1 change came" if writes == 1 else f"{writes} changes came"


def _count(subject: Subject, console: Seen[ConsoleWrites]) -> int:
    """All changes in the samples, without those of excepted principals."""
    excepted = [
        write.count
        for found in console.values.values()
        for write in found.writes
        if subject.is_excepted(write.principal)
    ]
    return sum(found.count for found in console.values.values()) - sum(excepted)


def _by_principal(console: Seen[ConsoleWrites]) -> dict[tuple[str, date], int]:
    """Changes of each principal and day, in all Regions together."""
    counts: dict[tuple[str, date], int] = {}
    for found in console.values.values():
        for write in found.writes:
            key = (write.principal, write.day)
            counts[key] = counts.get(key, 0) + write.count
    return counts


def _top(console: Seen[ConsoleWrites]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for (principal, _), count in _by_principal(console).items():
        counts[principal] = counts.get(principal, 0) + count
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:TOP]


def _problems(
    subject: Subject, core: CoreResources, console: Seen[ConsoleWrites]
) -> Iterator[Problem]:
    """Each resource by itself up to a limit, then one finding for the others of a kind."""
    limit = subject.settings["EVIDENCE_LIST_LIMIT"]
    by_hand = sorted(core.by_hand, key=lambda one: one.arn)
    for one in by_hand[:limit]:
        yield Problem("unmanaged_resource", one.arn, one.id, one.region)
    for kind, count in _counted(by_hand[limit:]).items():
        yield Problem("unmanaged_resource", kind, f"{count} more of {kind}")
    for (principal, day), count in sorted(_by_principal(console).items()):
        if not subject.is_excepted(principal):
            said = f"{_said(count)} from the console on {day}."
            name = principal.rpartition("/")[2]
            yield Problem("console_change", f"{principal}#{day}", name, detail=said)
    for arn in sorted(core.drifted):
        if not subject.is_excepted(arn):
            yield Problem("stack_drifted", arn, arn.split("/")[1], arn.split(":")[3])


def _counted(cores: Sequence[Core]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in cores:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


item = Item(
    __name__,
    order="7.1",
    title="Infrastructure as code",
    guidance=(
        "What is in code can be reviewed, rebuilt and compared; what somebody clicked together "
        "cannot. Core resources belong to a stack or carry the tag of a tool, and the trail shows"
        " few changes from the console."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(*READS, cloudtrail.console_writes),
    findings={
        "unmanaged_resource": FindingKind("Resource not from code", Severity.LOW),
        "console_change": FindingKind("Changed from the console", Severity.MEDIUM),
        "stack_drifted": FindingKind("Stack drifted", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Which repository and pipeline make the infrastructure, who approves changes, and"
                " are they scanned?"
            ),
            days=180,
            details=(
                Detail("resources", "ARNs that its state files hold, one a line", DetailKind.LINES),
            ),
        ),
    ),
    fix=Fix(
        "Begin with networks, security groups and IAM, then forbid changes from the console.",
        "CloudFormation best practices",
    ),
    source_url="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/best-practices.html",
)
