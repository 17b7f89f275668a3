"""Mail as a real mail server receives it: once, in time, within limits, whatever happens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from inventory.models import BouncingAddress, Message, Person, PolicySetting
from inventory.outbox import Letter, Line, Section, drop, queue, release, send_waiting
from inventory.outbox.sending import MOST_ATTEMPTS, UNCLEAR, forget_old, message_id
from inventory.outbox.unsubscribing import unsubscribe
from tests.factories import PersonFactory, UserFactory
from tests.inventory.outbox.conftest import StartSender
from tests.smtp_server import MailServer

State = Message.State
Kind = Message.Kind
WAIT_SECONDS = 30


def letter(subject: str = "Hello") -> Letter:
    return Letter(
        subject,
        "Something happened.",
        "You own an account.",
        [Section("Went backwards", [Line("Payments", "/accounts/444444444444/", "It fails.")])],
        Line("Open Cairn", "/"),
    )


def write(person: Person, key: str = "1", kind: Kind = Kind.CAMPAIGN) -> Message:
    message = queue(letter(), kind=kind, key=key, person=person)
    assert message
    return message


def person(name: str) -> Person:
    return PersonFactory.create(email=f"{name}@example.com", name=name.title())


def states() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))


def limit(name: str, value: int) -> None:
    PolicySetting.objects.create(name=name, level="installation", value=value)


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)


@pytest.mark.django_db
def test_a_mail_arrives_as_text_and_html_with_the_same_links(mail_server: MailServer) -> None:
    message = write(person("penny"))
    assert send_waiting() == 1
    (got,) = mail_server.received
    assert got.to == ["penny@example.com"]
    assert got.mail["To"] == "Penny <penny@example.com>"
    assert got.mail["From"] == "Cairn <cairn@example.com>"
    assert got.mail["Subject"] == "Hello"
    assert got.mail["Auto-Submitted"] == "auto-generated"
    assert got.mail["Message-ID"] == message_id(message)
    text, html = (got.mail.get_body([kind]) for kind in ("plain", "html"))
    assert text
    assert html
    for part in (text.get_content(), html.get_content()):
        assert "https://cairn.example/accounts/444444444444/" in part
        assert "Went backwards".lower() in part.lower()
    message.refresh_from_db()
    assert message.state == State.SENT
    assert message.sent_at


@pytest.mark.django_db
def test_one_mail_a_person_and_subject_however_often_it_is_queued(mail_server: MailServer) -> None:
    penny = person("penny")
    first = write(penny)
    assert write(penny) == first
    send_waiting()
    penny.email = "p.new@example.com"
    penny.save()
    assert write(penny) == first
    send_waiting()
    assert len(mail_server.received) == 1
    write(penny, key="2")
    write(penny, kind=Kind.DECISION)
    send_waiting()
    assert len(mail_server.received) == 3


@pytest.mark.django_db
def test_a_mail_to_an_address_that_is_no_persons(mail_server: MailServer) -> None:
    for address in ("Aws+Root@example.com", "aws+root@example.com"):
        queue(letter(), kind=Kind.DRILL, key="2026", address=address)
    send_waiting()
    assert [one.to for one in mail_server.received] == [["aws+root@example.com"]]
    with pytest.raises(ValueError, match="needs a person"):
        queue(letter(), kind=Kind.DRILL, key="2026")


@pytest.mark.django_db
def test_answers_go_where_the_environment_says(mail_server: MailServer, settings: Settings) -> None:
    settings.EMAIL_REPLY_TO = "Security <security@example.com>"
    write(person("penny"))
    send_waiting()
    assert mail_server.received[0].mail["Reply-To"] == "Security <security@example.com>"


@pytest.mark.django_db
def test_only_digests_say_how_to_unsubscribe_in_their_headers(mail_server: MailServer) -> None:
    penny = person("penny")
    write(penny, kind=Kind.DIGEST)
    write(penny, kind=Kind.CAMPAIGN)
    send_waiting()
    digest, campaign = (one.mail for one in mail_server.received)
    assert (
        digest["List-Unsubscribe"].strip().startswith("<https://cairn.example/notifications/unsub")
    )
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert campaign["List-Unsubscribe"] is None


@pytest.mark.django_db
def test_the_same_row_has_the_same_message_id_and_no_two_rows_share_one() -> None:
    penny = person("penny")
    first, other = write(penny), write(penny, key="2")
    assert message_id(first) == message_id(Message.objects.get(pk=first.pk))
    assert message_id(first) != message_id(other)


@pytest.mark.django_db
def test_a_refused_recipient_bounces_and_the_others_get_their_mail(
    mail_server: MailServer,
) -> None:
    for name in ("anna", "refuse", "zoe"):
        write(person(name))
    assert send_waiting() == 2
    assert {one.to[0] for one in mail_server.received} == {"anna@example.com", "zoe@example.com"}
    failed = Message.objects.get(state=State.FAILED)
    assert failed.reason == "550 5.1.1 No such mailbox"
    bouncing = BouncingAddress.objects.get()
    assert (bouncing.address, bouncing.reply) == ("refuse@example.com", failed.reason)
    send_waiting()
    assert mail_server.asked.count("refuse@example.com") == 1


@pytest.mark.django_db
def test_a_refusal_that_is_not_about_the_address_marks_nobody(mail_server: MailServer) -> None:
    write(person("policy"))
    send_waiting()
    assert Message.objects.get().state == State.FAILED
    assert not BouncingAddress.objects.exists()


@pytest.mark.django_db
def test_a_mail_that_arrives_clears_the_address(mail_server: MailServer) -> None:
    BouncingAddress.objects.create(
        address="penny@example.com", since=datetime.now(UTC), reply="550"
    )
    write(person("penny"))
    send_waiting()
    assert not BouncingAddress.objects.exists()


@pytest.mark.django_db
def test_a_mail_that_is_put_off_goes_out_later(mail_server: MailServer) -> None:
    message = write(person("grey"))
    assert send_waiting() == 0
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.QUEUED, "451 4.7.1 Come back later")
    assert send_waiting() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=True):
        assert send_waiting() == 1


@pytest.mark.django_db
def test_a_server_that_closes_for_a_while_loses_nothing(mail_server: MailServer) -> None:
    mail_server.close()
    for name in ("anna", "zoe"):
        write(person(name))
    assert send_waiting() == 0
    assert states() == {State.QUEUED: 2}
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 1]
    mail_server.open()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=True):
        assert send_waiting() == 2
    assert len(mail_server.received) == 2


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_tried_ever_more_seldom_and_then_no_more(
    mail_server: MailServer,
) -> None:
    mail_server.stop()
    message = write(person("penny"))
    now = datetime.now(UTC)
    tries = []
    while message.state == State.QUEUED:
        with time_machine.travel(now, tick=False):
            send_waiting()
        message.refresh_from_db()
        tries.append(message.due_at - now)
        now = message.due_at + timedelta(seconds=1)
    assert message.state == State.FAILED
    assert len(tries) == MOST_ATTEMPTS
    assert tries[0] < tries[1] < tries[2]
    assert "ConnectionRefusedError" in message.reason
    assert not BouncingAddress.objects.exists()


@pytest.mark.django_db
def test_a_connection_that_breaks_before_the_mail_is_tried_again(mail_server: MailServer) -> None:
    message = write(person("break"))
    send_waiting()
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert mail_server.received == []


@pytest.mark.django_db
def test_a_connection_that_breaks_after_the_mail_leaves_it_to_a_person(
    mail_server: MailServer,
) -> None:
    message = write(person("drop"))
    write(person("zoe"))
    assert send_waiting() == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2), tick=True):
        send_waiting()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.HELD, UNCLEAR)
    assert [one.to[0] for one in mail_server.received] == ["drop@example.com", "zoe@example.com"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_before_the_server_had_the_mail_is_replaced(
    mail_server: MailServer, start_sender: StartSender
) -> None:
    message = write(person("stall"))
    sender = start_sender()
    until(lambda: mail_server.asked)
    sender.kill()
    sender.wait()
    message.refresh_from_db()
    assert message.state == State.SENDING
    Person.objects.update(email="anna@example.com")  # The server would stall again.
    time.sleep(1)  # Its lease runs out.
    assert send_waiting() == 1
    assert [one.to[0] for one in mail_server.received] == ["anna@example.com"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_server_had_the_mail_sends_it_no_second_time(
    mail_server: MailServer, start_sender: StartSender
) -> None:
    message = write(person("hang"))
    sender = start_sender()
    until(lambda: mail_server.received)
    sender.kill()
    sender.wait()
    time.sleep(1)
    assert send_waiting() == 0
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.HELD, UNCLEAR)
    assert len(mail_server.received) == 1


@pytest.mark.django_db(transaction=True)
def test_a_storm_is_capped_whatever_the_number_of_workers(
    mail_server: MailServer, start_sender: StartSender
) -> None:
    limit("MAIL_PER_HOUR", 30)
    for number in range(100):
        write(person(f"p{number:03}"))
    senders = [start_sender(), start_sender()]
    for sender in senders:
        assert sender.wait(60) == 0
    assert len(mail_server.received) == 30
    assert len({one.to[0] for one in mail_server.received}) == 30
    assert states() == {State.SENT: 30, State.HELD: 70}
    assert Message.objects.filter(state=State.HELD).values_list("reason").distinct().count() == 1
    user = UserFactory.create()
    assert release(Message.objects.filter(state=State.HELD), user) == 70
    assert send_waiting() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61), tick=True):
        assert send_waiting() == 30
    assert len(mail_server.received) == 60
    assert states() == {State.SENT: 60, State.QUEUED: 40}


@pytest.mark.django_db(transaction=True)
def test_a_storm_on_one_person_is_capped_for_them_alone(
    mail_server: MailServer, start_sender: StartSender
) -> None:
    penny, zoe = person("penny"), person("zoe")
    for number in range(20):
        write(penny, key=f"{number}")
    write(zoe)
    senders = [start_sender(), start_sender()]
    for sender in senders:
        assert sender.wait(60) == 0
    got = Counter(one.to[0] for one in mail_server.received)
    assert got == {"penny@example.com": 5, "zoe@example.com": 1}
    assert states() == {State.SENT: 6, State.HELD: 15}


@pytest.mark.django_db
def test_the_environment_caps_what_the_setting_allows(
    mail_server: MailServer, settings: Settings
) -> None:
    settings.MAIL_MOST_PER_HOUR = 2
    limit("MAIL_PER_HOUR", 100_000)
    for name in ("anna", "penny", "zoe"):
        write(person(name))
    assert send_waiting() == 2
    assert states() == {State.SENT: 2, State.HELD: 1}


@pytest.mark.django_db
def test_a_released_mail_passes_the_budget_of_its_recipient_and_a_dropped_one_never_goes(
    mail_server: MailServer,
) -> None:
    limit("MAIL_PER_PERSON_AND_DAY", 1)
    penny, user = person("penny"), UserFactory.create()
    messages = [write(penny, key=f"{number}") for number in range(3)]
    send_waiting()
    assert states() == {State.SENT: 1, State.HELD: 2}
    assert release(Message.objects.filter(pk=messages[1].pk), user) == 1
    assert drop(Message.objects.filter(pk=messages[2].pk), user) == 1
    assert send_waiting() == 1
    assert states() == {State.SENT: 2, State.DROPPED: 1}
    assert release(Message.objects.all(), user) == 0


@pytest.mark.django_db
def test_what_waits_goes_to_where_its_recipient_is_now(mail_server: MailServer) -> None:
    penny = person("penny")
    write(penny)
    penny.email = "penny.new@example.com"
    penny.save()
    send_waiting()
    assert [one.to[0] for one in mail_server.received] == ["penny.new@example.com"]
    assert Message.objects.get().address == "penny.new@example.com"


@pytest.mark.django_db
def test_who_unsubscribed_gets_nothing_even_of_what_waits(mail_server: MailServer) -> None:
    penny = person("penny")
    write(penny, kind=Kind.DIGEST)
    unsubscribe(penny, Kind.DIGEST)
    assert queue(letter(), kind=Kind.DIGEST, key="2", person=penny) is None
    send_waiting()
    assert mail_server.received == []
    assert states() == {State.DROPPED: 1}


@pytest.mark.django_db
def test_without_a_mail_server_messages_become_files(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    write(person("penny"))
    assert send_waiting() == 1
    (file,) = settings.EMAIL_FILE_PATH.iterdir()
    assert b"To: Penny <penny@example.com>" in file.read_bytes()


@pytest.mark.django_db
def test_the_words_of_old_mail_are_forgotten_and_that_it_was_sent_is_not(
    mail_server: MailServer,
) -> None:
    penny = person("penny")
    message = write(penny)
    send_waiting()
    Message.objects.update(created_at=datetime.now(UTC) - timedelta(days=91))
    forget_old()
    message.refresh_from_db()
    assert (message.text, message.html, message.state) == ("", "", State.SENT)
    assert write(penny) == message
