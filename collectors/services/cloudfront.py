"""Amazon CloudFront: distributions, and where their requests are logged.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_DISTRIBUTIONS = Operation(
    "cloudfront",
    "list_distributions",
    "cloudfront:ListDistributions",
    "DistributionList.Items",
)
GET_DISTRIBUTION_CONFIG = Operation(
    "cloudfront", "get_distribution_config", "cloudfront:GetDistributionConfig"
)

GONE = ("NoSuchDistribution",)


@dataclass(frozen=True)
class Distribution:
    """``name`` is its first alias, else its domain at CloudFront. ``destination`` is the bucket of
    standard logs or the ARN of a configuration of real-time logs; log deliveries of CloudWatch
    Logs are not told here."""

    arn: str
    id: str = ""
    name: str = ""
    has_log: bool = False
    destination: str = ""


def _fetch(aws: Aws) -> list[Answer]:
    listed = aws.pages(LIST_DISTRIBUTIONS) or []
    found = [_fetch_one(aws, one) for one in listed if one.get("ARN") and one.get("Id")]
    return [answer for answer in found if answer is not None]


def _fetch_one(aws: Aws, listed: Answer) -> Answer | None:
    """None for a distribution that was deleted meanwhile. Its configuration is asked for only
    where the list does not name real-time logs."""
    if _real_time(listed):
        return {"listed": listed}
    answer = aws.call(GET_DISTRIBUTION_CONFIG, absent=GONE, Id=listed["Id"])
    return None if answer is None else {"listed": listed, "config": answer}


def _real_time(described: Answer) -> str:
    return (described.get("DefaultCacheBehavior") or {}).get("RealtimeLogConfigArn") or ""


def _distributions(answers: Any) -> tuple[Distribution, ...]:
    return tuple(_distribution(answer) for answer in answers)


def _distribution(answer: Answer) -> Distribution:
    listed = answer["listed"]
    config = (answer.get("config") or {}).get("DistributionConfig") or {}
    real_time = _real_time(listed) or _real_time(config)
    logging = config.get("Logging") or {}
    is_standard = logging.get("Enabled") is True
    aliases = (listed.get("Aliases") or {}).get("Items") or ()
    return Distribution(
        arn=listed["ARN"],
        id=listed["Id"],
        name=next(iter(aliases), "") or listed.get("DomainName") or "",
        has_log=is_standard or bool(real_time),
        destination=(logging.get("Bucket") or "" if is_standard else "") or real_time,
    )


distributions: Collector[tuple[Distribution, ...]] = Collector(
    "cloudfront.distributions",
    tuple[Distribution, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_DISTRIBUTIONS, GET_DISTRIBUTION_CONFIG),
    _fetch,
    _distributions,
)
