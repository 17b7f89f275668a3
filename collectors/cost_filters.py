"""Which accounts a Cost Explorer expression is about; budgets and anomaly monitors share its form.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def linked_accounts(expression: Mapping[str, Any] | None) -> frozenset[str] | None:
    """The account ids it is limited to; None where it names no accounts to include."""
    found = expression or {}
    dimension = found.get("Dimensions") or {}
    if dimension.get("Key") == "LINKED_ACCOUNT":
        return _equal(dimension)
    if found.get("And"):
        named = [ids for part in found["And"] if (ids := linked_accounts(part)) is not None]
        return frozenset.intersection(*named) if named else None
    if found.get("Or"):
        either = [linked_accounts(part) for part in found["Or"]]
        known = [ids for ids in either if ids is not None]
        return frozenset().union(*known) if len(known) == len(either) else None
    return None


def _equal(dimension: Mapping[str, Any]) -> frozenset[str]:
    """Other ways to match, such as STARTS_WITH, name no account for certain."""
    options = set(dimension.get("MatchOptions") or ())
    if options - {"EQUALS", "CASE_SENSITIVE", "CASE_INSENSITIVE"}:
        return frozenset()
    return frozenset(dimension.get("Values") or ())
