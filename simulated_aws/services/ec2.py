"""EC2: the regions of the account, which moto says are all there; the rest is moto's."""

from __future__ import annotations

from simulated_aws import regions
from simulated_aws.answers import Result, answers
from simulated_aws.wire import Call


@answers("ec2", "DescribeRegions")
def describe_regions(call: Call) -> Result:
    """Enabled ones, or with AllRegions every one with its OptInStatus."""
    named = call.parameters.get("RegionNames") or regions.ALL
    all_regions = str(call.parameters.get("AllRegions", False)).lower() == "true"
    return {
        "Regions": [
            {
                "RegionName": region,
                "Endpoint": f"ec2.{region}.amazonaws.com",
                "OptInStatus": _opt_in_status(call.account, region),
            }
            for region in regions.ALL
            if region in named and (all_regions or regions.is_enabled(call.account, region))
        ]
    }


def _opt_in_status(account: str, region: str) -> str:
    return {
        "ENABLED_BY_DEFAULT": "opt-in-not-required",
        "ENABLED": "opted-in",
        "DISABLED": "not-opted-in",
    }[regions.status(account, region)]
