"""Block Public Access of an account and its buckets."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services import s3
from collectors.services.s3control import Flags, public_access_block
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ON = {"PublicAccessBlockConfiguration": dict.fromkeys(NAMES, True)}
HALF = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": False}}
NOTHING_SET = Refusal("NoSuchPublicAccessBlockConfiguration", Outcome.API_ERROR)
GONE = Refusal("NoSuchBucket", Outcome.API_ERROR)


def block(account: Any, buckets: Any = None, asked: Any = None) -> Any:
    answers = Answering(account, buckets or {})
    return collect(public_access_block, answers.table, account_id=ACCOUNT, asked=asked)


class Answering:
    """Both S3 APIs call their operation get_public_access_block; the request tells them apart."""

    def __init__(self, account: Any, buckets: Any) -> None:
        self.account, self.buckets = account, buckets

    @property
    def table(self) -> dict[str, Any]:
        listed = self.buckets
        if isinstance(listed, dict):
            listed = {"Buckets": [{"Name": name} for name in listed]}
        return {"get_public_access_block": self._block, "list_buckets": listed}

    def _block(self, params: Any) -> Any:
        return self.account if "AccountId" in params else self.buckets[params["Bucket"]]


def test_with_all_switches_on_the_buckets_are_not_asked() -> None:
    asked: list[Any] = []
    found = block(ON, {"logs": NOTHING_SET}, asked)

    assert found.flags.are_all_on
    assert asked == [("get_public_access_block", {"AccountId": ACCOUNT})]


def test_an_account_that_never_set_them_has_them_off() -> None:
    found = block(NOTHING_SET)

    assert found.flags == Flags()
    assert found.flags.names_off == list(NAMES)


def test_the_buckets_are_asked_while_a_switch_is_off() -> None:
    found = block(HALF, {"closed": ON, "open": NOTHING_SET})

    assert found.flags == Flags(block_public_acls=True)
    assert {b.name: b.get().on for b in found.each_bucket()} == {"closed": 4, "open": 0}


def test_a_bucket_that_vanished_is_dropped() -> None:
    found = block(NOTHING_SET, {"gone": GONE, "open": NOTHING_SET})

    assert [bucket.name for bucket in found.each_bucket()] == ["open"]


def test_a_bucket_that_refuses_is_kept_with_the_reason() -> None:
    (bucket,) = block(NOTHING_SET, {"shut": Refusal("AccessDenied")}).each_bucket()

    with pytest.raises(Missing) as missing:
        bucket.get()
    assert missing.value.outcome == Outcome.ACCESS_DENIED


def test_buckets_that_may_not_be_listed_do_not_lose_the_switches() -> None:
    found = block(HALF, Refusal("AccessDenied"))

    assert found.flags.on == 1
    with pytest.raises(Missing) as missing:
        found.each_bucket()
    assert missing.value.outcome == Outcome.ACCESS_DENIED


def test_being_denied_is_not_off() -> None:
    with pytest.raises(Missing) as missing:
        block(Refusal())
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"account": ON}))
def test_a_switch_that_is_not_mentioned_is_off(answers: Any) -> None:
    configuration = (answers.get("account") or {}).get("PublicAccessBlockConfiguration") or {}
    found = public_access_block.transform({"account": answers.get("account")})

    assert found.flags.on == sum(value is True for value in configuration.values())


def test_it_declares_both_operations_of_the_same_name() -> None:
    actions = {operation.action for operation in public_access_block.operations}
    assert actions == {
        "s3:GetAccountPublicAccessBlock",
        "s3:GetBucketPublicAccessBlock",
        "s3:ListAllMyBuckets",
    }
    assert s3.GET_PUBLIC_ACCESS_BLOCK in public_access_block.operations
