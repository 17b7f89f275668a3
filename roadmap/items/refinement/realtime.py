"""Events that matter reach the security account within seconds.

Reads the event rules of the account and of the security accounts, Region by Region;
events:TestEventPattern says which match samples of the calls in REALTIME_SAMPLE_EVENTS. Calls of
services with one endpoint for all Regions appear in one Region, and count in that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, cloudtrail, events, logs
from collectors.services.events import Rule
from roadmap.readings.event_routes import Kind, Routes, Target, target, tested
from roadmap.registry import Attestable, Detail, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed, over_regions
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

# What takes events up at once in a security account; a bus only if a rule there does.
RECEIVERS = frozenset({Kind.FUNCTION, Kind.STREAM})


class Way(IntEnum):
    """How far an event gets: nowhere, to something in the account, to the security account."""

    NONE = 0
    LOCAL = 1
    CENTRAL = 2


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

    def verdict(self) -> Verdict:
        answered = self._by_answer()
        if answered is not None:
            return answered
        if not self.calls:
            return not_applicable(
                Reason.NO_RESOURCES, "None of the events appear", "no events to look for"
            )
        facts = self._facts()
        central = self._share(Way.CENTRAL)
        if 100 * central >= self.subject.settings["REALTIME_PASS_PCT"] * len(self.calls):
            return passed(
                f"Rules send {central} of {len(self.calls)} events to the security account",
                "events reach the security account",
                facts=facts,
                problems=self._problems(),
            )
        if self._share(Way.LOCAL):
            return self._partial(central, facts)
        return self._less(facts)

    @cached_property
    def calls(self) -> list[str]:
        """The sample events that can appear in the Region."""
        partition = self.subject.account.partition
        wanted = self.subject.settings["REALTIME_SAMPLE_EVENTS"]
        return [call for call in wanted if events.arises_in(call, self.name, partition)]

    @cached_property
    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """Call → the rules with a target that match it."""
        seen = self.subject.facts.get(events.rules, self.name)
        about = self.subject.account.account_id
        return {
            call: tuple(
                rule
                for rule in tested(seen, call).of(call, about)
                if rule.targets and not self.subject.is_excepted(rule.arn)
            )
            for call in self.calls
        }

    @cached_property
    def ways(self) -> Mapping[str, Way]:
        """Call → the farthest it gets."""
        return {
            call: self._farthest({arn for rule in found for arn in rule.targets}, call)
            for call, found in self.rules.items()
        }

    def _farthest(self, arns: set[str], call: str) -> Way:
        """Raises Missing where a bus could not be looked at and nothing else gets as far."""
        found = Way.NONE
        missing: Missing | None = None
        for arn in arns:
            try:
                found = max(found, self._way(arn, call))
            except Missing as caught:
                missing = caught
        if missing is not None and found < Way.CENTRAL:
            raise missing
        return found

    def _way(self, arn: str, call: str) -> Way:
        end = target(arn)
        if not self._is_central(end):
            return Way.LOCAL
        if end.kind != Kind.BUS:
            return Way.CENTRAL if end.kind in RECEIVERS else Way.LOCAL
        return Way.CENTRAL if self.routes.beyond(end, call) else Way.LOCAL

    @cached_property
    def routes(self) -> Routes:
        return Routes(self.subject)

    def _share(self, least: Way) -> int:
        return sum(way >= least for way in self.ways.values())

    @cached_property
    def closed_buses(self) -> list[Target]:
        """Buses of security accounts that the rules send to and that do not let the account in, as
        far as Cairn can read their policies."""
        ends = {target(a) for found in self.rules.values() for rule in found for a in rule.targets}
        central = (end for end in ends if end.kind == Kind.BUS and self._is_central(end))
        return sorted(filter(self._is_closed, central), key=lambda end: end.arn)

    def _is_central(self, end: Target) -> bool:
        return end.account_id in self.subject.settings["SECURITY_ACCOUNTS"]

    def _is_closed(self, end: Target) -> bool:
        try:
            known = self.routes.at(end).bus(end.name)
        except Missing:
            return False
        is_doubtful = known is not None and known.is_conditional
        return not is_doubtful and not self.routes.admits(end)

    def _problems(self) -> list[Problem]:
        return [
            Problem("realtime_bus_policy_missing", end.arn, end.name, end.region)
            for end in self.closed_buses
        ]

    def _partial(self, central: int, facts: Mapping[str, Any]) -> Verdict:
        problems = self._problems()
        if central:
            left_out = [call for call, way in self.ways.items() if way < Way.CENTRAL]
            return partly(
                f"Rules send {central} of {len(self.calls)} events to the security account, not "
                f"{listed(left_out)}",
                "some events reach the security account",
                facts=facts,
                problems=problems,
            )
        problems.append(Problem("realtime_not_central", region=self.name))
        if self.closed_buses:
            return partly(
                f"The bus {self.closed_buses[0].name} of the security account does not let the "
                "account in",
                "central bus does not admit the account",
                facts=facts,
                problems=problems,
            )
        return partly(
            f"Rules match {self._share(Way.LOCAL)} of {len(self.calls)} events and send them "
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
            f"No rule matches any of {len(self.calls)} events",
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

    def _by_answer(self) -> Verdict | None:
        answer = self.subject.attested()
        if answer is None or answer.claim != "done" or not answer.holds(self.subject.now):
            return None
        product = answer.details.get("product") or "A streaming product"
        return passed(
            f"{product} watches the account, says {answer.author or 'an answer'}",
            "streaming product, attested",
            facts={"attestation": answer.pk, "url": answer.url},
            source=Source.ATTESTED,
        )

    def _facts(self) -> dict[str, Any]:
        found = {rule.arn: rule for rules in self.rules.values() for rule in rules}
        return {
            "events": {call: way.name.lower() for call, way in self.ways.items()},
            "rules": {
                arn: {"state": rule.state, "targets": list(rule.targets)}
                for arn, rule in sorted(found.items())
            },
        }


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
            details=(Detail("product", "Streaming product", required=True),),
        ),
        Attestable(
            Level.ORGANIZATION,
            "Which streaming product watches all accounts, and when was it tested?",
            days_setting="ALERT_TEST_DAYS",
            details=(Detail("product", "Streaming product", required=True),),
        ),
    ),
    imports={
        "prowler": ("eventbridge_bus_cross_account_access",),
    },
    fix=Fix(
        "Deploy one forwarding rule per Region by stack set, towards a central bus.",
        "Sending and receiving events between AWS accounts in Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html",
)
