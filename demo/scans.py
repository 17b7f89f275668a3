"""What Larkfield's nightly Prowler found, as the file that somebody of Security uploaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from demo.people import user_of
from inventory.models import Account, Role
from roadmap.scan_uploads import take_in, work

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
AGE = timedelta(hours=7)
# check: severity, title, and where it fails: account → resource. Elsewhere it passes.
CHECKS: dict[str, tuple[str, str, dict[str, str]]] = {
    "guardduty_is_enabled": ("Medium", "GuardDuty is enabled", {}),
    "accessanalyzer_enabled": ("Low", "IAM Access Analyzer is enabled", {}),
    "cloudtrail_multi_region_enabled": ("High", "CloudTrail is on in all Regions", {}),
    "s3_account_level_public_access_blocks": (
        "High",
        "S3 Block Public Access is on for the account",
        {"analytics-prod": "account"},
    ),
    "iam_no_root_access_key": (
        "Critical",
        "The root user has no access key",
        {},
    ),
    "iam_root_mfa_enabled": ("Critical", "The root user has MFA", {}),
    "iam_rotate_access_key_90_days": (
        "Medium",
        "Access keys are rotated within 90 days",
        {"analytics-prod": "user/report-export", "tracking-prod": "user/carrier-feed"},
    ),
    "ec2_instance_imdsv2_enabled": (
        "High",
        "Instances require IMDSv2",
        {"tracking-prod": "instance/i-0a7d3c51e9b264f80"},
    ),
    "rds_instance_no_public_access": ("Critical", "Databases have no public access", {}),
    "vpc_flow_logs_enabled": (
        "Medium",
        "Flow logs are on in all VPCs",
        {"tracking-prod": "vpc/vpc-0c5e8d1f2a9b37464", "storefront-dev": "vpc/vpc-0d41"},
    ),
    "ssm_documents_set_as_public": ("High", "No SSM document is public", {}),
    "kms_cmk_rotation_enabled": (
        "Medium",
        "Customer managed keys rotate",
        {"ledger-prod": "key/5f3a", "tracking-prod": "key/91c2"},
    ),
}
SCANNED = ("tracking-prod", "analytics-prod", "storefront-dev", "ledger-prod")
# An account that nobody entered in the sheet.
STRANGER = "848484848484"


def upload_scan(now: datetime) -> None:
    content = json.dumps(list(_results(now - AGE)))
    name = f"prowler-output-larkfield-{now:%Y%m%d}.ocsf.json"
    file = SimpleUploadedFile(name, content.encode(), "application/json")
    take_in(file, user_of(Role.SECURITY), regions=[*REGIONS, "global"])
    work()


def _results(at: datetime) -> Iterator[dict[str, Any]]:
    ids = dict(Account.objects.values_list("observed_name", "account_id"))
    for name in (*SCANNED, ""):
        account_id = ids[name] if name else STRANGER
        for check, (severity, title, failing) in CHECKS.items():
            for region in REGIONS:
                resource = failing.get(name, "") if region == REGIONS[0] else ""
                yield _result(at, account_id, check, severity, title, region, resource)


def _result(
    at: datetime,
    account_id: str,
    check: str,
    severity: str,
    title: str,
    region: str,
    failing: str,
) -> dict[str, Any]:
    service = check.partition("_")[0]
    arn = f"arn:aws:{service}:{region}:{account_id}:{failing or 'account'}"
    return {
        "metadata": {
            "event_code": check,
            "product": {"name": "Prowler", "vendor_name": "Prowler", "version": "5.13.0"},
        },
        "class_name": "Detection Finding",
        "finding_info": {"title": title, "uid": f"prowler-aws-{check}-{account_id}-{region}"},
        "severity": severity,
        "status": "New",
        "status_code": "FAIL" if failing else "PASS",
        "status_detail": f"{title}: {'no' if failing else 'yes'}, in {region}.",
        "time_dt": at.isoformat(),
        "resources": [{"uid": arn, "region": region, "cloud_partition": "aws"}],
        "cloud": {"provider": "aws", "account": {"uid": account_id}, "region": region},
        "unmapped": {"scan_id": f"larkfield-{at:%Y%m%d}"},
    }
