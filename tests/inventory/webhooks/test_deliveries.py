"""Webhooks as a receiver sees them, and what becomes of one that does not answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from inventory.models import Delivery, Message, Role, Webhook
from inventory.webhooks import announce, deliver_waiting, disable, enable, try_out
from inventory.webhooks.deliveries import MOST_FAILURES, PAUSES
from tests.factories import UserFactory
from tests.inventory.webhooks.receiver import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]

Event = Webhook.Event
State = Delivery.State


def webhook(receiver: Receiver, **more: Any) -> Webhook:
    values = {"name": "Alerts", "url": receiver.url(), "events": [Event.SETBACK, Event.CAMPAIGN]}
    return Webhook.objects.create(**{**values, **more})


def say(key: str = "1", event: Webhook.Event = Event.SETBACK) -> None:
    details = ["<!channel> & <http://evil.example|link>", "line\nbreak"]
    announce(event, key, "2 verdicts went <backwards>", details, more=3, path="/?a=1&b=2")


def bodies(receiver: Receiver) -> list[Any]:
    return [json.loads(body) for _, _, body in receiver.got]


def test_slack_gets_text_and_blocks_in_which_names_mention_nobody(receiver: Receiver) -> None:
    webhook(receiver)
    say()
    assert deliver_waiting() == 1
    (body,) = bodies(receiver)
    assert body["text"] == "2 verdicts went &lt;backwards&gt;"
    (block,) = body["blocks"]
    assert block["type"] == "section"
    assert block["text"]["type"] == "mrkdwn"
    assert block["text"]["text"] == (
        "*<https://cairn.example/?a=1&b=2|2 verdicts went &lt;backwards&gt;>*\n"
        "• &lt;!channel&gt; &amp; &lt;http://evil.example|link&gt;\n"
        "• line break\n"
        "• and 3 more"
    )


def test_a_signed_one_can_be_verified_as_the_documentation_says(receiver: Receiver) -> None:
    made = webhook(receiver, format=Webhook.Format.SIGNED)
    say()
    deliver_waiting()
    ((_, headers, body),) = receiver.got
    timestamp = headers["Cairn-Timestamp"]
    signed = timestamp.encode() + b"." + body
    expected = hmac.new(made.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Cairn-Signature"] == f"v1={expected}"
    assert abs(time.time() - int(timestamp)) < 60
    told = json.loads(body)
    assert told["event"] == "setback"
    assert told["url"] == "https://cairn.example/?a=1&b=2"
    assert told["id"]


def test_only_those_that_ask_for_an_event_are_told_and_once_each(receiver: Receiver) -> None:
    webhook(receiver)
    webhook(receiver, name="Imports", events=[Event.IMPORT_FAILED])
    for _ in range(3):
        say()
    assert deliver_waiting() == 1
    assert deliver_waiting() == 0
    say("2")
    assert deliver_waiting() == 1


def test_a_failed_delivery_is_tried_again_ever_later_with_the_same_id(receiver: Receiver) -> None:
    made = webhook(receiver, format=Webhook.Format.SIGNED)
    receiver.answers = [500, 503]
    say()
    assert deliver_waiting() == 0
    assert deliver_waiting() == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, delivery.attempts) == (State.QUEUED, 500, 1)
    for minutes in PAUSES[:2]:
        with time_machine.travel(delivery.due_at + timedelta(seconds=1), tick=True):
            deliver_waiting()
        delivery.refresh_from_db()
        assert delivery.due_at <= datetime.now(UTC) + timedelta(minutes=minutes + 10)
    assert delivery.state == State.DELIVERED
    assert len({body["id"] for body in bodies(receiver)}) == 1
    made.refresh_from_db()
    assert made.failures == 0


def test_a_delivery_that_never_works_ends(receiver: Receiver) -> None:
    webhook(receiver)
    receiver.answers = [404] * 20
    say()
    for day in range(10):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=day), tick=True):
            deliver_waiting()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (State.FAILED, len(PAUSES) + 1)


def test_one_that_fails_again_and_again_is_switched_off_and_administrators_are_told_once(
    receiver: Receiver,
) -> None:
    made = webhook(receiver)
    UserFactory.create(email="ada@example.com", role=Role.ADMIN)
    UserFactory.create(email="gone@example.com", role=Role.ADMIN, is_active=False)
    receiver.answers = [500] * 100
    for number in range(MOST_FAILURES + 5):
        say(f"{number}")
    deliver_waiting()
    made.refresh_from_db()
    assert made.disabled_at
    assert len(receiver.got) == MOST_FAILURES
    assert not Delivery.objects.filter(state=State.QUEUED).exists()
    notice = Message.objects.get()
    assert (notice.address, notice.kind) == ("ada@example.com", Message.Kind.NOTICE)
    assert "SECRET" not in notice.text
    say("later")
    assert deliver_waiting() == 0
    receiver.answers = []
    enable(made)
    say("again")
    assert deliver_waiting() == 1


def test_what_waits_is_told_to_nobody_once_it_is_switched_off(receiver: Receiver) -> None:
    made = webhook(receiver)
    say()
    assert disable(made)
    assert not disable(made)
    enable(made)
    assert deliver_waiting() == 0
    assert receiver.got == []


def test_neither_url_nor_secret_nor_what_a_receiver_repeats_is_kept_or_logged(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    made = webhook(receiver, format=Webhook.Format.SIGNED)
    receiver.words = b"<h1>No such page: /hook/SECRET-PATH?key=SECRET-KEY</h1>"
    receiver.answers = [404]
    with caplog.at_level(logging.DEBUG):
        try_out(made)
        deliver_waiting()
    assert Delivery.objects.get().reason == "404"
    ours = [r for r in caplog.records if r.name.startswith("inventory")]
    assert ours
    for record in ours:
        assert "SECRET" not in f"{record.__dict__}"
        assert made.secret not in f"{record.__dict__}"


def test_a_word_of_the_receiver_is_kept(receiver: Receiver) -> None:
    made = webhook(receiver)
    receiver.words, receiver.answers = b"no_service", [404]
    try_out(made)
    deliver_waiting()
    assert Delivery.objects.get().reason == "404 no_service"
