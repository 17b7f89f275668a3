"""What the organization's policies of the newer kinds come to in one account.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.organizations.attachments import (
    AISERVICES_OPT_OUT_POLICY,
    NO_SUCH_TYPE,
    document,
)
from collectors.services.organizations.tree import NOT_IN_USE

if TYPE_CHECKING:
    from collectors.aws import Aws

S3_POLICY = "S3_POLICY"
GUARDDUTY_POLICY = "GUARDDUTY_POLICY"
BACKUP_POLICY = "BACKUP_POLICY"
TAG_POLICY = "TAG_POLICY"
DECLARATIVE_POLICY_EC2 = "DECLARATIVE_POLICY_EC2"
SECURITYHUB_POLICY = "SECURITYHUB_POLICY"
INSPECTOR_POLICY = "INSPECTOR_POLICY"

EFFECTIVE = (
    AISERVICES_OPT_OUT_POLICY,
    S3_POLICY,
    GUARDDUTY_POLICY,
    DECLARATIVE_POLICY_EC2,
    BACKUP_POLICY,
    TAG_POLICY,
    SECURITYHUB_POLICY,
    INSPECTOR_POLICY,
)

ABSENT = (NOT_IN_USE, "EffectivePolicyNotFoundException", *NO_SUCH_TYPE)

DESCRIBE_EFFECTIVE_POLICY = Operation(
    "organizations", "describe_effective_policy", "organizations:DescribeEffectivePolicy"
)
LIST_VALIDATION_ERRORS = Operation(
    "organizations",
    "list_effective_policy_validation_errors",
    "organizations:ListEffectivePolicyValidationErrors",
    "EffectivePolicyValidationErrors",
)


@dataclass(frozen=True)
class EffectivePolicy:
    """``content`` is None when no policy of the type applies. ``outcome`` and ``message`` say why
    when AWS did not tell; then nothing is known of the content."""

    content: Mapping[str, Any] | None = None
    last_updated_timestamp: datetime | None = None
    validation_errors: Sequence[str] = ()
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""


@dataclass(frozen=True)
class EffectivePolicies:
    by_type: Mapping[str, EffectivePolicy] = field(default_factory=dict)

    def get(self, policy_type: str) -> EffectivePolicy:
        """Raises Missing when AWS did not tell whether there is one."""
        found = self.by_type.get(policy_type)
        if found is None:
            raise Missing(Outcome.NEVER_COLLECTED, f"{policy_type} was never asked for.")
        if found.outcome != Outcome.COLLECTED:
            raise Missing(found.outcome, found.message)
        return found

    def content(self, policy_type: str) -> Mapping[str, Any] | None:
        """The effective policy, None when none applies. Raises Missing."""
        return self.get(policy_type).content


def _fetch(aws: Aws) -> Any:
    return {policy_type: _describe(aws, policy_type) for policy_type in EFFECTIVE}


def _describe(aws: Aws, policy_type: str) -> Any:
    """The answer for one type; a Missing in its place does not lose the other types."""
    try:
        found = _ask(aws, policy_type)
    except Missing as missing:
        return missing
    if found is None or policy_type != AISERVICES_OPT_OUT_POLICY:
        return {"EffectivePolicy": found}
    return {"EffectivePolicy": found, "Errors": _errors(aws, policy_type)}


def _ask(aws: Aws, policy_type: str) -> Any:
    try:
        answer = aws.call(
            DESCRIBE_EFFECTIVE_POLICY, absent=ABSENT, PolicyType=policy_type, TargetId=aws.target
        )
    except Missing as missing:
        if missing.outcome != Outcome.ACCESS_DENIED:
            raise
        answer = aws.own.call(DESCRIBE_EFFECTIVE_POLICY, absent=ABSENT, PolicyType=policy_type)
    return None if answer is None else answer.get("EffectivePolicy") or {}


def _errors(aws: Aws, policy_type: str) -> list[Any]:
    """They explain a verdict and decide none, so being denied them costs nothing."""
    try:
        found = aws.pages(
            LIST_VALIDATION_ERRORS, absent=ABSENT, PolicyType=policy_type, AccountId=aws.target
        )
    except Missing:
        return []
    return found or []


def _effective_policies(answers: Any) -> EffectivePolicies:
    return EffectivePolicies({kind: _effective(answer) for kind, answer in answers.items()})


def _effective(answer: Any) -> EffectivePolicy:
    if isinstance(answer, Missing):
        return EffectivePolicy(outcome=answer.outcome, message=answer.message)
    found = answer.get("EffectivePolicy")
    if found is None:
        return EffectivePolicy()
    content = document(found.get("PolicyContent"))
    if content is None:
        return EffectivePolicy(
            outcome=Outcome.API_ERROR, message="AWS sent an effective policy that is not JSON."
        )
    return EffectivePolicy(
        content=content,
        last_updated_timestamp=found.get("LastUpdatedTimestamp"),
        validation_errors=[
            error.get("ErrorMessage") or error.get("ErrorCode") or "Unnamed error."
            for error in answer.get("Errors") or ()
        ],
    )


effective_policies = Collector(
    "organizations.effective_policies",
    EffectivePolicies,
    Scope.TARGET,
    Reach.GLOBAL,
    (DESCRIBE_EFFECTIVE_POLICY, LIST_VALIDATION_ERRORS),
    _fetch,
    _effective_policies,
    own=(DESCRIBE_EFFECTIVE_POLICY,),
)
