"""What the log sources beside the trail have in common. Pure.

None of them is compulsory, so a decision to do without one counts as much as having it; where it
is wanted, what is logged is counted. Security Lake may collect a source for a whole account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import cloudtrail, ec2, securitylake
from roadmap.readings.central import of_security
from roadmap.readings.gaps import NOTHING_THERE, is_doubt
from roadmap.registry import Attestable, Level
from roadmap.sentences import LONGEST, listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    unknown,
    unknown_for,
)


def asks(tells: str) -> tuple[Attestable, ...]:
    """The question of every level; ``tells`` is what nobody will know without the log."""
    question = (
        f"Is this log wanted? It tells {tells}. Decline it, with the reason, where nobody is going "
        "to need that."
    )
    return tuple(Attestable(level, question, declinable=True) for level in Level)


def unless_declined(subject: Subject, look: Callable[[], Verdict]) -> Verdict:
    """What ``look`` finds, unless it was decided to do without the log. A decision that has
    expired decides nothing any more, and the sentence says so."""
    answer = subject.attested()
    if answer is None or answer.claim != "declined":
        return look()
    if answer.holds(subject.now):
        return not_applicable(
            Reason.DECLINED,
            f"Declined for the {answer.level}{_by(answer)}: {answer.statement}"[:LONGEST],
            "declined",
            source=Source.ATTESTED,
            facts={"decision": {"level": answer.level, "reason": answer.statement}},
        )
    found = look()
    return replace(found, sentence=f"{found.sentence} Declining it has expired."[:LONGEST])


def _by(answer: Attested) -> str:
    return f" by {answer.author}" if answer.author else ""


@dataclass(frozen=True)
class Logged:
    """A resource and how much of what it does is logged: 1 all, 0 nothing. ``problems`` say what
    is missing, ``destination`` where the log goes."""

    arn: str
    name: str
    share: float
    destination: str = ""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class _Count:
    """``unseen`` are the parts, such as Regions, of which nobody could tell, and why."""

    resources: Sequence[Logged]
    unseen: Mapping[str, Verdict]

    @property
    def good(self) -> float:
        return sum(resource.share for resource in self.resources)

    @property
    def without(self) -> Sequence[Logged]:
        return [resource for resource in self.resources if resource.share < 1]

    @property
    def why_unseen(self) -> Reason:
        reasons = {
            p.reason for p in self.unseen.values() if p.status == Status.UNKNOWN and p.reason
        }
        alone = len(reasons) == 1 and not self.resources
        return reasons.pop() if alone else Reason.PARTIAL_COLLECTION


def of_regions(
    subject: Subject,
    kind: str,
    collector: Collector[Any],
    look: Callable[[str], Iterable[Logged]],
) -> Verdict:
    """The share of logged resources over the Regions in scope. ``collector`` is what lists them:
    a Region where it is blocked or not offered has none. ``look(region)`` may raise Missing."""
    seen = subject.facts.by_region(collector)
    outcomes = {region: observation.outcome for region, observation in seen.items()}
    regions = [region for region, outcome in outcomes.items() if outcome not in NOTHING_THERE]
    if regions:
        return of_parts(subject, kind, {region: _looker(look, region) for region in regions})
    if Outcome.SERVICE_UNAVAILABLE in outcomes.values():
        said = "AWS does not offer it in any Region of the account."
        return not_applicable(Reason.SERVICE_UNAVAILABLE, said, "not offered")
    said = "No Region could be looked at: service control policies block each of them."
    return unknown(Reason.REGION_UNREACHABLE, said, "no region in scope")


def _looker(look: Callable[[str], Iterable[Logged]], region: str) -> Callable[[], Iterable[Logged]]:
    return lambda: look(region)


def of_parts(
    subject: Subject, kind: str, parts: Mapping[str, Callable[[], Iterable[Logged]]]
) -> Verdict:
    """The share of logged resources. ``kind`` is what one of them is called; a part of which
    nobody could tell raises Missing."""
    count = _counted(subject, parts)
    total = len(count.resources)
    settings = subject.settings
    status = ratio(count.good, total, settings["LOG_PASS_PCT"], settings["LOG_PARTIAL_PCT"])
    said = _said(count, kind)
    more = {
        "facts": {
            "resources": total,
            "logged": count.good,
            "destinations": sorted({r.destination for r in count.resources if r.destination}),
            "without": [resource.arn for resource in count.without],
            "unseen": {name: str(part.reason) for name, part in count.unseen.items()},
        },
        "problems": [
            problem
            for resource in count.resources
            for problem in resource.problems
            if not subject.is_excepted(problem.resource)
        ],
        "incomplete": bool(count.unseen),
    }
    if status == Status.FAIL:
        return failed(said, "too few logged", **more)
    if status == Status.PARTIAL:
        return partly(said, "some logged", **more)
    if count.unseen:
        return unknown(count.why_unseen, said, "not all could be seen", **more)
    if status == Status.NOT_APPLICABLE:
        return not_applicable(Reason.NO_RESOURCES, said, "nothing to log", **more)
    return passed(said, "enough logged", **more)


def _counted(subject: Subject, parts: Mapping[str, Callable[[], Iterable[Logged]]]) -> _Count:
    """Without what exceptions cover."""
    resources: list[Logged] = []
    unseen: dict[str, Verdict] = {}
    for name, look in parts.items():
        try:
            found = list(look())
        except Missing as missing:
            unseen[name] = unknown_for(missing)
            continue
        resources += [one for one in found if not subject.is_excepted(one.arn)]
    return _Count(resources, unseen)


def _said(count: _Count, kind: str) -> str:
    total, without = len(count.resources), count.without
    if not total:
        said = f"No {kind} to log was seen." if count.unseen else f"There is no {kind} to log."
    elif not without:
        seen = " that was seen" if count.unseen else ""
        said = f"The one {kind}{seen} is logged."
        if total > 1:
            seen = " that were seen" if count.unseen else ""
            said = f"All {total} {kind}s{seen} are logged."
    else:
        half = [resource for resource in without if resource.share]
        part = f", {len(half)} in part" if half else ""
        said = (
            f"{total - len(without)} of {total} {kind}s logged{part}; "
            f"not {listed(resource.name for resource in without)}."
        )
    if count.unseen:
        reasons = sorted({str(p.reason).replace("_", " ") for p in count.unseen.values()})
        said += f" Could not be told: {listed(count.unseen)} ({listed(reasons)})."
    return said[:LONGEST]


def lake_collects(subject: Subject, source: str, region: str) -> bool:
    """Whether Security Lake of a security account collects the source of this account. Raises
    Missing where one of them could not tell and none does."""
    missing: Missing | None = None
    for observation in of_security(subject, securitylake.data_lake, region).values():
        try:
            if observation.get().collects(source, subject.account.account_id):
                return True
        except Missing as caught:
            missing = caught if is_doubt(caught) else missing
    if missing is not None:
        raise missing
    return False


def serving_trails(subject: Subject, region: str) -> Sequence[cloudtrail.Trail]:
    """Trails, the account's own or the organization's, that record in the Region and deliver. One
    of data events alone will do. Raises Missing."""
    return [
        trail
        for trail in subject.facts.get(cloudtrail.trails, region)
        if trail.covers(region) and trail.is_logging and not trail.latest_delivery_error
    ]


def own_vpcs(subject: Subject, region: str) -> Sequence[ec2.Vpc]:
    """The VPCs that the account owns; those without an interface, its own or that of an account it
    shares subnets with, only if the company wants them logged too. Raises Missing."""
    owner = subject.account.account_id
    found = subject.facts.get(ec2.vpcs, region)
    own = [vpc for vpc in found if vpc.owner_id in ("", owner)]
    if not own or not subject.settings["LOG_SKIP_EMPTY_VPCS"]:
        return own
    used = {group.vpc_id for group in subject.facts.get(ec2.interfaces, region)}
    return [vpc for vpc in own if vpc.vpc_id in used]


def resource_arn(subject: Subject, service: str, region: str, resource: str) -> str:
    row = subject.account
    return f"arn:{row.partition}:{service}:{region}:{row.account_id}:{resource}"
