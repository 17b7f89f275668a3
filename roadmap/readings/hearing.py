"""Who hears of the GuardDuty findings about an account in a Region, by event rules. Pure.

GuardDuty tells the account itself and its administrator. From there findings come further by a
rule that passes them on to a bus, or by Security Hub, which draws them into one Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Missing
from collectors.services import events, guardduty, securityhub
from collectors.services.events import Rule, Rules
from roadmap.readings.central import of_security
from roadmap.readings.event_routes import Kind, Routes, Target, target, tested
from roadmap.readings.gaps import is_doubt
from roadmap.sentences import account_name, listed
from roadmap.subject import Subject

# What GuardDuty calls the relationship with the administrator while it works.
ENABLED = "Enabled"


class Way(StrEnum):
    """How findings come to a rule."""

    BY_GUARDDUTY = "told by GuardDuty"
    PASSED_ON = "passed on to a bus"
    AGGREGATED = "gathered by Security Hub"


@dataclass(frozen=True)
class Post:
    """Rules that may hear of a finding, which is the sample there. ``way`` is how it comes to
    them; with ``buses_of`` only what they send to buses of these accounts counts."""

    rules: Observation[Rules]
    owner: str
    sample: str
    way: Way
    buses_of: frozenset[str] | None = None

    def hearing(self, about: str) -> Iterator[Rule]:
        """Raises Missing."""
        for rule in tested(self.rules.get(), self.sample).of(self.sample, about):
            if self.buses_of is None:
                yield rule
            else:
                counting = [one for one in map(target, rule.targets) if one.kind == Kind.BUS]
                arns = [bus.arn for bus in counting if bus.account_id in self.buses_of]
                yield replace(rule, targets=tuple(arns))


@dataclass(frozen=True)
class Heard:
    """A rule that hears of findings, and where they end."""

    rule: Rule
    post: Post
    ends: tuple[Target, ...]

    def named(self, subject: Subject) -> str:
        kinds = listed(sorted({one.kind.value for one in self.ends}))
        return f"rule {self.rule.name} of {account_name(subject, self.post.owner)} (to: {kinds})"

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule.arn,
            "state": self.rule.state,
            "account": self.post.owner,
            "region": self.post.rules.region,
            "targets": list(self.rule.targets),
            "ends": [end.arn for end in self.ends],
        }


@dataclass(frozen=True)
class Hearing:
    """The account in a Region where GuardDuty is on."""

    subject: Subject
    region: str
    detector: guardduty.Detector

    @property
    def own(self) -> str:
        return self.subject.account.account_id

    @cached_property
    def listeners(self) -> set[str]:
        """Accounts that GuardDuty tells: the account itself, and its administrator while that
        sees the findings."""
        is_administered = self.detector.relationship == ENABLED
        return {self.own, self.detector.administrator} if is_administered else {self.own}

    @cached_property
    def _security(self) -> frozenset[str]:
        return frozenset(self.subject.facts.organization.security_account_ids)

    def central(self, severity: float) -> Heard | None:
        """Who hears in a security account. Raises Missing where nobody does as far as is seen and
        something could not be looked at."""
        missing: list[Missing] = []
        posts = [*self._told(severity), self._passed_on(severity)]
        return self._first([*posts, *self._gathered(severity, missing)], missing)

    def local(self, severity: float) -> Heard | None:
        """Who hears in the account itself. Raises Missing."""
        rules = self.subject.facts.observation(events.rules, self.region)
        post = Post(rules, self.own, events.guardduty(severity), Way.BY_GUARDDUTY)
        return self._first([post], [])

    def _told(self, severity: float) -> Iterator[Post]:
        """Of an administrator that is no security account nobody saw the rules."""
        seen = of_security(self.subject, events.security_rules, self.region)
        sample = events.guardduty(severity)
        for owner in sorted(self.listeners):
            if owner in seen:
                yield Post(seen[owner], owner, sample, Way.BY_GUARDDUTY)
            elif owner not in self._security and owner != self.own:
                unseen = self.subject.facts.observation(events.security_rules, self.region, owner)
                yield Post(unseen, owner, sample, Way.BY_GUARDDUTY)

    def _passed_on(self, severity: float) -> Post:
        rules = self.subject.facts.observation(events.rules, self.region)
        others = self._security - {self.own}
        return Post(rules, self.own, events.guardduty(severity), Way.PASSED_ON, others)

    def _gathered(self, severity: float, missing: list[Missing]) -> Iterator[Post]:
        facts, sample = self.subject.facts, events.securityhub(severity)
        aggregators = of_security(self.subject, securityhub.aggregators, self.region)
        for owner, observation in aggregators.items():
            try:
                linked = [one for one in observation.get() if one.links(self.region)]
            except Missing as caught:
                missing.append(caught)
                continue
            for one in linked:
                rules = facts.observation(events.security_rules, one.region, owner)
                yield Post(rules, owner, sample, Way.AGGREGATED)

    def _first(self, posts: list[Post], missing: list[Missing]) -> Heard | None:
        for post in posts:
            routes = Routes(self.subject, sender=post.owner)
            try:
                rules = list(post.hearing(self.own))
            except Missing as caught:
                missing.append(caught)
                continue
            for rule in rules:
                try:
                    ends = tuple(routes.ends(rule, post.sample))
                except Missing as caught:
                    missing.append(caught)
                    continue
                if ends:
                    return Heard(rule, post, ends)
        for one in filter(is_doubt, missing):
            raise one
        return None
