"""AWS WAF: how many web application firewalls there are in a Region.

https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html
"""

from __future__ import annotations

from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

LIST_WEB_ACLS = Operation("wafv2", "list_web_acls", "wafv2:ListWebACLs", "WebACLs")

# For load balancers, APIs and the like; those for CloudFront are kept apart.
REGIONAL = "REGIONAL"


def _names(answers: Any) -> tuple[str, ...]:
    return tuple(answer.get("Name") or "unnamed" for answer in answers or ())


web_acls: Collector[tuple[str, ...]] = Collector(
    "wafv2.web_acls",
    tuple[str, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_WEB_ACLS,),
    lambda aws: aws.pages(LIST_WEB_ACLS, Scope=REGIONAL),
    _names,
)
