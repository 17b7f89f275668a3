"""Where the objects of an account's buckets are kept a second time."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.s3 import BucketBackups, Replica, bucket_backups
from collectors.tags import Tags
from tests.collectors.services.canned import Refusal, collect, thinned

SETTINGS = {"BACKUP_EXEMPT_TAG": "cairn:backup=exempt"}
RULE: dict[str, Any] = {
    "Status": "Enabled",
    "DeleteMarkerReplication": {"Status": "Enabled"},
    "Destination": {"Bucket": "arn:aws:s3:::orders-copy", "Account": "555555555555"},
}
NO_TAGS = Refusal("NoSuchTagSet", Outcome.API_ERROR)
NO_REPLICATION = Refusal("ReplicationConfigurationNotFoundError", Outcome.API_ERROR)
NO_LOCK = Refusal("ObjectLockConfigurationNotFoundError", Outcome.API_ERROR)
ANSWERS: dict[str, Any] = {
    "list_buckets": {"Buckets": [{"Name": "orders", "BucketRegion": "eu-west-1"}]},
    "get_bucket_versioning": {"Status": "Enabled"},
    "get_bucket_replication": {"ReplicationConfiguration": {"Role": "r", "Rules": [RULE]}},
    "get_object_lock_configuration": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
    "get_bucket_tagging": {"TagSet": [{"Key": "cairn:backup", "Value": "exempt"}]},
}


def seen(answers: dict[str, Any] | None = None, **more: Any) -> tuple[BucketBackups, ...]:
    settings = {"settings": SETTINGS} | more
    found = collect(bucket_backups, ANSWERS | (answers or {}), **settings)
    assert isinstance(found, tuple)
    return found


def test_it_reads_versioning_replicas_lock_and_exemption() -> None:
    assert seen() == (
        BucketBackups(
            "orders",
            "eu-west-1",
            "Enabled",
            (Replica("orders-copy", "555555555555", has_delete_markers=True),),
            has_object_lock=True,
            tags=Tags(("cairn:backup",), (("cairn:backup", "exempt"),)),
        ),
    )


def test_what_a_bucket_does_not_have_is_a_fact() -> None:
    lacking = {
        "get_bucket_replication": NO_REPLICATION,
        "get_object_lock_configuration": NO_LOCK,
        "get_bucket_tagging": NO_TAGS,
    }
    assert seen(lacking) == (BucketBackups("orders", "eu-west-1", "Enabled", tags=Tags()),)


def test_a_bucket_that_was_never_versioned_has_no_replica_and_is_not_asked() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = seen({"get_bucket_versioning": {}, "get_bucket_tagging": NO_TAGS}, asked=asked)
    assert found == (BucketBackups("orders", "eu-west-1", tags=Tags()),)
    assert not {name for name, _ in asked} & {
        "get_bucket_replication",
        "get_object_lock_configuration",
    }


@pytest.mark.parametrize("status", ["Disabled", "TOMORROW"])
def test_a_rule_that_is_not_enabled_replicates_nothing(status: str) -> None:
    rules = {"Role": "r", "Rules": [{**RULE, "Status": status}]}
    found = seen({"get_bucket_replication": {"ReplicationConfiguration": rules}})
    assert found[0].replicas == ()


@pytest.mark.parametrize("status", ["Suspended", "TOMORROW"])
def test_versioning_counts_only_while_it_is_enabled(status: str) -> None:
    assert not seen({"get_bucket_versioning": {"Status": status}})[0].is_versioned


@pytest.mark.parametrize(
    ("setting", "carries"),
    [
        ("cairn:backup=exempt", True),
        ("cairn:backup", True),
        ("cairn:backup=no", False),
        ("cost=12", False),
    ],
)
def test_it_tells_whether_a_bucket_carries_the_tag_of_the_setting(
    setting: str, carries: bool
) -> None:
    (found,) = seen(settings={"BACKUP_EXEMPT_TAG": setting})
    assert found.tags is not None
    assert found.tags.carry(setting) is carries


def test_of_other_tags_the_keys_are_kept_alone() -> None:
    more = {"TagSet": [{"Key": "owner", "Value": "Ada"}]}
    assert seen({"get_bucket_tagging": more})[0].tags == Tags(("owner",))


def test_without_a_tag_in_the_setting_nobody_asks() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    assert seen(settings={"BACKUP_EXEMPT_TAG": ""}, asked=asked)[0].tags is None
    assert "get_bucket_tagging" not in dict(asked)


@pytest.mark.parametrize("operation", [name for name in ANSWERS if name != "list_buckets"])
def test_a_bucket_that_could_not_be_read_says_so(operation: str) -> None:
    (found,) = seen({operation: Refusal("AccessDenied")})
    assert found.outcome == Outcome.ACCESS_DENIED
    assert not found.is_versioned


@pytest.mark.parametrize("operation", [name for name in ANSWERS if name != "list_buckets"])
def test_a_bucket_that_was_deleted_meanwhile_is_none(operation: str) -> None:
    assert seen({operation: Refusal("NoSuchBucket", Outcome.API_ERROR)}) == ()


def test_buckets_that_could_not_be_listed_are_not_none() -> None:
    with pytest.raises(Missing):
        seen({"list_buckets": Refusal("AccessDenied")})


@given(thinned(ANSWERS))
def test_a_replica_counts_only_if_everything_about_it_is_said(answers: Any) -> None:
    found = seen(answers, is_checked=False)
    configuration = answers["get_bucket_replication"].get("ReplicationConfiguration", {})
    told = [
        rule["Destination"]["Bucket"].rpartition(":")[2]
        for rule in configuration.get("Rules", [])
        if rule.get("Status") == "Enabled" and rule.get("Destination", {}).get("Bucket")
    ]
    for bucket in found:
        assert [replica.bucket for replica in bucket.replicas] in (told, [])
        locked = answers["get_object_lock_configuration"].get("ObjectLockConfiguration", {})
        assert not bucket.has_object_lock or locked == {"ObjectLockEnabled": "Enabled"}
