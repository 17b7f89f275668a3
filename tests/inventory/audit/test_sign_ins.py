"""Sign-ins, sign-outs, sign-ins made and changed, tokens: whoever does it, and from where."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken

from inventory.models import AuditEntry, Role, User
from tests.factories import AccountFactory, signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "granite cairn on the ridge"


@pytest.fixture
def wren() -> User:
    return User.objects.create_user("wren@example.com", PASSWORD, role=Role.SECURITY)


def sign_in(
    client: Client, password: str = PASSWORD, login: str = "wren@example.com", **more: Any
) -> None:
    client.post("/auth/login/", {"login": login, "password": password}, **more)


def last(event: str) -> AuditEntry:
    return AuditEntry.objects.filter(event=event).latest("number")


def test_signing_in_and_out(client: Client, wren: User) -> None:
    sign_in(client, REMOTE_ADDR="192.0.2.7")
    entry = last("sign_in.done")
    assert (entry.actor, entry.key, entry.address) == (wren.email, wren.email, "192.0.2.7")
    client.post("/auth/logout/")
    assert last("sign_in.ended").actor == wren.email


def test_a_failed_sign_in_names_only_who_exists(client: Client, wren: User) -> None:
    sign_in(client, "guess")
    entry = last("sign_in.failed")
    assert (entry.key, entry.actor, entry.via) == (wren.email, "", "stranger")
    sign_in(client, "x", login="my-secret-password@example.com")
    assert last("sign_in.failed").key == ""
    assert "my-secret" not in str(AuditEntry.objects.values())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", ""),
    ],
)
def test_the_address_is_the_callers_behind_the_trusted_proxies(
    proxies: int, forwarded: str, address: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    client = signed_in(Role.ADMIN)
    client.post("/tokens/", {"days": 30}, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert last("token.made").address == address


def test_a_password_that_is_changed_or_reset_is_told_and_not_shown(
    client: Client, wren: User, mailoutbox: list[EmailMessage]
) -> None:
    client.post("/auth/password/reset/", {"email": wren.email})
    link = re.search(r"http://testserver(\S+)", str(mailoutbox[0].body))
    assert link
    form = client.get(link[1], follow=True)
    new = "a taller pile of stones"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    entry = last("user.changed")
    assert (entry.key, entry.details) == (wren.email, {"changed": {"password": "another one"}})
    sign_in(client, new)
    client.post(
        "/auth/password/change/",
        {"oldpassword": new, "password1": PASSWORD, "password2": PASSWORD},
    )
    assert last("user.changed").number > entry.number
    assert last("user.changed").actor == wren.email


def test_an_administrator_makes_and_changes_a_sign_in(client: Client) -> None:
    User.objects.create_superuser("root@example.com", PASSWORD)
    sign_in(client, login="root@example.com")
    made = {
        "email": "Jay@example.com", "role": "owner", "usable_password": "true",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    assert client.post("/admin/inventory/user/add/", made).status_code == 302
    entry = last("user.made")
    assert (entry.actor, entry.key) == ("root@example.com", "jay@example.com")
    jay = User.objects.get(email="jay@example.com")
    changed = {"email": jay.email, "role": "security", "is_active": "on"}
    assert client.post(f"/admin/inventory/user/{jay.pk}/change/", changed).status_code == 302
    assert last("user.changed").details == {"changed": {"role": ["owner", "security"]}}


def test_signing_in_alone_changes_no_sign_in(client: Client, wren: User) -> None:
    sign_in(client)
    assert not AuditEntry.objects.filter(event="user.changed").exists()


def test_the_command_line_is_named(wren: User) -> None:
    call_command("createsuperuser", "--email", "first@example.com", "--noinput")
    entry = last("user.made")
    assert (entry.via, entry.key) == ("command", "first@example.com")
    assert entry.actor


def test_whoever_uses_a_token_is_told_with_it() -> None:
    AccountFactory.create()
    client = signed_in(Role.SECURITY)
    page = client.post("/tokens/", {"days": 30}).content.decode()
    found = re.search(r'id="new-token">([^<]+)<', page)
    assert found
    made = last("token.made")
    assert (made.key, made.details["valid_until"][:2]) == (found[1][:15], "20")
    User.objects.get().person.__class__.objects.update(phone="+4930123456")  # type: ignore[union-attr]  # tied
    Client().get("/api/v1/people/", headers={"Authorization": f"Bearer {found[1]}"})
    read = last("contact.read")
    assert (read.via, read.actor) == ("token", "reader@example.com")
    assert read.means == f"{found[1][:15]}…"
    client.post(f"/tokens/{AuthToken.objects.get().digest}/revoke/")
    assert last("token.ended").key == found[1][:15]


def test_what_other_models_take_in_administration_is_told(client: Client) -> None:
    User.objects.create_superuser("root@example.com", PASSWORD)
    sign_in(client, login="root@example.com")
    added = client.post("/admin/auth/group/add/", {"name": "Auditors"})
    assert added.status_code == 302
    entry = last("admin.changed")
    assert (entry.kind, entry.name, entry.details) == ("group", "Auditors", {"what": "Added."})


def test_second_factors_and_identities_are_told_without_their_secrets(wren: User) -> None:
    factor = Authenticator.objects.create(user=wren, type="totp", data={"secret": "JBSWY3DP"})
    tie = SocialAccount.objects.create(user=wren, provider="oidc", uid="1")
    factor.delete()
    tie.delete()
    events = ("second_factor.added", "identity.tied", "second_factor.removed", "identity.untied")
    assert [last(event).key for event in events] == [wren.email] * 4
    assert "JBSWY3DP" not in str(AuditEntry.objects.values())
