"""When evidence is too old to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import ce, sts
from inventory.policy import Place, Policy
from roadmap.evaluation.staleness import fresh, last_answers
from tests.factories import NOW

HOUR = timedelta(hours=1)


def seen(collector: Collector[Any], hours: float, outcome: Outcome) -> OrganizationFacts:
    observation: Observation[Any] = Observation(
        collector.name, "1", "", outcome, value=(), observed_at=NOW - hours * HOUR
    )
    return OrganizationFacts(observations={("1", collector.name, ""): observation})


def outcome(facts: OrganizationFacts, **settings: int) -> Outcome:
    rows = {(name, "installation", ""): value for name, value in settings.items()}
    usable = fresh(facts, Policy(rows).at(Place()), NOW)
    return next(iter(usable.observations.values())).outcome


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, Outcome.COLLECTED), (72, Outcome.COLLECTED), (72.1, Outcome.STALE)],
)
def test_evidence_holds_as_long_as_the_company_says(hours: float, expected: Outcome) -> None:
    assert outcome(seen(sts.identity, hours, Outcome.COLLECTED)) == expected


def test_the_age_is_a_setting() -> None:
    facts = seen(sts.identity, 30, Outcome.COLLECTED)
    assert outcome(facts, EVIDENCE_MAX_AGE_HOURS=24) == Outcome.STALE


def test_what_is_collected_rarely_on_purpose_holds_that_much_longer() -> None:
    assert ce.billed_accounts.refresh_hours_setting == "COST_REFRESH_HOURS"
    assert outcome(seen(ce.billed_accounts, 72 + 24, Outcome.COLLECTED)) == Outcome.COLLECTED
    assert outcome(seen(ce.billed_accounts, 72 + 25, Outcome.COLLECTED)) == Outcome.STALE


def test_what_was_not_seen_keeps_its_reason_however_old() -> None:
    assert outcome(seen(sts.identity, 900, Outcome.ACCESS_DENIED)) == Outcome.ACCESS_DENIED


def test_the_last_answer_of_a_kind_is_the_newest_over_regions() -> None:
    def at(region: str, hours: int, outcome: Outcome = Outcome.COLLECTED) -> Observation[Any]:
        return Observation("x.y", "1", region, outcome, observed_at=NOW - hours * HOUR)

    found = last_answers(
        {1: at("a", 5), 2: at("b", 3), 3: at("c", 1, Outcome.THROTTLED)},
    )
    assert found == {"1": {"x.y": NOW - 3 * HOUR}}
