"""The account rows themselves, their contacts, and the dated history of some columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse

from inventory.models.organizations import Organization, OrganizationalUnit
from inventory.models.payers import Payer, RootMailList
from inventory.models.people import Person, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from inventory.models.users import User


class AccountState(models.TextChoices):
    """``Account.State`` of AWS Organizations, and LEFT for one that a complete listing lacks."""

    PENDING_ACTIVATION = "PENDING_ACTIVATION", "Pending activation"
    ACTIVE = "ACTIVE", "Active"
    SUSPENDED = "SUSPENDED", "Suspended"
    PENDING_CLOSURE = "PENDING_CLOSURE", "Pending closure"
    CLOSED = "CLOSED", "Closed"
    LEFT = "LEFT", "Left the organization"


class AccountClass(models.TextChoices):
    MANAGEMENT = "management", "Management"
    SECURITY = "security", "Security"
    LOG_ARCHIVE = "log_archive", "Log archive"
    BACKUP = "backup", "Backup"
    EDGE = "edge", "Edge"
    PRODUCTION = "production", "Production"
    NONPRODUCTION = "nonproduction", "Non-production"
    SANDBOX = "sandbox", "Sandbox"


class ContactRole(models.TextChoices):
    OWNER = "owner", "Owner"
    DEPUTY = "deputy", "Deputy"
    SECURITY = "security", "Security contact"
    OPERATIONS = "operations", "Operations contact"
    BILLING = "billing", "Billing contact"


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: User | AnonymousUser) -> AccountQuerySet:
        """The one place that decides which rows a user may see."""
        from inventory.access import visible_accounts

        return visible_accounts(self, user)

    def keyed(self, key: str) -> Account:
        """The account of a key such as ``aws:111122223333``."""
        partition, _, account_id = key.partition(":")
        return self.get(partition=partition, account_id=account_id)


class Account(models.Model):
    """One AWS account. Fields that begin with ``observed_`` are what AWS says of the same thing.

    ``registered_at`` is empty for an account that AWS showed and no person has entered.
    """

    partition = models.CharField(max_length=16, default="aws")
    account_id = models.CharField(max_length=12)
    registered_at = models.DateTimeField(null=True, blank=True)

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField("root e-mail", blank=True)
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    environment = models.CharField(max_length=40, blank=True)
    classes = models.JSONField(default=list, blank=True)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="expected_accounts",
    )
    payer = models.ForeignKey(
        Payer, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    root_mail_list = models.ForeignKey(
        RootMailList, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    cost_center = models.CharField("cost centre", max_length=100, blank=True)
    notes = models.TextField(blank=True)
    closed_on = models.DateField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    custom = models.JSONField(default=dict, blank=True)
    kept_drift = models.JSONField(
        default=dict,
        blank=True,
        help_text="Per column, AWS's value that a person chose not to take.",
    )

    observed_name = models.CharField(max_length=200, blank=True)
    observed_email = models.CharField(max_length=254, blank=True)
    observed_organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    observed_payer = models.CharField(max_length=12, blank=True)
    ou = models.ForeignKey(
        OrganizationalUnit,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
    )
    state = models.CharField(max_length=24, choices=AccountState.choices, blank=True)
    joined_method = models.CharField(max_length=16, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    tags = models.JSONField(default=dict, blank=True, help_text="Tags of AWS Organizations.")
    observed_at = models.DateTimeField(null=True, blank=True)

    contacts = models.ManyToManyField(Person, through="Contact", related_name="accounts")

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["account_id"]
        constraints = [
            models.UniqueConstraint(fields=["partition", "account_id"], name="account_key")
        ]
        # The filters offer the environments there are, on every page of accounts.
        indexes = [models.Index(fields=["environment"])]

    def __str__(self) -> str:
        return f"{self.title} ({self.account_id})"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:account", args=[self.account_id])

    @property
    def key(self) -> str:
        return f"{self.partition}:{self.account_id}"

    @property
    def title(self) -> str:
        """The recorded name, else AWS's, else the id."""
        return self.name or self.observed_name or self.account_id


class Contact(models.Model):
    """A person in a role for an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contact_set")
    role = models.CharField(max_length=16, choices=ContactRole.choices)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_set")

    class Meta:
        ordering = ["account", "role"]
        constraints = [
            models.UniqueConstraint(fields=["account", "role"], name="contact_once_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.person} is {self.get_role_display().lower()} of {self.account}"


class DatedValue(models.Model):
    """What a dated column (team, owner, OU, payer, state) held from when until when.

    ``valid_to`` is the first day it no longer held, and is empty while it holds. The value is the
    column's canonical text.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dated_values")
    column = models.CharField(max_length=60)
    value = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["account", "column", "valid_from"]
        indexes = [models.Index(fields=["column", "valid_from"])]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "column"],
                condition=models.Q(valid_to__isnull=True),
                name="dated_value_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.column} = {self.value} since {self.valid_from}"
