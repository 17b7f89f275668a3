"""AWS Control Tower: the landing zone, and where its baseline is enabled.

https://docs.aws.amazon.com/controltower/latest/APIReference/API_ListEnabledBaselines.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_LANDING_ZONES = Operation(
    "controltower", "list_landing_zones", "controltower:ListLandingZones", "landingZones"
)
GET_LANDING_ZONE = Operation("controltower", "get_landing_zone", "controltower:GetLandingZone")
LIST_BASELINES = Operation(
    "controltower", "list_baselines", "controltower:ListBaselines", "baselines"
)
LIST_ENABLED_BASELINES = Operation(
    "controltower",
    "list_enabled_baselines",
    "controltower:ListEnabledBaselines",
    "enabledBaselines",
)

GONE = "ResourceNotFoundException"
ACCOUNT_BASELINE = "AWSControlTowerBaseline"


@dataclass(frozen=True)
class EnabledBaseline:
    """``target`` is the id of an account, an OU or the root that the account baseline is enabled
    for."""

    target: str
    status: str = ""
    version: str = ""
    is_drifted: bool = False


@dataclass(frozen=True)
class LandingZone:
    """Control Tower in a Region; no ``arn`` where it is not set up. ``baselines`` are those of
    the account baseline only."""

    arn: str = ""
    status: str = ""
    version: str = ""
    latest_version: str = ""
    is_drifted: bool = False
    baselines: tuple[EnabledBaseline, ...] = ()

    @property
    def is_active(self) -> bool:
        return bool(self.arn) and self.status == "ACTIVE"


def fetch_landing_zone(aws: Aws) -> Answer:
    zones = aws.pages(LIST_LANDING_ZONES) or []
    for arn in filter(None, (zone.get("arn") for zone in zones)):
        described = aws.call(GET_LANDING_ZONE, absent=(GONE,), landingZoneIdentifier=arn)
        if described is not None:
            return {
                "zone": described.get("landingZone") or {},
                "baselines": aws.pages(LIST_BASELINES) or [],
                "enabled": aws.pages(LIST_ENABLED_BASELINES, includeChildren=True) or [],
            }
    return {}


def transform_landing_zone(answer: Answer) -> LandingZone:
    zone = answer.get("zone") or {}
    account_baselines = {
        baseline.get("arn")
        for baseline in answer.get("baselines") or ()
        if baseline.get("arn") and baseline.get("name") == ACCOUNT_BASELINE
    }
    return LandingZone(
        arn=zone.get("arn") or "",
        status=zone.get("status") or "",
        version=zone.get("version") or "",
        latest_version=zone.get("latestAvailableVersion") or "",
        is_drifted=(zone.get("driftStatus") or {}).get("status") == "DRIFTED",
        baselines=tuple(
            _enabled(enabled)
            for enabled in answer.get("enabled") or ()
            if enabled.get("baselineIdentifier") in account_baselines
            and enabled.get("targetIdentifier")
        ),
    )


def _enabled(answer: Answer) -> EnabledBaseline:
    drifts = ((answer.get("driftStatusSummary") or {}).get("types") or {}).values()
    return EnabledBaseline(
        target=answer["targetIdentifier"].rpartition("/")[2],
        status=(answer.get("statusSummary") or {}).get("status") or "",
        version=answer.get("baselineVersion") or "",
        is_drifted=any((drift or {}).get("status") == "DRIFTED" for drift in drifts),
    )


landing_zone = Collector(
    "controltower.landing_zone",
    LandingZone,
    Scope.ORGANIZATION,
    Reach.HOME,
    (LIST_LANDING_ZONES, GET_LANDING_ZONE, LIST_BASELINES, LIST_ENABLED_BASELINES),
    fetch_landing_zone,
    transform_landing_zone,
    home_setting="BASELINE_REGIONS",
)
