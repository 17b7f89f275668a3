"""GuardDuty watches every Region of the account, and the security account runs it.

Reads the account's detectors (guardduty:GetDetector, GetAdministratorAccount), who is delegated
(ListOrganizationAdminAccounts) and what the security accounts see (ListMembers), per Region.

Where the account cannot be asked, its administrator may answer for it; not for the management
account, which does not enrol by itself in every mode, nor for the administrator, which is no
member of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, guardduty, organizations
from roadmap.readings.central import of_management, of_security
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import account_name, over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    each_region,
    failed,
    partly,
    passed,
    region_verdict,
)

# What the two sides call their relationship while it works, and while monitoring is suspended.
ENABLED = "Enabled"
SUSPENDED = "Disabled"


def judge(subject: Subject) -> Verdict:
    detectors = subject.facts.by_region(guardduty.detector)
    parts = {
        region: replace(part, incomplete=part.incomplete or _is_untold(subject, region))
        for region, part in each_region(detectors, lambda r: _in_region(subject, r)).items()
    }
    problems = [problem for part in parts.values() for problem in part.problems]
    return region_verdict(
        parts,
        over_regions(parts),
        facts={
            "regions": {region: dict(part.facts) for region, part in parts.items()},
            "auto_enable": _auto_enable(subject, list(parts)),
            "effective_policy": _effective_policy(subject),
        },
        problems=[*problems, *_of_administrators(subject, list(parts))],
    )


def _in_region(subject: Subject, region: str) -> Verdict:
    try:
        detector = subject.facts.observation(guardduty.detector, region).get()
    except Missing as missing:
        return _as_seen_by_administrator(subject, region, missing)
    facts = {
        "detector": detector.id,
        "status": detector.status,
        "administrator": detector.administrator,
        "relationship": detector.relationship,
        "features": {
            f.name: f"{f.status} by {f.managed_by}" if f.managed_by else f.status
            for f in detector.features
        },
    }
    problems = list(_of_detector(subject, region, detector))
    if not detector.is_enabled:
        state = "has no detector" if not detector.id else "is disabled"
        off = f"GuardDuty {state}"
        return failed(off, "no detector, or disabled", facts=facts, problems=problems)
    gap = _gap(subject, region, detector)
    if gap:
        arn = _arn(subject, region, detector.id)
        problems.append(Problem("guardduty_not_central", arn, region=region, detail=gap))
        sentence = f"GuardDuty is on, but {gap}"
        return partly(sentence, "enabled, not central", facts=facts, problems=problems)
    runner = detector.administrator or subject.account.account_id
    sentence = f"GuardDuty is on, run from {account_name(subject, runner)}"
    return passed(sentence, "enabled and central", facts=facts, problems=problems)


def _gap(subject: Subject, region: str, detector: guardduty.Detector) -> str:
    """Why the detector is not run from the security account; empty if it is. Raises Missing."""
    own = subject.account.account_id
    is_administered = bool(detector.administrator) and detector.relationship == ENABLED
    if detector.administrator and not is_administered:
        return f"its administrator {detector.administrator} shows it as {detector.relationship}"
    if not detector.administrator and own not in subject.settings["SECURITY_ACCOUNTS"]:
        return "no account administers it"
    runner = detector.administrator or own
    if runner == subject.account.management_account_id:
        return "the management account administers it"
    if runner not in subject.settings["SECURITY_ACCOUNTS"]:
        return f"its administrator {account_name(subject, runner)} is no security account"
    if runner not in _delegated(subject, region):
        return f"{account_name(subject, runner)} is not the delegated administrator"
    return ""


def _delegated(subject: Subject, region: str) -> set[str]:
    """Delegated administrators of the Region. Raises Missing when nobody told.

    Only a delegated administrator is told the organization's configuration, so having been told
    proves it where the management account could not be asked.
    """
    try:
        administrators = of_management(subject, guardduty.delegated_administrators, region)
        return set(administrators or ())
    except Missing:
        seen = of_security(subject, guardduty.administration, region)
        told = {
            owner
            for owner, observation in seen.items()
            if observation.outcome == Outcome.COLLECTED
            and observation.get().is_delegated_administrator
        }
        if not told:
            raise
        return told


def _as_seen_by_administrator(subject: Subject, region: str, missing: Missing) -> Verdict:
    if subject.account.is_management:
        raise missing
    for owner, observation in of_security(subject, guardduty.administration, region).items():
        if observation.outcome != Outcome.COLLECTED:
            continue
        member = observation.get().member(subject.account.account_id)
        if member is None or owner not in _delegated(subject, region):
            continue
        verdict = _of_member(region, member, account_name(subject, owner))
        if verdict is not None:
            return verdict
    raise missing


def _of_member(region: str, member: guardduty.Member, administrator: str) -> Verdict | None:
    """None for a relationship that says neither on nor off, such as an open invitation."""
    facts = {"administrator": administrator, "relationship": member.relationship}
    if member.relationship == ENABLED:
        off = [Problem("guardduty_s3_off", region=region)]
        return passed(
            f"GuardDuty is on, says its administrator {administrator}",
            "enabled, seen by the administrator",
            facts=facts,
            problems=off if member.has_s3_protection is False else [],
            incomplete=member.has_s3_protection is None,
        )
    if member.relationship == SUSPENDED:
        return failed(
            f"GuardDuty is suspended, says its administrator {administrator}",
            "suspended, seen by the administrator",
            facts=facts,
            problems=[Problem("guardduty_suspended_member", region=region)],
        )
    return None


def _of_detector(subject: Subject, region: str, detector: guardduty.Detector) -> Iterator[Problem]:
    arn = _arn(subject, region, detector.id)
    if detector.relationship == SUSPENDED:
        by = f"Suspended by {detector.administrator}."
        yield Problem("guardduty_suspended_member", arn, region=region, detail=by)
    if not detector.is_enabled:
        yield Problem("guardduty_off", arn, region=region)
    elif not detector.has_s3_protection:
        yield Problem("guardduty_s3_off", arn, region=region)


def _administrations(
    subject: Subject, regions: list[str]
) -> Iterator[tuple[str, str, guardduty.Administration]]:
    """Region, security account, and how it runs GuardDuty for everyone, as far as it was seen."""
    for region in regions:
        seen = of_security(subject, guardduty.administration, region)
        for owner, observation in seen.items():
            if observation.outcome == Outcome.COLLECTED:
                yield region, owner, observation.get()


def _is_untold(subject: Subject, region: str) -> bool:
    """Whether nobody could look at how GuardDuty is run for everyone."""
    seen = of_security(subject, guardduty.administration, region)
    try:
        runners = seen.keys() & _delegated(subject, region)
    except Missing:
        runners = set(seen)
    return any(seen[one].outcome not in (Outcome.COLLECTED, *NOTHING_THERE) for one in runners)


def _of_administrators(subject: Subject, regions: list[str]) -> Iterator[Problem]:
    """What is wrong with how the security accounts run GuardDuty for everyone."""
    for region, owner, run in _administrations(subject, regions):
        arn = _arn(subject, region, run.detector_id, owner)
        if run.auto_enable == "NONE":
            yield Problem("guardduty_autoenable_off", arn, region=region, organization=True)
        if run.is_member_limit_reached:
            yield Problem("guardduty_member_limit", arn, region=region, organization=True)


def _auto_enable(subject: Subject, regions: list[str]) -> dict[str, dict[str, str]]:
    """Region → delegated administrator → ALL, NEW or NONE."""
    modes: dict[str, dict[str, str]] = {}
    for region, owner, run in _administrations(subject, regions):
        if run.auto_enable:
            modes.setdefault(region, {})[owner] = run.auto_enable
    return modes


def _arn(subject: Subject, region: str, detector_id: str, account_id: str = "") -> str:
    """Empty, which means the account itself, where there is no detector."""
    if not detector_id:
        return ""
    account_id = account_id or subject.account.account_id
    return f"arn:{subject.account.partition}:guardduty:{region}:{account_id}:detector/{detector_id}"


def _effective_policy(subject: Subject) -> Any:
    """The organization's GuardDuty policy as it reaches the account. It decides nothing."""
    try:
        policies = subject.facts.get(organizations.effective_policies)
        return policies.content(organizations.GUARDDUTY_POLICY)
    except Missing:
        return None


