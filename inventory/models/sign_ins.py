"""Who signed in how, and what the groups of an identity provider give."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from inventory.models.people import Team
from inventory.models.users import Role


class SignIn(models.Model):
    """One sign-in that succeeded; rows are only added.

    A use of a break-glass sign-in is open until another administrator has looked at it.
    """

    class Method(models.TextChoices):
        PASSWORD = "password", "Password"
        PASSKEY = "passkey", "Passkey"
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML"

    class SecondFactor(models.TextChoices):
        TOTP = "totp", "authenticator app"
        WEBAUTHN = "webauthn", "security key"
        RECOVERY_CODES = "recovery_codes", "recovery code"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_ins"
    )
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=16, choices=Method.choices)
    second_factor = models.CharField(max_length=16, choices=SecondFactor.choices, blank=True)
    address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)
    is_break_glass = models.BooleanField(default=False)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="sign_ins_of_user"),
            models.Index(fields=["method", "-at"], name="sign_ins_by_method"),
            models.Index(
                fields=["-at"], condition=models.Q(is_break_glass=True), name="break_glass_sign_ins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.get_method_display()} at {self.at:%Y-%m-%d %H:%M}"


class GroupMapping(models.Model):
    """What being in a group at the identity provider gives: a role, a team, or both."""

    group = models.CharField(
        max_length=255, unique=True, help_text="Exactly as the identity provider sends it."
    )
    role = models.CharField(max_length=16, choices=Role.choices, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        ordering = ["group"]

    def __str__(self) -> str:
        return self.group


class GroupMappingChange(models.Model):
    """Who changed what a group gives; rows are only added. Nothing given means no mapping."""

    group = models.CharField(max_length=255)
    old = models.CharField(max_length=300, blank=True)
    new = models.CharField(max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.group}: {self.old or 'nothing'} → {self.new or 'nothing'}"


class ProviderMembership(models.Model):
    """A membership that the identity provider brought, and may take away again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_memberships"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="provider_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
