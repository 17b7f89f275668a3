"""What the pages show, as typed values: each page asks one or two functions of this package.

Rows are limited by the accounts passed in, which come from ``Account.objects.visible_to(user)``;
functions that take a user start there themselves.
"""

from roadmap.queries.accounts import (
    AccountLine,
    AccountPage,
    Gap,
    StageStanding,
    account_lines,
    account_page,
)
from roadmap.queries.counts import (
    Excepted,
    StageCounts,
    counts_of,
    excepted,
    ladder,
    ladders_of,
    whole,
)
from roadmap.queries.overview import (
    Blocker,
    Coverage,
    Headline,
    HeatMap,
    HeatRow,
    RuleChange,
    Setback,
    TrendDay,
    blockers,
    coverage,
    headlines,
    heat_map,
    item_counts,
    last_judged,
    rule_changes,
    setbacks,
    trend,
)
from roadmap.queries.roadmap import (
    ItemAccount,
    ItemCounts,
    ItemPage,
    OrganizationAnswer,
    StageItems,
    item_page,
    owners_to_write_to,
    stages_page,
)
from roadmap.queries.teams import TeamPage, team_page
from roadmap.queries.verdicts import ItemVerdict, verdicts_of

__all__ = [
    "AccountLine",
    "AccountPage",
    "Blocker",
    "Coverage",
    "Excepted",
    "Gap",
    "Headline",
    "HeatMap",
    "HeatRow",
    "ItemAccount",
    "ItemCounts",
    "ItemPage",
    "ItemVerdict",
    "OrganizationAnswer",
    "RuleChange",
    "Setback",
    "StageCounts",
    "StageItems",
    "StageStanding",
    "TeamPage",
    "TrendDay",
    "account_lines",
    "account_page",
    "blockers",
    "counts_of",
    "coverage",
    "excepted",
    "headlines",
    "heat_map",
    "item_counts",
    "item_page",
    "ladder",
    "ladders_of",
    "last_judged",
    "owners_to_write_to",
    "rule_changes",
    "setbacks",
    "stages_page",
    "team_page",
    "trend",
    "verdicts_of",
    "whole",
]
