"""EC2: what an account prefers or blocks for a whole Region, none of which moto knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from moto.ec2.models import ec2_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.wire import Call

PREFERENCES: Final = ("HttpTokens", "HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokensEnforced")


@dataclass
class Defaults:
    """As a new account has them: images made public only on request, everything else open."""

    metadata: dict[str, Any] = field(default_factory=dict)
    images: str = "block-new-sharing"
    snapshots: str = "unblocked"
    vpc_mode: str = "off"
    exclusions: list[dict[str, str]] = field(default_factory=list)


_DEFAULTS: Final[dict[tuple[str, str], Defaults]] = {}


def defaults_of(call: Call) -> Defaults:
    return _DEFAULTS.setdefault((call.account, call.region), Defaults())


@answers("ec2", "GetInstanceMetadataDefaults")
def get_instance_metadata_defaults(call: Call) -> Result:
    preferred = defaults_of(call).metadata
    return {"AccountLevel": {**preferred, "ManagedBy": "account"} if preferred else {}}


@answers("ec2", "ModifyInstanceMetadataDefaults")
def modify_instance_metadata_defaults(call: Call) -> Result:
    """ "no-preference" takes a preference back."""
    preferred = defaults_of(call).metadata
    for name in PREFERENCES:
        value = call.parameters.get(name)
        if value in ("no-preference", -1):
            preferred.pop(name, None)
        elif value is not None:
            preferred[name] = value
    return {"Return": True}


@answers("ec2", "GetImageBlockPublicAccessState")
def get_image_block(call: Call) -> Result:
    return {
        "ImageBlockPublicAccessState": defaults_of(call).images,
        "ManagedBy": "account",
    }


@answers("ec2", "EnableImageBlockPublicAccess")
def enable_image_block(call: Call) -> Result:
    defaults_of(call).images = str(call.parameters["ImageBlockPublicAccessState"])
    return {"ImageBlockPublicAccessState": defaults_of(call).images}


@answers("ec2", "DisableImageBlockPublicAccess")
def disable_image_block(call: Call) -> Result:
    defaults_of(call).images = "unblocked"
    return {"ImageBlockPublicAccessState": "unblocked"}


@answers("ec2", "GetSnapshotBlockPublicAccessState")
def get_snapshot_block(call: Call) -> Result:
    return {"State": defaults_of(call).snapshots, "ManagedBy": "account"}


@answers("ec2", "EnableSnapshotBlockPublicAccess")
def enable_snapshot_block(call: Call) -> Result:
    defaults_of(call).snapshots = str(call.parameters["State"])
    return {"State": defaults_of(call).snapshots}


@answers("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe_vpc_block(call: Call) -> Result:
    return _vpc_block(call)


def _vpc_block(call: Call) -> Result:
    return {
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": call.account,
            "AwsRegion": call.region,
            "State": "default-state" if defaults_of(call).vpc_mode == "off" else "update-complete",
            "InternetGatewayBlockMode": defaults_of(call).vpc_mode,
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
    }


@answers("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify_vpc_block(call: Call) -> Result:
    """It takes effect at once, in AWS after minutes."""
    defaults_of(call).vpc_mode = str(call.parameters["InternetGatewayBlockMode"])
    return _vpc_block(call)


@answers("ec2", "DescribeVpcBlockPublicAccessExclusions")
def describe_exclusions(call: Call) -> Result:
    return {"VpcBlockPublicAccessExclusions": list(defaults_of(call).exclusions)}


@answers("ec2", "CreateVpcBlockPublicAccessExclusion")
def create_exclusion(call: Call) -> Result:
    kind, key = ("subnet", "SubnetId") if call.parameters.get("SubnetId") else ("vpc", "VpcId")
    resource = call.parameters.get(key)
    if not resource:
        raise AwsError("MissingParameter", "An exclusion is of a VPC or a subnet.")
    exclusion = {
        "ExclusionId": f"vpcbpa-exclude-{len(defaults_of(call).exclusions):017x}",
        "InternetGatewayExclusionMode": str(call.parameters["InternetGatewayExclusionMode"]),
        "ResourceArn": f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{resource}",
        "State": "create-complete",
    }
    defaults_of(call).exclusions.append(exclusion)
    return {"VpcBlockPublicAccessExclusion": exclusion}


@answers("ec2", "DescribeLaunchTemplateVersions")
def describe_launch_template_versions(call: Call) -> Result | None:
    """The default or latest versions of all templates; of one template, moto's."""
    if call.parameters.get("LaunchTemplateId") or call.parameters.get("LaunchTemplateName"):
        return None
    wanted = call.parameters.get("Versions") or []
    if not wanted or not set(wanted) <= {"$Default", "$Latest"}:
        raise AwsError("MissingParameter", "Without a template only its latest or default version.")
    templates = ec2_backends[call.account][call.region].launch_templates.values()
    found = {
        (template.id, version.number): {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "VersionNumber": version.number,
            "DefaultVersion": template.is_default(version),
            "LaunchTemplateData": version.data,
        }
        for template in templates
        for version in (template.get_version(name) for name in wanted)
    }
    return {"LaunchTemplateVersions": list(found.values())}
