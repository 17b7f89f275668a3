"""The account was scanned everywhere and nothing urgent is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import ec2, s3control, securityhub
from collectors.services.securityhub import Hub, Standard, UrgentFinding, UrgentFindings
from roadmap.items.visibility.initial_scan import item, judge
from roadmap.readings.urgent import CODES, URGENT
from roadmap.scans import Failure, Scans
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    NOW,
    REGIONS,
    SECURITY,
    attested,
    scan,
    scanned,
)
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

KEY = "visibility.initial_scan"
READY = Standard("arn:aws:securityhub:::standards/fsbp", "READY")
ON = Hub("arn:hub", NOW - timedelta(days=30), (READY,))
NEW = replace(ON, subscribed_at=NOW - timedelta(days=6, hours=23))
BUCKET = UrgentFinding(HOME, "S3.2", "arn:aws:s3:::leaky", "critical")
CLEAN = UrgentFindings(True, {ACCOUNT: REGIONS})

Facts = dict[tuple[Any, ...], Any]


def seen(
    hub: Any, urgent: Any = CLEAN, more: Facts | None = None, answers: Any = (), **about: Any
) -> Subject:
    values: Facts = {
        **everywhere(ACCOUNT, securityhub.hub, hub),
        **everywhere(SECURITY, securityhub.urgent_findings, urgent),
        **everywhere(LOGS, securityhub.urgent_findings, UrgentFindings()),
    }
    return central_subject(values | (more or {}), attestations=answers, **about)


def failing(*findings: UrgentFinding) -> UrgentFindings:
    return replace(CLEAN, failed={ACCOUNT: findings})


OFF_THERE: Facts = {(ACCOUNT, securityhub.hub, OTHER): Hub()}
DONE, PARTLY = attested(KEY), attested(KEY, "partly")

CASES: dict[str, tuple[Subject, Status, str]] = {
    "ready everywhere, nothing urgent": (
        seen(ON), Status.PASS, "scanned, nothing urgent open",
    ),
    "ready everywhere, urgent open": (
        seen(ON, failing(BUCKET)), Status.PARTIAL, "urgent results open",
    ),
    "ready everywhere, results not seen": (
        seen(ON, UrgentFindings()), Status.PARTIAL, "urgent results not seen",
    ),
    "ready everywhere, results denied": (
        seen(ON, Outcome.ACCESS_DENIED), Status.PARTIAL, "urgent results not seen",
    ),
    "ready everywhere, results of one Region only": (
        seen(ON, UrgentFindings(True, {ACCOUNT: (HOME,)})),
        Status.PARTIAL,
        "urgent results not seen",
    ),
    "ready in one Region": (
        seen(ON, more=OFF_THERE), Status.PARTIAL, "scan misses Regions",
    ),
    "too new": (seen(NEW), Status.FAIL, "no scan"),
    "no standard ready": (
        seen(replace(ON, standards=(replace(READY, status="INCOMPLETE"),))),
        Status.FAIL,
        "no scan",
    ),
    "no standard": (seen(replace(ON, standards=())), Status.FAIL, "no scan"),
    "not known since when": (seen(replace(ON, subscribed_at=None)), Status.FAIL, "no scan"),
    "off": (seen(Hub()), Status.FAIL, "no scan"),
    "off, and urgent results are known": (
        seen(Hub(), failing(BUCKET)), Status.FAIL, "no scan",
    ),
    "another tool, urgent results not seen": (
        seen(Hub(), UrgentFindings(), answers=[DONE]),
        Status.PARTIAL,
        "urgent results not seen",
    ),
    "another tool in part": (
        seen(Hub(), answers=[PARTLY]), Status.PARTIAL, "scan misses Regions",
    ),
    "another tool, nothing urgent": (
        seen(Hub(), answers=[DONE]), Status.PASS, "scanned, nothing urgent open",
    ),
    "another tool, urgent open": (
        seen(Hub(), failing(BUCKET), answers=[DONE]),
        Status.PARTIAL,
        "urgent results open",
    ),
    "another tool long ago": (
        seen(Hub(), answers=[attested(KEY, days_left=-1)]), Status.FAIL, "no scan",
    ),
    "no other tool": (
        seen(Hub(), answers=[attested(KEY, "not_done")]), Status.FAIL, "no scan",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "status", "rule"), CASES.values(), ids=CASES)
def test_scan_and_urgent_results_decide(subject: Subject, status: Status, rule: str) -> None:
    """Without Cairn's own collectors nobody looked for all that is urgent."""
    verdict = judge(subject)
    assert (verdict.status, verdict.rule, verdict.incomplete) == (status, rule, True)


