"""Events that matter reach the security account within seconds.

Reads the event rules of the account and of the security accounts, Region by Region;
events:TestEventPattern says which match samples of the calls in REALTIME_SAMPLE_EVENTS. Calls of
services with one endpoint for all Regions appear in one Region, and count in that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, cloudtrail, events, logs
from roadmap.readings.answers import day_of, is_within, kept
from roadmap.readings.forwarding import Forwarding, Way
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    ImportUse,
    Item,
    Level,
)
from roadmap.sentences import listed, over_regions
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    region_verdict,
)

PRODUCT, TESTED_ON = "product", "tested_on"
DETAILS = (
    Detail(PRODUCT, "Streaming product", required=True),
    Detail(TESTED_ON, "Day of its last test", DetailKind.DATE, required=True),
)


def judge(subject: Subject) -> Verdict:
    observed = subject.facts.by_region(events.rules)
    parts = each_region(observed, lambda region: _Region(subject, region).verdict())
    return region_verdict(
        parts,
        over_regions(parts),
        facts={"regions": {region: dict(part.facts) for region, part in parts.items()}},
        problems=[problem for part in parts.values() for problem in part.problems],
    )


@dataclass(frozen=True)
class _Region:
    """The account in one Region. All of it raises Missing where it rests on what nobody saw."""

    subject: Subject
    name: str

    @cached_property
    def forwarding(self) -> Forwarding:
        return Forwarding(self.subject, self.name)

    def verdict(self) -> Verdict:
        """An answer counts where rules do not pass, or could not be seen."""
        answer = self._answer()
        try:
            seen = self._by_rules()
        except Missing:
            if answer is None:
                raise
            return self._by_answer(answer, {})
        if answer is None or seen.status in (Status.PASS, Status.NOT_APPLICABLE):
            return seen
        return self._by_answer(answer, seen.facts)

    def _by_rules(self) -> Verdict:
        calls = len(self.forwarding.calls)
        if not calls:
            return not_applicable(
                Reason.NO_RESOURCES, "None of the events appear", "no events to look for"
            )
        facts = self.forwarding.facts
        central = self.forwarding.share(Way.CENTRAL)
        if 100 * central >= self.subject.settings["REALTIME_PASS_PCT"] * calls:
            return passed(
                f"Rules send {central} of {calls} events to the security account",
                "events reach the security account",
                facts=facts,
                problems=self._problems(),
            )
        if self.forwarding.share(Way.LOCAL):
            return self._partial(central, facts)
        return self._less(facts)

    def _problems(self) -> list[Problem]:
        return [
            Problem("realtime_bus_policy_missing", end.arn, end.name, end.region)
            for end in self.forwarding.closed_buses
        ]

    def _partial(self, central: int, facts: Mapping[str, Any]) -> Verdict:
        problems = self._problems()
        calls = len(self.forwarding.calls)
        if central:
            left_out = [call for call, way in self.forwarding.ways.items() if way < Way.CENTRAL]
            return partly(
                f"Rules send {central} of {calls} events to the security account, not "
                f"{listed(left_out)}",
                "some events reach the security account",
                facts=facts,
                problems=problems,
            )
        problems.append(Problem("realtime_not_central", region=self.name))
        closed = self.forwarding.closed_buses
        if closed:
            return partly(
                f"The bus {closed[0].name} of the security account does not let the account in",
                "central bus does not admit the account",
                facts=facts,
                problems=problems,
            )
        return partly(
            f"Rules match {self.forwarding.share(Way.LOCAL)} of {calls} events and send them "
            "nowhere in the security account where they are taken up",
            "local targets only",
            facts=facts,
            problems=problems,
        )

    def _less(self, facts: dict[str, Any]) -> Verdict:
        streamed = self._streamed()
        problems = [Problem("no_realtime_rule", region=self.name)]
        if streamed:
            return partly(
                f"Only the organization trail's log group is streamed, to {streamed}",
                "subscription filter on the trail's log group",
                facts={**facts, "subscription": streamed},
                problems=problems,
            )
        return failed(
            f"No rule matches any of {len(self.forwarding.calls)} events",
            "no rule matches",
            facts=facts,
            problems=problems,
        )

    def _streamed(self) -> str:
        """Where the organization trail's log group is sent on to; empty if nowhere."""
        if not self.subject.account.organization_id:
            return ""
        facts = self.subject.facts
        trails = {
            trail.arn
            for trail in facts.management(cloudtrail.organization_trails)
            if trail.is_organization_trail and trail.is_logging and trail.covers(self.name)
        }
        for one in facts.management(logs.organization_trail_logs):
            if one.trail in trails and one.subscriptions:
                return one.subscriptions[0]
        return ""

    def _answer(self) -> Attested | None:
        """The answer that holds, names a product and tells of a test that is recent."""
        answer = self.subject.attested()
        if answer is None or answer.claim != "done" or not answer.holds(self.subject.now):
            return None
        tested_on = day_of(answer, TESTED_ON, self.subject)
        is_tested = is_within(tested_on, self.subject.settings["ALERT_TEST_DAYS"], self.subject)
        return answer if is_tested and answer.details.get(PRODUCT) else None

    def _by_answer(self, answer: Attested, seen: Mapping[str, Any]) -> Verdict:
        return passed(
            f"{answer.details[PRODUCT]} watches the account and was tested on "
            f"{answer.details[TESTED_ON]}, says {answer.author or 'somebody'}",
            "streaming product, attested",
            facts={**seen, "answer": kept(answer)},
            source=Source.ATTESTED,
        )


item = Item(
    __name__,
    order="8.1",
    title="Near real-time monitoring",
    guidance=(
        "A trail delivers after minutes, and much can happen in them. Event rules in each Region "
        "forward the calls that matter to a central bus, where other rules act on them. IAM and "
        "sign-in events arise in one Region only, so the rule there must not be missing."
    ),
    scope="account×region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        events.rules,
        events.security_rules,
        cloudtrail.organization_trails,
        logs.organization_trail_logs,
        account.regions,
    ),
    findings={
        "no_realtime_rule": FindingKind("No rule for events that matter", Severity.MEDIUM),
        "realtime_not_central": FindingKind("Events stay in the account", Severity.LOW),
        "realtime_bus_policy_missing": FindingKind(
            "Central bus does not admit the account", Severity.MEDIUM
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Which streaming product watches this account, and when was it tested?",
            days_setting="ALERT_TEST_DAYS",
            details=DETAILS,
        ),
        Attestable(
            Level.ORGANIZATION,
            "Which streaming product watches all accounts, and when was it tested?",
            days_setting="ALERT_TEST_DAYS",
            details=DETAILS,
        ),
    ),
    import_use=ImportUse.CONTEXT,
    imports={
        "prowler": ("eventbridge_bus_cross_account_access",),
    },
    fix=Fix(
        "Deploy one forwarding rule per Region by stack set, towards a central bus.",
        "Sending and receiving events between AWS accounts in Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html",
)
