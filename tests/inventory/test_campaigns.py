"""Campaigns: who is asked when, once, and what counts as an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory import campaigns
from inventory.campaigns import Level
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE, TEAMS
from inventory.models import Campaign, Message, Origin, Person, Role, User
from inventory.ownership import confirm, disown
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BOB, BUILD, CAROL, CHECKOUT, LEDGER, account, user

pytestmark = pytest.mark.usefixtures("acme")
SECURITY = "sec@example.com"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def security() -> User:
    """Carol owns CHECKOUT and BUILD; Bob is CHECKOUT's deputy; Alice leads Payments; nobody is
    named for LEDGER, which is Payments' too."""
    write(
        [
            Edit(ACCOUNTS, account(CHECKOUT).key, {"deputy": BOB}),
            Edit(TEAMS, "Payments", {"lead": ALICE}),
        ],
        origin=Origin.EDIT,
    )
    return user(Role.SECURITY, SECURITY)


def draft(by: User, days: int = 30, query: str = "") -> Campaign:
    return campaigns.create(by, "Autumn", query, TODAY + timedelta(days=days))


def asked(campaign: Campaign, day: date) -> dict[str, set[str]]:
    """Who gets a mail at a step, about which accounts."""
    found, _ = campaigns.whom_to_ask(campaign, day)
    return {one.person.email: {account.account_id for account in one.accounts} for one in found}


def mails() -> dict[str, int]:
    found: dict[str, int] = {}
    for message in Message.objects.filter(kind=Message.Kind.CAMPAIGN):
        found[message.address] = found.get(message.address, 0) + 1
    return found


def test_owners_are_asked_first_and_where_there_is_none_whoever_is_next(security: User) -> None:
    campaign = draft(security, query="team=payments")
    assert asked(campaign, TODAY) == {CAROL: {CHECKOUT}, ALICE: {LEDGER}}


@pytest.mark.parametrize(
    ("left", "levels"),
    [
        (8, [Level.OWNER]),
        (7, [Level.OWNER, Level.DEPUTY]),
        (1, [Level.OWNER, Level.DEPUTY]),
        (0, [Level.OWNER, Level.DEPUTY, Level.LEAD]),
        (-6, [Level.OWNER, Level.DEPUTY, Level.LEAD]),
        (-7, [Level.OWNER, Level.DEPUTY, Level.LEAD, Level.SECURITY]),
    ],
)
def test_it_escalates_towards_the_day_and_after_it(
    left: int, levels: list[Level], security: User
) -> None:
    campaign = draft(security)
    assert campaigns.levels(campaign, campaign.due_on - timedelta(days=left)) == levels


def test_each_level_is_asked_beside_those_before(security: User) -> None:
    campaign = draft(security, query="team=payments")
    due = campaign.due_on
    assert BOB not in asked(campaign, due - timedelta(days=8))
    assert asked(campaign, due - timedelta(days=7))[BOB] == {CHECKOUT}
    assert asked(campaign, due)[ALICE] == {CHECKOUT, LEDGER}
    assert asked(campaign, due + timedelta(days=7))[SECURITY] == {CHECKOUT, LEDGER}


def test_a_rehearsal_sends_nothing_and_starting_sends_what_it_said(security: User) -> None:
    campaign = draft(security)
    rehearsal = campaigns.rehearse(campaign)
    assert not Message.objects.exists()
    people = {one.person.email for one in rehearsal.asked}
    assert campaigns.start(security, campaign) == len(people)
    assert mails() == dict.fromkeys(people, 1)
    sample = {person.email: mail for person, mail in rehearsal.samples}[CAROL]
    message = Message.objects.get(address=CAROL)
    assert (message.subject, "checkout-prod" in message.text) == (sample.subject, True)


def test_a_day_that_is_done_twice_sends_once(security: User) -> None:
    campaign = draft(security)
    campaigns.start(security, campaign)
    for _ in range(3):
        campaigns.send_due(TODAY)
    assert set(mails().values()) == {1}
    campaigns.send_due(campaign.due_on - timedelta(days=14))
    campaigns.send_due(campaign.due_on - timedelta(days=13))  # The worker was away for a day.
    assert set(mails().values()) == {2}


def test_nobody_is_asked_about_what_is_answered(security: User) -> None:
    campaign = draft(security, query="team=payments")
    carol = user(Role.OWNER, CAROL)
    confirm(carol, account(CHECKOUT))
    disown(security, account(LEDGER))
    progress = campaigns.progress(campaign)
    assert (progress.total, progress.confirmed, progress.disowned, progress.open) == (2, 1, 1, 0)
    assert asked(campaign, campaign.due_on) == {}


