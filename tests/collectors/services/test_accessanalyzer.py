"""The analyzers of an account."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.accessanalyzer import (
    Analyzer,
    analyzers,
    management_analyzers,
    security_analyzers,
)
from tests.collectors.services.canned import NOW, Refusal, collect, thinned


def analyzer(name: str, kind: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    return {
        "arn": f"arn:aws:access-analyzer:us-east-1:333333333333:analyzer/{name}",
        "name": name,
        "type": kind,
        "status": status,
        "createdAt": NOW,
        **more,
    }


CENTRAL = analyzer("central", "ORGANIZATION")
PAGES = [
    {"analyzers": [CENTRAL], "nextToken": "more"},
    {"analyzers": []},
    {
        "analyzers": [
            analyzer(
                "broken", "ORGANIZATION", "FAILED", statusReason={"code": "ORGANIZATION_DELETED"}
            ),
            analyzer("unused", "ORGANIZATION_UNUSED_ACCESS", managedBy="securityhub"),
        ]
    },
]
STATISTICS = {
    "findingsStatistics": [
        {"externalAccessFindingsStatistics": {"totalActiveFindings": 4}},
        {"unusedAccessFindingsStatistics": {"totalActiveFindings": 90}},
    ]
}


@pytest.mark.parametrize("collector", [analyzers, management_analyzers], ids=str)
def test_it_reads_the_analyzers_of_all_pages(collector: Any) -> None:
    central, broken, unused = collect(collector, {"list_analyzers": PAGES})

    assert central == Analyzer(CENTRAL["arn"], "central", "ORGANIZATION", "ACTIVE")
    assert (broken.is_active, broken.status_reason) == (False, "ORGANIZATION_DELETED")
    assert (unused.finds_unused_access, unused.managed_by) == (True, "securityhub")


def test_only_running_analyzers_of_an_organization_are_counted() -> None:
    asked: list[Any] = []
    answers = {"list_analyzers": PAGES, "get_findings_statistics": STATISTICS}
    found = collect(security_analyzers, answers, asked=asked)

    assert [a.active_findings for a in found] == [4, None, None]
    assert [p for name, p in asked if name == "get_findings_statistics"] == [
        {"analyzerArn": CENTRAL["arn"]}
    ]


def test_an_analyzer_that_vanished_meanwhile_has_no_count() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    found = collect(security_analyzers, {"list_analyzers": PAGES, "get_findings_statistics": gone})
    assert found[0].active_findings is None


def test_being_denied_is_not_absent() -> None:
    with pytest.raises(Missing) as missing:
        collect(analyzers, {"list_analyzers": Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"list_analyzers": {"analyzers": [CENTRAL]}}))
def test_an_analyzer_runs_only_if_it_says_so(answers: Any) -> None:
    (told,) = answers["list_analyzers"]["analyzers"]
    for found in collect(analyzers, answers, is_checked=False):
        assert found.is_active == (told.get("status") == "ACTIVE")
        assert found.type == told.get("type", "")
