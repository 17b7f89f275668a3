"""Change sets: what was changed, by whom, from where, and what it was before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse


class Origin(models.TextChoices):
    IMPORT = "import", "Import"
    EDIT = "edit", "Edit"
    BULK = "bulk", "Bulk edit"
    SYNC = "sync", "AWS"
    API = "api", "API"
    COMMAND = "command", "Command line"
    SIGN_IN = "sign_in", "Identity provider"
    UNDO = "undo", "Undo"
    PROPOSAL = "proposal", "Proposal"


class State(models.TextChoices):
    PLANNED = "planned", "Planned"
    PROPOSED = "proposed", "Proposed"
    APPLIED = "applied", "Applied"
    UNDONE = "undone", "Undone"
    DISCARDED = "discarded", "Discarded"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ChangeSet(models.Model):
    """A set of changes that is applied as one and can be undone as one.

    ``report`` holds what a plan found besides its changes: ``counts``, ``errors``
    (row, column, value, message), ``repaired`` (row, column, from, to) and ``parked`` rows. A
    proposal is applied or declined by ``decided_by``, somebody other than ``user``.
    """

    origin = models.CharField(max_length=16, choices=Origin.choices)
    source = models.CharField(max_length=300, blank=True, help_text="File name, run, page.")
    message = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="change_sets"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, db_index=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True, help_text="Why it was declined.")
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by"
    )
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:change_set", args=[self.pk])


class RowChange(models.Model):
    """The cells of one row that a change set writes: ``{column: [old, new]}``."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        REMOVED = "removed", "Removed"

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=16)
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    row = models.PositiveIntegerField(null=True, help_text="The row of the imported file.")
    cells = models.JSONField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["sheet", "key"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
