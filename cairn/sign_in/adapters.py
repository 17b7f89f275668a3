"""Whom django-allauth may let in, and what happens when it does."""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cairn.sign_in import claims, sessions
from cairn.sign_in.local import has_second_factor, signs_in_locally
from cairn.sign_in.log import note
from inventory.access import role_of
from inventory.models import Role, User
from inventory.provider_groups import give, given_by

logger = logging.getLogger(__name__)

ELSEWHERE = (
    "The e-mail address or the password is not correct, or this sign-in goes through your company."
)

REFUSALS = {
    "no_email": "Your company's sign-in tells Cairn no e-mail address of yours.",
    "unverified": "Your company's sign-in does not say that your e-mail address was verified.",
    "taken": "Another sign-in to Cairn has your e-mail address, and is not tied to your identity.",
    "break_glass": "This is a break-glass sign-in. It takes its password and second factor.",
    "no_role": "None of your groups may use Cairn.",
    "cancelled": "The sign-in was cancelled.",
    "failed": "What your company's sign-in answered could not be accepted.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code == "email_password_mismatch" and settings.SOCIALACCOUNT_PROVIDERS:
            return ValidationError(ELSEWHERE, code=code)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A right password of somebody who must not use one is answered, and counted, as a wrong
        one."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or not user.is_active or signs_in_locally(user):
            return user
        self.pre_authenticate(request, **credentials)
        return None

    def pre_login(self, request: HttpRequest, user: User, **hooks: Any) -> HttpResponse | None:
        response: HttpResponse | None = super().pre_login(request, user, **hooks)
        if response is not None or _provider_of(hooks):
            return response
        if not signs_in_locally(user):
            return self._refuse(request, user, "Sign in through your company.")
        if user.is_break_glass and not has_second_factor(user):
            return self._refuse(request, user, "A break-glass sign-in needs a second factor.")
        return None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Owners come for what waits for them; where a link led, the link wins."""
        if request.user.is_authenticated and request.user.role == Role.OWNER:
            return reverse("roadmap:my_work")
        url: str = super().get_login_redirect_url(request)
        return url

    def _refuse(self, request: HttpRequest, user: User, why: str) -> HttpResponse:
        logger.warning("sign-in refused", extra={"user": user.email, "reason": why})
        clear_login(request)
        messages.error(request, why)
        return redirect("account_login")

    def post_login(self, request: HttpRequest, user: User, **hooks: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **hooks)
        note(request, user, _provider_of(hooks))
        sessions.keep_newest(user)
        return response

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        if signs_in_locally(user):
            super().send_password_reset_mail(user, email, context)


def _provider_of(hooks: dict[str, Any]) -> str:
    """The protocol of the identity provider, or an empty text for a local sign-in."""
    sociallogin = (hooks["signal_kwargs"] or {}).get("sociallogin")
    return str(sociallogin.provider.id) if sociallogin else ""


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped
    """Identities are tied to sign-ins by the provider's subject; by e-mail address only once, and
    only if the provider verified it."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[Any]:
        """Those of the environment; nothing in the database can add one."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        said = claims.read(sociallogin, data.get("email") or "")
        trusted = bool(said.email) and self.is_email_verified(sociallogin.provider, said.email)
        sociallogin.said, sociallogin.is_verified = said, said.is_verified or trusted
        sociallogin.email_addresses = [EmailAddress(email=said.email)] if said.email else []
        sociallogin.account.uid = _short(said.identity)
        sociallogin.account.extra_data = {
            "email": said.email,
            "groups": None if said.groups is None else sorted(said.groups),
        }
        user.email, user.role = said.email, ""
        return user

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        user = User.objects.filter(email=sociallogin.said.email).first()
        if user is None or not sociallogin.is_verified or user.is_break_glass:
            return None
        others = SocialAccount.objects.filter(
            user=user, uid__startswith=f"{sociallogin.said.issuer} "
        )
        # An address that moved to somebody else at the provider does not take the sign-in along.
        return None if others.exists() else (user, user.email)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        sociallogin.state["process"] = AuthProcess.LOGIN
        said = sociallogin.said
        if not sociallogin.is_existing:
            self._require_provisionable(request, sociallogin)
        elif sociallogin.user.is_break_glass:
            self._refuse(request, sociallogin, "break_glass")
        elif sociallogin.user.is_active and self._take_over(sociallogin.user, said.groups) is None:
            sessions.end_all(sociallogin.user)
            self._refuse(request, sociallogin, "no_role")

    def _take_over(self, user: User, groups: frozenset[str] | None) -> Role | None:
        return role_of(user) if groups is None else give(user, groups)

    def _require_provisionable(self, request: HttpRequest, sociallogin: Any) -> None:
        said = sociallogin.said
        if not said.email:
            self._refuse(request, sociallogin, "no_email")
        if not sociallogin.is_verified:
            self._refuse(request, sociallogin, "unverified")
        if User.objects.filter(email=said.email).exists():
            self._refuse(request, sociallogin, "taken")
        if said.groups is None or given_by(said.groups).role is None:
            self._refuse(request, sociallogin, "no_role")

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Who may not come in has been refused above."""
        return True

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        # The sign-in has one address; a copy of it would outlive a change.
        EmailAddress.objects.filter(user=user).delete()
        give(user, sociallogin.said.groups)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        details = (extra_context or {}).get("saml_last_error_reason") or exception or error
        logger.warning("identity provider's answer refused", extra={"reason": str(details)})
        reason = "cancelled" if error == AuthError.CANCELLED else "failed"
        raise ImmediateHttpResponse(refused(request, reason))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Owners come for what waits for them; where a link led, the link wins."""
        if request.user.is_authenticated and request.user.role == Role.OWNER:
            return reverse("roadmap:my_work")
        url: str = super().get_login_redirect_url(request)
        return url

    def _refuse(self, request: HttpRequest, sociallogin: Any, reason: str) -> NoReturn:
        said = sociallogin.said
        fields = {"reason": reason, "identity": said.identity, "email": said.email}
        logger.warning("sign-in refused", extra=fields)
        raise ImmediateHttpResponse(refused(request, reason))


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    context = {"why": REFUSALS[reason], "login_url": reverse("account_login")}
    return render(request, "account/refused.html", context, status=403)


def _short(identity: str) -> str:
    """As long as the column takes; longer ones keep their issuer, which is searched for."""
    longest = 191
    if len(identity) <= longest:
        return identity
    issuer, _, subject = identity.partition(" ")
    return f"{issuer} sha256:{hashlib.sha256(subject.encode()).hexdigest()}"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped
    """Secrets of authenticator apps are kept encrypted under a key made from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """A break-glass sign-in keeps one second factor at least."""
        user = authenticator.user
        return not user.is_break_glass or has_second_factor(user, besides=authenticator)


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"cairn second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
