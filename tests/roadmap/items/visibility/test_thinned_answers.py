"""Answers of AWS with fields missing and words nobody knows yet: no rule passes on what is absent.

Each sample passes as it is. Whatever is left out of it, the rule may pass only while everything
that decides is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.outcomes import Missing
from collectors.registry import Collector
from collectors.services import (
    accessanalyzer,
    cloudformation,
    cloudtrail,
    controltower,
    guardduty,
    iam,
    s3,
    s3control,
    securityhub,
    securitylake,
)
from roadmap.items.visibility import (
    access_analyzer,
    account_baseline,
    initial_scan,
    s3_block_public,
    security_role,
)
from roadmap.items.visibility import cloudtrail as cloudtrail_item
from roadmap.items.visibility import guardduty as guardduty_item
from roadmap.registry import Item
from roadmap.verdicts import Status
from tests.collectors.services.canned import Answers, collect, thinned
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    NOW,
    REGIONS,
    SECURITY,
    attested,
)
from tests.roadmap.items.visibility.central import central_subject, everywhere

Facts = dict[tuple[Any, ...], Any]
COLLECTOR_SETTINGS = {
    "SECURITY_ROLE_NAMES": ["CairnReadOnly", "SecurityAudit"],
    "BASELINE_STACKSETS": ["baseline"],
}
TRAIL = {
    "TrailARN": f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/company",
    "HomeRegion": "us-east-1",
    "S3BucketName": "logs",
    "IsOrganizationTrail": True,
    "IsMultiRegionTrail": True,
    "IncludeGlobalServiceEvents": True,
}
SELECTOR = {"IncludeManagementEvents": True, "ReadWriteType": "All"}
DOCUMENT = {
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SECURITY}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
    }
}
BLOCK = dict.fromkeys(s3control.FLAG_NAMES, True)
SUBSCRIPTION = {"StandardsArn": "arn:standard", "StandardsStatus": "READY"}
HUB = {"HubArn": "arn:hub", "SubscribedAt": f"{NOW - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"}
INSTANCE = {
    "Account": ACCOUNT,
    "Status": "CURRENT",
    "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
}
STACK_SET = {
    "StackSetName": "baseline",
    "PermissionModel": "SERVICE_MANAGED",
    "AutoDeployment": {"Enabled": True},
}

# item → collector, its answers, the fields that decide nothing, and the facts beside it.
CASES: Mapping[str, tuple[Item, Collector[Any], Answers, frozenset[str], Facts]] = {
    "cloudtrail": (
        cloudtrail_item.item,
        cloudtrail.trails,
        {
            "describe_trails": {"trailList": [TRAIL]},
            "get_trail_status": {"IsLogging": True, "LatestDeliveryTime": NOW},
            "get_event_selectors": {"EventSelectors": [SELECTOR]},
        },
        # An organization's trail from elsewhere need not have delivered in this Region.
        frozenset({"TrailARN", "HomeRegion", "LatestDeliveryTime"}),
        {
            (SECURITY, s3.buckets): (),
            (LOGS, s3.buckets): (s3.Bucket("logs"),),
            **everywhere(MANAGEMENT, cloudtrail.event_data_stores, ()),
            **everywhere(SECURITY, securitylake.data_lake, securitylake.DataLake()),
            **everywhere(LOGS, securitylake.data_lake, securitylake.DataLake()),
        },
    ),
    "guardduty": (
        guardduty_item.item,
        guardduty.detector,
        {
            "list_detectors": {"DetectorIds": ["d1"]},
            "get_detector": {"Status": "ENABLED"},
            "get_administrator_account": {
                "Administrator": {"AccountId": SECURITY, "RelationshipStatus": "Enabled"}
            },
        },
        frozenset({"DetectorIds"}),
        everywhere(MANAGEMENT, guardduty.delegated_administrators, (SECURITY,)),
    ),
    "security_role": (
        security_role.item,
        iam.view_roles,
        {
            "get_role": {"Role": {"Arn": "arn:role", "AssumeRolePolicyDocument": DOCUMENT}},
            "list_attached_role_policies": {
                "AttachedPolicies": [
                    {"PolicyName": "SecurityAudit"},
                    {"PolicyName": "ViewOnlyAccess"},
                ]
            },
            "list_role_policies": {"PolicyNames": []},
        },
        # A condition only spares a finding; without a word on its effect a statement lets in.
        frozenset({"Arn", "Condition", "Effect"}),
        {},
    ),
    "s3_block_public": (
        s3_block_public.item,
        s3control.public_access_block,
        {
            "get_public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
            "list_buckets": {"Buckets": []},
        },
        frozenset(),
        {},
    ),
    "initial_scan": (
        initial_scan.item,
        securityhub.hub,
        {
            "describe_hub": HUB,
            "get_enabled_standards": {"StandardsSubscriptions": [SUBSCRIPTION]},
        },
        frozenset({"HubArn", "StandardsArn"}),
        everywhere(
            SECURITY,
            securityhub.urgent_findings,
            securityhub.UrgentFindings(True, {ACCOUNT: REGIONS}),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_no_rule_passes_on_an_answer_with_something_missing(name: str, data: Any) -> None:
    item, collector, whole, beside, facts = CASES[name]
    found = data.draw(thinned(whole, kept=beside))

    status = judge(item, facts, collector, found)

    assert (status == Status.PASS) == (found == whole), status


def judge(item: Item, facts: Facts, collector: Collector[Any], answers: Answers) -> Status:
    value = collect(
        collector, answers, account_id=ACCOUNT, settings=COLLECTOR_SETTINGS, is_checked=False
    )
    observed = {(ACCOUNT, collector, region): value for region in (*REGIONS, "")}
    return status_of(item, facts | observed)


def status_of(item: Item, facts: Facts) -> Status:
    assert item.judge is not None
    answers = [attested(item.key, level="organization")] if item.attests else []
    try:
        return item.judge(
            central_subject(
                facts,
                settings={"BASELINE_STACKSETS": ["baseline"]},
                attestations=answers if item is account_baseline.item else (),
            )
        ).status
    except Missing:
        return Status.UNKNOWN


# collector of another account → where it is kept, its answers, the fields that decide nothing.
CENTRAL: Mapping[str, tuple[Item, Callable[[Any], Facts], Collector[Any], Answers, frozenset[str]]]
CENTRAL = {
    "analyzer": (
        access_analyzer.item,
        lambda value: {
            **everywhere(SECURITY, accessanalyzer.security_analyzers, value),
            **everywhere(LOGS, accessanalyzer.security_analyzers, ()),
            **everywhere(MANAGEMENT, accessanalyzer.management_analyzers, ()),
            **everywhere(ACCOUNT, accessanalyzer.analyzers, ()),
        },
        accessanalyzer.security_analyzers,
        {
            "list_analyzers": {
                "analyzers": [{"arn": "arn:a", "type": "ORGANIZATION", "status": "ACTIVE"}]
            },
            "get_findings_statistics": {"findingsStatistics": []},
        },
        frozenset({"arn"}),
    ),
    "stack set": (
        account_baseline.item,
        lambda value: {
            (MANAGEMENT, cloudformation.stack_sets, "us-east-1"): value,
            (SECURITY, cloudformation.delegated_stack_sets, "us-east-1"): cloudformation.StackSets(
                ("baseline",)
            ),
            (LOGS, cloudformation.delegated_stack_sets, "us-east-1"): cloudformation.StackSets(
                ("baseline",)
            ),
            (MANAGEMENT, controltower.landing_zone, "us-east-1"): controltower.LandingZone(),
        },
        cloudformation.stack_sets,
        {
            "list_stack_sets": {"Summaries": [{"StackSetName": "baseline"}]},
            "describe_stack_set": {"StackSet": STACK_SET},
            "list_stack_instances": {"Summaries": [INSTANCE]},
        },
        frozenset(),
    ),
    "event data store": (
        cloudtrail_item.item,
        lambda value: {
            **everywhere(ACCOUNT, cloudtrail.trails, ()),
            **everywhere(MANAGEMENT, cloudtrail.event_data_stores, value),
            **everywhere(SECURITY, securitylake.data_lake, securitylake.DataLake()),
            **everywhere(LOGS, securitylake.data_lake, securitylake.DataLake()),
        },
        cloudtrail.event_data_stores,
        {
            "list_event_data_stores": {"EventDataStores": [{"EventDataStoreArn": "arn:s"}]},
            "get_event_data_store": {
                "EventDataStoreArn": "arn:s",
                "Status": "ENABLED",
                "MultiRegionEnabled": True,
                "OrganizationEnabled": True,
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                ],
            },
        },
        frozenset({"EventDataStoreArn"}),
    ),
}


@pytest.mark.parametrize("name", CENTRAL)
@given(data=st.data())
def test_nor_on_what_another_account_does_not_say(name: str, data: Any) -> None:
    item, placed, collector, whole, beside = CENTRAL[name]
    found = data.draw(thinned(whole, kept=beside))
    value = collect(collector, found, settings=COLLECTOR_SETTINGS, is_checked=False)

    passes = status_of(item, placed(value)) == Status.PASS

    assert passes == (found == whole)
