"""What AWS Organizations says, written into the inventory as a change set.

Only a complete and non-empty listing says anything about what is not in it: from any other one
nothing is marked as gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from collectors.models import Fact, Run
from collectors.outcomes import Missing
from collectors.services.organizations import (
    Account as ListedAccount,
)
from collectors.services.organizations import Listing, listing, tags
from collectors.store import observation_of
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, ORGANIZATIONS, OUS
from inventory.models import Account, AccountState, Organization, OrganizationalUnit, Origin

# The organization stays: it is the one that the account has left.
LEFT = {"state": AccountState.LEFT, "ou": "", "observed_payer": ""}


def ensure_management_account(organization: Organization) -> Account:
    """The row of the management account, made when AWS first showed it."""
    key = f"{organization.partition}:{organization.management_account_id}"
    values = {"observed_organization": organization.organization_id}
    if not Account.objects.filter(
        partition=organization.partition, account_id=organization.management_account_id
    ).exists():
        write([Edit(ACCOUNTS, key, values)], origin=Origin.SYNC, source="Connecting")
    return Account.objects.keyed(key)


def synchronize(run: Run) -> bool:
    """Write the listing that this run collected; whether it was complete. Raises Missing when
    there is none, Refused and Conflicts when it cannot be written."""
    organization = run.organization
    observation = observation_of(listing, ensure_management_account(organization))
    found = observation.get()
    seen_at = observation.observed_at
    if seen_at is None or (run.started_at and seen_at < run.started_at):
        raise Missing(observation.outcome, "The accounts were not listed in this run.")
    is_complete = found.is_complete and bool(found.accounts)
    edits = [*_organization(organization, found), *_ous(organization, found, is_complete)]
    edits += _accounts(organization, found, is_complete)
    write(edits, origin=Origin.SYNC, source=f"Run {run.pk}")
    ids = [account.id for account in found.accounts]
    Account.objects.filter(partition=organization.partition, account_id__in=ids).update(
        observed_at=seen_at
    )
    if is_complete:
        Organization.objects.filter(pk=organization.pk).update(listed_at=seen_at)
    return is_complete


def synchronize_tags(run: Run) -> None:
    """Write the tags of accounts that this run collected."""
    facts = Fact.objects.filter(
        kind=tags.name, account__units__run=run, observed_at__gte=run.started_at or run.created_at
    ).select_related("account")
    edits = [
        Edit(ACCOUNTS, fact.account.key, {"tags": fact.value["tags"]})
        for fact in facts.distinct()
        if fact.value is not None
    ]
    if edits:
        write(edits, origin=Origin.SYNC, source=f"Run {run.pk}")


def _organization(organization: Organization, found: Listing) -> Iterator[Edit]:
    if found.organization.id == organization.organization_id:
        yield Edit(
            ORGANIZATIONS,
            organization.organization_id,
            {
                "feature_set": found.organization.feature_set,
                "management_account_id": found.organization.management_account_id,
            },
        )


def _ous(organization: Organization, found: Listing, is_complete: bool) -> Iterator[Edit]:
    """Roots and OUs; a parent comes before its children, so its line is known."""
    names = {root.id: root.name or root.id for root in found.roots}
    lines: dict[str, list[str]] = {root.id: [] for root in found.roots}
    for unit in found.organizational_units:
        names[unit.id] = unit.name or unit.id
        lines[unit.id] = [*lines.get(unit.parent_id, []), unit.parent_id]
    for ou_id, line in lines.items():
        yield Edit(
            OUS,
            ou_id,
            {
                "organization": organization.organization_id,
                "ancestors": line,
                "name": names[ou_id],
                "path": "/".join(names[place] for place in (*line, ou_id)),
                "gone_at": "",
            },
        )
    if is_complete:
        gone = OrganizationalUnit.objects.filter(organization=organization, gone_at__isnull=True)
        for ou_id in gone.exclude(ou_id__in=list(lines)).values_list("ou_id", flat=True):
            yield Edit(OUS, ou_id, {"gone_at": datetime.now(UTC)})


def _accounts(organization: Organization, found: Listing, is_complete: bool) -> Iterator[Edit]:
    partition = organization.partition
    for account in found.accounts:
        values = _account(organization, account)
        yield Edit(ACCOUNTS, f"{partition}:{account.id}", values)
    if is_complete:
        listed = {account.id for account in found.accounts}
        before = Account.objects.filter(observed_organization=organization, partition=partition)
        for account_id in before.values_list("account_id", flat=True):
            if account_id not in listed:
                yield Edit(ACCOUNTS, f"{partition}:{account_id}", LEFT)


def _account(organization: Organization, account: ListedAccount) -> dict[str, object]:
    values: dict[str, object] = {
        "observed_name": account.name,
        "observed_email": account.email,
        "observed_organization": organization.organization_id,
        "observed_payer": organization.management_account_id,
        "joined_method": account.joined_method,
        "joined_at": account.joined_timestamp,
    }
    if account.ou_ids:
        values["ou"] = account.ou_ids[-1]
    if account.state in AccountState.values:  # AWS may invent one that Cairn does not know yet.
        values["state"] = account.state
    return values
