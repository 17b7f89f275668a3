"""Sessions: how long they last, how many there are, and who can end them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django.fixtures import Settings

from cairn.sign_in.sessions import device
from inventory.models import Role, User
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "granite cairn on the ridge"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
START = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wren() -> User:
    return User.objects.create_user("wren@example.com", PASSWORD)


def browse(address: str = "192.0.2.1", user_agent: str = FIREFOX) -> Client:
    """A browser in which Wren has signed in."""
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": user_agent})
    client.post("/auth/login/", {"login": "wren@example.com", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/sign-ins/").status_code == 200


def test_the_page_lists_devices_addresses_and_past_sign_ins() -> None:
    browse("192.0.2.1")
    page = browse("198.51.100.7", "Mozilla/5.0 (iPhone) AppleWebKit Version/19.0 Safari/604.1")
    told = page.get("/sign-ins/").content.decode()
    assert "Firefox on Linux" in told
    assert "Safari on iPhone" in told
    assert "192.0.2.1" in told
    assert "198.51.100.7" in told
    assert told.count("(this one)") == 1
    assert told.count('data-label="How">Password') == 2


def test_one_session_is_ended_and_the_others_go_on() -> None:
    here, there = browse("192.0.2.1"), browse("192.0.2.2")
    other = UserSession.objects.get(ip="192.0.2.2")
    here.post(f"/sign-ins/sessions/{other.pk}/end/")
    assert (is_in(here), is_in(there)) == (True, False)


def test_ending_the_own_session_signs_out() -> None:
    here = browse()
    answer = here.post(f"/sign-ins/sessions/{UserSession.objects.get().pk}/end/")
    assert answer.headers["Location"] == "/auth/login/"
    assert not is_in(here)


def test_all_others_are_ended_at_once() -> None:
    here, *others = browse(), browse(), browse()
    here.post("/sign-ins/end-others/")
    assert [is_in(here), *map(is_in, others)] == [True, False, False]


def test_nobody_ends_the_session_of_another() -> None:
    here = browse()
    session = UserSession.objects.get()
    for role in (Role.SECURITY, Role.VIEWER):
        stranger = signed_in(role, f"{role}@example.com")
        assert stranger.post(f"/sign-ins/sessions/{session.pk}/end/").status_code == 404
        assert stranger.get(f"/sign-ins/{session.user_id}/").status_code == 403
        assert stranger.post(f"/sign-ins/{session.user_id}/end/").status_code == 403
    assert is_in(here)


def test_an_administrator_sees_and_ends_the_sessions_of_others(wren: User) -> None:
    one, other = browse("192.0.2.1"), browse("192.0.2.2")
    admin = signed_in(Role.ADMIN)
    assert "192.0.2.2" in admin.get(f"/sign-ins/{wren.pk}/").content.decode()
    session = UserSession.objects.get(ip="192.0.2.1")
    admin.post(f"/sign-ins/sessions/{session.pk}/end/")
    assert (is_in(one), is_in(other)) == (False, True)
    admin.post(f"/sign-ins/{wren.pk}/end/")
    assert not is_in(other)
    assert is_in(admin)


def test_a_session_ends_when_it_is_left_alone(settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS = 1800
    with time_machine.travel(START, tick=False) as clock:
        client = browse()
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert is_in(client)
        clock.shift(timedelta(minutes=31))
        assert not is_in(client)


def test_a_session_ends_at_its_age_however_busy_it_is(settings: Settings) -> None:
    settings.SESSION_COOKIE_AGE = 4 * 3600
    with time_machine.travel(START, tick=False) as clock:
        client = browse()
        for _ in range(8):
            clock.shift(timedelta(minutes=29))
            assert is_in(client)
        clock.shift(timedelta(minutes=29))
        assert not is_in(client)


def test_being_there_is_noted_once_a_minute() -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = browse()
        clock.shift(timedelta(seconds=59))
        is_in(client)
        assert UserSession.objects.get().last_seen_at == START
        clock.shift(timedelta(seconds=1))
        is_in(client)
        assert UserSession.objects.get().last_seen_at == START + timedelta(seconds=60)


def test_the_session_that_was_not_used_for_longest_makes_room(settings: Settings) -> None:
    settings.SESSIONS_PER_PERSON = 2
    with time_machine.travel(START, tick=False) as clock:
        browsers = []
        for _ in range(3):
            browsers.append(browse())
            clock.shift(timedelta(minutes=2))
        assert [is_in(one) for one in browsers] == [False, True, True]


def test_a_new_password_ends_the_other_sessions() -> None:
    here, there = browse(), browse()
    new = "a taller pile of stones"
    here.post(
        "/auth/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert not is_in(there)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0"
            ),
            "Edge on Windows",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/19.0 Safari/605.1.15"
            ),
            "Safari on macOS",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile "
                "Safari/537.36"
            ),
            "Chrome on Android",
        ),
        ("curl/8.9", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_as_people_do(user_agent: str, words: str) -> None:
    assert device(user_agent) == words
