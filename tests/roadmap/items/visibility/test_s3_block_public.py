"""Block Public Access is on for the account, or does not have to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import organizations, s3control
from collectors.services.s3control import BucketBlock, Flags, PublicAccessBlock
from roadmap.items.visibility.s3_block_public import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import ACCOUNT, subject

ON, OFF = Flags(True, True, True, True), Flags()
NO_NEW = Flags(block_public_acls=True, block_public_policy=True)
CLOSED, OPEN = BucketBlock("closed", ON), BucketBlock("open", OFF)
REST = BucketBlock("rest", Flags(ignore_public_acls=True, restrict_public_buckets=True))
UNREAD = BucketBlock("unread", None, Outcome.ACCESS_DENIED, "denied")


def seen(
    block: Any,
    more: dict[tuple[Any, ...], Any] | None = None,
    exceptions: Sequence[Excepted] = (),
    **settings: Any,
) -> Subject:
    values = {(ACCOUNT, s3control.public_access_block): block, **(more or {})}
    return subject(values, settings=settings, exceptions=exceptions)


CASES: dict[str, tuple[Flags, tuple[BucketBlock, ...], Status, list[str]]] = {
    "all on": (ON, (), Status.PASS, []),
    "three on": (
        Flags(True, True, True, False), (CLOSED,), Status.PARTIAL, ["s3_bpa_incomplete"],
    ),
    "one on": (
        Flags(block_public_acls=True),
        (OPEN, CLOSED),
        Status.PARTIAL,
        ["s3_bpa_incomplete", "s3_bucket_bpa_off"],
    ),
    "off, every bucket blocks": (OFF, (CLOSED, CLOSED), Status.PARTIAL, ["s3_bpa_off"]),
    "off, one bucket open": (
        OFF, (CLOSED, OPEN), Status.FAIL, ["s3_bpa_off", "s3_bucket_bpa_off"],
    ),
    "off, one bucket half open": (
        OFF, (CLOSED, REST), Status.FAIL, ["s3_bpa_off", "s3_bucket_bpa_off"],
    ),
    "off, no bucket": (OFF, (), Status.FAIL, ["s3_bpa_off"]),
    "off, one bucket open and one unread": (
        OFF, (OPEN, UNREAD), Status.FAIL, ["s3_bpa_off", "s3_bucket_bpa_off"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("flags", "buckets", "status", "codes"), CASES.values(), ids=CASES)
def test_switches_decide(
    flags: Flags, buckets: tuple[BucketBlock, ...], status: Status, codes: list[str]
) -> None:
    verdict = judge(seen(PublicAccessBlock(flags, buckets)))
    assert verdict.status == status
    assert [problem.code for problem in verdict.problems] == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == {code for *_, codes in CASES.values() for code in codes}


PUBLIC_CASES: dict[str, tuple[Flags, tuple[BucketBlock, ...], Status]] = {
    "nothing new may be opened, nothing is open": (NO_NEW, (CLOSED, REST), Status.PASS),
    "nothing new may be opened, no bucket": (NO_NEW, (), Status.PASS),
    "a bucket without exception is open": (NO_NEW, (CLOSED, OPEN), Status.PARTIAL),
    "policies may open buckets": (Flags(True, True, False, True), (CLOSED,), Status.PARTIAL),
    "everything is off": (OFF, (OPEN,), Status.FAIL),
}


@pytest.mark.parametrize(("flags", "buckets", "status"), PUBLIC_CASES.values(), ids=PUBLIC_CASES)
def test_an_account_that_serves_public_buckets(
    flags: Flags, buckets: tuple[BucketBlock, ...], status: Status
) -> None:
    block = PublicAccessBlock(flags, buckets)
    assert judge(seen(block, S3_PUBLIC_ACCOUNTS=[ACCOUNT])).status == status


EXCEPTED = Excepted(item.key, "arn:aws:s3:::open")
EXCEPTED_CASES: dict[str, tuple[PublicAccessBlock, list[str], Status]] = {
    "the open bucket of a public account": (
        PublicAccessBlock(NO_NEW, (CLOSED, OPEN)), [ACCOUNT], Status.PASS,
    ),
    "one open bucket of two": (
        PublicAccessBlock(NO_NEW, (OPEN, replace(OPEN, name="another"))), [ACCOUNT], Status.PARTIAL,
    ),
    "the one bucket that does not block": (
        PublicAccessBlock(OFF, (CLOSED, OPEN)), [], Status.PARTIAL,
    ),
    "a bucket nobody could read": (
        PublicAccessBlock(NO_NEW, (CLOSED, replace(UNREAD, name="open"))), [ACCOUNT], Status.PASS,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("block", "public", "status"), EXCEPTED_CASES.values(), ids=EXCEPTED_CASES)
def test_buckets_under_an_exception_are_left_out(
    block: PublicAccessBlock, public: list[str], status: Status
) -> None:
    looked = seen(block, exceptions=[EXCEPTED], S3_PUBLIC_ACCOUNTS=public)
    verdict = judge(looked)
    assert verdict.status == status
    assert EXCEPTED.pattern not in [problem.resource for problem in verdict.problems]
    assert looked.excepted == {EXCEPTED.pattern: EXCEPTED}


def test_the_same_switches_are_partial_elsewhere() -> None:
    assert judge(seen(PublicAccessBlock(NO_NEW, (REST,)))).status == Status.PARTIAL


def test_the_finding_names_what_is_off() -> None:
    problem = judge(seen(PublicAccessBlock(NO_NEW))).problems[0]
    assert problem.detail == "Off: IgnorePublicAcls, RestrictPublicBuckets."


def test_the_finding_of_a_bucket_names_it() -> None:
    problem = judge(seen(PublicAccessBlock(OFF, (OPEN,)))).problems[1]
    assert (problem.resource, problem.name) == ("arn:aws:s3:::open", "open")


UNLISTED = PublicAccessBlock(OFF, (), Outcome.ACCESS_DENIED, "denied")
UNKNOWN = {
    "flags": (Outcome.ACCESS_DENIED, {}),
    "off, buckets not listed": (UNLISTED, {}),
    "off, a bucket unread": (PublicAccessBlock(OFF, (CLOSED, UNREAD)), {}),
    "public account, a bucket unread": (
        PublicAccessBlock(NO_NEW, (CLOSED, UNREAD)),
        {"S3_PUBLIC_ACCOUNTS": [ACCOUNT]},
    ),
}


@pytest.mark.parametrize(("block", "settings"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_nobody_saw_is_unknown_with_the_reason(block: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(Missing) as missing:
        judge(seen(block, **settings))
    assert missing.value.outcome == Outcome.ACCESS_DENIED


HALF_SEEN: dict[str, tuple[PublicAccessBlock, Status]] = {
    "some on, buckets not listed": (
        PublicAccessBlock(NO_NEW, (), Outcome.ACCESS_DENIED, "denied"), Status.PARTIAL,
    ),
    "some on, a bucket unread": (PublicAccessBlock(NO_NEW, (CLOSED, UNREAD)), Status.PARTIAL),
    "off, one open and one unread": (PublicAccessBlock(OFF, (OPEN, UNREAD)), Status.FAIL),
}  # fmt: skip


@pytest.mark.parametrize(("block", "status"), HALF_SEEN.values(), ids=HALF_SEEN)
def test_switches_of_the_account_decide_without_its_buckets_whose_findings_stay(
    block: PublicAccessBlock, status: Status
) -> None:
    verdict = judge(seen(block))
    assert (verdict.status, verdict.incomplete) == (status, True)


@pytest.mark.parametrize(
    ("content", "source"),
    [
        ({"s3_attributes": {"public_access_block_configuration": "all"}}, "organization"),
        ({"s3_attributes": {"public_access_block_configuration": "none"}}, "account"),
        (None, "account"),
    ],
    ids=["all", "none", "no policy"],
)
def test_it_says_whether_the_organization_set_the_switches(content: Any, source: str) -> None:
    policies = organizations.EffectivePolicies(
        {organizations.S3_POLICY: organizations.EffectivePolicy(content)}
    )
    told = {(ACCOUNT, organizations.effective_policies): policies}
    verdict = judge(seen(PublicAccessBlock(ON), told))
    assert verdict.facts["source"] == source
    assert ("organization" in verdict.sentence) == (source == "organization")


def test_who_set_the_switches_is_left_open_where_nobody_saw_the_policy() -> None:
    told = {(ACCOUNT, organizations.effective_policies): Outcome.ACCESS_DENIED}
    assert judge(seen(PublicAccessBlock(ON), told)).facts["source"] is None
