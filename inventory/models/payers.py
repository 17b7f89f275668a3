"""Who pays, where root mail goes, and account ids seen without a row of their own."""

from __future__ import annotations

from django.db import models

from inventory.models.people import Person


class Payer(models.Model):
    """A payer account. It need not be a management account (AWS Billing Transfer)."""

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200, blank=True)
    legal_entity = models.CharField(max_length=200, blank=True)
    cost_center = models.CharField("cost centre", max_length=100, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217, such as EUR.")
    finance_contact = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="paid_accounts"
    )

    class Meta:
        ordering = ["account_id"]

    def __str__(self) -> str:
        return self.name or self.account_id


class RootMailList(models.Model):
    """A distribution list that receives the mail of root users."""

    address = models.EmailField(unique=True, help_text="Kept in lower case, without a plus part.")
    name = models.CharField(max_length=200, blank=True)
    recipients = models.ManyToManyField(Person, blank=True, related_name="root_mail_lists")

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address


class Sighting(models.Model):
    """An account id seen in a bill, a trust policy, a scan or an upload."""

    partition = models.CharField(max_length=16, default="aws")
    account_id = models.CharField(max_length=12, db_index=True)
    source = models.CharField(max_length=32, help_text="Such as billing or organizations.")
    detail = models.CharField(max_length=500, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["partition", "account_id", "source", "detail"], name="sighting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.source}"
