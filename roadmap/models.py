"""Verdicts, their history, findings, attestations and the roll-ups that pages read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse

from inventory.models import Account, Message, Organization, Team
from roadmap.verdicts import Severity, Source, Status

FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)
# What a severity weighs when the worst comes first; what has none weighs nothing.
WEIGHTS = {severity: weight for weight, severity in enumerate(reversed(Severity), start=1)}


def _choices(enum: type[Status] | type[Severity] | type[Source]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]


class VerdictFields(models.Model):
    """What is kept of a verdict. ``digest`` changes exactly when any of it does, so that judging
    again reads digests and writes only what changed. ``evidence`` is the record of section 0.11
    without its times, which come from the facts."""

    item = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=_choices(Status))
    reason = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=16, choices=_choices(Source))
    sentence = models.CharField(max_length=1000)
    incomplete = models.BooleanField(default=False)
    evidence = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=32)
    since = models.DateTimeField(help_text="Since when the status is what it is.")
    last_known_status = models.CharField(max_length=16, blank=True)
    last_known_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class AccountVerdict(VerdictFields):
    """The verdict of one item for one account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="verdicts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "item"], name="verdict_of_account")
        ]
        indexes = [models.Index(fields=["item", "status"])]

    def __str__(self) -> str:
        return f"{self.item} of {self.account}: {self.status}"


class OrganizationVerdict(VerdictFields):
    """The verdict of an organization-wide item, which its accounts inherit."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="verdicts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "item"], name="verdict_of_organization")
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.organization}: {self.status}"


class VerdictChange(models.Model):
    """A verdict became another one, and what caused it."""

    class Cause(models.TextChoices):
        EVIDENCE = "evidence", "Evidence"
        SETTING = "setting", "Setting"
        ATTESTATION = "attestation", "Attestation"
        EXCEPTION = "exception", "Exception"
        ACCOUNT_STATE = "account_state", "Account"
        RULE = "rule", "Rule"
        IMPORT = "import", "Scanner results"
        FIRST = "first", "First judged"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="verdict_changes")
    item = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    from_status = models.CharField(max_length=16, blank=True)
    from_reason = models.CharField(max_length=32, blank=True)
    to_status = models.CharField(max_length=16)
    to_reason = models.CharField(max_length=32, blank=True)
    sentence = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["account", "item"])]

    def __str__(self) -> str:
        return f"{self.item} of {self.account}: {self.from_status} → {self.to_status}"


class Finding(models.Model):
    """A problem of one resource, which a rule or a scanner found; its identity outlives collections
    and scans. A scanner's has its tool as ``source``, its check as ``code`` and no item: to which
    items a check belongs is said elsewhere, and may change."""

    OWN = "cairn"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MUTED = "muted", "Muted"
        EXCEPTED = "excepted", "Excepted"
        RESOLVED = "resolved", "Resolved"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="findings")
    source = models.CharField(max_length=32, default=OWN, help_text="cairn, or a scanner.")
    item = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=200)
    region = models.CharField(max_length=32, default="global")
    resource = models.CharField(max_length=1024)
    title = models.CharField(max_length=500)
    detail = models.CharField(max_length=1000, blank=True)
    severity = models.CharField(max_length=8, choices=_choices(Severity), blank=True)
    weight = models.GeneratedField(
        expression=models.Case(
            *(models.When(severity=name.value, then=weight) for name, weight in WEIGHTS.items()),
            default=0,
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    is_organization_wide = models.BooleanField(
        default=False, help_text="Kept on the management account for the organization as a whole."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-last_seen_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "item", "code", "region", "resource"],
                name="finding_identity",
            )
        ]
        # None holds last_seen_at, which every scan moves: an update that touches no index is cheap.
        # PostgreSQL has two more, of the pieces of titles and resources (migration 0005).
        indexes = [
            models.Index(fields=["-weight", "-first_seen_at", "-id"], name="finding_worst"),
            models.Index(fields=["state", "-weight", "-first_seen_at", "-id"], name="finding_open"),
            models.Index(fields=["-first_seen_at", "-id"], name="finding_newest"),
            # To its end it holds all that the findings of some accounts are counted and sorted by.
            models.Index(
                fields=["account", "state", "weight", "first_seen_at", "id"],
                name="finding_by_account",
            ),
            models.Index(
                fields=["source", "item", "code", "state", "weight"], name="finding_by_check"
            ),
            models.Index(fields=["item", "state"]),
        ]

    def __str__(self) -> str:
        return self.title


class ScannerCheck(models.Model):
    """A check that a scanner was seen to make. ``item`` is where a person put it; empty as long as
    the items say themselves which checks are theirs."""

    tool = models.CharField(max_length=32)
    check_id = models.CharField(max_length=200)
    title = models.CharField(max_length=500, blank=True)
    severity = models.CharField(max_length=32, blank=True, help_text="The scanner's own word.")
    item = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["tool", "check_id"]
        constraints = [models.UniqueConstraint(fields=["tool", "check_id"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.tool} {self.check_id}"


class BulkMove(models.Model):
    """A person moved many checks at once. Never changed; what takes it back is another one."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undoings")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Move {self.pk} of checks"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:bulk_move", args=[self.pk])


