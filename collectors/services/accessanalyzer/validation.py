"""IAM Access Analyzer: what AWS and Parliament say of an account's own policies.

A text is looked at once: what was said of it before is taken over as long as it stays the same.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.policies import linting
from collectors.policies.linting import Issue, Unlimited
from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.iam import Authorization, Group, Policy, Role, UserAccess, authorization

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

VALIDATE_POLICY = Operation(
    "accessanalyzer", "validate_policy", "access-analyzer:ValidatePolicy", "findings"
)

NAME = "accessanalyzer.policy_checks"
# So many texts are sent to AWS in one go; the others are by later runs.
SENT_AT_MOST = 200


@dataclass(frozen=True)
class Validation:
    """What AWS finds in a policy: ``kind`` is ERROR, SECURITY_WARNING, WARNING or SUGGESTION,
    ``code`` its issue code."""

    kind: str
    code: str = ""
    count: int = 1


@dataclass(frozen=True)
class PolicyCheck:
    """``validations`` is None where AWS was not asked yet."""

    unlimited: tuple[Unlimited, ...] = ()
    issues: tuple[Issue, ...] = ()
    validations: tuple[Validation, ...] | None = None


@dataclass(frozen=True)
class PolicyChecks:
    """``checks`` by ``Policy.digest``. ``gap`` says why AWS did not validate, if so; ``version`` is
    Parliament's."""

    checks: Mapping[str, PolicyCheck] = field(default_factory=dict)
    version: str = ""
    gap: str = ""
    gap_outcome: Outcome | None = None


def fetch_policy_checks(aws: Aws) -> Answer:
    """Where AWS refuses to validate, Parliament alone does."""
    documents = {p.digest: p.document for p in _own(aws.fact(authorization)) if p.document}
    last = aws.last(policy_checks) or PolicyChecks()
    known = {digest: last.checks[digest] for digest in documents if digest in last.checks}
    answer: dict[str, Any] = {"documents": documents, "last": replace(last, checks=known)}
    said: dict[str, list[Answer]] = {}
    try:
        for digest, document in documents.items():
            was = known.get(digest)
            is_new = was is None or was.validations is None
            if is_new and len(said) < SENT_AT_MOST:
                said[digest] = _validate(aws, document)
    except Missing as missing:
        answer["gap"] = missing
    return {**answer, "said": said}


def _own(known: Authorization) -> Iterator[Policy]:
    """Each policy that the account wrote itself."""
    yield from (policy for policy in known.policies if not policy.is_aws_managed)
    principals: tuple[UserAccess | Group | Role, ...] = (*known.users, *known.groups, *known.roles)
    for principal in principals:
        yield from principal.inline


def _validate(aws: Aws, document: str) -> list[Answer]:
    found = aws.pages(VALIDATE_POLICY, policyDocument=document, policyType="IDENTITY_POLICY")
    return found or []


def transform_policy_checks(answer: Answer) -> PolicyChecks:
    last: PolicyChecks = answer["last"]
    is_current = last.version == linting.version()
    checks: dict[str, PolicyCheck] = {}
    for digest, document in answer["documents"].items():
        was = last.checks.get(digest)
        check = was if was is not None and is_current else _linted(document, was)
        if digest in answer["said"]:
            check = replace(check, validations=tuple(_validations(answer["said"][digest])))
        checks[digest] = check
    gap: Missing | None = answer.get("gap")
    return PolicyChecks(
        dict(sorted(checks.items())),
        linting.version(),
        gap.message if gap else "",
        gap.outcome if gap else None,
    )


def _linted(document: str, was: PolicyCheck | None) -> PolicyCheck:
    policy = Policy("", document=document)
    return PolicyCheck(
        tuple(linting.unlimited(policy.statements)),
        linting.issues_of(document),
        was.validations if was else None,
    )


def _validations(findings: list[Answer]) -> Iterator[Validation]:
    counts = Counter((one.get("findingType") or "", one.get("issueCode") or "") for one in findings)
    for (kind, code), count in sorted(counts.items()):
        yield Validation(kind, code, count)


policy_checks = Collector(
    NAME,
    PolicyChecks,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (VALIDATE_POLICY,),
    fetch_policy_checks,
    transform_policy_checks,
    phase=Phase.BUILT_ON_OTHERS,
    builds_on=(authorization.name, NAME),
)
