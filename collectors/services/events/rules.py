"""Amazon EventBridge: event buses, and the rules that match what Cairn looks for.

Rules that match none of the sample events are counted and not kept.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing
from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services import sns
from collectors.services.events import samples
from collectors.services.events.matching import TEST_EVENT_PATTERN, matching

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]
Matches = Mapping[str, Sequence[str]]  # account id → names of samples

LIST_EVENT_BUSES = Operation("events", "list_event_buses", "events:ListEventBuses", "EventBuses")
LIST_RULES = Operation("events", "list_rules", "events:ListRules", "Rules")
LIST_TARGETS_BY_RULE = Operation(
    "events", "list_targets_by_rule", "events:ListTargetsByRule", "Targets"
)

DEFAULT_BUS = "default"
GONE = ("ResourceNotFoundException",)
ENABLED = "ENABLED"
# Only a rule in this state is given the calls that merely read.
ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# An account that no pattern names: it stands for all those that none does.
ANYBODY = "000000000000"
ACCOUNT_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")

PUT_EVENTS = ("events:putevents", "events:put*", "events:*", "*")
ORGANIZATION_KEYS = ("aws:principalorgid", "aws:principalorgpaths")
EQUALS = ("StringEquals", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike")


@dataclass(frozen=True)
class Bus:
    """``accounts`` and ``organizations`` are whom its policy lets put events, ``*`` everybody.
    ``is_conditional`` says that it lets others in under conditions Cairn does not read."""

    name: str
    arn: str = ""
    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    is_conditional: bool = False

    @property
    def is_open(self) -> bool:
        """Whether events of other accounts may come in."""
        others = set(self.accounts) - set(self.arn.split(":")[4:5])
        return bool(others or self.organizations or self.is_conditional)

    def admits(self, account_id: str, organization_id: str) -> bool:
        return bool(
            {"*", account_id} & set(self.accounts)
            or (organization_id and organization_id in self.organizations)
        )


@dataclass(frozen=True)
class Rule:
    """An enabled rule. ``matches`` are the samples it matches about accounts that no pattern
    names; ``matches_of`` those about an account that a pattern of the same view names."""

    name: str
    arn: str
    bus: str
    state: str
    pattern: str = ""
    targets: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    matches_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def sees_reads(self) -> bool:
        return self.state == ALL_CALLS

    def is_for(self, sample: str, account_id: str) -> bool:
        return sample in self.matches_of.get(account_id, self.matches)

    def is_for_somebody(self, sample: str) -> bool:
        return any(sample in matches for matches in (self.matches, *self.matches_of.values()))


@dataclass(frozen=True)
class Rules:
    """What happens to events in a Region of an account. ``tested`` are the samples that all
    enabled rules were tested with, ``rule_count`` how many of these there are. ``topics`` are the
    SNS topics among the targets with their confirmed subscriptions by protocol, None where the
    topic could not be asked."""

    buses: tuple[Bus, ...] = ()
    tested: tuple[str, ...] = ()
    rule_count: int = 0
    rules: tuple[Rule, ...] = ()
    topics: Mapping[str, Mapping[str, int] | None] = field(default_factory=dict)

    def bus(self, name: str) -> Bus | None:
        return next((bus for bus in self.buses if bus.name == name), None)

    def of(self, sample: str, account_id: str, bus: str = DEFAULT_BUS) -> tuple[Rule, ...]:
        """The enabled rules on the bus that match the sample about the account."""
        return tuple(r for r in self.rules if r.bus == bus and r.is_for(sample, account_id))


def fetch_rules(aws: Aws) -> Answer:
    """As the account sees events about itself."""
    wanted = [
        *map(samples.guardduty, _severities(aws)),
        *samples.DENIED,
        *(
            call
            for call in aws.settings["REALTIME_SAMPLE_EVENTS"]
            if samples.arises_in(call, aws.region, aws.partition)
        ),
    ]
    return _fetch(aws, wanted, {ANYBODY: aws.account_id})


def fetch_security_rules(aws: Aws) -> Answer:
    """As a security account sees events about all accounts, sent there from any Region."""
    wanted = [
        *map(samples.guardduty, _severities(aws)),
        *map(samples.securityhub, _severities(aws)),
        samples.ACCESS_ANALYZER,
        *samples.DENIED,
        *aws.settings["REALTIME_SAMPLE_EVENTS"],
    ]
    answer = _fetch(aws, wanted, {ANYBODY: ANYBODY}, names_accounts=True)
    targets = {t.get("Arn") or "" for rule in answer["rules"] for t in rule["targets"]}
    return {**answer, "topics": {arn: _fetch_topic(aws, arn) for arn in sorted(_topics(targets))}}


def _severities(aws: Aws) -> tuple[float, float]:
    return samples.SEVERE, aws.settings["GUARDDUTY_MIN_SEVERITY"]


def _fetch(
    aws: Aws, wanted: Sequence[str], about: Mapping[str, str], *, names_accounts: bool = False
) -> dict[str, Any]:
    """``about`` are the accounts that the samples are about, by the key they are kept under;
    with ``names_accounts`` each account that a pattern names besides."""
    buses = aws.pages(LIST_EVENT_BUSES) or []
    enabled = [rule for bus in buses for rule in _fetch_enabled(aws, bus.get("Name") or "")]
    patterns = sorted({rule["EventPattern"] for rule in enabled})
    named = {one for p in patterns for one in ACCOUNT_ID.findall(p)} if names_accounts else set()
    told: dict[str, dict[str, list[str]]] = {pattern: {} for pattern in patterns}
    for key, account_id in {**about, **{one: one for one in sorted(named)}}.items():
        setting = samples.Setting(account_id, aws.region, aws.partition, aws.now)
        for name in dict.fromkeys(wanted):
            for pattern in matching(aws, patterns, samples.event_of(name, setting)):
                told[pattern].setdefault(key, []).append(name)
    found = [rule for rule in enabled if told[rule["EventPattern"]]]
    return {
        "buses": buses,
        "tested": list(dict.fromkeys(wanted)),
        "rule_count": len(enabled),
        "named": sorted(named),
        "rules": list(_with_targets(aws, found, told)),
    }


def _fetch_enabled(aws: Aws, bus: str) -> Iterator[Answer]:
    """The bus's rules that wait for events; those on a schedule have no pattern."""
    if not bus:
        return
    for rule in aws.pages(LIST_RULES, absent=GONE, EventBusName=bus) or []:
        if rule.get("State") in (ENABLED, ALL_CALLS) and rule.get("EventPattern"):
            yield {**rule, "EventBusName": bus}


