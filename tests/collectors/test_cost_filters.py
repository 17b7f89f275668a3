"""Which accounts a Cost Explorer expression is about."""

from typing import Any

import pytest

from collectors.cost_filters import linked_accounts


def accounts(*ids: str, **more: Any) -> dict[str, Any]:
    return {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": list(ids), **more}}


SERVICE = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon EC2"]}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({}, None, id="empty"),
        pytest.param(SERVICE, None, id="another dimension"),
        pytest.param(accounts("1", "2"), {"1", "2"}, id="accounts"),
        pytest.param(accounts("1", MatchOptions=["EQUALS"]), {"1"}, id="equal"),
        pytest.param(accounts("1", MatchOptions=["STARTS_WITH"]), set(), id="beginning"),
        pytest.param({"And": [accounts("1", "2"), SERVICE]}, {"1", "2"}, id="and a service"),
        pytest.param({"And": [accounts("1", "2"), accounts("2", "3")]}, {"2"}, id="and accounts"),
        pytest.param({"Or": [accounts("1"), accounts("2")]}, {"1", "2"}, id="either account"),
        pytest.param({"Or": [accounts("1"), SERVICE]}, None, id="an account or a service"),
        pytest.param({"Not": accounts("1")}, None, id="all but one"),
        pytest.param(
            {"And": [{"Or": [accounts("1"), accounts("2")]}, SERVICE]}, {"1", "2"}, id="nested"
        ),
    ],
)
def test_it_names_the_accounts_an_expression_is_limited_to(expression: Any, expected: Any) -> None:
    assert linked_accounts(expression) == expected
