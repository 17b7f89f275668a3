"""What the audit log tells of, and where each thing that it is about can be looked at."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import models
from django.urls import NoReverseMatch, reverse


class Event(models.TextChoices):
    """Plain text in the database: an event that is added needs no migration."""

    SIGNED_IN = "sign_in.done", "Signed in"
    SIGNED_OUT = "sign_in.ended", "Signed out"
    SIGN_IN_FAILED = "sign_in.failed", "Sign-in failed"
    USER_MADE = "user.made", "Made a sign-in"
    USER_CHANGED = "user.changed", "Changed a sign-in"
    USER_DELETED = "user.deleted", "Deleted a sign-in"
    ADMINISTERED = "admin.changed", "Changed something in Administration"
    TOKEN_MADE = "token.made", "Made an API token"
    TOKEN_ENDED = "token.ended", "Revoked an API token"
    VIEW_AS_STARTED = "view_as.started", "Began to view as somebody"
    VIEW_AS_PAGE = "view_as.page", "Opened a page as somebody"
    VIEW_AS_STOPPED = "view_as.stopped", "Stopped viewing as somebody"
    PHONES_READ = "contact.read", "Saw phone numbers"
    EXPORTED = "export.made", "Exported"
    FILE_UPLOADED = "import.uploaded", "Uploaded a spreadsheet"
    CHANGE_PLANNED = "change_set.planned", "Planned changes"
    CHANGE_PROPOSED = "change_set.proposed", "Proposed changes"
    CHANGE_DECLINED = "change_set.declined", "Declined proposed changes"
    CHANGE_WITHDRAWN = "change_set.withdrawn", "Withdrew proposed changes"
    CHANGE_APPLIED = "change_set.applied", "Changed the inventory"
    CHANGE_UNDONE = "change_set.undone", "Undid changes"
    CHANGE_DISCARDED = "change_set.discarded", "Discarded planned changes"
    DISOWNED = "ownership.disowned", "Said that an account is another’s"
    OFFER_REFUSED = "ownership.refused", "Said that an account is not theirs either"
    CAMPAIGN_MADE = "campaign.made", "Prepared a campaign"
    CAMPAIGN_STARTED = "campaign.started", "Started a campaign"
    CAMPAIGN_ENDED = "campaign.ended", "Ended a campaign"
    CONNECTED = "connection.made", "Connected an organization"
    SCHEDULE_CHANGED = "connection.changed", "Changed the schedule of an organization"
    RUN_STARTED = "run.started", "Started a run"
    RUN_CANCELLED = "run.cancelled", "Cancelled a run"
    RUN_RESUMED = "run.resumed", "Resumed a run"
    ATTESTED = "attestation.given", "Answered for an item"
    ANSWER_WITHDRAWN = "attestation.withdrawn", "Withdrew an answer"
    EXCEPTION_ASKED = "exception.asked", "Asked for an exception"
    EXCEPTION_GRANTED = "exception.granted", "Granted an exception"
    EXCEPTION_REFUSED = "exception.refused", "Refused an exception"
    EXCEPTION_ENDED = "exception.ended", "Ended an exception"
    FINDINGS_DECIDED = "decision.made", "Decided on findings, or asked to"
    DECISION_APPROVED = "decision.approved", "Approved a decision on findings"
    DECISION_REFUSED = "decision.refused", "Refused a decision on findings"
    DECISION_ENDED = "decision.ended", "Ended a decision on findings"
    CHECK_MOVED = "check.moved", "Put a check to an item"
    SCAN_UPLOADED = "scan.uploaded", "Uploaded a scanner's file"
    SCAN_ASKED = "scan.asked", "Asked for Security Hub's findings"
    SCAN_IMPORTED = "scan.imported", "Imported a scanner's findings"
    SCAN_CANCELLED = "scan.cancelled", "Cancelled an import of findings"
    SCAN_REFUSED = "scan.refused", "Could not import a scanner's findings"
    COMMAND_RUN = "command.run", "Ran a command"


# Where a thing is looked at: the name of its page, which takes its key, or of a list with the
# parameter by which the list finds it ("" where it finds nothing).
_PAGES: dict[str, tuple[str, str | None]] = {
    "account": ("roadmap:account", None),
    "changeset": ("inventory:change_set", None),
    "campaign": ("inventory:campaign", None),
    "organization": ("collectors:organization", None),
    "run": ("collectors:run", None),
    "scanimport": ("roadmap:scan_import", None),
    "scannercheck": ("roadmap:check", None),
    "bulkmove": ("roadmap:bulk_move", None),
    "person": ("roadmap:person", None),
    "user": ("inventory:access", "person"),
    "ruleexception": ("roadmap:exceptions", ""),
    "attestation": ("roadmap:attestations", ""),
}


def url_of(kind: str, key: str) -> str:
    """Where a thing can be looked at today; empty where it has no such place."""
    if kind == "page":
        return key
    if kind not in _PAGES or not key:
        return ""
    name, parameter = _PAGES[kind]
    try:
        if parameter is None:
            # An account's key begins with its partition.
            return reverse(name, args=[key.rpartition(":")[2]])
        url = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode({parameter: key})}" if parameter else url
