"""What a rule may say of a finding's severity, and see of the answers to other items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collectors.outcomes import Outcome
from collectors.services import sso_admin
from inventory.models import AccountState
from roadmap.evaluation import judge
from roadmap.models import AccountStanding, AccountVerdict, Attestation, Finding
from roadmap.registry import Attestable, Level
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Verdict, failed, passed
from tests.factories import NOW, AccountFactory, OrganizationFactory, UserFactory, observe
from tests.organization import World
from tests.roadmap.conftest import make_item

Catalogue = Callable[..., None]


@pytest.mark.parametrize(
    ("said", "severity"), [(Severity.CRITICAL, "critical"), (None, "high")], ids=str
)
def test_a_problem_may_be_worse_than_its_kind(
    catalogue: Catalogue, world: World, said: Severity | None, severity: str
) -> None:
    def rule(subject: Subject) -> Verdict:
        return failed("Bad.", problems=[Problem("table_open", severity=said)])

    catalogue(make_item("inventory.tables", rule))
    judge(now=NOW)

    assert Finding.objects.get(account=world.payments).severity == severity
    assert AccountStanding.objects.get(account=world.payments).worst_open == severity


def test_a_finding_seen_again_takes_its_new_severity(catalogue: Catalogue, world: World) -> None:
    for at, said in ((NOW, None), (NOW + timedelta(hours=1), Severity.LOW)):
        problem = Problem("table_open", severity=said)
        rule = failed("Bad.", problems=[problem])
        catalogue(make_item("inventory.tables", lambda _, rule=rule: rule))
        judge(now=at)
    assert Finding.objects.get(account=world.payments).severity == "low"


def test_a_rule_sees_what_is_registered_under_another_item(
    catalogue: Catalogue, world: World
) -> None:
    def rule(subject: Subject) -> Verdict:
        found = subject.registered("inventory.register")
        return passed(found[0].statement) if found else failed("Nothing registered.")

    asked = Attestable(Level.ACCOUNT, "What is there?")
    catalogue(
        make_item("inventory.reader", rule),
        make_item("inventory.register", lambda _: failed("No."), attests=(asked,), order="1.2"),
    )
    Attestation.objects.create(
        item="inventory.register",
        account=world.payments,
        claim="done",
        statement="A token.",
        author=UserFactory.create(),
        expires_at=NOW + timedelta(days=9),
    )
    judge(now=NOW)

    verdicts = AccountVerdict.objects.filter(item="inventory.reader")
    assert verdicts.get(account=world.payments).sentence == "A token."
    assert verdicts.exclude(account=world.payments).filter(status="pass").count() == 0


def test_a_rule_knows_the_accounts_of_other_organizations(
    catalogue: Catalogue, world: World
) -> None:
    other = OrganizationFactory.create(organization_id="o-other")
    AccountFactory.create(account_id="767676767676", observed_organization=other)
    AccountFactory.create(
        account_id="757575757575", observed_organization=other, state=AccountState.LEFT
    )
    seen: dict[str, frozenset[str]] = {}

    def rule(subject: Subject) -> Verdict:
        found = subject.company.of_other_organizations
        seen[subject.account.account_id] = found & {"767676767676", "757575757575", "o-other"}
        return passed("Seen.")

    catalogue(make_item("inventory.reader", rule))
    judge(now=NOW)

    assert seen[world.payments.account_id] == {"767676767676", "o-other"}
    assert seen["767676767676"] == frozenset()
    assert seen["757575757575"] == {"767676767676", "o-other"}


def test_a_rule_sees_how_identity_center_leads_into_the_other_accounts(
    catalogue: Catalogue, world: World
) -> None:
    access = sso_admin.Access("arn:instance", "us-east-1")
    observe(world.management, sso_admin.access, access, at=NOW)
    observe(world.denied, sso_admin.access, access, at=NOW - timedelta(hours=73))
    seen: dict[str, Outcome] = {}

    def rule(subject: Subject) -> Verdict:
        seen.update({name: one.outcome for name, one in subject.company.access.items()})
        return passed("Seen.")

    catalogue(make_item("inventory.reader", rule))
    judge(now=NOW)

    assert seen == {
        world.management.account_id: Outcome.COLLECTED,
        world.denied.account_id: Outcome.STALE,
    }
