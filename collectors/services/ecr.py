"""Amazon ECR: the repositories of a Region, how they are scanned, and what they pass through.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_REPOSITORIES = Operation(
    "ecr", "describe_repositories", "ecr:DescribeRepositories", "repositories"
)
GET_SCANNING_CONFIGURATION = Operation(
    "ecr", "get_registry_scanning_configuration", "ecr:GetRegistryScanningConfiguration"
)
DESCRIBE_PULL_THROUGH_CACHE_RULES = Operation(
    "ecr",
    "describe_pull_through_cache_rules",
    "ecr:DescribePullThroughCacheRules",
    "pullThroughCacheRules",
)

A_PAGE = 1000
NAMED_AT_MOST = 200
# With exclusions, tags that match a pattern may still be moved.
IMMUTABLE = ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")


@dataclass(frozen=True)
class Registry:
    """``mutable`` are ARNs of the first repositories whose tags may be moved to other images;
    ``scan_frequencies`` those of the registry's scanning rules."""

    repositories: int = 0
    mutable_repositories: int = 0
    mutable: tuple[str, ...] = ()
    scan_on_push: int = 0
    scan_type: str = ""
    scan_frequencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class PullThroughCache:
    prefix: str
    upstream: str = ""


def fetch_registry(aws: Aws) -> Mapping[str, Any]:
    repositories = aws.pages(DESCRIBE_REPOSITORIES, maxResults=A_PAGE) or []
    scanning = aws.call(GET_SCANNING_CONFIGURATION) if repositories else None
    return {"repositories": repositories, "scanning": scanning or {}}


def transform_registry(answer: Mapping[str, Any]) -> Registry:
    repositories = [r for r in answer["repositories"] if r.get("repositoryArn")]
    mutable = sorted(r["repositoryArn"] for r in repositories if not _is_immutable(r))
    scanning = answer["scanning"].get("scanningConfiguration") or {}
    frequencies = {rule.get("scanFrequency") or "" for rule in scanning.get("rules") or ()}
    return Registry(
        repositories=len(repositories),
        mutable_repositories=len(mutable),
        mutable=tuple(mutable[:NAMED_AT_MOST]),
        scan_on_push=sum(
            (r.get("imageScanningConfiguration") or {}).get("scanOnPush") is True
            for r in repositories
        ),
        scan_type=scanning.get("scanType") or "",
        scan_frequencies=tuple(sorted(frequencies - {""})),
    )


def _is_immutable(repository: Answer) -> bool:
    return repository.get("imageTagMutability") in IMMUTABLE


def transform_pull_through_caches(answer: Iterable[Answer]) -> tuple[PullThroughCache, ...]:
    return tuple(
        PullThroughCache(rule["ecrRepositoryPrefix"], rule.get("upstreamRegistryUrl") or "")
        for rule in answer
        if rule.get("ecrRepositoryPrefix")
    )


registry = Collector(
    "ecr.registry",
    Registry,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_REPOSITORIES, GET_SCANNING_CONFIGURATION),
    fetch_registry,
    transform_registry,
)

pull_through_caches: Collector[tuple[PullThroughCache, ...]] = Collector(
    "ecr.pull_through_caches",
    tuple[PullThroughCache, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_PULL_THROUGH_CACHE_RULES,),
    lambda aws: aws.pages(DESCRIBE_PULL_THROUGH_CACHE_RULES) or [],
    transform_pull_through_caches,
)
