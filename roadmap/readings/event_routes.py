"""Where events go: from the rules of an account to whoever gets them in the end. Pure.

A target is told by its ARN. One that is an event bus of the account itself or of a security account
is followed one step, to the rules there; EventBridge goes no further between accounts either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from collectors.outcomes import Missing, Outcome
from collectors.services import events
from collectors.services.events import Rule, Rules
from roadmap.readings.central import of_security
from roadmap.subject import Subject


class Kind(StrEnum):
    """What a target is, as far as rules tell them apart."""

    BUS = "event bus"
    API = "API destination"
    FUNCTION = "function"
    QUEUE = "queue"
    STREAM = "stream"
    WORKFLOW = "state machine"
    TOPIC = "topic"
    OTHER = "other"


KINDS = {
    "firehose": Kind.STREAM,
    "kinesis": Kind.STREAM,
    "lambda": Kind.FUNCTION,
    "sns": Kind.TOPIC,
    "sqs": Kind.QUEUE,
    "states": Kind.WORKFLOW,
}


@dataclass(frozen=True)
class Target:
    """``name`` is that of a bus, empty for all other kinds."""

    arn: str
    kind: Kind
    region: str = ""
    account_id: str = ""
    name: str = ""


def target(arn: str) -> Target:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Target(arn, Kind.OTHER)
    service, region, account_id, resource = parts[2:]
    if service == "events":
        kind, _, name = resource.partition("/")
        if kind == "event-bus":
            return Target(arn, Kind.BUS, region, account_id, name)
        is_api = kind == "api-destination"
        return Target(arn, Kind.API if is_api else Kind.OTHER, region, account_id)
    return Target(arn, KINDS.get(service, Kind.OTHER), region, account_id)


def tested(seen: Rules, sample: str) -> Rules:
    """What was seen, if rules were tested with the sample. Raises Missing where they were not, as
    after a setting changed."""
    if sample not in seen.tested:
        message = f"The rules have not been tested with the event {sample} yet."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    return seen


@dataclass(frozen=True)
class Routes:
    """The ways of events about one account, ``about``, that ``sender`` sends on; both are the
    subject's own account unless told otherwise."""

    subject: Subject
    sender: str = ""
    about: str = ""

    def ends(self, rule: Rule, sample: str) -> Sequence[Target]:
        """The targets at which the event ends. Raises Missing where a bus on the way could not be
        looked at and the rule reaches nothing else."""
        found: list[Target] = []
        missing: Missing | None = None
        for one in map(target, rule.targets):
            if one.kind != Kind.BUS:
                found.append(one)
                continue
            try:
                found += self.beyond(one, sample)
            except Missing as caught:
                missing = missing or caught
        if missing is not None and not found:
            raise missing
        return found

    def beyond(self, bus: Target, sample: str) -> Sequence[Target]:
        """Where the rules on a bus send the event; nothing for a bus that does not let the sender
        in. Raises Missing."""
        if not self.admits(bus):
            return ()
        about = self.about or self.subject.account.account_id
        seen = tested(self.at(bus), sample)
        sent = (target(arn) for rule in seen.of(sample, about, bus.name) for arn in rule.targets)
        return [one for one in sent if one.kind != Kind.BUS]

    def admits(self, bus: Target) -> bool:
        """Conditions that Cairn cannot read admit nobody. Raises Missing."""
        row = self.subject.account
        sender = self.sender or row.account_id
        if bus.account_id == sender:
            return True
        known = self.at(bus).bus(bus.name)
        return known is not None and known.admits(sender, row.organization_id)

    def at(self, bus: Target) -> Rules:
        """What is known of the bus's account and Region. Raises Missing."""
        seen = of_security(self.subject, events.security_rules, bus.region)
        if bus.account_id in seen:
            return seen[bus.account_id].get()
        if bus.account_id == self.subject.account.account_id:
            return self.subject.facts.get(events.rules, bus.region)
        message = f"Nobody looked at the event bus {bus.arn}."
        raise Missing(Outcome.NEVER_COLLECTED, message)
