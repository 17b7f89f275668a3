"""Images, layers and packages come from sources the company trusts.

Reads whose images instances were started from (ec2:DescribeInstanceImageMetadata) and whether
Allowed AMIs admits them, the layers and images of functions, and the images that ECS tasks run,
Region by Region. Where packages come from no API tells, nor what runs in EKS: the team says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from collectors.outcomes import Missing
from collectors.registry import Collector
from collectors.services import codeartifact, ec2, ecr, ecs, lambda_, organizations
from roadmap.readings.container_images import is_trusted
from roadmap.readings.gaps import NOTHING_THERE, despite
from roadmap.readings.workload import Place
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed
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
    unknown,
)

T = TypeVar("T")

ZIP = "Zip"
AUDIT = "audit-mode"


@dataclass(frozen=True)
class Use:
    """Instances, a function or tasks, ``count`` of them. ``source`` is what they come from;
    ``is_good`` is None where nobody could tell."""

    kind: str
    arns: tuple[str, ...]
    source: str
    is_good: bool | None
    problems: tuple[Problem, ...] = ()
    count: int = 1


@dataclass
class Looked:
    """What was looked at, Region by Region, and what was not seen."""

    uses: list[Use] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    has_seen: bool = False


def judge(subject: Subject) -> Verdict:
    looked = _look(subject)
    if not looked.has_seen and looked.missing:
        raise looked.missing[0]
    settings = _allowed_amis(subject)
    facts = {
        "sources": _kept(looked.uses),
        "allowed_amis": {region: _kept_setting(found) for region, found in settings.items()},
        **_context(subject),
    }
    problems = [
        *(problem for use in looked.uses for problem in use.problems),
        *_of_settings(settings),
        *_mutable_tags(subject),
    ]
    verdict = _verdict(subject, looked.uses, {"facts": facts, "problems": problems})
    return despite(verdict, looked.missing)


def _kept(uses: Iterable[Use]) -> list[dict[str, Any]]:
    """How many of each kind come from each source."""
    counts: dict[tuple[str, str, bool | None], int] = {}
    for use in uses:
        key = (use.kind, use.source, use.is_good)
        counts[key] = counts.get(key, 0) + use.count
    return [
        {"kind": kind, "source": source, "is_good": is_good, "count": count}
        for (kind, source, is_good), count in counts.items()
    ]


def _kept_setting(found: ec2.AllowedImages) -> dict[str, Any]:
    return {
        "state": found.state,
        "managed_by": found.managed_by,
        "criteria": found.criteria,
        "providers": list(found.providers),
    }


def _look(subject: Subject) -> Looked:
    looked = Looked()
    readers: Sequence[tuple[Collector[Any], Callable[[Subject, Place, Any], Iterator[Use]]]] = (
        (ec2.image_uses, _instances),
        (lambda_.functions, _functions),
        (lambda_.image_functions, _image_functions),
        (ecs.tasks, _tasks),
    )
    for region in subject.facts.regions:
        place = Place(subject.account.account_id, subject.account.partition, region)
        for collector, read in readers:
            try:
                found = subject.facts.get(collector, region)
            except Missing as missing:
                if missing.outcome not in NOTHING_THERE:
                    looked.missing.append(missing)
                continue
            looked.has_seen = True
            looked.uses.extend(_without_excepted(subject, read(subject, place, found)))
    return looked


def _without_excepted(subject: Subject, uses: Iterable[Use]) -> Iterator[Use]:
    """Instances that share an image are excepted one by one."""
    for use in uses:
        left = tuple(arn for arn in use.arns if not subject.is_excepted(arn))
        if not left:
            continue
        count = use.count - (len(use.arns) - len(left))
        problems = tuple(p for p in use.problems if not subject.is_excepted(p.resource))
        yield Use(use.kind, left, use.source, use.is_good, problems, count)


def _instances(subject: Subject, place: Place, found: Sequence[ec2.ImageUse]) -> Iterator[Use]:
    for image in found:
        arns = tuple(place.arn("ec2", f"instance/{one}") for one in image.instance_ids)
        is_good = _is_trusted_image(subject, place.region, image)
        problems = [_of_image(image, arn, place.region) for arn in arns if is_good is False]
        yield Use(
            "instance", arns, _said_of(image), is_good, tuple(problems), len(image.instance_ids)
        )


def _said_of(image: ec2.ImageUse) -> str:
    owner = image.owner_alias or image.owner_id or "nobody known"
    return f"{image.image_id or 'an unnamed image'} of {owner}"


def _is_trusted_image(subject: Subject, region: str, image: ec2.ImageUse) -> bool | None:
    if image.owner_id in _owners(subject):
        return True
    if image.owner_alias in subject.settings["APPROVED_IMAGE_ALIASES"]:
        return True
    if image.is_allowed is not True:
        return False
    try:
        return subject.facts.get(ec2.allowed_images, region).is_enforced
    except Missing:
        return None


def _owners(subject: Subject) -> set[str]:
    """The organization's accounts and those the company approves of besides."""
    approved = subject.settings["APPROVED_IMAGE_OWNERS"]
    return {subject.account.account_id, *subject.company.accounts, *approved}