ADDRESS = ec2.Interfaces(
    "vpc-1", "subnet-1", "interface", group_ids=("sg-1",), has_public_ip=True, instance_id="i-1"
)
ROUTE = ec2.Route("0.0.0.0/0", "igw-1")
SSH = ec2.Rule("tcp", 22, 22, "0.0.0.0/0")
WEB = ec2.Rule("tcp", 443, 443, "0.0.0.0/0")
CLOSED = s3control.Buckets(total=1)
LEAKY = s3control.BucketAccess("leaky", HOME, is_policy_public=True)
UNSEEN = s3control.UnseenBucket("shut", Outcome.ACCESS_DENIED, "Refused.")


def shown(rule: ec2.Rule = WEB, buckets: Any = CLOSED) -> Facts:
    """What Cairn's own collectors show: an instance reachable by the rule, and buckets."""
    table = ec2.RouteTable("rtb-1", "vpc-1", is_main=True, routes=(ROUTE,))
    return {
        **everywhere(ACCOUNT, ec2.interfaces, ()),
        **everywhere(ACCOUNT, ec2.subnets, (ec2.Subnet("subnet-1", "vpc-1"),)),
        **everywhere(ACCOUNT, ec2.route_tables, (table,)),
        **everywhere(
            ACCOUNT, ec2.security_groups, (ec2.SecurityGroup("sg-1", "vpc-1", ingress=(rule,)),)
        ),
        **everywhere(ACCOUNT, ec2.vpc_block, ec2.VpcBlock("off")),
        (ACCOUNT, ec2.interfaces, HOME): (ADDRESS,),
        (ACCOUNT, s3control.bucket_access): buckets,
    }


PUBLIC = s3control.Buckets(total=1, opened=(LEAKY,))
BLIND: Facts = {(ACCOUNT, ec2.interfaces, OTHER): Outcome.ACCESS_DENIED}
OWN: dict[str, tuple[Subject, Status, str, bool]] = {
    "no scan, nothing urgent": (
        seen(Hub(), more=shown()), Status.PARTIAL, "no scan, nothing urgent", False,
    ),
    "no scan, a public bucket": (
        seen(Hub(), more=shown(buckets=PUBLIC)),
        Status.FAIL,
        "no scan, and something urgent",
        False,
    ),
    "no scan, an exposed port": (
        seen(Hub(), more=shown(SSH)), Status.FAIL, "no scan, and something urgent", False,
    ),
    "no scan, but results of one": (
        seen(Hub(), failing(BUCKET), shown()), Status.FAIL, "no scan, and something urgent", False,
    ),
    "no scan, a Region nobody saw": (
        seen(Hub(), more=shown() | BLIND), Status.FAIL, "no scan", True,
    ),
    "no scan, a group nobody saw": (
        seen(
            Hub(),
            more=shown() | {(ACCOUNT, ec2.security_groups, HOME): Outcome.ACCESS_DENIED},
        ),
        Status.FAIL,
        "no scan",
        True,
    ),
    "no scan, a bucket nobody saw": (
        seen(Hub(), more=shown(buckets=s3control.Buckets(total=1, unseen=(UNSEEN,)))),
        Status.FAIL,
        "no scan",
        True,
    ),
    "no scan, no bucket seen": (
        seen(Hub(), more=shown(buckets=Outcome.ACCESS_DENIED)), Status.FAIL, "no scan", True,
    ),
    "another tool, nothing urgent shown": (
        seen(Hub(), UrgentFindings(), shown(), [DONE]),
        Status.PASS,
        "scanned, nothing urgent open",
        False,
    ),
    "another tool, something urgent shown": (
        seen(Hub(), UrgentFindings(), shown(SSH), [DONE]),
        Status.PARTIAL,
        "urgent results open",
        False,
    ),
    "another tool, a Region nobody saw": (
        seen(Hub(), UrgentFindings(), shown() | BLIND, [DONE]),
        Status.PARTIAL,
        "urgent results not seen",
        True,
    ),
    "another tool in part, nothing urgent shown": (
        seen(Hub(), UrgentFindings(), shown(), [PARTLY]),
        Status.PARTIAL,
        "scan misses Regions",
        False,
    ),
    "Security Hub, results not seen, nothing urgent shown": (
        seen(ON, UrgentFindings(), shown()), Status.PARTIAL, "urgent results not seen", True,
    ),
    "Security Hub, something urgent shown": (
        seen(ON, more=shown(SSH)), Status.PARTIAL, "urgent results open", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "status", "rule", "incomplete"), OWN.values(), ids=OWN)
