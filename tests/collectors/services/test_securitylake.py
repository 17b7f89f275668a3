"""Which accounts' logs Security Lake collects in a Region."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Outcome
from collectors.services.securitylake import MANAGEMENT_EVENTS, DataLake, data_lake
from tests.collectors.services.canned import Refusal, collect, thinned

LAKE = {
    "dataLakeArn": "arn:aws:securitylake:us-east-1:333333333333:data-lake/default",
    "region": "us-east-1",
    "createStatus": "COMPLETED",
}


def sources(account: str, *names: str, region: str = "us-east-1") -> dict[str, Any]:
    listed = [{"awsLogSource": {"sourceName": name, "sourceVersion": "2.0"}} for name in names]
    return {"account": account, "region": region, "sources": listed}


ANSWERS = {
    "list_data_lakes": {"dataLakes": [LAKE]},
    "list_log_sources": [
        {"sources": [sources("111111111111", MANAGEMENT_EVENTS, "WAF")], "nextToken": "more"},
        {"sources": []},
        {
            "sources": [
                sources("222222222222", "WAF"),
                sources("222222222222", MANAGEMENT_EVENTS, region="eu-west-1"),
            ]
        },
    ],
}


def test_it_reads_the_sources_of_all_pages_by_account() -> None:
    found = collect(data_lake, ANSWERS)

    assert found.sources == {
        "111111111111": (MANAGEMENT_EVENTS, "WAF"),
        "222222222222": ("WAF",),
    }
    assert found.collects(MANAGEMENT_EVENTS, "111111111111")
    assert not found.collects(MANAGEMENT_EVENTS, "222222222222")


def test_where_there_is_no_data_lake_its_sources_are_not_asked() -> None:
    asked: list[Any] = []
    found = collect(data_lake, {"list_data_lakes": {"dataLakes": []}}, asked=asked)

    assert found == DataLake()
    assert [name for name, _ in asked] == ["list_data_lakes"]


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_a_lake_that_was_never_set_up_is_a_fact(operation: str) -> None:
    refusal = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    assert collect(data_lake, {**ANSWERS, operation: refusal}).sources == {}


@given(thinned({**ANSWERS, "list_log_sources": {"sources": [sources("1", MANAGEMENT_EVENTS)]}}))
def test_a_lake_collects_only_what_it_says(answers: Any) -> None:
    found = collect(data_lake, answers, is_checked=False)
    if found.collects(MANAGEMENT_EVENTS, "1"):
        assert answers["list_data_lakes"]["dataLakes"][0]["createStatus"] == "COMPLETED"


def test_logs_are_kept_as_long_as_the_lake_says() -> None:
    lifecycle = {"expiration": {"days": 400}, "transitions": []}
    lakes = {"dataLakes": [{**LAKE, "lifecycleConfiguration": lifecycle}]}
    assert collect(data_lake, {**ANSWERS, "list_data_lakes": lakes}).retention_days == 400
    assert collect(data_lake, ANSWERS).retention_days is None
