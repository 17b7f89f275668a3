"""From a plan to AWS and back, over HTTP against the simulated organization."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from collectors import alternate_contacts
from collectors.alternate_contacts import Details, Standing
from collectors.aws.contact_writes import ContactWriter
from collectors.models import Connection, ContactPush
from collectors.pushing import deciding, planning, working
from collectors.pushing.progress import causes_of, progress_of
from collectors.pushing.readiness import NotPossible
from inventory.changes import Edit, write
from inventory.columns import PEOPLE
from inventory.models import Account, Organization, Origin, PolicySetting, Role, User
from simulated_aws import SimulatedAws
from tests.collectors.pushing.conftest import (
    ANALYTICS,
    LEDGER,
    MANAGEMENT,
    NINA,
    PAYMENTS,
    SEARCH,
    SUSPENDED,
    Planned,
    State,
    held,
    in_aws,
    item,
    name_contact,
    pushed,
    puts,
    set_in_aws,
    states,
)

Push = ContactPush.State
OLD = Details("Larkfield security", "Security", "security@example.com", "+1 202 555 0100")


def test_a_plan_reads_aws_writes_nothing_and_names_each_difference(
    planned: Planned, aws: SimulatedAws
) -> None:
    name_contact(PAYMENTS)
    name_contact(ANALYTICS)
    set_in_aws(aws, LEDGER, replace(NINA, phone="+49 (30) 123-456", email="Nina@Example.com"))
    name_contact(LEDGER)
    aws.forget_calls()
    push = planned(PAYMENTS, ANALYTICS, LEDGER, SEARCH)
    assert push.state == Push.PLANNED
    assert puts(aws) == 0
    found = item(push, PAYMENTS)
    assert (found.state, held(found.before), held(found.after)) == (
        State.CHANGE,
        OLD,
        NINA,
    )
    new = item(push, ANALYTICS)
    assert (new.state, new.before) == (State.CHANGE, None)
    assert item(push, LEDGER).state == State.NOTHING
    left = item(push, SEARCH)
    assert left.state == State.LEFT_OUT
    assert "The sheet names no security contact" in left.message


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"title": ""}, "Title missing."),
        ({"title": "", "phone": ""}, "Title and phone missing."),
        ({"name": "N" * 65}, "Name has 65 characters, and AWS takes 64."),
        ({"title": "T" * 51}, "Title has 51 characters, and AWS takes 50."),
        ({"left_on": "2020-01-01"}, "Nina Vogel has left."),
    ],
)
def test_what_aws_would_refuse_is_not_planned(
    planned: Planned, aws: SimulatedAws, values: dict[str, str], why: str
) -> None:
    name_contact(PAYMENTS)
    write([Edit(PEOPLE, NINA.email, values)], origin=Origin.EDIT)
    found = item(planned(PAYMENTS), PAYMENTS)
    assert (found.state, found.message) == (State.LEFT_OUT, why)


def test_a_suspended_account_and_an_address_aws_does_not_take_are_left_out(
    planned: Planned, aws: SimulatedAws
) -> None:
    name_contact(SUSPENDED)
    name_contact(PAYMENTS, details=replace(NINA, email="o'hara@example.com"))
    push = planned(SUSPENDED, PAYMENTS)
    assert "The account is suspended" in item(push, SUSPENDED).message
    assert "The e-mail address is not one that AWS takes" in item(push, PAYMENTS).message


def test_contacts_are_written_read_back_and_kept_with_what_was_before(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    name_contact(ANALYTICS)
    push = pushed(planned(PAYMENTS, ANALYTICS), ada)
    assert push.state == Push.FINISHED
    assert set(states(push).values()) == {State.DONE}
    assert in_aws(aws, PAYMENTS) == in_aws(aws, ANALYTICS) == NINA
    assert (push.planned_by, push.confirmed_by) == (ada, ada)
    assert push.confirmed_at is not None
    for one in push.items.all():
        assert one.written_at
        assert one.verified_at
        assert one.verified_at >= one.written_at
        assert one.request_id
        assert one.writes == 1
    assert held(item(push, PAYMENTS).before) == OLD


def test_the_management_account_never_names_itself(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    """The simulation refuses that, as AWS does."""
    name_contact(MANAGEMENT)
    push = pushed(planned(MANAGEMENT), ada)
    assert states(push) == {MANAGEMENT: State.DONE}
    assert in_aws(aws, MANAGEMENT) == NINA


def test_afterwards_the_facts_are_what_aws_holds(
    planned: Planned, aws: SimulatedAws, ada: User, organization: Organization
) -> None:
    name_contact(PAYMENTS)
    told: list[list[int]] = []

    def hear(accounts: list[int], **_: object) -> None:
        told.append(accounts)

    working.contacts_pushed.connect(hear)
    pushed(planned(PAYMENTS), ada)
    working.contacts_pushed.disconnect(hear)
    account = Account.objects.get(account_id=PAYMENTS)
    line = alternate_contacts.of_account(account).lines[0]
    assert (line.standing, line.observed) == (Standing.SAME, NINA)
    assert told == [[account.pk]]


def test_a_contact_changed_in_aws_after_the_plan_is_told_and_not_overwritten(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    name_contact(LEDGER)
    push = planned(PAYMENTS, LEDGER)
    theirs = Details("Somebody Else", "On call", "else@example.com", "+1 202 555 0100")
    set_in_aws(aws, PAYMENTS, theirs)
    pushed(push, ada)
    found = item(push, PAYMENTS)
    assert (found.state, held(found.found)) == (State.CHANGED, theirs)
    assert in_aws(aws, PAYMENTS) == theirs
    assert item(push, LEDGER).state == State.DONE
    (cause,) = causes_of(push)
    assert "after it was planned" in cause.title
    assert cause.items == [found]


def test_a_contact_that_aws_holds_by_now_is_not_written_again(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    set_in_aws(aws, PAYMENTS, NINA)
    aws.forget_calls()
    pushed(push, ada)
    assert states(push) == {PAYMENTS: State.NOTHING}
    assert puts(aws) == 0


def test_one_denied_account_does_not_stop_the_others_and_is_tried_again(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    for account in (LEDGER, PAYMENTS, SEARCH):
        name_contact(account)
    push = planned(LEDGER, PAYMENTS, SEARCH)
    answer = aws.add_answer(
        service="account",
        operation="PutAlternateContact",
        parameters={"AccountId": PAYMENTS},
        error="denied",
        message="an explicit deny in a service control policy",
    )
    pushed(push, ada)
    assert states(push) == {LEDGER: State.DONE, PAYMENTS: State.FAILED, SEARCH: State.DONE}
    (cause,) = causes_of(push)
    assert "enable-aws-service-access" in cause.cure
    assert "service control policy" in next(cause.messages)[2]
    assert in_aws(aws, PAYMENTS) == OLD

    aws.remove_answer(answer)
    aws.forget_calls()
    deciding.retry(push, user=ada)
    working.work(push.pk)
    assert set(states(push).values()) == {State.DONE}
    assert puts(aws) == 1
    assert causes_of(push) == []


def test_what_was_changed_in_aws_before_trying_again_is_told_with_its_own_cause(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    answer = aws.add_answer(service="account", operation="PutAlternateContact", error="denied")
    pushed(push, ada)
    aws.remove_answer(answer)
    set_in_aws(aws, PAYMENTS, replace(NINA, title="Other"))
    deciding.retry(push, user=ada)
    assert causes_of(push) == []
    working.work(push.pk)
    (cause,) = causes_of(push)
    assert "after it was planned" in cause.title


def test_without_trusted_access_the_plan_says_so_and_what_to_do(
    planned: Planned, aws: SimulatedAws
) -> None:
    name_contact(PAYMENTS)
    name_contact(MANAGEMENT)
    aws.client("organizations").disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    push = planned(PAYMENTS, MANAGEMENT)
    assert states(push) == {PAYMENTS: State.LEFT_OUT, MANAGEMENT: State.CHANGE}
    assert "Trusted access" in item(push, PAYMENTS).message
    (cause,) = causes_of(push)
    assert "account.amazonaws.com" in cause.cure


def test_throttling_is_waited_for(planned: Planned, aws: SimulatedAws, ada: User) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    aws.add_answer(service="account", operation="PutAlternateContact", error="throttled", times=4)
    aws.forget_calls()
    pushed(push, ada)
    assert states(push) == {PAYMENTS: State.DONE}
    assert item(push, PAYMENTS).writes == 1
    assert puts(aws) == 5


def test_endless_throttling_is_a_failure_with_its_cause(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    aws.add_answer(service="account", operation="PutAlternateContact", error="throttled")
    pushed(push, ada)
    (cause,) = causes_of(push)
    assert "slow down" in cause.title
    assert in_aws(aws, PAYMENTS) == OLD


def test_a_write_whose_answer_was_lost_is_not_sent_twice(
    planned: Planned, aws: SimulatedAws, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS took it and answered with an error: reading back tells."""
    name_contact(PAYMENTS)
    name_contact(LEDGER)
    push = planned(PAYMENTS, LEDGER)
    aws.add_answer(
        service="account",
        operation="PutAlternateContact",
        parameters={"AccountId": PAYMENTS},
        error="InternalServerException",
        message="Try later",
        status=500,
    )
    sent = ContactWriter.write

    def write_and_break(self: ContactWriter, account: str, kind: str, contact: object) -> str:
        if account == LEDGER:
            set_in_aws(aws, account, NINA)
            aws.add_answer(
                service="account",
                operation="PutAlternateContact",
                error="InternalServerException",
                status=500,
                times=1,
            )
        return sent(self, account, kind, contact)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(ContactWriter, "write", write_and_break)
    aws.forget_calls()
    pushed(push, ada)
    assert states(push) == {PAYMENTS: State.FAILED, LEDGER: State.DONE}
    assert "though it answered" in item(push, LEDGER).message
    # One each by Cairn, and one by the hand that stands for AWS having taken it.
    assert puts(aws) == 3
    (cause,) = [cause for cause in causes_of(push) if item(push, PAYMENTS) in cause.items]
    assert "no usable answer" in cause.title


