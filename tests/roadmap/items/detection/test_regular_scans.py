"""Something looks at every Region of an account all the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import config, securityhub
from collectors.services.config import Aggregation, Aggregator, Recorder, Rules
from collectors.services.securityhub import Central, Hub, Standard
from roadmap.items.detection.regular_scans import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.logs import HOME, OTHER
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    NOW,
    REGIONS,
    SECURITY,
    attested,
    codes,
    row,
    scan,
    scanned,
)
from tests.roadmap.items.visibility.central import central_subject, everywhere

ON = (Recorder("default", "arn:recorder", is_recording=True, status="Success", scope="PAID"),)
STOPPED = (replace(ON[0], is_recording=False),)
READY = Hub("arn:hub", NOW, (Standard("arn:standards/aws-foundational", "READY"),))
UNREADY = Hub(
    "arn:hub", NOW, (Standard("arn:standards/cis", "INCOMPLETE", "NO_AVAILABLE_RECORDER"),)
)
MANY, FEW = Rules(10, 12), Rules(9, 12)
ORGANIZATION_WIDE = Aggregation((Aggregator("company", "arn:agg", True, True),))


def subject(
    recorders: Any = ON,
    hub: Any = Hub(),  # noqa: B008  (frozen)
    rules: Any = Rules(),  # noqa: B008
    more: dict[tuple[Any, ...], Any] | None = None,
    **rest: Any,
) -> Subject:
    about = rest.pop("account", row())
    values = {
        **everywhere(about.account_id, config.recorders, recorders),
        **everywhere(about.account_id, config.rules, rules),
        **everywhere(about.account_id, securityhub.hub, hub),
        **everywhere(SECURITY, config.aggregation, ORGANIZATION_WIDE),
        **everywhere(LOGS, config.aggregation, Aggregation()),
    }
    return central_subject(values | (more or {}), account=about, **rest)


def scanner(claim: str = "done", level: str = "account", **more: Any) -> Attested:
    return attested(item.key, claim, level, **({"scanner": "Prowler"} | more))


CASES: dict[str, tuple[Any, Any, Any, Status, str, set[str]]] = {
    "a ready standard": (ON, READY, Rules(), Status.PASS, "standard ready, Config records", set()),
    "one ready standard of two": (
        ON,
        replace(READY, standards=(*READY.standards, *UNREADY.standards)),
        Rules(),
        Status.PASS,
        "standard ready, Config records",
        {"standard_not_ready"},
    ),
    "enough rules": (ON, Hub(), MANY, Status.PASS, "enough Config rules", set()),
    "few rules": (ON, Hub(), FEW, Status.PARTIAL, "Config records with few rules", set()),
    "a standard that is not ready": (
        ON,
        UNREADY,
        FEW,
        Status.PARTIAL,
        "Config records with few rules",
        {"standard_not_ready"},
    ),
    "a standard on its way out": (
        ON,
        Hub("arn:hub", NOW, (Standard("arn:standards/cis", "DELETING"),)),
        FEW,
        Status.PARTIAL,
        "Config records with few rules",
        set(),
    ),
    "a standard in a state nobody knows yet": (
        ON,
        Hub("arn:hub", NOW, (Standard("arn:standards/cis", "TOMORROW"),)),
        FEW,
        Status.PARTIAL,
        "Config records with few rules",
        {"standard_not_ready"},
    ),
    "a ready standard without a recorder": (
        (),
        READY,
        Rules(),
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
    "enough rules with the recorder stopped": (
        STOPPED,
        Hub(),
        MANY,
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
    "a recorder that cannot deliver": (
        (replace(ON[0], status="Failure"),),
        READY,
        MANY,
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
    "a service's own recorder": (
        (replace(ON[0], scope="INTERNAL", service_principal="securityhub.amazonaws.com"),),
        READY,
        MANY,
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
    "a recorder in a state nobody knows yet": (
        (replace(ON[0], status="TOMORROW"),),
        READY,
        MANY,
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
    "nothing": (
        (),
        Hub(),
        Rules(),
        Status.FAIL,
        "no scan",
        {"config_recorder_off", "scan_overdue"},
    ),
}


@pytest.mark.parametrize(
    ("recorders", "hub", "rules", "status", "rule", "expected"), CASES.values(), ids=CASES
)
def test_recorder_standards_and_rules_decide(
    recorders: Any, hub: Any, rules: Any, status: Status, rule: str, expected: set[str]
) -> None:
    found = judge(subject(recorders, hub, rules))

    assert (found.status, codes(found)) == (status, expected)
    assert {part.rule for part in found.regions.values()} == {rule}
    assert found.source == Source.AUTOMATIC


def test_the_regions_combine() -> None:
    found = judge(subject(ON, READY, more={(ACCOUNT, config.recorders, OTHER): ()}))

    assert found.status == Status.PARTIAL
    (overdue,) = [p for p in found.problems if p.code == "scan_overdue"]
    assert (overdue.region, overdue.detail) == ("global", f"In {OTHER}.")
    (off,) = [p for p in found.problems if p.code == "config_recorder_off"]
    assert (off.region, off.detail) == (OTHER, "There is no recorder.")


def test_the_company_says_how_many_rules_are_enough() -> None:
    found = judge(subject(ON, Hub(), Rules(3, 3), settings={"CONFIG_RULES_MIN": 3}))

    assert found.status == Status.PASS
    assert found.sentence == "Config records and 3 of its rules check in all 2 Regions."


@pytest.mark.parametrize(
    ("recorder", "detail"),
    [
        (STOPPED[0], "Recorder default: stopped."),
        (replace(ON[0], status="Failure"), "Recorder default: last delivery Failure."),
        (replace(ON[0], status=""), "Recorder default: last delivery unknown."),
        (
            replace(ON[0], scope="INTERNAL", service_principal="inspector2.amazonaws.com"),
            "Recorder default: records for inspector2.amazonaws.com alone.",
        ),
    ],
    ids=["stopped", "failing", "no word", "a service's"],
)
def test_a_finding_says_why_the_recorder_is_off(recorder: Recorder, detail: str) -> None:
    problems = judge(subject((recorder,))).problems
    assert {p.detail for p in problems if p.code == "config_recorder_off"} == {detail}


def test_a_standard_that_is_not_ready_is_named_with_its_reason() -> None:
    problem = next(
        p for p in judge(subject(ON, UNREADY)).problems if p.code == "standard_not_ready"
    )
    assert (problem.resource, problem.name) == ("arn:standards/cis", "cis")
    assert problem.detail == "INCOMPLETE NO_AVAILABLE_RECORDER"


def test_an_excepted_standard_is_not_reported() -> None:
    excepted = [Excepted(item.key, "arn:standards/cis")]
    assert judge(subject(ON, UNREADY, FEW, exceptions=excepted)).problems == []


@pytest.mark.parametrize(
    ("answer", "status", "source"),
    [
        (scanner(), Status.PASS, Source.ATTESTED),
        (scanner(level="organization"), Status.PASS, Source.ATTESTED),
        (scanner("partly"), Status.PARTIAL, Source.ATTESTED),
        (scanner("not_done"), Status.FAIL, Source.AUTOMATIC),
        (scanner(days_left=-1), Status.FAIL, Source.AUTOMATIC),
        (scanner(scanner=""), Status.FAIL, Source.AUTOMATIC),
        (replace(scanner(), url=""), Status.FAIL, Source.AUTOMATIC),
    ],
    ids=["done", "of all accounts", "partly", "not done", "expired", "unnamed", "without a link"],
)
def test_another_scanner_counts_where_somebody_names_it(
    answer: Attested, status: Status, source: Source
) -> None:
    found = judge(subject((), attestations=[answer]))

    assert (found.status, found.source) == (status, source)
    rules = {Status.PASS: "another scanner", Status.PARTIAL: "another scanner, in part"}
    expected = rules.get(status, "no scan")
    assert {part.rule for part in found.regions.values()} == {expected}
    assert ("scan_overdue" in codes(found)) == (status == Status.FAIL)


def test_another_scanner_makes_up_for_few_rules_and_a_partial_one_does_not() -> None:
    assert judge(subject(ON, Hub(), FEW, attestations=[scanner()])).status == Status.PASS
    found = judge(subject(ON, Hub(), FEW, attestations=[scanner("partly")]))
    assert {part.rule for part in found.regions.values()} == {"Config records with few rules"}


def test_an_answer_is_not_needed_where_a_standard_checks() -> None:
    assert judge(subject(ON, READY, attestations=[scanner()])).source == Source.AUTOMATIC


def test_recorders_nobody_saw_are_unknown_unless_another_scanner_is_named() -> None:
    denied = everywhere(ACCOUNT, config.recorders, Outcome.ACCESS_DENIED)

    found = judge(subject(more=denied))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    part = judge(subject(more=denied, attestations=[scanner("partly")]))
    assert part.status == Status.UNKNOWN
    named = judge(subject(more=denied, attestations=[scanner()]))
    assert (named.status, named.incomplete) == (Status.PASS, True)


@pytest.mark.parametrize("collector", [securityhub.hub, config.rules], ids=str)
def test_what_was_not_seen_could_have_been_a_pass(collector: Any) -> None:
    denied = everywhere(ACCOUNT, collector, Outcome.ACCESS_DENIED)

    assert judge(subject(ON, Hub(), FEW, denied)).reason == Reason.ACCESS_DENIED
    assert judge(subject((), Hub(), FEW, denied)).status == Status.FAIL
    assert judge(subject(ON, Hub(), FEW, denied, attestations=[scanner()])).status == Status.PASS


def test_one_way_to_be_scanned_is_enough() -> None:
    no_rules = everywhere(ACCOUNT, config.rules, Outcome.ACCESS_DENIED)
    no_hub = everywhere(ACCOUNT, securityhub.hub, Outcome.ACCESS_DENIED)

    by_standard = judge(subject(ON, READY, more=no_rules))
    assert (by_standard.status, by_standard.incomplete) == (Status.PASS, False)
    by_rules = judge(subject(ON, rules=MANY, more=no_hub))
    assert (by_rules.status, by_rules.incomplete) == (Status.PASS, True)


def test_a_region_without_security_hub_is_measured_by_its_rules() -> None:
    absent = everywhere(ACCOUNT, securityhub.hub, Outcome.SERVICE_UNAVAILABLE)
    assert judge(subject(ON, rules=FEW, more=absent)).status == Status.PARTIAL


def test_blocked_regions_are_left_out() -> None:
    blocked = {(ACCOUNT, config.recorders, OTHER): Outcome.REGION_BLOCKED}
    found = judge(subject(ON, READY, more=blocked))
    assert (found.status, list(found.regions)) == (Status.PASS, [HOME])


def test_regions_nobody_told_of_are_missing() -> None:
    with pytest.raises(Missing):
        judge(subject(regions={}))


NONE_CENTRAL = everywhere(SECURITY, config.aggregation, Aggregation())
SOME_ACCOUNTS = everywhere(SECURITY, config.aggregation, Aggregation((Aggregator("some"),)))
UNSEEN = {(SECURITY, config.aggregation, OTHER): Outcome.ACCESS_DENIED}
UNAVAILABLE = {(SECURITY, config.aggregation, OTHER): Outcome.SERVICE_UNAVAILABLE}


@pytest.mark.parametrize(
    ("more", "is_reported", "incomplete"),
    [
        ({}, False, False),
        (NONE_CENTRAL, True, False),
        (SOME_ACCOUNTS, True, False),
        (NONE_CENTRAL | UNSEEN, False, True),
        (NONE_CENTRAL | UNAVAILABLE, True, False),
    ],
    ids=["of the organization", "none", "of some accounts", "not seen", "not offered"],
)
def test_an_aggregator_of_the_organization_is_missed_once_for_all(
    more: Any, is_reported: bool, incomplete: bool
) -> None:
    found = judge(subject(ON, READY, more=more, account=row(MANAGEMENT)))

    assert (found.status, found.incomplete) == (Status.PASS, incomplete)
    assert [p.organization for p in found.problems] == ([True] if is_reported else [])


def test_where_the_regions_of_a_security_account_are_not_known_nobody_can_miss_it() -> None:
    known = {MANAGEMENT: REGIONS, LOGS: REGIONS}
    about = subject(ON, READY, more=NONE_CENTRAL, account=row(MANAGEMENT), regions=known)
    found = judge(about)
    assert (found.incomplete, found.problems) == (True, [])


def test_without_a_security_account_nobody_looked_for_one() -> None:
    about = subject(ON, READY, account=row(MANAGEMENT))
    nobody = replace(about.facts.organization, security_account_ids=())
    found = judge(replace(about, facts=nobody.of(MANAGEMENT)))
    assert (found.status, found.incomplete, found.problems) == (Status.PASS, True, [])


def test_a_fail_says_what_is_missing() -> None:
    assert judge(subject(())).sentence == (
        "Config does not record and no scan was imported in all 2 Regions."
    )
    assert judge(subject((), READY)).sentence == (
        "Config does not record, without which Security Hub checks nothing, and no scan was "
        "imported in all 2 Regions."
    )


DENIED = everywhere(ACCOUNT, config.recorders, Outcome.ACCESS_DENIED)
NO_HUB = everywhere(ACCOUNT, securityhub.hub, Outcome.ACCESS_DENIED)

# Days since the scan → what it comes to, beside what Config says.
SCANNED: dict[str, tuple[float, Subject, Status, str, Source]] = {
    "in time": (7, subject(()), Status.PASS, "imported scan", Source.IMPORTED),
    "overdue": (7.1, subject(()), Status.PARTIAL, "imported scan, overdue", Source.IMPORTED),
    "almost stale": (35, subject(()), Status.PARTIAL, "imported scan, overdue", Source.IMPORTED),
    "stale": (35.1, subject(()), Status.FAIL, "no scan", Source.AUTOMATIC),
    "in time, few rules": (7, subject(ON), Status.PASS, "imported scan", Source.IMPORTED),
    "overdue, few rules": (
        8, subject(ON), Status.PARTIAL, "Config records with few rules", Source.AUTOMATIC,
    ),
    "a standard needs no scan": (
        1, subject(ON, READY), Status.PASS, "standard ready, Config records", Source.AUTOMATIC,
    ),
    "in time, before somebody's word": (
        1, subject((), attestations=[scanner()]), Status.PASS, "imported scan", Source.IMPORTED,
    ),
    "overdue, after somebody's word": (
        8, subject((), attestations=[scanner()]), Status.PASS, "another scanner", Source.ATTESTED,
    ),
    "in time, recorders not seen": (
        7, subject(more=DENIED), Status.PASS, "imported scan", Source.IMPORTED,
    ),
    "overdue, recorders not seen": (
        8, subject(more=DENIED), Status.PARTIAL, "imported scan, overdue", Source.IMPORTED,
    ),
    "overdue, standards not seen": (
        8, subject(ON, more=NO_HUB), Status.PARTIAL, "imported scan, overdue", Source.IMPORTED,
    ),
    "stale, recorders not seen": (
        36, subject(more=DENIED), Status.UNKNOWN, "unknown", Source.AUTOMATIC,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("days_ago", "about", "status", "rule", "source"), SCANNED.values(), ids=SCANNED
)
def test_imported_scans_count_by_their_age(
    days_ago: float, about: Subject, status: Status, rule: str, source: Source
) -> None:
    """Whatever tool it was; what it found does not matter here."""
    for tool in ("prowler", "cloudmapper"):
        found = judge(replace(about, scans=scanned(item, scan(days_ago, tool))))
        assert (found.status, found.source) == (status, source)
        assert {part.rule for part in found.regions.values()} == {rule}
        is_overdue = "overdue" in rule or status == Status.FAIL
        assert ("scan_overdue" in codes(found)) == is_overdue


def test_a_scan_counts_for_the_regions_it_saw_whole() -> None:
    found = judge(subject((), scans=scanned(item, scan(regions=[HOME]))))
    assert {region: part.status for region, part in found.regions.items()} == {
        HOME: Status.PASS,
        OTHER: Status.FAIL,
    }
    assert (found.status, found.source) == (Status.PARTIAL, Source.IMPORTED)
    assert "Prowler scanned it on 23 Nov 2026 in us-east-1." in found.sentence


def test_the_newest_scan_counts() -> None:
    both = scanned(item, scan(40, "scoutsuite"), scan(2), scan(20, "cloudmapper"))
    found = judge(subject((), scans=both))
    assert found.sentence == "Prowler scanned it on 22 Nov 2026 in all 2 Regions."


def test_a_list_of_what_is_public_is_no_scan() -> None:
    found = judge(subject((), scans=scanned(item, scan(2, "cloudmapper_public"))))
    assert (found.status, found.source) == (Status.FAIL, Source.AUTOMATIC)


def test_a_scan_is_all_there_is_to_see_where_aws_offers_no_config() -> None:
    absent = everywhere(ACCOUNT, config.recorders, Outcome.SERVICE_UNAVAILABLE)
    found = judge(subject(more=absent, scans=scanned(item, scan())))
    assert (found.status, found.incomplete) == (Status.PASS, False)
    assert judge(subject(more=DENIED, scans=scanned(item, scan()))).incomplete


def test_how_old_a_scan_may_be_is_a_setting() -> None:
    scans = scanned(item, scan(10))
    limits = {"SCAN_MAX_AGE_DAYS": 10, "SCAN_STALE_DAYS": 10}
    assert judge(subject((), scans=scans, settings=limits)).status == Status.PASS
    limits = {"SCAN_MAX_AGE_DAYS": 3, "SCAN_STALE_DAYS": 9}
    assert judge(subject((), scans=scans, settings=limits)).status == Status.FAIL


def test_an_overdue_scan_is_reported_with_its_day() -> None:
    (problem,) = [
        one
        for one in judge(subject((), scans=scanned(item, scan(36)))).problems
        if one.code == "scan_overdue"
    ]
    assert problem.detail == "In eu-west-1 and us-east-1. The last scan is of 19 Oct 2026."


def test_the_scan_it_rests_on_is_kept_until_the_next_is_due() -> None:
    about = subject((), scans=scanned(item, scan(2)))
    judge(about)
    kept = about.scans.kept["prowler"]
    assert (kept["version"], kept["until"]) == ("5.13.0", NOW + timedelta(days=5))
    assert kept["regions"] == dict.fromkeys(REGIONS, NOW - timedelta(days=2))
    mixed = replace(scan(2), regions={HOME: NOW, OTHER: NOW - timedelta(days=3)})
    about = subject((), scans=scanned(item, mixed))
    judge(about)
    assert about.scans.kept["prowler"]["until"] == NOW + timedelta(days=4)
    beside = subject(ON, READY, scans=scanned(item, scan(2)))
    judge(beside)
    assert beside.scans.kept == {}


def test_other_accounts_do_not_report_it() -> None:
    found = judge(subject(ON, READY, more=NONE_CENTRAL | UNSEEN))
    assert (found.incomplete, found.problems) == (False, [])


def test_what_is_gathered_and_set_centrally_is_kept() -> None:
    failing = Aggregator(
        "company", "arn:agg", True, False, ("eu-west-1",), {}, (f"{ACCOUNT}/eu-west-1",)
    )
    more = {
        (SECURITY, config.aggregation, HOME): Aggregation((failing,)),
        (SECURITY, config.aggregation, OTHER): Aggregation(),
        (SECURITY, securityhub.central, HOME): Central("CENTRAL", "ENABLED", failed=(ACCOUNT,)),
        (LOGS, securityhub.central, HOME): Central(),
        (MANAGEMENT, securityhub.delegated_administrators, HOME): (SECURITY,),
        (ACCOUNT, securityhub.hub_v2, HOME): "arn:hubv2",
        (ACCOUNT, securityhub.hub_v2, OTHER): "",
    }
    central = judge(subject(ON, READY, more=more)).facts["central"]

    (aggregator,) = central["aggregators"]
    assert (aggregator["owner"], aggregator["reaches"]) == (SECURITY, [OTHER])
    assert aggregator["failed_here"] == [f"{ACCOUNT}/eu-west-1"]
    assert central["security_hub"] == {
        HOME: {
            "owner": SECURITY,
            "kind": "CENTRAL",
            "status": "ENABLED",
            "auto_enable_standards": "",
            "failed_here": True,
            "delegated": True,
        }
    }
    assert central["newer_security_hub"] == [HOME]


def test_who_is_delegated_stays_open_where_nobody_told() -> None:
    more = everywhere(SECURITY, securityhub.central, Central("LOCAL"))
    central = judge(subject(ON, READY, more=more)).facts["central"]

    assert [central["security_hub"][region]["delegated"] for region in REGIONS] == [None, None]
