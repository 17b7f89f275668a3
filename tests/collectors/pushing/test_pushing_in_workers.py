"""A real Celery worker killed while it writes: another one carries on, and nothing is doubled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from django.conf import settings

from collectors import tasks
from collectors.models import Connection, ContactPush
from collectors.pushing import deciding, planning, working
from inventory.models import Account, Organization, Role, User
from simulated_aws import SimulatedAws
from tests.collectors.conftest import Collect
from tests.collectors.pushing.conftest import NINA, State, in_aws, name_contact, puts
from tests.conftest import StartWorker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEASE_SECONDS = 4
DEADLINE = 120


@pytest.fixture(autouse=True)
def environment_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLECTION_LEASE_SECONDS", str(LEASE_SECONDS))
    monkeypatch.setattr(settings, "COLLECTION_LEASE_SECONDS", LEASE_SECONDS)
    monkeypatch.setenv("CONTACT_PUSH", "1")
    monkeypatch.setattr(settings, "CONTACT_PUSH", True)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        time.sleep(0.05)


def test_a_worker_killed_while_it_writes_is_followed_by_another(
    aws: SimulatedAws, connection: Connection, collect: Collect, start_worker: StartWorker
) -> None:
    collect(names=("organizations.listing",))
    Connection.objects.update(contacts_role_arn=aws.world["contacts_role_arn"])
    organization = Organization.objects.get()
    ada = User.objects.create_user("ada@example.com", "x", role=Role.ADMIN)
    for disturbance in aws.get("/_sim/answers"):
        aws.remove_answer(disturbance["id"])
    accounts = sorted(
        Account.objects.filter(state="ACTIVE", observed_organization=organization).values_list(
            "account_id", flat=True
        )
    )
    for account in accounts:
        name_contact(account)
    push = planning.plan(organization, user=ada, types=["SECURITY"], accounts=accounts)
    working.work(push.pk)
    push.refresh_from_db()
    deciding.confirm(push, user=ada)

    aws.post("/_sim/latency", {"ms": 60})
    aws.forget_calls()
    first = start_worker()
    tasks.push_contacts.delay(push.pk)
    done = push.items.filter(state=State.DONE)
    wait_until(lambda: done.count() >= 3, "the first worker has written some")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert 0 < done.count() < len(accounts)
    start_worker()

    def is_over() -> bool:
        if ContactPush.objects.filter(working.free(), pk=push.pk).exists():
            tasks.push_contacts.delay(push.pk)
        push.refresh_from_db()
        return push.state not in ContactPush.ACTIVE

    wait_until(is_over, "another worker has written the rest")
    assert push.state == ContactPush.State.FINISHED
    assert {item.state for item in push.items.all()} == {State.DONE}
    assert len(accounts) <= puts(aws) <= len(accounts) + 1
    assert sum(item.writes for item in push.items.all()) <= len(accounts) + 1
    assert {in_aws(aws, account) for account in accounts} == {NINA}