def _with_targets(
    aws: Aws, rules: Iterable[Answer], told: Mapping[str, Matches]
) -> Iterator[Answer]:
    for rule in rules:
        name, bus = rule.get("Name") or "", rule["EventBusName"]
        if not name:
            continue
        targets = aws.pages(LIST_TARGETS_BY_RULE, absent=GONE, Rule=name, EventBusName=bus)
        if targets is not None:
            yield {"rule": rule, "targets": targets, "matches": told[rule["EventPattern"]]}


def _topics(targets: Iterable[str]) -> Iterator[str]:
    return (arn for arn in targets if arn.split(":")[2:3] == ["sns"])


def _fetch_topic(aws: Aws, arn: str) -> list[Answer] | None:
    """None for a topic that does not let this account look, such as another account's."""
    try:
        answer = aws.pages(sns.LIST_SUBSCRIPTIONS_BY_TOPIC, absent=sns.NO_SUCH_TOPIC, TopicArn=arn)
    except Missing:
        return None
    return answer or []


def transform_rules(answer: Answer) -> Rules:
    return Rules(
        buses=tuple(_bus(bus) for bus in answer.get("buses") or () if bus.get("Name")),
        tested=tuple(answer.get("tested") or ()),
        rule_count=answer.get("rule_count") or 0,
        rules=tuple(
            _rule(parts["rule"], parts["targets"], parts["matches"], answer.get("named") or ())
            for parts in answer.get("rules") or ()
        ),
        topics={
            arn: None if subscriptions is None else sns.protocols(subscriptions)
            for arn, subscriptions in (answer.get("topics") or {}).items()
        },
    )


def _rule(rule: Answer, targets: Iterable[Answer], matches: Matches, named: Iterable[str]) -> Rule:
    anybody = tuple(matches.get(ANYBODY, ()))
    different = {
        one: tuple(matches.get(one, ())) for one in named if tuple(matches.get(one, ())) != anybody
    }
    return Rule(
        name=rule["Name"],
        arn=rule.get("Arn") or "",
        bus=rule["EventBusName"],
        state=rule["State"],
        pattern=rule["EventPattern"],
        targets=tuple(sorted(t["Arn"] for t in targets if t.get("Arn"))),
        matches=anybody,
        matches_of=different,
    )


def _bus(bus: Answer) -> Bus:
    accounts: set[str] = set()
    organizations: set[str] = set()
    is_conditional = False
    for statement in _statements(bus.get("Policy") or ""):
        conditions = statement.get("Condition") or {}
        admitted = _organizations(conditions)
        if not conditions:
            accounts.update(_principals(statement))
        elif admitted and "*" in _principals(statement):
            organizations.update(admitted)
        else:
            is_conditional = True
    return Bus(
        name=bus["Name"],
        arn=bus.get("Arn") or "",
        accounts=tuple(sorted(accounts)),
        organizations=tuple(sorted(organizations)),
        is_conditional=is_conditional,
    )


def _statements(policy: str) -> Iterator[Answer]:
    """Those that let somebody put events."""
    try:
        document = json.loads(policy) if policy else {}
    except json.JSONDecodeError:
        return
    for statement in _as_list(document.get("Statement") if isinstance(document, dict) else None):
        actions = {str(action).lower() for action in _as_list(statement.get("Action"))}
        if statement.get("Effect") == "Allow" and actions & set(PUT_EVENTS):
            yield statement


def _principals(statement: Answer) -> set[str]:
    """Account ids, or ``*``."""
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    found = set()
    for one in _as_list(principal):
        parts = str(one).split(":")
        found.add(parts[4] if len(parts) > 5 and parts[5] == "root" else str(one))
    return found


def _organizations(conditions: Any) -> set[str]:
    """Organization ids that alone are asked for; none where anything else is asked as well, or
    only for a part of the organization."""
    if not isinstance(conditions, Mapping):
        return set()
    asked = [
        (operator, key, value)
        for operator, keys in conditions.items()
        if isinstance(keys, Mapping)
        for key, value in keys.items()
    ]
    if len(asked) != 1:
        return set()
    ((operator, key, value),) = asked
    if operator not in EQUALS or key.lower() not in ORGANIZATION_KEYS:
        return set()
    whole = {str(one).removesuffix("/*").removesuffix("/") for one in _as_list(value)}
    return {one for one in whole if "/" not in one}


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


_OPERATIONS = (LIST_EVENT_BUSES, LIST_RULES, LIST_TARGETS_BY_RULE, TEST_EVENT_PATTERN)

rules = Collector(
    "events.rules",
    Rules,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    _OPERATIONS,
    fetch_rules,
    transform_rules,
)

security_rules = Collector(
    "events.security_rules",
    Rules,
    Scope.SECURITY,
    Reach.REGIONAL,
    (*_OPERATIONS, sns.LIST_SUBSCRIPTIONS_BY_TOPIC),
    fetch_security_rules,
    transform_rules,
)
