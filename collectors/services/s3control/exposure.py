"""Amazon S3 Control and S3: which buckets policies, ACLs or access points open to everybody.

Nothing more is asked of a bucket once blocks make an answer meaningless, and where the account
blocks everything, no bucket is asked at all. Bucket policy status looks at the policy alone, so
the blocks are kept beside it. Buckets are asked in their own Region, and access points, which
belong to Regions, in all those of buckets.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services import s3
from collectors.services.s3control.block import (
    GET_PUBLIC_ACCESS_BLOCK,
    GONE,
    OFF,
    Flags,
    transform_flags,
)

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_POLICY_STATUS = Operation("s3", "get_bucket_policy_status", "s3:GetBucketPolicyStatus")
GET_ACL = Operation("s3", "get_bucket_acl", "s3:GetBucketAcl")
GET_OWNERSHIP = Operation("s3", "get_bucket_ownership_controls", "s3:GetBucketOwnershipControls")
LIST_ACCESS_POINTS = Operation(
    "s3control", "list_access_points", "s3:ListAccessPoints", "AccessPointList"
)
GET_ACCESS_POINT_STATUS = Operation(
    "s3control", "get_access_point_policy_status", "s3:GetAccessPointPolicyStatus"
)

NO_POLICY = "NoSuchBucketPolicy"
NO_ACCESS_POINT_POLICY = ("NoSuchAccessPointPolicy", "NoSuchAccessPoint")
NO_OWNERSHIP = "OwnershipControlsNotFoundError"
ENFORCED = "BucketOwnerEnforced"
GROUPS = "http://acs.amazonaws.com/groups/global/"
EVERYBODY = ("AllUsers", "AuthenticatedUsers")
FROM_A_VPC = "VPC"


@dataclass(frozen=True)
class BucketAccess:
    """A bucket that something would open to everybody, with the blocks that may prevent it.
    ``grants`` are what its ACL grants, such as ``AllUsers READ``; ``access_points`` the names of
    those with a public policy. An ACL has no effect while ``are_acls_enabled`` is false."""

    name: str
    region: str = ""
    flags: Flags = field(default_factory=Flags)
    is_policy_public: bool = False
    grants: tuple[str, ...] = ()
    are_acls_enabled: bool = True
    access_points: tuple[str, ...] = ()

    def ways_in(self, account: Flags) -> list[str]:
        """How everybody gets in, given the account's own blocks."""
        is_restricted = account.restrict_public_buckets or self.flags.restrict_public_buckets
        ignores_acls = account.ignore_public_acls or self.flags.ignore_public_acls
        ways = []
        if self.is_policy_public and not is_restricted:
            ways.append("its policy")
        if self.grants and self.are_acls_enabled and not ignores_acls:
            ways.append(f"its ACL ({', '.join(self.grants)})")
        if not is_restricted:
            ways += [f"access point {name}" for name in self.access_points]
        return ways


@dataclass(frozen=True)
class UnseenBucket:
    """One that could not be looked at, or the access points of a Region."""

    name: str
    outcome: Outcome = Outcome.API_ERROR
    message: str = ""


@dataclass(frozen=True)
class Buckets:
    """``flags`` are the account's; ``total`` counts all its buckets. ``opened`` are those that
    something would open."""

    flags: Flags = field(default_factory=Flags)
    total: int = 0
    opened: tuple[BucketAccess, ...] = ()
    unseen: tuple[UnseenBucket, ...] = ()


def _fetch(aws: Aws) -> Answer:
    account = aws.call(GET_PUBLIC_ACCESS_BLOCK, absent=(OFF,), AccountId=aws.account_id) or {}
    flags = transform_flags(account)
    buckets = s3.transform_buckets(s3.fetch_buckets(aws))
    if _settles(flags):
        return {"account": account, "total": len(buckets), "buckets": [], "points": {}}
    points, unlisted = _fetch_points(aws, buckets, flags)
    found = [_fetch_bucket(aws, bucket, flags) for bucket in buckets]
    kept = [bucket for bucket in found if bucket is not None]
    gone = len(found) - len(kept)
    return {
        "account": account,
        "total": len(buckets) - gone,
        "buckets": [*kept, *unlisted],
        "points": points,
    }


def _settles(flags: Flags) -> bool:
    return flags.restrict_public_buckets and flags.ignore_public_acls


