"""The landing zone, and where its account baseline is enabled."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.controltower import EnabledBaseline, LandingZone, landing_zone
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

ZONE = "arn:aws:controltower:us-east-1:111111111111:landingzone/1A2B"
BASELINE = "arn:aws:controltower:us-east-1::baseline/17BSJV3IGJ2QSGA2"
IDENTITY = "arn:aws:controltower:us-east-1::baseline/LN25R72TTG6IGPTQ"
OU = "arn:aws:organizations::111111111111:ou/o-1/ou-work-1"


def enabled(baseline: str, target: str, status: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    return {
        "arn": f"{baseline}/{target}",
        "baselineIdentifier": baseline,
        "targetIdentifier": target,
        "statusSummary": {"status": status},
        "baselineVersion": "4.0",
        **more,
    }


ANSWERS = {
    "list_landing_zones": {"landingZones": [{"arn": ZONE}]},
    "get_landing_zone": {
        "landingZone": {
            "arn": ZONE,
            "status": "ACTIVE",
            "version": "3.3",
            "latestAvailableVersion": "4.0",
            "driftStatus": {"status": "IN_SYNC"},
            "manifest": {},
        }
    },
    "list_baselines": {
        "baselines": [
            {"arn": BASELINE, "name": "AWSControlTowerBaseline"},
            {"arn": IDENTITY, "name": "IdentityCenterBaseline"},
        ]
    },
    "list_enabled_baselines": [
        {"enabledBaselines": [enabled(BASELINE, OU)], "nextToken": "more"},
        {"enabledBaselines": []},
        {
            "enabledBaselines": [
                enabled(IDENTITY, OU),
                enabled(
                    BASELINE,
                    f"arn:aws:organizations::111111111111:account/o-1/{ACCOUNT}",
                    "FAILED",
                    driftStatusSummary={"types": {"inheritance": {"status": "DRIFTED"}}},
                ),
            ]
        },
    ],
}


def test_it_reads_where_the_account_baseline_is_enabled() -> None:
    assert collect(landing_zone, ANSWERS) == LandingZone(
        arn=ZONE,
        status="ACTIVE",
        version="3.3",
        latest_version="4.0",
        baselines=(
            EnabledBaseline("ou-work-1", "SUCCEEDED", "4.0"),
            EnabledBaseline(ACCOUNT, "FAILED", "4.0", is_drifted=True),
        ),
    )


def test_no_landing_zone_is_a_fact_and_asks_nothing_more() -> None:
    asked: list[Any] = []
    found = collect(landing_zone, {"list_landing_zones": {"landingZones": []}}, asked=asked)
    assert (found, len(asked)) == (LandingZone(), 1)


def test_a_landing_zone_that_vanished_is_none() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    assert collect(landing_zone, {**ANSWERS, "get_landing_zone": gone}) == LandingZone()


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_absent(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(landing_zone, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(ANSWERS))
def test_a_baseline_is_in_place_only_if_everything_says_so(answers: Any) -> None:
    found = collect(landing_zone, answers, is_checked=False)
    zone = answers["get_landing_zone"].get("landingZone", {})
    assert found.is_active <= bool(zone.get("arn") and zone.get("status") == "ACTIVE")
    told = [b for page in answers["list_enabled_baselines"] for b in page["enabledBaselines"]]
    succeeded = [b for b in told if b.get("statusSummary", {}).get("status") == "SUCCEEDED"]
    assert sum(b.status == "SUCCEEDED" for b in found.baselines) <= len(succeeded)
