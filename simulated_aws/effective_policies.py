"""Management policies of an organization, as they come out for one account.

Inheritance of @@assign, @@append, @@remove and @@operators_allowed_for_child_policies, by the
Organizations user guide, "Understanding management policy inheritance".
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

from moto.organizations.models import OrganizationsBackend

from simulated_aws.organization import chain_to

OPERATORS: Final = ("@@assign", "@@append", "@@remove")
ALLOWED: Final = "@@operators_allowed_for_child_policies"


def content(organization: OrganizationsBackend, target: str, kind: str) -> dict[str, Any] | None:
    """The effective policy's document, or None when no policy of the type reaches the target."""
    merged: dict[str, Any] = {}
    documents = list(_documents(organization, target, kind))
    for document in documents:
        _merge(merged, copy.deepcopy(document))
    return _flat(merged) if documents else None


def _documents(
    organization: OrganizationsBackend, target: str, kind: str
) -> Iterator[dict[str, Any]]:
    chain = chain_to(organization, target)
    if not chain or all(t["Type"] != kind for t in chain[0].policy_types):
        return
    for entity in chain:
        for policy in entity.attached_policies:
            if policy.type == kind:
                yield json.loads(policy.content)


def _merge(parent: dict[str, Any], child: dict[str, Any]) -> None:
    allowed = parent.get(ALLOWED, ["@@all"])
    for key, value in child.items():
        if key == ALLOWED:
            parent.setdefault(key, value)
        elif key in OPERATORS:
            if "@@all" in allowed or key in allowed:
                _apply(parent, key, value)
        else:
            _merge(parent.setdefault(key, {}), value)


def _apply(node: dict[str, Any], operator: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    if operator == "@@assign":
        node["@@assign"] = value
    elif operator == "@@append":
        node["@@assign"] = [*node.get("@@assign", []), *values]
    else:
        node["@@assign"] = [v for v in node.get("@@assign", []) if v not in values]


def _flat(node: dict[str, Any]) -> Any:
    if "@@assign" in node:
        return node["@@assign"]
    return {key: _flat(value) for key, value in node.items() if not key.startswith("@@")}


def validation_errors(
    organization: OrganizationsBackend, target: str, kind: str
) -> list[dict[str, Any]]:
    """Of an AI services opt-out policy, values other than its two; of other types, none."""
    effective = content(organization, target, kind) or {}
    if kind != "AISERVICES_OPT_OUT_POLICY":
        return []
    contributing = [
        policy.id
        for entity in chain_to(organization, target)
        for policy in entity.attached_policies
        if policy.type == kind
    ]
    return [
        {
            "ErrorCode": "INVALID_VALUE",
            "ErrorMessage": f"{choice['opt_out_policy']} is neither optIn nor optOut.",
            "PathToError": f"services/{service}/opt_out_policy",
            "ContributingPolicies": contributing,
        }
        for service, choice in effective.get("services", {}).items()
        if choice.get("opt_out_policy") not in ("optIn", "optOut")
    ]
