"""Images, layers and packages come from sources the company trusts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import codeartifact, ec2, ecr, ecs, lambda_, organizations
from collectors.services.ec2 import AllowedImages, ImageUse
from collectors.services.ecs import TaskSet
from collectors.services.lambda_ import Function, ImageFunction
from roadmap.items.ownership.image_sources import item, judge
from roadmap.subject import Company, Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status
from tests.roadmap.items.subjects import ACCOUNT, REGIONS, SECURITY, attested, row, subject

HOME, OTHER = REGIONS
STRANGER = "999999999999"
ORGANIZATION = Company(accounts={a: row(a) for a in (ACCOUNT, SECURITY)})
CLUSTER = f"arn:aws:ecs:{HOME}:{ACCOUNT}:cluster/web"
OWN_REGISTRY = f"{SECURITY}.dkr.ecr.{HOME}.amazonaws.com/web:1"

AMAZON = ImageUse("ami-a", owner_id="137112412989", owner_alias="amazon", instance_ids=("i-1",))
GOLDEN = ImageUse("ami-g", owner_id=SECURITY, instance_ids=("i-2", "i-3"))
FOREIGN = ImageUse(
    "ami-f", owner_id=STRANGER, is_public=False, is_allowed=False, instance_ids=("i-4",)
)
ZIPPED = Function("sync", f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:sync", "Zip")
PICTURE = Function("resize", f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:resize", "Image")
ENFORCED = AllowedImages("enabled", "declarative-policy", 1, ("amazon",))
DONE = [attested(item.key, "done", "team")]


def layer(account: str) -> str:
    return f"arn:aws:lambda:{HOME}:{account}:layer:tools:3"


def layered(*accounts: str) -> Function:
    return replace(ZIPPED, layers=tuple(layer(account) for account in accounts))


def resize(uri: str | None) -> dict[str, Any]:
    found = ImageFunction(PICTURE.function_name, PICTURE.function_arn, uri)
    return {"functions": (PICTURE,), "image_functions": (found,)}


def seen(
    *,
    images: Any = (),
    functions: Any = (),
    image_functions: Any = (),
    tasks: Any = (),
    allowed: Any = ENFORCED,
    more: dict[tuple[Any, ...], Any] | None = None,
    **rest: Any,
) -> Subject:
    values: dict[tuple[Any, ...], Any] = {
        (ACCOUNT, collector, OTHER): ()
        for collector in (ec2.image_uses, lambda_.functions, lambda_.image_functions, ecs.tasks)
    }
    values |= {(ACCOUNT, ecr.registry, region): ecr.Registry() for region in REGIONS}
    values[ACCOUNT, ec2.allowed_images, OTHER] = ENFORCED
    values |= {
        (ACCOUNT, ec2.image_uses, HOME): images,
        (ACCOUNT, lambda_.functions, HOME): functions,
        (ACCOUNT, lambda_.image_functions, HOME): image_functions,
        (ACCOUNT, ecs.tasks, HOME): tasks,
        (ACCOUNT, ec2.allowed_images, HOME): allowed,
    }
    return subject(values | (more or {}), **{"company": ORGANIZATION, **rest})


TRUSTED = "images and packages from trusted sources"
MOST = "most from trusted sources"
FEW = "too few from trusted sources"
CASES = {
    "Amazon's and the company's own": (
        seen(images=(AMAZON, GOLDEN), functions=(layered(SECURITY),), attestations=DONE),
        Status.PASS, TRUSTED, set(),
    ),
    "an approved owner": (
        seen(images=(FOREIGN,), settings={"APPROVED_IMAGE_OWNERS": [STRANGER]},
             attestations=DONE),
        Status.PASS, TRUSTED, set(),
    ),
    "admitted by Allowed AMIs": (
        seen(images=(replace(FOREIGN, is_allowed=True),), attestations=DONE),
        Status.PASS, TRUSTED, set(),
    ),
    "admitted by Allowed AMIs in audit mode": (
        seen(images=(replace(FOREIGN, is_allowed=True),), allowed=AllowedImages("audit-mode"),
             attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami", "allowed_amis_off"},
    ),
    "admitted by Allowed AMIs that is off": (
        seen(images=(replace(FOREIGN, is_allowed=True),), allowed=AllowedImages("disabled"),
             attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami", "allowed_amis_off"},
    ),
    "admitted by Allowed AMIs in a state nobody knows": (
        seen(images=(replace(FOREIGN, is_allowed=True),), allowed=AllowedImages("dreaming"),
             attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami", "allowed_amis_off"},
    ),
    "not admitted": (
        seen(images=(replace(FOREIGN, is_allowed=False),), attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami"},
    ),
    "a stranger's public image": (
        seen(images=(replace(FOREIGN, is_public=True),), attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami"},
    ),
    "an image of nobody known": (
        seen(images=(ImageUse("ami-x", instance_ids=("i-5",)),), attestations=DONE),
        Status.FAIL, FEW, {"unknown_ami"},
    ),
    "an owner alias that is not approved": (
        seen(
            images=(replace(AMAZON, owner_alias="aws-marketplace", is_allowed=False),),
            attestations=DONE,
        ),
        Status.FAIL, FEW, {"unapproved_ami"},
    ),
    "a stranger's layer": (
        seen(functions=(layered(ACCOUNT, STRANGER),), attestations=DONE),
        Status.FAIL, FEW, {"foreign_layer"},
    ),
    "a layer of an approved account": (
        seen(functions=(layered(STRANGER),), settings={"APPROVED_LAYER_ACCOUNTS": [STRANGER]},
             attestations=DONE),
        Status.PASS, TRUSTED, set(),
    ),
    "a function from the company's registry": (
        seen(**resize(OWN_REGISTRY), attestations=DONE), Status.PASS, TRUSTED, set(),
    ),
    "a function from another registry": (
        seen(**resize(OWN_REGISTRY.replace(SECURITY, STRANGER)), attestations=DONE),
        Status.FAIL, FEW, {"unapproved_registry"},
    ),
    "a function whose image was not told": (
        seen(**resize(None), attestations=DONE), Status.UNKNOWN, "sources not told", set(),
    ),
    "a function of a package type nobody knows": (
        seen(functions=(replace(ZIPPED, package_type="Crate"),), attestations=DONE),
        Status.UNKNOWN, "sources not told", set(),
    ),
    "tasks from the company's registry": (
        seen(tasks=(TaskSet(CLUSTER, (OWN_REGISTRY,), 3),), attestations=DONE),
        Status.PASS, TRUSTED, set(),
    ),
    "tasks with one container from Docker Hub": (
        seen(tasks=(TaskSet(CLUSTER, (OWN_REGISTRY, "nginx:1"), 3),), attestations=DONE),
        Status.FAIL, FEW, {"unapproved_registry"},
    ),
    "tasks whose images were not told": (
        seen(tasks=(TaskSet(CLUSTER, (), 1),), attestations=DONE),
        Status.UNKNOWN, "sources not told", set(),
    ),
    "one in five from a stranger": (
        seen(images=(FOREIGN, replace(GOLDEN, instance_ids=("i-6", "i-7", "i-8", "i-9"))),
             attestations=DONE),
        Status.PARTIAL, MOST, {"unapproved_ami"},
    ),
    "one in four from a stranger": (
        seen(images=(FOREIGN, replace(GOLDEN, instance_ids=("i-6", "i-7", "i-8"))),
             attestations=DONE),
        Status.FAIL, FEW, {"unapproved_ami"},
    ),
    "all good, packages not attested": (
        seen(images=(GOLDEN,)), Status.PARTIAL, "trusted images, packages not attested", set(),
    ),
    "all good, the answer about packages expired": (
        seen(images=(GOLDEN,), attestations=[attested(item.key, "done", "team", days_left=-1)]),
        Status.PARTIAL, "trusted images, attestation expired", set(),
    ),
    "all good, packages in part": (
        seen(images=(GOLDEN,), attestations=[attested(item.key, "partly", "team")]),
        Status.PARTIAL, "trusted images, packages not done", set(),
    ),
    "nothing runs": (
        seen(attestations=DONE), Status.NOT_APPLICABLE, "nothing runs", set(),
    ),
    "repositories with mutable tags": (
        seen(functions=(ZIPPED,), attestations=DONE,
             more={(ACCOUNT, ecr.registry, HOME): ecr.Registry(2, 1, ("arn:repository",))}),
        Status.PASS, TRUSTED, {"mutable_tags"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_sources_and_the_answer_about_packages_decide(
    about: Subject, status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_names_what_is_not_trusted() -> None:
    sentence = judge(seen(images=(GOLDEN, FOREIGN))).sentence
    assert "2 of 3 instances, functions and tasks" in sentence
    assert f"ami-f of {STRANGER}" in sentence


def test_a_finding_names_the_instance_and_the_region() -> None:
    (problem,) = judge(seen(images=(FOREIGN,))).problems
    assert problem.resource == f"arn:aws:ec2:{HOME}:{ACCOUNT}:instance/i-4"
    assert problem.region == HOME


def severities(about: Subject) -> dict[str, Severity | None]:
    return {problem.code: problem.severity for problem in judge(about).problems}


def test_a_public_image_is_worse_than_a_private_one() -> None:
    private, public = FOREIGN, replace(FOREIGN, is_public=True)
    assert severities(seen(images=(private,)))["unapproved_ami"] is None
    assert severities(seen(images=(public,)))["unapproved_ami"] == Severity.HIGH


def test_audit_mode_is_for_information() -> None:
    audit, off = AllowedImages("audit-mode"), AllowedImages("disabled")
    assert severities(seen(allowed=audit))["allowed_amis_off"] == Severity.INFO
    other = {(ACCOUNT, ec2.allowed_images, OTHER): off}
    assert severities(seen(allowed=audit, more=other))["allowed_amis_off"] is None


def test_what_comes_from_the_same_source_is_kept_together() -> None:
    kept = judge(seen(images=(GOLDEN,), functions=(ZIPPED, replace(ZIPPED)))).facts["sources"]
    assert {(one["kind"], one["source"], one["count"]) for one in kept} == {
        ("instance", f"ami-g of {SECURITY}", 2),
        ("function", "its own code", 2),
    }


@pytest.mark.parametrize(
    "collector",
    [ec2.image_uses, lambda_.functions, lambda_.image_functions, ecs.tasks],
    ids=str,
)
def test_with_a_gap_nothing_passes_and_what_is_bad_stays_bad(collector: Any) -> None:
    gap = {(ACCOUNT, collector, OTHER): Outcome.THROTTLED}
    good = judge(seen(images=(GOLDEN,), attestations=DONE, more=gap))
    assert (good.status, good.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    bad = judge(seen(images=(FOREIGN,), more=gap))
    assert (bad.status, bad.incomplete) == (Status.FAIL, True)


def test_bad_ones_beside_others_not_told_are_incomplete() -> None:
    verdict = judge(seen(images=(FOREIGN,), **resize(None)))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize("collector", [ec2.allowed_images, ecr.registry], ids=str)
def test_settings_and_registries_nobody_saw_may_have_more_to_find(collector: Any) -> None:
    def judged(outcome: Outcome) -> Any:
        more = {(ACCOUNT, collector, OTHER): outcome}
        return judge(seen(images=(GOLDEN,), attestations=DONE, more=more))

    denied = judged(Outcome.ACCESS_DENIED)
    assert (denied.status, denied.incomplete) == (Status.PASS, True)
    assert not judged(Outcome.SERVICE_UNAVAILABLE).incomplete


NOT_TOLD: dict[str, dict[str, Any]] = {
    "whether the setting admits an image": {"images": (replace(FOREIGN, is_allowed=None),)},
    "an image of a task": {"tasks": (TaskSet(CLUSTER, ("", OWN_REGISTRY), 1),)},
    "any image of a task": {"tasks": (TaskSet(CLUSTER, ("",), 2),)},
    "a layer": {"functions": (replace(ZIPPED, layers=("", layer(SECURITY))),)},
}


@pytest.mark.parametrize("facts", NOT_TOLD.values(), ids=NOT_TOLD)
def test_what_aws_did_not_tell_is_neither_trusted_nor_not(facts: dict[str, Any]) -> None:
    verdict = judge(seen(attestations=DONE, **facts))
    assert (verdict.status, verdict.rule) == (Status.UNKNOWN, "sources not told")
    assert not verdict.problems


def test_whether_an_image_is_allowed_needs_the_setting() -> None:
    about = seen(
        images=(replace(FOREIGN, is_allowed=True),),
        allowed=Outcome.ACCESS_DENIED,
        attestations=DONE,
    )
    assert judge(about).status == Status.UNKNOWN


def test_nothing_seen_is_unknown() -> None:
    with pytest.raises(Missing) as missing:
        judge(subject({}))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED


@pytest.mark.parametrize("outcome", [Outcome.REGION_BLOCKED, Outcome.SERVICE_UNAVAILABLE])
def test_where_nothing_can_run_nothing_is_missed(outcome: Outcome) -> None:
    gap = {(ACCOUNT, ecs.tasks, OTHER): outcome}
    assert judge(seen(images=(GOLDEN,), attestations=DONE, more=gap)).status == Status.PASS


@pytest.mark.parametrize(
    ("pattern", "facts"),
    [
        ("*:instance/i-4", {"images": (FOREIGN, GOLDEN)}),
        ("*:function:sync", {"images": (GOLDEN,), "functions": (layered(STRANGER),)}),
        (CLUSTER, {"images": (GOLDEN,), "tasks": (TaskSet(CLUSTER, ("nginx",), 3),)}),
    ],
    ids=["an instance", "a function", "a cluster"],
)
def test_excepted_resources_leave_the_count(pattern: str, facts: dict[str, Any]) -> None:
    verdict = judge(seen(exceptions=[Excepted(item.key, pattern)], attestations=DONE, **facts))
    assert verdict.status == Status.PASS
    assert not verdict.problems


def test_of_instances_that_share_an_image_one_may_be_excepted() -> None:
    two = replace(FOREIGN, instance_ids=("i-4", "i-5"))
    verdict = judge(seen(images=(two,), exceptions=[Excepted(item.key, "*:instance/i-4")]))
    (problem,) = verdict.problems
    assert problem.resource.endswith("i-5")
    assert verdict.facts["sources"][0]["count"] == 1


def test_what_serves_trusted_packages_is_kept_and_decides_nothing() -> None:
    content = {"ec2_attributes": {"allowed_images_settings": {"state": "enabled"}}}
    known = {organizations.DECLARATIVE_POLICY_EC2: organizations.EffectivePolicy(content)}
    more = {
        (ACCOUNT, ecr.registry, HOME): ecr.Registry(4, scan_type="ENHANCED"),
        (ACCOUNT, ecr.pull_through_caches, HOME): (ecr.PullThroughCache("hub", "docker.io"),),
        (ACCOUNT, codeartifact.repositories, HOME): (codeartifact.Repository("npm"),),
        (ACCOUNT, organizations.effective_policies): organizations.EffectivePolicies(known),
    }
    facts = judge(seen(images=(GOLDEN,), more=more)).facts
    assert facts["registries"] == {HOME: {"repositories": 4, "scan_type": "ENHANCED"}}
    assert (facts["pull_through"], facts["package_repositories"]) == (["docker.io"], 1)
    assert facts["effective_policy"] == content
    assert facts["allowed_amis"][HOME]["managed_by"] == "declarative-policy"
