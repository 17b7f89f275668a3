"""Where the Security Hub findings of an organization are read: in the account that administers it,
in the Region into which they are drawn together, and in Regions that are not linked to it."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.aws import Aws
from collectors.models import Connection, Fact
from collectors.observing import member_role
from collectors.outcomes import Missing, Outcome
from collectors.services import securityhub
from collectors.store import in_regions, place_of, security_accounts
from inventory.models import Account
from inventory.policy import load_policy


def sources(connection: Connection) -> list[Aws]:
    """One for each Region to ask. Raises Missing, with what to do about it."""
    administrator = _administrator(connection)
    hubs = in_regions(securityhub.hub, administrator)
    on = [
        region for region, hub in hubs.items() if hub.outcome == Outcome.COLLECTED and hub.get().arn
    ]
    if not on:
        raise Missing(
            Outcome.NEVER_COLLECTED,
            f"Security Hub is not known to be on in {administrator}, which administers it. Turn it "
            "on there, or collect the account if it is.",
        )
    return [_aws(connection, administrator, region) for region in _asked(administrator, on)]


def are_known(connection: Connection) -> bool:
    try:
        return bool(sources(connection))
    except Missing:
        return False


def _administrator(connection: Connection) -> Account:
    organization = connection.organization
    named = Fact.objects.filter(
        kind=securityhub.delegated_administrators.name,
        account__partition=organization.partition,
        account__account_id=organization.management_account_id,
        outcome=Outcome.COLLECTED,
    )
    values = named.values_list("value", flat=True)
    ids = {account_id for value in values for account_id in value or ()}
    if not ids:
        raise Missing(
            Outcome.NEVER_COLLECTED,
            f"No delegated administrator of Security Hub is known in {organization}. Delegate one "
            "in AWS Organizations, or collect the organization if there is one.",
        )
    declared = ids.intersection(security_accounts(load_policy(), organization))
    found = (
        Account.objects.select_related("ou", "observed_organization")
        .filter(partition=organization.partition, account_id__in=declared)
        .order_by("account_id")
        .first()
    )
    if found is None:
        raise Missing(
            Outcome.ACCESS_DENIED,
            f"{', '.join(sorted(ids))} administers Security Hub in {organization} and is none of "
            "its SECURITY_ACCOUNTS, whose role alone may read findings. Add it there.",
        )
    return found


def _asked(administrator: Account, on: list[str]) -> list[str]:
    aggregators = [
        aggregator
        for found in in_regions(securityhub.aggregators, administrator).values()
        if found.outcome == Outcome.COLLECTED
        for aggregator in found.get()
        if aggregator.region in on
    ]
    homes = sorted({aggregator.region for aggregator in aggregators})
    linked = {region for region in on if any(one.links(region) for one in aggregators)}
    return homes + [region for region in on if region not in linked]


def _aws(connection: Connection, administrator: Account, region: str) -> Aws:
    return Aws(
        role=member_role(connection, administrator, "D"),
        region=region,
        settings=load_policy().at(place_of(administrator)),
        now=datetime.now(UTC),
        is_regional=True,
    )
