"""The identity providers that people may sign in through, from the environment: at most one that
speaks OpenID Connect and one that speaks SAML. docs/signing-in.md explains the variables.

The answers are apps as django-allauth's SOCIALACCOUNT_PROVIDERS holds them. What concerns Cairn
alone stands in their settings under ``cairn``: the name of the groups claim, and the ``issuer``,
which with the subject makes an identity.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from cairn import env

SCHEMES = frozenset({"https", "http"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Part of the addresses that identity providers are told of: there is one provider a protocol.
SLUG = "company"
SAML_EMAIL = (
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
SAML_FIRST_NAME = (
    "firstName",
    "givenName",
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
)
SAML_LAST_NAME = (
    "lastName",
    "sn",
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
)


def from_environment() -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS, with a provider for each protocol that is configured."""
    found = {"openid_connect": openid_connect(), "saml": saml()}
    return {protocol: {"APPS": [app]} for protocol, app in found.items() if app}


def openid_connect() -> dict[str, Any] | None:
    issuer = _safe("OIDC_ISSUER", env.url("OIDC_ISSUER", SCHEMES)).rstrip("/")
    if not issuer:
        return None
    why = "OIDC_ISSUER is set, and the provider knows Cairn by it."
    scopes = env.text("OIDC_SCOPES", "openid profile email").split()
    return {
        "provider_id": SLUG,
        "name": env.text("OIDC_NAME", "single sign-on"),
        "client_id": env.required("OIDC_CLIENT_ID", why),
        "secret": env.required("OIDC_CLIENT_SECRET", why),
        "settings": {
            "server_url": issuer,
            "scope": scopes,
            "oauth_pkce_enabled": True,
            "verified_email": env.items("OIDC_TRUSTED_EMAIL_DOMAINS"),
            "cairn": {"issuer": issuer, "groups": env.text("OIDC_GROUPS_CLAIM", "groups")},
        },
    }


def saml() -> dict[str, Any] | None:
    metadata = _safe("SAML_METADATA_URL", env.url("SAML_METADATA_URL", SCHEMES))
    entity_id = env.text("SAML_IDP_ENTITY_ID", "")
    if not metadata and not entity_id:
        return None
    if not entity_id:
        env.required("SAML_IDP_ENTITY_ID", "SAML_METADATA_URL is set, and may name several.")
    idp = {"entity_id": entity_id}
    if metadata:
        idp["metadata_url"] = metadata
    else:
        why = "SAML_IDP_ENTITY_ID is set without SAML_METADATA_URL, which would tell it."
        sso_url = _safe("SAML_SSO_URL", env.required("SAML_SSO_URL", why))
        idp |= {"sso_url": sso_url, "x509cert": _certificate(why)}
    email = env.items("SAML_EMAIL_ATTRIBUTE") or list(SAML_EMAIL)
    return {
        "provider_id": "saml",
        "name": env.text("SAML_NAME", "single sign-on"),
        "client_id": SLUG,
        "settings": {
            "idp": idp,
            "attribute_mapping": {
                "uid": ["urn:oasis:names:tc:SAML:attribute:subject-id"],
                "email": email,
                "email_verified": ["email_verified", "http://schemas.auth0.com/email_verified"],
                "first_name": list(SAML_FIRST_NAME),
                "last_name": list(SAML_LAST_NAME),
            },
            "verified_email": env.items("SAML_TRUSTED_EMAIL_DOMAINS"),
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "want_name_id": True,
                "reject_idp_initiated_sso": True,
                "reject_deprecated_algorithm": True,
                # Providers on a company's own network have names without dots.
                "allow_single_label_domains": True,
            },
            "cairn": {"issuer": entity_id, "groups": env.text("SAML_GROUPS_ATTRIBUTE", "groups")},
        },
    }


def _safe(name: str, url: str) -> str:
    """Over the network only HTTPS is believed."""
    parts = urlsplit(url)
    if url and parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"{name} must start with https.")
    return url


def _certificate(why: str) -> str:
    """The provider's signing certificate: the text itself, or the path of a file that holds it."""
    value = env.required("SAML_CERTIFICATE", why)
    if value.startswith("/"):
        try:
            return Path(value).read_text()
        except OSError:
            raise ImproperlyConfigured(
                "SAML_CERTIFICATE names a file that cannot be read."
            ) from None
    return value
