"""The page that shows how people sign in."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from inventory.models import GroupMapping, Role
from tests.cairn.sign_in.conftest import Company, browser, person
from tests.factories import signed_in
from tests.identity_providers import CLIENT_SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody() -> None:
    GroupMapping.objects.create(group="all", role=Role.VIEWER)


def page() -> str:
    answer = signed_in(Role.ADMIN, "ada@example.com").get(
        "/sign-in/", headers={"host": "testserver"}
    )
    return str(answer.content.decode())


def ask(protocol: str) -> str:
    admin = signed_in(Role.ADMIN, "ada@example.com")
    return str(admin.post(f"/sign-in/check/{protocol}/", follow=True).content.decode())


def test_without_a_provider_it_says_how_to_turn_one_on() -> None:
    assert "OIDC_ISSUER" in page()
    assert "It is not configured" in ask("oidc")


def test_it_shows_what_is_in_force_and_where_the_provider_answers_to(openid: Company) -> None:
    shown = page()
    assert "http://testserver/auth/oidc/company/login/callback/" in shown
    assert openid.provider.name in shown
    assert "openid profile email groups" in shown
    assert "none yet" in shown
    assert CLIENT_SECRET not in shown


def test_it_tells_of_the_last_sign_in_through_it(openid: Company) -> None:
    openid.knows({"w-1": person("wren@example.com", "all", name="Wren Ash")})
    openid.sign_in(browser(), "w-1")
    shown = page()
    assert "Wren Ash" in shown
    assert "none yet" not in shown


def test_saml_shows_its_addresses_and_never_the_certificate(saml: Company) -> None:
    shown = page()
    assert "http://testserver/auth/saml/company/acs/" in shown
    assert "http://testserver/auth/saml/company/metadata/" in shown
    assert "BEGIN CERTIFICATE" not in shown


def test_the_provider_is_asked_whether_it_is_there(saml: Company) -> None:
    assert "answers as configured" in ask("saml")
    saml.provider.kill()
    assert "does not answer as it should" in ask("saml")


def test_a_provider_that_calls_itself_otherwise_is_told(
    openid: Company, settings: Settings
) -> None:
    assert "answers as configured" in ask("oidc")
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = openid.provider.name.replace("127.0.0.1", "localhost")
    assert "It calls itself" in ask("oidc")


def test_a_missing_break_glass_administrator_is_said() -> None:
    assert "Nobody could get in while the identity provider is down" in page()
