"""Who may sign in without an identity provider, by a password or a passkey."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Q, QuerySet

from inventory.models import User

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def issuers() -> list[str]:
    """Of the identity providers that are configured now."""
    return [
        app["settings"]["cairn"]["issuer"]
        for protocol in settings.SOCIALACCOUNT_PROVIDERS.values()
        for app in protocol["APPS"]
    ]


def identities(user: User) -> QuerySet[Any]:
    """What ties a sign-in to an identity provider that is configured now."""
    known = Q(pk__in=[])
    for issuer in issuers():
        known |= Q(uid__startswith=f"{issuer} ")
    found: QuerySet[Any] = SocialAccount.objects.filter(known, user=user)
    return found


def signs_in_locally(user: User) -> bool:
    """Whoever is tied to an identity provider signs in through it alone, so that switching them off
    there is enough."""
    if user.is_break_glass:
        return True
    return settings.LOCAL_SIGN_IN == "everyone" and not identities(user).exists()


def has_second_factor(user: User, *, besides: Any = None) -> bool:
    factors = Authenticator.objects.filter(user=user, type__in=STRONG)
    if besides is not None:
        factors = factors.exclude(pk=besides.pk)
    return bool(factors.exists())