class CheckMove(models.Model):
    """A person put a check to an item, or took it back (``item`` is empty), by itself or with the
    others of ``bulk``. Never changed."""

    scanner_check = models.ForeignKey(ScannerCheck, on_delete=models.CASCADE, related_name="moves")
    old_item = models.CharField(max_length=64, blank=True)
    item = models.CharField(max_length=64, blank=True)
    bulk = models.ForeignKey(BulkMove, on_delete=models.PROTECT, null=True, related_name="moves")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return (
            f"{self.scanner_check}: {self.old_item or 'as declared'} → {self.item or 'as declared'}"
        )


class ScanImport(models.Model):
    """A scanner's file that somebody uploaded, or findings read from the Security Hub of
    ``organization``, and what became of it.

    A file lies in the data folder as ``stored`` until it is done with. ``turn`` is true for the one
    import that a worker is at, and empty for all others. ``results`` and ``bytes_read`` are how far
    its state has come; ``refused`` are what stands in place of account ids → results, ``unknown``
    [partition, account id, results] of the accounts that the inventory does not have. ``accounts``
    are how many Security Hub is to be asked about, ``accounts_read`` those that are through.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        READING = "reading", "Being read"
        WRITING = "writing", "Being written"
        DONE = "done", "Imported"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (State.QUEUED, State.READING, State.WRITING)

    name = models.CharField(max_length=200)
    stored = models.UUIDField(default=uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="+"
    )
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    size = models.BigIntegerField(default=0, help_text="Bytes.")
    accounts = models.PositiveIntegerField(default=0)
    accounts_read = models.PositiveIntegerField(default=0)
    label = models.CharField("format", max_length=64)
    regions = models.JSONField(default=list, help_text="Declared complete by the importer.")
    all_checks = models.BooleanField(
        default=False, help_text="The importer says that the run made all checks of the tool."
    )
    scanned_at = models.DateTimeField(null=True, help_text="As the importer says.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    message = models.CharField(max_length=1000, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    results = models.PositiveIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    refused = models.JSONField(default=dict)
    unknown = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    turn = models.BooleanField(null=True, unique=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state__in=["queued", "reading", "writing"]),
                name="one_pull_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"Import {self.pk} of {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:scan_import", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def seconds(self) -> float:
        """From when a worker began it, those that died included."""
        if not (self.started_at and self.finished_at):
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def percent(self) -> int:
        """Of both readings: the first proves the file, the second one writes."""
        if not self.is_active:
            return 100
        if self.organization_id:
            return min(99, 100 * self.accounts_read // self.accounts) if self.accounts else 0
        done = self.bytes_read + (self.size if self.state == self.State.WRITING else 0)
        return min(99, 50 * done // self.size) if self.size else 0


class AccountScan(models.Model):
    """What a scanner last said of an account. ``version`` and ``scan_id`` are those of its newest
    run, where it names them. ``regions`` are Region → when its newest complete run was,
    ``all_checked`` Region → when the newest one that made all checks of the tool was; ``results``
    check → Region → [when, passed, failed, muted, undecided]."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="scans")
    tool = models.CharField(max_length=32)
    scanned_at = models.DateTimeField()
    version = models.CharField(max_length=64, blank=True)
    scan_id = models.CharField(max_length=200, blank=True)
    regions = models.JSONField(default=dict)
    all_checked = models.JSONField(default=dict)
    results = models.JSONField(default=dict)

    class Meta:
        ordering = ["account", "tool"]
        constraints = [models.UniqueConstraint(fields=["account", "tool"], name="scan_latest")]
        indexes = [models.Index(fields=["scanned_at"], name="scan_newest")]

    def __str__(self) -> str:
        return f"{self.tool} of {self.account}"


