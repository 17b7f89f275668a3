"""Work groups in which queries can be run."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.athena import work_groups
from tests.collectors.services.canned import Refusal, collect, thinned

ANSWERS = {
    "list_work_groups": [
        {"WorkGroups": [{"Name": "primary", "State": "ENABLED"}], "NextToken": "more"},
        {"WorkGroups": [{"Name": "old", "State": "DISABLED"}, {"Name": "a", "State": "ENABLED"}]},
    ]
}


def test_enabled_work_groups_are_named() -> None:
    assert collect(work_groups, ANSWERS) == ("a", "primary")


def test_being_denied_is_not_being_without() -> None:
    with pytest.raises(Missing) as missing:
        collect(work_groups, {"list_work_groups": Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(ANSWERS))
def test_only_a_group_that_says_so_is_enabled(answers: Any) -> None:
    told = [one for page in answers["list_work_groups"] for one in page["WorkGroups"]]
    enabled = [one for one in told if one.get("Name") and one.get("State") == "ENABLED"]
    assert len(collect(work_groups, answers, is_checked=False)) == len(enabled)