def test_a_difference_when_read_back_is_a_failure_said_plainly(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    aws.add_answer(service="account", operation="PutAlternateContact", result={})
    pushed(push, ada)
    found = item(push, PAYMENTS)
    assert found.state == State.UNVERIFIED
    assert held(found.found) == OLD
    assert "answers with another one" in causes_of(push)[0].title
    assert progress_of(push).wanting == 1


class Killed(BaseException):
    """Ends a worker as kill -9 does: what comes after it in the worker is not run."""


def kill(push: ContactPush) -> None:
    """What a killed worker leaves behind: its lease, which has run out by now."""
    ContactPush.objects.filter(pk=push.pk).update(
        lease_owner="dead", lease_until=datetime.now(UTC) - timedelta(seconds=1)
    )


@pytest.mark.parametrize("arrived", [True, False], ids=["AWS took it", "it never arrived"])
def test_a_worker_killed_while_it_writes_loses_and_doubles_nothing(
    planned: Planned,
    aws: SimulatedAws,
    ada: User,
    monkeypatch: pytest.MonkeyPatch,
    arrived: bool,
) -> None:
    accounts = (LEDGER, SEARCH, PAYMENTS)
    for account in accounts:
        name_contact(account)
    push = planned(*accounts)
    deciding.confirm(push, user=ada)
    sent = ContactWriter.write

    def die(self: ContactWriter, account: str, kind: str, contact: dict[str, str]) -> str:
        if account != SEARCH:
            return sent(self, account, kind, contact)
        if arrived:
            sent(self, account, kind, contact)
        raise Killed

    aws.forget_calls()
    with monkeypatch.context() as dying:
        dying.setattr(ContactWriter, "write", die)
        with pytest.raises(Killed):
            working.work(push.pk)
    kill(push)
    assert states(push) == {LEDGER: State.DONE, SEARCH: State.WRITING, PAYMENTS: State.CHANGE}
    working.work(push.pk)
    push.refresh_from_db()
    assert push.state == Push.FINISHED
    assert set(states(push).values()) == {State.DONE}
    assert puts(aws) == 3
    assert {one.writes for one in push.items.all()} == ({1} if arrived else {1, 2})
    assert [in_aws(aws, account) for account in accounts] == [NINA] * 3


def test_a_contact_that_kills_every_worker_is_written_twice_at_most(
    planned: Planned, aws: SimulatedAws, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    deciding.confirm(push, user=ada)
    tries = []

    def die(self: ContactWriter, *_: object) -> str:
        tries.append(1)
        raise Killed

    monkeypatch.setattr(ContactWriter, "write", die)
    for _ in range(2):
        with pytest.raises(Killed):
            working.work(push.pk)
        kill(push)
    working.work(push.pk)
    assert len(tries) == 2
    assert item(push, PAYMENTS).state == State.FAILED
    assert "Workers died" in causes_of(push)[0].title


def test_two_workers_never_have_the_same_push(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    deciding.confirm(push, user=ada)
    ContactPush.objects.filter(pk=push.pk).update(
        lease_owner="other", lease_until=datetime.now(UTC) + timedelta(minutes=1)
    )
    aws.forget_calls()
    working.work(push.pk)
    assert puts(aws) == 0


def test_cancelling_stops_before_the_next_contact_and_keeps_what_was_written(
    planned: Planned, aws: SimulatedAws, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in (LEDGER, SEARCH, PAYMENTS):
        name_contact(account)
    push = planned(LEDGER, SEARCH, PAYMENTS)
    deciding.confirm(push, user=ada)
    sent = ContactWriter.write

    def cancel_meanwhile(self: ContactWriter, account: str, kind: str, contact: object) -> str:
        if account == SEARCH:
            deciding.cancel(ContactPush.objects.get(pk=push.pk), user=ada)
        return sent(self, account, kind, contact)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(ContactWriter, "write", cancel_meanwhile)
    working.work(push.pk)
    push.refresh_from_db()
    assert (push.state, push.cancelled_by) == (Push.CANCELLED, ada)
    assert states(push) == {LEDGER: State.DONE, SEARCH: State.DONE, PAYMENTS: State.CANCELLED}
    assert in_aws(aws, PAYMENTS) == OLD


def test_a_cancelled_push_whose_worker_died_says_what_became_of_its_last_contact(
    planned: Planned, aws: SimulatedAws, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    deciding.confirm(push, user=ada)
    sent = ContactWriter.write

    def die(self: ContactWriter, account: str, kind: str, contact: dict[str, str]) -> str:
        sent(self, account, kind, contact)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(ContactWriter, "write", die)
        with pytest.raises(Killed):
            working.work(push.pk)
    kill(push)
    deciding.cancel(push, user=ada)
    assert list(ContactPush.objects.filter(working.free())) == [push]
    working.work(push.pk)
    push.refresh_from_db()
    assert (push.state, states(push)) == (Push.CANCELLED, {PAYMENTS: State.DONE})
    assert not ContactPush.objects.filter(working.free()).exists()


# Undo


def test_undo_is_a_plan_that_puts_back_what_was_there(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = pushed(planned(PAYMENTS), ada)
    undo = planning.plan_undo(push, user=ada)
    working.work(undo.pk)
    undo.refresh_from_db()
    assert undo.undo_of == push
    assert in_aws(aws, PAYMENTS) == NINA
    pushed(undo, ada)
    assert states(undo) == {PAYMENTS: State.DONE}
    assert in_aws(aws, PAYMENTS) == OLD


def test_undo_deletes_nothing_and_says_how_a_person_would(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(ANALYTICS)
    push = pushed(planned(ANALYTICS), ada)
    undo = planning.plan_undo(push, user=ada)
    working.work(undo.pk)
    found = item(undo, ANALYTICS)
    assert found.state == State.LEFT_OUT
    assert "Cairn never deletes a contact" in found.message
    assert (
        "aws account delete-alternate-contact --alternate-contact-type SECURITY "
        f"--account-id {ANALYTICS}" in found.message
    )
    assert in_aws(aws, ANALYTICS) == NINA


def test_undo_leaves_alone_what_somebody_changed_since(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = pushed(planned(PAYMENTS), ada)
    set_in_aws(aws, PAYMENTS, replace(NINA, title="Head of security"))
    undo = planning.plan_undo(push, user=ada)
    working.work(undo.pk)
    found = item(undo, PAYMENTS)
    assert (found.state, "by now than was written" in found.message) == (State.LEFT_OUT, True)


def test_what_wrote_nothing_is_not_undone(planned: Planned, ada: User) -> None:
    name_contact(PAYMENTS)
    with pytest.raises(NotPossible, match="wrote nothing"):
        planning.plan_undo(planned(PAYMENTS), user=ada)


# What people decide


def ceiling(number: int) -> None:
    PolicySetting.objects.create(name="CONTACT_PUSH_CEILING", level="installation", value=number)


def test_the_ceiling_is_fifty_unless_set(planned: Planned) -> None:
    name_contact(PAYMENTS)
    assert planned(PAYMENTS).ceiling == 50


def test_a_plan_above_the_ceiling_is_split_or_raised_on_purpose(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    ceiling(2)
    accounts = (LEDGER, PAYMENTS, SEARCH, ANALYTICS, MANAGEMENT)
    for account in accounts:
        name_contact(account)
    push = planned(*accounts)
    with pytest.raises(NotPossible, match="would write 5 contacts, and a plan may write 2"):
        deciding.confirm(push, user=ada)
    parts = deciding.split(push)
    assert [deciding.changes_of(one) for one in (push, *parts)] == [2, 2, 1]
    assert {one.split_from for one in parts} == {push}
    for one in (push, *parts):
        pushed(one, ada)
    assert [in_aws(aws, account) for account in accounts] == [NINA] * 5


def test_a_ceiling_is_raised_by_entering_the_number(planned: Planned, ada: User) -> None:
    ceiling(1)
    name_contact(LEDGER)
    name_contact(PAYMENTS)
    push = planned(LEDGER, PAYMENTS)
    with pytest.raises(NotPossible, match="Enter 2"):
        deciding.raise_ceiling(push, 50, user=ada)
    deciding.raise_ceiling(push, 2, user=ada)
    assert push.ceiling_raised_by == ada
    assert pushed(push, ada).state == Push.FINISHED


def test_another_person_confirms_where_the_setting_asks_for_it(planned: Planned, ada: User) -> None:
    PolicySetting.objects.create(
        name="CONTACT_PUSH_SECOND_PERSON", level="installation", value=True
    )
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    with pytest.raises(NotPossible, match="Another person"):
        deciding.confirm(push, user=ada)
    bob = User.objects.create_user("bob@example.com", "x", role=Role.ADMIN)
    assert pushed(push, bob).state == Push.FINISHED
    assert (push.planned_by, push.confirmed_by) == (ada, bob)


def test_a_plan_that_is_not_the_sheets_any_more_is_not_confirmed(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    write([Edit(PEOPLE, NINA.email, {"title": "Head"})], origin=Origin.EDIT)
    with pytest.raises(NotPossible, match="other contacts by now for 1"):
        deciding.confirm(push, user=ada)


def test_only_one_push_of_an_organization_writes_at_a_time(planned: Planned, ada: User) -> None:
    name_contact(PAYMENTS)
    first, second = planned(PAYMENTS), planned(PAYMENTS)
    deciding.confirm(first, user=ada)
    with pytest.raises(NotPossible, match="are being written"):
        deciding.confirm(second, user=ada)
    with pytest.raises(NotPossible, match="not waiting"):
        deciding.confirm(first, user=ada)


def test_nothing_is_planned_for_strangers_or_of_no_type(
    organization: Organization, ada: User
) -> None:
    with pytest.raises(NotPossible, match="no account 999999999999"):
        planning.plan(organization, user=ada, accounts=["999999999999"])
    with pytest.raises(NotPossible, match="at least one"):
        planning.plan(organization, user=ada, types=[])


# Off


def test_off_in_the_environment_nothing_is_planned_confirmed_or_written(
    planned: Planned, aws: SimulatedAws, ada: User, settings: Settings
) -> None:
    name_contact(PAYMENTS)
    push, waiting = planned(PAYMENTS), planned(PAYMENTS)
    deciding.confirm(push, user=ada)
    settings.CONTACT_PUSH = False
    aws.forget_calls()
    working.work(push.pk)
    push.refresh_from_db()
    assert (push.state, "CONTACT_PUSH=1" in push.message) == (Push.FAILED, True)
    assert aws.calls() == []
    for refused in (
        lambda: deciding.confirm(waiting, user=ada),
        lambda: deciding.retry(push, user=ada),
        lambda: planning.plan(push.organization, user=ada),
    ):
        with pytest.raises(NotPossible, match="CONTACT_PUSH=1"):
            refused()


def test_without_a_role_nothing_is_planned(organization: Organization, ada: User) -> None:
    Connection.objects.update(contacts_role_arn="")
    with pytest.raises(NotPossible, match="No contacts role"):
        planning.plan(organization, user=ada)


def test_a_role_that_is_gone_fails_the_push_before_anything_is_sent(
    planned: Planned, aws: SimulatedAws, ada: User
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    deciding.confirm(push, user=ada)
    Connection.objects.update(contacts_role_arn=f"arn:aws:iam::{MANAGEMENT}:role/CairnContactsGone")
    working.work(push.pk)
    push.refresh_from_db()
    assert push.state == Push.FAILED
    assert "Create it with the template" in push.message
    assert states(push) == {PAYMENTS: State.CHANGE}
    Connection.objects.update(contacts_role_arn=aws.world["contacts_role_arn"])
    deciding.retry(push, user=ada)
    working.work(push.pk)
    assert states(push) == {PAYMENTS: State.DONE}
