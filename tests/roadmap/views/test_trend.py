"""The trend's picture: few lines, gaps where nothing is known, notes where the rules changed."""

from __future__ import annotations

from datetime import date, timedelta

from roadmap.queries import RuleChange, StageCounts, TrendDay
from roadmap.rollups import Counts
from roadmap.stages import STAGES
from roadmap.views.overview import trend_chart

FIRST = date(2026, 11, 1)


def day(number: int, **passed: int) -> TrendDay:
    """Of ten accounts each; ``s3=7`` says how many pass in stage 3, four in the others."""
    stages = []
    for stage in STAGES:
        good = passed.get(f"s{stage.number}", 4)
        stages.append(StageCounts(stage, Counts(passed=good, failed=10 - good)))
    whole = Counts(passed=50, failed=50)
    return TrendDay(day=FIRST + timedelta(days=number), accounts=10, counts=whole, stages=stages)


def test_it_draws_all_stages_and_the_three_that_moved_most() -> None:
    chart = trend_chart([day(0), day(2, s2=5, s3=9, s7=0, s10=8)])
    names = [series["name"] for series in chart["series"]]
    assert names == ["All stages", "Stage 3", "Stage 7", "Stage 10"]
    assert chart["series"][1]["values"] == [40.0, None, 90.0]
    assert chart["dates"] == ["2026-11-01", "2026-11-02", "2026-11-03"]


def test_it_notes_where_rules_changed_within_what_it_shows() -> None:
    changed = [RuleChange(FIRST, ("A",)), RuleChange(FIRST - timedelta(days=1), ("A", "B"))]
    notes = trend_chart([day(0), day(1)], changed)["notes"]
    assert notes == [{"date": "2026-11-01", "text": "A changed"}]


def test_without_a_day_there_is_no_picture() -> None:
    assert trend_chart([]) == {}
