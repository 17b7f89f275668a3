"""Asking the owners of many accounts, by a day, whether they are still theirs."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from inventory.models.accounts import Account


class Campaign(models.Model):
    """``query`` are the filters of the account list that chose its accounts when it was made; which
    they are does not change afterwards. Nobody is asked before it is started."""

    class State(models.TextChoices):
        DRAFT = "draft", "Not started"
        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"

    name = models.CharField(max_length=200)
    query = models.TextField(blank=True)
    due_on = models.DateField()
    accounts = models.ManyToManyField(Account, related_name="campaigns")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("inventory:campaign", args=[self.pk])

    @property
    def state(self) -> State:
        if self.ended_at:
            return self.State.ENDED
        return self.State.RUNNING if self.started_at else self.State.DRAFT

    @property
    def is_overdue(self) -> bool:
        return self.state == self.State.RUNNING and self.due_on < datetime.now(UTC).date()
