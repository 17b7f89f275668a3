"""Signing in with a browser: passkeys, codes, and real identity providers, one of which dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from inventory.models import GroupMapping, Role, User
from tests.cairn.sign_in.conftest import CALLBACK, METADATA, configure
from tests.cairn.sign_in.test_break_glass import code
from tests.factories import TeamFactory
from tests.identity_providers import (
    CLIENT_SECRET,
    IdentityProvider,
    start_openid,
    start_saml,
)

PASSWORD = "granite cairn on the ridge"
SignIn = Callable[..., None]
Contexts = Callable[..., BrowserContext]


@pytest.fixture(autouse=True)
def ada(transactional_db: None) -> User:
    return User.objects.create_superuser("ada@example.com", PASSWORD, first_name="Ada")


@pytest.fixture
def openid(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[IdentityProvider]:
    provider = start_openid(tmp_path, f"{live_server.url}{CALLBACK}")
    configure(
        settings,
        monkeypatch,
        OIDC_ISSUER=provider.name,
        OIDC_CLIENT_ID="cairn",
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_SCOPES="openid profile email groups",
        OIDC_NAME="Larkfield ID",
    )
    GroupMapping.objects.create(group="cairn-security", role=Role.SECURITY)
    yield provider
    provider.kill()


@pytest.fixture
def saml(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[IdentityProvider]:
    configure(
        settings,
        monkeypatch,
        SAML_IDP_ENTITY_ID="http://127.0.0.1/",
        SAML_SSO_URL="http://127.0.0.1/",
        SAML_CERTIFICATE="none yet",
    )
    metadata = requests.get(f"{live_server.url}{METADATA}", timeout=30).content
    provider = start_saml(tmp_path, metadata)
    configure(
        settings,
        monkeypatch,
        SAML_IDP_ENTITY_ID=provider.name,
        SAML_METADATA_URL=provider.name,
        SAML_TRUSTED_EMAIL_DOMAINS="example.com",
        SAML_NAME="Larkfield SAML",
    )
    yield provider
    provider.kill()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_label("your menu").click()
    press(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in to Cairn")).to_be_visible()


def plug_in_a_key(page: Page) -> None:
    """A virtual authenticator that knows its user, as a phone or laptop does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("width", [1400, 390])
def test_a_passkey_is_added_and_then_signs_in_alone(
    open_context: Contexts, sign_in: SignIn, width: int
) -> None:
    page = open_context(viewport={"width": width, "height": 900}).new_page()
    plug_in_a_key(page)
    sign_in(page, "ada@example.com", PASSWORD, to="/auth/second-factors/")
    page.get_by_role("link", name="Add a passkey or key").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")
    page.get_by_label("Name").fill("phone")
    expect(page.get_by_label("Sign in with it alone")).to_be_checked()
    press(page, "Add it")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/auth/passkeys/")
    expect(page.get_by_role("row", name="phone")).to_contain_text("Passkey")
    sign_out(page)
    press(page, "Sign in with a passkey")
    expect(page.get_by_label("your menu")).to_be_visible()
    page.goto("/sign-ins/")
    expect(page.get_by_role("row").filter(has_text="Passkey")).to_be_visible()


def test_a_passkey_is_a_second_factor_after_a_password(page: Page, sign_in: SignIn) -> None:
    plug_in_a_key(page)
    sign_in(page, "ada@example.com", PASSWORD, to="/auth/passkeys/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")
    page.get_by_label("Sign in with it alone").uncheck()
    press(page, "Add it")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    sign_in(page, "ada@example.com", PASSWORD, to="/sign-ins/")
    press(page, "Use a passkey or security key")
    expect(page.get_by_text("Password and security key")).to_be_visible()


def test_a_key_that_does_not_fit_is_said_on_the_page(page: Page) -> None:
    plug_in_a_key(page)
    page.goto("/auth/login/")
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("alert")).to_contain_text("no key fits")


@pytest.mark.parametrize("width", [1400, 390])
def test_an_app_is_set_up_and_its_codes_are_asked_for(
    open_context: Contexts, sign_in: SignIn, width: int
) -> None:
    page = open_context(viewport={"width": width, "height": 900}).new_page()
    sign_in(page, "ada@example.com", PASSWORD, to="/auth/second-factors/")
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("Authenticator code").fill(code(secret))
    press(page, "Turn it on")
    recovery_code = page.locator(".recovery-codes code").first.inner_text()
    sign_out(page)
    sign_in(page, "ada@example.com", PASSWORD)
    page.get_by_label("Code").fill("000000")
    press(page, "Sign in")
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    page.get_by_label("Code").fill(recovery_code)
    press(page, "Sign in")
    expect(page.get_by_label("your menu")).to_be_visible()


