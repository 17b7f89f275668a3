"""A serious GuardDuty finding reaches somebody from every Region in which GuardDuty runs.

Reads the account's detectors, the event rules of the account and of the account that administers
its GuardDuty (events:TestEventPattern says which match), and Security Hub's finding aggregators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, events, guardduty, securityhub
from collectors.services.events import Rule, Rules
from roadmap.readings.central import of_security
from roadmap.readings.event_routes import Routes, Target, tested
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
from roadmap.sentences import account_name, listed, over_regions
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

# What GuardDuty calls the relationship with the administrator while it works.
ENABLED = "Enabled"


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
    return _Region(subject, region, detector, arn).verdict()


@dataclass(frozen=True)
class Heard:
    """A rule that hears of findings, the account it is in, and where it sends them."""

    rule: Rule
    owner: str
    ends: tuple[Target, ...]

    def named(self, subject: Subject) -> str:
        kinds = listed(sorted({one.kind.value for one in self.ends}))
        return f"rule {self.rule.name} of {account_name(subject, self.owner)} (to: {kinds})"

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule.arn,
            "state": self.rule.state,
            "account": self.owner,
            "targets": list(self.rule.targets),
        }


@dataclass(frozen=True)
class _Region:
    """The account in one Region where GuardDuty is on."""

    subject: Subject
    name: str
    detector: guardduty.Detector
    arn: str

    def verdict(self) -> Verdict:
        """Any of the ways to pass will do; where one could not be looked at, nothing less than a
        pass is certain."""
        missing: Missing | None = None
        ways: tuple[Callable[[], Verdict | None], ...]
        ways = (self._by_central_rule, self._by_aggregation, self._by_answer)
        for way in ways:
            try:
                found = way()
            except Missing as caught:
                missing = missing or caught
                continue
            if found is not None:
                return found
        if missing is not None:
            raise missing
        return self._less_than_pass()

    @cached_property
    def lowest(self) -> str:
        """The sample of the least severe finding that somebody must hear of."""
        return events.guardduty(self.subject.settings["GUARDDUTY_MIN_SEVERITY"])

    @cached_property
    def severe(self) -> str:
        return events.guardduty(events.SEVERE)

    @cached_property
    def listeners(self) -> set[str]:
        """Accounts in which GuardDuty tells of the findings: the account itself, and its
        administrator while that sees them."""
        own = self.subject.account.account_id
        is_administered = self.detector.relationship == ENABLED
        return {own, self.detector.administrator} if is_administered else {own}

    def _central(self, sample: str) -> list[Heard]:
        """Raises Missing where a security account that may hear could not be looked at and no
        other hears."""
        found: list[Heard] = []
        missing: Missing | None = None
        seen = of_security(self.subject, events.security_rules, self.name)
        for owner, observation in seen.items():
            if owner not in self.listeners:
                continue
            try:
                found += self._heard(observation.get(), owner, sample)
            except Missing as caught:
                missing = missing or (caught if _is_doubt(caught) else None)
        if missing is not None and not found:
            raise missing
        return found

    def _local(self, sample: str) -> list[Heard]:
        own = self.subject.account.account_id
        return self._heard(self.subject.facts.get(events.rules, self.name), own, sample)

    def _heard(self, seen: Rules, owner: str, sample: str) -> list[Heard]:
        routes = Routes(self.subject, sender=owner)
        about = self.subject.account.account_id
        rules = tested(seen, sample).of(sample, about)
        heard = [Heard(rule, owner, tuple(routes.ends(rule, sample))) for rule in rules]
        return [one for one in heard if one.ends]

    def _by_central_rule(self) -> Verdict | None:
        heard = self._central(self.lowest)
        if not heard:
            return None
        return passed(
            f"Findings are heard of through {heard[0].named(self.subject)}",
            "rule in the security account",
            facts={"central": [one.kept for one in heard]},
        )

    def _by_aggregation(self) -> Verdict | None:
        missing: Missing | None = None
        seen = of_security(self.subject, securityhub.aggregators, self.name)
        for owner, observation in seen.items():
            try:
                verdict = self._aggregated(owner, observation.get())
            except Missing as caught:
                missing = missing or (caught if _is_doubt(caught) else None)
                continue
            if verdict is not None:
                return verdict
        if missing is not None:
            raise missing
        return None

    def _aggregated(
        self, owner: str, aggregators: tuple[securityhub.Aggregator, ...]
    ) -> Verdict | None:
        for aggregator in aggregators:
            if not aggregator.links(self.name):
                continue
            facts = self.subject.facts
            seen = facts.observation(events.security_rules, aggregator.region, owner).get()
            heard = self._heard(seen, owner, events.SECURITY_HUB)
            if heard:
                return passed(
                    f"Security Hub gathers findings in {aggregator.region}, where they are heard "
                    f"of through {heard[0].named(self.subject)}",
                    "findings aggregated to a Region with a rule",
                    facts={
                        "aggregator": aggregator.arn,
                        "central": [one.kept for one in heard],
                    },
                )
        return None

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

    def _less_than_pass(self) -> Verdict:
        central = self._central(self.severe)
        low = Problem("guardduty_low_filtered", self.arn, region=self.name)
        if central:
            least = self.subject.settings["GUARDDUTY_MIN_SEVERITY"]
            return partly(
                f"Severe findings are heard of through {central[0].named(self.subject)}, those of "
                f"severity {least:g} are not",
                "severe findings only",
                facts={"central": [one.kept for one in central]},
                problems=[low],
            )
        local = self._local(self.severe)
        if local:
            is_all = bool(self._local(self.lowest))
            return partly(
                f"Only a rule of the account itself hears of findings: {local[0].rule.name}",
                "local rule only",
                facts={"local": [one.kept for one in local]},
                problems=[] if is_all else [low],
            )
        return failed(
            "No rule with a target hears of GuardDuty's findings",
            "nothing matches",
            facts={"listeners": sorted(self.listeners)},
            problems=[Problem("guardduty_unheard", self.arn, region=self.name)],
        )


def _is_doubt(missing: Missing) -> bool:
    """Whether there may be something that could not be seen."""
    return missing.outcome not in (Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED)


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
