"""Amazon S3: the buckets an account owns.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_BUCKETS = Operation("s3", "list_buckets", "s3:ListAllMyBuckets", "Buckets")
GET_PUBLIC_ACCESS_BLOCK = Operation(
    "s3", "get_public_access_block", "s3:GetBucketPublicAccessBlock"
)

# With a page size S3 answers in pages and names the Region of each bucket; without, it does
# neither, and refuses accounts that may hold more than 10,000 buckets.
BUCKETS_A_PAGE = 1000


@dataclass(frozen=True)
class Bucket:
    """``region`` is empty where S3 did not name it."""

    name: str
    region: str = ""


def fetch_buckets(aws: Aws) -> list[Mapping[str, Any]]:
    return aws.pages(LIST_BUCKETS, MaxBuckets=BUCKETS_A_PAGE) or []


def transform_buckets(answer: Sequence[Mapping[str, Any]]) -> tuple[Bucket, ...]:
    return tuple(
        Bucket(bucket["Name"], bucket.get("BucketRegion") or "")
        for bucket in answer
        if bucket.get("Name")
    )


buckets = Collector(
    "s3.buckets",
    tuple[Bucket, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_BUCKETS,),
    fetch_buckets,
    transform_buckets,
    Phase.PRESENCE,
)
