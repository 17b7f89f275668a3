"""AWS CodeArtifact: the package repositories of a Region.

https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_ListRepositories.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

LIST_REPOSITORIES = Operation(
    "codeartifact", "list_repositories", "codeartifact:ListRepositories", "repositories"
)


@dataclass(frozen=True)
class Repository:
    """``domain_owner`` is the account that pays for the domain it is in."""

    name: str
    domain: str = ""
    domain_owner: str = ""


def transform_repositories(answer: Iterable[Mapping[str, Any]]) -> tuple[Repository, ...]:
    return tuple(
        Repository(one["name"], one.get("domainName") or "", one.get("domainOwner") or "")
        for one in answer
        if one.get("name")
    )


repositories: Collector[tuple[Repository, ...]] = Collector(
    "codeartifact.repositories",
    tuple[Repository, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_REPOSITORIES,),
    lambda aws: aws.pages(LIST_REPOSITORIES) or [],
    transform_repositories,
)
