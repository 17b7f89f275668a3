"""Accounts below policies, for tests of guardrails: root, an OU with the policies, the account.

FullAWSAccess is attached on every level unless a case says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.services import account, organizations, sso_admin
from roadmap.subject import AccountRow, Subject
from roadmap.verdicts import Verdict
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, ORGANIZATION, REGIONS, row, subject

SCP = organizations.SERVICE_CONTROL_POLICY
ROOT, UNIT = "r-1", "ou-1"
FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
Statement = Mapping[str, Any]
Facts = Mapping[tuple[Any, ...], Any]


def deny(*actions: str, condition: Mapping[str, Any] | None = None, **more: Any) -> Statement:
    """Of these actions for everybody; ``more`` are other parts, such as Resource."""
    named = {} if "NotAction" in more else {"Action": list(actions)}
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Deny", "Resource": "*", **named, **extra, **more}


def except_for(*arns: str) -> Mapping[str, Any]:
    return {"ArnNotLike": {"aws:PrincipalArn": list(arns)}}


def only(*arns: str) -> Mapping[str, Any]:
    return {"ArnLike": {"aws:PrincipalArn": list(arns)}}


def policies(*statements: Statement, full: bool = True) -> organizations.Policies:
    """The statements as one policy of the OU; ``full``: beside FullAWSAccess there."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    on_unit = [*(["p-full"] if full else []), *(["p-own"] if statements else [])]
    return organizations.Policies(
        policies=[
            organizations.Policy("p-full", SCP, name="FullAWSAccess", content=FULL),
            organizations.Policy("p-own", SCP, name="Own", content=document),
        ],
        attached={ROOT: ["p-full"], UNIT: on_unit},
        root_ids=[ROOT],
    )


def listing(status: str = "ENABLED", features: str = "ALL") -> organizations.Listing:
    return organizations.Listing(
        organization=organizations.Organization(ORGANIZATION, feature_set=features),
        roots=[organizations.Root(ROOT, policy_types={SCP: status})],
        accounts=[organizations.Account(ACCOUNT, ou_ids=[ROOT, UNIT])],
    )


def guarded(
    *statements: Statement,
    facts: Facts | None = None,
    settings: Mapping[str, Any] | None = None,
    about: AccountRow | None = None,
    full: bool = True,
    enabled: Sequence[str] = REGIONS,
    disabled: Sequence[str] = (),
) -> Subject:
    """An account that these statements bind; ``facts`` come on top."""
    known: dict[tuple[Any, ...], Any] = {
        (MANAGEMENT, organizations.listing): listing(),
        (MANAGEMENT, organizations.policies): policies(*statements, full=full),
        (ACCOUNT, organizations.attached_scps): ("p-full",),
        (ACCOUNT, account.regions): account.Regions(enabled, disabled),
        (ACCOUNT, sso_admin.access): sso_admin.Access(),
        **(facts or {}),
    }
    return subject(known, about or row(), settings=settings)


def in_regions(collector: Any, value: Any, account_id: str = ACCOUNT) -> Facts:
    return {(account_id, collector, region): value for region in REGIONS}


def problem(verdict: Verdict, code: str) -> Any:
    return next(problem for problem in verdict.problems if problem.code == code)
