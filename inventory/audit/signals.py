"""What Django, allauth and knox do by themselves and the audit log tells of: signing in and out,
sign-ins made and changed, tokens, and whatever is written in Administration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import Signal
from knox.models import AuthToken

from inventory.audit.events import Event
from inventory.audit.recording import Thing, record
from inventory.models import User

# What an entry says of a sign-in that was changed; of a password, only that it was.
TOLD = (
    "email", "first_name", "last_name", "role", "is_active", "is_staff", "is_superuser",
    "is_break_glass",
)  # fmt: skip
# Written by other means too, and told of by entries of their own.
TOLD_ELSEWHERE = {"user", "authtoken", "authenticator", "socialaccount"}


def connect() -> None:
    """Call it in ``ready``."""
    receivers: tuple[tuple[Signal, type[Model] | None, Callable[..., None]], ...] = (
        (user_logged_in, None, _signed_in),
        (user_logged_out, None, _signed_out),
        (user_login_failed, None, _failed),
        (pre_save, User, _user_before),
        (post_save, User, _user_saved),
        (post_delete, User, _user_deleted),
        (post_save, AuthToken, _token_made),
        (post_delete, AuthToken, _token_ended),
        (post_save, Authenticator, _factor_added),
        (post_delete, Authenticator, _factor_removed),
        (post_save, SocialAccount, _identity_tied),
        (post_delete, SocialAccount, _identity_untied),
        (post_save, LogEntry, _administered),
    )
    for signal, sender, receiver in receivers:
        signal.connect(receiver, sender, dispatch_uid=f"inventory.audit.{receiver.__name__}")


def _signed_in(user: User, **_: Any) -> None:
    record(Event.SIGNED_IN, user)


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(Event.SIGNED_OUT, user)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """Named only where there is such a sign-in: people type passwords into the wrong field."""
    asked = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    user = User.objects.filter(email=asked).first()
    record(Event.SIGN_IN_FAILED, user or Thing("user", "", "nobody known"))


def _user_before(instance: User, **_: Any) -> None:
    stored = User.objects.filter(pk=instance.pk).values(*TOLD, "password").first()
    instance._before = stored  # type: ignore[attr-defined]  # from here to _user_saved


def _user_saved(instance: User, created: bool, **_: Any) -> None:
    if created:
        record(Event.USER_MADE, instance, role=instance.role)
        return
    before = instance._before or {}  # type: ignore[attr-defined]  # set by _user_before
    now = {name: getattr(instance, name) for name in TOLD}
    changed: dict[str, Any] = {
        name: [before[name], value] for name, value in now.items() if before.get(name) != value
    }
    if before.get("password") != instance.password:
        changed["password"] = "another one"  # noqa: S105  (no password)
    if changed:
        record(Event.USER_CHANGED, instance, changed=changed)


def _user_deleted(instance: User, **_: Any) -> None:
    record(Event.USER_DELETED, instance)


def _of(token: AuthToken) -> Thing:
    return Thing("token", token.token_key, f"{token.token_key}… of {token.user}")


def _token_made(instance: AuthToken, created: bool, **_: Any) -> None:
    if created:
        until = instance.expiry.date().isoformat() if instance.expiry else "for good"
        record(Event.TOKEN_MADE, _of(instance), valid_until=until)


def _token_ended(instance: AuthToken, **_: Any) -> None:
    ended = instance.expiry is not None and instance.expiry <= datetime.now(UTC)
    record(Event.TOKEN_ENDED, _of(instance), **({"why": "its time was over"} if ended else {}))


def _factor_added(instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        record(Event.SECOND_FACTOR_ADDED, instance.user, type=instance.type)


def _factor_removed(instance: Authenticator, **_: Any) -> None:
    record(Event.SECOND_FACTOR_REMOVED, instance.user, type=instance.type)


def _identity_tied(instance: SocialAccount, created: bool, **_: Any) -> None:
    if created:
        record(Event.IDENTITY_TIED, instance.user, provider=instance.provider)


def _identity_untied(instance: SocialAccount, **_: Any) -> None:
    record(Event.IDENTITY_UNTIED, instance.user, provider=instance.provider)


def _administered(instance: LogEntry, **_: Any) -> None:
    kind = instance.content_type.model if instance.content_type else ""
    if kind not in TOLD_ELSEWHERE:
        about = Thing(kind, str(instance.object_id or ""), instance.object_repr)
        record(Event.ADMINISTERED, about, what=instance.get_change_message())
