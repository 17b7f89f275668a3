"""Workload accounts cannot open a way to the internet by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.services import ec2
from collectors.services.ec2.public_access import BIDIRECTIONAL, INGRESS
from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import Answer, Probe, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Reason,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
)

VPC = "ec2:{r}:{a}:vpc/vpc-0"
CREATE = probe("ec2:CreateInternetGateway", "ec2:{r}:{a}:internet-gateway/*")
ATTACH = probe("ec2:AttachInternetGateway", "ec2:{r}:{a}:internet-gateway/igw-0", VPC)
PROBES = (
    CREATE,
    ATTACH,
    probe(
        "ec2:CreateEgressOnlyInternetGateway",
        "ec2:{r}:{a}:egress-only-internet-gateway/*",
        VPC,
    ),
    probe("ec2:CreateVpcPeeringConnection", VPC, "ec2:{r}:{a}:vpc-peering-connection/*"),
    probe("ec2:AcceptVpcPeeringConnection", VPC, "ec2:{r}:{a}:vpc-peering-connection/pcx-0"),
    probe("globalaccelerator:CreateAccelerator"),
    probe("globalaccelerator:UpdateAccelerator", "globalaccelerator::{a}:accelerator/cairn-probe"),
)
EXCLUDE = probe(
    "ec2:CreateVpcBlockPublicAccessExclusion", "ec2:{r}:{a}:vpc-block-public-access-exclusion/*"
)
MODIFY = probe("ec2:ModifyVpcBlockPublicAccessOptions")
MODES = (INGRESS, BIDIRECTIONAL)
DECLARATIVE = "declarative-policy"
NO_EXCLUSIONS = "not-allowed"


def judge(subject: Subject) -> Verdict:
    about = subject.account
    if about.is_management:
        return guardrail(subject, decide)
    if "edge" in about.classes:
        return not_applicable(
            Reason.CLASS_EXCLUDED,
            "The account is of class edge: it may face the internet.",
            "edge account",
        )
    if about.account_id in subject.settings["INTERNET_VPC_ALLOWED_ACCOUNTS"]:
        return not_applicable(
            Reason.CLASS_EXCLUDED,
            "The account is named among those that may have VPCs facing the internet.",
            "allowed account",
        )
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    answers = case.ask(PROBES, case.roles)
    changing = case.ask([EXCLUDE, MODIFY], case.roles)
    blocked = [
        region
        for region in case.regions
        if not doubt.all(answer for answer in answers if answer.region == region)
        and doubt.holds(lambda region=region: _is_blocked(case, doubt, region, changing))  # type: ignore[misc]
    ]
    is_everywhere = set(blocked) == set(case.regions)
    required = [
        answer
        for answer in answers
        if answer.region not in blocked and (answer.region or not is_everywhere)
    ]
    verdict = _verdict(case, doubt, required, blocked)
    return Table(verdict, required, changing, {"blocked_by_public_access": blocked})


def _verdict(
    case: Case, doubt: Doubt, required: Sequence[Answer], blocked: Sequence[str]
) -> Verdict:
    if not required:
        return passed(
            f"VPC Block Public Access holds in all {len(blocked)} Regions and cannot be undone in "
            "the account.",
            "public access blocked in every Region",
        )
    if doubt.all(required):
        also = f", with VPC Block Public Access in {listed(blocked)}" if blocked else ""
        return passed(
            f"No way to the internet can be made{by_policies(case, required)}{also}.",
            "every way denied",
        )
    gap = allowed_text(doubt.allowed(required))
    gateways = [
        [answer for answer in required if answer.probe == one and answer.region == region]
        for one in (CREATE, ATTACH)
        for region in case.regions
    ]
    if blocked or any(doubt.all(found) for found in gateways):
        return partly(f"Only some ways to the internet are closed: {gap}.", "gateways denied")
    return failed(f"Internet gateways can be made and attached: {gap}.", "gateways not denied")


def _is_blocked(case: Case, doubt: Doubt, region: str, changing: Sequence[Answer]) -> bool:
    """Whether public access to VPCs is blocked and nobody in the account can undo that. Raises
    Missing."""
    found = case.subject.facts.get(ec2.vpc_block, region)
    if found.mode not in MODES:
        return False

    def denies(one: Probe) -> bool:
        return doubt.all(a for a in changing if a.region == region and a.probe == one)

    no_exclusions = found.exclusions_allowed == NO_EXCLUSIONS or denies(EXCLUDE)
    if found.managed_by == DECLARATIVE:
        return no_exclusions
    return found.managed_by == "account" and no_exclusions and denies(MODIFY)


item = Item(
    __name__,
    order="6.1.7",
    title="No new internet-facing VPCs",
    guidance=(
        "Most workloads need no internet gateway of their own. Where gateways, peerings and "
        "accelerators cannot be made, a careless security group exposes nothing. Accounts of "
        "class edge are left out."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(*READS, ec2.vpc_block),
    findings=FINDINGS,
    parent="surface.scps",
    fix=Fix(
        (
            "Deny making gateways, peerings and accelerators outside edge accounts, or block "
            "public access by declarative policy."
        ),
        "Example SCPs for Amazon VPC",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_vpc.html",
)
