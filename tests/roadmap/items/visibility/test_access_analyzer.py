"""The organization's analyzer looks over every Region from the security account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import accessanalyzer, account
from collectors.services.accessanalyzer import Analyzer
from roadmap.items.visibility.access_analyzer import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import LOGS, MANAGEMENT, SECURITY, row, standalone
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

CENTRAL = Analyzer("arn:central", "central", "ORGANIZATION", "ACTIVE", active_findings=3)
UNUSED = Analyzer("arn:unused", "unused", "ORGANIZATION_UNUSED_ACCESS", "ACTIVE")
OWN = Analyzer("arn:own", "own", "ACCOUNT", "ACTIVE")
FAILED = replace(CENTRAL, status="FAILED", status_reason="ORGANIZATION_DELETED")

Facts = dict[tuple[Any, ...], Any]


def seen(
    security: Any = (), management: Any = (), own: Any = (), more: Facts | None = None, **rest: Any
) -> Subject:
    about = rest.pop("account", row())
    values: Facts = {
        **everywhere(SECURITY, accessanalyzer.security_analyzers, security),
        **everywhere(LOGS, accessanalyzer.security_analyzers, ()),
        **everywhere(MANAGEMENT, accessanalyzer.management_analyzers, management),
        **everywhere(about.account_id, accessanalyzer.analyzers, own),
    }
    return central_subject(values | (more or {}), account=about, **rest)


CASES = {
    "central": (seen((CENTRAL, UNUSED)), Status.PASS, set()),
    "central, nothing about unused access": (
        seen((CENTRAL,)),
        Status.PASS,
        {"unused_access_analyzer_missing"},
    ),
    "central, and a disabled one of its own": (
        seen((CENTRAL, UNUSED), own=(replace(OWN, status="DISABLED"),)),
        Status.PASS,
        {"analyzer_inactive"},
    ),
    "from the management account": (
        seen((UNUSED,), (CENTRAL,)),
        Status.PARTIAL,
        {"analyzer_not_central"},
    ),
    "only its own": (seen((UNUSED,), own=(OWN,)), Status.PARTIAL, {"analyzer_not_central"}),
    "central one failed, its own runs": (
        seen((FAILED, UNUSED), own=(OWN,)),
        Status.PARTIAL,
        {"analyzer_inactive", "analyzer_not_central"},
    ),
    "central one failed": (
        seen((FAILED, UNUSED)),
        Status.FAIL,
        {"analyzer_inactive", "analyzer_missing"},
    ),
    "only unused access": (seen((UNUSED,)), Status.FAIL, {"analyzer_missing"}),
    "a type nobody knows": (
        seen((replace(CENTRAL, type="GALAXY"), UNUSED)),
        Status.FAIL,
        {"analyzer_missing"},
    ),
    "none": (seen(), Status.FAIL, {"analyzer_missing", "unused_access_analyzer_missing"}),
}


@pytest.mark.parametrize(("subject", "status", "codes"), CASES.values(), ids=CASES)
def test_analyzers_decide(subject: Subject, status: Status, codes: set[str]) -> None:
    verdict = judge(subject)
    assert verdict.status == status
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_a_central_analyzer_is_the_organizations_evidence() -> None:
    verdict = judge(seen((CENTRAL,)))
    assert verdict.source == Source.INHERITED
    assert f"{SECURITY} (Audit)" in verdict.sentence


def test_a_central_analyzer_needs_no_answer_of_the_account() -> None:
    assert judge(seen((CENTRAL,), own=Outcome.ASSUME_ROLE_DENIED)).status == Status.PASS


def test_an_analyzer_of_an_account_that_is_no_security_account_is_not_central() -> None:
    subject = seen((CENTRAL,), settings={"SECURITY_ACCOUNTS": {LOGS: ["log_archive"]}})
    assert judge(subject).status == Status.FAIL


def test_one_region_without_an_analyzer_is_partial() -> None:
    empty: Facts = {(SECURITY, accessanalyzer.security_analyzers, OTHER): ()}
    verdict = judge(seen((CENTRAL,), more=empty))
    assert verdict.status == Status.PARTIAL
    assert [p.region for p in verdict.problems if p.code == "analyzer_missing"] == [OTHER]


def test_the_reason_why_an_analyzer_stopped_is_told() -> None:
    found = [p for p in judge(seen((FAILED,))).problems if p.code == "analyzer_inactive"]
    assert {(p.detail, p.organization, p.region) for p in found} == {
        ("FAILED ORGANIZATION_DELETED", True, HOME),
        ("FAILED ORGANIZATION_DELETED", True, OTHER),
    }


UNSEEN = {
    "security account": seen(Outcome.THROTTLED, own=(OWN,)),
    "management account": seen(management=Outcome.THROTTLED, own=(OWN,)),
    "account": seen(own=Outcome.THROTTLED),
}


@pytest.mark.parametrize("subject", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_saw_is_unknown_with_the_reason(subject: Subject) -> None:
    verdict = judge(subject)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.THROTTLED)


def test_absence_is_only_reported_where_everything_was_seen() -> None:
    problems = judge(seen((CENTRAL,), management=Outcome.ACCESS_DENIED)).problems
    assert not problems


HALF_SEEN: dict[str, tuple[Subject, bool]] = {
    "everything": (seen((CENTRAL, UNUSED)), False),
    "not its own": (seen((CENTRAL, UNUSED), own=Outcome.ACCESS_DENIED), True),
    "not the other security account's": (
        seen(
            (CENTRAL, UNUSED),
            more=everywhere(LOGS, accessanalyzer.security_analyzers, Outcome.ACCESS_DENIED),
        ),
        True,
    ),
    "not the management account's": (
        seen((CENTRAL,), management=Outcome.ACCESS_DENIED), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "is_incomplete"), HALF_SEEN.values(), ids=HALF_SEEN)
def test_a_pass_that_did_not_see_all_analyzers_resolves_nothing(
    subject: Subject, is_incomplete: bool
) -> None:
    verdict = judge(subject)
    assert (verdict.status, verdict.incomplete) == (Status.PASS, is_incomplete)


def test_a_region_the_security_account_may_not_look_at_is_unknown() -> None:
    verdict = judge(seen(Outcome.REGION_BLOCKED, own=(OWN,)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.REGION_UNREACHABLE)


def without(*accounts: str) -> Facts:
    """These accounts have not enabled the second Region, so nothing of it is collected there."""
    few = account.Regions(enabled=(HOME,))
    collectors = {
        SECURITY: accessanalyzer.security_analyzers,
        LOGS: accessanalyzer.security_analyzers,
        MANAGEMENT: accessanalyzer.management_analyzers,
    }
    absent: Facts = {(about, account.regions): few for about in accounts}
    return absent | {
        (about, collectors[about], OTHER): Outcome.NEVER_COLLECTED for about in accounts
    }


def test_nothing_runs_from_where_the_region_is_not_enabled() -> None:
    nowhere = without(SECURITY, LOGS, MANAGEMENT)
    verdict = judge(seen((CENTRAL, UNUSED), more=nowhere))
    assert verdict.regions[OTHER].status == Status.FAIL
    verdict = judge(seen((CENTRAL, UNUSED), own=(OWN,), more=nowhere))
    assert verdict.regions[OTHER].status == Status.PARTIAL


def test_a_region_that_was_enabled_and_never_looked_at_is_unknown() -> None:
    unseen = without(SECURITY) | {(SECURITY, account.regions): account.Regions((HOME, OTHER))}
    assert judge(seen((CENTRAL,), more=unseen)).regions[OTHER].status == Status.UNKNOWN


def test_outside_any_organization_its_own_analyzer_counts_in_part() -> None:
    assert judge(seen(own=(OWN,), account=standalone())).status == Status.PARTIAL
