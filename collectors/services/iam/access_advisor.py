"""AWS Identity and Access Management: which of the services that a role may call it did call.

AWS prepares a report for each role, and tells of it only the session that asked for it. Reports are
renewed every ROLE_SERVICES_REFRESH_DAYS, so a run asks for few of them.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.iam.authorization import Role, authorization

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GENERATE_DETAILS = Operation(
    "iam", "generate_service_last_accessed_details", "iam:GenerateServiceLastAccessedDetails"
)
GET_DETAILS = Operation(
    "iam", "get_service_last_accessed_details", "iam:GetServiceLastAccessedDetails"
)

NAME = "iam.service_reports"
NO_SUCH_ROLE = ("NoSuchEntity",)
IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
PAGE_SIZE = 1000
# So many reports are asked for in one go; the others are by later runs.
ASKED_AT_MOST = 200
LIST_BUCKETS = "listallmybuckets"


@dataclass(frozen=True)
class ServiceReport:
    """Of the services that a role may call: when it last called each, and those it never did
    within the time AWS remembers, by prefix. ``may_list_buckets`` where AWS tracks whether it
    lists all buckets."""

    reported_at: datetime
    job_id: str = ""
    used: Mapping[str, datetime] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    may_list_buckets: bool = False
    listed_buckets_at: datetime | None = None

    @property
    def allowed(self) -> int:
        return len(self.used) + len(self.never)

    def unused_since(self, oldest: datetime) -> list[str]:
        """Services not called since then."""
        return sorted([*self.never, *(name for name, at in self.used.items() if at < oldest)])


@dataclass(frozen=True)
class ServiceReports:
    """By role ARN. ``failed`` says of roles why there is no newer report; ``waiting`` have not been
    asked about yet."""

    reports: Mapping[str, ServiceReport] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()


def fetch_service_reports(aws: Aws) -> Answer:
    arns = [role.arn for role in aws.fact(authorization).roles if _is_worth_asking(aws, role)]
    last = aws.last(service_reports) or ServiceReports()
    known = {arn: last.reports[arn] for arn in arns if arn in last.reports}
    oldest = aws.now - timedelta(days=aws.settings["ROLE_SERVICES_REFRESH_DAYS"])
    due = sorted(
        (arn for arn in arns if arn not in known or known[arn].reported_at < oldest),
        key=lambda arn: (arn in known, known[arn].reported_at if arn in known else aws.now, arn),
    )
    session = aws.in_one_session if due else aws
    jobs = {arn: job for arn in due[:ASKED_AT_MOST] if (job := _begin(session, arn)) is not None}
    ready = session.all_ready({arn: _asking(session, job) for arn, job in jobs.items()})
    return {
        "now": aws.now,
        "known": known,
        "jobs": jobs,
        "ready": ready,
        "waiting": [arn for arn in due[ASKED_AT_MOST:] if arn not in known],
    }


def _is_worth_asking(aws: Aws, role: Role) -> bool:
    """Roles of the account's own that are in use."""
    oldest = aws.now - timedelta(days=aws.settings["UNUSED_ROLE_DAYS"])
    is_used = role.last_used_at is not None and role.last_used_at >= oldest
    return is_used and not role.is_of_aws and role.name not in aws.settings["SECURITY_ROLE_NAMES"]


def _begin(aws: Aws, arn: str) -> str | None:
    """The job's id; None for a role that is no longer there."""
    answer = aws.call(GENERATE_DETAILS, absent=NO_SUCH_ROLE, Arn=arn, Granularity="ACTION_LEVEL")
    return (answer or {}).get("JobId") or None


def _asking(aws: Aws, job: str) -> Callable[[], list[Answer] | None]:
    """Asks for all pages of a report, None while it is in the making."""

    def ask() -> list[Answer] | None:
        page = _page(aws, job)
        if page.get("JobStatus") == IN_PROGRESS:
            return None
        pages = [page]
        while page.get("IsTruncated") and page.get("Marker"):
            page = _page(aws, job, Marker=page["Marker"])
            pages.append(page)
        return pages

    return ask


def _page(aws: Aws, job: str, **more: Any) -> Answer:
    return aws.call(GET_DETAILS, JobId=job, MaxItems=PAGE_SIZE, **more) or {}


def transform_service_reports(answer: Answer) -> ServiceReports:
    reports = dict(answer["known"])
    failed: dict[str, str] = {}
    for arn, job in answer["jobs"].items():
        pages = answer["ready"].get(arn)
        if pages is None:
            failed[arn] = "The report was not ready in time."
        elif pages[0].get("JobStatus") != COMPLETED:
            failed[arn] = f"AWS made no report: {_why(pages[0])}."
        else:
            reports[arn] = _report(job, pages, answer["now"])
    return ServiceReports(
        dict(sorted(reports.items())), dict(sorted(failed.items())), tuple(answer["waiting"])
    )


def _why(page: Answer) -> str:
    code = (page.get("Error") or {}).get("Code")
    return f"{page.get('JobStatus') or 'no status'}{f', {code}' if code else ''}"


def _report(job: str, pages: Iterable[Answer], now: datetime) -> ServiceReport:
    known = list(pages)
    services = [
        one
        for page in known
        for one in page.get("ServicesLastAccessed") or ()
        if one.get("ServiceNamespace")
    ]
    used = {
        one["ServiceNamespace"]: one["LastAuthenticated"]
        for one in services
        if one.get("LastAuthenticated")
    }
    listing = [action for one in services for action in _bucket_listing(one)]
    return ServiceReport(
        reported_at=known[0].get("JobCompletionDate") or now,
        job_id=job,
        used=dict(sorted(used.items())),
        never=tuple(sorted({one["ServiceNamespace"] for one in services} - used.keys())),
        may_list_buckets=bool(listing),
        listed_buckets_at=next(
            (at for one in listing if (at := one.get("LastAccessedTime"))), None
        ),
    )


def _bucket_listing(service: Answer) -> Iterator[Answer]:
    if service["ServiceNamespace"] == "s3":
        for action in service.get("TrackedActionsLastAccessed") or ():
            if (action.get("ActionName") or "").lower() == LIST_BUCKETS:
                yield action


service_reports = Collector(
    NAME,
    ServiceReports,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GENERATE_DETAILS, GET_DETAILS),
    fetch_service_reports,
    transform_service_reports,
    phase=Phase.BUILT_ON_OTHERS,
    builds_on=(authorization.name, NAME),
)
