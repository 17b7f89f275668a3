"""Refused calls raise an alert: they are often the first sign of somebody trying doors.

Reads the metric filters and alarms on the log groups of the trails that serve the account
(logs:DescribeMetricFilters, cloudwatch:DescribeAlarmsForMetric), and the account's event rules.

An account without any class is judged: that nobody said what it is for is no reason to waive it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collectors.services import account, cloudtrail, events, logs
from roadmap.readings.answers import unanswered
from roadmap.readings.log_sources import resource_arn
from roadmap.readings.refusals import CODES, Alerts, alerts
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

# What a role of SECURITY_ACCOUNTS is called among the classes of accounts.
CLASS_OF = {"tooling": "security", "log_archive": "log_archive", "backup": "backup"}


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
    found = alerts(subject)
    answer = _answer(subject)
    return (
        _pass(subject, found, answer)
        or _doubt(found)
        or _by_filters(subject, found)
        or _by_rules(subject, found)
        or _without(subject, found, answer)
    )


def _classes(subject: Subject) -> set[str]:
    """Those of the sheet, and what the organization and the settings say of the account."""
    row = subject.account
    roles = subject.settings["SECURITY_ACCOUNTS"].get(row.account_id, ())
    named = {CLASS_OF[role] for role in roles if role in CLASS_OF}
    return {*row.classes, *named, *(["management"] if row.is_management else [])}


def _answer(subject: Subject) -> Attested | None:
    """The answer that names the account, whether it holds or not."""
    answer = subject.attested()
    if answer is None:
        return None
    named = {str(line).strip().lower() for line in answer.details.get("accounts") or ()}
    return answer if named & {subject.account.account_id, "all"} else None


def _pass(subject: Subject, found: Alerts, answer: Attested | None) -> Verdict | None:
    whole = CODES.keys()
    if found.regions and all(found.by_filters(region) == whole for region in found.regions):
        named = listed(dict.fromkeys(one.name for one in found.alarmed))
        return passed(
            f"Metric filters with an alarm select both ways of refusing a call: {named}.",
            "filter with alarm",
            facts=found.kept,
        )
    by_both = [found.by_filters(r) | found.by_rules(r) for r in found.regions]
    if by_both and all(codes == whole for codes in by_both):
        besides = " and metric filters with an alarm" if found.alarmed else ""
        return passed(
            f"Event rules that see all calls{besides} catch refused ones in "
            f"{listed(found.regions)}.",
            "rule that sees all calls",
            facts=found.kept,
        )
    if answer and answer.claim == "done" and answer.holds(subject.now):
        return passed(
            f"A rule of the monitoring system alerts on refused calls, says "
            f"{answer.author or 'an answer'}.",
            "monitoring system, attested",
            facts={**found.kept, "attestation": answer.pk, "url": answer.url},
            source=Source.ATTESTED,
        )
    return None


def _doubt(found: Alerts) -> Verdict | None:
    """Nothing less than a pass is certain where something could not be seen."""
    if found.missing:
        return unknown_for(found.missing[0], facts=found.kept)
    if not found.regions:
        said = "No Region could be looked at: service control policies block each of them."
        return unknown(Reason.REGION_UNREACHABLE, said, "no region in scope", facts=found.kept)
    return _unread(found, [name for name, is_alarmed in found.unread.items() if is_alarmed])


def _unread(found: Alerts, names: Sequence[str]) -> Verdict | None:
    if not names:
        return None
    return unknown(
        Reason.UNDETERMINED,
        f"Metric filters have patterns that Cairn cannot read: {listed(names)}.",
        "filter not understood",
        facts=found.kept,
    )


def _by_filters(subject: Subject, found: Alerts) -> Verdict | None:
    problems = list(_flaws(subject, found))
    codes = frozenset().union(*(one.codes for one in found.alarmed))
    if codes and codes != CODES.keys():
        named = listed(sorted(CODES[one] for one in codes))
        return partly(
            f"Only calls refused as {named} raise an alarm.",
            "filter on one error code only",
            facts=found.kept,
            problems=problems,
        )
    if codes:
        narrow = [one.trail for one in found.alarmed if one.is_narrow]
        if narrow:
            return partly(
                f"An alarm is raised on refused calls, of which trail "
                f"{listed(dict.fromkeys(narrow))} records only a part.",
                "filter on a trail that leaves calls out",
                facts=found.kept,
                problems=problems,
            )
        return partly(
            "Metric filters with an alarm select refused calls only in "
            f"{listed(region for region in found.regions if found.by_filters(region))}.",
            "filter in part of the Regions",
            facts=found.kept,
            problems=problems,
        )
    if found.filters:
        named = listed(one.name for one in found.filters)
        return partly(
            f"Nothing that acts hangs on the metric filters that select refused calls: {named}.",
            "filter without alarm",
            facts=found.kept,
            problems=problems,
        )
    return None


def _by_rules(subject: Subject, found: Alerts) -> Verdict | None:
    problems = list(_flaws(subject, found))
    if not any(names for codes in found.writes.values() for names in codes.values()):
        return None
    if not _in_all(found.writes, 1):
        return partly(
            f"Event rules catch refused calls only in {_places(found.writes)}.",
            "rule in part of the Regions",
            facts=found.kept,
            problems=problems,
        )
    if not _in_all(found.writes, len(CODES)):
        return partly(
            "Event rules catch only one of the two ways of refusing a call.",
            "rule on one error code only",
            facts=found.kept,
            problems=problems,
        )
    return partly(
        "Event rules catch refused calls, but those that merely read are kept from them.",
        "rule sees write calls only",
        facts=found.kept,
        problems=problems,
    )


def _in_all(rules: Mapping[str, Mapping[str, Sequence[str]]], codes: int) -> bool:
    """Whether in every Region so many of the error codes are caught."""
    return all(sum(map(bool, found.values())) >= codes for found in rules.values())


def _places(rules: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    return listed(region for region, codes in rules.items() if any(codes.values()))


def _flaws(subject: Subject, found: Alerts) -> Iterator[Problem]:
    central = f":{subject.account.management_account_id}:"
    for one in found.filters:
        if not one.alarms:
            is_central = bool(subject.account.management_account_id) and central in one.log_group
            yield Problem(
                "denied_filter_no_alarm",
                one.log_group,
                one.name,
                one.log_group.split(":")[3],
                organization=is_central,
            )
    for region, codes in found.writes.items():
        for name in sorted({n for names in codes.values() for n in names}):
            arn = resource_arn(subject, "events", region, f"rule/{name}")
            sees_all = any(name in names for names in found.rules[region].values())
            if not sees_all and not subject.is_excepted(arn):
                yield Problem("denied_alert_writes_only", arn, name, region)


def _without(subject: Subject, found: Alerts, answer: Attested | None) -> Verdict:
    doubt = _unread(found, list(found.unread))
    if doubt is not None:
        return doubt
    holding = answer if answer and answer.holds(subject.now) else None
    if holding and holding.claim == "partly":
        return partly(
            "The monitoring system alerts on part of the refused calls, says "
            f"{holding.author or 'an answer'}.",
            "monitoring system, attested in part",
            facts=found.kept,
            source=Source.ATTESTED,
        )
    if found.consumers and holding is None:
        return unanswered(
            answer,
            "whether refused calls raise alerts there",
            f"The trail is read by {listed(found.consumers)}.",
            facts=found.kept,
        )
    return failed(
        "No metric filter with an alarm and no event rule catches refused calls.",
        "no alert",
        facts=found.kept,
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
