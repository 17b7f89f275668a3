"""Stage 8: real-time monitoring, remediation, policies, honey tokens."""

from __future__ import annotations

from inventory.policy_settings.setting import Setting, fewest, share

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "REALTIME_SAMPLE_EVENTS",
        [
            "iam CreateUser",
            "iam CreateAccessKey",
            "iam AttachRolePolicy",
            "signin ConsoleLogin",
            "ec2 AuthorizeSecurityGroupIngress",
            "s3 PutBucketPolicy",
            "cloudtrail StopLogging",
            "guardduty DeleteDetector",
            "kms ScheduleKeyDeletion",
            "organizations LeaveOrganization",
        ],
        "Events that must be seen within seconds: service and event name.",
        ("refinement.realtime",),
    ),
    Setting(
        "REALTIME_PASS_PCT",
        80,
        "Percent of those events that rules must match for a pass.",
        ("refinement.realtime",),
    ),
    Setting(
        "REMEDIATION_PROOF_DAYS",
        90,
        "Days after which a remediation must have run again.",
        ("refinement.auto_remediation",),
    ),
    Setting(
        "REMEDIATION_TARGET_PATTERNS",
        [],
        "ARNs of targets that repair things; * stands for anything.",
        ("refinement.auto_remediation",),
    ),
    share(
        "POLICY_PASS_PCT",
        90,
        "Percent of policies without loose statements for a pass.",
        "refinement.iam_policies",
    ),
    share(
        "POLICY_PARTIAL_PCT",
        50,
        "Percent of policies without loose statements for a partial.",
        "refinement.iam_policies",
    ),
    fewest(
        "AWS_MANAGED_MAX_PCT",
        20,
        "Percent of principals that may hold AWS managed policies.",
        "refinement.iam_policies",
    ),
    Setting(
        "ALLOWED_AWS_MANAGED_POLICIES",
        [
            "AWSLambdaBasicExecutionRole",
            "AWSLambdaVPCAccessExecutionRole",
            "AmazonSSMManagedInstanceCore",
            "AmazonECSTaskExecutionRolePolicy",
            "AmazonEKSWorkerNodePolicy",
            "AmazonEKS_CNI_Policy",
            "AmazonEC2ContainerRegistryReadOnly",
            "SecurityAudit",
            "ViewOnlyAccess",
        ],
        "AWS managed policies that anybody may hold.",
        ("refinement.iam_policies",),
    ),
    Setting(
        "HONEY_TOKEN_SCOPE",
        "organization",
        "Whether each account needs a honey token or the organization one.",
        ("refinement.honey_tokens",),
        choices=("organization", "account"),
    ),
    Setting(
        "HONEY_TOKEN_TEST_DAYS",
        180,
        "Days after which honey tokens are tested again.",
        ("refinement.honey_tokens",),
    ),
)
