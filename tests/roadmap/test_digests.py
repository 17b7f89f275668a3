"""Digests and reminders: only theirs, only new, only what they may see, and never empty."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inventory.models import Account, Message, Person, PolicySetting, Role
from inventory.outbox.unsubscribing import unsubscribe
from inventory.policy import Place, load_policy
from roadmap import mail_rounds
from roadmap.attestations import Answer, give
from roadmap.exceptions import approve, ask
from roadmap.mail_rounds import LAG, last_moment, write_due
from roadmap.models import Finding, MailRound, VerdictChange
from roadmap.registry import Attestable, FindingKind, Level
from roadmap.verdicts import Severity, passed
from tests.factories import AccountFactory, ContactFactory, PersonFactory, UserFactory
from tests.organization import PENNY, SAM, World
from tests.roadmap.conftest import make_item

KEY = "surface.open"
SECRET = "refinement.honey_tokens"
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
Kind = Message.Kind


@pytest.fixture(autouse=True)
def calm(catalogue: Any, world: World) -> None:
    """Two items, one of them security's alone; everything is confirmed."""
    asked = (Attestable(Level.ACCOUNT, "Is it open?"), Attestable(Level.TEAM, "Is it open?"))
    kinds = {"bucket_open": FindingKind("Bucket open", Severity.HIGH)}
    catalogue(
        make_item(KEY, lambda _: passed("Closed."), order="6.1", attests=asked, findings=kinds),
        make_item(SECRET, lambda _: passed("Hidden."), order="8.1", findings=kinds),
    )
    Account.objects.update(confirmed_at=MONDAY - timedelta(days=1))


def digest(name: str = PENNY) -> Message:
    return Message.objects.filter(kind=Kind.DIGEST, address=name).latest("pk")


def digests() -> list[str]:
    found = Message.objects.filter(kind=Kind.DIGEST)
    return sorted(found.values_list("address", flat=True))


def reminders() -> list[str]:
    return sorted(Message.objects.filter(kind=Kind.REMINDER).values_list("address", flat=True))


def change(account: Account, before: str, after: str, at: datetime, item: str = KEY) -> None:
    VerdictChange.objects.create(
        account=account, item=item, at=at, cause="evidence",
        from_status=before, to_status=after, sentence=f"It is {after} now.",
    )  # fmt: skip


def find(account: Account, severity: str = "high", at: datetime | None = None, **more: Any) -> None:
    at = at or MONDAY - timedelta(days=1)
    values = {"item": KEY, "code": "bucket_open", "title": "Bucket open: photos"} | more
    Finding.objects.create(
        account=account, severity=severity, first_seen_at=at, last_seen_at=at,
        resource=f"arn:aws:s3:::photos-{Finding.objects.count()}", **values,
    )  # fmt: skip


def set_to(name: str, value: Any) -> None:
    PolicySetting.objects.update_or_create(
        name=name, level="installation", defaults={"value": value}
    )


def test_nobody_gets_mail_when_nothing_is_new(world: World) -> None:
    write_due(MONDAY)
    assert digests() == []
    done = MailRound.objects.get(kind=Kind.DIGEST)
    assert (done.day, done.written, done.nothing_new) == (date(2026, 11, 23), 0, 2)
    assert done.finished_at


def test_each_person_reads_of_their_own_accounts_alone(world: World) -> None:
    change(world.payments, "pass", "fail", MONDAY - timedelta(days=2))
    change(world.search, "fail", "pass", MONDAY - timedelta(days=2))
    find(world.payments)
    write_due(MONDAY)
    penny, sam = digest(PENNY), digest(SAM)
    assert penny.subject == "Your accounts: 1 went backwards, 1 new finding"
    assert "payments (444444444444): surface.open" in penny.text
    assert "Pass → Fail. It is fail now." in penny.text
    assert "Bucket open: photos" in penny.text
    assert "search" not in penny.text
    assert sam.subject == "Your accounts: 1 got better"
    assert "payments" not in sam.text.lower().replace("your accounts", "")


def test_a_digest_tells_only_what_is_new_since_the_last_one(world: World) -> None:
    change(world.payments, "pass", "fail", MONDAY - timedelta(days=2))
    find(world.payments)
    write_due(MONDAY)
    week = MONDAY + timedelta(days=7)
    write_due(week)
    assert digests() == [PENNY]
    change(world.payments, "partial", "fail", week)
    # A scan of last week that is imported now is new all the same.
    find(world.payments, at=MONDAY - timedelta(days=3), title="Bucket open: late")
    write_due(week + timedelta(days=7))
    assert digests() == [PENNY, PENNY]
    assert "Bucket open: late" in digest().text
    assert "Bucket open: photos" not in digest().text
    assert "Partial → Fail" in digest().text


