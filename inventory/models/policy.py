"""The company's own thresholds, one row per place where one is set."""

from __future__ import annotations

from django.db import models


class PolicySetting(models.Model):
    """A value of a setting declared in ``inventory.policy`` at one level.

    ``target`` names the account key, class, OU id or organization id of the level; it is empty at
    the level ``installation``.
    """

    class Level(models.TextChoices):
        ACCOUNT = "account", "Account"
        CLASS = "class", "Account class"
        OU = "ou", "Organizational unit"
        ORGANIZATION = "organization", "Organization"
        INSTALLATION = "installation", "All organizations"

    name = models.CharField(max_length=64)
    level = models.CharField(max_length=16, choices=Level.choices)
    target = models.CharField(max_length=80, blank=True)
    value = models.JSONField(null=True, help_text="Empty: set back to the wider value.")

    class Meta:
        ordering = ["name", "level", "target"]
        constraints = [
            models.UniqueConstraint(fields=["name", "level", "target"], name="setting_once_a_level")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.level} {self.target})"
