"""Roles may call the services they really use, and no compute role is an administrator.

Reads iam:GetAccountAuthorizationDetails for what roles may do, and Access Advisor's reports
(iam:GetServiceLastAccessedDetails) for what they did. Access Advisor knows nothing of service
control policies and boundaries, counts refused calls, and is some hours behind. Where there is no
report of a role, the organization's analyzer may tell that it has unused permissions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import accessanalyzer, iam
from collectors.services.iam import Authorization, Role, ServiceReport
from roadmap.readings.analyzers import unused_permissions
from roadmap.readings.iam_access import Grant, administrator
from roadmap.readings.iam_roles import in_use
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed, number
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    unknown,
    unknown_for,
)

# Percent of roles of which no report may be missing.
MISSING_AT_MOST = 20


@dataclass(frozen=True)
class _Judged:
    """``unused`` are services the role may call and did not, None where there is no report;
    ``has_unused`` is what the analyzer says then. ``is_read`` where AWS told all its policies."""

    role: Role
    compute: str
    grant: Grant | None
    report: ServiceReport | None
    unused: Sequence[str] | None
    has_too_many: bool
    has_unused: bool
    is_read: bool

    @property
    def is_seen(self) -> bool:
        return self.report is not None and self.is_read

    @property
    def is_bad(self) -> bool:
        is_by_analyzer = self.report is None and self.has_unused
        return self.grant is not None or self.has_too_many or is_by_analyzer

    @property
    def is_good(self) -> bool:
        return self.is_seen and not self.is_bad


def judge(subject: Subject) -> Verdict:
    known = subject.facts.get(iam.authorization)
    _require_read(subject, known)
    roles = in_use(subject, known.roles).roles
    reports, missing = _reports(subject)
    analyzed = unused_permissions(subject)
    judged = [_judged(subject, known, role, reports, analyzed) for role in roles]
    more: dict[str, Any] = {
        "facts": {"roles": [_kept(one) for one in judged]},
        "problems": [problem for one in judged for problem in _problems(subject, one)],
        "incomplete": not all(one.is_seen for one in judged),
    }
    if not judged:
        sentence = "No role of the account's own is old enough and in use."
        return not_applicable(Reason.NO_RESOURCES, sentence, "no eligible role", **more)
    strong = [one for one in judged if one.grant and one.compute]
    if strong:
        names = listed(f"{one.role.name} (for {one.compute}, {one.grant})" for one in strong)
        sentence = f"Administrator on compute: {names}."
        return failed(sentence, "administrator on compute", **more)
    return _by_share(subject, judged, missing, more)


def _require_read(subject: Subject, known: Authorization) -> None:
    """Of AWS's own policies, what makes an administrator by a setting changed since was not kept.
    Raises Missing."""
    wanted = {one.partition(":")[0].lower() for one in subject.settings["NEAR_ADMIN_ACTIONS"]}
    if wanted - set(known.services):
        message = "Actions of an administrator were declared later than policies were last read."
        raise Missing(Outcome.NEVER_COLLECTED, message)


def _by_share(
    subject: Subject,
    judged: Sequence[_Judged],
    missing: Missing | None,
    more: Mapping[str, Any],
) -> Verdict:
    """A role of which not enough is known does not count as good; too many of them leave it
    unknown, unless it fails whatever they hold."""
    settings, total = subject.settings, len(judged)
    limits = (settings["ROLE_PASS_PCT"], settings["ROLE_PARTIAL_PCT"])
    dark = [one for one in judged if not one.is_good and not one.is_bad]
    good = sum(one.is_good for one in judged)
    if ratio(good + len(dark), total, *limits) != Status.FAIL:
        if dark and missing is not None:
            return unknown_for(missing, rule="no reports", **more)
        if 100 * len(dark) / total > MISSING_AT_MOST:
            is_read = all(one.is_read for one in dark)
            reason = Reason.JOB_TIMEOUT if is_read else Reason.UNDETERMINED
            names = listed(one.role.name for one in dark)
            what = "made no report of" if is_read else "made no report or told no policy of"
            sentence = f"AWS {what} {len(dark)} of {number(total, 'role')}: {names}."
            return unknown(reason, sentence, "too few reports", **more)
    share = ratio(good, total, *limits)
    sentence = _sentence(judged, [one.role.name for one in dark])
    if share == Status.PASS:
        return passed(sentence, "roles hold what they use", **more)
    if share == Status.PARTIAL:
        return partly(sentence, "some roles hold too much", **more)
    return failed(sentence, "many roles hold too much", **more)


def _sentence(judged: Sequence[_Judged], dark: Sequence[str]) -> str:
    bad = [one.role.name for one in judged if one.is_bad]
    total = number(len(judged), "role")
    if bad:
        said = f"{len(bad)} of {total} may do much more than they do: {listed(bad)}."
    elif dark:
        said = f"Of {total} none is known to hold much more than it uses."
    else:
        who = "Its only role holds" if len(judged) == 1 else f"All {total} hold"
        said = f"{who} about the services in use."
    return f"{said} Of {listed(dark)} not enough is known." if dark else said


def _reports(subject: Subject) -> tuple[Mapping[str, ServiceReport], Missing | None]:
    """Reports by role ARN; those that should long have been renewed are left out."""
    days = subject.settings["ROLE_SERVICES_REFRESH_DAYS"]
    oldest = subject.now - timedelta(days=2 * days)
    try:
        found = subject.facts.get(iam.service_reports).reports
    except Missing as missing:
        return {}, missing
    return {arn: one for arn, one in found.items() if one.reported_at >= oldest}, None


def _judged(
    subject: Subject,
    known: Authorization,
    role: Role,
    reports: Mapping[str, ServiceReport],
    analyzed: frozenset[str],
) -> _Judged:
    report = reports.get(role.arn)
    oldest = subject.now - timedelta(days=subject.settings["ROLE_SERVICE_DAYS"])
    unused = report.unused_since(oldest) if report else None
    return _Judged(
        role,
        _compute(subject, role),
        administrator(known, role, subject.settings["NEAR_ADMIN_ACTIONS"]),
        report,
        unused,
        len(unused or ()) > subject.settings["ROLE_UNUSED_SERVICES_MAX"],
        role.arn in analyzed,
        all(policy.document for policy in known.policies_of(role)),
    )


def _compute(subject: Subject, role: Role) -> str:
    """The service that runs the company's code with the role, if any; in China some services go
    by a name of their own."""
    services = {
        principal.removeprefix("Service:").removesuffix(".cn")
        for trust in role.trusts
        for principal in trust.principals
        if principal.startswith("Service:")
    }
    return next((one for one in subject.settings["COMPUTE_PRINCIPALS"] if one in services), "")


def _kept(one: _Judged) -> dict[str, Any]:
    report = one.report
    return {
        "arn": one.role.arn,
        "compute": one.compute,
        "administrator": str(one.grant) if one.grant else "",
        "statement": one.grant.index if one.grant else None,
        "allowed": report.allowed if report else None,
        "unused": list(one.unused) if one.unused is not None else None,
        "last_used_on": {name: f"{at:%Y-%m-%d}" for name, at in report.used.items()}
        if report and one.has_too_many
        else {},
        "job": report.job_id if report else "",
        "reported_on": f"{report.reported_at:%Y-%m-%d}" if report else None,
    }


def _problems(subject: Subject, one: _Judged) -> Iterator[Problem]:
    arn, name = one.role.arn, one.role.name
    if one.grant is not None:
        code = "admin_on_compute" if one.compute else "admin_role"
        yield Problem(code, arn, name, detail=f"It may do {one.grant}.")
    if one.has_too_many and one.unused:
        yield Problem("unused_services", arn, name, detail=f"{listed(one.unused, 20)}.")
    if one.report is None and one.has_unused:
        detail = "Access Analyzer finds permissions that it does not use."
        yield Problem("unused_services", arn, name, detail=detail)
    oldest = subject.now - timedelta(days=subject.settings["ROLE_SERVICE_DAYS"])
    if one.report is not None and one.report.may_list_buckets:
        listed_at = one.report.listed_buckets_at
        if listed_at is None or listed_at < oldest:
            yield Problem("list_all_buckets_unused", arn, name)


item = Item(
    __name__,
    order="5.4",
    title="Roles hold only services they use",
    guidance=(
        "Access Advisor shows for every role which services it may call and which it ever did; "
        "the difference is a gift to whoever steals its credentials. Roles of instances, "
        "functions and containers come first, since their keys can be taken from outside."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(iam.authorization, iam.service_reports, accessanalyzer.unused_access),
    findings={
        "admin_on_compute": FindingKind("Compute role is an administrator", Severity.CRITICAL),
        "admin_role": FindingKind("Role is an administrator", Severity.HIGH),
        "unused_services": FindingKind("Role may call services it does not use", Severity.MEDIUM),
        "list_all_buckets_unused": FindingKind(
            "Role may list all buckets and does not", Severity.LOW
        ),
    },
    imports={
        "prowler": (
            "iam_role_administratoraccess_policy",
            "ec2_instance_internet_facing_with_instance_profile",
        ),
        "scoutsuite": ("iam-managed-policy-allows-full-privileges",),
        "cloudmapper": ("IAM_UNEXPECTED_ADMIN_PRINCIPAL",),
    },
    fix=Fix(
        "Cut each role to the services it uses, compute roles first.",
        "Refine permissions in AWS using last accessed information",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
)
