"""Pages are followed to their end, and no further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from collectors.aws import CallFailed, clients
from collectors.aws.paging import pages
from collectors.outcomes import Outcome


class Answers:
    """Answers one after the other, and remembers what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **params: Any) -> dict[str, Any]:
        self.asked.append(params)
        return self.answers.pop(0)


def follow(service: str, name: str, answers: Answers, **params: Any) -> Sequence[dict[str, Any]]:
    client = clients.members().get(service, "us-east-1")
    api_name = client.meta.method_to_api_mapping[name]
    described = clients.members().paging(service, api_name)
    return list(pages(answers, client, name, described, params))


def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    answers = Answers(
        {"Accounts": [], "NextToken": "a"},
        {"Accounts": [], "NextToken": "b"},
        {"Accounts": [{"Id": "1"}]},
    )
    found = follow("organizations", "list_accounts", answers)
    assert [len(page["Accounts"]) for page in found] == [0, 0, 1]
    assert [asked.get("NextToken") for asked in answers.asked] == [None, "a", "b"]


def test_operations_without_a_paginator_are_followed_by_their_token() -> None:
    assert clients.members().paging("ce", "GetDimensionValues") is None
    answers = Answers({"DimensionValues": [1], "NextPageToken": "a"}, {"DimensionValues": [2]})
    found = follow("ce", "get_dimension_values", answers, MaxResults=1)
    assert [page["DimensionValues"] for page in found] == [[1], [2]]
    assert answers.asked == [{"MaxResults": 1}, {"MaxResults": 1, "NextPageToken": "a"}]


@pytest.mark.parametrize(
    ("service", "name", "token"),
    [
        ("organizations", "list_accounts", "NextToken"),
        ("ce", "get_dimension_values", "NextPageToken"),
    ],
)
def test_a_token_that_comes_back_is_an_error_and_not_an_endless_loop(
    service: str, name: str, token: str
) -> None:
    answers = Answers(*({token: "a"} for _ in range(5)))
    with pytest.raises(CallFailed, match="do not end") as failed:
        follow(service, name, answers)
    assert failed.value.outcome == Outcome.API_ERROR
    assert len(answers.asked) == 2
