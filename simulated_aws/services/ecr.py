"""ECR: pull through cache rules, which moto lacks; the rest is moto's."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(
    limit=1000, size="maxResults", cursor="nextToken", error="InvalidParameterException"
)
# (account, region) -> rules as DescribePullThroughCacheRules describes them.
PULL_THROUGH: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


@answers("ecr", "DescribePullThroughCacheRules")
def describe_pull_through_cache_rules(call: Call) -> Result:
    rules = PULL_THROUGH.get((call.account, call.region), [])
    return PAGES.page(call, "pullThroughCacheRules", rules)
