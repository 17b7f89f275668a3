"""Mail: what is to be sent, what became of it, and who wants none of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from inventory.models.people import Person


class Message(models.Model):
    """One mail to one recipient. ``recipient``, ``kind`` and ``key`` say what it is about: there is
    at most one of each, so that work which is done twice writes once.

    ``taken_at`` is when a worker last began to send it and it may have arrived; the limits count
    that. ``handed_over_at`` is set right before its text goes to the mail server: from then on only
    the server knows whether it took it. ``as_of`` is until when its content reaches.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", "Weekly digest"
        REMINDER = "reminder", "Reminder"
        CAMPAIGN = "campaign", "Campaign"
        DECISION = "decision", "Decision"
        DRILL = "drill", "Root mail drill"
        NOTICE = "notice", "Notice to administrators"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        HELD = "held", "Held"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"

    # What people may switch off for themselves.
    OPTIONAL = (Kind.DIGEST, Kind.REMINDER)

    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="messages"
    )
    address = models.EmailField()
    recipient = models.CharField(max_length=270, help_text="The person's number, or the address.")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    key = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    as_of = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True, db_index=True)
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    is_released = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "key"], name="message_once")
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="message_waiting")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:message", args=[self.pk])


class Unsubscription(models.Model):
    """A person wants no mail of a kind. Subscribing again deletes it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="unsubscriptions")
    kind = models.CharField(max_length=16, choices=Message.Kind.choices)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="unsubscription_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} wants no {self.kind}"


class BouncingAddress(models.Model):
    """An address that the mail server refused for good. The next mail it takes deletes this."""

    address = models.EmailField(unique=True, help_text="In lower case.")
    since = models.DateTimeField()
    reply = models.CharField(max_length=500, help_text="What the mail server said.")

    class Meta:
        ordering = ["-since"]
        verbose_name_plural = "bouncing addresses"

    def __str__(self) -> str:
        return self.address
