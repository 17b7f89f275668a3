"""Connections to AWS organizations, collection runs and their units, the latest facts, and what
was written to AWS: plans of contacts and what became of them."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse

from collectors.outcomes import Outcome
from inventory.models import Account, Organization, User


def _person_field() -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Connection(models.Model):
    """How Cairn reads one organization. No secret is kept: roles are assumed.

    ``external_id`` protects against the confused deputy; it is not a credential.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="connection"
    )
    management_role_arn = models.CharField(max_length=2048)
    member_role_name = models.CharField(max_length=64, default="CairnReadOnly")
    external_id = models.CharField(max_length=1224, blank=True)
    caller_arn = models.CharField(
        max_length=2048, blank=True, help_text="Whom the roles see: Cairn's own user or role."
    )
    regions = models.JSONField(
        default=list, blank=True, help_text="Only these Regions; empty: all that are enabled."
    )
    interval_hours = models.PositiveSmallIntegerField(default=6)
    is_enabled = models.BooleanField(default=True)
    reads_security_hub = models.BooleanField(
        default=True, help_text="Whether Security Hub's findings are read after each run."
    )
    contacts_role_arn = models.CharField(
        max_length=2048,
        blank=True,
        help_text="The role that may write alternate contacts; empty: nothing is ever written.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.organization)

    @property
    def principals(self) -> list[str]:
        """Whom a member role may trust so that Cairn can assume it."""
        return [arn for arn in (self.management_role_arn, self.caller_arn) if arn]


class Run(models.Model):
    """One collection of one organization. ``accounts`` and ``collectors`` narrow it; empty is all.

    It is planned once its accounts are known, which is when their units are made. A worker that
    plans or finishes it holds its lease meanwhile, as with a unit.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    ACTIVE = (State.QUEUED, State.RUNNING)

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    trigger = models.CharField(
        max_length=16, default="manual", help_text="manual, command, schedule or retry."
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    accounts = models.JSONField(default=list, blank=True)
    collectors = models.JSONField(default=list, blank=True)
    retry_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    listing_complete = models.BooleanField(null=True, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    totals = models.JSONField(
        default=dict, help_text="When it ended: units by state, and calls made."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state__in=["queued", "running"]),
                name="run_one_active_per_organization",
            )
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("collectors:run", args=[self.pk])


class Unit(models.Model):
    """The smallest piece of a run: one collector in one account, all its Regions.

    The database decides who works on it: a worker holds a lease until ``lease_until`` and renews
    it while it works; when a worker dies the lease runs out and another takes the unit.
    ``problems`` are region, outcome, code and message of what could not be collected.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        LEASED = "leased", "Being collected"
        DONE = "done", "Done"
        PARTIAL = "partial", "Partly collected"
        DENIED = "denied", "Denied"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"
        CANCELLED = "cancelled", "Cancelled"

    UNFINISHED = (State.OPEN, State.LEASED)
    WANTING = (State.PARTIAL, State.DENIED, State.FAILED)

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="units")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="units")
    collector = models.CharField(max_length=64)
    phase = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["account", "phase", "collector"]
        constraints = [
            models.UniqueConstraint(fields=["run", "account", "collector"], name="unit_once_a_run")
        ]
        indexes = [models.Index(fields=["run", "state"])]

    def __str__(self) -> str:
        return f"{self.collector} of {self.account}"


class Fact(models.Model):
    """The latest observation of one kind in one account and Region ("" where it is global).

    ``value`` is empty unless ``outcome`` is collected. ``calls`` are client, operation, caller,
    account, region, status, error_code, items, parameters and request_id of the AWS calls made.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="facts")
    region = models.CharField(max_length=32, blank=True)
    kind = models.CharField(max_length=64)
    outcome = models.CharField(max_length=24, choices=[(o.value, o.value) for o in Outcome])
    message = models.CharField(max_length=1000, blank=True)
    value = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    calls = models.JSONField(default=list)
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "kind"], name="fact_latest")
        ]
        indexes = [models.Index(fields=["kind"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account} {self.region}"


class ContactPush(models.Model):
    """A plan of alternate contacts to write to AWS, and how far writing them has come.

    A worker that reads or writes for it holds its lease, as with a unit. ``accounts`` narrow it;
    empty is all. It is never deleted: with its items it is the record of what was written.
    """

    class State(models.TextChoices):
        PLANNING = "planning", "Being planned"
        PLANNED = "planned", "Planned"
        PUSHING = "pushing", "Being written"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    ACTIVE = (State.PLANNING, State.PUSHING)

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="contact_pushes"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNING)
    types = models.JSONField(default=list)
    accounts = models.JSONField(default=list, blank=True)
    undo_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by"
    )
    split_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ceiling = models.PositiveIntegerField(help_text="Changes that one plan may write.")
    ceiling_raised_by = _person_field()
    planned_by = _person_field()
    planned_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = _person_field()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = _person_field()
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state="pushing"),
                name="contact_push_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        what = "Undo of contacts" if self.undo_of_id else "Contacts"
        return f"{what} {self.pk} of {self.organization}"

    def get_absolute_url(self) -> str:
        organization_id = self.organization.organization_id
        return reverse("collectors:contact_push", args=[organization_id, self.pk])

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE


class ContactPushItem(models.Model):
    """One alternate contact of one account: what AWS held when it was planned, what it shall hold.

    ``before`` is None where AWS held none. ``expected`` is what an undo must find there. ``found``
    is what AWS answered last where that decided. ``writes`` counts requests to write that were
    sent; what became of the last is known in every state but WRITING.
    """

    class State(models.TextChoices):
        OPEN = "open", "Not read yet"
        CHANGE = "change", "To be written"
        NOTHING = "nothing", "Nothing to do"
        LEFT_OUT = "left_out", "Not pushed"
        WRITING = "writing", "Being written"
        DONE = "done", "Written and read back"
        CHANGED = "changed", "Changed in AWS meanwhile"
        UNVERIFIED = "unverified", "Written, and AWS answers otherwise"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    TO_WRITE = (State.CHANGE, State.WRITING)
    # What was to be written, whatever became of it.
    CHANGES = (
        *TO_WRITE,
        State.DONE,
        State.CHANGED,
        State.UNVERIFIED,
        State.FAILED,
        State.CANCELLED,
    )
    WANTING = (State.FAILED, State.UNVERIFIED)

    push = models.ForeignKey(ContactPush, on_delete=models.CASCADE, related_name="items")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contact_pushes")
    type = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    expected = models.JSONField(null=True)
    found = models.JSONField(null=True)
    outcome = models.CharField(max_length=24, blank=True)
    code = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    writes = models.PositiveSmallIntegerField(default=0)
    request_id = models.CharField(max_length=64, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account__account_id", "type"]
        constraints = [
            models.UniqueConstraint(
                fields=["push", "account", "type"], name="contact_push_item_once"
            )
        ]
        indexes = [models.Index(fields=["push", "state"])]

    def __str__(self) -> str:
        return f"{self.type.lower()} contact of {self.account}"