@pytest.mark.parametrize("width", [1400, 390])
def test_a_round_trip_to_an_openid_provider(
    open_context: Contexts, sign_in: SignIn, openid: IdentityProvider, width: int
) -> None:
    person = {"email": "wren@example.com", "email_verified": True, "name": "Wren Ash"}
    openid.knows({"w-1": {**person, "groups": ["cairn-security"]}})
    page = open_context(viewport={"width": width, "height": 900}).new_page()
    page.goto("/accounts/")
    press(page, "Sign in with Larkfield ID")
    page.get_by_label("Subject").fill("w-1")
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
    page.get_by_label("your menu").click()
    expect(page.locator(".top-bar .menu-note")).to_contain_text("Security")
    admin = open_context(viewport={"width": width, "height": 900}).new_page()
    sign_in(admin, "ada@example.com", PASSWORD, to="/sign-in/")
    expect(admin.get_by_role("link", name="Wren Ash")).to_be_visible()
    press(admin, "Ask whether it answers")
    expect(admin.get_by_text("answers as configured")).to_be_visible()
    assert CLIENT_SECRET not in admin.content()


def test_a_round_trip_to_a_saml_provider(page: Page, saml: IdentityProvider) -> None:
    team = TeamFactory.create(name="Payments", slug="payments")
    GroupMapping.objects.create(group="payments", team=team)
    saml.knows({"w-1": {"email": ["wren@example.com"], "groups": ["payments", "other"]}})
    page.goto("/accounts/")
    press(page, "Sign in with Larkfield SAML")
    page.get_by_label("Name ID").fill("w-1")
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
    page.get_by_label("your menu").click()
    expect(page.locator(".top-bar .menu-note")).to_contain_text("Account owner")


def test_break_glass_gets_in_when_the_provider_has_died(
    open_context: Contexts, openid: IdentityProvider, settings: Settings, ada: User
) -> None:
    settings.LOCAL_SIGN_IN = "break-glass"
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    User.objects.filter(pk=ada.pk).update(is_break_glass=True)
    openid.kill()
    page = open_context(viewport={"width": 390, "height": 900}).new_page()
    page.goto("/auth/login/?next=/sign-in/")
    press(page, "Sign in with Larkfield ID")
    expect(page.get_by_role("heading", name="Larkfield ID does not answer")).to_be_visible()
    page.get_by_role("link", name="Back to signing in").click()
    page.get_by_text("Break-glass administrators").click()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    page.get_by_label("Code").fill(code(secret))
    press(page, "Sign in")
    expect(page.get_by_label("your menu")).to_be_visible()
    page.goto("/sign-in/")
    expect(page.get_by_text("nobody else has looked at it yet")).to_be_visible()


def test_a_session_is_ended_with_the_keyboard_alone(
    open_context: Contexts, sign_in: SignIn
) -> None:
    there, here = open_context().new_page(), open_context().new_page()
    for page in (there, here):
        sign_in(page, "ada@example.com", PASSWORD, to="/sign-ins/")
    here.reload()
    here.get_by_role("button", name="End all others").focus()
    here.keyboard.press("Enter")
    expect(here.get_by_text("1 session is ended")).to_be_visible()
    there.reload()
    expect(there.get_by_role("heading", name="Sign in to Cairn")).to_be_visible()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_context: Contexts,
    sign_in: SignIn,
    violations: Callable[[Page], list[str]],
    openid: IdentityProvider,
    ada: User,
    width: int,
    scheme: str,
) -> None:
    page = open_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto("/auth/login/")
    assert violations(page) == []
    sign_in(page, "ada@example.com", PASSWORD, to="/auth/passkeys/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")
    mapping = GroupMapping.objects.get()
    for address in (
        "/auth/passkeys/add/",
        "/auth/passkeys/",
        "/auth/second-factors/",
        "/auth/second-factors/app/",
        "/sign-ins/",
        f"/sign-ins/{ada.pk}/",
        "/sign-in/",
        "/sign-in/groups/",
        f"/sign-in/groups/{mapping.pk}/",
    ):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
