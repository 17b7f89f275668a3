"""What every account answers. A template is rendered once; the rest depends on the parameters.

An operation that is in neither table answers a result with nothing in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.scale.company import (
    COLLECTOR_ARN,
    MANAGEMENT,
    ORGANIZATION,
    REGIONS,
    ROLE,
    ROOT,
    SECURITY,
    Company,
    access_key,
    account_at,
    account_of,
)
from simulated_aws.wire import Call

# In rendered templates these stand for the account and the region of the call.
ACCOUNT: Final = "900000000009"
REGION: Final = "zz-scale-1"

Result = Mapping[str, Any]
DETECTOR: Final = "d" * 32
TRAIL: Final = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/organization"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": COLLECTOR_ARN},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "scale"}},
        }
    ],
}
_MONITOR: Final = f"arn:aws:ce::{MANAGEMENT}:anomalymonitor/scale"
_POLICIES: Final = [
    {"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"}
    for name in ("SecurityAudit", "ViewOnlyAccess")
]

TEMPLATES: Final[Mapping[tuple[str, str], Result | AwsError]] = {
    ("organizations", "DescribeOrganization"): {
        "Organization": {
            "Id": ORGANIZATION,
            "Arn": f"arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}",
            "FeatureSet": "ALL",
            "MasterAccountId": MANAGEMENT,
            "MasterAccountEmail": "aws+00000@example.com",
        }
    },
    ("organizations", "ListRoots"): {
        "Roots": [
            {
                "Id": ROOT,
                "Arn": f"arn:aws:organizations::{MANAGEMENT}:root/{ORGANIZATION}/{ROOT}",
                "Name": "Root",
                "PolicyTypes": [{"Type": "AISERVICES_OPT_OUT_POLICY", "Status": "ENABLED"}],
            }
        ]
    },
    ("account", "ListRegions"): {
        "Regions": [
            {"RegionName": region, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for region in REGIONS
        ]
    },
    ("ec2", "DescribeRegions"): {
        "Regions": [
            {
                "RegionName": region,
                "OptInStatus": "opt-in-not-required",
                "Endpoint": f"ec2.{region}.amazonaws.com",
            }
            for region in REGIONS
        ]
    },
    ("iam", "GetRole"): {
        "Role": {
            "Path": "/",
            "RoleName": ROLE,
            "RoleId": "AROAEXAMPLEEXAMPLEEXA",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
            "CreateDate": datetime(2024, 1, 15, tzinfo=UTC),
            "AssumeRolePolicyDocument": json.dumps(_TRUST),
        }
    },
    ("iam", "ListAttachedRolePolicies"): {"AttachedPolicies": _POLICIES, "IsTruncated": False},
    ("iam", "GenerateCredentialReport"): {"State": "COMPLETE"},
    ("iam", "GetCredentialReport"): {
        "Content": b"user,arn,password_enabled,access_key_1_active",
        "ReportFormat": "text/csv",
        "GeneratedTime": datetime.now(UTC),
    },
    ("iam", "GetAccountSummary"): {"SummaryMap": {"AccountAccessKeysPresent": 0}},
    ("iam", "ListRolePolicies"): {"PolicyNames": [], "IsTruncated": False},
    ("s3control", "GetPublicAccessBlock"): {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        }
    },
    ("cloudtrail", "DescribeTrails"): {
        "trailList": [
            {
                "Name": "organization",
                "TrailARN": TRAIL,
                "S3BucketName": "scale-trail-logs",
                "HomeRegion": "us-east-1",
                "IsMultiRegionTrail": True,
                "IsOrganizationTrail": True,
                "IncludeGlobalServiceEvents": True,
                "LogFileValidationEnabled": True,
            }
        ]
    },
    ("cloudtrail", "GetTrailStatus"): {"IsLogging": True, "LatestDeliveryTime": datetime.now(UTC)},
    ("cloudtrail", "GetEventSelectors"): {
        "TrailARN": TRAIL,
        "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    },
    ("guardduty", "ListDetectors"): {"DetectorIds": [DETECTOR]},
    ("guardduty", "GetDetector"): {
        "Status": "ENABLED",
        "ServiceRole": f"arn:aws:iam::{ACCOUNT}:role/guardduty",
        "Features": [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}],
    },
    ("guardduty", "GetAdministratorAccount"): {
        "Administrator": {"AccountId": SECURITY, "RelationshipStatus": "Enabled"}
    },
    ("guardduty", "DescribeOrganizationConfiguration"): {
        "AutoEnableOrganizationMembers": "ALL",
        "MemberAccountLimitReached": False,
    },
    ("guardduty", "ListOrganizationAdminAccounts"): {
        "AdminAccounts": [{"AdminAccountId": SECURITY, "AdminStatus": "ENABLED"}]
    },
    ("macie2", "GetMacieSession"): AwsError("AccessDeniedException", "Macie is not enabled.", 403),
    ("securityhub", "DescribeHub"): {
        "HubArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default",
        "SubscribedAt": "2024-02-01T00:00:00.000Z",
    },
    ("securityhub", "GetEnabledStandards"): {
        "StandardsSubscriptions": [
            {
                "StandardsArn": f"arn:aws:securityhub:{REGION}::standards/scale",
                "StandardsSubscriptionArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription",
                "StandardsInput": {},
                "StandardsStatus": "READY",
            }
        ]
    },
    ("ce", "GetAnomalyMonitors"): {
        "AnomalyMonitors": [
            {
                "MonitorArn": _MONITOR,
                "MonitorName": "accounts",
                "MonitorType": "DIMENSIONAL",
                "MonitorDimension": "LINKED_ACCOUNT",
            }
        ]
    },
    ("ce", "GetAnomalySubscriptions"): {
        "AnomalySubscriptions": [
            {
                "SubscriptionArn": f"arn:aws:ce::{MANAGEMENT}:anomalysubscription/scale",
                "SubscriptionName": "accounts",
                "MonitorArnList": [_MONITOR],
                "Frequency": "DAILY",
                "Subscribers": [
                    {"Type": "EMAIL", "Address": "finance@example.com", "Status": "CONFIRMED"}
                ],
            }
        ]
    },
}

_ORGANIZATIONS: Final = Paging(limit=20)
_MEMBERS: Final = Paging(limit=50)
_BILLED: Final = Paging(limit=1000, cursor="NextPageToken")


def _assume_role(call: Call, _: Company) -> Result:
    arn = str(call.parameters["RoleArn"])
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    session = call.parameters["RoleSessionName"]
    return {
        "Credentials": {
            "AccessKeyId": access_key(account),
            "SecretAccessKey": "scale",
            "SessionToken": name,
            "Expiration": datetime.now(UTC) + timedelta(hours=1),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROAEXAMPLEEXAMPLEEXA:{session}",
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        },
    }


def _get_caller_identity(call: Call, _: Company) -> Result:
    account = account_of(call.access_key_id)
    role = call.session_token
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/scale" if role else COLLECTOR_ARN
    return {"Account": account, "Arn": arn, "UserId": "AROAEXAMPLEEXAMPLEEXA:scale"}


def _list_accounts(call: Call, company: Company) -> Result:
    return _accounts(call, company, range(company.size))


def _list_accounts_for_parent(call: Call, company: Company) -> Result:
    return _accounts(call, company, company.positions_in(str(call.parameters["ParentId"])))


def _accounts(call: Call, company: Company, positions: Sequence[int]) -> Result:
    # Only what is on the page is described: listing all of them would be quadratic.
    page = _ORGANIZATIONS.page(call, "Accounts", positions)
    return {**page, "Accounts": [company.account(position) for position in page["Accounts"]]}


def _list_units(call: Call, company: Company) -> Result:
    units = company.units() if call.parameters["ParentId"] == ROOT else []
    return _ORGANIZATIONS.page(call, "OrganizationalUnits", units)


def _list_delegated_administrators(_: Call, company: Company) -> Result:
    return {"DelegatedAdministrators": [company.account(1)]}


def _list_delegated_services(_: Call, __: Company) -> Result:
    services = ("access-analyzer", "guardduty", "securityhub")
    return {"DelegatedServices": [{"ServicePrincipal": f"{s}.amazonaws.com"} for s in services]}


def _describe_effective_policy(call: Call, _: Company) -> Result:
    if call.parameters["PolicyType"] != "AISERVICES_OPT_OUT_POLICY":
        raise AwsError("EffectivePolicyNotFoundException", "There is no such policy.")
    content = {"services": {"default": {"opt_out_policy": "optOut"}}}
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(content),
            "PolicyType": call.parameters["PolicyType"],
            "TargetId": call.parameters.get("TargetId"),
            "LastUpdatedTimestamp": datetime.now(UTC),
        }
    }


def _get_alternate_contact(call: Call, _: Company) -> Result:
    kind = str(call.parameters["AlternateContactType"])
    return {
        "AlternateContact": {
            "AlternateContactType": kind,
            "EmailAddress": f"{kind.lower()}@example.com",
            "Name": kind,
            "Title": kind,
            "PhoneNumber": "+1 555 0100",
        }
    }


def _list_members(call: Call, company: Company) -> Result:
    page = _MEMBERS.page(call, "Members", range(company.size))
    members = [
        {
            "AccountId": account_at(position),
            "DetectorId": DETECTOR,
            "MasterId": SECURITY,
            "AdministratorId": SECURITY,
            "Email": f"aws+{position:05d}@example.com",
            "RelationshipStatus": "Enabled",
            "UpdatedAt": "2024-02-01T00:00:00.000Z",
        }
        for position in page["Members"]
        if account_at(position) != SECURITY
    ]
    return {**page, "Members": members}


def _list_analyzers(call: Call, _: Company) -> Result:
    if account_of(call.access_key_id) != SECURITY:
        return {"analyzers": []}
    analyzer = {
        "arn": f"arn:aws:access-analyzer:{call.region}:{SECURITY}:analyzer/scale",
        "name": "scale",
        "type": "ORGANIZATION",
        "status": "ACTIVE",
        "createdAt": datetime(2024, 2, 1, tzinfo=UTC),
    }
    return {"analyzers": [analyzer]}


def _list_buckets(call: Call, _: Company) -> Result:
    bucket = {"Name": "scale-trail-logs", "BucketRegion": "us-east-1"}
    return {"Buckets": [bucket] if account_of(call.access_key_id) == SECURITY else []}


def _get_dimension_values(call: Call, company: Company) -> Result:
    page = _BILLED.page(call, "DimensionValues", range(company.size))
    values = [{"Value": account_at(position)} for position in page["DimensionValues"]]
    return {
        **page,
        "DimensionValues": values,
        "ReturnSize": len(values),
        "TotalSize": company.size,
    }


FUNCTIONS: Final[Mapping[tuple[str, str], Callable[[Call, Company], Result]]] = {
    ("sts", "AssumeRole"): _assume_role,
    ("sts", "GetCallerIdentity"): _get_caller_identity,
    ("organizations", "ListAccounts"): _list_accounts,
    ("organizations", "ListAccountsForParent"): _list_accounts_for_parent,
    ("organizations", "ListOrganizationalUnitsForParent"): _list_units,
    ("organizations", "ListDelegatedAdministrators"): _list_delegated_administrators,
    ("organizations", "ListDelegatedServicesForAccount"): _list_delegated_services,
    ("organizations", "DescribeEffectivePolicy"): _describe_effective_policy,
    ("account", "GetAlternateContact"): _get_alternate_contact,
    ("guardduty", "ListMembers"): _list_members,
    ("accessanalyzer", "ListAnalyzers"): _list_analyzers,
    ("s3", "ListBuckets"): _list_buckets,
    ("ce", "GetDimensionValues"): _get_dimension_values,
}
