"""The buckets of an account."""

from typing import Any

from hypothesis import given

from collectors.registry import Phase
from collectors.services.s3 import Bucket, buckets
from tests.collectors.services.canned import collect, thinned

PAGES = [
    {"Buckets": [{"Name": "logs", "BucketRegion": "eu-west-1"}], "ContinuationToken": "more"},
    {"Buckets": []},
    {"Buckets": [{"Name": "old"}]},
]


def test_it_reads_the_buckets_of_all_pages_with_their_regions() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(buckets, {"list_buckets": PAGES}, asked=asked)

    assert found == (Bucket("logs", "eu-west-1"), Bucket("old"))
    assert asked == [("list_buckets", {"MaxBuckets": 1000})]


def test_it_is_a_presence_probe() -> None:
    assert buckets.phase == Phase.PRESENCE


@given(thinned({"list_buckets": PAGES[0]}))
def test_a_bucket_without_a_name_is_none(answers: Any) -> None:
    found = collect(buckets, answers, is_checked=False)

    assert all(bucket.name in ("logs", "TOMORROW") for bucket in found)
