"""Refused calls raise an alert, by a metric filter, an event rule or somebody's word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import cloudtrail, events, logs
from collectors.services.cloudtrail import Coverage, Trail
from collectors.services.cloudwatch import Alarm
from collectors.services.events import DENIED_BY_EC2, DENIED_BY_IAM, Bus
from collectors.services.logs import MetricFilter, TrailLogs
from roadmap.items.detection.denied_alerts import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.routes import bus, rule, rules
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    SECURITY,
    attested,
    row,
    standalone,
)
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

Facts = dict[tuple[Any, ...], Any]
TRAIL = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/company"
GROUP = f"arn:aws:logs:us-east-1:{MANAGEMENT}:log-group:company:*"
OWN_TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/own"
OWN_GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:own:*"
WHOLE = Trail(
    "",
    home_region=HOME,
    is_multi_region=True,
    has_global_service_events=True,
    management_events=Coverage.ALL,
    is_logging=True,
)
STREAM = f"arn:aws:kinesis:us-east-1:{MANAGEMENT}:stream/siem"
ALARM = Alarm("refused", actions_enabled=True, action_count=1)
BOTH_CODES = '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }'
BY_IAM = '{ $.errorCode = "AccessDenied*" }'
BY_EC2 = '{ $.errorCode = "*UnauthorizedOperation" }'
REFUSED = (DENIED_BY_IAM, DENIED_BY_EC2)
PRODUCTION = row(classes=["production"])


def one_filter(pattern: str = BOTH_CODES, *alarms: Alarm, name: str = "refused") -> MetricFilter:
    return MetricFilter(name, pattern, "Trail Refused", alarms)


def company(*filters: MetricFilter, **more: Any) -> TrailLogs:
    return TrailLogs(TRAIL, True, log_group=GROUP, filters=filters, **more)


def seen(
    *found: TrailLogs,
    own: tuple[TrailLogs, ...] = (),
    is_logging: bool = True,
    trail: dict[str, Any] | None = None,
    by_rules: Any = None,
    more: Facts | None = None,
    **rest: Any,
) -> Subject:
    about = rest.pop("account", PRODUCTION)
    changes = {"is_logging": is_logging, **(trail or {})}
    company_trail = replace(WHOLE, arn=TRAIL, is_organization_trail=True, **changes)
    own_trail = replace(WHOLE, arn=OWN_TRAIL, **changes)
    values = {
        (MANAGEMENT, cloudtrail.organization_trails): (company_trail,),
        (MANAGEMENT, logs.organization_trail_logs): found or (company(),),
        **everywhere(about.account_id, cloudtrail.trails, (own_trail,)),
        **everywhere(about.account_id, logs.trail_logs, own),
        **everywhere(about.account_id, events.rules, by_rules or rules()),
        **everywhere(SECURITY, events.security_rules, rules()),
        **everywhere(LOGS, events.security_rules, rules()),
    }
    return central_subject(values | (more or {}), account=about, **rest)


def all_calls(*matches: str, **more: Any) -> events.Rule:
    return rule("refused", *matches, state=events.ALL_CALLS, **more)


WRITES_ONLY = {"denied_alert_writes_only"}
NO_ALARM = {"denied_filter_no_alarm"}
NONE = {"no_denied_alert"}
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "a filter with an alarm": (
        seen(company(one_filter(BOTH_CODES, ALARM))),
        Status.PASS,
        "filter with alarm",
        set(),
    ),
    "a filter for each code": (
        seen(company(one_filter(BY_IAM, ALARM), one_filter(BY_EC2, ALARM))),
        Status.PASS,
        "filter with alarm",
        set(),
    ),
    "a filter on a trail of its own": (
        seen(own=(TrailLogs(OWN_TRAIL, filters=(one_filter(BOTH_CODES, ALARM),)),)),
        Status.PASS,
        "filter with alarm",
        set(),
    ),
    "a rule that sees all calls": (
        seen(by_rules=rules(all_calls(*REFUSED))),
        Status.PASS,
        "rule that sees all calls",
        set(),
    ),
    "a rule for each code": (
        seen(by_rules=rules(all_calls(DENIED_BY_IAM), all_calls(DENIED_BY_EC2))),
        Status.PASS,
        "rule that sees all calls",
        set(),
    ),
    "a rule that passes refused calls on to the security account": (
        seen(
            by_rules=rules(all_calls(*REFUSED, to=(bus(),))),
            more=everywhere(
                SECURITY,
                events.security_rules,
                rules(
                    rule("all", *REFUSED, on="central"),
                    buses=(Bus("central", organizations=("o-a1b2c3d4e5",)),),
                ),
            ),
        ),
        Status.PASS,
        "rule that sees all calls",
        set(),
    ),
    "an alarm whose actions are off": (
        seen(company(one_filter(BOTH_CODES, replace(ALARM, actions_enabled=False)))),
        Status.PARTIAL,
        "filter without alarm",
        NO_ALARM,
    ),
    "an alarm without actions": (
        seen(company(one_filter(BOTH_CODES, replace(ALARM, action_count=0)))),
        Status.PARTIAL,
        "filter without alarm",
        NO_ALARM,
    ),
    "a filter without alarm": (
        seen(company(one_filter())),
        Status.PARTIAL,
        "filter without alarm",
        NO_ALARM,
    ),
    "a filter on one code": (
        seen(company(one_filter(BY_IAM, ALARM))),
        Status.PARTIAL,
        "filter on one error code only",
        set(),
    ),
    "a filter on one code with an alarm, on the other without": (
        seen(company(one_filter(BY_IAM, ALARM), one_filter(BY_EC2))),
        Status.PARTIAL,
        "filter on one error code only",
        NO_ALARM,
    ),
    "a filter on a trail of one Region": (
        seen(company(one_filter(BOTH_CODES, ALARM)), trail={"is_multi_region": False}),
        Status.PARTIAL,
        "filter in part of the Regions",
        set(),
    ),
    "a filter on a trail of one Region, and a rule in the other": (
        seen(
            company(one_filter(BOTH_CODES, ALARM)),
            trail={"is_multi_region": False},
            more={(ACCOUNT, events.rules, OTHER): rules(all_calls(*REFUSED))},
        ),
        Status.PASS,
        "rule that sees all calls",
        set(),
    ),
    "a filter on a trail that leaves management events out": (
        seen(
            company(one_filter(BOTH_CODES, ALARM)),
            trail={"management_events": Coverage.PART},
        ),
        Status.PARTIAL,
        "filter on a trail that leaves calls out",
        set(),
    ),
    "a filter on a trail without global services": (
        seen(company(one_filter(BOTH_CODES, ALARM)), trail={"has_global_service_events": False}),
        Status.PARTIAL,
        "filter on a trail that leaves calls out",
        set(),
    ),
    "a rule that sees writes only": (
        seen(by_rules=rules(rule("refused", *REFUSED))),
        Status.PARTIAL,
        "rule sees write calls only",
        WRITES_ONLY,
    ),
    "a rule on one code": (
        seen(by_rules=rules(all_calls(DENIED_BY_IAM))),
        Status.PARTIAL,
        "rule on one error code only",
        set(),
    ),
    "a rule in one Region": (
        seen(more={(ACCOUNT, events.rules, HOME): rules(all_calls(*REFUSED))}),
        Status.PARTIAL,
        "rule in part of the Regions",
        set(),
    ),
    "a rule without target": (
        seen(by_rules=rules(all_calls(*REFUSED, to=()))),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a rule to a bus where nothing takes it up": (
        seen(by_rules=rules(all_calls(*REFUSED, to=(bus(),)))),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter on everything": (
        seen(company(one_filter("", ALARM))),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter about something else": (
        seen(company(one_filter('{ $.eventName = "ConsoleLogin" }', ALARM))),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter that leaves the account out": (
        seen(
            company(
                one_filter(f'{{ $.errorCode = "*" && $.recipientAccountId != "{ACCOUNT}" }}', ALARM)
            )
        ),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter on a trail that is stopped": (
        seen(company(one_filter(BOTH_CODES, ALARM)), is_logging=False),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter on a trail of data events alone": (
        seen(
            company(one_filter(BOTH_CODES, ALARM)),
            trail={"management_events": Coverage.NONE},
        ),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter on a trail that cannot deliver": (
        seen(
            company(one_filter(BOTH_CODES, ALARM)),
            trail={"latest_delivery_error": "AccessDenied"},
        ),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "a filter on a trail of the management account alone": (
        seen(replace(company(one_filter(BOTH_CODES, ALARM)), is_organization_trail=False)),
        Status.FAIL,
        "no alert",
        NONE,
    ),
    "nothing": (seen(), Status.FAIL, "no alert", NONE),
}


@pytest.mark.parametrize(("about", "status", "line", "codes"), CASES.values(), ids=CASES)
def test_filters_and_rules_decide(
    about: Subject, status: Status, line: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, line)
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_a_filter_of_the_organization_without_alarm_is_reported_once() -> None:
    (central,) = judge(seen(company(one_filter()))).problems
    assert (central.resource, central.name, central.organization) == (GROUP, "refused", True)
    own = TrailLogs(OWN_TRAIL, log_group=OWN_GROUP, filters=(one_filter(),))
    (local,) = judge(seen(own=(own,), more={(ACCOUNT, logs.trail_logs, OTHER): ()})).problems
    assert (local.resource, local.organization) == (OWN_GROUP, False)


def test_the_evidence_keeps_filters_and_alarms_once() -> None:
    """The management account has the organization's trail among its own."""
    found = company(one_filter(BY_IAM, ALARM))
    trail = replace(WHOLE, arn=TRAIL, is_organization_trail=True, is_multi_region=False)
    more = {
        **everywhere(MANAGEMENT, logs.trail_logs, (found,)),
        **everywhere(MANAGEMENT, cloudtrail.trails, (trail,)),
    }
    about = seen(found, account=row(MANAGEMENT), trail={"is_multi_region": False}, more=more)
    assert judge(about).facts["filters"] == [
        {
            "log_group": GROUP,
            "filter": "refused",
            "pattern": BY_IAM,
            "selects": ["AccessDenied"],
            "alarms": ["refused"],
            "region": HOME,
            "leaves_calls_out": False,
        }
    ]
    (whole,) = judge(seen(found)).facts["filters"]
    assert whole["region"] == "all"


