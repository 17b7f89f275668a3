"""Refused calls raise an alert: they are often the first sign of somebody trying doors.

Reads the metric filters and alarms on the log groups of the trails that serve the account
(logs:DescribeMetricFilters, cloudwatch:DescribeAlarmsForMetric), and the account's event rules. A
filter's pattern is tried on records of two refused calls; events:TestEventPattern does the same
for rules. A rule sees the events of its own Region only, so each Region needs one.

An account without any class is judged: that nobody said what it is for is no reason to waive it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, cloudtrail, events, logs
from collectors.services.events import GLOBAL_REGIONS, Setting, event_of
from roadmap.readings.event_routes import Routes, tested
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.sentences import listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown,
    unknown_for,
)

# What the two ways of refusing a call look like in a trail.
CODES = {events.DENIED_BY_IAM: "AccessDenied", events.DENIED_BY_EC2: "UnauthorizedOperation"}
ALLOWED = "iam ListUsers"


@dataclass(frozen=True)
class Filter:
    """A metric filter on a trail's log group that selects refused calls; ``codes`` are the samples
    it selects, ``alarms`` the names of alarms that act."""

    log_group: str
    name: str
    pattern: str
    codes: frozenset[str]
    alarms: tuple[str, ...]

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "log_group": self.log_group,
            "filter": self.name,
            "pattern": self.pattern,
            "selects": [CODES[code] for code in sorted(self.codes)],
            "alarms": list(self.alarms),
        }


@dataclass
class Seen:
    """``rules`` are Region → sample → names of the rules that reach somebody, those that see all
    calls; ``writes`` the same for rules that see calls that write. ``consumers`` are who else
    reads the trails, ``unread`` filters with patterns that cannot be read."""

    filters: list[Filter] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    rules: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    writes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    @property
    def alarmed(self) -> frozenset[str]:
        return frozenset().union(*(one.codes for one in self.filters if one.alarms))

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "filters": [one.kept for one in self.filters],
            "unread_filters": self.unread,
            "consumers": self.consumers,
            "rules": self.rules,
            "rules_on_writes": self.writes,
        }


def judge(subject: Subject) -> Verdict:
    watched = set(subject.settings["DENIED_ALERT_CLASSES"])
    classes = _classes(subject)
    if classes and not watched & classes:
        return not_applicable(
            Reason.CLASS_EXCLUDED,
            f"Refused calls need not raise alerts in an account of class "
            f"{listed(sorted(classes))}.",
            "class not watched",
        )
    seen = Seen()
    _look_at_trails(subject, seen)
    _look_at_rules(subject, seen)
    answer = _answer(subject)
    return (
        _pass(subject, seen, answer)
        or _doubt(seen)
        or _partial(subject, seen)
        or _less(subject, seen, answer)
    )


def _classes(subject: Subject) -> set[str]:
    """Those of the sheet, and what the organization and the settings say of the account."""
    row = subject.account
    roles = subject.settings["SECURITY_ACCOUNTS"].get(row.account_id, ())
    known = {"tooling": "security", "log_archive": "log_archive", "backup": "backup"}
    named = {known[role] for role in roles if role in known}
    return {*row.classes, *named, *(["management"] if row.is_management else [])}


def _look_at_trails(subject: Subject, seen: Seen) -> None:
    for one in _trails(subject, seen):
        if subject.is_excepted(one.log_group):
            continue
        if one.log_group and not one.is_read:
            seen.consumers.append(one.log_group)
        seen.consumers += [*one.subscriptions, *([one.sns_topic] if one.sns_topic else [])]
        for each in one.filters:
            _try(subject, one.log_group, each, seen)


def _trails(subject: Subject, seen: Seen) -> Iterator[logs.TrailLogs]:
    """Of the trails that record the account's calls: its organization's, and its own."""
    facts = subject.facts
    if subject.account.organization_id:
        try:
            recording = facts.management(cloudtrail.organization_trails)
            found = facts.management(logs.organization_trail_logs)
            yield from _serving(recording, (one for one in found if one.is_organization_trail))
        except Missing as missing:
            seen.missing.append(missing)
    for region, observation in facts.by_region(logs.trail_logs).items():
        try:
            own = [one for one in observation.get() if not one.is_organization_trail]
            if own:
                recording = facts.get(cloudtrail.trails, region)
                yield from _serving(recording, own)
        except Missing as missing:
            if _is_doubt(missing):
                seen.missing.append(missing)


def _serving(
    trails: Sequence[cloudtrail.Trail], found: Iterable[logs.TrailLogs]
) -> Iterator[logs.TrailLogs]:
    serving = {trail.arn for trail in trails if trail.is_logging}
    return (one for one in found if one.trail in serving)


def _try(subject: Subject, log_group: str, one: logs.MetricFilter, seen: Seen) -> None:
    told = {name: logs.selects(one.pattern, _record(subject, name)) for name in (*CODES, ALLOWED)}
    if None in told.values():
        seen.unread.append(f"{log_group} {one.name}")
        return
    codes = frozenset(name for name in CODES if told[name])
    if codes and not told[ALLOWED]:
        alarms = [a.alarm_name for a in one.alarms if a.actions_enabled and a.action_count]
        seen.filters.append(Filter(log_group, one.name, one.pattern, codes, tuple(sorted(alarms))))


def _record(subject: Subject, name: str) -> Mapping[str, Any]:
    """CloudTrail's record of a call in the account."""
    row = subject.account
    region = GLOBAL_REGIONS.get(row.partition, "us-east-1")
    event = event_of(name, Setting(row.account_id, region, row.partition, subject.now))
    detail: Mapping[str, Any] = event["detail"]
    return detail


