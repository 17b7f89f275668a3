"""No instance can be reached from the internet, and no bucket is open to it."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.2",
    title="No public EC2 instances or S3 buckets",
    guidance=(
        "Instances stand behind a load balancer or CloudFront, and buckets behind Block Public "
        "Access. An instance is exposed when it has a public address, a route to the internet and"
        " an open security group; a public address alone is half way there."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "instance_exposed": FindingKind("Instance exposed", Severity.HIGH),
        "instance_public_address": FindingKind("Instance with a public address", Severity.MEDIUM),
        "bucket_public": FindingKind("Bucket public", Severity.CRITICAL),
        "vpc_bpa_off": FindingKind("VPC Block Public Access off", Severity.INFO),
        "image_sharing_unblocked": FindingKind(
            "Public sharing of images not blocked", Severity.LOW
        ),
        "snapshot_sharing_unblocked": FindingKind(
            "Public sharing of snapshots not blocked", Severity.LOW
        ),
        "no_waf": FindingKind("No web application firewall", Severity.INFO),
        "no_shield_advanced": FindingKind("No Shield Advanced", Severity.INFO),
    },
    imports={
        "prowler": (
            "ec2_instance_public_ip",
            "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
            "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
            "s3_bucket_public_access",
            "ec2_ami_account_block_public_access",
            "ec2_ebs_snapshot_account_block_public_access",
        ),
        "securityhub": ("EC2.9", "EC2.18", "EC2.19", "S3.2", "S3.3"),
        "scoutsuite": (
            "ec2-instance-with-public-ip",
            "ec2-security-group-opens-all-ports-to-all",
            "s3-bucket-world-acl",
            "s3-bucket-world-policy-star",
        ),
        "cloudmapper": ("S3_PUBLIC_POLICY", "S3_PUBLIC_ACL"),
    },
    fix=Fix(
        (
            "Put load balancers or CloudFront in front, move instances to private subnets, and "
            "block public access."
        ),
        "Block public access to VPCs and subnets",
    ),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html",
)
