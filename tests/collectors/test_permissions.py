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
from collectors.registry import Scope, collectors


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("aws_policy", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", list(RoleKind))
def test_a_policy_allows_reading_and_nothing_else(kind: RoleKind) -> None:
    document = json.loads(printed("--for", kind))
    (statement,) = document["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"]
    assert all(
        guard.is_reading(action) or action == "sts:GetCallerIdentity"
        for action in statement["Action"]
    )
    assert len(json.dumps(document, separators=(",", ":"))) < 10_240  # inline policies of a role


def test_every_declared_action_is_in_the_role_that_calls_it() -> None:
    allowed = {kind: set(permissions.actions(kind)) for kind in RoleKind}
    kinds = {
        Scope.ORGANIZATION: RoleKind.MANAGEMENT,
        Scope.TARGET: RoleKind.MANAGEMENT,
        Scope.ACCOUNT: RoleKind.MEMBER,
        Scope.SECURITY: RoleKind.SECURITY,
    }
    for collector in collectors().values():
        assert {o.action for o in collector.operations} <= allowed[kinds[collector.scope]]
        assert {o.action for o in collector.own} <= allowed[RoleKind.MEMBER]
    assert allowed[RoleKind.MEMBER] <= allowed[RoleKind.SECURITY]


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