def test_what_a_digest_that_never_went_out_said_is_said_in_the_next(world: World) -> None:
    find(world.payments)
    write_due(MONDAY)
    Message.objects.update(state=Message.State.FAILED)
    write_due(MONDAY + timedelta(days=7))
    assert digests() == [PENNY, PENNY]
    assert "Bucket open: photos" in digest().text


def test_what_went_down_and_up_again_is_no_news(world: World) -> None:
    change(world.payments, "pass", "fail", MONDAY - timedelta(days=3))
    change(world.payments, "fail", "pass", MONDAY - timedelta(days=2))
    change(world.payments, "unknown", "pass", MONDAY - timedelta(days=2), item=SECRET)
    write_due(MONDAY)
    assert digests() == []


def test_a_change_that_is_being_written_waits_for_the_next(world: World) -> None:
    change(world.payments, "pass", "fail", MONDAY - LAG / 2)
    write_due(MONDAY)
    assert digests() == []
    write_due(MONDAY + timedelta(days=7))
    assert digests() == [PENNY]


def test_findings_below_the_severity_are_left_out(world: World) -> None:
    find(world.payments, severity="medium")
    write_due(MONDAY)
    assert digests() == []
    set_to("DIGEST_SEVERITY", "medium")
    MailRound.objects.all().delete()
    write_due(MONDAY)
    assert digests() == [PENNY]


def test_what_only_security_sees_is_in_nobody_elses_mail(world: World) -> None:
    change(world.payments, "pass", "fail", MONDAY - timedelta(days=2), item=SECRET)
    find(world.payments, item=SECRET, title="Honey token here")
    write_due(MONDAY)
    assert digests() == []
    MailRound.objects.all().delete()
    UserFactory.create(email=PENNY, role=Role.SECURITY)
    write_due(MONDAY)
    assert "Honey token here" in digest().text


@pytest.mark.parametrize("how", ["switched off", "left"])
def test_who_is_no_longer_there_gets_nothing(how: str, world: World) -> None:
    find(world.payments)
    if how == "switched off":
        UserFactory.create(email=PENNY, role=Role.OWNER, is_active=False)
    else:
        Person.objects.filter(email=PENNY).update(left_on=date(2026, 11, 1))
    write_due(MONDAY)
    assert digests() == []


def test_who_unsubscribed_gets_no_digest(world: World) -> None:
    find(world.payments)
    unsubscribe(world.penny, Kind.DIGEST)
    write_due(MONDAY)
    assert digests() == []


def test_accounts_to_confirm_are_told_once(world: World) -> None:
    UserFactory.create(email=PENNY, role=Role.OWNER)
    Account.objects.filter(pk=world.payments.pk).update(confirmed_at=None)
    write_due(MONDAY)
    assert "TO CONFIRM" in digest().text
    assert "Never confirmed." in digest().text
    write_due(MONDAY + timedelta(days=7))
    assert digests() == [PENNY]


def test_a_long_list_is_cut_and_says_how_much_was_left_out(world: World) -> None:
    for _ in range(13):
        find(world.payments)
    write_due(MONDAY)
    assert digest().subject == "Your accounts: 13 new findings"
    assert digest().text.count("- Bucket open: photos") == 10
    assert "and 3 more" in digest().text


def test_answers_and_exceptions_that_end_are_in_the_digest_when_their_warning_begins(
    world: World,
) -> None:
    security = UserFactory.create(role=Role.SECURITY)
    asked = ask(
        security, KEY, account=world.payments, reason="Why", expires_at=MONDAY + timedelta(days=29)
    )
    approve(UserFactory.create(role=Role.SECURITY), asked)
    give(
        security, KEY, world.payments,
        Answer("done", "Yes.", "https://x.example.com/", expires_at=MONDAY + timedelta(days=35)),
    )  # fmt: skip
    write_due(MONDAY)
    assert "Exception from surface.open" in digest().text
    assert "Answer on" not in digest().text
    write_due(MONDAY + timedelta(days=7))
    assert "Answer on surface.open for payments" in digest().text
    assert "Exception" not in digest().text.split("\n--")[0].replace("exceptions", "")


