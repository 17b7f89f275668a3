"""What scanners find that cannot wait: what the whole internet can reach. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collectors.services import securityhub
from roadmap.scans import Scans
from roadmap.verdicts import Problem

# What counts as urgent: finding code → scanner → its checks for it.
URGENT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "public_bucket": {
        "prowler": (
            "s3_bucket_public_access",
            "s3_bucket_policy_public_write_access",
            "s3_bucket_public_list_acl",
            "s3_bucket_public_write_acl",
        ),
        "securityhub": ("S3.2", "S3.3"),
        "scoutsuite": ("s3-bucket-world-acl", "s3-bucket-world-policy-star"),
        "cloudmapper": ("S3_PUBLIC_POLICY", "S3_PUBLIC_ACL"),
    },
    "public_search_domain": {
        "prowler": ("opensearch_service_domains_not_publicly_accessible",),
        "securityhub": ("ES.2", "OpenSearch.2"),
        "cloudmapper": ("ES_PUBLIC",),
    },
    "soft_target_exposed": {
        "prowler": tuple(
            f"ec2_instance_port_{port}_exposed_to_internet"
            for port in (
                "elasticsearch_kibana", "mongodb", "mysql", "postgresql", "sqlserver", "oracle",
                "redis", "memcached", "kafka", "cassandra", "ldap", "cifs", "ftp", "telnet", "rdp",
                "ssh",
            )
        ),
        "securityhub": ("EC2.19",),
        "scoutsuite": ("ec2-security-group-opens-known-port-to-all",),
    },
    "public_database": {
        "prowler": (
            "rds_instance_no_public_access",
            "redshift_cluster_public_access",
            "dms_instance_no_public_access",
        ),
        "securityhub": ("RDS.2", "Redshift.1", "DMS.1"),
        "scoutsuite": ("rds-instance-publicly-accessible",),
        "cloudmapper": ("RDS_PUBLIC_IP", "REDSHIFT_PUBLIC_IP"),
    },
    "public_snapshot": {
        "prowler": ("rds_snapshots_public_access", "ec2_ebs_public_snapshot"),
        "securityhub": ("EC2.1", "RDS.1"),
        "scoutsuite": ("rds-snapshot-public", "ec2-ebs-snapshot-public"),
        "cloudmapper": ("EBS_SNAPSHOT_PUBLIC", "RDS_PUBLIC_SNAPSHOT"),
    },
    "public_image": {
        "prowler": ("ec2_ami_public",),
        "scoutsuite": ("ec2-ami-public",),
        "cloudmapper": ("AMI_PUBLIC",),
    },
}  # fmt: skip
CODES = {
    (tool, check): code
    for code, tools in URGENT.items()
    for tool, checks in tools.items()
    for check in checks
}


def of_hub(findings: Sequence[securityhub.UrgentFinding]) -> Iterator[Problem]:
    """What Security Hub itself answers."""
    for finding in findings:
        yield Problem(
            CODES["securityhub", finding.control],
            "" if finding.resource.startswith("AWS::::Account") else finding.resource,
            finding.resource.rpartition("/")[2].rpartition(":")[2],
            finding.region or "global",
            detail=f"Security Hub {finding.control}{', muted there' if finding.is_muted else ''}.",
        )


def of_scans(scans: Scans, item: str) -> Iterator[Problem]:
    """What imported scans show: of the checks of that item, those that are urgent."""
    for failure in scans.failing(item):
        code = CODES.get((failure.tool, failure.check))
        if code is not None:
            about_account = failure.resource.startswith("AWS::::Account")
            resource = "" if about_account else failure.resource
            yield Problem(code, resource, failure.name, failure.region, failure.detail)
