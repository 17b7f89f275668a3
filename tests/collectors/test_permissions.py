"""The roles that Cairn asks for are exactly what its collectors declare."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from collectors import guard, permissions
from collectors.permissions import RoleKind
from collectors.registry import Scope, collectors, operations


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("aws_policy", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", permissions.READING)
def test_a_policy_allows_reading_and_nothing_else(kind: RoleKind) -> None:
    document = json.loads(printed("--for", kind))
    (statement,) = document["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"]
    assert all(guard.is_reading(action) for action in statement["Action"])
    assert len(json.dumps(document, separators=(",", ":"))) < 10_240  # inline policies of a role


def test_the_contacts_role_may_do_two_things() -> None:
    (statement,) = json.loads(printed("--for", "contacts"))["Statement"]
    assert statement["Action"] == ["account:GetAlternateContact", "account:PutAlternateContact"]
    text = printed("--for", "contacts", "--as", "cloudformation")
    assert "Default: CairnContacts" in text
    assert "Nothing in it can change anything" not in text
    assert "enable-aws-service-access" in text


def test_every_declared_action_is_in_the_role_that_calls_it() -> None:
    allowed = {kind: set(permissions.actions(kind)) for kind in RoleKind}
    kinds = {
        Scope.ORGANIZATION: RoleKind.MANAGEMENT,
        Scope.TARGET: RoleKind.MANAGEMENT,
        Scope.ACCOUNT: RoleKind.MEMBER,
        Scope.SECURITY: RoleKind.SECURITY,
    }
    for collector in collectors().values():
        needed = {o.action for o in collector.operations} - permissions.NEED_NO_PERMISSION
        assert needed <= allowed[kinds[collector.scope]]
        assert {o.action for o in collector.own} <= allowed[RoleKind.MEMBER]
    assert allowed[RoleKind.MEMBER] <= allowed[RoleKind.SECURITY]


# Sections A and B of the evidence rules: operations by boto3 client, actions by role.
DATA = Path(settings.BASE_DIR) / "tests" / "data" / "permissions"
# Where Cairn asks for less than the rules list, and why.
LEFT_OUT = {
    RoleKind.MANAGEMENT: {
        # Cairn's own principal enters the members; the management role is not on the way.
        "sts:AssumeRole",
    },
    RoleKind.MEMBER: set(),
    RoleKind.SECURITY: {
        # Read by the management role, which has to be there anyway; of IAM Identity Center see
        # docs/decisions/0006.
        "organizations:DescribeOrganization",
        "organizations:ListDelegatedAdministrators",
        "sso:DescribePermissionSet",
        "sso:ListAccountAssignments",
        "sso:ListInstances",
        "sso:ListPermissionSetsProvisionedToAccount",
    },
}


@pytest.mark.parametrize("kind", permissions.READING)
def test_the_actions_are_those_of_the_evidence_rules(kind: RoleKind) -> None:
    listed = json.loads((DATA / "actions.json").read_text())
    wanted = set(listed[kind])
    if kind == RoleKind.SECURITY:
        wanted |= set(listed[RoleKind.MEMBER])
    asked = set(permissions.actions(kind))
    assert asked - wanted == set(), "Cairn asks for more than the rules list."
    assert wanted - asked == LEFT_OUT[kind], "Cairn asks for less than the rules list."


def test_the_operations_are_those_of_the_evidence_rules() -> None:
    listed = json.loads((DATA / "operations.json").read_text())
    wanted = {(client, name) for client, names in listed.items() for name in names}
    declared = {*operations(), ("sts", "assume_role")}  # How Cairn enters, before it collects.
    assert declared - wanted == set()
    assert wanted - declared == set()


class _Tagged(yaml.SafeLoader):
    """Reads CloudFormation's short forms such as !Ref as plain values."""


_Tagged.add_multi_constructor(
    "!",
    lambda loader, suffix, node: (
        loader.construct_scalar(node)
        if isinstance(node, yaml.ScalarNode)
        else loader.construct_sequence(node, deep=True)
    ),
)


@pytest.mark.parametrize("kind", list(RoleKind))
def test_a_template_makes_a_role_that_trusts_only_cairn(kind: RoleKind) -> None:
    text = printed("--for", kind, "--as", "cloudformation")
    template = yaml.load(text, Loader=_Tagged)  # noqa: S506  (a safe loader, with more tags)
    role = template["Resources"]["Role"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"].keys() == {"sts:ExternalId", "aws:PrincipalOrgID"}
    assert trust["Principal"] == {"AWS": "CairnPrincipal"}
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == permissions.actions(kind)
    assert "aws cloudformation" in template["Metadata"]["Instructions"]


def test_the_documented_permissions_are_the_declared_ones() -> None:
    documented = Path(settings.BASE_DIR, "docs", "permissions.json").read_text()
    assert documented == printed("--for", "all"), (
        "Write it anew: manage.py aws_policy --for all > docs/permissions.json"
    )
