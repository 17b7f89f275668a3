"""Webhooks: where other systems are told what happened, and how telling them went."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.urls import reverse


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Webhook(models.Model):
    """An address that is told of events. Whoever knows its URL or secret can speak in its or our
    name, so neither is ever shown again."""

    class Format(models.TextChoices):
        SLACK = "slack", "Slack"
        SIGNED = "signed", "Signed JSON"

    class Event(models.TextChoices):
        SETBACK = "setback", "Verdicts went backwards"
        CRITICAL_FINDING = "critical_finding", "New critical findings"
        CAMPAIGN = "campaign", "State of a campaign"
        IMPORT_FAILED = "import_failed", "An import failed"

    # Sent by hand to try a webhook out; nobody chooses it.
    TRIAL = "trial"

    name = models.CharField(max_length=100, unique=True)
    url = models.CharField(max_length=2000)
    format = models.CharField(max_length=8, choices=Format.choices, default=Format.SLACK)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    events = models.JSONField(default=list)
    failures = models.PositiveIntegerField(default=0, help_text="Tries since the last success.")
    disabled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("inventory:webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """All of the URL that is no secret."""
        return urlsplit(self.url).hostname or ""

    @property
    def event_labels(self) -> list[str]:
        return [event.label for event in self.Event if event in self.events]


class Delivery(models.Model):
    """One event told to one webhook. ``key`` makes it unique there, so that it is told once."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=24)
    key = models.CharField(max_length=200)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=1000, blank=True)
    details = models.JSONField(default=list, help_text="One line of text each.")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status of the last try.")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event", "key"], name="delivery_once")
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