def test_the_verdict_says_which_filter_and_which_regions() -> None:
    assert "refused" in judge(seen(company(one_filter(BOTH_CODES, ALARM)))).sentence
    part = judge(seen(more={(ACCOUNT, events.rules, HOME): rules(all_calls(*REFUSED))}))
    assert "only in us-east-1" in part.sentence


def test_the_verdict_says_what_passes_and_who_says_so() -> None:
    by_rules = seen(by_rules=rules(all_calls(*REFUSED)))
    assert judge(by_rules).sentence.startswith("Event rules that see all calls catch refused ones")
    with_filter = seen(company(one_filter(BY_IAM, ALARM)), by_rules=rules(all_calls(*REFUSED)))
    assert "and metric filters with an alarm catch" in judge(with_filter).sentence
    said = [replace(answer()[0], author="Ada")]
    assert judge(seen(attestations=said)).sentence.endswith("says Ada.")


CLASSES = {
    "a class that is watched": (PRODUCTION, True),
    "another class": (row(classes=["sandbox"]), False),
    "no class": (row(), True),
    "the management account": (row(MANAGEMENT), True),
    "a security account": (row(SECURITY), True),
    "the log archive": (row(LOGS), True),
}


@pytest.mark.parametrize(("account", "is_judged"), CLASSES.values(), ids=CLASSES)
def test_accounts_of_some_classes_are_judged(account: Any, is_judged: bool) -> None:
    verdict = judge(seen(account=account))
    assert (verdict.reason != Reason.CLASS_EXCLUDED) is is_judged
    assert (verdict.status == Status.FAIL) is is_judged