def test_an_old_confirmation_is_no_answer(security: User) -> None:
    old = {"confirmed_at": "2026-01-01T00:00:00Z"}
    write([Edit(ACCOUNTS, account(CHECKOUT).key, old)], origin=Origin.EDIT)
    assert campaigns.progress(draft(security, query="team=payments")).confirmed == 0


def test_it_ends_when_all_is_answered_and_when_somebody_ends_it(security: User) -> None:
    campaign = draft(security, query="team=platform")
    campaigns.start(security, campaign)
    confirm(user(Role.OWNER, CAROL), account(BUILD))
    campaigns.send_due(TODAY + timedelta(days=16))
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.ENDED
    other = draft(security)
    campaigns.start(security, other)
    before = mails()
    campaigns.end(security, other)
    campaigns.send_due(other.due_on)
    assert mails() == before


def test_whoever_left_is_not_written_to(security: User) -> None:
    write([Edit(PEOPLE, CAROL, {"left_on": "2026-10-01"})], origin=Origin.EDIT)
    campaign = draft(security, query="team=payments")
    assert asked(campaign, TODAY) == {BOB: {CHECKOUT}, ALICE: {LEDGER}}


def test_accounts_about_which_nobody_can_be_asked_are_named(security: User) -> None:
    write([Edit(TEAMS, "Payments", {"lead": ""})], origin=Origin.EDIT)
    User.objects.filter(role=Role.SECURITY).update(is_active=False)
    rehearsal = campaigns.rehearse(draft(security, query="team=payments"))
    assert [one.account_id for one in rehearsal.unreachable] == [LEDGER]


def test_it_is_started_once(security: User) -> None:
    campaign = draft(security)
    campaigns.start(security, campaign)
    with pytest.raises(ValidationError, match="started or ended before"):
        campaigns.start(security, campaign)


@pytest.mark.parametrize(
    ("days", "query", "told"),
    [
        (0, "", "a day after today"),
        (400, "", "within a year"),
        (30, "team=nobody", "No account matches"),
        (30, "colour=red&team=nobody", "No account matches"),
    ],
)
def test_what_makes_no_campaign(days: int, query: str, told: str, security: User) -> None:
    with pytest.raises(ValidationError, match=told):
        draft(security, days, query)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_only_security_asks(role: Role, security: User) -> None:
    other = user(role, "other@example.com")
    with pytest.raises(PermissionDenied):
        draft(other)
    campaign = draft(security)
    for act in (campaigns.start, campaigns.end):
        with pytest.raises(PermissionDenied):
            act(other, campaign)


def test_a_name_cannot_break_out_of_a_header_or_the_page(security: User, client: Client) -> None:
    name = "Autumn\r\nBcc: evil@example.com <script>x</script>"
    campaign = campaigns.create(security, name, "", TODAY + timedelta(days=30))
    campaigns.start(security, campaign)
    assert "\n" not in Message.objects.filter(address=CAROL).get().subject
    client.force_login(security)
    page = client.get(campaign.get_absolute_url()).content.decode()
    assert "<script>x" not in page


def test_from_the_list_of_accounts_to_the_first_mail(security: User, client: Client) -> None:
    client.force_login(security)
    page = client.get("/accounts/?team=payments&confirmed=no").content.decode()
    link = "/campaigns/new/?team=payments&amp;confirmed=no"
    assert link in page
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert "2 accounts" in form
    due = TODAY + timedelta(days=30)
    wrong = client.post(
        "/campaigns/new/", {"name": "Autumn", "due_on": TODAY.isoformat(), "query": ""}
    )
    assert "a day after today" in wrong.content.decode()
    made = client.post(
        "/campaigns/new/",
        {"name": "Autumn", "due_on": due.isoformat(), "query": "team=payments&confirmed=no"},
    )
    campaign = Campaign.objects.get()
    assert made["Location"] == campaign.get_absolute_url()
    page = client.get(campaign.get_absolute_url()).content.decode()
    assert "2 people will get a mail" in page
    client.post(campaign.get_absolute_url(), {"action": "start"})
    assert mails() == {CAROL: 1, ALICE: 1}
    assert "Running" in client.get("/campaigns/").content.decode()
    assert Person.objects.filter(email=CAROL).exists()


def test_a_viewer_follows_and_does_not_act(security: User, sign_in: SignIn) -> None:
    campaign = draft(security)
    viewer = sign_in(Role.VIEWER)
    assert viewer.get(campaign.get_absolute_url()).status_code == 200
    assert viewer.post(campaign.get_absolute_url(), {"action": "start"}).status_code == 403


def test_more_campaigns_take_no_more_queries(security: User, client: Client) -> None:
    client.force_login(security)
    draft(security)
    client.get("/campaigns/")
    with CaptureQueriesContext(connection) as few:
        client.get("/campaigns/")
    for _ in range(10):
        draft(security)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/campaigns/").content.decode()
    assert len(many) <= len(few)
    assert page.count("Not started") == 11