def _fetch_bucket(aws: Aws, bucket: s3.Bucket, account: Flags) -> Answer | None:
    """None for a bucket that was deleted meanwhile."""
    where: dict[str, Any] = {"region": bucket.region or None, "Bucket": bucket.name}
    answer: dict[str, Any] = {"name": bucket.name, "region": bucket.region}
    try:
        answer["block"] = aws.call(s3.GET_PUBLIC_ACCESS_BLOCK, absent=(OFF,), **where)
        own = transform_flags(answer["block"] or {})
        if not (account.restrict_public_buckets or own.restrict_public_buckets):
            answer["policy"] = aws.call(GET_POLICY_STATUS, absent=(NO_POLICY,), **where)
        if not (account.ignore_public_acls or own.ignore_public_acls):
            answer["acl"] = aws.call(GET_ACL, **where)
            if any(_grants(answer["acl"])):
                answer["ownership"] = aws.call(GET_OWNERSHIP, absent=(NO_OWNERSHIP,), **where)
    except Missing as missing:
        return None if missing.code == GONE else {**answer, "missing": missing}
    return answer


def _fetch_points(
    aws: Aws, buckets: tuple[s3.Bucket, ...], account: Flags
) -> tuple[dict[str, list[str]], list[Answer]]:
    """Bucket → its access points with a public policy; and the Regions where nobody could look."""
    found: dict[str, list[str]] = {}
    unlisted: list[Answer] = []
    if account.restrict_public_buckets:
        return found, unlisted
    for region in sorted({bucket.region for bucket in buckets if bucket.region}):
        try:
            for bucket, name in _public_points(aws, region):
                found.setdefault(bucket, []).append(name)
        except Missing as missing:
            unlisted.append({"name": f"access points in {region}", "missing": missing})
    return found, unlisted


def _public_points(aws: Aws, region: str) -> Iterator[tuple[str, str]]:
    """Bucket and name of each; those that only a VPC reaches are not public."""
    for point in aws.pages(LIST_ACCESS_POINTS, region=region, AccountId=aws.account_id) or ():
        name = point.get("Name")
        if not name or point.get("NetworkOrigin") == FROM_A_VPC:
            continue
        status = aws.call(
            GET_ACCESS_POINT_STATUS,
            absent=NO_ACCESS_POINT_POLICY,
            region=region,
            AccountId=aws.account_id,
            Name=name,
        )
        if _is_public(status):
            yield point.get("Bucket") or "", name


def _buckets(answer: Answer) -> Buckets:
    found = answer["buckets"]
    opened = (_access(bucket, answer["points"]) for bucket in found if "missing" not in bucket)
    return Buckets(
        flags=transform_flags(answer["account"]),
        total=answer["total"],
        opened=tuple(b for b in opened if b.is_policy_public or b.grants or b.access_points),
        unseen=tuple(
            UnseenBucket(bucket["name"], bucket["missing"].outcome, bucket["missing"].message)
            for bucket in found
            if "missing" in bucket
        ),
    )


def _access(bucket: Answer, points: Mapping[str, list[str]]) -> BucketAccess:
    return BucketAccess(
        name=bucket["name"],
        region=bucket["region"],
        flags=transform_flags(bucket.get("block") or {}),
        is_policy_public=_is_public(bucket.get("policy")),
        grants=tuple(sorted(set(_grants(bucket.get("acl"))))),
        are_acls_enabled=_ownership(bucket.get("ownership")) != ENFORCED,
        access_points=tuple(sorted(points.get(bucket["name"], ()))),
    )


def _is_public(answer: Answer | None) -> bool:
    """There is no policy, or AWS says that it is not public; what it does not say may be."""
    if answer is None:
        return False
    return (answer.get("PolicyStatus") or {}).get("IsPublic") is not False


def _grants(answer: Answer | None) -> Iterator[str]:
    for grant in (answer or {}).get("Grants") or ():
        group = ((grant.get("Grantee") or {}).get("URI") or "").removeprefix(GROUPS)
        if group in EVERYBODY:
            yield f"{group} {grant.get('Permission') or ''}".rstrip()


def _ownership(answer: Answer | None) -> str:
    rules = ((answer or {}).get("OwnershipControls") or {}).get("Rules") or ()
    return next((rule.get("ObjectOwnership") or "" for rule in rules), "")


bucket_access = Collector(
    "s3control.bucket_access",
    Buckets,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (
        GET_PUBLIC_ACCESS_BLOCK,
        s3.LIST_BUCKETS,
        s3.GET_PUBLIC_ACCESS_BLOCK,
        GET_POLICY_STATUS,
        GET_ACL,
        GET_OWNERSHIP,
        LIST_ACCESS_POINTS,
        GET_ACCESS_POINT_STATUS,
    ),
    _fetch,
    _buckets,
)
