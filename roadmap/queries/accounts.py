"""One account's page, and accounts as lines of a list with their bars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Max

from collectors.models import Fact
from collectors.outcomes import Outcome
from inventory.models import Account, Contact
from inventory.models.accounts import AccountQuerySet
from roadmap.models import AccountStanding, Attestation, VerdictChange
from roadmap.queries.counts import StageCounts, ladders_of
from roadmap.queries.verdicts import ItemVerdict, verdicts_of
from roadmap.rollups import Counts, total
from roadmap.stages import Stage


@dataclass(frozen=True)
class StageStanding:
    """One stage of an account; ``items`` are its items, sub-checks below their parents."""

    stage: Stage
    counts: Counts
    items: Sequence[ItemVerdict]


@dataclass(frozen=True)
class Gap:
    """A kind of fact that could not be collected, with the number of its Regions."""

    kind: str
    outcome: str
    regions: int
    message: str
    observed_at: datetime


@dataclass(frozen=True)
class AccountPage:
    """``standing`` is None for an account that was never judged; ``collection`` are the ``kinds``
    of facts that are wanting."""

    account: Account
    contacts: Sequence[Contact]
    standing: AccountStanding | None
    stages: Sequence[StageStanding]
    counts: Counts
    attestations: Sequence[Attestation]
    changes: Sequence[VerdictChange]
    collection: Sequence[Gap]
    kinds: int

    @property
    def level(self) -> int:
        return self.standing.level if self.standing else 0


def account_page(
    accounts: AccountQuerySet,
    account_id: str,
    hidden: Collection[str] = (),
    *,
    with_calls: bool = True,
    changes: int = 15,
) -> AccountPage:
    """``accounts`` are those the reader may see, ``hidden`` the items whose details are not for
    them; ``with_calls`` where the evidence of one of them is shown. Raises Account.DoesNotExist."""
    account = (
        accounts.select_related(
            "team__lead",
            "ou",
            "observed_organization",
            "organization",
            "payer",
            "standing",
            "confirmed_by",
        )
        .filter(account_id=account_id)
        .first()
    )
    if account is None:
        raise Account.DoesNotExist
    verdicts = verdicts_of(account, hidden, with_calls=with_calls)
    ladder = ladders_of([account.pk])[account.pk]
    return AccountPage(
        account=account,
        contacts=list(account.contact_set.select_related("person")),
        standing=getattr(account, "standing", None),
        stages=[
            StageStanding(
                step.stage,
                step.counts,
                [
                    verdict
                    for verdict in verdicts.values()
                    if verdict.item.stage == step.stage and not verdict.item.parent
                ],
            )
            for step in ladder
        ],
        counts=total(step.counts for step in ladder),
        attestations=_attestations(account, hidden),
        changes=list(
            VerdictChange.objects.filter(account=account).exclude(item__in=hidden)[:changes]
        ),
        collection=_gaps(account),
        kinds=Fact.objects.filter(account=account).values("kind").distinct().count(),
    )


def _attestations(account: Account, hidden: Collection[str]) -> list[Attestation]:
    """Every answer that speaks of the account, narrowest level first."""
    from roadmap.attestations import of_account

    rows = of_account(account).exclude(item__in=hidden)
    return list(rows.select_related("author", "team", "organization"))


def _gaps(account: Account) -> list[Gap]:
    rows = (
        Fact.objects.filter(account=account)
        .exclude(outcome=Outcome.COLLECTED)
        .order_by("kind", "outcome")
        .values_list("kind", "outcome")
        .annotate(Count("pk"), Max("message"), Max("observed_at"))
    )
    return [Gap(*row) for row in rows]


@dataclass(frozen=True)
class AccountLine:
    """An account in a list. ``account.team`` is loaded; ``owner`` is an address or empty."""

    account: Account
    owner: str
    standing: AccountStanding | None
    stages: Sequence[StageCounts]

    @cached_property
    def counts(self) -> Counts:
        return total(stage.counts for stage in self.stages)


def account_lines(accounts: Sequence[Account]) -> Sequence[AccountLine]:
    """Lines for accounts of one page of a list, in their order. Three queries."""
    pks = [account.pk for account in accounts]
    ladders = ladders_of(pks)
    standings = {row.account_id: row for row in AccountStanding.objects.filter(account__in=pks)}
    owners = dict(
        Contact.objects.filter(account__in=pks, role="owner").values_list(
            "account_id", "person__email"
        )
    )
    return [
        AccountLine(a, owners.get(a.pk, ""), standings.get(a.pk), ladders[a.pk]) for a in accounts
    ]