def _of_image(image: ec2.ImageUse, arn: str, region: str) -> Problem:
    said = f"It was started from {_said_of(image)}."
    if not image.owner_id:
        return Problem("unknown_ami", arn, region=region, detail=said)
    severity = Severity.HIGH if image.is_public is True else None
    return Problem("unapproved_ami", arn, region=region, detail=said, severity=severity)


def _functions(subject: Subject, place: Place, found: Sequence[lambda_.Function]) -> Iterator[Use]:
    """Functions that are no container image. A package type nobody knows may hold anything."""
    trusted = _owners(subject) | set(subject.settings["APPROVED_LAYER_ACCOUNTS"])
    for function in found:
        if function.package_type == lambda_.IMAGE:
            continue
        arn = function.function_arn or place.arn("lambda", f"function:{function.function_name}")
        foreign = [layer for layer in function.layers if _account_of(layer) not in trusted]
        is_known = function.package_type == ZIP
        problem = Problem(
            "foreign_layer",
            arn,
            function.function_name,
            place.region,
            f"It uses {listed(foreign)}.",
        )
        yield Use(
            "function",
            (arn,),
            listed(function.layers) or "its own code",
            False if foreign else (True if is_known else None),
            (problem,) if foreign else (),
        )


def _account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def _image_functions(
    subject: Subject, place: Place, found: Sequence[lambda_.ImageFunction]
) -> Iterator[Use]:
    for function in found:
        arn = function.function_arn or place.arn("lambda", f"function:{function.function_name}")
        if function.image_uri is None:
            yield Use("function", (arn,), "an image that AWS did not tell", None)
            continue
        is_good = _is_trusted_registry(subject, function.image_uri)
        problem = _of_registry(arn, place.region, [function.image_uri])
        yield Use("function", (arn,), function.image_uri, is_good, () if is_good else (problem,))


def _tasks(subject: Subject, place: Place, found: Sequence[ecs.TaskSet]) -> Iterator[Use]:
    """Tasks come and go, so exceptions and findings are about their cluster."""
    for tasks in found:
        bad = [image for image in tasks.images if not _is_trusted_registry(subject, image)]
        problem = _of_registry(tasks.cluster_arn, place.region, bad)
        yield Use(
            "task",
            (tasks.cluster_arn,),
            listed(tasks.images) or "an image that AWS did not tell",
            not bad if tasks.images else None,
            (problem,) if bad else (),
            tasks.tasks,
        )


def _of_registry(arn: str, region: str, images: Sequence[str]) -> Problem:
    return Problem("unapproved_registry", arn, region=region, detail=f"It runs {listed(images)}.")


def _is_trusted_registry(subject: Subject, image: str) -> bool:
    return is_trusted(image, _owners(subject), subject.settings["APPROVED_REGISTRIES"])


def _verdict(subject: Subject, uses: Sequence[Use], more: Mapping[str, Any]) -> Verdict:
    total = sum(use.count for use in uses)
    if not total:
        return not_applicable(
            Reason.NO_RESOURCES,
            "It has no instance, function or task.",
            "nothing runs",
            **more,
        )
    good = sum(use.count for use in uses if use.is_good is True)
    bad = sum(use.count for use in uses if use.is_good is False)
    untold = total - good - bad
    share = f"{good} of {total} instances, functions and tasks come from trusted sources"
    if not bad and untold:
        return unknown(
            Reason.PARTIAL_COLLECTION,
            f"{share}; of {untold} nobody could tell.",
            "sources not told",
            **more,
        )
    if not bad:
        return _all_good(subject, total, more)
    status = ratio(good, good + bad, 100, subject.settings["IMAGE_PARTIAL_PCT"])
    sentence = f"{share}, the others from {_said_bad(uses)}."
    if status == Status.PARTIAL:
        return partly(sentence, "most from trusted sources", incomplete=bool(untold), **more)
    return failed(sentence, "too few from trusted sources", incomplete=bool(untold), **more)


def _said_bad(uses: Sequence[Use]) -> str:
    return listed(dict.fromkeys(use.source for use in uses if use.is_good is False))


