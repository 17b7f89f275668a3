"""Signing in through a real OpenID provider: who gets in as whom, and who does not."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django.fixtures import Settings

from inventory.access import role_of
from inventory.models import GroupMapping, Role, SignIn, User
from tests.cairn.sign_in.conftest import Company, is_signed_in, person
from tests.factories import UserFactory
from tests.identity_providers import sign_in_at_openid

pytestmark = pytest.mark.django_db

PASSWORD = "granite cairn on the ridge"


@pytest.fixture(autouse=True)
def security_group() -> None:
    GroupMapping.objects.create(group="cairn-security", role=Role.SECURITY)


def test_somebody_of_a_mapped_group_is_let_in_and_known_from_then_on(openid: Company) -> None:
    openid.knows({"w-1": person("Wren@Example.com", "cairn-security", name="Wren Ash")})
    client = Client()
    answer = openid.sign_in(client, "w-1", to="/accounts/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/")
    user = User.objects.get()
    assert (user.email, str(user), role_of(user)) == ("wren@example.com", "Wren Ash", Role.SECURITY)
    assert user.person is not None
    assert user.person.email == "wren@example.com"
    openid.sign_in(Client(), "w-1")
    assert User.objects.count() == 1
    assert [one.method for one in SignIn.objects.all()] == ["oidc", "oidc"]


def test_whom_no_group_lets_in_is_refused_and_leaves_nothing_behind(openid: Company) -> None:
    openid.knows({"m-1": person("mole@example.com", "gardeners")})
    client = Client()
    answer = openid.sign_in(client, "m-1")
    assert answer.status_code == 403
    assert "None of your groups may use Cairn" in answer.content.decode()
    assert not is_signed_in(client)
    assert not User.objects.exists()


def test_a_default_role_lets_everybody_in(openid: Company, settings: Settings) -> None:
    settings.SIGN_IN_DEFAULT_ROLE = "viewer"
    openid.knows({"v-1": person("vera@example.com")})
    client = Client()
    openid.sign_in(client, "v-1")
    assert is_signed_in(client)
    assert role_of(User.objects.get()) == Role.VIEWER


@pytest.mark.parametrize("verified", [False, None, "false", 0, "no"])
def test_an_address_that_was_not_verified_takes_over_nobody(
    openid: Company, verified: object
) -> None:
    victim = UserFactory.create(email="admin@example.com", role=Role.ADMIN)
    claims = person("admin@example.com", "cairn-security")
    openid.knows({"e-1": {**claims, "email_verified": verified}})
    client = Client()
    answer = openid.sign_in(client, "e-1")
    assert answer.status_code == 403
    assert "does not say that your e-mail address was verified" in answer.content.decode()
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_an_address_that_was_not_verified_makes_no_sign_in_either(openid: Company) -> None:
    """It would tie whoever claims it to the accounts and teams of that address."""
    openid.knows({"e-1": person("lena@example.com", "cairn-security", email_verified=False)})
    assert openid.sign_in(Client(), "e-1").status_code == 403
    assert not User.objects.exists()


def test_a_verified_address_ties_a_local_sign_in_once_and_ends_its_password(
    openid: Company,
) -> None:
    local = User.objects.create_user("wren@example.com", PASSWORD, role=Role.FINANCE)
    openid.knows({"w-1": person("wren@example.com")})
    client = Client()
    openid.sign_in(client, "w-1")
    assert int(client.session["_auth_user_id"]) == local.pk
    by_password = Client()
    by_password.post("/auth/login/", {"login": "wren@example.com", "password": PASSWORD})
    assert not is_signed_in(by_password)


def test_an_address_that_moved_to_somebody_else_does_not_take_the_sign_in_along(
    openid: Company,
) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "w-1")
    openid.knows({"n-2": person("wren@example.com", "cairn-security")})
    client = Client()
    answer = openid.sign_in(client, "n-2")
    assert answer.status_code == 403
    assert "not tied to your identity" in answer.content.decode()
    assert not is_signed_in(client)


def test_an_address_changed_at_the_provider_changes_nothing_here(openid: Company) -> None:
    victim = UserFactory.create(email="admin@example.com", role=Role.ADMIN)
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "w-1")
    openid.knows({"w-1": person("admin@example.com", "cairn-security")})
    client = Client()
    openid.sign_in(client, "w-1")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user != victim
    assert (user.email, user.person and user.person.email) == ("wren@example.com",) * 2


def test_an_address_changed_here_is_not_found_by_the_old_one(openid: Company) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "w-1")
    user = User.objects.get()
    user.email = "wren.ash@example.com"
    user.save()
    openid.knows({"n-2": person("wren@example.com", "cairn-security")})
    client = Client()
    openid.sign_in(client, "n-2")
    assert int(client.session["_auth_user_id"]) != user.pk


def test_the_same_subject_of_another_issuer_is_somebody_else(
    openid: Company, settings: Settings
) -> None:
    openid.knows({"1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "1")
    SocialAccount.objects.update(uid="https://former.example.com 1")
    openid.knows({"1": person("other@example.com", "cairn-security")})
    client = Client()
    openid.sign_in(client, "1")
    assert User.objects.get(pk=client.session["_auth_user_id"]).email == "other@example.com"


def test_a_break_glass_sign_in_is_never_reached_through_the_provider(openid: Company) -> None:
    UserFactory.create(email="glass@example.com", role=Role.ADMIN, is_break_glass=True)
    openid.knows({"g-1": person("glass@example.com", "cairn-security")})
    client = Client()
    assert openid.sign_in(client, "g-1").status_code == 403
    assert not is_signed_in(client)


def test_a_sign_in_that_was_switched_off_stays_off(openid: Company) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "w-1")
    User.objects.update(is_active=False)
    client = Client()
    answer = openid.sign_in(client, "w-1")
    assert answer.headers["Location"] == "/auth/inactive/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_afterwards(openid: Company, to: str) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    assert openid.sign_in(Client(), "w-1", to=to).headers["Location"] == "/"


def test_a_link_alone_sends_nobody_to_the_provider(openid: Company) -> None:
    assert Client().get("/auth/with/oidc/").headers["Location"] == "/auth/login/"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/auth/with/oidc/").status_code == 403


def test_an_answer_to_another_browser_signs_nobody_in(openid: Company) -> None:
    """Else an attacker's own answer would sign a victim in as the attacker."""
    openid.knows({"e-1": person("eve@example.com", "cairn-security")})
    back = sign_in_at_openid(openid.leave(Client()), "e-1")
    victim = Client()
    assert victim.get(back).status_code == 403
    assert not is_signed_in(victim)


