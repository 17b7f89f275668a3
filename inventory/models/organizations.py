"""AWS Organizations and their organizational units, as last observed."""

from __future__ import annotations

from django.db import models


class Organization(models.Model):
    """One AWS organization. It exists from the day its management account is known."""

    organization_id = models.CharField(
        max_length=34, unique=True, help_text="Such as o-a1b2c3d4e5."
    )
    name = models.CharField(max_length=200)
    partition = models.CharField(max_length=16, default="aws")
    management_account_id = models.CharField(max_length=12, blank=True)
    feature_set = models.CharField(max_length=32, blank=True)
    listed_at = models.DateTimeField(
        null=True, blank=True, help_text="When all of its accounts were last listed completely."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganizationalUnit(models.Model):
    """An OU or a root; ``path`` is spelled with names from the root down, such as Root/Prod."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="units")
    ou_id = models.CharField("OU id", max_length=68, unique=True)
    ancestors = models.JSONField(default=list, help_text="OU ids from the root down to the parent.")
    name = models.CharField(max_length=128)
    path = models.CharField(max_length=1024)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["path"]
        verbose_name = "organizational unit"

    def __str__(self) -> str:
        return self.path