def test_cairns_own_collectors_stand_in_for_a_scan_at_most_in_part(
    subject: Subject, status: Status, rule: str, incomplete: bool
) -> None:
    verdict = judge(subject)
    assert (verdict.status, verdict.rule, verdict.incomplete) == (status, rule, incomplete)


def test_regions_without_security_hub_rest_on_cairns_own_collectors() -> None:
    there: Facts = {(ACCOUNT, securityhub.hub, OTHER): Outcome.SERVICE_UNAVAILABLE}
    results = UrgentFindings(True, {ACCOUNT: (HOME,)})
    verdict = judge(seen(ON, results, shown() | there))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, False)


def test_where_aws_offers_no_security_hub_the_account_is_judged_all_the_same() -> None:
    verdict = judge(seen(Outcome.SERVICE_UNAVAILABLE, UrgentFindings(), shown(buckets=PUBLIC)))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "no scan, and something urgent")
    assert "AWS does not offer Security Hub in its Regions" in verdict.sentence


ONE_REGION = UrgentFindings(True, {ACCOUNT: (HOME,)}, {ACCOUNT: (BUCKET,)})
LOOKED_AT: dict[str, tuple[Subject, dict[str, bool]]] = {
    "everything": (seen(ON, more=shown()), {HOME: True, OTHER: True}),
    "results of one Region": (seen(ON, ONE_REGION, shown()), {HOME: True, OTHER: False}),
    "instances of one Region": (seen(ON, more=shown() | BLIND), {HOME: True, OTHER: False}),
    "instances of one Region, Security Hub off": (
        seen(Hub(), more=shown() | BLIND), {HOME: True, OTHER: False},
    ),
    "no results, Security Hub off": (
        seen(Hub(), UrgentFindings(), shown()), {HOME: True, OTHER: True},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "complete"), LOOKED_AT.values(), ids=LOOKED_AT)
def test_a_region_where_nobody_looked_for_urgent_results_resolves_none(
    subject: Subject, complete: dict[str, bool]
) -> None:
    verdict = judge(subject)
    assert {region: not p.incomplete for region, p in verdict.regions.items()} == complete
    assert verdict.incomplete is not all(complete.values())


BOTH = scan(90)
HALF = scan(90, regions=[HOME])
LEAKED = Failure("prowler", "s3_bucket_public_access", HOME, BUCKET.resource, NOW)
DENIED = Outcome.ACCESS_DENIED
NOT_OFFERED: Facts = {(ACCOUNT, securityhub.hub, OTHER): Outcome.SERVICE_UNAVAILABLE}

