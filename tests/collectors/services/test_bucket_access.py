"""Which buckets policies, ACLs or access points open to everybody."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Outcome
from collectors.services import shield, wafv2
from collectors.services.s3control import BucketAccess, Buckets, Flags, bucket_access
from tests.collectors.services.canned import ACCOUNT, Answers, Refusal, by, collect, thinned

NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
GROUPS = "http://acs.amazonaws.com/groups/global/"
NOTHING_SET = Refusal("NoSuchPublicAccessBlockConfiguration", Outcome.API_ERROR)
NO_POLICY = Refusal("NoSuchBucketPolicy", Outcome.API_ERROR)
PUBLIC = {"PolicyStatus": {"IsPublic": True}}
OWNER = {"Grantee": {"Type": "CanonicalUser", "ID": "1"}, "Permission": "FULL_CONTROL"}
READ = {"Grantee": {"Type": "Group", "URI": f"{GROUPS}AllUsers"}, "Permission": "READ"}
WRITE = {"Grantee": {"Type": "Group", "URI": f"{GROUPS}AuthenticatedUsers"}, "Permission": "WRITE"}
LOGS = {
    "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"},
    "Permission": "WRITE",
}


def flags(*names: str) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {name: name in names for name in NAMES}}


def answers(
    account: Any = NOTHING_SET,
    *,
    block: Any = NOTHING_SET,
    policy: Any = NO_POLICY,
    grants: tuple[Any, ...] = (OWNER,),
    ownership: str = "ObjectWriter",
    points: tuple[dict[str, Any], ...] = (),
    names: tuple[str, ...] = ("b",),
) -> dict[str, Any]:
    """One bucket in eu-west-1. Both S3 APIs call their operation get_public_access_block."""
    rules = {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}
    return {
        "get_public_access_block": lambda p: account if "AccountId" in p else block,
        "list_buckets": {"Buckets": [{"Name": n, "BucketRegion": "eu-west-1"} for n in names]},
        "get_bucket_policy_status": policy,
        "get_bucket_acl": {"Grants": list(grants)},
        "get_bucket_ownership_controls": rules,
        "list_access_points": {"AccessPointList": list(points)},
        "get_access_point_policy_status": by("Name", {"open": PUBLIC, "shut": NO_POINT_POLICY}),
    }


NO_POINT_POLICY = Refusal("NoSuchAccessPointPolicy", Outcome.API_ERROR)


def read(found: Answers, asked: Any = None) -> Any:
    return collect(bucket_access, found, account_id=ACCOUNT, asked=asked)


def asked_for(found: Answers) -> list[str]:
    asked: list[Any] = []
    read(found, asked)
    return [name for name, _ in asked]


def test_a_bucket_that_nothing_opens_is_only_counted() -> None:
    assert read(answers()) == Buckets(total=1)


def test_a_public_policy_opens_a_bucket() -> None:
    (found,) = read(answers(policy=PUBLIC)).opened
    assert found == BucketAccess("b", "eu-west-1", is_policy_public=True)


@pytest.mark.parametrize(
    ("grants", "kept"),
    [
        ((OWNER, READ), ("AllUsers READ",)),
        ((WRITE, READ, READ), ("AllUsers READ", "AuthenticatedUsers WRITE")),
        ((OWNER, LOGS), ()),
    ],
    ids=["everybody", "both groups", "log delivery"],
)
def test_grants_to_everybody_open_a_bucket(grants: Any, kept: tuple[str, ...]) -> None:
    found = read(answers(grants=grants)).opened
    assert [bucket.grants for bucket in found] == ([kept] if kept else [])


@pytest.mark.parametrize(
    ("ownership", "enabled"),
    [("BucketOwnerEnforced", False), ("BucketOwnerPreferred", True), ("Tomorrow", True)],
)
def test_ownership_says_whether_acls_count(ownership: str, enabled: bool) -> None:
    (found,) = read(answers(grants=(READ,), ownership=ownership)).opened
    assert found.are_acls_enabled is enabled


def test_without_ownership_controls_acls_count() -> None:
    gone = Refusal("OwnershipControlsNotFoundError", Outcome.API_ERROR)
    found = answers(grants=(READ,)) | {"get_bucket_ownership_controls": gone}
    assert read(found).opened[0].are_acls_enabled


def test_public_access_points_are_told_with_their_bucket() -> None:
    points = (
        {"Name": "open", "Bucket": "b", "NetworkOrigin": "Internet"},
        {"Name": "shut", "Bucket": "b", "NetworkOrigin": "Internet"},
        {"Name": "inside", "Bucket": "b", "NetworkOrigin": "VPC"},
    )
    (found,) = read(answers(points=points)).opened
    assert found.access_points == ("open",)


def test_where_the_account_blocks_everything_no_bucket_is_asked() -> None:
    found = answers(flags("IgnorePublicAcls", "RestrictPublicBuckets"), policy=PUBLIC)
    assert asked_for(found) == ["get_public_access_block", "list_buckets"]
    assert read(found).total == 1


def test_what_a_block_makes_meaningless_is_not_asked() -> None:
    restricted = asked_for(answers(flags("RestrictPublicBuckets")))
    assert "get_bucket_policy_status" not in restricted
    assert "list_access_points" not in restricted
    assert "get_bucket_acl" in restricted
    ignoring = asked_for(answers(block=flags("IgnorePublicAcls")))
    assert "get_bucket_acl" not in ignoring
    assert "get_bucket_policy_status" in ignoring
    assert "get_bucket_ownership_controls" not in asked_for(answers())


def test_a_bucket_that_vanished_is_not_counted() -> None:
    gone = Refusal("NoSuchBucket", Outcome.API_ERROR)
    assert read(answers(block=gone)) == Buckets(total=0)


@pytest.mark.parametrize(
    "operation", ["get_bucket_policy_status", "get_bucket_acl", "list_access_points"]
)
def test_what_was_refused_is_told(operation: str) -> None:
    found = read(answers() | {operation: Refusal("AccessDenied")})
    (unseen,) = found.unseen
    assert unseen.outcome == Outcome.ACCESS_DENIED
    assert unseen.name == ("access points in eu-west-1" if "points" in operation else "b")


def test_one_bucket_that_refuses_does_not_lose_the_others() -> None:
    def status(params: Any) -> Any:
        return PUBLIC if params["Bucket"] == "open" else Refusal("AccessDenied")

    found = read(answers(names=("open", "shut")) | {"get_bucket_policy_status": status})
    assert [bucket.name for bucket in found.opened] == ["open"]
    assert [bucket.name for bucket in found.unseen] == ["shut"]


@given(thinned({"block": flags(*NAMES), "policy": {"PolicyStatus": {"IsPublic": False}}}))
def test_a_policy_is_private_only_if_it_is_said(parts: Any) -> None:
    found = collect(
        bucket_access,
        answers(policy=parts["policy"], block=parts["block"]),
        account_id=ACCOUNT,
        is_checked=False,
    )
    block = parts["block"].get("PublicAccessBlockConfiguration") or {}
    status = parts["policy"].get("PolicyStatus") or {}
    is_private = "RestrictPublicBuckets" in block or status.get("IsPublic") is False
    assert bool(found.opened) != is_private
    assert all(bucket.ways_in(Flags()) for bucket in found.opened)


def test_it_names_the_web_firewalls_of_the_region() -> None:
    found = {"list_web_acls": {"WebACLs": [{"Name": "shop"}, {}]}}
    assert collect(wafv2.web_acls, found) == ("shop", "unnamed")


@pytest.mark.parametrize(
    ("state", "is_active"), [("ACTIVE", True), ("INACTIVE", False), ("TOMORROW", False)]
)
def test_it_reads_whether_shield_advanced_is_on(state: str, is_active: bool) -> None:
    answer = {"get_subscription_state": {"SubscriptionState": state}}
    found = collect(shield.subscription, answer)
    assert (found.state, found.is_active) == (state, is_active)
    nothing: Answers = {"get_subscription_state": {}}
    assert not collect(shield.subscription, nothing, is_checked=False).is_active
