"""EC2 images: what AWS keeps with instances of the image they came from, and Allowed AMIs.

moto lacks both. An image that the world says nothing about is one of Amazon's.
"""

from __future__ import annotations

from typing import Any, Final

from moto.ec2.models import ec2_backends

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000)
# Image id -> its metadata; empty for an image of which AWS knows nothing any more.
IMAGES: Final[dict[str, dict[str, Any]]] = {}
AMAZON: Final = {
    "Name": "al2023-ami-2023.9.20251105.0-kernel-6.1-x86_64",
    "OwnerId": "137112412989",
    "ImageOwnerAlias": "amazon",
    "State": "available",
    "IsPublic": True,
}
# (account, region) -> GetAllowedImagesSettings' answer; disabled elsewhere.
ALLOWED: Final[dict[tuple[str, str], dict[str, Any]]] = {}
DISABLED: Final = {"State": "disabled", "ImageCriteria": [], "ManagedBy": "account"}


@answers("ec2", "DescribeInstanceImageMetadata")
def describe_instance_image_metadata(call: Call) -> Result:
    wanted = call.parameters.get("InstanceIds")
    found = [
        {
            "InstanceId": instance.id,
            "InstanceType": instance.instance_type,
            "State": {"Code": instance.state_code, "Name": instance.state},
            "OwnerId": call.account,
            "ImageMetadata": _metadata(call, instance.image_id),
        }
        for instance in ec2_backends[call.account][call.region].all_instances()
        if not wanted or instance.id in wanted
    ]
    return PAGES.page(call, "InstanceImageMetadata", found)


def _metadata(call: Call, image_id: str) -> dict[str, Any]:
    known = IMAGES.get(image_id, AMAZON)
    if not known:
        return {"ImageId": image_id}
    return {"ImageId": image_id, **known, "ImageAllowed": _is_allowed(call, known)}


def _is_allowed(call: Call, metadata: dict[str, Any]) -> bool:
    """As the setting would have it if it were enabled; without criteria it admits everything."""
    criteria = ALLOWED.get((call.account, call.region), DISABLED)["ImageCriteria"]
    owners = {metadata.get("OwnerId"), metadata.get("ImageOwnerAlias")}
    return not criteria or any(owners & set(c.get("ImageProviders", ())) for c in criteria)


@answers("ec2", "GetAllowedImagesSettings")
def get_allowed_images_settings(call: Call) -> Result:
    return ALLOWED.get((call.account, call.region), DISABLED)
