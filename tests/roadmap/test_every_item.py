"""What is asked of all items alike, so that none can be half there or always green."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from inventory.policy_settings import SETTINGS
from roadmap.evaluation.judging import apply_rule
from roadmap.guardrails import exemptions, judging
from roadmap.registry import Item, children, items, judging_order
from roadmap.stages import STAGES
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import REGIONS, row, subject

ROOT = Path(__file__).resolve().parents[2]

# Section, key and title as evidence-rules.md has them: 37 items and, indented, 22 sub-checks.
EXPECTED = """
1.1 inventory.contacts: Every account listed, with owner and contacts
1.2 inventory.organization: Account governed by AWS Organizations
1.3 inventory.root_email: Root e-mail is a company distribution list
1.4 inventory.ai_optout: AI services data use opted out
1.5 inventory.security_account: Dedicated security account exists
1.6 inventory.cost_alarms: Cost alarms reach someone
2.1 backups.regular: Regular, isolated backups
3.1 visibility.threat_services: CloudTrail, GuardDuty, Access Analyzer central
  3.1.1 visibility.cloudtrail: Organization trail to the security account
  3.1.2 visibility.guardduty: GuardDuty on, run from the security account
  3.1.3 visibility.access_analyzer: Access Analyzer for the organization
3.2 visibility.security_role: Security view role in every account
3.3 visibility.initial_scan: First scan done, urgent issues handled
3.4 visibility.s3_block_public: S3 Block Public Access on
3.5 visibility.account_baseline: Baseline and account creation process
4.1 detection.ticketing: Alerts become tickets
4.2 detection.investigation: Logs can be investigated
  4.2.1 detection.guardduty_notify: GuardDuty alerts reach people
  4.2.2 detection.denied_alerts: Access-denied errors raise alerts
  4.2.3 detection.principal_search: Actions searchable by principal
4.3 detection.regular_scans: Accounts scanned on a schedule
4.4 detection.guidelines: Security guidelines written down
4.5 detection.extra_logs: Additional log sources decided
  4.5.1 detection.log_dns: VPC DNS query logs
  4.5.2 detection.log_flow: VPC flow logs
  4.5.3 detection.log_data_events: S3 and Lambda data events
  4.5.4 detection.log_s3_access: S3 access logs
  4.5.5 detection.log_load_balancer: Load balancer access logs
  4.5.6 detection.log_cloudfront: CloudFront access logs
5.1 identity.sso: People sign in through single sign-on
5.2 identity.no_users: No IAM users
5.3 identity.unused_roles: No unused IAM roles
5.4 identity.role_services: Roles hold only services they use
5.5 identity.secret_hooks: Secret detection before commit
5.6 identity.connection_plan: Plan for connecting accounts
6.1 surface.scps: Guardrail SCPs applied
  6.1.1 surface.scp_root: Root user denied
  6.1.2 surface.scp_regions: Only approved regions
  6.1.3 surface.scp_services: Only approved services
  6.1.4 surface.scp_access_keys: No new IAM access keys
  6.1.5 surface.scp_imdsv2: IMDSv2 required
  6.1.6 surface.scp_leave_org: Account cannot leave
  6.1.7 surface.scp_internet_vpc: No new internet-facing VPCs
  6.1.8 surface.scp_security_services: Security services protected
  6.1.9 surface.scp_monitoring: Monitoring pipeline protected
  6.1.10 surface.scp_protected_roles: Important roles protected
