"""An address that refuses mail is a finding of the accounts whose contact it is, not a verdict."""

from __future__ import annotations

import pytest
from django.test import TestCase

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Account, Origin
from inventory.outbox import bounces
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict, Finding
from tests.factories import UserFactory
from tests.organization import PENNY, World

ITEM = "inventory.contacts"
ALLOWED = TestCase.captureOnCommitCallbacks  # Judging begins when the transaction is through.


@pytest.fixture(autouse=True)
def judged(world: World) -> None:
    judge()


def bounce(address: str) -> None:
    with ALLOWED(execute=True):
        bounces.mark(address, "550 5.1.1 No such mailbox")


def found() -> dict[str, str]:
    rows = Finding.objects.filter(item=ITEM, code="mail_bounces")
    return dict(rows.values_list("account__account_id", "state"))


def status(account: Account) -> str:
    return AccountVerdict.objects.get(account=account, item=ITEM).status


def test_it_is_reported_and_decides_nothing(world: World) -> None:
    before = status(world.payments)
    bounce(PENNY)
    assert found() == {world.payments.account_id: "open"}
    assert status(world.payments) == before
    finding = Finding.objects.get(code="mail_bounces")
    assert finding.detail == "Mail servers refuse mail to: owner."
    assert finding.severity == "medium"


def test_mail_that_arrives_resolves_it(world: World) -> None:
    bounce(PENNY)
    with ALLOWED(execute=True):
        bounces.clear(PENNY)
    assert found() == {world.payments.account_id: "resolved"}


def test_another_contact_in_its_place_resolves_it(world: World) -> None:
    bounce(PENNY)
    with ALLOWED(execute=True):
        edit = Edit(ACCOUNTS, world.payments.key, {"owner": "rita@example.com"})
        write([edit], origin=Origin.EDIT, user=UserFactory.create())
    assert found() == {world.payments.account_id: "resolved"}


def test_an_address_that_bounces_again_and_again_is_judged_once(world: World) -> None:
    bounce(PENNY)
    with ALLOWED() as later:
        bounces.mark(PENNY.upper(), "550 again")
    assert later == []
    assert found() == {world.payments.account_id: "open"}
