"""How far events about one account get in one Region, for item 8.1 of the evidence rules. Pure.

The events are samples of the calls in REALTIME_SAMPLE_EVENTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

from collectors.guard import is_reading
from collectors.outcomes import Missing
from collectors.services import events
from collectors.services.events import Rule
from roadmap.readings.event_routes import Kind, Routes, Target, target, tested
from roadmap.subject import Subject

# What takes events up at once in a security account; a bus only if a rule there does.
RECEIVERS = frozenset({Kind.FUNCTION, Kind.STREAM})


class Way(IntEnum):
    """How far an event gets: nowhere, to something in the account, to the security account."""

    NONE = 0
    LOCAL = 1
    CENTRAL = 2


@dataclass(frozen=True)
class Forwarding:
    """What the account's rules do in a Region. All of it raises Missing where it rests on what
    nobody saw."""

    subject: Subject
    region: str

    @cached_property
    def calls(self) -> list[str]:
        """The sample events that can appear in the Region."""
        partition = self.subject.account.partition
        wanted = self.subject.settings["REALTIME_SAMPLE_EVENTS"]
        return [call for call in wanted if events.arises_in(call, self.region, partition)]

    @cached_property
    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """Call → the rules with a target that match it."""
        seen = self.subject.facts.get(events.rules, self.region)
        about = self.subject.account.account_id
        return {
            call: tuple(
                rule
                for rule in tested(seen, call).of(call, about)
                if rule.targets
                and (rule.sees_reads or not is_reading(call.replace(" ", ":")))
                and not self.subject.is_excepted(rule.arn)
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

    def share(self, least: Way) -> int:
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

    @property
    def facts(self) -> dict[str, Any]:
        found = {rule.arn: rule for rules in self.rules.values() for rule in rules}
        return {
            "events": {call: way.name.lower() for call, way in self.ways.items()},
            "rules": {
                arn: {"state": rule.state, "targets": list(rule.targets)}
                for arn, rule in sorted(found.items())
            },
        }
