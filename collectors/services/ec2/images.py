"""Amazon EC2: which machine images instances were started from, and which may be used at all.

AWS keeps an image's owner with the instance, also after the image was deregistered or when it is
another account's; describing the image would not tell then.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceImageMetadata.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_INSTANCE_IMAGE_METADATA = Operation(
    "ec2",
    "describe_instance_image_metadata",
    "ec2:DescribeInstanceImageMetadata",
    "InstanceImageMetadata",
)
DESCRIBE_IMAGES = Operation("ec2", "describe_images", "ec2:DescribeImages", "Images")
GET_ALLOWED_IMAGES_SETTINGS = Operation(
    "ec2", "get_allowed_images_settings", "ec2:GetAllowedImagesSettings"
)

GONE = ("terminated", "shutting-down")
FILTERED_AT_ONCE = 200  # values of a filter


@dataclass(frozen=True)
class ImageUse:
    """A machine image and the instances started from it. ``is_allowed`` is whether the Allowed
    AMIs setting admits it, None where AWS does not say; so with ``is_public``. Without
    ``owner_id`` nobody knows any more whose it was."""

    image_id: str
    name: str = ""
    owner_id: str = ""
    owner_alias: str = ""
    state: str = ""
    is_public: bool | None = None
    is_allowed: bool | None = None
    instance_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class AllowedImages:
    """The Allowed AMIs setting of a Region. ``providers`` and ``names`` are those of all criteria,
    of which an image has to meet one; ``criteria`` is how many there are."""

    state: str = ""
    managed_by: str = ""
    criteria: int = 0
    providers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def is_enforced(self) -> bool:
        return self.state == "enabled"


def fetch_image_uses(aws: Aws) -> Mapping[str, Any]:
    instances = aws.pages(DESCRIBE_INSTANCE_IMAGE_METADATA) or []
    unknown = sorted({_image_id(i) for i in instances if _image_id(i) and not _owner(i)})
    described = [
        image
        for at in range(0, len(unknown), FILTERED_AT_ONCE)
        for image in _describe(aws, unknown[at : at + FILTERED_AT_ONCE])
    ]
    return {"instances": instances, "described": described}


def _describe(aws: Aws, image_ids: list[str]) -> list[Answer]:
    """Asked by a filter, which leaves out images that are gone; by id they are an error."""
    found = aws.pages(
        DESCRIBE_IMAGES,
        Filters=[{"Name": "image-id", "Values": image_ids}],
        IncludeDeprecated=True,
        IncludeDisabled=True,
    )
    return found or []


def _metadata(instance: Answer) -> Answer:
    found: Answer = instance.get("ImageMetadata") or {}
    return found


def _image_id(instance: Answer) -> str:
    return _metadata(instance).get("ImageId") or ""


def _owner(instance: Answer) -> str:
    return _metadata(instance).get("OwnerId") or ""


def transform_image_uses(answer: Mapping[str, Any]) -> tuple[ImageUse, ...]:
    described = {i["ImageId"]: _as_metadata(i) for i in answer["described"] if i.get("ImageId")}
    metadata: dict[str, Answer] = {}
    instances: dict[str, list[str]] = {}
    for instance in answer["instances"]:
        if (instance.get("State") or {}).get("Name") in GONE:
            continue
        image = _image_id(instance)
        instances.setdefault(image, []).append(instance.get("InstanceId") or "")
        is_known = bool(_owner(instance))
        metadata[image] = _metadata(instance) if is_known else described.get(image, {})
    return tuple(
        _image_use(image, metadata[image], ids) for image, ids in sorted(instances.items())
    )


def _as_metadata(image: Answer) -> Answer:
    return {**image, "IsPublic": image.get("Public")}


def _image_use(image_id: str, metadata: Answer, instance_ids: Iterable[str]) -> ImageUse:
    return ImageUse(
        image_id=image_id,
        name=metadata.get("Name") or "",
        owner_id=metadata.get("OwnerId") or "",
        owner_alias=metadata.get("ImageOwnerAlias") or "",
        state=metadata.get("State") or "",
        is_public=metadata.get("IsPublic"),
        is_allowed=metadata.get("ImageAllowed"),
        instance_ids=tuple(sorted(instance_ids)),
    )


def transform_allowed_images(answer: Answer | None) -> AllowedImages:
    told = answer or {}
    criteria = told.get("ImageCriteria") or ()
    return AllowedImages(
        state=told.get("State") or "",
        managed_by=told.get("ManagedBy") or "",
        criteria=len(criteria),
        providers=_each(criteria, "ImageProviders"),
        names=_each(criteria, "ImageNames"),
    )


def _each(criteria: Iterable[Answer], key: str) -> tuple[str, ...]:
    return tuple(sorted({value for criterion in criteria for value in criterion.get(key) or ()}))


image_uses = Collector(
    "ec2.image_uses",
    tuple[ImageUse, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_INSTANCE_IMAGE_METADATA, DESCRIBE_IMAGES),
    fetch_image_uses,
    transform_image_uses,
)

allowed_images = Collector(
    "ec2.allowed_images",
    AllowedImages,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_ALLOWED_IMAGES_SETTINGS,),
    lambda aws: aws.call(GET_ALLOWED_IMAGES_SETTINGS),
    transform_allowed_images,
)
