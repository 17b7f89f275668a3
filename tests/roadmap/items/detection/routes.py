"""Event rules as facts have them, for tests of what reaches whom."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.services import events
from collectors.services.events import Bus, Rule, Rules
from inventory.policy_settings import SETTINGS
from tests.roadmap.items.subjects import ACCOUNT, SECURITY

HOME = "us-east-1"
SEVERE = "guardduty 8"
LOWEST = "guardduty 4"
IMPORTED = "securityhub 8"
IMPORTED_LOWEST = "securityhub 4"
CALLS = tuple(SETTINGS["REALTIME_SAMPLE_EVENTS"].default)
TESTED = (
    SEVERE,
    LOWEST,
    events.ACCESS_ANALYZER,
    IMPORTED,
    IMPORTED_LOWEST,
    events.DENIED_BY_IAM,
    events.DENIED_BY_EC2,
    *CALLS,
)


def arn(service: str, resource: str, account: str = ACCOUNT, region: str = HOME) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def bus(name: str = "central", account: str = SECURITY, region: str = HOME) -> str:
    return arn("events", f"event-bus/{name}", account, region)


FUNCTION = arn("lambda", "function:tickets")
TOPIC = arn("sns", "alerts", SECURITY)


def rule(
    name: str,
    *matches: str,
    to: tuple[str, ...] = (FUNCTION,),
    on: str = "default",
    state: str = events.ENABLED,
    account: str = ACCOUNT,
    matches_of: Mapping[str, tuple[str, ...]] | None = None,
) -> Rule:
    return Rule(
        name,
        arn("events", f"rule/{name}", account),
        on,
        state,
        "{}",
        to,
        matches,
        matches_of or {},
    )


def rules(
    *found: Rule,
    buses: tuple[Bus, ...] = (),
    tested: tuple[str, ...] = TESTED,
    topics: Mapping[str, Mapping[str, int] | None] | None = None,
) -> Rules:
    return Rules((Bus("default"), *buses), tested, len(found), found, topics or {})
