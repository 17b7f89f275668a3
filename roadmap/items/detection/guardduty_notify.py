"""A serious GuardDuty finding reaches somebody from every Region in which GuardDuty runs.

Reads the account's detectors, the event rules of the account and of the account that administers
its GuardDuty (events:TestEventPattern says which match), and Security Hub's finding aggregators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collectors.outcomes import Missing
from collectors.services import account, events, guardduty, securityhub
from roadmap.readings.hearing import Heard, Hearing, Way
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.sentences import over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    region_verdict,
)


def judge(subject: Subject) -> Verdict:
    detectors = subject.facts.by_region(guardduty.detector)
    parts = each_region(detectors, lambda region: _in_region(subject, region))
    facts = {"regions": {region: dict(part.facts) for region, part in parts.items()}}
    problems = [problem for part in parts.values() for problem in part.problems]
    if _is_off_everywhere(parts.values()):
        return failed(
            "GuardDuty is off in every Region, so nobody hears of anything.",
            "GuardDuty off everywhere",
            facts=facts,
            problems=[Problem("guardduty_unheard")],
            regions=parts,
        )
    return region_verdict(parts, over_regions(parts), facts=facts, problems=problems)


def _is_off_everywhere(parts: Iterable[Verdict]) -> bool:
    reasons = {part.reason for part in parts if part.reason != Reason.SERVICE_UNAVAILABLE}
    return reasons == {Reason.NO_RESOURCES}


def _in_region(subject: Subject, region: str) -> Verdict:
    detector = subject.facts.observation(guardduty.detector, region).get()
    if not detector.is_enabled:
        return not_applicable(Reason.NO_RESOURCES, "GuardDuty is off", "GuardDuty off")
    row = subject.account
    arn = f"arn:{row.partition}:guardduty:{region}:{row.account_id}:detector/{detector.id}"
    if subject.is_excepted(arn):
        return not_applicable(Reason.EXCEPTION, "The detector is excepted", "detector excepted")
    return _Region(Hearing(subject, region, detector), arn).verdict()


@dataclass(frozen=True)
class _Region:
    """The account in one Region where GuardDuty is on; ``arn`` is its detector's."""

    hearing: Hearing
    arn: str

    @property
    def subject(self) -> Subject:
        return self.hearing.subject

    @property
    def lowest(self) -> float:
        """The severity of the least finding that somebody must hear of."""
        least: float = self.subject.settings["GUARDDUTY_MIN_SEVERITY"]
        return least

    def verdict(self) -> Verdict:
        """Any of the ways to pass will do; where one could not be looked at, nothing less than a
        pass is certain. Raises Missing."""
        missing: Missing | None = None
        severe = least = None
        try:
            severe = self.hearing.central(events.SEVERE)
            least = self.hearing.central(self.lowest)
        except Missing as caught:
            missing = caught
        if severe and least:
            return self._heard(severe)
        attested = self._by_answer()
        if attested is not None:
            return attested
        if missing is not None:
            raise missing
        return self._severe_only(severe) if severe else self._local()

    def _heard(self, heard: Heard) -> Verdict:
        facts = {"central": [heard.kept]}
        named = heard.named(self.subject)
        if heard.post.way == Way.BY_GUARDDUTY:
            said = f"Findings are heard of through {named}"
            return passed(said, "rule in the security account", facts=facts)
        if heard.post.way == Way.PASSED_ON:
            said = f"Findings are passed on to a security account through {named}"
            return passed(said, "passed on to the security account", facts=facts)
        said = f"Security Hub gathers findings in {heard.post.rules.region} for {named}"
        return passed(said, "findings aggregated to a Region with a rule", facts=facts)

    def _by_answer(self) -> Verdict | None:
        answer = self.subject.attested()
        if answer is None or answer.claim != "done" or not answer.holds(self.subject.now):
            return None
        system = answer.details.get("system") or "A monitoring system"
        return passed(
            f"{system} fetches the findings, says {answer.author or 'an answer'}",
            "findings pulled, attested",
            facts={"attestation": answer.pk, "url": answer.url},
            source=Source.ATTESTED,
        )

    def _severe_only(self, severe: Heard) -> Verdict:
        return partly(
            f"Severe findings are heard of through {severe.named(self.subject)}, those of "
            f"severity {self.lowest:g} are not",
            "severe findings only",
            facts={"central": [severe.kept]},
            problems=[self._low],
        )

    def _local(self) -> Verdict:
        local = self.hearing.local(events.SEVERE)
        if local is None:
            return failed(
                f"No rule with a target hears of GuardDuty's findings of severity {events.SEVERE}",
                "nothing matches",
                facts={"listeners": sorted(self.hearing.listeners)},
                problems=[Problem("guardduty_unheard", self.arn, region=self.hearing.region)],
            )
        return partly(
            f"Only a rule of the account itself hears of findings: {local.rule.name}",
            "local rule only",
            facts={"local": [local.kept]},
            problems=[] if self.hearing.local(self.lowest) else [self._low],
        )

    @property
    def _low(self) -> Problem:
        return Problem("guardduty_low_filtered", self.arn, region=self.hearing.region)


item = Item(
    __name__,
    order="4.2.1",
    title="GuardDuty alerts reach people",
    guidance=(
        "GuardDuty tells EventBridge of its findings in the Region where they arise, and no "
        "further by itself. A rule with a target must catch them in each Region, or Security Hub "
        "must carry them to one Region where a rule does."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(
        guardduty.detector,
        events.rules,
        events.security_rules,
        securityhub.aggregators,
        account.regions,
    ),
    findings={
        "guardduty_unheard": FindingKind("GuardDuty findings reach nobody", Severity.HIGH),
        "guardduty_low_filtered": FindingKind(
            "GuardDuty findings of lower severity left out", Severity.INFO
        ),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Does a monitoring or ticket system fetch the findings of all accounts and "
                "Regions, and when was that tested?"
            ),
            days_setting="ALERT_TEST_DAYS",
            details=(
                Detail("system", "System that fetches the findings", required=True),
                Detail("test_url", "Link to the last test", DetailKind.URL, required=True),
            ),
        ),
    ),
    parent="detection.investigation",
    fix=Fix(
        (
            "Put the same finding rule into every Region of the security account, or aggregate "
            "findings to one Region."
        ),
        "Processing GuardDuty findings with Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
