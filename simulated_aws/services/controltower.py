"""Control Tower, which moto does not have: its catalogue of baselines, and no landing zone."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="maxResults", cursor="nextToken")
BASELINES: Final = (
    "AWSControlTowerBaseline",
    "AuditBaseline",
    "BackupBaseline",
    "IdentityCenterBaseline",
    "LogArchiveBaseline",
)
# (management account, home region) -> landing zones and enabled baselines as the API has them.
LANDING_ZONES: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}
ENABLED_BASELINES: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


@answers("controltower", "ListLandingZones")
def list_landing_zones(call: Call) -> Result:
    zones = LANDING_ZONES.get((call.account, call.region), [])
    return PAGES.page(call, "landingZones", [{"arn": zone["arn"]} for zone in zones])


@answers("controltower", "GetLandingZone")
def get_landing_zone(call: Call) -> Result:
    asked = call.parameters["landingZoneIdentifier"]
    for zone in LANDING_ZONES.get((call.account, call.region), []):
        if asked == zone["arn"]:
            return {"landingZone": zone}
    raise AwsError("ResourceNotFoundException", "There is no such landing zone.", 404)


@answers("controltower", "ListBaselines")
def list_baselines(call: Call) -> Result:
    baselines = [
        {"arn": f"arn:aws:controltower:{call.region}::baseline/{name}", "name": name}
        for name in BASELINES
    ]
    return PAGES.page(call, "baselines", baselines)


@answers("controltower", "ListEnabledBaselines")
def list_enabled_baselines(call: Call) -> Result:
    enabled = ENABLED_BASELINES.get((call.account, call.region), [])
    return PAGES.page(call, "enabledBaselines", enabled)
