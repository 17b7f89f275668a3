"""Every operation that the items of stages 1 and 3, their core calls and guardrails name."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from tests.simulated_aws.callers import Callers, error_code

TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/larkfield-organization"
SECURITY = "222233334444"
STOREFRONT = "101010101010"
MANAGEMENT = "111122223333"
ANALYZER = "arn:aws:access-analyzer:us-east-1:222233334444:analyzer/larkfield-external-access"
AI = "AISERVICES_OPT_OUT_POLICY"
DAYS = {"Start": "2026-10-25", "End": "2026-11-24"}
CHARGES = {
    "Namespace": "AWS/Billing",
    "MetricName": "EstimatedCharges",
    "Dimensions": [{"Name": "Currency", "Value": "USD"}],
}
THRESHOLD = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80,
    "ThresholdType": "PERCENTAGE",
}

# Operation, parameters, and where the answer's items are: an answer without any proves nothing.
BY_MANAGEMENT: list[tuple[str, dict[str, Any], str]] = [
    ("sts.get_caller_identity", {}, "Account"),
    ("organizations.describe_organization", {}, "Organization"),
    ("organizations.list_roots", {}, "Roots"),
    (
        "organizations.list_organizational_units_for_parent",
        {"ParentId": "r-lark"},
        "OrganizationalUnits",
    ),
    ("organizations.list_accounts_for_parent", {"ParentId": "r-lark"}, "Accounts"),
    ("organizations.list_accounts", {}, "Accounts"),
    ("organizations.list_tags_for_resource", {"ResourceId": STOREFRONT}, "Tags"),
    ("organizations.list_policies", {"Filter": "SERVICE_CONTROL_POLICY"}, "Policies"),
    ("organizations.describe_policy", {"PolicyId": "p-FullAWSAccess"}, "Policy"),
    (
        "organizations.list_policies_for_target",
        {"TargetId": STOREFRONT, "Filter": "SERVICE_CONTROL_POLICY"},
        "Policies",
    ),
    ("organizations.list_delegated_administrators", {}, "DelegatedAdministrators"),
    (
        "organizations.list_delegated_services_for_account",
        {"AccountId": SECURITY},
        "DelegatedServices",
    ),
    ("organizations.list_aws_service_access_for_organization", {}, "EnabledServicePrincipals"),
    ("organizations.list_handshakes_for_organization", {}, "Handshakes"),
    (
        "organizations.describe_effective_policy",
        {"PolicyType": AI, "TargetId": STOREFRONT},
        "EffectivePolicy",
    ),
    (
        "organizations.list_effective_policy_validation_errors",
        {"PolicyType": AI, "AccountId": STOREFRONT},
        "EvaluationTimestamp",
    ),
    ("account.list_regions", {"AccountId": STOREFRONT}, "Regions"),
    (
        "account.get_alternate_contact",
        {"AccountId": STOREFRONT, "AlternateContactType": "SECURITY"},
        "AlternateContact",
    ),
    ("account.get_contact_information", {"AccountId": STOREFRONT}, "ContactInformation"),
    ("account.get_primary_email", {"AccountId": STOREFRONT}, "PrimaryEmail"),
    (
        "ce.get_dimension_values",
        {"Dimension": "LINKED_ACCOUNT", "TimePeriod": DAYS},
        "DimensionValues",
    ),
    ("ce.get_anomaly_monitors", {}, "AnomalyMonitors"),
    ("ce.get_anomaly_subscriptions", {}, "AnomalySubscriptions"),
    ("budgets.describe_budgets", {"AccountId": MANAGEMENT}, "Budgets"),
    (
        "budgets.describe_budget_notifications_for_account",
        {"AccountId": MANAGEMENT},
        "BudgetNotificationsForAccount",
    ),
    (
        "budgets.describe_subscribers_for_notification",
        {"AccountId": MANAGEMENT, "BudgetName": "payments", "Notification": THRESHOLD},
        "Subscribers",
    ),
    ("cloudwatch.describe_alarms_for_metric", CHARGES, ""),
    ("cloudtrail.describe_trails", {}, "trailList"),
    ("cloudtrail.get_trail_status", {"Name": TRAIL}, "IsLogging"),
    ("cloudtrail.get_event_selectors", {"TrailName": TRAIL}, "EventSelectors"),
    ("cloudtrail.list_event_data_stores", {}, ""),
    ("guardduty.list_organization_admin_accounts", {}, "AdminAccounts"),
    ("macie2.list_organization_admin_accounts", {}, "adminAccounts"),
    ("accessanalyzer.list_analyzers", {}, ""),
    ("iam.list_organizations_features", {}, "EnabledFeatures"),
    ("cloudformation.list_stack_sets", {}, "Summaries"),
    ("cloudformation.describe_stack_set", {"StackSetName": "larkfield-baseline"}, "StackSet"),
    ("cloudformation.list_stack_instances", {"StackSetName": "larkfield-baseline"}, "Summaries"),
    ("controltower.list_landing_zones", {}, ""),
    ("controltower.list_baselines", {}, "baselines"),
    ("controltower.list_enabled_baselines", {}, ""),
]
IN_SECURITY: list[tuple[str, dict[str, Any], str]] = [
    ("s3.list_buckets", {}, ""),
    ("guardduty.list_detectors", {}, "DetectorIds"),
    ("accessanalyzer.list_analyzers", {}, "analyzers"),
    ("accessanalyzer.get_findings_statistics", {"analyzerArn": ANALYZER}, "findingsStatistics"),
    ("securitylake.list_data_lakes", {}, ""),
    ("securitylake.list_log_sources", {}, ""),
    ("cloudformation.list_stack_sets", {"CallAs": "DELEGATED_ADMIN"}, "Summaries"),
    (
        "cloudformation.describe_stack_set",
        {"CallAs": "DELEGATED_ADMIN", "StackSetName": "larkfield-baseline"},
        "StackSet",
    ),
    (
        "cloudformation.list_stack_instances",
        {"CallAs": "DELEGATED_ADMIN", "StackSetName": "larkfield-baseline"},
        "Summaries",
    ),
    ("organizations.list_accounts", {}, "Accounts"),
]
IN_MEMBER: list[tuple[str, dict[str, Any], str]] = [
    ("sts.get_caller_identity", {}, "Account"),
    ("account.list_regions", {}, "Regions"),
    ("account.get_alternate_contact", {"AlternateContactType": "BILLING"}, "AlternateContact"),
    ("account.get_contact_information", {}, "ContactInformation"),
    ("ec2.describe_regions", {"AllRegions": True}, "Regions"),
    ("ec2.describe_instances", {}, "Reservations"),
    ("ec2.describe_vpcs", {}, "Vpcs"),
    ("lambda.list_functions", {}, ""),
    ("rds.describe_db_instances", {}, "DBInstances"),
    ("ecs.list_clusters", {}, ""),
    ("dynamodb.list_tables", {}, "TableNames"),
    ("s3.list_buckets", {}, "Buckets"),
    (
        "s3.get_public_access_block",
        {"Bucket": "larkfield-storefront-assets"},
        "PublicAccessBlockConfiguration",
    ),
    (
        "s3control.get_public_access_block",
        {"AccountId": STOREFRONT},
        "PublicAccessBlockConfiguration",
    ),
    ("organizations.describe_organization", {}, "Organization"),
    ("organizations.describe_effective_policy", {"PolicyType": AI}, "EffectivePolicy"),
    ("budgets.describe_budgets", {"AccountId": STOREFRONT}, "Budgets"),
    (
        "budgets.describe_budget_notifications_for_account",
        {"AccountId": STOREFRONT},
        "BudgetNotificationsForAccount",
    ),
    ("cloudwatch.describe_alarms_for_metric", CHARGES, ""),
    ("cloudtrail.describe_trails", {}, "trailList"),
    ("cloudtrail.get_trail_status", {"Name": TRAIL}, "IsLogging"),
    ("cloudtrail.get_event_selectors", {"TrailName": TRAIL}, "EventSelectors"),
    ("guardduty.list_detectors", {}, "DetectorIds"),
    ("accessanalyzer.list_analyzers", {}, ""),
    ("iam.get_role", {"RoleName": "CairnReadOnly"}, "Role"),
    ("iam.list_attached_role_policies", {"RoleName": "CairnReadOnly"}, "AttachedPolicies"),
    ("iam.list_role_policies", {"RoleName": "CairnReadOnly"}, "PolicyNames"),
    ("securityhub.describe_hub", {}, "HubArn"),
    ("securityhub.get_enabled_standards", {}, "StandardsSubscriptions"),
]


def _call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
    return getattr(client, operation.partition(".")[2])(**parameters)


def _service(operation: str) -> str:
    return operation.partition(".")[0]


@pytest.mark.parametrize(("operation", "parameters", "key"), BY_MANAGEMENT)
def test_the_management_role_gets_an_answer_to(
    callers: Callers, operation: str, parameters: dict[str, Any], key: str
) -> None:
    answer = _call(callers.management(_service(operation)), operation, parameters)
    assert not key or answer[key]


@pytest.mark.parametrize(("operation", "parameters", "key"), IN_SECURITY)
def test_the_member_role_of_the_security_account_gets_an_answer_to(
    callers: Callers, operation: str, parameters: dict[str, Any], key: str
) -> None:
    client = callers.member("security-tooling", _service(operation))
    answer = _call(client, operation, parameters)
    assert not key or answer[key]


@pytest.mark.parametrize(("operation", "parameters", "key"), IN_MEMBER)
def test_the_member_role_gets_an_answer_to(
    callers: Callers, operation: str, parameters: dict[str, Any], key: str
) -> None:
    client = callers.member("storefront-prod", _service(operation), "eu-west-1")
    answer = _call(client, operation, parameters)
    assert not key or answer[key]


def test_the_guardduty_administrator_sees_its_members(callers: Callers) -> None:
    guardduty = callers.member("security-tooling", "guardduty")
    detector = guardduty.list_detectors()["DetectorIds"][0]
    members = guardduty.list_members(DetectorId=detector)["Members"]
    ids = [member["AccountId"] for member in members]
    details = guardduty.get_member_detectors(DetectorId=detector, AccountIds=[STOREFRONT])
    organization = guardduty.describe_organization_configuration(DetectorId=detector)

    assert STOREFRONT in ids
    assert SECURITY not in ids
    assert details["MemberDataSourceConfigurations"][0]["AccountId"] == STOREFRONT
    assert organization["AutoEnableOrganizationMembers"] == "ALL"


def test_a_member_names_its_guardduty_administrator_and_all_features(callers: Callers) -> None:
    guardduty = callers.member("storefront-prod", "guardduty")
    detector = guardduty.list_detectors()["DetectorIds"][0]
    described = guardduty.get_detector(DetectorId=detector)
    administrator = guardduty.get_administrator_account(DetectorId=detector)["Administrator"]

    assert described["Status"] == "ENABLED"
    assert {"S3_DATA_EVENTS", "CLOUD_TRAIL"} <= {f["Name"] for f in described["Features"]}
    assert administrator["AccountId"] == SECURITY


def test_budget_actions_are_listed(callers: Callers, demo: SimulatedAws) -> None:
    client = demo.client("budgets", account=STOREFRONT)
    actions = client.describe_budget_actions_for_account(AccountId=STOREFRONT)["Actions"]
    assert [action["ApprovalModel"] for action in actions] == ["MANUAL"]


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("macie2.get_macie_session", {}, "AccessDeniedException"),
        (
            "cloudtrail.get_event_data_store",
            {"EventDataStore": "x" * 36},
            "EventDataStoreNotFoundException",
        ),
        (
            "controltower.get_landing_zone",
            {"landingZoneIdentifier": "x"},
            "ResourceNotFoundException",
        ),
        ("securityhub.describe_hub", {}, "InvalidAccessException"),
        ("securityhub.get_enabled_standards", {}, "InvalidAccessException"),
    ],
)
def test_what_is_not_there_is_an_error_of_the_service_itself(
    demo: SimulatedAws, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        _call(demo.client(_service(operation)), operation, parameters)
    assert error_code(refused.value) == code


def test_macie_answers_where_it_is_enabled(callers: Callers) -> None:
    assert callers.member("data-lake-prod", "macie2").get_macie_session()["status"] == "ENABLED"
    assert callers.member("analytics-prod", "macie2").get_macie_session()["status"] == "PAUSED"


def test_an_operation_nobody_answers_is_not_taken_for_one_that_failed(demo: SimulatedAws) -> None:
    with pytest.raises(ClientError) as missing:
        demo.client("detective").list_graphs()
    assert error_code(missing.value) == "NotImplemented"
