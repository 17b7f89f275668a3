"""IAM users as the rules of the identity stage count them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from collectors.outcomes import Missing, Outcome
from collectors.services import iam
from roadmap.subject import Subject


def users_of(subject: Subject) -> iam.Users:
    """Raises Missing: stale where AWS made the credential report too long ago, however lately
    Cairn fetched it."""
    found = subject.facts.get(iam.users)
    hours = subject.settings["EVIDENCE_MAX_AGE_HOURS"]
    if found.reported_at and subject.now - found.reported_at > timedelta(hours=hours):
        made = f"{found.reported_at:%Y-%m-%d %H:%M}"
        raise Missing(Outcome.STALE, f"AWS made the credential report at {made}, too long ago.")
    return found


def counted(subject: Subject, users: Iterable[iam.User]) -> list[iam.User]:
    """The users without those kept for emergencies and those under an exception."""
    break_glass = subject.settings["BREAK_GLASS_USERS"]
    return [
        user for user in users if user.arn not in break_glass and not subject.is_excepted(user.arn)
    ]


def without_telling(found: iam.Users, users: Iterable[iam.User]) -> Missing | None:
    """Why it is not known of some of the users whether they have a password; None where it is of
    all."""
    untold = next((user for user in users if user.has_password is None), None)
    if untold is None:
        return None
    message = f"Whether user {untold.name} has a password is not known. {found.gap}".strip()
    return Missing(found.gap_outcome or Outcome.API_ERROR, message)
