"""The pages of mails and webhooks: who may, what is shown, and what is never shown."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from inventory.models import BouncingAddress, Message, Role, User, Webhook
from inventory.outbox import Letter, Line, Section, queue
from inventory.webhooks import deliver_waiting
from tests.factories import NOW, PersonFactory, signed_in
from tests.inventory.webhooks.receiver import receiving

pytestmark = pytest.mark.django_db

State = Message.State
MAIL = "/notifications/"
DECIDE = "/notifications/decide/"


@pytest.fixture
def security() -> Client:
    return signed_in(Role.SECURITY)


def write(name: str, state: State, **more: str) -> Message:
    line = Line("<img src=x onerror=alert(1)>", "/x/")
    message = queue(
        Letter(f"About <b>{name}</b>", "Hello", "Why", [Section("News", [line])]),
        kind=Message.Kind.CAMPAIGN,
        key="1",
        person=PersonFactory.create(email=f"{name}@example.com", name=name.title()),
    )
    assert message
    Message.objects.filter(pk=message.pk).update(state=state, **more)
    return message


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_counts_each_state_and_shows_one(security: Client) -> None:
    write("anna", State.HELD, reason="More than 5 to one recipient in a day.")
    write("zoe", State.SENT)
    page = text(security, MAIL)
    assert "All 2" in page
    assert "Held 1" in page
    held = text(security, f"{MAIL}?state=held")
    assert "More than 5 to one recipient in a day." in held
    assert "anna@example.com" in held
    assert "zoe@example.com" not in held
    assert "&lt;b&gt;anna" in held
    assert "zoe@example.com" in text(security, f"{MAIL}?find=zoe&kind=campaign&state=nonsense")


def test_ticked_mails_are_released_and_the_others_not(security: Client) -> None:
    anna, zoe = write("anna", State.HELD), write("zoe", State.HELD)
    data = {"state": "held", "decision": "release", "row": [anna.pk, "x", "9" * 40]}
    page = security.post(DECIDE, data, follow=True).content.decode()
    assert "1 mail is released" in page
    anna.refresh_from_db()
    zoe.refresh_from_db()
    assert (anna.state, zoe.state) == (State.QUEUED, State.HELD)
    assert anna.decided_by == User.objects.get(email="reader@example.com")


def test_all_that_a_filter_matches_are_dropped_and_no_others(security: Client) -> None:
    for name in ("anna", "anton", "zoe"):
        write(name, State.HELD)
    security.post(DECIDE, {"state": "held", "find": "an", "decision": "drop", "all": "on"})
    left = Message.objects.filter(state=State.HELD).values_list("address", flat=True)
    assert list(left) == ["zoe@example.com"]


def test_what_was_sent_is_neither_released_nor_dropped(security: Client) -> None:
    message = write("anna", State.SENT)
    for decision in ("release", "drop", "nonsense"):
        data = {"decision": decision, "all": "on"}
        page = security.post(DECIDE, data, follow=True).content.decode()
        assert "Nothing was chosen" in page
    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_others_decide_nothing(role: Role) -> None:
    message = write("anna", State.HELD)
    client = signed_in(role)
    answer = client.post(DECIDE, {"state": "held", "decision": "release", "all": "on"})
    assert answer.status_code == 403
    assert client.post("/notifications/webhooks/", {}).status_code == 403
    message.refresh_from_db()
    assert message.state == State.HELD


def test_a_mail_is_shown_in_a_frame_in_which_nothing_runs(security: Client) -> None:
    message = write("anna", State.SENT)
    page = text(security, message.get_absolute_url())
    assert '<iframe class="mail" sandbox' in page
    assert "<img src=x" not in page
    answer = security.get(f"{message.get_absolute_url()}html/")
    assert b"<img src=x" not in answer.content
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_addresses_that_bounce_are_listed(security: Client) -> None:
    BouncingAddress.objects.create(address="x@example.com", since=NOW, reply="550 <gone>")
    assert "550 &lt;gone&gt;" in text(security, MAIL)


def make_webhook(client: Client, url: str, **more: str) -> str:
    data = {"name": "Alerts", "url": url, "format": "signed", "events": ["setback"], **more}
    return client.post("/notifications/webhooks/", data).content.decode()


def test_a_webhooks_secret_is_shown_once_and_its_url_never(
    security: Client, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    with receiving() as receiver:
        made = make_webhook(security, receiver.url())
        webhook = Webhook.objects.get()
        assert webhook.secret in made
        assert "SECRET-PATH" not in made
        change = f"{webhook.get_absolute_url()}change/"
        security.post(change, {"change": "try"})
        assert deliver_waiting() == 1
    pages = text(security, webhook.get_absolute_url()) + text(security, "/notifications/webhooks/")
    assert "Cairn can reach this webhook." in pages
    assert "Delivered" in pages
    assert "127.0.0.1" in pages
    assert webhook.secret not in pages
    assert "SECRET-PATH" not in pages
    old = webhook.secret
    page = security.post(webhook.get_absolute_url()).content.decode()
    webhook.refresh_from_db()
    assert webhook.secret != old
    assert webhook.secret in page


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://169.254.169.254/", "no url"])
def test_a_webhook_to_a_private_address_is_not_made(security: Client, url: str) -> None:
    page = make_webhook(security, url)
    assert "field-errors" in page
    assert not Webhook.objects.exists()


def test_a_webhook_is_switched_off_and_on_and_removed(security: Client) -> None:
    webhook = Webhook.objects.create(name="Alerts", url="https://8.8.8.8/x", events=["setback"])
    change = reverse("inventory:change_webhook", args=[webhook.pk])
    security.post(change, {"change": "disable"})
    webhook.refresh_from_db()
    assert webhook.disabled_at
    Webhook.objects.update(failures=15)
    security.post(change, {"change": "enable"})
    assert Webhook.objects.filter(disabled_at=None, failures=0).exists()
    security.post(change, {"change": "remove"})
    assert not Webhook.objects.exists()