IMPORTED: dict[str, tuple[Subject, Scans, Status, str, Source]] = {
    "of all Regions, nothing urgent": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, BOTH),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "of all Regions, urgent open": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, BOTH, failing=[LEAKED]),
        Status.PARTIAL,
        "urgent results open",
        Source.IMPORTED,
    ),
    "of all Regions, urgent muted": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, BOTH, failing=[replace(LEAKED, is_muted=True)]),
        Status.PARTIAL,
        "urgent results open",
        Source.IMPORTED,
    ),
    "of all Regions, something else open": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, BOTH, failing=[replace(LEAKED, check="ec2_instance_public_ip")]),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "of all Regions, Cairn sees something urgent": (
        seen(Hub(), UrgentFindings(), shown(SSH)),
        scanned(item, BOTH),
        Status.PARTIAL,
        "urgent results open",
        Source.IMPORTED,
    ),
    "of one Region": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, HALF),
        Status.PARTIAL,
        "scan misses Regions",
        Source.IMPORTED,
    ),
    "of one Region each": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, HALF, scan(3, "scoutsuite", [OTHER])),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "of the Region without Security Hub": (
        seen(ON, UrgentFindings(True, {ACCOUNT: (HOME,)}), shown() | OFF_THERE),
        scanned(item, scan(3, regions=[OTHER])),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "of no Region whole, urgent open": (
        seen(Hub(), UrgentFindings(), shown()),
        scanned(item, scan(regions=[]), failing=[LEAKED]),
        Status.FAIL,
        "no scan, and something urgent",
        Source.AUTOMATIC,
    ),
    "but not of the Region where AWS offers no Security Hub": (
        seen(Hub(), UrgentFindings(), shown() | NOT_OFFERED),
        scanned(item, HALF),
        Status.PARTIAL,
        "scan misses Regions",
        Source.IMPORTED,
    ),
    "of the Region where AWS offers no Security Hub, too": (
        seen(Hub(), UrgentFindings(), shown() | NOT_OFFERED),
        scanned(item, BOTH),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "beside Security Hub, which is enough": (
        seen(ON, more=shown()),
        scanned(item, BOTH),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.AUTOMATIC,
    ),
    "beside Security Hub, urgent open": (
        seen(ON, more=shown()),
        scanned(item, BOTH, failing=[LEAKED]),
        Status.PARTIAL,
        "urgent results open",
        Source.AUTOMATIC,
    ),
    "where Security Hub could not be seen": (
        seen(DENIED, DENIED, shown()),
        scanned(item, BOTH),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
    "before somebody's word": (
        seen(Hub(), UrgentFindings(), shown(), [DONE]),
        scanned(item, BOTH),
        Status.PASS,
        "scanned, nothing urgent open",
        Source.IMPORTED,
    ),
}


@pytest.mark.parametrize(
    ("about", "scans", "status", "rule", "source"), IMPORTED.values(), ids=IMPORTED
)
def test_imported_scans_count_however_old(
    about: Subject, scans: Scans, status: Status, rule: str, source: Source
) -> None:
    verdict = judge(replace(about, scans=scans))
    assert (verdict.status, verdict.rule, verdict.source) == (status, rule, source)
    assert not verdict.incomplete


@pytest.mark.parametrize(("tool", "check"), CODES, ids=" ".join)
def test_each_urgent_check_of_a_scanner_becomes_a_finding(tool: str, check: str) -> None:
    failing = [replace(LEAKED, tool=tool, check=check)]
    scans = scanned(item, scan(tool=tool), failing=failing)
    (problem,) = judge(seen(Hub(), UrgentFindings(), shown(), scans=scans)).problems
    assert (problem.code, problem.name, problem.region) == (CODES[tool, check], "leaky", HOME)
    assert problem.detail.endswith(f" {check}.")


def test_what_scanners_and_cairn_see_counts_once() -> None:
    scans = scanned(item, BOTH, failing=[LEAKED, replace(LEAKED, region=OTHER)])
    about = seen(ON, failing(BUCKET), shown(buckets=PUBLIC), scans=scans)
    assert len(judge(about).problems) == 1
    assert judge(replace(about, exceptions=[Excepted(KEY, BUCKET.resource)])).problems == []


def test_a_check_that_a_person_put_elsewhere_is_not_urgent_here() -> None:
    scans = replace(scanned(item, BOTH, failing=[LEAKED]), checks={KEY: set()})
    verdict = judge(seen(Hub(), UrgentFindings(), shown(), scans=scans))
    assert (verdict.status, verdict.problems) == (Status.PASS, [])


def test_the_scan_is_named_with_its_day_and_kept() -> None:
    counted = scan(3, regions=[OTHER], s3_bucket_public_access=(4, 1))
    about = seen(ON, more=shown() | OFF_THERE, scans=scanned(item, counted))
    verdict = judge(about)
    assert verdict.sentence.startswith(
        "Prowler scanned 1 of 2 Regions on 21 Nov 2026. "
        "Security Hub has checked 1 of 2 Regions for 7 days or more."
    )
    assert verdict.facts["scanner"] == "Prowler and Security Hub"
    kept = about.scans.kept["prowler"]
    assert (kept["version"], kept["regions"]) == ("5.13.0", {OTHER: NOW - timedelta(days=3)})
    assert kept["checks"]["s3_bucket_public_access"]["failed"] == 1


REFUSED: dict[str, tuple[float, bool]] = {
    "since the role was refused": (1, False),
    "before": (3, True),
}


@pytest.mark.parametrize(("days_ago", "incomplete"), REFUSED.values(), ids=REFUSED)
def test_a_scan_since_the_role_was_refused_stands_for_what_cairn_saw_before(
    days_ago: float, incomplete: bool
) -> None:
    """An older one does not know what Cairn may have found since, and resolves none of it."""
    refused = Outcome.ASSUME_ROLE_DENIED
    about = seen(
        refused,
        UrgentFindings(),
        everywhere(ACCOUNT, ec2.interfaces, refused)
        | {(ACCOUNT, s3control.bucket_access): refused},
        scans=scanned(item, scan(days_ago)),
        refused_since=NOW - timedelta(days=2),
    )
    verdict = judge(about)
    assert (verdict.status, verdict.source) == (Status.PASS, Source.IMPORTED)
    assert verdict.incomplete is incomplete
    assert {part.incomplete for part in verdict.regions.values()} == {incomplete}


def test_a_scan_stands_for_nothing_that_is_not_known_to_be_older() -> None:
    about = seen(Hub(), UrgentFindings(), shown() | BLIND, scans=scanned(item, BOTH))
    verdict = judge(about)
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


def test_urgent_results_under_an_exception_are_left_out() -> None:
    kept = Excepted(KEY, BUCKET.resource)
    whole = Excepted(KEY, f"arn:aws:iam::{ACCOUNT}:root")
    shared = replace(BUCKET, control="EC2.1", resource=f"AWS::::Account:{ACCOUNT}")
    results = failing(BUCKET, shared)
    verdict = judge(seen(ON, results, shown(buckets=PUBLIC), exceptions=[kept]))
    assert (verdict.status, [p.code for p in verdict.problems]) == (
        Status.PARTIAL,
        ["public_snapshot"],
    )
    looked = seen(ON, results, shown(), exceptions=[kept, whole])
    assert judge(looked).status == Status.PASS
    assert set(looked.excepted) == {kept.pattern, whole.pattern}


def test_an_answer_that_ended_is_told() -> None:
    ended = replace(attested(KEY, days_left=-1), author="ada@example.com")
    verdict = judge(seen(Hub(), answers=[ended]))
    assert {"ada@example.com", "2026-11-23"} <= set(verdict.sentence.split())


def test_what_they_show_becomes_a_finding() -> None:
    problems = judge(seen(Hub(), more=shown(SSH, PUBLIC))).problems
    instance = f"arn:aws:ec2:{HOME}:{ACCOUNT}:instance/i-1"
    assert [(p.code, p.resource, p.region) for p in problems] == [
        ("soft_target_exposed", instance, HOME),
        ("public_bucket", BUCKET.resource, "global"),
    ]


def test_a_bucket_that_both_see_counts_once() -> None:
    (problem,) = judge(seen(ON, failing(BUCKET), shown(buckets=PUBLIC))).problems
    assert "Security Hub" in problem.detail


def test_it_is_declared_with_what_it_reads() -> None:
    about = seen(ON, more=shown())
    judge(about)
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}


def test_seven_days_are_enough() -> None:
    hub = replace(ON, subscribed_at=NOW - timedelta(days=7))
    assert judge(seen(hub)).status == Status.PASS


@pytest.mark.parametrize("control", securityhub.URGENT_CONTROLS)
def test_each_urgent_control_becomes_a_finding(control: str) -> None:
    verdict = judge(seen(ON, failing(replace(BUCKET, control=control))))
    assert [problem.code for problem in verdict.problems] == [CODES["securityhub", control]]
    assert CODES["securityhub", control] in item.findings


def test_every_urgent_class_is_a_finding_and_names_its_checks() -> None:
    assert set(item.findings) == set(URGENT)
    of_hub = {check for tool, check in CODES if tool == "securityhub"}
    assert of_hub == set(securityhub.URGENT_CONTROLS)
    assert {tool: len(checks) for tool, checks in item.imports.items()} == {
        "prowler": 27,
        "securityhub": 10,
        "scoutsuite": 7,
        "cloudmapper": 8,
    }


def test_a_finding_names_the_resource_and_its_region() -> None:
    (problem,) = judge(seen(ON, failing(BUCKET))).problems
    assert (problem.resource, problem.name, problem.region) == (BUCKET.resource, "leaky", HOME)


def test_a_finding_about_the_account_is_the_accounts() -> None:
    about = replace(BUCKET, control="EC2.1", resource=f"AWS::::Account:{ACCOUNT}")
    (problem,) = judge(seen(ON, failing(about))).problems
    assert problem.resource == ""


def test_what_is_muted_in_security_hub_still_counts_and_says_so() -> None:
    verdict = judge(seen(ON, failing(replace(BUCKET, is_muted=True))))
    assert verdict.status == Status.PARTIAL
    assert "muted" in verdict.problems[0].detail


def test_a_finding_seen_twice_counts_once() -> None:
    both: Facts = everywhere(LOGS, securityhub.urgent_findings, failing(BUCKET))
    assert len(judge(seen(ON, failing(BUCKET), both)).problems) == 1


def test_findings_of_other_accounts_do_not_count() -> None:
    other = replace(CLEAN, failed={SECURITY: (BUCKET,)})
    assert judge(seen(ON, other)).status == Status.PASS


def test_an_attested_scan_is_a_persons_word() -> None:
    verdict = judge(seen(Hub(), answers=[DONE]))
    assert verdict.source == Source.ATTESTED
    assert judge(seen(ON, answers=[DONE])).source == Source.AUTOMATIC


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_one_region_that_could_not_be_read_leaves_the_verdict_open() -> None:
    denied: Facts = {(ACCOUNT, securityhub.hub, OTHER): Outcome.ACCESS_DENIED}
    verdict = judge(seen(ON, more=denied))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_a_region_that_is_off_and_one_that_could_not_be_read_fail_incompletely() -> None:
    denied: Facts = {(ACCOUNT, securityhub.hub, OTHER): Outcome.ACCESS_DENIED}
    verdict = judge(seen(Hub(), more=denied))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


def test_urgent_results_are_partial_even_where_not_every_region_could_be_read() -> None:
    denied: Facts = {(ACCOUNT, securityhub.hub, OTHER): Outcome.ACCESS_DENIED}
    assert judge(seen(ON, failing(BUCKET), denied)).status == Status.PARTIAL


def test_an_account_blocked_everywhere_is_unknown() -> None:
    verdict = judge(seen(Outcome.REGION_BLOCKED))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.REGION_UNREACHABLE)