def test_an_answer_is_taken_once(openid: Company) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    client = Client()
    back = sign_in_at_openid(openid.leave(client), "w-1")
    assert client.get(back).status_code == 302
    client.post("/auth/logout/")
    assert client.get(back).status_code == 403
    assert not is_signed_in(client)


def test_asking_to_connect_ties_no_further_identity(openid: Company) -> None:
    """Django-allauth would tie any identity to whoever is signed in and asks for it."""
    victim = UserFactory.create(email="admin@example.com", role=Role.ADMIN)
    client = Client()
    client.force_login(victim)
    openid.knows({"e-1": person("eve@example.com", "cairn-security")})
    client.post("/auth/with/oidc/?process=connect")
    client.get(sign_in_at_openid(openid.leave(client), "e-1"))
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_cancelling_leads_back_to_signing_in(openid: Company) -> None:
    client = Client()
    answer = client.get(sign_in_at_openid(openid.leave(client), "", cancel=True))
    assert answer.status_code == 403
    assert "was cancelled" in answer.content.decode()


def test_second_factors_are_asked_for_after_the_provider_too(openid: Company) -> None:
    openid.knows({"w-1": person("wren@example.com", "cairn-security")})
    openid.sign_in(Client(), "w-1")
    TOTP.activate(User.objects.get(), generate_totp_secret())
    client = Client()
    answer = openid.sign_in(client, "w-1")
    assert answer.headers["Location"] == "/auth/second-factors/authenticate/"
    assert not is_signed_in(client)