def _look_at_rules(subject: Subject, seen: Seen) -> None:
    routes = Routes(subject)
    for region, observation in subject.facts.by_region(events.rules).items():
        try:
            found = observation.get()
            for name in CODES:
                reaching = [
                    rule
                    for rule in tested(found, name).of(name, subject.account.account_id)
                    if routes.ends(rule, name)
                ]
                seen.rules.setdefault(region, {})[name] = [r.name for r in reaching if r.sees_reads]
                seen.writes.setdefault(region, {})[name] = [r.name for r in reaching]
        except Missing as missing:
            if _is_doubt(missing):
                seen.missing.append(missing)


def _is_doubt(missing: Missing) -> bool:
    """Whether there may be something that could not be seen."""
    return missing.outcome not in (Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED)


def _answer(subject: Subject) -> Attested | None:
    """The answer that names the account, whether it holds or not."""
    answer = subject.attested()
    if answer is None:
        return None
    named = {str(line).strip().lower() for line in answer.details.get("accounts") or ()}
    return answer if named & {subject.account.account_id, "all"} else None


def _pass(subject: Subject, seen: Seen, answer: Attested | None) -> Verdict | None:
    if seen.alarmed == CODES.keys():
        named = listed(dict.fromkeys(one.name for one in seen.filters if one.alarms))
        return passed(
            f"Metric filters with an alarm select both ways of refusing a call: {named}.",
            "filter with alarm",
            facts=seen.kept,
        )
    if _in_all(seen.rules, len(CODES)) and not seen.missing:
        return passed(
            f"Event rules that see all calls catch refused ones in {_places(seen.rules)}.",
            "rule that sees all calls",
            facts=seen.kept,
        )
    if answer and answer.claim == "done" and answer.holds(subject.now):
        return passed(
            f"A rule of the monitoring system alerts on refused calls, says "
            f"{answer.author or 'an answer'}.",
            "monitoring system, attested",
            facts={**seen.kept, "attestation": answer.pk, "url": answer.url},
            source=Source.ATTESTED,
        )
    return None


def _doubt(seen: Seen) -> Verdict | None:
    """Nothing less than a pass is certain where something could not be seen."""
    if seen.missing:
        return unknown_for(seen.missing[0], facts=seen.kept)
    if seen.unread and not seen.alarmed:
        return unknown(
            Reason.UNDETERMINED,
            f"Metric filters have patterns that Cairn cannot read: {listed(seen.unread)}.",
            "filter not understood",
            facts=seen.kept,
        )
    return None


def _partial(subject: Subject, seen: Seen) -> Verdict | None:
    problems = list(_flaws(subject, seen))
    if seen.alarmed:
        codes = listed(sorted(CODES[one] for one in seen.alarmed))
        return partly(
            f"Only calls refused as {codes} raise an alarm.",
            "filter on one error code only",
            facts=seen.kept,
            problems=problems,
        )
    if seen.filters:
        named = listed(one.name for one in seen.filters)
        return partly(
            f"Nothing that acts hangs on the metric filters that select refused calls: {named}.",
            "filter without alarm",
            facts=seen.kept,
            problems=problems,
        )
    return _partial_by_rules(seen, problems)


