"""Images, layers and packages come from sources the company trusts.

Reads whose images instances were started from (ec2:DescribeInstanceImageMetadata) and whether
Allowed AMIs admits them, the layers and images of functions, and the images that ECS tasks run,
Region by Region. Where packages come from no API tells, nor what runs in EKS: the team says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import codeartifact, ec2, ecr, organizations
from roadmap.readings.gaps import as_far_as_seen, despite
from roadmap.readings.image_uses import READS, Use, find_uses
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

AUDIT = "audit-mode"


def judge(subject: Subject) -> Verdict:
    uses = find_uses(subject)
    if not uses.has_seen and uses.missing:
        raise uses.missing[0]
    settings = as_far_as_seen(subject.facts, ec2.allowed_images)
    registries = as_far_as_seen(subject.facts, ecr.registry)
    facts = {
        "sources": _kept(uses.found),
        "allowed_amis": {region: _kept_setting(one) for region, one in settings.values.items()},
        **_context(subject, registries.values),
    }
    problems = [
        *(problem for use in uses.found for problem in use.problems),
        *_of_settings(settings.values),
        *_mutable_tags(subject, registries.values),
    ]
    verdict = _verdict(subject, uses.found, {"facts": facts, "problems": problems})
    if settings.missing or registries.missing:
        verdict = replace(verdict, incomplete=True)  # They may have more to find.
    return despite(verdict, uses.missing)


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


def _of_settings(settings: Mapping[str, ec2.AllowedImages]) -> Iterator[Problem]:
    """One finding for all Regions; for information where nothing is missing but force."""
    audit = [region for region, found in settings.items() if found.state == AUDIT]
    off = [r for r, found in settings.items() if not found.is_enforced and found.state != AUDIT]
    if off:
        yield Problem("allowed_amis_off", detail=f"In {listed(off)}.")
    elif audit:
        detail = f"In audit mode in {listed(audit)}."
        yield Problem("allowed_amis_off", detail=detail, severity=Severity.INFO)


def _mutable_tags(subject: Subject, registries: Mapping[str, ecr.Registry]) -> Iterator[Problem]:
    for region, found in registries.items():
        for arn in found.mutable:
            if not subject.is_excepted(arn):
                yield Problem("mutable_tags", arn, region=region)


def _context(subject: Subject, registries: Mapping[str, ecr.Registry]) -> dict[str, Any]:
    """What else is there to serve trusted images and packages. It decides nothing."""
    caches = as_far_as_seen(subject.facts, ecr.pull_through_caches).values.values()
    packages = as_far_as_seen(subject.facts, codeartifact.repositories).values.values()
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
        *READS,
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