class Attestation(models.Model):
    """A person's answer where no API can tell. Withdrawn or replaced, it stays."""

    class Claim(models.TextChoices):
        DONE = "done", "Done"
        PARTLY = "partly", "Partly done"
        NOT_DONE = "not_done", "Not done"
        DECLINED = "declined", "Declined"

    item = models.CharField(max_length=64, db_index=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="attestations"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="attestations"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="attestations"
    )
    claim = models.CharField(max_length=16, choices=Claim.choices)
    about = models.CharField(max_length=300, blank=True)
    statement = models.TextField(max_length=4000)
    url = models.URLField("link to the evidence", max_length=1000, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="By registry.Detail.name.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="attestations"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=False, team=None, organization=None)
                | models.Q(account=None, team__isnull=False, organization=None)
                | models.Q(account=None, team=None, organization__isnull=False),
                name="attestation_of_one_level",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.claim}"

    @property
    def target(self) -> Account | Team | Organization:
        """What it speaks of."""
        target = self.account or self.team or self.organization
        assert target is not None  # a constraint of the table
        return target

    @property
    def form_url(self) -> str:
        """The form that answers again."""
        level, name = (
            ("account", self.account.account_id)
            if self.account
            else ("team", self.team.slug)
            if self.team
            else ("organization", self.organization.organization_id)  # type: ignore[union-attr]  # one of the three
        )
        return reverse("roadmap:attest", args=[*self.item.split(".", 1), level, name])


class Asked(models.Model):
    """What one person asks for and another one grants, until it ends. Whatever became of it, it
    stays. ``expires_at`` is the model's own."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Waits for approval"
        REFUSED = "refused", "Refused"
        HOLDS = "holds", "Holds"
        EXPIRED = "expired", "Expired"
        ENDED = "ended", "Ended early"

    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(max_length=1000, blank=True, help_text="Why refused or ended.")

    class Meta:
        abstract = True

    @classmethod
    def _deciding(cls, now: datetime) -> Sequence[tuple[State, str, datetime]]:
        """State, date and until when that counts: the first one that does says the state. What
        people did counts once it is written, even to a reader whose clock is behind."""
        return (
            (cls.State.REFUSED, "refused_at", FAR_AHEAD),
            (cls.State.ENDED, "ended_at", FAR_AHEAD),
            (cls.State.EXPIRED, "expires_at", now),
            (cls.State.HOLDS, "approved_at", FAR_AHEAD),
        )

    def state(self, now: datetime) -> State:
        for state, name, until in self._deciding(now):
            date = getattr(self, name)
            if date is not None and date <= until:
                return state
        return self.State.REQUESTED

    @classmethod
    def state_at(cls, now: datetime) -> models.Case:
        """What ``state`` says, for queries."""
        found = (
            models.When(**{f"{name}__lte": until}, then=models.Value(state))
            for state, name, until in cls._deciding(now)
        )
        return models.Case(*found, default=models.Value(cls.State.REQUESTED))


class RuleException(Asked):
    """Leave to depart from an item: for a whole account, or for the resources whose ARN matches a
    pattern. One person asks, another one approves, and it ends."""

    item = models.CharField(max_length=64, db_index=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions"
    )
    pattern = models.CharField(
        max_length=1024, blank=True, help_text="An ARN; * and ? stand for anything."
    )
    reason = models.TextField(max_length=4000)
    requested_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) | ~models.Q(pattern=""),
                name="exception_has_a_target",
            ),
            models.CheckConstraint(
                condition=models.Q(approver=None)
                | models.Q(requester=None)
                | ~models.Q(approver=models.F("requester")),
                name="exception_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Exception from {self.item} for {self.pattern or self.account}"


class Tally(models.Model):
    """Counts of account × item cells by status."""

    passed = models.PositiveIntegerField(default=0)
    partial = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class StageTally(Tally):
    """One account's cells in one stage, written with its verdicts."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stage_tallies")
    stage = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "stage"], name="tally_of_account_and_stage")
        ]

    def __str__(self) -> str:
        return f"Stage {self.stage} of {self.account}"


