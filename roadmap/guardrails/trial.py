"""A policy tried out alone: on an invented account, beside FullAWSAccess on every level. Pure.

What only a company can say is taken from the policy itself: the Regions and services that it lets
through count as approved, the roles, trails and parts of a pipeline that it names as those to be
protected. So the answer is whether it enforces what it sets out to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import (
    accessanalyzer,
    account,
    cloudtrail,
    config,
    ec2,
    events,
    iam,
    inspector2,
    logs,
    macie2,
    organizations,
    securityhub,
    sso_admin,
)
from collectors.services.config import Recorder
from collectors.services.inspector2 import AccountStatus
from collectors.services.macie2 import Session
from roadmap.guardrails.conditions import operator
from roadmap.guardrails.documents import Document, Statement, content_of
from roadmap.guardrails.globs import pattern
from roadmap.guardrails.templates import filled
from roadmap.subject import AccountRow, ReadSettings, Subject

ORGANIZATION = "o-cairntrial"
MANAGEMENT = "000000000001"
ACCOUNT = "000000000002"
ROOT_ID, OU_ID, FULL_ID, TRIED_ID = "r-0000", "ou-0000-00000000", "p-FullAWSAccess", "p-tried"
FULL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
# Those that AWS enables for every account.
REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1",
    "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
SOME_REGIONS = ("us-east-1", "eu-west-1")  # for a policy that speaks of none
SOME_SERVICES = ("ec2", "s3")  # likewise

REGION = "aws:requestedregion"
_SERVICE = re.compile(r"([a-z0-9-]+):\*")
_WILD = re.compile(r"[*?]+")

# A part of a pipeline of every kind, for a policy that names none of it.
PIPELINE = (
    "events:{r}:{a}:rule/cairn-probe",
    "events:{r}:{a}:event-bus/cairn-probe",
    "sns:{r}:{a}:cairn-probe",
    "logs:{r}:{a}:log-group:cairn-probe",
    "cloudwatch:{r}:{a}:alarm:cairn-probe",
    "lambda:{r}:{a}:function:cairn-probe",
    "sqs:{r}:{a}:cairn-probe",
    "firehose:{r}:{a}:deliverystream/cairn-probe",
)


def trial(document: Document, defaults: Mapping[str, Any]) -> Subject:
    """An account with the policy attached to it. ``defaults`` are the settings otherwise."""
    document = filled(document)
    regions = _regions(document)
    settings = {
        **defaults,
        "APPROVED_REGIONS": list(regions),
        "APPROVED_SERVICES": _services(document) or list(SOME_SERVICES),
        "MONITORING_RESOURCES": _pipeline(document),
        "PROTECTED_ROLE_PATTERNS": _roles(document) or defaults["PROTECTED_ROLE_PATTERNS"],
    }
    facts = OrganizationFacts(
        management_account_id=MANAGEMENT,
        observations={(o.account_id, o.kind, o.region): o for o in _seen(document, regions)},
        regions={ACCOUNT: regions},
    )
    row = AccountRow(
        ACCOUNT,
        name="Trial",
        state="ACTIVE",
        organization_id=ORGANIZATION,
        management_account_id=MANAGEMENT,
    )
    now = datetime.now(UTC)
    return Subject(row, facts.of(ACCOUNT), ReadSettings(settings), now)


def _regions(document: Document) -> tuple[str, ...]:
    """Those that a list of approved ones names; else all that are not on a list of refused ones."""
    named = set(_named_regions(document, approved=True))
    refused = set(_named_regions(document, approved=False))
    if not named and refused:
        named = set(REGIONS) - refused
    return tuple(region for region in REGIONS if region in named) or SOME_REGIONS


def _named_regions(document: Document, *, approved: bool) -> Iterator[str]:
    """By conditions that let them through, or by those that stop everything in them."""
    for statement in document.statements:
        for condition in statement.conditions:
            how = operator(condition.operator)
            lets_through = how.is_negated is (statement.effect == "Deny")
            is_broad = statement.but_actions or "*" in statement.actions
            if condition.key == REGION and (lets_through if approved else is_broad):
                for value in condition.values:
                    made = pattern(value, wildcards=how.base == "stringlike", variables=False)
                    yield from (one for one in REGIONS if made.matches(one, lambda _: None))


def _services(document: Document) -> list[str]:
    """The services that an allow list or a Deny of everything else lets through whole."""
    found: set[str] = set()
    for statement in document.statements:
        lets_through = (statement.effect == "Deny") is statement.but_actions
        if lets_through:
            found.update(m[1] for a in statement.actions if (m := _SERVICE.fullmatch(a.lower())))
    return sorted(found)


def _denied(document: Document) -> Iterator[Statement]:
    return (s for s in document.statements if s.effect == "Deny" and not s.but_resources)


def _named(document: Document, service: str, begins: str = "") -> list[str]:
    """The last parts of ARNs of a service that the policy denies something on."""
    found: dict[str, None] = {}
    for statement in _denied(document):
        for resource in statement.resources:
            parts = resource.split(":", 5)
            if len(parts) == 6 and parts[2] == service and parts[5].startswith(begins):
                found[parts[5]] = None
    return list(found)


def _roles(document: Document) -> list[str]:
    return [name.removeprefix("role/") for name in _named(document, "iam", "role/")]


def _pipeline(document: Document) -> list[str]:
    found = []
    for example in PIPELINE:
        service, _, _, rest = example.split(":", 3)
        kind = re.match(r"[a-z-]+[/:]", rest)
        named = _named(document, service, kind.group() if kind else "")
        where = example.removesuffix(rest)
        found += [f"arn:{{p}}:{where}{name}" for name in named or [rest]]
    return found


def _seen(document: Document, regions: Sequence[str]) -> Iterator[Observation[Any]]:
    """An account in which every service runs and nothing but the policy protects anything."""
    yield _fact(organizations.listing, _listing(), MANAGEMENT)
    yield _fact(organizations.policies, _policies(document), MANAGEMENT)
    yield _fact(iam.organizations_features, (), MANAGEMENT)
    yield _fact(organizations.attached_scps, (FULL_ID, TRIED_ID))
    yield _fact(organizations.effective_policies, _NOTHING_EFFECTIVE)
    yield _fact(account.regions, account.Regions(REGIONS))
    yield _fact(iam.account_summary, iam.AccountSummary(_ROOT_CREDENTIALS))
    yield _fact(iam.authorization, iam.Authorization())
    yield _fact(sso_admin.access, sso_admin.Access())
    trails = tuple(_trails(document))
    for region in regions:
        yield from (
            _fact(collector, value, region=region)
            for collector, value in (
                (ec2.metadata_defaults, ec2.MetadataDefaults()),
                (ec2.vpc_block, ec2.VpcBlock()),
                (accessanalyzer.analyzers, ()),
                (cloudtrail.trails, trails),
                (config.recorders, (Recorder("default"),)),
                (securityhub.hub, securityhub.Hub(f"arn:aws:securityhub:{region}:{ACCOUNT}:hub")),
                (macie2.session, Session("ENABLED")),
                (inspector2.account_status, AccountStatus("ENABLED")),
                (events.rules, events.Rules()),
                (logs.trail_logs, ()),
            )
        )


def _fact(
    collector: Collector[Any], value: Any, account_id: str = ACCOUNT, region: str = ""
) -> Observation[Any]:
    return Observation(collector.name, account_id, region, Outcome.COLLECTED, value)


_ROOT_CREDENTIALS = {
    "AccountPasswordPresent": 1,
    "AccountAccessKeysPresent": 0,
    "AccountSigningCertificatesPresent": 0,
}
_NOTHING_EFFECTIVE = organizations.EffectivePolicies(
    {kind: organizations.EffectivePolicy() for kind in organizations.EFFECTIVE}
)


def _listing() -> organizations.Listing:
    enabled = {organizations.SERVICE_CONTROL_POLICY: "ENABLED"}
    return organizations.Listing(
        organization=organizations.Organization(ORGANIZATION, feature_set="ALL"),
        roots=[organizations.Root(ROOT_ID, policy_types=enabled)],
        organizational_units=[organizations.OrganizationalUnit(OU_ID, ROOT_ID)],
        accounts=[organizations.Account(ACCOUNT, ou_ids=[ROOT_ID, OU_ID])],
    )


def _policies(document: Document) -> organizations.Policies:
    kind = organizations.SERVICE_CONTROL_POLICY
    return organizations.Policies(
        policies=[
            organizations.Policy(FULL_ID, kind, name="FullAWSAccess", content=FULL),
            organizations.Policy(TRIED_ID, kind, name="the policy", content=content_of(document)),
        ],
        attached={ROOT_ID: [FULL_ID], OU_ID: [FULL_ID]},
        root_ids=[ROOT_ID],
    )


def _trails(document: Document) -> Iterable[cloudtrail.Trail]:
    for name in _named(document, "cloudtrail", "trail/"):
        arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:{_WILD.sub('cairn-probe', name)}"
        yield cloudtrail.Trail(arn)
