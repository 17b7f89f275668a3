"""Repositories of container images, and what they pass through."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.ecr import (
    NAMED_AT_MOST,
    PullThroughCache,
    Registry,
    pull_through_caches,
    registry,
)
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned


def repository(name: str, mutability: str = "IMMUTABLE", scans: bool = True) -> dict[str, Any]:
    return {
        "repositoryArn": f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}",
        "repositoryName": name,
        "imageTagMutability": mutability,
        "imageScanningConfiguration": {"scanOnPush": scans},
    }


SCANNING = {
    "scanningConfiguration": {
        "scanType": "ENHANCED",
        "rules": [
            {
                "scanFrequency": "CONTINUOUS_SCAN",
                "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
            }
        ],
    }
}


def seen(*repositories: dict[str, Any]) -> Any:
    pages = [{"repositories": [one]} for one in repositories]
    answers = {
        "describe_repositories": pages or [{"repositories": []}],
        "get_registry_scanning_configuration": SCANNING,
    }
    return collect(registry, answers)


def test_it_counts_repositories_and_names_those_with_mutable_tags() -> None:
    found = seen(
        repository("aa"),
        repository("bb", "MUTABLE", scans=False),
        repository("cc", "MUTABLE_WITH_EXCLUSION"),
        repository("dd", "IMMUTABLE_WITH_EXCLUSION"),
    )
    start = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository"
    assert found == Registry(
        4, 2, (f"{start}/bb", f"{start}/cc"), 3, "ENHANCED", ("CONTINUOUS_SCAN",)
    )


def test_of_many_mutable_ones_the_first_are_named_and_all_counted() -> None:
    found = seen(*(repository(f"r{n}", "MUTABLE") for n in range(NAMED_AT_MOST + 5)))
    assert (found.mutable_repositories, len(found.mutable)) == (NAMED_AT_MOST + 5, NAMED_AT_MOST)


def test_without_repositories_scanning_is_not_asked_about() -> None:
    asked: list[Any] = []
    collect(registry, {"describe_repositories": {"repositories": []}}, asked=asked)
    assert [name for name, _ in asked] == ["describe_repositories"]


@pytest.mark.parametrize(
    "operation", ["describe_repositories", "get_registry_scanning_configuration"]
)
def test_being_denied_is_not_having_none(operation: str) -> None:
    answers = {
        "describe_repositories": {"repositories": [repository("aa")]},
        "get_registry_scanning_configuration": SCANNING,
        operation: Refusal(),
    }
    with pytest.raises(Missing) as missing:
        collect(registry, answers)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"repositories": [repository("aa")], "scanning": SCANNING}))
def test_tags_are_immutable_only_if_aws_says_so(told: Any) -> None:
    answers = {
        "describe_repositories": {"repositories": told["repositories"]},
        "get_registry_scanning_configuration": told.get("scanning", {}),
    }
    found = collect(registry, answers, is_checked=False)
    if found.repositories > found.mutable_repositories:
        assert told["repositories"][0]["imageTagMutability"] == "IMMUTABLE"


def test_it_reads_what_is_passed_through() -> None:
    rules = [
        {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"},
        {"upstreamRegistryUrl": "quay.io"},
    ]
    answers = {"describe_pull_through_cache_rules": {"pullThroughCacheRules": rules}}
    assert collect(pull_through_caches, answers) == (
        PullThroughCache("hub", "registry-1.docker.io"),
    )
