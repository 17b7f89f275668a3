"""Passwords for nobody but break-glass administrators, who need a second factor."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django.fixtures import Settings

from inventory.models import GroupMapping, Role, SignIn, User
from tests.cairn.sign_in.conftest import Company, is_signed_in, person
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "granite cairn on the ridge"


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


@pytest.fixture
def secret() -> str:
    made: str = generate_totp_secret()
    return made


@pytest.fixture
def glass(secret: str) -> User:
    user = User.objects.create_superuser("glass@example.com", PASSWORD, is_break_glass=True)
    TOTP.activate(user, secret)
    return user


@pytest.fixture
def only_break_glass(settings: Settings) -> None:
    settings.LOCAL_SIGN_IN = "break-glass"


def by_password(email: str) -> Client:
    client = Client()
    client.post("/auth/login/", {"login": email, "password": PASSWORD})
    return client


def use(glass: User, secret: str) -> Client:
    client = by_password(glass.email)
    client.post("/auth/second-factors/authenticate/", {"code": code(secret)})
    return client


def edit(client: Client, user: User, **fields: object) -> str:
    data = {"email": user.email, "role": user.role, "is_active": "on", **fields}
    answer = client.post(f"/admin/inventory/user/{user.pk}/change/", data)
    page: str = answer.content.decode()
    return page


def test_passwords_are_for_break_glass_administrators_alone(
    only_break_glass: None, glass: User, secret: str
) -> None:
    User.objects.create_user("wren@example.com", PASSWORD, role=Role.ADMIN)
    assert not is_signed_in(by_password("wren@example.com"))
    assert is_signed_in(use(glass, secret))


def test_a_right_password_that_must_not_be_used_looks_like_a_wrong_one(
    only_break_glass: None, openid: Company
) -> None:
    User.objects.create_user("wren@example.com", PASSWORD)
    answers = [
        Client().post("/auth/login/", {"login": "wren@example.com", "password": password})
        for password in (PASSWORD, "guess")
    ]
    errors = [str(answer.context["form"].errors) for answer in answers]
    assert errors[0] == errors[1]
    assert "goes through your company" in errors[0]


def test_it_gets_in_while_the_provider_is_away(
    only_break_glass: None, glass: User, secret: str, settings: Settings, openid: Company
) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:1"
    answer = Client().post("/auth/with/oidc/")
    assert answer.status_code == 503
    assert "Larkfield ID does not answer" in answer.content.decode()
    assert is_signed_in(use(glass, secret))


def test_a_password_alone_is_not_enough(glass: User) -> None:
    assert not is_signed_in(by_password(glass.email))


def test_without_a_second_factor_nobody_gets_in_by_it(glass: User) -> None:
    Authenticator.objects.all().delete()
    client = by_password(glass.email)
    assert not is_signed_in(client)
    assert "needs a second factor" in client.get("/auth/login/").content.decode()


def test_the_last_second_factor_cannot_be_taken_away(glass: User, secret: str) -> None:
    client = use(glass, secret)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/auth/second-factors/app/remove/")
    assert "cannot deactivate" in answer.content.decode()
    admin = signed_in(Role.ADMIN)
    admin.post(f"/sign-ins/{glass.pk}/second-factors/remove/")
    assert Authenticator.objects.filter(user=glass, type="totp").exists()


def test_each_use_is_shown_until_another_administrator_has_looked_at_it(
    glass: User, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = use(glass, secret)
    assert "break-glass sign-in used" in caplog.text
    [used] = SignIn.objects.filter(is_break_glass=True)
    assert (used.method, used.second_factor, used.user) == ("password", "totp", glass)
    client.post(f"/sign-in/break-glass/{used.pk}/seen/")
    used.refresh_from_db()
    assert used.seen_by is None
    other = signed_in(Role.ADMIN, "ada@example.com")
    banner = "A break-glass sign-in was used"
    assert banner in other.get("/sign-ins/").content.decode()
    assert banner not in client.get("/sign-ins/").content.decode()
    assert banner not in signed_in(Role.SECURITY).get("/sign-ins/").content.decode()
    assert "I have looked at it" in other.get("/sign-in/").content.decode()
    other.post(f"/sign-in/break-glass/{used.pk}/seen/")
    page = other.get("/sign-in/").content.decode()
    assert "looked at by ada@example.com" in page
    assert banner not in page
    assert "I have looked at it" not in page


def test_only_an_administrator_with_password_and_second_factor_is_marked(secret: str) -> None:
    client = Client()
    boss = User.objects.create_superuser("boss@example.com", PASSWORD)
    client.force_login(boss)
    user = User.objects.create_user("wren@example.com", PASSWORD, role=Role.VIEWER)
    assert "Only an active administrator" in edit(client, user, is_break_glass="on")
    assert "security key first" in edit(client, user, role="admin", is_break_glass="on")
    TOTP.activate(user, secret)
    edit(client, user, role="admin", is_break_glass="on")
    user.refresh_from_db()
    assert user.is_break_glass


def test_no_reset_mail_leads_to_a_password_that_must_not_be_used(
    only_break_glass: None, glass: User, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.create_user("wren@example.com", PASSWORD)
    Client().post("/auth/password/reset/", {"email": "wren@example.com"})
    assert mailoutbox == []
    Client().post("/auth/password/reset/", {"email": glass.email})
    assert len(mailoutbox) == 1


def test_whoever_came_through_the_provider_cannot_set_a_password(openid: Company) -> None:
    """It would still work after they were switched off there."""
    GroupMapping.objects.create(group="all", role=Role.VIEWER)
    openid.knows({"w-1": person("wren@example.com", "all")})
    client = Client()
    openid.sign_in(client, "w-1")
    assert client.get("/auth/password/set/").status_code == 403
    answer = client.post("/auth/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 403
    assert not User.objects.get(email="wren@example.com").has_usable_password()


def test_an_administrator_helps_who_lost_their_second_factor(secret: str) -> None:
    wren = User.objects.create_user("wren@example.com", PASSWORD)
    TOTP.activate(wren, secret)
    assert (
        signed_in(Role.SECURITY).post(f"/sign-ins/{wren.pk}/second-factors/remove/").status_code
        == 403
    )
    signed_in(Role.ADMIN, "ada@example.com").post(f"/sign-ins/{wren.pk}/second-factors/remove/")
    assert is_signed_in(by_password("wren@example.com"))


def test_untying_lets_an_address_go_to_another_identity(openid: Company) -> None:
    GroupMapping.objects.create(group="all", role=Role.VIEWER)
    openid.knows({"w-1": person("wren@example.com", "all")})
    first = Client()
    openid.sign_in(first, "w-1")
    user = User.objects.get(email="wren@example.com")
    tie = SocialAccount.objects.get(user=user)
    admin = signed_in(Role.ADMIN)
    assert "w-1" in admin.get(f"/sign-ins/{user.pk}/").content.decode()
    admin.post(f"/sign-ins/{user.pk}/identities/{tie.pk}/untie/")
    assert not is_signed_in(first)
    openid.knows({"w-2": person("wren@example.com", "all")})
    client = Client()
    openid.sign_in(client, "w-2")
    assert int(client.session["_auth_user_id"]) == user.pk
