"""The rules, queues and functions that carry alerts cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors.outcomes import Missing
from collectors.services import events, logs
from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Reason,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown,
)

ENOUGH = 0.5  # of the probes, for a partial


@dataclass(frozen=True)
class Kind:
    """``begins`` is how the last part of the ARN begins; ``elsewhere`` are actions on anything.
    ``within``: requests are about what is in the resource as well, and its ARN goes on so."""

    service: str
    actions: tuple[str, ...]
    begins: str = ""
    elsewhere: tuple[str, ...] = ()
    within: str = ""


KINDS = (
    Kind(
        "events",
        ("DeleteRule", "DisableRule", "RemoveTargets", "PutRule", "PutTargets"),
        "rule/",
    ),
    Kind("events", ("DeleteEventBus",), "event-bus/", ("RemovePermission",)),
    Kind("sns", ("DeleteTopic", "SetTopicAttributes")),
    Kind(
        "logs",
        ("DeleteLogGroup", "DeleteSubscriptionFilter", "DeleteMetricFilter", "PutRetentionPolicy"),
        # AWS writes log groups with :* at the end in policies.
        within=":log-stream:",
    ),
    Kind("cloudwatch", ("DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"), "alarm:"),
    Kind(
        "lambda",
        ("DeleteFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"),
        "function:",
    ),
    Kind("sqs", ("DeleteQueue", "SetQueueAttributes")),
    Kind("firehose", ("DeleteDeliveryStream", "UpdateDestination"), "deliverystream/"),
    Kind("s3", ("DeleteBucket", "PutBucketPolicy", "PutLifecycleConfiguration")),
)


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    configured = [_example(one) for one in case.settings["MONITORING_RESOURCES"]]
    discovered: list[str] = []
    is_seen = doubt.holds(lambda: _is_discovered(case, discovered))
    resources = list(dict.fromkeys([*configured, *discovered]))
    asked = {one: _ask(case, one) for one in resources}
    unclear = [one for one, found in asked.items() if not found]
    by_resource = {one: found for one, found in asked.items() if found}
    answers = [answer for found in by_resource.values() for answer in found]
    safe = [one for one, found in by_resource.items() if doubt.all(found)]
    facts = {"resources": resources, "safe": safe, "of_no_known_kind": unclear}
    if not by_resource:
        return Table(_nothing_to_protect(unclear, is_seen), facts=facts)
    if len(safe) == len(by_resource) and not is_seen:
        verdict = unknown(
            Reason.PARTIAL_COLLECTION,
            "What is set of the monitoring pipeline is protected, but the account's own rules and "
            "trails were not seen.",
            "denied, pipeline not seen",
        )
        return Table(verdict, answers, facts=facts)
    return Table(_verdict(case, doubt, by_resource, safe, answers), answers, facts=facts)


def _nothing_to_protect(unclear: Sequence[str], is_seen: bool) -> Verdict:
    if unclear:
        return unknown(
            Reason.NOT_CONFIGURED,
            f"The monitoring resources that are set are of no kind Cairn knows: {listed(unclear)}.",
            "resources of no known kind",
        )
    if not is_seen:
        return unknown(
            Reason.PARTIAL_COLLECTION,
            "No monitoring resource is set, and the account's rules and trails were not seen.",
            "nothing set, pipeline not seen",
        )
    return not_applicable(
        Reason.NO_RESOURCES,
        "No part of a monitoring pipeline is set or found here; near real-time monitoring (8.1) "
        "says whether one is missing.",
        "no pipeline",
    )


def _verdict(
    case: Case,
    doubt: Doubt,
    by_resource: Mapping[str, Sequence[Answer]],
    safe: Sequence[str],
    answers: Sequence[Answer],
) -> Verdict:
    total = len(by_resource)
    if len(safe) == total:
        parts = f"all {total} parts" if total > 1 else "the one part"
        return passed(
            f"Nobody can change {parts} of the monitoring pipeline{by_policies(case, answers)}.",
            "all resources denied",
        )
    left = listed(one.rpartition(":")[2] for one in by_resource if one not in safe)
    denied = len(answers) - len(doubt.allowed(answers))
    if safe:
        return partly(
            f"{len(safe)} of {total} parts of the monitoring pipeline are safe; {left} can be "
            "changed.",
            "some resources denied",
        )
    if denied >= ENOUGH * len(answers):
        return partly(
            f"No part of the monitoring pipeline is safe, though {denied} of {len(answers)} "
            f"requests are denied: {allowed_text(doubt.allowed(answers))}.",
            "half of the requests denied",
        )
    return failed(f"The monitoring pipeline can be changed: {left}.", "resources not denied")


def _example(pattern: str) -> str:
    """An ARN that the pattern matches, of the account itself and of any Region where it leaves
    those open."""
    parts = pattern.split(":", 5)
    if len(parts) == 6:
        if parts[2] == "logs":
            parts[5] = parts[5].removesuffix(":*")
        for number, own in ((1, "{p}"), (3, "{r}"), (4, "{a}")):
            parts[number] = own if parts[number] == "*" else parts[number]
    return ":".join(parts).replace("*", "cairn-probe").replace("?", "x")


def _is_discovered(case: Case, found: list[str]) -> bool:
    """Adds the account's rules that report to a security account, and log groups of its own
    trails. Raises Missing, with what could be seen added."""
    missing: Missing | None = None
    security = set(case.settings["SECURITY_ACCOUNTS"])
    for region in case.regions:
        try:
            rules = case.subject.facts.get(events.rules, region).rules
            found.extend(
                case.template(rule.arn)
                for rule in rules
                if rule.arn and any(_owner(target) in security for target in rule.targets)
            )
            found.extend(
                case.template(trail.log_group.removesuffix(":*"))
                for trail in case.subject.facts.get(logs.trail_logs, region)
                if trail.log_group and not trail.is_organization_trail
            )
        except Missing as gap:
            missing = gap
    if missing is not None:
        raise missing
    return True


def _owner(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def _ask(case: Case, resource: str) -> Sequence[Answer]:
    """None for a resource of no known kind. One that names its Region is asked about there."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return ()
    kind = next(
        (kind for kind in KINDS if kind.service == parts[2] and parts[5].startswith(kind.begins)),
        None,
    )
    if kind is None:
        return ()
    about = [resource, f"{resource}{kind.within}"] if kind.within else [resource]
    probes = [probe(f"{kind.service}:{action}", *about) for action in kind.actions]
    probes += [probe(f"{kind.service}:{action}") for action in kind.elsewhere]
    is_everywhere = parts[3] in ("{r}", "")
    where = case.regions if is_everywhere else [parts[3]]
    return case.ask(probes, case.ordinary, where)


item = Item(
    __name__,
    order="6.1.9",
    title="Monitoring pipeline protected",
    guidance=(
        "An alert takes a way: a rule, a bus, a queue, a function, a log group. Whoever can "
        "change one of them silences it without touching the security services. The parts bear a "
        "reserved name, and a guardrail protects the name."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(*READS, events.rules, logs.trail_logs),
    findings=FINDINGS,
    parent="surface.scps",
    fix=Fix(
        "Name the parts of the pipeline with a reserved prefix and deny changes to it.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
