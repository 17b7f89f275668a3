"""What instances, functions and tasks of an account were made from, and whether the company trusts
whom that came from. Pure.

An image is trusted by its owner, or where an enforced Allowed AMIs setting admits it; a layer by
its account, a container image by its registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.outcomes import Missing
from collectors.registry import Collector
from collectors.services import ec2, ecs, lambda_
from roadmap.readings.container_images import is_trusted
from roadmap.readings.gaps import is_doubt
from roadmap.readings.workload import Place
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity

ZIP = "Zip"
NOT_TOLD = "an image that AWS did not tell"


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
class Uses:
    """What was looked at in all Regions, and what was not seen."""

    found: list[Use] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    has_seen: bool = False


def find_uses(subject: Subject) -> Uses:
    """Raises Missing where not even the Regions are known."""
    uses = Uses()
    for region in subject.facts.regions:
        place = Place(subject.account.account_id, subject.account.partition, region)
        for collector, read in READERS:
            try:
                seen = subject.facts.get(collector, region)
            except Missing as missing:
                if is_doubt(missing):
                    uses.missing.append(missing)
                continue
            uses.has_seen = True
            uses.found.extend(_without_excepted(subject, read(subject, place, seen)))
    return uses


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
    if image.is_allowed is False or not image.owner_id:
        return False
    setting = subject.facts.observation(ec2.allowed_images, region).value
    if setting is not None and not setting.is_enforced:
        return False
    return True if setting is not None and image.is_allowed else None


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
        foreign = [one for one in function.layers if one and _account_of(one) not in trusted]
        is_known = function.package_type == ZIP and "" not in function.layers
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
            yield Use("function", (arn,), NOT_TOLD, None)
            continue
        is_good = _is_trusted_registry(subject, function.image_uri)
        problem = _of_registry(arn, place.region, [function.image_uri])
        yield Use("function", (arn,), function.image_uri, is_good, () if is_good else (problem,))


def _tasks(subject: Subject, place: Place, found: Sequence[ecs.TaskSet]) -> Iterator[Use]:
    """Tasks come and go, so exceptions and findings are about their cluster."""
    for tasks in found:
        images = [image for image in tasks.images if image]
        bad = [image for image in images if not _is_trusted_registry(subject, image)]
        is_known = bool(images) and "" not in tasks.images
        problem = _of_registry(tasks.cluster_arn, place.region, bad)
        yield Use(
            "task",
            (tasks.cluster_arn,),
            listed(images) or NOT_TOLD,
            False if bad else (True if is_known else None),
            (problem,) if bad else (),
            tasks.tasks,
        )


def _of_registry(arn: str, region: str, images: Sequence[str]) -> Problem:
    return Problem("unapproved_registry", arn, region=region, detail=f"It runs {listed(images)}.")


def _is_trusted_registry(subject: Subject, image: str) -> bool:
    return is_trusted(image, _owners(subject), subject.settings["APPROVED_REGISTRIES"])


READERS: Sequence[tuple[Collector[Any], Callable[[Subject, Place, Any], Iterator[Use]]]] = (
    (ec2.image_uses, _instances),
    (lambda_.functions, _functions),
    (lambda_.image_functions, _image_functions),
    (ecs.tasks, _tasks),
)
READS: tuple[Collector[Any], ...] = (*(collector for collector, _ in READERS), ec2.allowed_images)
