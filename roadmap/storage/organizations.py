"""What concerns an organization as a whole: the verdicts its accounts inherit, and its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from inventory.models import Organization
from roadmap.evaluation.judging import Judged
from roadmap.models import AccountStanding, OrganizationVerdict
from roadmap.storage import findings
from roadmap.storage.locks import lock_accounts
from roadmap.storage.standings import set_open
from roadmap.storage.verdicts import BATCH, WRITTEN, Before, Cause, Changed, cause_of, set_fields
from roadmap.verdicts import Problem


@dataclass(frozen=True)
class OrganizationJudgement:
    """Organization-wide items and their verdicts."""

    organization: Organization
    verdicts: Mapping[str, Judged]


@dataclass
class OrganizationProblems:
    """Problems of the organization as a whole, gathered from the judgements of its accounts: many
    of them may report the same one, and some only the management account (a primary key).

    ``conclusive`` items were judged fully by one at least; ``doubtful`` are those of which the
    management account did not see all. ``excepted`` are the ARNs of its exceptions, by item.
    """

    management_account: int | None = None
    problems: dict[str, dict[Problem, None]] = field(default_factory=dict)
    conclusive: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    excepted: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, account: int, verdicts: Mapping[str, Judged]) -> None:
        for item, judged in verdicts.items():
            for problem in judged.verdict.problems:
                if problem.organization:
                    self.problems.setdefault(item, {})[problem] = None
            if findings.is_conclusive(judged.verdict):
                self.conclusive.add(item)
            if account == self.management_account:
                self.excepted[item] = judged.excepted
                if judged.verdict.incomplete:
                    self.doubtful.add(item)

    def report(self, item: str, resource: str, *, is_whole: bool) -> findings.Report:
        excepted = self.excepted.get(item, frozenset())
        open_ones = [p for p in self.problems.get(item, {}) if p.resource not in excepted]
        is_sure = is_whole and item in self.conclusive - self.doubtful
        return findings.Report(
            open_ones,
            None,
            resource,
            is_organization_wide=True,
            resolves_nothing=not is_sure,
            excepted=excepted,
        )


def store_organization(
    judgement: OrganizationJudgement, now: datetime, hint: Cause | None = None
) -> dict[str, Cause]:
    """Write what changed of the organization's verdicts; the causes of changes by item."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update(no_key=True).get(
            pk=judgement.organization.pk
        )
        stored = OrganizationVerdict.objects.filter(organization=organization)
        before = {row.item: row for row in stored}
        if gone := [row.pk for item, row in before.items() if item not in judgement.verdicts]:
            stored.filter(pk__in=gone).delete()
        changed = [
            Changed((organization.pk, item), judged, _before(before.get(item)))
            for item, judged in judgement.verdicts.items()
            if item not in before or before[item].digest != judged.kept.digest
        ]
        rows = []
        for change in changed:
            row = OrganizationVerdict(organization=organization)
            set_fields(row, change, now, None)
            rows.append(row)
        OrganizationVerdict.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["organization", "item"],
            update_fields=WRITTEN,
        )
    return {change.cell[1]: cause_of(change, hint) for change in changed if change.is_status}


def _before(row: OrganizationVerdict | None) -> Before | None:
    return None if row is None else Before(*(getattr(row, name) for name in Before.FIELDS))


def store_organization_findings(
    management_account: int,
    resource: str,
    judgement: OrganizationJudgement,
    gathered: OrganizationProblems,
    now: datetime,
    *,
    is_whole: bool,
) -> None:
    """Write the organization's findings, kept on its management account (a primary key).

    What the accounts report is resolved by a pass over all of them only (``is_whole``).
    """
    reports = {
        (management_account, item): findings.Report(
            judged.verdict.problems,
            judged.verdict,
            resource,
            is_organization_wide=True,
            excepted=judged.excepted,
        )
        for item, judged in judgement.verdicts.items()
    }
    for item in gathered.conclusive | gathered.problems.keys():
        if (management_account, item) not in reports:
            reports[management_account, item] = gathered.report(item, resource, is_whole=is_whole)
    with transaction.atomic():
        lock_accounts([management_account])
        if findings.update(reports, now):
            counts = findings.open_counts([management_account]).get(management_account, {})
            for standing in AccountStanding.objects.filter(account=management_account):
                set_open(standing, counts)
                standing.save(update_fields=["open_findings", "worst_open"])