def _all_good(subject: Subject, total: int, more: Mapping[str, Any]) -> Verdict:
    attested = subject.attested()
    share = f"All {total} instances, functions and tasks come from trusted sources"
    if attested is None:
        sentence = f"{share}, but nobody says where packages come from."
        return partly(sentence, "trusted images, packages not attested", **more)
    if not attested.holds(subject.now):
        sentence = f"{share}, but what was said of packages is out of date."
        return partly(sentence, "trusted images, attestation expired", **more)
    if attested.claim != "done":
        sentence = f"{share}, but packages do not all do."
        return partly(sentence, "trusted images, packages not done", **more)
    return passed(
        f"{share}, and packages do too.", "images and packages from trusted sources", **more
    )


def _allowed_amis(subject: Subject) -> dict[str, ec2.AllowedImages]:
    """The setting of each Region it was seen in."""
    return _seen_anywhere(subject, ec2.allowed_images)


def _of_settings(settings: Mapping[str, ec2.AllowedImages]) -> Iterator[Problem]:
    """One finding for all Regions; for information where nothing is missing but force."""
    audit = [region for region, found in settings.items() if found.state == AUDIT]
    off = [r for r, found in settings.items() if not found.is_enforced and found.state != AUDIT]
    if off:
        yield Problem("allowed_amis_off", detail=f"In {listed(off)}.")
    elif audit:
        detail = f"In audit mode in {listed(audit)}."
        yield Problem("allowed_amis_off", detail=detail, severity=Severity.INFO)


def _mutable_tags(subject: Subject) -> Iterator[Problem]:
    for region, found in _seen_anywhere(subject, ecr.registry).items():
        for arn in found.mutable:
            if not subject.is_excepted(arn):
                yield Problem("mutable_tags", arn, region=region)


def _context(subject: Subject) -> dict[str, Any]:
    """What else is there to serve trusted images and packages. It decides nothing."""
    caches = _seen_anywhere(subject, ecr.pull_through_caches).values()
    packages = _seen_anywhere(subject, codeartifact.repositories).values()
    registries = _seen_anywhere(subject, ecr.registry)
    return {
        "registries": {
            region: {"repositories": found.repositories, "scan_type": found.scan_type}
            for region, found in registries.items()
            if found.repositories
        },
        "pull_through": sorted({cache.upstream for found in caches for cache in found}),
        "package_repositories": sum(len(found) for found in packages),
        "effective_policy": _effective_policy(subject),
    }


def _seen_anywhere(subject: Subject, collector: Collector[T]) -> dict[str, T]:
    """A fact that decides nothing, of the Regions where it was seen."""
    found: dict[str, T] = {}
    for region, observation in subject.facts.by_region(collector).items():
        try:
            found[region] = observation.get()
        except Missing:
            continue
    return found


def _effective_policy(subject: Subject) -> Any:
    try:
        policies = subject.facts.get(organizations.effective_policies)
        return policies.content(organizations.DECLARATIVE_POLICY_EC2)
    except Missing:
        return None


item = Item(
    __name__,
    order="7.2",
    title="Images and packages from trusted sources",
    guidance=(
        "An image from a stranger brings along whatever the stranger put in. Machine images, "
        "function layers and container images come from owners and registries on a list, and "
        "builds take packages from a mirror or a lock file."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        ec2.image_uses,
        ec2.allowed_images,
        lambda_.functions,
        lambda_.image_functions,
        ecs.tasks,
        ecr.registry,
        ecr.pull_through_caches,
        codeartifact.repositories,
        organizations.effective_policies,
    ),
    findings={
        "unapproved_ami": FindingKind("Image of an unapproved owner", Severity.MEDIUM),
        "unknown_ami": FindingKind("Image no longer known", Severity.MEDIUM),
        "foreign_layer": FindingKind("Layer of another account", Severity.MEDIUM),
        "unapproved_registry": FindingKind(
            "Container image from an unapproved registry", Severity.MEDIUM
        ),
        "allowed_amis_off": FindingKind("Allowed AMIs off", Severity.LOW),
        "mutable_tags": FindingKind("Repository with mutable tags", Severity.INFO),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Do builds take packages from a mirror or lock file, does production pull nothing"
                " at run time, and which systems are supported?"
            ),
        ),
    ),
    imports={
        "prowler": (
            "awslambda_function_using_cross_account_layers",
            "ec2_instance_with_outdated_ami",
            "ecr_repositories_tag_immutability",
            "ecr_repositories_scan_images_on_push_enabled",
            "ecr_registry_scan_images_on_push_enabled",
        ),
        "securityhub": ("ECR.1", "ECR.2"),
    },
    fix=Fix(
        "Turn on Allowed AMIs in audit mode, clean up, then enforce it.",
        "Control the discovery and use of AMIs in Amazon EC2 with Allowed AMIs",
    ),
    source_url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-allowed-amis.html",
)
