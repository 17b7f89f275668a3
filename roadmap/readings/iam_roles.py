"""IAM roles as the rules of the identity and refinement stages count them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from collectors.services.iam import Role
from roadmap.subject import Subject


@dataclass(frozen=True)
class Chosen:
    """The roles that count, and how many do not, by the reason."""

    roles: Sequence[Role] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


def eligible(subject: Subject, roles: Iterable[Role]) -> Chosen:
    """Roles of the account's own, but for those of emergencies, automation and security, and those
    under an exception."""
    return choose(roles, lambda role: why_left_out(subject, role))


def old_enough(subject: Subject, roles: Iterable[Role]) -> Chosen:
    """Of them, those that are there as long as a role may be unused. One of unknown age counts."""
    oldest = _oldest(subject)

    def why(role: Role) -> str:
        is_young = role.created_at is not None and role.created_at >= oldest
        return "too young" if is_young and not role.is_of_aws else why_left_out(subject, role)

    return choose(roles, why)


def is_unused(subject: Subject, role: Role) -> bool:
    return role.last_used_at is None or role.last_used_at < _oldest(subject)


def in_use(subject: Subject, roles: Iterable[Role]) -> Chosen:
    """Of those that are old enough, the ones that were used lately."""
    chosen = old_enough(subject, roles)
    used = [role for role in chosen.roles if not is_unused(subject, role)]
    return Chosen(used, {**chosen.left_out, "unused": len(chosen.roles) - len(used)})


def _oldest(subject: Subject) -> datetime:
    return subject.now - timedelta(days=subject.settings["UNUSED_ROLE_DAYS"])


def choose(roles: Iterable[Role], reason: Callable[[Role], str]) -> Chosen:
    """The roles for which ``reason`` gives none."""
    chosen: list[Role] = []
    left_out: Counter[str] = Counter()
    for role in roles:
        why = reason(role)
        if why:
            left_out[why] += 1
        else:
            chosen.append(role)
    return Chosen(chosen, dict(sorted(left_out.items())))


def why_left_out(subject: Subject, role: Role) -> str:
    """Empty for a role that counts."""
    if role.is_of_aws:
        return "made by AWS"
    return why_exempt(subject, role.arn)


def why_exempt(subject: Subject, arn: str) -> str:
    """Why a role does not count, as far as its ARN tells; empty for one that does."""
    if arn.rpartition("/")[2] in subject.settings["SECURITY_ROLE_NAMES"]:
        return "of security"
    if _is_like(arn, subject.settings["BREAK_GLASS_ROLE_PATTERNS"]):
        return "for emergencies"
    if _is_like(arn, subject.settings["AUTOMATION_ROLE_PATTERNS"]):
        return "of automation"
    return "under an exception" if subject.is_excepted(arn) else ""


def _is_like(arn: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(arn, pattern) for pattern in patterns)
