"""S3 Block Public Access is on for the whole account.

Reads the account's four switches as they take effect (s3control:GetPublicAccessBlock), and while
one is off, those of each bucket (s3:GetPublicAccessBlock). The effective S3 policy of the
organization (organizations:DescribeEffectivePolicy) only tells where they come from.

With all switches off, buckets that block for themselves earn a partial; an account without
buckets has nothing that blocks and fails. Buckets under an exception are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import organizations, s3control
from collectors.services.s3control import BucketBlock, Flags, PublicAccessBlock
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict, failed, partly, passed


def judge(subject: Subject) -> Verdict:
    block = _without_excepted(subject, subject.facts.get(s3control.public_access_block))
    flags = block.flags
    facts = _facts(subject, block)
    if flags.are_all_on:
        by = " by the organization's S3 policy" if facts["source"] == "organization" else ""
        return passed(
            f"All four Block Public Access settings are on{by}.", "flags 4/4", facts=facts
        )
    problems = _problems(subject, block)
    off = listed(flags.names_off, 4)
    if _may_serve_public(subject, flags):
        return _public(subject, block, facts)
    if flags.on:
        sentence = f"{flags.on} of 4 Block Public Access settings are on; {off} are off."
        if flags.on == 3:
            sentence = f"3 of 4 Block Public Access settings are on; {off} is off."
        return partly(
            sentence,
            f"flags {flags.on}/4",
            facts=facts,
            problems=problems,
            incomplete=not block.is_complete,
        )
    buckets = block.each_bucket()
    open_ones = _without_own(buckets)
    if buckets and not open_ones:
        for bucket in buckets:
            bucket.get()  # A bucket nobody could look at may be the open one.
        return partly(
            f"Block Public Access is off for the account, but each of its {len(buckets)} buckets "
            "blocks for itself.",
            "flags 0/4, every bucket blocks",
            facts=facts,
            problems=problems,
        )
    rest = f"; {listed(b.name for b in open_ones)} do not block either" if open_ones else ""
    if len(open_ones) == 1:
        rest = f"; bucket {open_ones[0].name} does not block either"
    return failed(
        f"Block Public Access is off for the account{rest}.",
        "flags 0/4",
        facts=facts,
        problems=problems,
        incomplete=not block.is_complete,
    )


def _without_excepted(subject: Subject, block: PublicAccessBlock) -> PublicAccessBlock:
    kept = tuple(b for b in block.buckets if not subject.is_excepted(_arn(subject, b)))
    return replace(block, buckets=kept)


def _arn(subject: Subject, bucket: BucketBlock) -> str:
    return f"arn:{subject.account.partition}:s3:::{bucket.name}"


def _may_serve_public(subject: Subject, flags: Flags) -> bool:
    """Whether it is an account that serves public buckets on purpose, and set up for it: no new
    access list or policy may open a bucket, only what is open stays so."""
    return (
        subject.account.account_id in subject.settings["S3_PUBLIC_ACCOUNTS"]
        and flags.block_public_acls
        and flags.block_public_policy
    )


def _public(subject: Subject, block: PublicAccessBlock, facts: dict[str, Any]) -> Verdict:
    """Raises Missing where the account's buckets could not be looked at."""
    lacking = [
        bucket.name
        for bucket in block.each_bucket()
        if not _blocks_with(block.flags, bucket.get()).are_all_on
    ]
    if lacking:
        have = "has" if len(lacking) == 1 else "have"
        return partly(
            f"The account may serve public buckets, but {listed(lacking)} {have} no exception.",
            "public account, buckets without exception",
            facts=facts,
            problems=_problems(subject, block),
        )
    return passed(
        "The account may serve public buckets, and none of its buckets is open without exception.",
        "public account",
        facts=facts,
    )


def _blocks_with(account: Flags, bucket: Flags) -> Flags:
    """The two together, as S3 applies them: on in either is on."""
    return Flags(
        block_public_acls=account.block_public_acls or bucket.block_public_acls,
        ignore_public_acls=account.ignore_public_acls or bucket.ignore_public_acls,
        block_public_policy=account.block_public_policy or bucket.block_public_policy,
        restrict_public_buckets=account.restrict_public_buckets or bucket.restrict_public_buckets,
    )


def _without_own(buckets: Sequence[BucketBlock]) -> list[BucketBlock]:
    """Buckets known to lack one of the four switches of their own."""
    return [b for b in buckets if b.flags is not None and not b.flags.are_all_on]


def _problems(subject: Subject, block: PublicAccessBlock) -> list[Problem]:
    flags = block.flags
    if flags.on:
        detail = f"Off: {', '.join(flags.names_off)}."
        problems = [Problem("s3_bpa_incomplete", detail=detail)]
    else:
        problems = [Problem("s3_bpa_off")]
    return problems + [
        Problem("s3_bucket_bpa_off", _arn(subject, bucket), bucket.name)
        for bucket in _without_own(block.buckets)
    ]


def _facts(subject: Subject, block: PublicAccessBlock) -> dict[str, Any]:
    return {
        "flags": {
            name: getattr(block.flags, field) for name, field in s3control.FLAG_NAMES.items()
        },
        "source": _source(subject),
        "buckets_without_own_block": [b.name for b in _without_own(block.buckets)],
        "buckets_not_seen": [b.name for b in block.buckets if b.flags is None],
    }


def _source(subject: Subject) -> str | None:
    """Who sets the switches; None where nobody saw the organization's S3 policy. It decides
    nothing, for the account's answer is the effective one already."""
    try:
        policies = subject.facts.get(organizations.effective_policies)
        content = policies.content(organizations.S3_POLICY) or {}
    except Missing:
        return None
    attributes = content.get("s3_attributes") or {}
    blocks = attributes.get("public_access_block_configuration") == "all"
    return "organization" if blocks else "account"


item = Item(
    __name__,
    order="3.4",
    title="S3 Block Public Access on",
    guidance=(
        "Four settings of the account overrule any bucket policy or access list that would open "
        "a bucket to everybody. New buckets have blocked public access since April 2023, older "
        "ones and later mistakes have not, so the account's own settings are what counts. An "
        "account that serves public files on purpose can be named as such."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(s3control.public_access_block, organizations.effective_policies),
    findings={
        "s3_bpa_off": FindingKind("S3 Block Public Access off", Severity.HIGH),
        "s3_bpa_incomplete": FindingKind("S3 Block Public Access incomplete", Severity.MEDIUM),
        "s3_bucket_bpa_off": FindingKind("Bucket does not block public access", Severity.LOW),
    },
    imports={
        "prowler": (
            "s3_account_level_public_access_blocks",
            "s3_bucket_level_public_access_block",
        ),
        "securityhub": ("S3.1", "S3.8"),
        "cloudmapper": ("S3_ACCESS_BLOCK_OFF", "S3_ACCESS_BLOCK_ALL_ACCESS_TYPES"),
    },
    fix=Fix(
        "Attach an S3 policy of the organization that sets everything, or turn the four settings "
        "on in the account.",
        "Blocking public access to your Amazon S3 storage",
    ),
    source_url=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        "access-control-block-public-access.html"
    ),
)
