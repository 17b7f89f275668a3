"""Amazon S3 Control: Block Public Access of the account, and of its buckets where that matters.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services import s3

if TYPE_CHECKING:
    from collectors.aws import Aws

GET_PUBLIC_ACCESS_BLOCK = Operation(
    "s3control", "get_public_access_block", "s3:GetAccountPublicAccessBlock"
)

# S3's way of saying that nothing is blocked.
OFF = "NoSuchPublicAccessBlockConfiguration"
GONE = "NoSuchBucket"


@dataclass(frozen=True)
class Flags:
    """The four switches of Block Public Access; one that AWS does not mention is off."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False

    @property
    def on(self) -> int:
        return sum(getattr(self, flag.name) for flag in fields(self))

    @property
    def are_all_on(self) -> bool:
        return self.on == len(fields(self))

    @property
    def names_off(self) -> list[str]:
        """AWS's names of the switches that are off."""
        return [name for name, field in FLAG_NAMES.items() if not getattr(self, field)]


FLAG_NAMES = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


@dataclass(frozen=True)
class BucketBlock:
    """A bucket's own switches; ``flags`` is None and ``outcome`` says why where they could not be
    read."""

    name: str
    flags: Flags | None = None
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""

    def get(self) -> Flags:
        """Raises Missing."""
        if self.flags is None:
            raise Missing(self.outcome, self.message)
        return self.flags


@dataclass(frozen=True)
class PublicAccessBlock:
    """The account's switches as they take effect, an organization's S3 policy included.

    The buckets were only looked at if one of the switches is off; ``outcome`` says why they could
    not be listed.
    """

    flags: Flags
    buckets: tuple[BucketBlock, ...] = ()
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every bucket that mattered was looked at."""
        return self.outcome == Outcome.COLLECTED and all(b.flags is not None for b in self.buckets)

    def each_bucket(self) -> tuple[BucketBlock, ...]:
        """Raises Missing."""
        if self.outcome != Outcome.COLLECTED:
            raise Missing(self.outcome, self.message)
        return self.buckets


def fetch_public_access_block(aws: Aws) -> Mapping[str, Any]:
    account = aws.call(GET_PUBLIC_ACCESS_BLOCK, absent=(OFF,), AccountId=aws.account_id) or {}
    if transform_flags(account).are_all_on:
        return {"account": account}
    try:
        listed = s3.fetch_buckets(aws)
    except Missing as missing:
        return {"account": account, "missing": missing}
    found = [_fetch_bucket(aws, bucket) for bucket in s3.transform_buckets(listed)]
    return {"account": account, "buckets": [block for block in found if block is not None]}


def _fetch_bucket(aws: Aws, bucket: s3.Bucket) -> Mapping[str, Any] | None:
    """None for a bucket that was deleted meanwhile."""
    region = bucket.region or None
    try:
        answer = aws.call(
            s3.GET_PUBLIC_ACCESS_BLOCK, absent=(OFF,), region=region, Bucket=bucket.name
        )
    except Missing as missing:
        return None if missing.code == GONE else {"name": bucket.name, "missing": missing}
    return {"name": bucket.name, "block": answer or {}}


def transform_public_access_block(answer: Mapping[str, Any]) -> PublicAccessBlock:
    flags = transform_flags(answer.get("account") or {})
    missing = answer.get("missing")
    if missing is not None:
        return PublicAccessBlock(flags, (), missing.outcome, missing.message)
    buckets = tuple(_bucket(bucket) for bucket in answer.get("buckets") or ())
    return PublicAccessBlock(flags, buckets)


def _bucket(answer: Mapping[str, Any]) -> BucketBlock:
    missing = answer.get("missing")
    if missing is not None:
        return BucketBlock(answer["name"], None, missing.outcome, missing.message)
    return BucketBlock(answer["name"], transform_flags(answer.get("block") or {}))


def transform_flags(answer: Mapping[str, Any]) -> Flags:
    configuration = answer.get("PublicAccessBlockConfiguration") or {}
    return Flags(**{field: configuration.get(name) is True for name, field in FLAG_NAMES.items()})


public_access_block = Collector(
    "s3control.public_access_block",
    PublicAccessBlock,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_PUBLIC_ACCESS_BLOCK, s3.LIST_BUCKETS, s3.GET_PUBLIC_ACCESS_BLOCK),
    fetch_public_access_block,
    transform_public_access_block,
)
