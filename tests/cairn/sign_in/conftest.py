"""Fixtures: identity providers that run, and Cairn configured for them as an operator would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from cairn import identity_providers
from tests.identity_providers import (
    CLIENT_SECRET,
    IdentityProvider,
    sign_in_at_openid,
    sign_in_at_saml,
    start_openid,
    start_saml,
)

# As Django's test client types its answers.
Response = Any
CALLBACK = "/auth/oidc/company/login/callback/"
ACS = "/auth/saml/company/acs/"
METADATA = "/auth/saml/company/metadata/"


class Company:
    """An identity provider, and people who come through it."""

    def __init__(self, provider: IdentityProvider, protocol: str) -> None:
        self.provider = provider
        self.protocol = protocol
        self.knows = provider.knows

    def leave(self, client: Client, to: str = "") -> str:
        """Where Cairn sends the browser."""
        page = client.post(f"/auth/with/{self.protocol}/", {"next": to} if to else {})
        found = re.search(r'<a href="([^"]+)">Go on', page.content.decode())
        assert found, page.content.decode()
        return unescape(found[1])

    def sign_in(self, client: Client, who: str, to: str = "") -> Response:
        url = self.leave(client, to)
        if self.protocol == "oidc":
            return client.get(sign_in_at_openid(url, who))
        return post_assertion(client, sign_in_at_saml(url, who))


def post_assertion(client: Client, fields: dict[str, str]) -> Response:
    there = client.post(ACS, fields)
    assert there.status_code == 302
    return client.get(there.headers["Location"])


def configure(settings: Settings, patch: pytest.MonkeyPatch, **variables: str) -> None:
    """As if the web server had been started with these variables."""
    for name, value in variables.items():
        patch.setenv(name, value)
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.from_environment()


def browser() -> Client:
    """Django's test client leaves the Host header out, which no browser does."""
    return Client(headers={"host": "testserver"})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture(scope="module")
def openid_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    provider = start_openid(tmp_path_factory.mktemp("openid"), f"http://testserver{CALLBACK}")
    yield provider
    provider.kill()


@pytest.fixture
def openid(
    openid_process: IdentityProvider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Company:
    configure(
        settings,
        monkeypatch,
        OIDC_ISSUER=openid_process.name,
        OIDC_CLIENT_ID="cairn",
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_SCOPES="openid profile email groups",
        OIDC_NAME="Larkfield ID",
    )
    return Company(openid_process, "oidc")


@pytest.fixture
def saml(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[Company]:
    # Its metadata is asked for before the provider is known, as an operator does.
    configure(
        settings,
        monkeypatch,
        SAML_IDP_ENTITY_ID="http://127.0.0.1/",
        SAML_SSO_URL="http://127.0.0.1/",
        SAML_CERTIFICATE="none yet",
    )
    provider = start_saml(tmp_path, browser().get(METADATA).content)
    configure(
        settings,
        monkeypatch,
        SAML_IDP_ENTITY_ID=provider.name,
        SAML_METADATA_URL=provider.name,
        SAML_TRUSTED_EMAIL_DOMAINS="example.com",
    )
    yield Company(provider, "saml")
    provider.kill()


def person(email: str, *groups: str, **claims: Any) -> dict[str, Any]:
    """What an OpenID provider says of somebody whose address it verified."""
    return {"email": email, "email_verified": True, "groups": list(groups), **claims}
