"""An account holds one workload, and nobody administers production and security alike.

Reads what the account's owner says, who has administrator permission sets
(sso:ListAccountAssignments, ListManagedPoliciesInPermissionSet), which roles trust another account
(iam:GetAccountAuthorizationDetails), and environment tags of its resources. Which accounts are
production their classes say, which are security's the setting SECURITY_ACCOUNTS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.services import iam, sso_admin
from collectors.services import resourcegroupstaggingapi as tagging
from roadmap.readings import duties
from roadmap.readings.answers import expired, not_attested
from roadmap.readings.duties import Edge, Separation
from roadmap.readings.gaps import as_far_as_seen
from roadmap.registry import Attestable, Detail, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
)


def judge(subject: Subject) -> Verdict:
    said, holding = subject.attested(), subject.holding("done", "partly", "not_done")
    claim = holding.claim if holding else ""
    is_configured = duties.is_configured(subject)
    apart = duties.separation(subject) if is_configured else Separation()
    environments, unseen = _environments(subject)
    more: dict[str, Any] = {
        "facts": _facts(apart, is_configured, environments, claim),
        "problems": [*_of_duties(apart), *_of_environments(environments)],
        "incomplete": unseen or apart.missing is not None,
    }
    if claim == "not_done":
        sentence = f"Its owner says that more than one workload is in the account.{_also(apart)}"
        return failed(sentence, "attested not done", **more)
    if claim == "done" and apart.is_broken:
        sentence = f"One workload is in the account, says its owner, but {_broken(apart)}."
        return partly(sentence, "attested, not separated", **more)
    if claim == "partly" and apart.is_broken:
        sentence = f"Workloads are kept apart in part, says its owner, and {_broken(apart)}."
        return failed(sentence, "attested in part, not separated", **more)
    if apart.is_broken:
        sentence = f"Nobody says that one workload is in the account, and {_broken(apart)}."
        return failed(sentence, "not attested, not separated", **more)
    if said and not said.holds(subject.now):
        return expired(said, **more)
    if not claim:
        return not_attested("whether one workload is in the account and what falls with it", **more)
    if not is_configured:
        sentence = "The company has not said which accounts are production and which security's."
        return unknown(Reason.NOT_CONFIGURED, sentence, "nothing configured", **more)
    if apart.missing is not None:
        raise apart.missing
    if claim == "done":
        sentence = "One workload is in the account, says its owner, and its duties are separated."
        return passed(sentence, "attested and separated", **more)
    sentence = "Duties are separated, but workloads are kept apart only in part, says its owner."
    return partly(sentence, "attested in part, separated", **more)


def _also(apart: Separation) -> str:
    broken = _broken(apart)
    return f" Besides, {broken}." if broken else ""


def _broken(apart: Separation) -> str:
    parts = []
    if apart.overlap:
        number = len(apart.overlap)
        who = "1 group or user is" if number == 1 else f"{number} groups or users are"
        parts.append(f"{who} administrator of both production and security")
    if apart.reaching:
        parts.append(f"production may assume {_roles(apart.reaching)} of a security account")
    if apart.writing:
        parts.append(f"a security account may make changes by {_roles(apart.writing)}")
    return "; ".join(parts)


def _roles(edges: list[Edge]) -> str:
    names = list(dict.fromkeys(edge.role.rpartition("/")[2] for edge in edges))
    return f"role {names[0]}" if len(names) == 1 else f"roles {listed(names)}"


def _of_duties(apart: Separation) -> Iterator[Problem]:
    for arn in apart.overlap:
        yield Problem("duty_overlap", arn)
    for role, trusted in _by_role(apart.reaching).items():
        detail = f"An administrator of a security account that {trusted} may become."
        yield Problem("prod_reaches_security", role, detail=detail)
    for role, trusted in _by_role(apart.writing).items():
        detail = f"May make changes, and {trusted} of a security account may assume it."
        yield Problem("duty_overlap", role, detail=detail)


def _by_role(edges: list[Edge]) -> dict[str, str]:
    roles = dict.fromkeys(edge.role for edge in edges)
    return {role: listed(_whom(e) for e in edges if e.role == role) for role in roles}


def _whom(edge: Edge) -> str:
    return "anybody" if edge.trusted == duties.ANYBODY else edge.trusted


def _environments(subject: Subject) -> tuple[Mapping[str, int], bool]:
    """Environment → resources tagged with it, and whether some could not be told."""
    key = subject.settings["ENVIRONMENT_TAG_KEY"]
    found: Counter[str] = Counter()
    tagged = as_far_as_seen(subject.facts, tagging.tagged)
    is_unseen = bool(tagged.missing)
    for alike in (one for resources in tagged.values.values() for one in resources.sets):
        value = alike.tags.value(key)
        is_unseen = is_unseen or (value is None and key in alike.tags.keys)
        if name := (value or "").strip().lower():
            found[name] += alike.count
    return dict(sorted(found.items())), is_unseen


def _of_environments(environments: Mapping[str, int]) -> Iterator[Problem]:
    if len(environments) > 1:
        seen = listed(f"{name} ({number})" for name, number in environments.items())
        yield Problem("mixed_environments", detail=f"Resources are tagged {seen}.")


def _facts(
    apart: Separation, is_configured: bool, environments: Mapping[str, int], claim: str
) -> dict[str, Any]:
    return {
        "attested": claim or None,
        "configured": is_configured,
        "overlap": apart.overlap,
        "production_reaches": duties.kept(apart.reaching),
        "security_writes": duties.kept(apart.writing),
        "environments": sorted(environments),
    }


item = Item(
    __name__,
    order="10.1",
    title="Blast radius limited",
    guidance=(
        "When an account falls, only what is in it should fall. An account holds one workload in "
        "one environment, and the people who administer production are not those who administer "
        "the security accounts. The owner says once a year what falls if this account falls."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(sso_admin.access, iam.authorization, tagging.tagged),
    findings={
        "duty_overlap": FindingKind(
            "Same people administer production and security", Severity.HIGH
        ),
        "mixed_environments": FindingKind("Several environments in one account", Severity.MEDIUM),
        "prod_reaches_security": FindingKind(
            "Production role reaches a security account", Severity.HIGH
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            (
                "Does the account hold one workload and environment, or why not, and what falls "
                "if it falls?"
            ),
            details=(
                Detail("falls", "What falls if this account falls", required=True),
                Detail("reason", "Why more than one workload or environment, if so"),
            ),
        ),
    ),
    fix=Fix(
        (
            "Split accounts with mixed workloads, and separate administrators of security and "
            "production."
        ),
        "Benefits of using multiple AWS accounts",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/benefits-of-using-multiple-aws-accounts.html",
)
