"""The demo world is what its description claims, as far as AWS itself can say."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import simulated_aws
from simulated_aws import SimulatedAws
from simulated_aws.world.demo import company, describing, themes
from simulated_aws.world.demo.expectations import ITEMS
from tests.simulated_aws.callers import Callers

PACKAGE = Path(simulated_aws.__file__).parent
AI = "AISERVICES_OPT_OUT_POLICY"


def _accounts(demo: SimulatedAws) -> list[dict[str, Any]]:
    pages = demo.client("organizations").get_paginator("list_accounts").paginate()
    return [account for page in pages for account in page["Accounts"]]


def _rows(name: str, delimiter: str) -> Iterator[dict[str, str]]:
    with (PACKAGE / "data" / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _claims(item: str) -> dict[str, str | None]:
    """Account name to the verdict claimed for the item; without open claims."""
    theme = next(theme for theme in themes() if theme.item == item)
    claims = {a.name: theme.claim(a).verdict for a in company.ACTIVE}
    return {name: verdict for name, verdict in claims.items() if verdict}


def test_thirty_accounts_keep_their_ids_and_leading_zeros(demo: SimulatedAws) -> None:
    ids = {account["Id"] for account in _accounts(demo)}
    assert ids == {account.id for account in company.ACCOUNTS}
    assert len(ids) == 30
    assert len([i for i in ids if i.startswith("0")]) >= 2


def test_units_are_nested_in_four_levels_and_their_ids_never_change(demo: SimulatedAws) -> None:
    account = next(a for a in _accounts(demo) if a["Name"] == "storefront-prod")
    assert account["Paths"] == [
        "o-larkfield0/r-lark/ou-lark-84bd9e2a/ou-lark-f9f51cbb/ou-lark-54e6e49d/101010101010/"
    ]


def test_eight_teams_own_the_accounts() -> None:
    assert {account.team for account in company.ACCOUNTS} == set(company.TEAMS)
    assert len(company.TEAMS) == 8


def test_one_account_is_suspended_and_one_is_being_closed(demo: SimulatedAws) -> None:
    states = sorted(account["State"] for account in _accounts(demo))
    assert states[-2:] == ["PENDING_CLOSURE", "SUSPENDED"]
    assert states[:-2] == ["ACTIVE"] * 28


def test_an_account_of_the_spreadsheet_is_invited(demo: SimulatedAws) -> None:
    handshake = demo.client("organizations").list_handshakes_for_organization()["Handshakes"][0]
    parties = {party["Id"] for party in handshake["Parties"]}
    assert (handshake["Action"], handshake["State"]) == ("INVITE", "OPEN")
    assert company.INVITED[1] in parties


def test_one_billed_account_is_known_to_nobody(demo: SimulatedAws) -> None:
    values = demo.client("ce").get_dimension_values(
        Dimension="LINKED_ACCOUNT", TimePeriod={"Start": "2026-10-25", "End": "2026-11-24"}
    )["DimensionValues"]
    strangers = {v["Value"] for v in values} - {account.id for account in company.ACCOUNTS}
    assert strangers == {company.BILLED_STRANGER[1]}


def test_every_item_is_claimed_about_once() -> None:
    assert sorted(theme.item for theme in themes()) == sorted(ITEMS)


def test_every_verdict_is_shown_by_some_account() -> None:
    shown = {theme.item: set(_claims(theme.item).values()) for theme in themes()}
    shown["inventory.organization"] |= {"fail"}  # By the closed accounts.
    undecided = {
        "inventory.security_account",
        "visibility.initial_scan",
        "visibility.account_baseline",
    }
    for item in set(ITEMS) - undecided:
        assert shown[item] - {"unknown"}, item
    assert {"pass", "partial"} <= shown["visibility.account_baseline"]
    assert {"pass", "partial", "fail", "unknown"} <= shown["inventory.cost_alarms"]
    assert {"pass", "partial", "fail", "unknown"} <= shown["visibility.s3_block_public"]


def test_the_ai_opt_out_claims_follow_from_the_effective_policies(callers: Callers) -> None:
    organizations = callers.management("organizations")

    def verdict(account: company.Account) -> str:
        answer = organizations.describe_effective_policy(PolicyType=AI, TargetId=account.id)
        services = json.loads(answer["EffectivePolicy"]["PolicyContent"])["services"]
        choices = {name: choice["opt_out_policy"] for name, choice in services.items()}
        if choices["default"] == "optIn":
            return "fail"
        return "partial" if "optIn" in choices.values() else "pass"

    assert {a.name: verdict(a) for a in company.ACTIVE} == _claims("inventory.ai_optout")


def test_the_public_access_claims_follow_from_the_flags_and_the_buckets(
    demo: SimulatedAws, callers: Callers
) -> None:
    claims = _claims("visibility.s3_block_public")
    del claims["logistics-dev"]  # It throttles, whoever asks first.

    def verdict(name: str) -> str:
        account = callers.account(name)
        try:
            s3control = callers.member(name, "s3control")
            block = s3control.get_public_access_block(AccountId=account)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
                return "unknown"
        else:
            flags = block["PublicAccessBlockConfiguration"].values()
            return "pass" if all(flags) else "partial"
        s3 = callers.member(name, "s3")
        return (
            "partial"
            if all(_blocks(s3, b["Name"]) for b in s3.list_buckets()["Buckets"])
            else "fail"
        )

    assert {name: verdict(name) for name in claims} == claims


def _blocks(s3: Any, bucket: str) -> bool:
    try:
        answer = s3.get_public_access_block(Bucket=bucket)
    except s3.exceptions.ClientError:
        return False
    return all(answer["PublicAccessBlockConfiguration"].values())


def test_the_guardduty_claims_follow_from_detectors_and_administrators(
    demo: SimulatedAws,
) -> None:
    def verdict(account: company.Account, region: str) -> str:
        guardduty = demo.client("guardduty", account=account.id, region=region)
        for detector in guardduty.list_detectors()["DetectorIds"]:
            if guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED":
                answer = guardduty.get_administrator_account(DetectorId=detector)
                administrator = answer.get("Administrator", {}).get("AccountId", account.id)
                return "pass" if administrator == company.SECURITY else "partial"
        return "fail"

    claims = _claims("visibility.guardduty")
    # Nobody gets at all regions of these: disturbed, or stopped by a service control policy.
    for name in ("fernhill-legacy", "fernhill-shop", "logistics-dev", "sandbox-platform"):
        del claims[name]
    for name, claimed in claims.items():
        account = company.BY_NAME[name]
        verdicts = {verdict(account, region) for region in account.regions}
        assert claimed == (verdicts.pop() if len(verdicts) == 1 else "partial"), name


def test_members_see_the_organization_trail_as_a_shadow_only(callers: Callers) -> None:
    cloudtrail = callers.member("storefront-prod", "cloudtrail", "eu-central-1")
    trail = cloudtrail.describe_trails()["trailList"][0]
    assert (trail["IsOrganizationTrail"], trail["HomeRegion"]) == (True, "us-east-1")
    assert trail["TrailARN"].split(":")[4] == company.MANAGEMENT.id
    assert cloudtrail.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        cloudtrail.get_trail_status(Name=trail["Name"])


def test_in_one_region_of_one_account_the_trail_cannot_deliver(callers: Callers) -> None:
    arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/larkfield-organization"
    errors = {
        region: callers.member("search-prod", "cloudtrail", region)
        .get_trail_status(Name=arn)
        .get("LatestDeliveryError")
        for region in company.ORGANIZATION_REGIONS
    }
    assert errors == dict.fromkeys(errors, None) | {"us-west-2": "AccessDenied"}


def test_the_spreadsheet_misses_three_accounts_and_has_two_that_aws_does_not() -> None:
    ids = {
        # What a careful reader makes of the cells: blanks, hyphens, an exponent, lost zeros.
        f"{int(float(cell)) if 'E' in cell else int(cell):012d}"
        for row in _rows("accounts.csv", ";")
        for cell in [row["AWS Acct #"].replace("-", "").replace(" ", "")]
    }
    known = {account.id for account in company.ACCOUNTS}
    assert len(ids) == 29
    assert known - ids == {company.account_id(name) for name in company.NOT_IN_SPREADSHEET}
    assert ids - known == {company.INVITED[1], company.UNKNOWN_TO_AWS[1]}


def test_the_broken_spreadsheet_has_sound_rows_besides() -> None:
    rows = list(_rows("accounts-broken.csv", "\t"))
    assert [row["Notes"] for row in rows].count("Fine") == 2
    assert len(rows) == 13


def test_the_readme_describes_the_world_as_it_is() -> None:
    readme = (PACKAGE / "README.md").read_text()
    written = readme[readme.index(describing.BEGIN) :]
    assert written == describing.markdown(), "Run python -m simulated_aws --describe."


def test_the_world_says_who_is_who_over_http(demo: SimulatedAws) -> None:
    said = demo.get("/_sim/world")
    assert said["accounts"] == demo.world["accounts"]
    assert said["management_role_arn"].endswith(":role/CairnManagement")
    assert said["settings"]["COMPANY_EMAIL_DOMAINS"] == ["example.com"]
