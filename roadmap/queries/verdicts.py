"""Stored verdicts with their evidence, as pages, the API and commands show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from inventory.models import Account
from roadmap.decided import decisions_of, standing_of
from roadmap.decision_states import Standing
from roadmap.evidence import FactKey, Record, Seen, named_in, record, seen
from roadmap.models import (
    AccountVerdict,
    Finding,
    FindingDecision,
    OrganizationVerdict,
    VerdictFields,
)
from roadmap.queries.guardrails import PARENT, Decided, decided
from roadmap.registry import Item, items
from roadmap.restricted import sentence_of
from roadmap.verdicts import Source, Status


@dataclass(frozen=True)
class Reported:
    """An open finding behind a verdict, and the decision that stands for it, if any."""

    finding: Finding
    standing: Standing
    decision: FindingDecision | None


@dataclass(frozen=True)
class ItemVerdict:
    """One item of one account. ``evidence`` of an inherited verdict is the organization's.

    ``observed_at`` is the age of the oldest fact or scan it rests on; ``children`` are the
    sub-checks.
    """

    item: Item
    status: Status
    reason: str
    sentence: str
    source: Source
    incomplete: bool
    since: datetime
    last_known_status: Status | None
    last_known_at: datetime | None
    evidence: Record
    findings: Sequence[Reported] = ()
    children: Sequence[ItemVerdict] = field(default_factory=list)

    @property
    def observed_at(self) -> datetime | None:
        return self.evidence.collected_at

    @property
    def is_imported(self) -> bool:
        """Whether it rests on what a scanner saw."""
        return self.source == Source.IMPORTED

    @property
    def reason_text(self) -> str:
        """The reason in words, such as "access denied"."""
        return self.reason.replace("_", " ")

    @property
    def inherits_from(self) -> str | None:
        return self.evidence.inherits_from

    @property
    def decided(self) -> Decided | None:
        """Of a guardrail, what its policies decide. One query."""
        return decided(self.evidence.facts) if self.item.parent == PARENT else None


Inherited = dict[tuple[str, str], OrganizationVerdict]  # (organization id, item)


def inherited(verdicts: Iterable[AccountVerdict]) -> Inherited:
    """The organization's verdicts that these were handed down from. One query, or none."""
    wanted = {
        (verdict.evidence["inherits_from"], verdict.item)
        for verdict in verdicts
        if verdict.evidence.get("inherits_from")
    }
    if not wanted:
        return {}
    rows = OrganizationVerdict.objects.select_related("organization").filter(
        organization__organization_id__in={organization for organization, _ in wanted}
    )
    found = {(row.organization.organization_id, row.item): row for row in rows}
    return {key: found[key] for key in wanted if key in found}


def evidence_of(
    account: Account, verdict: AccountVerdict, above: Inherited, facts: dict[FactKey, Seen]
) -> Record:
    """The whole record of a verdict; of an inherited one, that of the organization's verdict."""
    organization = verdict.evidence.get("inherits_from")
    source: VerdictFields = above.get((organization, verdict.item), verdict)
    scope = {
        "type": "organization" if source is not verdict else "account",
        "organization": organization
        or (
            account.observed_organization.organization_id if account.observed_organization else None
        ),
        "account": account.account_id if source is verdict else None,
        "region": None,
    }
    found = record(source, scope, facts)
    if source is verdict:
        return found
    return replace(found, source=verdict.source, inherits_from=organization)


def _shown(evidence: Record, hidden: Collection[str]) -> Record:
    if evidence.item not in hidden:
        return evidence
    empty: dict[str, Any] = {"calls": (), "settings": {}, "facts": {}, "rule": "", "findings": ()}
    return replace(evidence, **empty, exceptions=(), attestations=(), regions={}, scans=())


def verdicts_of(
    account: Account, hidden: Collection[str] = (), *, with_calls: bool = True
) -> dict[str, ItemVerdict]:
    """Item key → verdict, of the items in the catalogue; of ``hidden`` ones the status alone. Five
    queries. ``with_calls`` reads the calls behind the evidence too."""
    catalogue = items()
    stored = list(AccountVerdict.objects.filter(account=account, item__in=catalogue))
    above = inherited(stored)
    facts = seen(account.partition, named_in([*stored, *above.values()]), with_calls=with_calls)
    findings = defaultdict(list)
    own = Finding.objects.filter(source=Finding.OWN, account=account, state=Finding.State.OPEN)
    now = datetime.now(UTC)
    decided = decisions_of(own, now)
    for finding in own:
        decision = decided.get(finding.pk)
        reported = Reported(finding, standing_of(finding, decision, now), decision)
        findings[finding.item].append(reported)
    found: dict[str, ItemVerdict] = {}
    for row in sorted(stored, key=lambda row: not catalogue[row.item].parent):
        item = catalogue[row.item]
        found[row.item] = ItemVerdict(
            item=item,
            status=Status(row.status),
            reason=row.reason,
            sentence=sentence_of(row.item, row.sentence, hidden),
            source=Source(row.source),
            incomplete=row.incomplete,
            since=row.since,
            last_known_status=Status(row.last_known_status) if row.last_known_status else None,
            last_known_at=row.last_known_at,
            evidence=_shown(evidence_of(account, row, above, facts), hidden),
            findings=[] if row.item in hidden else findings[row.item],
            children=[
                found[key]
                for key, child in catalogue.items()
                if child.parent == row.item and key in found
            ],
        )
    return {key: found[key] for key in catalogue if key in found}