class AccountStanding(models.Model):
    """One account as a whole. ``level`` is the highest stage with nothing open in it or below.

    ``observed`` is collector → when it last answered, of the facts the verdicts rest on.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="standing")
    level = models.PositiveSmallIntegerField(default=0)
    score = models.FloatField(null=True, help_text="0 to 1; empty when nothing applies.")
    open_findings = models.PositiveIntegerField(default=0)
    worst_open = models.CharField(max_length=8, blank=True)
    observed = models.JSONField(default=dict)
    observed_at = models.DateTimeField(null=True, help_text="When its own state was last read.")
    judged_at = models.DateTimeField()
    refused_since = models.DateTimeField(
        null=True, help_text="Since when the member role has been refused on every try."
    )

    class Meta:
        # Pages say when verdicts were last worked out; else that would read every account's row.
        indexes = [models.Index(fields=["judged_at"], name="standing_newest")]

    def __str__(self) -> str:
        return f"{self.account}: level {self.level}"


class DailyProgress(Tally):
    """One group's cells in one stage on one day; today's row is kept current.

    ``dimension`` is all, team, organization, ou, payer or environment; ``group`` its value as
    people read it, and empty for accounts that have none.
    """

    day = models.DateField()
    dimension = models.CharField(max_length=16)
    group = models.CharField(max_length=300, blank=True)
    label = models.CharField(max_length=1024, blank=True)
    stage = models.PositiveSmallIntegerField()
    accounts = models.PositiveIntegerField()

    class Meta:
        ordering = ["day", "dimension", "group", "stage"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "dimension", "group", "stage"], name="progress_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.dimension} {self.group} stage {self.stage}"


class MailRound(models.Model):
    """The digests or reminders of one day, written person by person. ``done_to`` is the last person
    who is through, so that a worker that is killed loses nothing; ``last_finding`` was the newest
    finding when it began."""

    kind = models.CharField(max_length=16, choices=Message.Kind.choices)
    day = models.DateField()
    since = models.DateTimeField(help_text="When the round before it ended.")
    as_of = models.DateTimeField(help_text="Until when its mails reach.")
    last_finding = models.BigIntegerField(default=0)
    done_to = models.BigIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    nothing_new = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="mail_round_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"


class FindingDecision(Asked):
    """What one person decided, or asks to decide, of one or many findings at once.

    An acknowledgement needs nobody's approval: ``approved_at`` is when it was made, and ``due_on``
    the date of its plan. ``selection`` are the list's filters where all that matched were chosen,
    of the findings up to the key ``up_to``. They are gathered piece by piece, so far to the key
    ``gathered_to``, and all there once ``gathered_at`` is set: ``size`` is how many then,
    ``passed_over`` how many were left out because what stood there does not give way.
    """

    class Kind(models.TextChoices):
        ACKNOWLEDGE = "acknowledge", "Acknowledged"
        ACCEPT = "accept", "Risk accepted"
        FALSE_POSITIVE = "false_positive", "False positive"

    HIDES = (Kind.ACCEPT, Kind.FALSE_POSITIVE)  # what takes findings out of the open ones

    kind = models.CharField(max_length=16, choices=Kind.choices)
    note = models.TextField(max_length=4000, help_text="The plan, or the reason.")
    control = models.TextField(
        "compensating control", max_length=4000, blank=True, help_text="What limits the risk."
    )
    requested_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    selection = models.TextField(blank=True)
    up_to = models.BigIntegerField(default=0)
    gathered_to = models.BigIntegerField(default=0)
    gathered_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(default=0)
    passed_over = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approver=None)
                | models.Q(requester=None)
                | ~models.Q(approver=models.F("requester")),
                name="decision_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="acknowledge", due_on__isnull=False, approver=None)
                | models.Q(kind="accept", expires_at__isnull=False, due_on=None)
                | models.Q(kind="false_positive", expires_at=None, due_on=None),
                name="decision_has_its_date",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"]), models.Index(fields=["due_on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.note[:80]}"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:decision", args=[self.pk])


class DecidedFinding(models.Model):
    """A finding that a decision is about, and what it said then. ``ended_at`` is when the decision
    came to an end for this finding alone; that of all of them is in the decision's own row."""

    class Why(models.TextChoices):
        RESOLVED = "resolved", "It was resolved"
        CHANGED = "changed", "It changed"
        REPLACED = "replaced", "Another decision took its place"
        OVER = "over", "The decision was over"

    decision = models.ForeignKey(
        FindingDecision, on_delete=models.CASCADE, related_name="findings", db_index=False
    )  # The constraint decided_once has the index.
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="decided")
    severity = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=500)
    detail = models.CharField(max_length=1000, blank=True)
    fingerprint = models.CharField(max_length=32)
    ended_at = models.DateTimeField(null=True, blank=True)
    why_ended = models.CharField(max_length=8, choices=Why.choices, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"],
                condition=models.Q(ended_at=None),
                name="one_decision_at_a_time",
            ),
            models.UniqueConstraint(fields=["decision", "finding"], name="decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.title}"