def _partial_by_rules(seen: Seen, problems: Sequence[Problem]) -> Verdict | None:
    if not any(names for codes in seen.writes.values() for names in codes.values()):
        return None
    if not _in_all(seen.writes, 1):
        return partly(
            f"Event rules catch refused calls only in {_places(seen.writes)}.",
            "rule in part of the Regions",
            facts=seen.kept,
            problems=problems,
        )
    if not _in_all(seen.writes, len(CODES)):
        return partly(
            "Event rules catch only one of the two ways of refusing a call.",
            "rule on one error code only",
            facts=seen.kept,
            problems=problems,
        )
    return partly(
        "Event rules catch refused calls, but those that merely read are kept from them.",
        "rule sees write calls only",
        facts=seen.kept,
        problems=problems,
    )


def _in_all(rules: Mapping[str, Mapping[str, Sequence[str]]], codes: int) -> bool:
    """Whether in every Region so many of the error codes are caught."""
    return bool(rules) and all(sum(map(bool, r.values())) >= codes for r in rules.values())


def _places(rules: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    return listed(region for region, codes in rules.items() if any(codes.values()))


def _flaws(subject: Subject, seen: Seen) -> Iterator[Problem]:
    central = f":{subject.account.management_account_id}:"
    for one in seen.filters:
        if not one.alarms:
            is_central = bool(subject.account.management_account_id) and central in one.log_group
            yield Problem(
                "denied_filter_no_alarm",
                one.log_group,
                one.name,
                one.log_group.split(":")[3],
                organization=is_central,
            )
    for region, codes in seen.writes.items():
        for name in sorted({n for code, names in codes.items() for n in names}):
            if not any(name in names for names in seen.rules[region].values()):
                yield Problem("denied_alert_writes_only", name=name, region=region)


def _less(subject: Subject, seen: Seen, answer: Attested | None) -> Verdict:
    if answer and answer.claim == "partly" and answer.holds(subject.now):
        return partly(
            "The monitoring system alerts on part of the refused calls, says "
            f"{answer.author or 'an answer'}.",
            "monitoring system, attested in part",
            facts=seen.kept,
            source=Source.ATTESTED,
        )
    is_denied = answer is not None and answer.claim == "not_done" and answer.holds(subject.now)
    if seen.consumers and not is_denied:
        who = listed(seen.consumers)
        if answer is not None and not answer.holds(subject.now):
            return unknown(
                Reason.ATTESTATION_EXPIRED,
                f"The trail is read by {who}; the answer that refused calls raise alerts there "
                "has expired.",
                "read elsewhere, answer expired",
                facts=seen.kept,
            )
        return unknown(
            Reason.NOT_ATTESTED,
            f"The trail is read by {who}; nobody has said whether refused calls raise alerts "
            "there.",
            "read elsewhere, not attested",
            facts=seen.kept,
        )
    return failed(
        "No metric filter with an alarm and no event rule catches refused calls.",
        "no alert",
        facts=seen.kept,
        problems=[Problem("no_denied_alert")],
    )


item = Item(
    __name__,
    order="4.2.2",
    title="Access-denied errors raise alerts",
    guidance=(
        "Who has stolen a key does not know what it opens and tries. The refused calls are in the"
        " trail; a metric filter with an alarm on its log group, or an event rule that sees read "
        "calls too, turns them into an alert."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        cloudtrail.organization_trails,
        cloudtrail.trails,
        logs.organization_trail_logs,
        logs.trail_logs,
        events.rules,
        events.security_rules,
        account.regions,
    ),
    findings={
        "no_denied_alert": FindingKind("No alert on refused calls", Severity.MEDIUM),
        "denied_alert_writes_only": FindingKind("Alert sees write calls only", Severity.LOW),
        "denied_filter_no_alarm": FindingKind("Filter without alarm", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Which rule of the monitoring system alerts on refused calls, of which accounts, "
                "and when was it tested?"
            ),
            days_setting="ALERT_TEST_DAYS",
            details=(
                Detail("rule_url", "Link to the rule", DetailKind.URL, required=True),
                Detail("test_url", "Link to the last test", DetailKind.URL, required=True),
                Detail(
                    "accounts",
                    'Account ids that the rule covers, or "all"',
                    DetailKind.LINES,
                    required=True,
                ),
            ),
        ),
    ),
    parent="detection.investigation",
    imports={
        "prowler": ("cloudwatch_log_metric_filter_unauthorized_api_calls",),
        "scoutsuite": ("logs-no-alarm-unauthorized-api-calls",),
    },
    fix=Fix(
        (
            "Add the metric filter for unauthorized calls and its alarm to the log group of the "
            "trail."
        ),
        "Creating CloudWatch alarms for CloudTrail events: examples",
    ),
    source_url="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
)
