"""What an organization's analyzers have found: access nobody uses, and access from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given

from collectors.outcomes import Outcome
from collectors.services.accessanalyzer import (
    ExternalAccess,
    ExternalFinding,
    UnusedAccess,
    external,
    external_access,
    unused_access,
)
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, collect, thinned

ARN = "arn:aws:access-analyzer:us-east-1:333333333333:analyzer/a"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/old"
BUCKET = "arn:aws:s3:::exports"
GONE = Refusal("ResourceNotFoundException", Outcome.API_ERROR)


def analyzer(kind: str, status: str = "ACTIVE") -> dict[str, Any]:
    return {"arn": ARN, "name": "a", "type": kind, "status": status, "createdAt": NOW}


def summary(kind: str, resource: str, identifier: str = "f1", **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "findingType": kind,
        "resource": resource,
        "resourceOwnerAccount": ACCOUNT,
        "resourceType": "AWS::IAM::Role",
        "status": "ACTIVE",
        "analyzedAt": NOW,
        "createdAt": NOW,
        "updatedAt": NOW,
        **more,
    }


UNUSED: dict[str, Any] = {
    "list_analyzers": {"analyzers": [analyzer("ORGANIZATION_UNUSED_ACCESS")]},
    "get_analyzer": {
        "analyzer": {
            **analyzer("ORGANIZATION_UNUSED_ACCESS"),
            "configuration": {
                "unusedAccess": {
                    "unusedAccessAge": 90,
                    "analysisRule": {
                        "exclusions": [
                            {"accountIds": ["999999999999"]},
                            {"resourceTags": [{"keep": "yes"}]},
                        ]
                    },
                }
            },
        }
    },
    "list_findings_v2": [
        {"findings": [summary("UnusedIAMRole", ROLE)], "nextToken": "t"},
        {"findings": [summary("UnusedPermission", f"{ROLE}er", "f2")]},
    ],
}


def test_unused_roles_and_permissions_are_told_by_account() -> None:
    assert collect(unused_access, UNUSED) == (
        UnusedAccess(
            ARN, 90, {ACCOUNT: (ROLE,)}, {ACCOUNT: (f"{ROLE}er",)}, ("999999999999",), True
        ),
    )


def test_only_active_findings_of_the_two_kinds_are_asked_for() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    collect(unused_access, UNUSED, asked=asked)
    (wanted,) = [params["filter"] for name, params in asked if name == "list_findings_v2"]
    assert wanted == {
        "status": {"eq": ["ACTIVE"]},
        "findingType": {"eq": ["UnusedIAMRole", "UnusedPermission"]},
    }


def test_an_analyzer_that_is_not_active_finds_nothing() -> None:
    stopped = {
        "list_analyzers": {"analyzers": [analyzer("ORGANIZATION_UNUSED_ACCESS", "DISABLED")]}
    }
    assert collect(unused_access, stopped) == ()


def test_an_analyzer_deleted_meanwhile_has_found_nothing() -> None:
    gone = {**UNUSED, "get_analyzer": GONE, "list_findings_v2": GONE}
    assert collect(unused_access, gone) == (UnusedAccess(ARN),)


def test_a_finding_that_is_resolved_or_of_another_kind_is_left_out() -> None:
    others = [
        summary("UnusedIAMRole", ROLE, status="RESOLVED"),
        summary("UnusedIAMUserPassword", ROLE),
    ]
    (found,) = collect(unused_access, {**UNUSED, "list_findings_v2": {"findings": others}})
    assert (found.roles, found.permissions) == ({}, {})


@given(thinned(UNUSED))
def test_answers_about_unused_access_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    for found in collect(unused_access, answers, is_checked=False):
        assert set(found.roles) <= {ACCOUNT, "TOMORROW"}


DETAILS = {
    "id": "f1",
    "resourceOwnerAccount": ACCOUNT,
    "resourceType": "AWS::S3::Bucket",
    "status": "ACTIVE",
    "analyzedAt": NOW,
    "createdAt": NOW,
    "updatedAt": NOW,
    "findingDetails": [
        {
            "externalAccessDetails": {
                "principal": {"AWS": "*"},
                "condition": {"aws:SourceVpc": "vpc-1"},
                "isPublic": True,
            }
        },
        {
            "externalAccessDetails": {
                "principal": {"Federated": "accounts.google.com"},
                "condition": {},
            }
        },
    ],
}
EXTERNAL: dict[str, Any] = {
    "list_analyzers": {"analyzers": [analyzer("ORGANIZATION")]},
    "list_findings_v2": {
        "findings": [summary("ExternalAccess", BUCKET, resourceType="AWS::S3::Bucket")]
    },
    "get_finding_v2": DETAILS,
}
FINDING = ExternalFinding(
    "f1",
    ACCOUNT,
    BUCKET,
    "AWS::S3::Bucket",
    NOW,
    ("*", "Federated:accounts.google.com"),
    True,
    ("aws:sourcevpc",),
)


def test_who_reaches_a_resource_from_outside_is_asked_of_each_finding() -> None:
    assert collect(external_access, EXTERNAL) == ExternalAccess(True, (FINDING,))


def names(asked: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [name for name, _ in asked]


def test_a_finding_that_did_not_change_is_not_asked_for_again() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    last = {external_access.name: ExternalAccess(True, (FINDING,))}
    assert collect(external_access, EXTERNAL, stored=last, asked=asked).findings == (FINDING,)
    assert "get_finding_v2" not in names(asked)


def test_a_finding_that_changed_is_asked_for_again() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    old = ExternalFinding("f1", ACCOUNT, BUCKET, updated_at=NOW - timedelta(days=1))
    last = {external_access.name: ExternalAccess(True, (old,))}
    assert collect(external_access, EXTERNAL, stored=last, asked=asked).findings == (FINDING,)
    assert "get_finding_v2" in names(asked)


def test_more_findings_than_are_asked_for_at_once_are_counted(monkeypatch: Any) -> None:
    monkeypatch.setattr(external, "ASKED_AT_MOST", 1)
    two = [summary("ExternalAccess", BUCKET, number) for number in ("f1", "f2")]
    found = collect(external_access, {**EXTERNAL, "list_findings_v2": {"findings": two}})
    assert (len(found.findings), found.unread) == (1, {ACCOUNT: 1})


def test_a_finding_deleted_meanwhile_is_left_out() -> None:
    assert collect(external_access, {**EXTERNAL, "get_finding_v2": GONE}) == ExternalAccess(True)


def test_without_an_analyzer_of_the_organization_nothing_is_analyzed() -> None:
    assert collect(external_access, {"list_analyzers": {"analyzers": []}}) == ExternalAccess()


@given(thinned(EXTERNAL))
def test_answers_about_outside_access_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    found = collect(external_access, answers, is_checked=False)
    assert len(found.findings) <= 1