def test_a_round_that_is_killed_is_taken_up_where_it_was_and_writes_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [PersonFactory.create(email=f"p{number:02}@example.com") for number in range(25)]
    for person in people:
        account = AccountFactory.create(confirmed_at=MONDAY)
        ContactFactory.create(account=account, person=person, role="operations")
        find(account)
    monkeypatch.setattr(mail_rounds, "PIECE", 4)
    real, calls = mail_rounds._piece, []

    def dies_at_the_third(pk: int) -> bool:
        calls.append(pk)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(pk)

    monkeypatch.setattr(mail_rounds, "_piece", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        write_due(MONDAY)
    assert 0 < len(digests()) < 25
    monkeypatch.setattr(mail_rounds, "_piece", real)
    write_due(MONDAY + timedelta(minutes=10))
    assert digests() == [person.email for person in people]
    assert MailRound.objects.get(kind=Kind.DIGEST).written == 25
    write_due(MONDAY + timedelta(hours=1))
    assert len(digests()) == 25


@pytest.mark.parametrize(
    ("weekday", "hour", "zone", "now", "expected"),
    [
        ("Monday", 8, "UTC", "2026-11-23T08:00+00:00", "2026-11-23T08:00+00:00"),
        ("Monday", 8, "UTC", "2026-11-23T07:59+00:00", "2026-11-16T08:00+00:00"),
        ("Friday", 8, "UTC", "2026-11-23T08:00+00:00", "2026-11-20T08:00+00:00"),
        ("Monday", 8, "Asia/Tokyo", "2026-11-22T23:00+00:00", "2026-11-22T23:00+00:00"),
        ("Monday", 8, "Europe/Berlin", "2026-03-30T06:00+00:00", "2026-03-30T06:00+00:00"),
        ("Monday", 8, "Europe/Berlin", "2026-03-23T07:00+00:00", "2026-03-23T07:00+00:00"),
        ("never", 8, "UTC", "2026-11-23T08:00+00:00", None),
    ],
)
def test_a_round_begins_at_its_hour_in_its_time_zone(
    weekday: str, hour: int, zone: str, now: str, expected: str | None
) -> None:
    set_to("DIGEST_WEEKDAY", weekday)
    set_to("MAIL_HOUR", hour)
    set_to("MAIL_TIME_ZONE", zone)
    found = last_moment(Kind.DIGEST, datetime.fromisoformat(now), load_policy().at(Place()))
    if expected is None:
        assert found is None
    else:
        assert found
        assert found[1] == datetime.fromisoformat(expected)
        assert found[0] == found[1].astimezone(ZoneInfo(zone)).date()


def test_a_round_that_was_missed_for_a_day_is_left_out(world: World) -> None:
    find(world.payments)
    write_due(MONDAY + timedelta(hours=21))
    assert digests() == []


def answer(world: World, days: int, role: Role = Role.SECURITY) -> Any:
    """An answer that ends in that many days from Monday."""
    user = UserFactory.create(email="author@example.com", role=role)
    until = MONDAY + timedelta(days=days) - timedelta(hours=1)
    told = Answer("done", "Yes.", "https://x.example.com/", expires_at=until)
    return user, give(user, KEY, world.payments, told)


def test_its_author_is_reminded_at_each_set_day_and_on_no_other(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    answer(world, 30)
    reminded = []
    for day in range(-2, 31):
        before = len(reminders())
        write_due(MONDAY + timedelta(days=day))
        reminded += [30 - day] * (len(reminders()) - before)
    assert reminded == [30, 7, 1]
    assert set(reminders()) == {"author@example.com"}
    message = Message.objects.filter(kind=Kind.REMINDER).earliest("pk")
    assert message.subject == "1 answer or exception ends soon"
    assert "/roadmap/surface/open/attest/account/444444444444/" in message.text


def test_where_the_author_is_gone_the_next_in_order_is_reminded(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    user, _ = answer(world, 30)
    user.is_active = False
    user.save()
    write_due(MONDAY)
    assert reminders() == [PENNY]


def test_an_author_who_may_not_see_it_any_more_is_not_told(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    user, _ = answer(world, 30)
    user.role = Role.OWNER
    user.save()
    write_due(MONDAY)
    assert reminders() == [PENNY]


def test_an_answer_that_was_given_again_reminds_nobody(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    user, _ = answer(world, 30)
    give(user, KEY, world.payments, Answer("done", "Yes.", "https://x.example.com/"))
    write_due(MONDAY)
    assert reminders() == []


def test_many_that_end_are_one_mail(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    user, _ = answer(world, 30)
    until = MONDAY + timedelta(days=30) - timedelta(hours=2)
    give(user, KEY, world.search, Answer("not_done", "No.", expires_at=until))
    asked = ask(user, KEY, account=world.search, reason="Why", expires_at=until)
    approve(UserFactory.create(role=Role.SECURITY), asked)
    write_due(MONDAY)
    assert reminders() == ["author@example.com"]
    assert Message.objects.get().subject == "3 answers and exceptions end soon"


def test_reminders_can_be_switched_off(world: World) -> None:
    set_to("DIGEST_WEEKDAY", "never")
    user, _ = answer(world, 30)
    unsubscribe(user.person, Kind.REMINDER)
    write_due(MONDAY)
    assert reminders() == []
