"""Which regions an account has enabled. Calls to any other are refused, as AWS refuses them.

Fewer regions are enabled by default than in AWS, where it is seventeen, so that a collection of
the demo world takes seconds.
"""

from __future__ import annotations

from typing import Final

from botocore.session import get_session

ENABLED_BY_DEFAULT: Final = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
ALL: Final = tuple(sorted(get_session().get_available_regions("ec2", partition_name="aws")))

# Account -> the regions it has opted in to.
OPTED_IN: Final[dict[str, set[str]]] = {}


def status(account: str, region: str) -> str:
    """The account API's RegionOptStatus."""
    if region in ENABLED_BY_DEFAULT:
        return "ENABLED_BY_DEFAULT"
    return "ENABLED" if region in OPTED_IN.get(account, ()) else "DISABLED"


def is_enabled(account: str, region: str) -> bool:
    return status(account, region) != "DISABLED"


def enabled(account: str) -> list[str]:
    return [region for region in ALL if is_enabled(account, region)]