6.2 surface.no_public: No public EC2 instances or S3 buckets
6.3 surface.imdsv2: IMDSv2 enforced on all EC2 instances
7.1 ownership.iac: Infrastructure as code
7.2 ownership.image_sources: Images and packages from trusted sources
7.3 ownership.tagging: Tagging strategy applied
8.1 refinement.realtime: Near real-time monitoring
8.2 refinement.auto_remediation: Automated remediation
8.3 refinement.iam_policies: IAM policies refined
8.4 refinement.honey_tokens: Honey tokens deployed
9.1 network.private_subnets: Resources private, outbound proxied
9.2 network.egress: Egress traffic restricted
10.1 incident.blast_radius: Blast radius limited
10.2 incident.practice: Incident response practised
"""

# Shown for information beside the item it belongs to; it never counts.
INFORMATION = {"visibility.macie"}

ALL = list(items().values())
RULED = [item for item in ALL if item.judge is not None]


def each(some: list[Item]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", some, ids=lambda item: item.key)


def test_the_catalogue_is_that_of_the_evidence_rules() -> None:
    found = [
        f"{'  ' if item.parent else ''}{item.order} {item.key}: {item.title}"
        for item in ALL
        if item.key not in INFORMATION
    ]
    assert found == EXPECTED.strip("\n").split("\n")
    assert len([line for line in found if not line.startswith(" ")]) == 37
    assert len([line for line in found if line.startswith(" ")]) == 22


def test_what_is_shown_for_information_weighs_nothing() -> None:
    assert {item.key for item in ALL if item.weight == 0} == INFORMATION & items().keys()


def test_each_stage_has_items() -> None:
    assert {item.stage for item in ALL} == set(STAGES)


def test_no_two_items_have_the_same_place() -> None:
    assert len({item.order for item in ALL}) == len(ALL)


def test_children_are_judged_before_their_parents_and_stand_below_them() -> None:
    judged = [item.key for item in judging_order()]
    for item in ALL:
        for child in children(item.key):
            assert judged.index(child.key) < judged.index(item.key)
            assert child.stage == item.stage
            assert child.order.startswith(f"{item.order}.")
        assert not item.parent or item.parent in items()


@each(ALL)
def test_it_names_an_official_source(item: Item) -> None:
    parts = urlsplit(item.source_url)
    assert (parts.scheme, parts.netloc) == ("https", "docs.aws.amazon.com")
    assert item.fix.aws_docs


@each(ALL)
def test_its_guidance_is_a_few_whole_sentences(item: Item) -> None:
    sentences = re.findall(r"[.?](?:\s|$)", item.guidance)
    assert 1 <= len(sentences) <= 6
    assert len(item.guidance) < 600
    assert "!" not in item.guidance + item.fix.text


@each([item for item in ALL if item.attests])
def test_what_it_asks_people_is_a_question_once_per_level(item: Item) -> None:
    levels = [asked.level for asked in item.attests]
    assert len(levels) == len(set(levels))
    for asked in item.attests:
        assert "?" in asked.question
        assert not asked.days_setting or asked.days_setting in SETTINGS
        assert asked.days > 0


@each(RULED)
def test_a_judged_item_has_a_test_of_its_own(item: Item) -> None:
    stage, _, slug = item.key.partition(".")
    assert (ROOT / f"tests/roadmap/items/{stage}/test_{slug}.py").is_file()


@each(RULED)
def test_its_rule_uses_every_finding_it_declares(item: Item) -> None:
    module = importlib.import_module(item.module)
    used = {getattr(one, "__module__", None) or "" for one in vars(module).values()}
    readings = {name for name in used if name.startswith("roadmap.readings.")}
    source = "".join(
        inspect.getsource(importlib.import_module(name))
        for name in (item.module, *sorted(readings))
    )
    if item.parent == "surface.scps":
        # What all guardrails report is declared and reported where their tables are settled.
        source += inspect.getsource(judging) + inspect.getsource(exemptions)
    for code in item.findings:
        assert source.count(f'"{code}"') > 1, f"{code} is declared and never reported"


@each(RULED)
def test_nothing_collected_is_never_a_pass(item: Item) -> None:
    """In an organization, with regions known and not known, and everything unseen: unknown.

    What the sheet alone decides may fail; nothing may pass or be waived because nobody looked.
    """
    for regions in ({}, {row().account_id: REGIONS}):
        nothing = subject({}, regions=regions)
        verdict = apply_rule(item, nothing)
        if verdict.status in (Status.FAIL, Status.PARTIAL):
            assert item.key in DECIDED_BY_THE_SHEET, verdict
        else:
            assert verdict.status == Status.UNKNOWN, verdict
            assert verdict.reason != Reason.UNDETERMINED, verdict.sentence


# Their rules read the sheet and the settings as well, and a bare account has no owner and no
# security account there.
DECIDED_BY_THE_SHEET = {"inventory.contacts", "inventory.root_email", "inventory.security_account"}


@each(ALL)
def test_an_item_without_a_source_of_its_own_has_children(item: Item) -> None:
    assert item.judge or item.sources or children(item.key)


@each(ALL)
def test_an_item_that_people_answer_says_what_it_asks(item: Item) -> None:
    assert not item.attests or Source.ATTESTED in item.sources


def test_settings_name_the_items_that_measure_by_them() -> None:
    named = {key for setting in SETTINGS.values() for key in setting.items}
    assert named <= set(items())
