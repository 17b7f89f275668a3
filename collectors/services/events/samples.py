"""Sample events, shaped as the services send them, that event rules are tested with. Pure.

A sample's name says what happened: ``guardduty 8`` is a finding of that severity, ``securityhub 8``
the same as Security Hub passes it on, ``denied ec2`` a call that EC2 refused, ``iam CreateUser`` a
call as the setting REALTIME_SAMPLE_EVENTS writes it.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ACCESS_ANALYZER = "access-analyzer"
SEVERE = 8

# The two ways in which AWS refuses a call: the name of the sample and the error code in it.
DENIED_BY_IAM = "denied iam"
DENIED_BY_EC2 = "denied ec2"
DENIED = {
    DENIED_BY_IAM: ("iam", "ListUsers", "AccessDenied"),
    DENIED_BY_EC2: ("ec2", "DescribeInstances", "Client.UnauthorizedOperation"),
}

# Services with one endpoint for all Regions of a partition, whose calls appear in one of them.
GLOBAL_SERVICES = frozenset({"cloudfront", "iam", "organizations", "route53", "shield", "waf"})
GLOBAL_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

UUID = "00000000-0000-4000-8000-00000000ca1f"
ADDRESS = "203.0.113.10"  # reserved for documentation

# GuardDuty's severities from which on Security Hub gives a label and normalizes to a number.
LABELS = ((9, "CRITICAL", 90), (7, "HIGH", 70), (4, "MEDIUM", 40), (0, "LOW", 1))


def guardduty(severity: float) -> str:
    return f"guardduty {severity:g}"


def securityhub(severity: float) -> str:
    """GuardDuty's finding of that severity, imported into Security Hub."""
    return f"securityhub {severity:g}"


def arises_in(call: str, region: str, partition: str) -> bool:
    """Whether events of such a call can appear in the Region."""
    if call.partition(" ")[0] in GLOBAL_SERVICES:
        return region == GLOBAL_REGIONS.get(partition, region)
    return True


@dataclass(frozen=True)
class Setting:
    """Where and when a sample happens."""

    account_id: str
    region: str
    partition: str
    now: datetime

    @property
    def time(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def event(
        self, source: str, kind: str, detail: Mapping[str, Any], resources: Sequence[str] = ()
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": UUID,
            "detail-type": kind,
            "source": f"aws.{source}",
            "account": self.account_id,
            "time": self.time,
            "region": self.region,
            "resources": list(resources),
            "detail": detail,
        }


def event_of(name: str, setting: Setting) -> dict[str, Any]:
    """The event of a sample's name."""
    if name == ACCESS_ANALYZER:
        return _access_analyzer_finding(setting)
    if name in DENIED:
        service, action, code = DENIED[name]
        refused = {"errorCode": code, "errorMessage": "You are not authorized.", "readOnly": True}
        return _api_call(service, action, setting, refused)
    service, _, rest = name.partition(" ")
    if service in _OF_SEVERITY and rest.replace(".", "", 1).isdigit():
        return _OF_SEVERITY[service](int(rest) if rest.isdigit() else float(rest), setting)
    return _api_call(service, rest, setting, {"readOnly": False})


def _guardduty_finding(severity: float, setting: Setting) -> dict[str, Any]:
    detector = setting.arn("guardduty", f"detector/{UUID}")
    detail = {
        "schemaVersion": "2.0",
        "accountId": setting.account_id,
        "region": setting.region,
        "partition": setting.partition,
        "id": UUID,
        "arn": f"{detector}/finding/{UUID}",
        "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {"userType": "AssumedRole"}},
        "service": {
            "serviceName": "guardduty",
            "detectorId": UUID,
            "archived": False,
            "count": 1,
            "resourceRole": "TARGET",
            "action": {"actionType": "AWS_API_CALL"},
            "eventFirstSeen": setting.time,
            "eventLastSeen": setting.time,
        },
        "severity": severity,
        "createdAt": setting.time,
        "updatedAt": setting.time,
        "title": "Credentials of an instance were used from outside.",
        "description": "Credentials of an instance were used from outside.",
    }
    return setting.event("guardduty", "GuardDuty Finding", detail)


def _access_analyzer_finding(setting: Setting) -> dict[str, Any]:
    bucket = f"arn:{setting.partition}:s3:::sample"
    detail = {
        "version": "1.0",
        "id": UUID,
        "status": "ACTIVE",
        "resourceType": "AWS::S3::Bucket",
        "resource": bucket,
        "createdAt": setting.time,
        "analyzedAt": setting.time,
        "updatedAt": setting.time,
        "accountId": setting.account_id,
        "region": setting.region,
        "principal": {"AWS": "*"},
        "action": ["s3:GetObject"],
        "condition": {},
        "isDeleted": False,
        "isPublic": True,
    }
    analyzer = setting.arn("access-analyzer", "analyzer/sample")
    return setting.event(
        "access-analyzer", "Access Analyzer Finding", detail, [f"{analyzer}/finding/{UUID}"]
    )


def _imported_finding(severity: float, setting: Setting) -> dict[str, Any]:
    """GuardDuty's finding as Security Hub passes it on."""
    label, normalized = next((name, least) for start, name, least in LABELS if severity >= start)
    product = f"arn:{setting.partition}:securityhub:{setting.region}::product/aws/guardduty"
    arn = setting.arn("guardduty", f"detector/{UUID}/finding/{UUID}")
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": arn,
        "ProductArn": product,
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "GeneratorId": setting.arn("guardduty", f"detector/{UUID}"),
        "AwsAccountId": setting.account_id,
        "Region": setting.region,
        "Types": ["TTPs/UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration.OutsideAWS"],
        "CreatedAt": setting.time,
        "UpdatedAt": setting.time,
        "Severity": {
            "Product": severity,
            "Label": label,
            "Normalized": normalized,
            "Original": f"{severity:g}",
        },
        "FindingProviderFields": {"Severity": {"Label": label, "Original": f"{severity:g}"}},
        "Title": "Credentials of an instance were used from outside.",
        "Description": "Credentials of an instance were used from outside.",
        "Resources": [{"Type": "AwsIamAccessKey", "Id": UUID, "Region": setting.region}],
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    return setting.event(
        "securityhub", "Security Hub Findings - Imported", {"findings": [finding]}, [arn]
    )


_OF_SEVERITY = {"guardduty": _guardduty_finding, "securityhub": _imported_finding}


def _api_call(
    service: str, action: str, setting: Setting, more: Mapping[str, Any]
) -> dict[str, Any]:
    """As CloudTrail records it; signing in to the console is no call and has a type of its own."""
    is_sign_in = service == "signin"
    partition, account = setting.partition, setting.account_id
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": f"arn:{partition}:iam::{account}:user/sample",
            "accountId": account,
            "userName": "sample",
        },
        "eventTime": setting.time,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": action,
        "awsRegion": setting.region,
        "sourceIPAddress": ADDRESS,
        "userAgent": "aws-cli/2",
        "requestParameters": {},
        "responseElements": {"ConsoleLogin": "Success"} if is_sign_in else None,
        "requestID": UUID,
        "eventID": UUID,
        "eventType": "AwsConsoleSignIn" if is_sign_in else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        **more,
    }
    kind = "AWS Console Sign In via CloudTrail" if is_sign_in else "AWS API Call via CloudTrail"
    return setting.event(service, kind, detail)