def test_the_setting_names_the_classes() -> None:
    verdict = judge(seen(settings={"DENIED_ALERT_CLASSES": ["sandbox"]}))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.CLASS_EXCLUDED)
    assert verdict.rule == "class not watched"


def answer(claim: str = "done", days_left: int = 30, *accounts: str) -> list[Attested]:
    named = list(accounts or (ACCOUNT,))
    return [attested(item.key, claim, "organization", days_left=days_left, accounts=named)]


@pytest.mark.parametrize("named", [ACCOUNT, "all", "All"])
def test_a_monitoring_system_that_covers_the_account_passes(named: str) -> None:
    verdict = judge(seen(attestations=answer("done", 30, named)))
    assert (verdict.status, verdict.rule) == (Status.PASS, "monitoring system, attested")
    assert verdict.source == Source.ATTESTED


@pytest.mark.parametrize(
    "given",
    [answer("done", 30, MANAGEMENT), answer("done", -1), answer("not_done")],
    ids=["of another account", "expired", "not done"],
)
def test_any_other_answer_leaves_it_failed(given: list[Attested]) -> None:
    assert judge(seen(attestations=given)).status == Status.FAIL


def test_an_answer_in_part_is_partial() -> None:
    verdict = judge(seen(attestations=answer("partly")))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "monitoring system, attested in part")


ELSEWHERE = {
    "a subscription filter": company(subscriptions=(STREAM,)),
    "a topic that tells of files": company(sns_topic="arn:aws:sns:us-east-1:1:siem"),
    "a log group of another account": company(is_read=False),
}


