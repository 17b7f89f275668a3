"""The pages of contacts and plans, as people of each role meet them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from collectors import tasks
from collectors.models import Connection, ContactPush
from collectors.pushing import deciding, working
from inventory.models import Organization, PolicySetting, Role, User
from simulated_aws import SimulatedAws
from tests.collectors.pushing.conftest import (
    LEDGER,
    MANAGEMENT,
    NINA,
    PAYMENTS,
    SEARCH,
    Planned,
    State,
    in_aws,
    name_contact,
    pushed,
    states,
)
from tests.factories import signed_in


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(tasks.push_contacts, "delay", found.append)
    return found


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(Role.ADMIN, "grace@example.com")


def words(answer: object) -> str:
    page = answer.content.decode()  # type: ignore[attr-defined]  # a response of the test client
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def base(organization: Organization) -> str:
    return f"/organizations/{organization.organization_id}/contacts/"


def test_plan_confirm_watch_and_undo(
    admin: Client, organization: Organization, aws: SimulatedAws, woken: list[int]
) -> None:
    name_contact(PAYMENTS)
    answer = admin.post(base(organization), {"types": ["SECURITY"], "accounts": "3030-3030-3030"})
    push = ContactPush.objects.get()
    assert answer.headers["Location"] == push.get_absolute_url()
    assert woken == [push.pk]
    reading = admin.get(push.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in reading
    working.work(push.pk)
    planned = admin.get(push.get_absolute_url())
    assert "Write 1 contact of 1 account to AWS" in words(planned)
    assert NINA.email in words(planned)
    assert "hx-trigger" not in planned.content.decode()

    admin.post(f"{push.get_absolute_url()}confirm/")
    assert woken == [push.pk, push.pk]
    working.work(push.pk)
    done = words(admin.get(push.get_absolute_url()))
    assert "1 of 1 contact written and read back" in done
    assert "confirmed by grace@example.com" in done
    assert in_aws(aws, PAYMENTS) == NINA

    undo_page = admin.post(f"{push.get_absolute_url()}undo/", follow=True)
    assert f"takes back plan {push.pk}" in words(undo_page)
    undo = ContactPush.objects.get(undo_of=push)
    working.work(undo.pk)
    admin.post(f"{undo.get_absolute_url()}confirm/")
    working.work(undo.pk)
    assert in_aws(aws, PAYMENTS) != NINA
    assert f"plan {undo.pk} , finished" in words(admin.get(push.get_absolute_url()))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECURITY])
def test_who_may_not_push_watches_and_can_do_nothing(
    planned: Planned, ada: User, organization: Organization, role: Role
) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    client = signed_in(role, "watching@example.com")
    page = client.get(push.get_absolute_url())
    assert "1 contact of 1 account would be written" in words(page)
    living = client.get(push.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<button" not in living.content.decode()
    assert ("+4930123456" in page.content.decode()) is (role == Role.SECURITY)
    for done in ("confirm", "cancel", "retry", "undo", "split", "raise"):
        assert client.post(f"{push.get_absolute_url()}{done}/").status_code == 403
    assert client.post(base(organization), {"types": ["SECURITY"]}).status_code == 403
    assert client.get(f"{base(organization)}role/").status_code == 403
    assert client.post(f"{base(organization)}role/", {"role_arn": ""}).status_code == 403
    assert client.get(f"{base(organization)}cairn-contacts.yaml").status_code == 403
    push.refresh_from_db()
    assert push.state == ContactPush.State.PLANNED
    assert Connection.objects.get().contacts_role_arn


@pytest.mark.parametrize("role", [Role.OWNER, Role.FINANCE])
def test_others_find_no_page(planned: Planned, organization: Organization, role: Role) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    client = signed_in(role, "other@example.com")
    assert client.get(base(organization)).status_code == 403
    assert client.get(push.get_absolute_url()).status_code == 403


def test_a_push_is_found_only_under_its_organization(planned: Planned, admin: Client) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    Organization.objects.create(organization_id="o-other", name="Other")
    assert admin.get(f"/organizations/o-other/contacts/{push.pk}/").status_code == 404
    assert admin.post(f"/organizations/o-other/contacts/{push.pk}/confirm/").status_code == 404


def test_a_forged_form_writes_nothing(planned: Planned, ada: User) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.post(f"{push.get_absolute_url()}confirm/").status_code == 403
    assert client.get(f"{push.get_absolute_url()}confirm/").status_code == 405


def test_a_plan_above_the_ceiling_offers_to_split_it_or_to_raise_it(
    planned: Planned, admin: Client
) -> None:
    PolicySetting.objects.create(name="CONTACT_PUSH_CEILING", level="installation", value=1)
    for account in (LEDGER, PAYMENTS, SEARCH):
        name_contact(account)
    push = planned(LEDGER, PAYMENTS, SEARCH)
    url = push.get_absolute_url()
    page = words(admin.get(url))
    assert "would write 3 contacts, and a plan may write 1" in page
    assert "Write 3 contacts" not in page
    assert "Enter 3" in words(admin.post(f"{url}raise/", {"changes": "2"}, follow=True))
    raised = words(admin.post(f"{url}raise/", {"changes": "3"}, follow=True))
    assert "grace@example.com let this plan write 3 contacts" in raised
    assert "Write 3 contacts of 3 accounts to AWS" in raised

    other = planned(LEDGER, PAYMENTS, SEARCH)
    parts = words(admin.post(f"{other.get_absolute_url()}split/", follow=True))
    assert "in 2 plans of its own" in parts
    assert "Write 1 contact of 1 account to AWS" in parts


def test_a_second_person_is_asked_for_in_words(planned: Planned, ada: User, admin: Client) -> None:
    PolicySetting.objects.create(
        name="CONTACT_PUSH_SECOND_PERSON", level="installation", value=True
    )
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    own = Client()
    own.force_login(ada)
    assert "Another person than the one who planned it" in words(own.get(push.get_absolute_url()))
    own.post(f"{push.get_absolute_url()}confirm/")
    push.refresh_from_db()
    assert push.state == ContactPush.State.PLANNED
    admin.post(f"{push.get_absolute_url()}confirm/")
    push.refresh_from_db()
    assert push.state == ContactPush.State.PUSHING


def test_what_failed_is_grouped_with_its_cure_and_tried_again(
    planned: Planned, ada: User, admin: Client, aws: SimulatedAws
) -> None:
    for account in (LEDGER, PAYMENTS):
        name_contact(account)
    answer = aws.add_answer(service="account", operation="PutAlternateContact", error="denied")
    push = pushed(planned(LEDGER, PAYMENTS), ada)
    page = words(admin.get(push.get_absolute_url()))
    assert "does not let the role read or write the contact · 2 contacts" in page
    assert "enable-aws-service-access" in page
    assert "Try again: 2 contacts" in page
    aws.remove_answer(answer)
    admin.post(f"{push.get_absolute_url()}retry/")
    working.work(push.pk)
    assert set(states(push).values()) == {State.DONE}


def test_cancelling_and_discarding(planned: Planned, admin: Client, ada: User) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS)
    assert "Discard this plan" in words(admin.get(push.get_absolute_url()))
    page = words(admin.post(f"{push.get_absolute_url()}cancel/", follow=True))
    assert "cancelled by grace@example.com" in page
    assert "Somebody was faster" in words(
        admin.post(f"{push.get_absolute_url()}cancel/", follow=True)
    )
    going_on = planned(PAYMENTS)
    deciding.confirm(going_on, user=ada)
    page = words(admin.get(going_on.get_absolute_url()))
    assert "Contacts written" in admin.get(going_on.get_absolute_url()).content.decode()
    assert "Discard" not in page


def test_items_are_shown_by_state(planned: Planned, admin: Client) -> None:
    name_contact(PAYMENTS)
    push = planned(PAYMENTS, SEARCH)
    only = admin.get(f"{push.get_absolute_url()}?state=left_out").content.decode()
    table = only.partition("<tbody>")[2]
    assert f"/accounts/{SEARCH}/" in table
    assert f"/accounts/{PAYMENTS}/" not in table


def test_a_bad_account_id_is_refused_where_it_was_entered(
    admin: Client, organization: Organization
) -> None:
    page = admin.post(base(organization), {"types": ["SECURITY"], "accounts": "123"})
    assert "an AWS account id has 12" in words(page)
    page = admin.post(base(organization), {"types": ["SECURITY"], "accounts": "999999999999"})
    assert "no account 999999999999" in words(page)
    assert not ContactPush.objects.exists()


def test_the_page_says_that_it_is_off_and_who_turns_it_on(
    admin: Client, organization: Organization, settings: Settings
) -> None:
    settings.CONTACT_PUSH = False
    page = words(admin.get(base(organization)))
    assert "CONTACT_PUSH=1" in page
    assert "Make a plan" not in page
    refused = words(admin.post(base(organization), {"types": ["SECURITY"]}))
    assert "CONTACT_PUSH=1" in refused
    role = admin.post(
        f"{base(organization)}role/",
        {"role_arn": f"arn:aws:iam::{MANAGEMENT}:role/CairnContacts"},
    )
    assert "off in this installation" in words(role)


def test_the_overview_counts_and_leads_to_the_accounts(
    admin: Client, organization: Organization
) -> None:
    page = admin.get(base(organization)).content.decode()
    assert "aws_contacts=unknown" in page
    assert "Nothing was ever written" in page


# The role


def try_role(client: Client, organization: Organization, arn: str) -> str:
    return words(client.post(f"{base(organization)}role/", {"role_arn": arn}, follow=True))


def test_a_role_is_tried_before_it_is_kept(
    admin: Client, organization: Organization, aws: SimulatedAws
) -> None:
    Connection.objects.update(contacts_role_arn="")
    arn = aws.world["contacts_role_arn"]
    missing = try_role(admin, organization, f"{arn}Missing")
    assert "Contacts role: does not work" in missing
    assert "sts:AssumeRole" in missing
    assert Connection.objects.get().contacts_role_arn == ""
    assert "Contacts can be written with this role" in try_role(admin, organization, arn)
    assert Connection.objects.get().contacts_role_arn == arn
    assert "Contacts can not be written" in try_role(admin, organization, "")
    assert Connection.objects.get().contacts_role_arn == ""


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        ("CairnContacts", "Is not the ARN of a role"),
        ("arn:aws:iam::303030303030:role/CairnContacts", "one of the management account"),
        (f"arn:aws:iam::{MANAGEMENT}:role/CairnManagement", "Is the role that reads"),
    ],
)
def test_a_role_that_cannot_be_right_is_refused(
    admin: Client, organization: Organization, arn: str, why: str
) -> None:
    assert why in try_role(admin, organization, arn)


def test_without_trusted_access_the_role_test_says_so(
    admin: Client, organization: Organization, aws: SimulatedAws
) -> None:
    aws.client("organizations").disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    told = try_role(admin, organization, aws.world["contacts_role_arn"])
    assert "Member account" in told
    assert "enable-aws-service-access" in told


def test_the_template_holds_this_connections_external_id(
    admin: Client, organization: Organization, aws: SimulatedAws
) -> None:
    answer = admin.get(f"{base(organization)}cairn-contacts.yaml")
    text = answer.content.decode()
    assert aws.world["external_id"] in text
    assert organization.organization_id in text
    assert "account:PutAlternateContact" in text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cairn-contacts.yaml"'
    shown = words(admin.get(f"{base(organization)}role/"))
    assert "reads and writes alternate contacts" in shown
