"""One organization that every test knows by heart.

Management, log archive and audit; payments runs in production and search does not; one account is
suspended, and in one every call is denied. Penny leads Payments, Sam is in Search.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.models import Account, Organization, OrganizationalUnit, Person, Team
from tests.factories import (
    AccountFactory,
    ContactFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    PersonFactory,
    TeamFactory,
)

ORGANIZATION = "o-cairnexample"
MANAGEMENT = "111111111111"
LOG_ARCHIVE = "222222222222"
AUDIT = "333333333333"
PAYMENTS = "444444444444"
SEARCH = "555555555555"
SUSPENDED = "666666666666"
DENIED = "777777777777"

PENNY = "penny@example.com"
SAM = "sam@example.com"


@dataclass(frozen=True)
class World:
    organization: Organization
    root: OrganizationalUnit
    workloads: OrganizationalUnit
    management: Account
    log_archive: Account
    audit: Account
    payments: Account
    search: Account
    suspended: Account
    denied: Account
    payments_team: Team
    search_team: Team
    penny: Person
    sam: Person

    @property
    def accounts(self) -> list[Account]:
        return [
            self.management, self.log_archive, self.audit, self.payments, self.search,
            self.suspended, self.denied,
        ]  # fmt: skip


def create() -> World:
    organization = OrganizationFactory.create(
        organization_id=ORGANIZATION, name="Example", management_account_id=MANAGEMENT
    )
    root = OrganizationalUnitFactory.create(
        organization=organization, ou_id="r-exam", name="Root", path="Root"
    )
    workloads = OrganizationalUnitFactory.create(
        organization=organization, ou_id="ou-exam-workload", name="Workloads",
        path="Root/Workloads", ancestors=["r-exam"],
    )  # fmt: skip
    penny = PersonFactory.create(email=PENNY, name="Penny")
    sam = PersonFactory.create(email=SAM, name="Sam")
    payments_team = TeamFactory.create(name="Payments", slug="payments", lead=penny)
    search_team = TeamFactory.create(name="Search", slug="search")
    search_team.memberships.create(person=sam, valid_from="2026-01-01")

    def account(account_id: str, name: str, **more: object) -> Account:
        return AccountFactory.create(
            account_id=account_id, name=name, email=f"aws+{name}@example.com",
            observed_email=f"aws+{name}@example.com", observed_organization=organization,
            observed_payer=MANAGEMENT, **{"ou": root, **more},
        )  # fmt: skip

    world = World(
        organization=organization,
        root=root,
        workloads=workloads,
        management=account(MANAGEMENT, "management", classes=["management"]),
        log_archive=account(LOG_ARCHIVE, "log-archive", classes=["log_archive"]),
        audit=account(AUDIT, "audit", classes=["security"]),
        payments=account(
            PAYMENTS, "payments", team=payments_team, environment="production", ou=workloads,
            classes=["production"],
        ),
        search=account(
            SEARCH, "search", team=search_team, environment="development", ou=workloads
        ),
        suspended=account(SUSPENDED, "suspended", state="SUSPENDED"),
        denied=account(DENIED, "denied", team=payments_team, ou=workloads),
        payments_team=payments_team,
        search_team=search_team,
        penny=penny,
        sam=sam,
    )  # fmt: skip
    ContactFactory.create(account=world.payments, person=penny, role="owner")
    ContactFactory.create(account=world.search, person=sam, role="owner")
    return world
