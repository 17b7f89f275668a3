"""Accounts that somebody says are not theirs."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from inventory.models.accounts import Account
from inventory.models.people import Person


class HandOver(models.Model):
    """Somebody said that an account is not theirs, and perhaps whose it is.

    Open until it has an owner who says so. ``suggested`` is who is asked; whoever was and refused
    is named in ``refused_by``, with what they said in ``refusal``.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken over"
        REASSIGNED = "reassigned", "Given to somebody"
        KEPT = "kept", "Kept after all"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="hand_overs")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    said_at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=500, blank=True)
    suggested = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="offered"
    )
    refused_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    refusal = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="open"), name="hand_over_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"Hand-over of {self.account}"
