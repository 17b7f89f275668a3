"""Access Advisor's reports: which of the services that a role may call it did call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.iam import (
    Authorization,
    Role,
    ServiceReport,
    ServiceReports,
    access_advisor,
    authorization,
    service_reports,
)
from tests.collectors.services.canned import NOW, Refusal, by, collect, thinned

SETTINGS = {
    "JOB_TIMEOUT_SECONDS": 10,
    "ROLE_SERVICES_REFRESH_DAYS": 7,
    "UNUSED_ROLE_DAYS": 90,
    "SECURITY_ROLE_NAMES": ["CairnReadOnly"],
}
YESTERDAY, LONG_AGO = NOW - timedelta(days=1), NOW - timedelta(days=300)
NO_ROLE = Refusal("NoSuchEntity", Outcome.API_ERROR)
Asked = list[tuple[str, dict[str, Any]]]


def role(name: str, path: str = "/", used: Any = YESTERDAY) -> Role:
    return Role(name, f"arn:aws:iam::222222222222:role{path}{name}", path, last_used_at=used)


APP = role("app")
KNOWN = Authorization(roles=(APP,))


def service(name: str, used: Any = None, **more: Any) -> dict[str, Any]:
    found = {"ServiceName": name, "ServiceNamespace": name, **more}
    return {**found, "LastAuthenticated": used} if used else found


def page(*services: dict[str, Any], status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    return {
        "JobStatus": status,
        "JobType": "ACTION_LEVEL",
        "JobCreationDate": NOW,
        "JobCompletionDate": NOW,
        "ServicesLastAccessed": list(services),
        **more,
    }


JOB = "98a765b4-3cde-2101-2345-example678f9"
LISTING = {"TrackedActionsLastAccessed": [{"ActionName": "ListAllMyBuckets"}]}
PAGES = {
    "": page(service("sqs", YESTERDAY), IsTruncated=True, Marker="m"),
    "m": page(service("s3", LONG_AGO, **LISTING), service("ec2")),
}
ANSWERS: dict[str, Any] = {
    "generate_service_last_accessed_details": {"JobId": JOB},
    "get_service_last_accessed_details": by("Marker", PAGES),
}
REPORT = ServiceReport(NOW, JOB, {"s3": LONG_AGO, "sqs": YESTERDAY}, ("ec2",), True)


def read(
    answers: dict[str, Any] | None = None,
    known: Authorization = KNOWN,
    last: ServiceReports | None = None,
    asked: Asked | None = None,
    *,
    is_checked: bool = True,
) -> ServiceReports:
    stored: dict[str, Any] = {authorization.name: known}
    if last is not None:
        stored[service_reports.name] = last
    found: ServiceReports = collect(
        service_reports,
        ANSWERS if answers is None else answers,
        settings=SETTINGS,
        stored=stored,
        asked=asked,
        is_checked=is_checked,
    )
    return found


def test_a_report_tells_what_was_called_and_what_never() -> None:
    assert read() == ServiceReports({APP.arn: REPORT})


def test_a_report_is_asked_for_action_by_action_and_page_by_page() -> None:
    asked: Asked = []
    read(asked=asked)
    (begun, first, second) = [params for _, params in asked]
    assert begun == {"Arn": APP.arn, "Granularity": "ACTION_LEVEL"}
    assert (first["JobId"], second["Marker"]) == (JOB, "m")


def test_services_unused_since_a_day_are_those_never_used_too() -> None:
    assert REPORT.unused_since(NOW - timedelta(days=90)) == ["ec2", "s3"]
    assert REPORT.allowed == 3


def test_when_buckets_were_last_listed_is_kept() -> None:
    tracked = [{"ActionName": "ListAllMyBuckets", "LastAccessedTime": YESTERDAY}]
    answers = page(service("s3", YESTERDAY, TrackedActionsLastAccessed=tracked))
    found = read({**ANSWERS, "get_service_last_accessed_details": answers}).reports[APP.arn]
    assert (found.may_list_buckets, found.listed_buckets_at) == (True, YESTERDAY)


LEFT_OUT = {
    "of AWS": role("x", "/aws-service-role/x.amazonaws.com/"),
    "the view role": role("CairnReadOnly"),
    "never used": role("x", used=None),
    "not used lately": role("x", used=LONG_AGO),
}


@pytest.mark.parametrize("left_out", LEFT_OUT.values(), ids=LEFT_OUT)
def test_some_roles_are_not_worth_a_report(left_out: Role) -> None:
    asked: Asked = []
    assert read(known=Authorization(roles=(left_out,)), asked=asked) == ServiceReports()
    assert not asked


def test_a_report_that_is_new_enough_is_not_asked_for_again() -> None:
    asked: Asked = []
    young = ServiceReports({APP.arn: replace(REPORT, reported_at=NOW - timedelta(days=6))})
    assert read(last=young, asked=asked) == young
    assert not asked


def test_a_report_that_is_too_old_is_renewed() -> None:
    old = ServiceReports({APP.arn: replace(REPORT, reported_at=NOW - timedelta(days=8))})
    assert read(last=old) == ServiceReports({APP.arn: REPORT})


def test_a_role_that_is_gone_has_no_report_any_more() -> None:
    assert read({}, Authorization(), ServiceReports({APP.arn: REPORT})) == ServiceReports()


def test_a_role_deleted_meanwhile_is_left_out() -> None:
    gone = {"generate_service_last_accessed_details": NO_ROLE}
    assert read(gone) == ServiceReports()


FAILED: dict[str, tuple[dict[str, Any], str]] = {
    "never ready": (page(status="IN_PROGRESS"), "not ready in time"),
    "failed": (
        page(status="FAILED", Error={"Message": "…", "Code": "INTERNAL"}),
        "FAILED, INTERNAL",
    ),
    "a status nobody knows": (page(status="PAUSED"), "PAUSED"),
}


@pytest.mark.parametrize(("answer", "why"), FAILED.values(), ids=FAILED)
def test_a_job_that_fails_is_told_and_the_last_report_stays(
    answer: dict[str, Any], why: str
) -> None:
    old = ServiceReports({APP.arn: replace(REPORT, reported_at=NOW - timedelta(days=8))})
    answers = {**ANSWERS, "get_service_last_accessed_details": answer}
    found = read(answers, last=old, is_checked=False)
    assert found.reports == old.reports
    assert why in found.failed[APP.arn]


def test_a_job_is_waited_for() -> None:
    left = [page(status="IN_PROGRESS"), page(status="IN_PROGRESS"), page(service("sqs"))]

    def answer(_params: dict[str, Any]) -> dict[str, Any]:
        return left.pop(0)

    found = read({**ANSWERS, "get_service_last_accessed_details": answer})
    assert found.reports[APP.arn].never == ("sqs",)


def test_more_reports_than_are_asked_for_at_once_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(access_advisor, "ASKED_AT_MOST", 1)
    other = role("other")
    both = Authorization(roles=(APP, other))
    first = read(known=both)
    assert (set(first.reports), first.waiting) == ({APP.arn}, (other.arn,))
    second = read(known=both, last=first)
    assert (set(second.reports), second.waiting) == ({APP.arn, other.arn}, ())


def test_denied_is_not_empty() -> None:
    with pytest.raises(Missing) as caught:
        read({"generate_service_last_accessed_details": Refusal()})
    assert caught.value.outcome == Outcome.ACCESS_DENIED


ONE_PAGE = page(service("s3", LONG_AGO, **LISTING))


@given(thinned({**ANSWERS, "get_service_last_accessed_details": ONE_PAGE}))
def test_answers_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    found = read(answers, is_checked=False)
    assert len(found.reports) + len(found.failed) <= 1
