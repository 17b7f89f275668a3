"""Core resources come from code, and nobody changes them by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from collectors.console_writes import ConsoleWrite, ConsoleWrites
from collectors.outcomes import Missing, Outcome
from collectors.services import cloudformation, cloudtrail, ec2, iam, lambda_, rds, s3
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.cloudformation import Stacks
from collectors.tags import Tags
from roadmap.items.ownership.iac import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, REGIONS, attested, subject

HOME, OTHER = REGIONS
MARA = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/mara"
STACK = f"arn:aws:cloudformation:{HOME}:{ACCOUNT}:stack/network/1"
DONE = [attested(item.key, "done", "team")]
PARTLY = [attested(item.key, "partly", "team")]
NO_STACKS = Stacks()
REGIONAL: Mapping[Any, Any] = {
    ec2.vpcs: (),
    ec2.subnets: (),
    ec2.route_tables: (),
    ec2.security_groups: (),
    lambda_.functions: (),
    rds.instances: (),
    cloudformation.stacks: NO_STACKS,
    tagging.tagged: tagging.Tagged(),
    cloudtrail.console_writes: ConsoleWrites(7, 40),
}


def buckets(count: int) -> tuple[s3.Bucket, ...]:
    return tuple(s3.Bucket(f"b{n:03}", HOME) for n in range(count))


def stack_of(count: int, *drifted: str) -> Stacks:
    """Of that many buckets."""
    return Stacks(1, drifted, {"s3:bucket": tuple(b.name for b in buckets(count))})


def changes(*counts: int) -> ConsoleWrites:
    days = [date(2026, 11, 20 + n) for n in range(len(counts))]
    writes = tuple(ConsoleWrite(MARA, day, n) for day, n in zip(days, counts, strict=True))
    return ConsoleWrites(7, 100, count=sum(counts), writes=writes)


def seen(
    here: Mapping[Any, Any] | None = None,
    *,
    has: tuple[s3.Bucket, ...] | Outcome = (),
    who: iam.Authorization | Outcome | None = None,
    elsewhere: Mapping[Any, Any] | None = None,
    **rest: Any,
) -> Subject:
    values: dict[tuple[Any, ...], Any] = {
        **{(ACCOUNT, c, HOME): v for c, v in {**REGIONAL, **(here or {})}.items()},
        **{(ACCOUNT, c, OTHER): v for c, v in {**REGIONAL, **(elsewhere or {})}.items()},
        (ACCOUNT, s3.buckets): has,
        (ACCOUNT, iam.authorization): who or iam.Authorization(),
    }
    return subject(values, **rest)


def of_stacks(made: int, total: int, **rest: Any) -> Subject:
    """So many buckets of a stack among all, and changes from the console."""
    here = {
        cloudformation.stacks: stack_of(made),
        cloudtrail.console_writes: rest.pop("console", ConsoleWrites(7, 40)),
    }
    return seen(here, has=buckets(total), **rest)


KEPT = "from code, and kept so"
CHANGED = "from code, but changed by hand"
CASES = {
    "all from code": (of_stacks(10, 10, attestations=DONE), Status.PASS, KEPT, set()),
    "just enough from code": (
        of_stacks(9, 10, attestations=DONE), Status.PASS, KEPT, {"unmanaged_resource"},
    ),
    "few changes from the console": (
        of_stacks(10, 10, console=changes(20), attestations=DONE),
        Status.PASS, KEPT, {"console_change"},
    ),
    "too many changes from the console": (
        of_stacks(10, 10, console=changes(20, 1), attestations=DONE),
        Status.PARTIAL, CHANGED, {"console_change"},
    ),
    "one change where none is let pass": (
        of_stacks(10, 10, console=changes(1), attestations=DONE,
                  settings={"IAC_CONSOLE_MAX": 0}),
        Status.PARTIAL, CHANGED, {"console_change"},
    ),
    "from code, nobody attested": (
        of_stacks(10, 10), Status.PARTIAL, "from code, approval not attested", set(),
    ),
    "from code, attested in part": (
        of_stacks(10, 10, attestations=PARTLY),
        Status.PARTIAL, "from code, approval not attested", set(),
    ),
    "from code, the answer expired": (
        of_stacks(10, 10, attestations=[attested(item.key, "done", "team", days_left=-1)]),
        Status.PARTIAL, "from code, approval not attested", set(),
    ),
    "half from code": (
        of_stacks(5, 10), Status.PARTIAL, "from code in part", {"unmanaged_resource"},
    ),
    "few from code, attested": (
        of_stacks(4, 10, attestations=DONE),
        Status.PARTIAL, "attested, few from code", {"unmanaged_resource"},
    ),
    "few from code, attested in part": (
        of_stacks(4, 10, attestations=PARTLY),
        Status.PARTIAL, "attested, few from code", {"unmanaged_resource"},
    ),
    "few from code": (of_stacks(4, 10), Status.FAIL, "not from code", {"unmanaged_resource"}),
    "few from code, attested as not done": (
        of_stacks(4, 10, attestations=[attested(item.key, "not_done", "team")]),
        Status.FAIL, "not from code", {"unmanaged_resource"},
    ),
    "few from code, the answer expired": (
        of_stacks(4, 10, attestations=[attested(item.key, "done", "team", days_left=-1)]),
        Status.FAIL, "not from code", {"unmanaged_resource"},
    ),
    "nothing there": (
        of_stacks(0, 0, attestations=DONE), Status.NOT_APPLICABLE, "no core resource", set(),
    ),
    "a stack that drifted": (
        seen({cloudformation.stacks: stack_of(3, STACK)}, has=buckets(3), attestations=DONE),
        Status.PASS, KEPT, {"stack_drifted"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_code_the_console_and_the_team_decide(
    about: Subject, status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def role(name: str, path: str = "/", *tag_keys: str) -> iam.Role:
    return iam.Role(name, f"arn:aws:iam::{ACCOUNT}:role{path}{name}", path, tag_keys=tag_keys)


def ec2_arn(rest: str) -> str:
    return f"arn:aws:ec2:{HOME}:{ACCOUNT}:{rest}"


SHARER = "999999999999"
NETWORK = {
    ec2.vpcs: (
        ec2.Vpc("vpc-1"),
        ec2.Vpc("vpc-0", is_default=True),
        ec2.Vpc("vpc-s", owner_id=SHARER),
    ),
    ec2.subnets: (
        ec2.Subnet("subnet-1", "vpc-1", ACCOUNT),
        ec2.Subnet("subnet-0", "vpc-0", ACCOUNT),
        ec2.Subnet("subnet-s", "vpc-s", SHARER),
    ),
    ec2.route_tables: (
        ec2.RouteTable("rtb-1", "vpc-1", ACCOUNT),
        ec2.RouteTable("rtb-m", "vpc-1", ACCOUNT, is_main=True),
        ec2.RouteTable("rtb-0", "vpc-0", ACCOUNT),
    ),
    ec2.security_groups: (
        ec2.SecurityGroup("sg-1", "vpc-1", "web"),
        ec2.SecurityGroup("sg-d", "vpc-1", "default"),
        ec2.SecurityGroup("sg-0", "vpc-0", "by-hand"),
        ec2.SecurityGroup("sg-s", "vpc-s", "shared", owner_id=SHARER),
        ec2.SecurityGroup("sg-o", "vpc-s", "own, in a shared VPC", owner_id=ACCOUNT),
    ),
}


def test_of_networks_what_people_made_counts() -> None:
    found = {problem.resource for problem in judge(seen(NETWORK)).problems}
    assert found == {
        ec2_arn("vpc/vpc-1"),
        ec2_arn("subnet/subnet-1"),
        ec2_arn("route-table/rtb-1"),
        ec2_arn("security-group/sg-1"),
        ec2_arn("security-group/sg-0"),
        ec2_arn("security-group/sg-o"),
    }


POLICY = iam.Policy("deploy", f"arn:aws:iam::{ACCOUNT}:policy/deploy")
ACCESS = iam.Authorization(
    roles=(
        role("app"),
        role("AWSServiceRoleForECS", "/aws-service-role/ecs.amazonaws.com/"),
        role("AWSReservedSSO_Admin", "/aws-reserved/sso.amazonaws.com/"),
        role("CairnReadOnly"),
        role("stacksets-exec-1"),
        role("emergency"),
    ),
    policies=(POLICY, iam.Policy("ReadOnly", "arn:aws:iam::aws:policy/ReadOnly")),
)


def test_of_roles_and_policies_what_people_made_counts() -> None:
    settings = {"BREAK_GLASS_ROLE_PATTERNS": ["*:role/emergency"]}
    found = {p.resource for p in judge(seen(who=ACCESS, settings=settings)).problems}
    assert found == {role("app").arn, POLICY.arn}


DATABASE = rds.DbInstance("orders", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:orders")
FUNCTION = lambda_.Function("sync", f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:sync")
LISTED = [attested(item.key, "done", "team", resources=[FUNCTION.function_arn])]


def marked(arn: str, key: str) -> dict[Any, Any]:
    one = tagging.TagSet(tagging.type_of(arn), Tags((key,)), 1, (arn,))
    return {tagging.tagged: tagging.Tagged((one,))}


WAYS = {
    "a role in a stack": {
        "who": iam.Authorization(roles=(role("app"),)),
        "here": {cloudformation.stacks: Stacks(1, (), {"iam:role": ("app",)})},
    },
    "a role in a stack of another Region": {
        "who": iam.Authorization(roles=(role("app"),)),
        "elsewhere": {cloudformation.stacks: Stacks(1, (), {"iam:role": ("app",)})},
    },
    "a role with a tool's tag": {
        "who": iam.Authorization(roles=(role("app", "/", "terraform"),)),
    },
    "a policy in a stack": {
        "who": iam.Authorization(policies=(POLICY,)),
        "here": {cloudformation.stacks: Stacks(1, (), {"iam:policy": (POLICY.arn,)})},
    },
    "a policy with a tool's tag": {
        "who": iam.Authorization(policies=(POLICY,)),
        "elsewhere": marked(POLICY.arn, "managed-by"),
    },
    "a database in other letters": {
        "here": {
            rds.instances: (DATABASE,),
            cloudformation.stacks: Stacks(1, (), {"rds:db": ("Orders",)}),
        },
    },
    "a function with a tool's tag": {
        "here": {lambda_.functions: (FUNCTION,), **marked(FUNCTION.function_arn, "terraform")},
    },
    "a function with a tag that was named since the last collection": {
        "here": {lambda_.functions: (FUNCTION,), **marked(FUNCTION.function_arn, "pulumi")},
        "settings": {"IAC_TAG_KEYS": ["pulumi"]},
    },
    "a function in a list of what state files hold": {
        "here": {lambda_.functions: (FUNCTION,)},
        "attestations": LISTED,
    },
}


@pytest.mark.parametrize("facts", WAYS.values(), ids=WAYS)
def test_a_stack_or_a_tag_shows_that_it_came_from_code(facts: dict[str, Any]) -> None:
    verdict = judge(seen(facts.pop("here", None), **{"attestations": DONE} | facts))
    assert (verdict.status, verdict.problems) == (Status.PASS, [])


IGNORED = {
    "a network of Control Tower": seen(
        {lambda_.functions: (FUNCTION,), **marked(FUNCTION.function_arn, "aws:controltower")}
    ),
    "a function with a tag that was named since the last collection": seen(
        {lambda_.functions: (FUNCTION,), **marked(FUNCTION.function_arn, "vendor")},
        settings={"IAC_IGNORE_TAGS": ["ven*"]},
    ),
    "a role of Service Catalog": seen(
        who=iam.Authorization(roles=(role("x", "/", "aws:servicecatalog:portfolioArn"),))
    ),
}


@pytest.mark.parametrize("about", IGNORED.values(), ids=IGNORED)
def test_what_aws_products_manage_does_not_count(about: Subject) -> None:
    assert judge(about).status == Status.NOT_APPLICABLE


def test_excepted_resources_leave_the_count() -> None:
    exceptions = [Excepted(item.key, "arn:aws:s3:::b009"), Excepted(item.key, STACK)]
    here = {cloudformation.stacks: stack_of(9, STACK)}
    verdict = judge(seen(here, has=buckets(10), exceptions=exceptions, attestations=DONE))
    assert verdict.facts["types"] == {"s3:bucket": {"of_code": 9, "total": 9}}
    assert verdict.problems == []


def test_changes_of_an_excepted_principal_do_not_count() -> None:
    about = of_stacks(
        10, 10, console=changes(50), attestations=DONE, exceptions=[Excepted(item.key, MARA)]
    )
    assert (judge(about).status, judge(about).problems) == (Status.PASS, [])


def test_a_finding_is_about_a_principal_and_a_day() -> None:
    problems = judge(of_stacks(10, 10, console=changes(2, 1), attestations=DONE)).problems
    assert [(p.resource, p.name, p.detail) for p in problems] == [
        (f"{MARA}#2026-11-20", "mara", "2 changes came from the console on 2026-11-20."),
        (f"{MARA}#2026-11-21", "mara", "1 change came from the console on 2026-11-21."),
    ]


def test_the_sentence_and_the_evidence_say_how_many() -> None:
    verdict = judge(of_stacks(9, 10, console=changes(2, 1), attestations=DONE))
    assert "9 of 10 core resources come from code, and 3 changes came" in verdict.sentence
    assert verdict.facts["principals"] == {MARA: 3}
    assert verdict.facts["sample"][HOME] == {"days": 7, "events": 100, "is_cut": False}


def test_beyond_a_limit_findings_are_summed_up_by_kind() -> None:
    problems = judge(of_stacks(0, 10, settings={"EVIDENCE_LIST_LIMIT": 4})).problems
    assert [p.resource for p in problems[4:]] == ["s3:bucket"]
    assert problems[4].name == "6 more of s3:bucket"


@pytest.mark.parametrize("collector", [*REGIONAL], ids=str)
def test_with_a_gap_nothing_passes_and_what_is_bad_stays_bad(collector: Any) -> None:
    gap = {collector: Outcome.THROTTLED}
    good = judge(
        seen(
            {cloudformation.stacks: stack_of(4)},
            has=buckets(4),
            elsewhere=gap,
            attestations=DONE,
        )
    )
    assert (good.status, good.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    bad = judge(seen({lambda_.functions: (FUNCTION,)}, elsewhere=gap))
    assert (bad.status, bad.incomplete) == (Status.FAIL, True)


UNSEEN = {
    "buckets": seen(attestations=DONE, has=Outcome.ACCESS_DENIED),
    "roles and policies": seen(attestations=DONE, who=Outcome.ACCESS_DENIED),
}


@pytest.mark.parametrize("about", UNSEEN.values(), ids=UNSEEN)
def test_global_resources_nobody_saw_are_a_gap(about: Subject) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_a_bucket_whose_stack_may_be_in_a_region_nobody_saw_does_not_fail() -> None:
    about = seen(has=buckets(3), elsewhere={cloudformation.stacks: Outcome.THROTTLED})
    assert judge(about).status == Status.UNKNOWN


def test_without_any_sample_of_changes_nothing_passes() -> None:
    gap: dict[Any, Any] = {cloudtrail.console_writes: Outcome.ACCESS_DENIED}
    here = {**gap, cloudformation.stacks: stack_of(4)}
    about = seen(here, has=buckets(4), elsewhere=gap, attestations=DONE)
    assert judge(about).status == Status.UNKNOWN


@pytest.mark.parametrize("outcome", [Outcome.REGION_BLOCKED, Outcome.SERVICE_UNAVAILABLE])
def test_a_region_in_which_nothing_can_be_is_no_gap(outcome: Outcome) -> None:
    about = seen(
        {cloudformation.stacks: stack_of(4)},
        has=buckets(4),
        elsewhere=dict.fromkeys(REGIONAL, outcome),
        attestations=DONE,
    )
    assert (judge(about).status, judge(about).incomplete) == (Status.PASS, False)


@pytest.mark.parametrize(
    "answer",
    [
        attested(item.key, "not_done", "team", resources=[FUNCTION.function_arn]),
        attested(item.key, "done", "team", days_left=-1, resources=[FUNCTION.function_arn]),
    ],
    ids=["denied", "expired"],
)
def test_a_list_of_what_state_files_hold_counts_while_its_answer_does(answer: Attested) -> None:
    about = seen({lambda_.functions: (FUNCTION,)}, attestations=[answer])
    assert judge(about).status == Status.FAIL


def test_changes_before_the_days_that_count_are_left_out() -> None:
    old = changes(20, 1)
    about = of_stacks(10, 10, console=old, attestations=DONE, settings={"IAC_SAMPLE_DAYS": 3})
    verdict = judge(about)
    assert (verdict.status, verdict.facts["console_changes"]) == (Status.PASS, 1)
    assert verdict.facts["principals"] == {MARA: 1}


@pytest.mark.parametrize(
    ("is_cut", "status"), [(False, Status.UNKNOWN), (True, Status.PASS)], ids=["whole", "cut"]
)
def test_a_sample_of_fewer_days_than_count_passes_only_if_it_was_cut(
    is_cut: bool, status: Status
) -> None:
    sample = ConsoleWrites(7, 1000, is_cut)
    here = {cloudformation.stacks: stack_of(4), cloudtrail.console_writes: sample}
    about = seen(
        here, has=buckets(4), elsewhere={cloudtrail.console_writes: sample}, attestations=DONE,
        settings={"IAC_SAMPLE_DAYS": 30},
    )  # fmt: skip
    assert judge(about).status == status


def test_nothing_seen_is_unknown() -> None:
    with pytest.raises(Missing) as missing:
        judge(subject({}))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED
