"""S3 Control: an account's public access block, which an organization's S3 policy overrides."""

from __future__ import annotations

from typing import Final

from moto.s3control.models import s3control_backends

from simulated_aws import effective_policies
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of
from simulated_aws.wire import Call

FLAGS: Final = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


@answers("s3control", "GetPublicAccessBlock")
def get_public_access_block(call: Call) -> Result:
    if call.parameters["AccountId"] != call.account:
        raise AwsError("AccessDenied", "Access Denied", 403)
    if blocked_by_organization(call.account):
        return {"PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, True)}
    block = s3control_backends[call.account]["aws"].public_access_block
    if block is None:
        raise AwsError(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
            404,
        )
    return {
        "PublicAccessBlockConfiguration": {
            flag: getattr(block, attribute) for flag, attribute in FLAGS.items()
        }
    }


def blocked_by_organization(account: str) -> bool:
    organization = organization_of(account)
    if organization is None:
        return False
    policy = effective_policies.content(organization, account, "S3_POLICY") or {}
    return bool(policy.get("s3_attributes", {}).get("public_access_block_configuration") == "all")
