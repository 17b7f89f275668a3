"""An organization without guardrails, for tests of what policies do to it."""

from __future__ import annotations

from datetime import datetime

from collectors.services import account, organizations, sso_admin
from inventory.models import Account
from tests import organization
from tests.factories import NOW, observe
from tests.roadmap.items.surface.guardrails import SCP, policies


def create(at: datetime = NOW) -> organization.World:
    """An organization in which everything is allowed."""
    found = organization.create()
    above = {"r-exam": ["p-full"], "ou-exam-workload": ["p-full"]}
    told = organizations.Policies(policies().policies, above, ["r-exam"])
    observe(found.management, organizations.policies, told, at=at)
    listed = [
        organizations.Account(one.account_id, ou_ids=[*one.ou.ancestors, one.ou.ou_id])
        for one in Account.objects.select_related("ou")
        if one.ou
    ]
    root = organizations.Root("r-exam", policy_types={SCP: "ENABLED"})
    about = organizations.Organization(organization.ORGANIZATION, feature_set="ALL")
    observe(
        found.management,
        organizations.listing,
        organizations.Listing(about, [root], (), listed),
        at=at,
    )
    for one in found.accounts:
        observe(one, organizations.attached_scps, ("p-full",), at=at)
        observe(one, account.regions, account.Regions(["eu-west-1"]), at=at)
        observe(one, sso_admin.access, sso_admin.Access(), at=at)
    return found
