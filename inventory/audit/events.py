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
    SECOND_FACTOR_ADDED = "second_factor.added", "Added a second factor"
    SECOND_FACTOR_REMOVED = "second_factor.removed", "Removed a second factor"
    IDENTITY_TIED = "identity.tied", "Tied a sign-in to the identity provider"
    IDENTITY_UNTIED = "identity.untied", "Untied a sign-in from the identity provider"
    SESSIONS_ENDED = "session.ended", "Ended sessions"
    BREAK_GLASS_SEEN = "break_glass.seen", "Looked at a break-glass sign-in"
    GROUP_MAPPED = "group.mapped", "Changed what a group of the identity provider gives"
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
    CONTACTS_PLANNED = "contacts.planned", "Planned to write contacts to AWS"
    CONTACTS_CONFIRMED = "contacts.confirmed", "Let contacts be written to AWS"
    CONTACTS_RAISED = "contacts.raised", "Let a plan write more contacts to AWS"
    CONTACTS_SPLIT = "contacts.split", "Split a plan of contacts"
    CONTACTS_RETRIED = "contacts.retried", "Tried again to write contacts to AWS"
    CONTACTS_CANCELLED = "contacts.cancelled", "Cancelled writing contacts to AWS"
    CONTACTS_WRITTEN = "contacts.written", "Wrote contacts to AWS"
    CONTACTS_ROLE = "contacts.role", "Changed the role that writes contacts to AWS"
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
    MAIL_RELEASED = "mail.released", "Released mail"
    MAIL_DROPPED = "mail.dropped", "Dropped mail"
    MAIL_CHOSEN = "mail.chosen", "Chose which mail somebody gets"
    WEBHOOK_CHANGED = "webhook.changed", "Changed a webhook"
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
    "contactpush": ("collectors:contact_push", None),
    "campaign": ("inventory:campaign", None),
    "organization": ("collectors:organization", None),
    "run": ("collectors:run", None),
    "scanimport": ("roadmap:scan_import", None),
    "scannercheck": ("roadmap:check", None),
    "bulkmove": ("roadmap:bulk_move", None),
    "webhook": ("inventory:webhook", None),
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
            # An account's key begins with its partition, a push's with its organization.
            parts = key.split("/") if kind == "contactpush" else [key.rpartition(":")[2]]
            return reverse(name, args=parts)
        url = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode({parameter: key})}" if parameter else url