item = Item(
    __name__,
    order="3.1.2",
    title="GuardDuty on, run from the security account",
    guidance=(
        "GuardDuty reads the account's logs for signs of an intruder, Region by Region, also where "
        "nothing is supposed to run. The security account is its delegated administrator in each "
        "Region, so that findings arrive in one place and members cannot turn it off. The "
        "management account does not always enrol by itself: look at it separately."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        guardduty.detector,
        guardduty.administration,
        guardduty.delegated_administrators,
        organizations.effective_policies,
        account.regions,
    ),
    findings={
        "guardduty_off": FindingKind("GuardDuty off", Severity.HIGH),
        "guardduty_not_central": FindingKind("GuardDuty not run centrally", Severity.MEDIUM),
        "guardduty_autoenable_off": FindingKind("GuardDuty not enabled by itself", Severity.MEDIUM),
        "guardduty_member_limit": FindingKind("GuardDuty member limit reached", Severity.MEDIUM),
        "guardduty_s3_off": FindingKind("GuardDuty S3 protection off", Severity.LOW),
        "guardduty_suspended_member": FindingKind("GuardDuty member suspended", Severity.HIGH),
    },
    parent="visibility.threat_services",
    imports={
        "prowler": (
            "guardduty_is_enabled",
            "guardduty_centrally_managed",
            "guardduty_delegated_admin_enabled_all_regions",
            "guardduty_s3_protection_enabled",
        ),
        "securityhub": ("GuardDuty.1", "GuardDuty.10"),
        "cloudmapper": ("GUARDDUTY_OFF",),
    },
    fix=Fix(
        "From the management account, delegate GuardDuty to the security account in every Region; "
        "there, have all members enabled automatically.",
        "Managing GuardDuty accounts with AWS Organizations",
    ),
    source_url="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
)
