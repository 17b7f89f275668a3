"""What an identity provider says of somebody, read strictly and alike for both protocols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from django.core.exceptions import PermissionDenied

OPENID_CONNECT = "openid_connect"


@dataclass(frozen=True)
class Claims:
    """``is_verified`` is what the provider says of the e-mail address itself. ``groups`` is None
    where it says that there are more than it sent."""

    issuer: str
    subject: str
    email: str
    is_verified: bool
    groups: frozenset[str] | None

    @property
    def identity(self) -> str:
        """Subjects are unique within their issuer alone."""
        return f"{self.issuer} {self.subject}"


def read(sociallogin: Any, email: str) -> Claims:
    """``email`` is what django-allauth took for the address. Raises PermissionDenied where the
    parts of an answer are not of one person."""
    app, raw = sociallogin.provider.app, sociallogin.account.extra_data
    sources = _sources(raw) if sociallogin.provider.id == OPENID_CONNECT else [raw]
    name = app.settings["cairn"]["groups"]
    if sociallogin.provider.id == OPENID_CONNECT:
        of_email = next((source for source in sources if source.get("email")), {})
        email, verified = of_email.get("email", ""), of_email.get("email_verified")
    else:
        names = app.settings["attribute_mapping"]["email_verified"]
        verified = next((raw[one][0] for one in names if raw.get(one)), None)
    return Claims(
        issuer=app.settings["cairn"]["issuer"],
        subject=sociallogin.account.uid,
        email=(valid_email_or_none(str(email)) or "").lower(),
        is_verified=verified is True or str(verified).lower() == "true",
        groups=None
        if any(_has_more(source, name) for source in sources)
        else _groups(sources, name),
    )


def _sources(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the UserInfo endpoint said, then the ID token; both must be of the same subject."""
    found = [raw[part] for part in ("userinfo", "id_token") if raw.get(part)]
    if len({source.get("sub") for source in found}) != 1:
        raise PermissionDenied("The ID token and the user info are of different people.")
    return found


def _has_more(source: Mapping[str, Any], name: str) -> bool:
    """Entra ID sends no groups, but a sign that there are some, where they are too many."""
    return name in (source.get("_claim_names") or {}) or bool(source.get("hasgroups"))


def _groups(sources: Iterable[Mapping[str, Any]], name: str) -> frozenset[str]:
    """Names of groups; a claim that is not there means that the person is in none."""
    for source in sources:
        found = source.get(name, _inside(source, name))
        if isinstance(found, str):
            return frozenset({found})
        if isinstance(found, list):
            return frozenset(one for one in found if isinstance(one, str))
    return frozenset()


def _inside(source: Mapping[str, Any], path: str) -> Any:
    """``realm_access.roles`` is the claim roles inside the claim realm_access."""
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