@pytest.mark.parametrize("found", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_trail_that_somebody_else_reads_needs_an_answer(found: TrailLogs) -> None:
    verdict = judge(seen(found))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_ATTESTED)
    assert verdict.rule == "not attested"
    verdict = judge(seen(found, attestations=answer("done", -1)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ATTESTATION_EXPIRED)
    assert verdict.rule == "attestation expired"
    assert judge(seen(found, attestations=answer("done"))).status == Status.PASS
    assert judge(seen(found, attestations=answer("not_done"))).status == Status.FAIL


def test_a_pattern_that_cannot_be_read_is_unknown_unless_another_filter_will_do() -> None:
    odd = one_filter("[ip, code = AccessDenied]", ALARM, name="odd")
    verdict = judge(seen(company(odd)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.UNDETERMINED)
    assert verdict.rule == "filter not understood"
    assert judge(seen(company(odd, one_filter(BOTH_CODES, ALARM)))).status == Status.PASS
    for seen_too in (one_filter(BY_IAM, ALARM), one_filter()):
        assert judge(seen(company(odd, seen_too))).reason == Reason.UNDETERMINED


def test_a_pattern_that_cannot_be_read_and_raises_no_alarm_is_no_pass_either_way() -> None:
    odd = one_filter("[ip, code = AccessDenied]", name="odd")
    assert judge(seen(company(odd))).reason == Reason.UNDETERMINED
    verdict = judge(seen(company(odd, one_filter(BY_IAM, ALARM))))
    assert verdict.rule == "filter on one error code only"


def test_a_rule_that_sees_writes_only_is_a_finding_of_its_own() -> None:
    two = rules(rule("a", *REFUSED), rule("b", *REFUSED))
    problems = judge(seen(by_rules=two)).problems
    assert {(p.resource, p.region) for p in problems} == {
        (f"arn:aws:events:{region}:{ACCOUNT}:rule/{name}", region)
        for name in ("a", "b")
        for region in (HOME, OTHER)
    }
    excepted = [Excepted(item.key, "*:rule/a")]
    problems = judge(seen(by_rules=two, exceptions=excepted)).problems
    assert {p.name for p in problems} == {"b"}


def test_blocked_everywhere_is_unknown() -> None:
    blocked = everywhere(ACCOUNT, events.rules, Outcome.REGION_BLOCKED)
    verdict = judge(seen(company(one_filter(BOTH_CODES, ALARM)), more=blocked))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.REGION_UNREACHABLE)


def test_a_log_group_under_an_exception_leaves_the_count() -> None:
    about = seen(company(one_filter()), exceptions=[Excepted(item.key, "*:log-group:company:*")])
    assert judge(about).status == Status.FAIL


MISSING: dict[str, Facts] = {
    "the organization's trails": {
        (MANAGEMENT, cloudtrail.organization_trails): Outcome.ACCESS_DENIED
    },
    "their log groups": {(MANAGEMENT, logs.organization_trail_logs): Outcome.ACCESS_DENIED},
    "its own log groups": {(ACCOUNT, logs.trail_logs, OTHER): Outcome.ACCESS_DENIED},
    "its own rules": {(ACCOUNT, events.rules, OTHER): Outcome.ACCESS_DENIED},
}


@pytest.mark.parametrize("more", MISSING.values(), ids=MISSING)
def test_what_nobody_saw_is_unknown(more: Facts) -> None:
    verdict = judge(seen(more=more))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_rule_in_the_regions_that_were_seen_is_no_pass() -> None:
    more = {(ACCOUNT, events.rules, OTHER): Outcome.ACCESS_DENIED}
    verdict = judge(seen(by_rules=rules(all_calls(*REFUSED)), more=more))
    assert verdict.status == Status.UNKNOWN


def test_a_filter_will_do_whatever_else_is_unseen() -> None:
    more = everywhere(ACCOUNT, events.rules, Outcome.ACCESS_DENIED)
    assert judge(seen(company(one_filter(BOTH_CODES, ALARM)), more=more)).status == Status.PASS


def test_a_blocked_region_needs_no_rule() -> None:
    blocked = {(ACCOUNT, one, OTHER): Outcome.REGION_BLOCKED for one in (events.rules,)}
    verdict = judge(seen(by_rules=rules(all_calls(*REFUSED)), more=blocked))
    assert verdict.status == Status.PASS


def test_outside_any_organization_its_own_trail_counts() -> None:
    alone = standalone(classes=["production"])
    own = TrailLogs(OWN_TRAIL, log_group=OWN_GROUP, filters=(one_filter(BOTH_CODES, ALARM),))
    assert judge(seen(own=(own,), account=alone)).status == Status.PASS
    assert judge(seen(company(one_filter(BOTH_CODES, ALARM)), account=alone)).status == Status.FAIL


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}, account=PRODUCTION))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
