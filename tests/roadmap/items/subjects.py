"""Subjects for tests of rules: an account with just the facts, settings and answers of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector
from inventory.policy_settings import SETTINGS
from roadmap.registry import Item
from roadmap.scans import Counted, Failure, Scan, Scans
from roadmap.subject import AccountRow, Attested, Company, Excepted, ReadSettings, Subject
from roadmap.verdicts import Verdict

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MANAGEMENT = "111111111111"
ACCOUNT = "222222222222"
SECURITY = "333333333333"
LOGS = "444444444444"
ORGANIZATION = "o-a1b2c3d4e5"
REGIONS = ("eu-west-1", "us-east-1")

# (account id, collector) or (account id, collector, Region) → its value, or how seeing it ended.
Facts = Mapping[tuple[Any, ...], Any]


def row(account_id: str = ACCOUNT, **more: Any) -> AccountRow:
    known: dict[str, Any] = {
        "name": "Payments",
        "state": "ACTIVE",
        "organization_id": ORGANIZATION,
        "management_account_id": MANAGEMENT,
    }
    return AccountRow(account_id, **(known | more))


def standalone(**more: Any) -> AccountRow:
    return row(organization_id="", management_account_id="", **more)


def facts_of(
    values: Facts, regions: Mapping[str, Sequence[str]] | None = None
) -> OrganizationFacts:
    """``regions`` are those in scope of each account; by default REGIONS of all of them."""
    accounts = (MANAGEMENT, ACCOUNT, SECURITY, LOGS)
    return OrganizationFacts(
        management_account_id=MANAGEMENT,
        security_account_ids=(SECURITY, LOGS),
        observations={
            (account, collector.name, *(region or [""])): _observation(
                account, collector, value, *region
            )
            for (account, collector, *region), value in values.items()
        },
        regions=dict.fromkeys(accounts, REGIONS) if regions is None else regions,
    )


def _observation(
    account_id: str, collector: Collector[Any], value: Any, region: str = ""
) -> Observation[Any]:
    if isinstance(value, Outcome):
        message = f"{collector} of {account_id}: {value}."
        return Observation(collector.name, account_id, region, value, message=message)
    return Observation(collector.name, account_id, region, Outcome.COLLECTED, value, "", NOW)


def subject(
    values: Facts | None = None,
    account: AccountRow | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    company: Company | None = None,
    attestations: Sequence[Attested] = (),
    regions: Mapping[str, Sequence[str]] | None = None,
    exceptions: Sequence[Excepted] = (),
    elsewhere: Mapping[str, Sequence[Attested]] | None = None,
    scans: Scans | None = None,
    refused_since: datetime | None = None,
) -> Subject:
    about = account or row()
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    return Subject(
        account=about,
        facts=facts_of(values or {}, regions).of(about.account_id),
        settings=ReadSettings(defaults | dict(settings or {})),
        now=NOW,
        company=company or Company(),
        attestations=attestations,
        exceptions=exceptions,
        elsewhere=elsewhere or {},
        scans=scans or Scans(),
        assume_role_refused_since=refused_since,
    )


def scan(
    days_ago: float = 1,
    tool: str = "prowler",
    regions: Sequence[str] = REGIONS,
    **results: tuple[int, int],
) -> Scan:
    """A run that saw the Regions whole. ``results`` are check → passed and failed, in the first of
    them."""
    at = NOW - timedelta(days=days_ago)
    return Scan(
        tool,
        version="5.13.0",
        regions=dict.fromkeys(regions, at),
        results={c: {REGIONS[0]: Counted(at, *numbers)} for c, numbers in results.items()},
    )


def scanned(item: Item, *found: Scan, failing: Sequence[Failure] = ()) -> Scans:
    """Scans whose checks belong where the item says."""
    checks = {(tool, check) for tool, some in item.imports.items() for check in some}
    return Scans(found, {item.key: checks}, failing)


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def reported(verdict: Verdict) -> list[str]:
    """The codes of all problems, in order."""
    return [problem.code for problem in verdict.problems]


def attested(
    item: str,
    claim: str = "done",
    level: str = "account",
    *,
    days_left: int = 30,
    about: str = "",
    **details: Any,
) -> Attested:
    expires_at = NOW + timedelta(days=days_left)
    given_at = expires_at - timedelta(days=365)
    return Attested(
        item,
        level,
        claim,
        "Checked.",
        "https://wiki.example.com/checked",
        about=about,
        given_at=given_at,
        expires_at=expires_at,
        details=details,
    )
