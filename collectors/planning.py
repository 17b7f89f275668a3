"""Which units a run has: every collector in every account where it makes sense.

The organization comes first, since it says which accounts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from collectors import sync
from collectors.models import Run, Unit
from collectors.outcomes import Missing
from collectors.registry import Collector, Phase, Reach, Scope, collectors
from collectors.services.organizations import listing
from collectors.store import BATCH, security_accounts
from inventory.changes import Conflicts, Refused
from inventory.models import Account, AccountState, Organization
from inventory.policy import load_policy

# States in which AWS Organizations still speaks of an account; only active ones are entered.
SPOKEN_OF = (
    AccountState.ACTIVE,
    AccountState.PENDING_ACTIVATION,
    AccountState.SUSPENDED,
    AccountState.PENDING_CLOSURE,
)


def is_first(collector: Collector[Any]) -> bool:
    """Whether it belongs before the accounts are known."""
    return collector.scope == Scope.ORGANIZATION and collector.reach == Reach.GLOBAL


def plan_first(run: Run) -> int:
    """Units of the organization phase; how many. A run of some accounts needs none where the
    organization was listed before."""
    management = sync.ensure_management_account(run.organization)
    if run.accounts and run.organization.listed_at and management.account_id not in run.accounts:
        return 0
    return _make(run, [(management, c) for c in _chosen(run) if is_first(c)])


def plan_rest(run: Run) -> int:
    """Bring the inventory up to date with the listing, then make the remaining units.

    Where the listing failed, the accounts known from before are collected all the same.
    """
    try:
        if run.units.filter(collector=listing.name).exists():
            run.listing_complete = sync.synchronize(run)
    except Missing as missing:
        run.listing_complete = False
        run.message = f"The accounts of the organization could not be listed. {missing.message}"
    except (Refused, Conflicts) as error:
        run.listing_complete = False
        run.message = f"The list of accounts could not be written. {error}"
    made = _make(run, _rest(run))
    run.message = run.message[:1000]
    run.planned_at = datetime.now(UTC)
    run.save(update_fields=["listing_complete", "message", "planned_at"])
    return made


def _chosen(run: Run) -> list[Collector[Any]]:
    """All collectors, or those named and the ones that tell in which Regions to run them."""
    known = collectors()
    if not run.collectors:
        return list(known.values())
    named = [known[name] for name in run.collectors if name in known]
    if any(collector.reach != Reach.GLOBAL for collector in named):
        named += [c for c in known.values() if c.phase == Phase.REGIONS and c.scope == Scope.TARGET]
    return list({collector.name: collector for collector in named}.values())


def _rest(run: Run) -> Iterator[tuple[Account, Collector[Any]]]:
    chosen = [collector for collector in _chosen(run) if not is_first(collector)]
    organization = run.organization
    security = set(security_accounts(load_policy(), organization))
    accounts = Account.objects.filter(
        Q(observed_organization=organization, state__in=SPOKEN_OF) | _stands_alone(organization)
    )
    if run.accounts:
        accounts = accounts.filter(account_id__in=run.accounts)
    for account in accounts:
        for collector in chosen:
            if _concerns(collector, account, organization.management_account_id, security):
                yield account, collector


def _concerns(
    collector: Collector[Any], account: Account, management: str, security: set[str]
) -> bool:
    if account.observed_organization_id is None:
        return collector.scope == Scope.ACCOUNT or _is_told_by_itself(collector)
    is_active = account.state == AccountState.ACTIVE
    if collector.scope == Scope.ORGANIZATION:
        return account.account_id == management
    if collector.scope == Scope.TARGET:
        return is_active or _is_told_centrally(collector)
    if collector.scope == Scope.SECURITY:
        return is_active and account.account_id in security
    return is_active


def _stands_alone(organization: Organization) -> Q:
    """Accounts that the sheet puts into the organization and AWS does not: a person vouches for
    them, so the member role is tried there too. Others are not entered, because a role's external
    id would stand in the log of an account that somebody mistyped."""
    return Q(observed_organization=None, organization=organization, state="", closed_on=None)


def _is_told_by_itself(collector: Collector[Any]) -> bool:
    """Whether an account that AWS does not list among the members answers for itself."""
    return bool(collector.own) and all(o.client == "account" for o in collector.operations)


def _is_told_centrally(collector: Collector[Any]) -> bool:
    """Whether the management account still speaks of it for an account that is not active."""
    return collector.phase == Phase.REST and all(
        operation.client in ("organizations", "account") for operation in collector.operations
    )


def _make(run: Run, wanted: Iterable[tuple[Account, Collector[Any]]]) -> int:
    """Units, without those that the run of which this is a retry has collected."""
    done: set[tuple[int, str]] = set()
    if run.retry_of_id:
        finished = Unit.objects.filter(run=run.retry_of_id).exclude(
            state__in=[*Unit.WANTING, *Unit.UNFINISHED, Unit.State.CANCELLED]
        )
        done = {(unit.account_id, unit.collector) for unit in finished}
    units = [
        Unit(run=run, account=account, collector=collector.name, phase=collector.phase)
        for account, collector in wanted
        if (account.pk, collector.name) not in done
    ]
    # Planning that was interrupted is simply done again.
    Unit.objects.bulk_create(units, batch_size=BATCH, ignore_conflicts=True)
    return len(units)
