"""No instance can start that answers metadata requests without a token."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.services import ec2
from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, guardrail
from roadmap.guardrails.probes import P1, Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import (
    Source,
    Verdict,
    failed,
    partly,
    passed,
)

INSTANCES = "ec2:{r}:{a}:instance/*"
LAUNCH = probe(
    "ec2:RunInstances",
    INSTANCES,
    keys={"ec2:MetadataHttpTokens": "optional", "ec2:MetadataHttpEndpoint": "enabled"},
)
MODIFY = probe(
    "ec2:ModifyInstanceMetadataOptions",
    "ec2:{r}:{a}:instance/i-0123456789abcdef0",
    keys={"ec2:Attribute": "HttpTokens", "ec2:Attribute/HttpTokens": "optional"},
)
OLD_DELIVERY = {"ec2:RoleDelivery": "1.0"}
USE = (
    probe("s3:ListAllMyBuckets", keys=OLD_DELIVERY),
    probe("sts:AssumeRole", "iam::{a}:role/cairn-probe", keys=OLD_DELIVERY),
)
MODIFY_DEFAULTS = probe("ec2:ModifyInstanceMetadataDefaults")
DECLARATIVE = "declarative-policy"


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    launch = case.ask([LAUNCH], case.roles)
    modify = case.ask([MODIFY], case.roles)
    use = case.ask(USE, [P1])
    defaults = case.ask([MODIFY_DEFAULTS], case.roles)
    enforced = [
        region
        for region in case.regions
        if not doubt.all(a for a in launch if a.region == region)
        and doubt.holds(lambda region=region: _is_enforced(case, doubt, region, defaults))  # type: ignore[misc]
    ]
    needed = [answer for answer in launch if answer.region not in enforced]
    verdict = _verdict(doubt, needed, modify, use, enforced)
    # Denying use alone is enough, and so are launch and modification together.
    decided_by_use = verdict.rule == "use denied"
    required = use if decided_by_use else (*needed, *modify)
    advisory = (*launch, *modify, *defaults) if decided_by_use else (*use, *defaults)
    return Table(verdict, required, advisory, {"enforced_by_default": enforced})


def _verdict(
    doubt: Doubt,
    launch: Sequence[Answer],
    modify: Sequence[Answer],
    use: Sequence[Answer],
    enforced: Sequence[str],
) -> Verdict:
    launch_denied = not launch or doubt.all(launch)
    modify_denied = doubt.all(modify)
    how = "The account's defaults enforce" if enforced and not launch else "Policies require"
    if launch_denied and modify_denied:
        return passed(
            f"{how} tokens at launch, and nobody can loosen that later.",
            "launch and modification denied",
        )
    if doubt.all(use):
        return passed(
            "Credentials that an instance got without a token are of no use.", "use denied"
        )
    if launch_denied:
        return partly(
            f"{how} tokens at launch, but instances can be changed later: "
            f"{allowed_text(doubt.allowed(modify))}.",
            "only launch denied",
        )
    if modify_denied:
        return partly(
            "Instances cannot be loosened later, but launched without tokens: "
            f"{allowed_text(doubt.allowed(launch))}.",
            "only modification denied",
        )
    gap = allowed_text(doubt.allowed([*launch, *modify]))
    if enforced or doubt.any([*launch, *modify]):
        return partly(f"Tokens are required only in part: {gap}.", "denied in part")
    return failed(f"Nothing requires tokens: {gap}.", "nothing denied")


def _is_enforced(case: Case, doubt: Doubt, region: str, defaults: Sequence[Answer]) -> bool:
    """Whether the account's defaults refuse launches without tokens, and nobody in the account can
    change them. Raises Missing."""
    found = case.subject.facts.get(ec2.metadata_defaults, region)
    if not found.enforces_tokens:
        return False
    return found.managed_by == DECLARATIVE or (
        found.managed_by == "account"
        and doubt.all(answer for answer in defaults if answer.region == region)
    )


item = Item(
    __name__,
    order="6.1.5",
    title="IMDSv2 required",
    guidance=(
        "The old metadata service hands a role's credentials to anyone who can make the instance "
        "fetch an address. A guardrail refuses launches that allow it and later loosening; a "
        "declarative policy does the same from above."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(*READS, ec2.metadata_defaults),
    findings=FINDINGS,
    parent="surface.scps",
    fix=Fix(
        (
            "Deny launches without required tokens and their later loosening, or enforce it by "
            "declarative policy."
        ),
        "Example SCPs for Amazon EC2",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_ec2.html",
)
