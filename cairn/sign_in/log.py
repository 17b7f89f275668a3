"""The log of sign-ins: how, with which second factor, from where."""

from __future__ import annotations

import logging

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from cairn.sign_in.claims import OPENID_CONNECT
from inventory.access import Action, Anyone, may
from inventory.models import SignIn, User

logger = logging.getLogger(__name__)

Method, SecondFactor = SignIn.Method, SignIn.SecondFactor


def note(request: HttpRequest, user: User, provider: str) -> SignIn:
    """Keep a sign-in that succeeded. Break-glass ones are log lines too, for whoever watches."""
    records = [r for r in get_authentication_records(request, user) if not r.get("reauthenticated")]
    factors = [record for record in records if record["method"] == "mfa"]
    passkey = any(factor.get("passwordless") for factor in factors)
    if provider:
        method = Method.OIDC if provider == OPENID_CONNECT else Method.SAML
    else:
        method = Method.PASSKEY if passkey else Method.PASSWORD
    sign_in = SignIn.objects.create(
        user=user,
        method=method,
        second_factor=factors[-1]["type"] if factors and not passkey else "",
        address=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:300],
        is_break_glass=user.is_break_glass,
    )
    if sign_in.is_break_glass:
        fields = {"user": user.email, "address": sign_in.address}
        logger.warning("break-glass sign-in used", extra=fields)
    return sign_in


def is_use_unseen(user: Anyone) -> bool:
    """Whether an administrator has a break-glass sign-in of somebody else to look at."""
    if not isinstance(user, User) or not may(user, Action.PEOPLE):
        return False
    unseen = SignIn.objects.filter(is_break_glass=True, seen_by=None)
    return unseen.exclude(user=user).exists()
