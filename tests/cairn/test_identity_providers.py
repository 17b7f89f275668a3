"""Identity providers come from the environment, and what is wrong there is named."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from cairn.identity_providers import from_environment

OIDC = {
    "OIDC_ISSUER": "https://id.example.com/",
    "OIDC_CLIENT_ID": "cairn",
    "OIDC_CLIENT_SECRET": "hush",
}
SAML = {
    "SAML_IDP_ENTITY_ID": "https://idp.example.com",
    "SAML_METADATA_URL": "https://idp.example.com/m",
}


def configured(patch: pytest.MonkeyPatch, **variables: str) -> dict[str, object]:
    for name, value in variables.items():
        patch.setenv(name, value)
    return from_environment()


def test_without_variables_there_is_none() -> None:
    assert from_environment() == {}


def test_each_protocol_is_turned_on_by_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(configured(monkeypatch, **OIDC)) == {"openid_connect"}
    assert set(configured(monkeypatch, **SAML)) == {"openid_connect", "saml"}


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({**OIDC, "OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({**OIDC, "OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({**OIDC, "OIDC_ISSUER": "http://id.example.com"}, "OIDC_ISSUER must start with https"),
        ({**OIDC, "OIDC_ISSUER": "ldap://id.example.com"}, "OIDC_ISSUER must start with"),
        ({**SAML, "SAML_IDP_ENTITY_ID": ""}, "SAML_IDP_ENTITY_ID"),
        ({**SAML, "SAML_METADATA_URL": ""}, "SAML_SSO_URL"),
        (
            {**SAML, "SAML_METADATA_URL": "", "SAML_SSO_URL": "https://idp.example.com/sso"},
            "SAML_CERTIFICATE",
        ),
        (
            {
                **SAML,
                "SAML_METADATA_URL": "",
                "SAML_SSO_URL": "https://idp.example.com/sso",
                "SAML_CERTIFICATE": "/nowhere/idp.pem",
            },
            "SAML_CERTIFICATE names a file",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=named) as refusal:
        configured(monkeypatch, **variables)
    assert "hush" not in str(refusal.value)
