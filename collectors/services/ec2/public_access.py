"""Amazon EC2: what an account or its organization blocks for whole Regions.

VPC Block Public Access stops traffic through internet gateways, whatever routes and groups allow;
its siblings stop the public sharing of images and snapshots.
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_OPTIONS = Operation(
    "ec2", "describe_vpc_block_public_access_options", "ec2:DescribeVpcBlockPublicAccessOptions"
)
DESCRIBE_EXCLUSIONS = Operation(
    "ec2",
    "describe_vpc_block_public_access_exclusions",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "VpcBlockPublicAccessExclusions",
)
GET_IMAGE_BLOCK = Operation(
    "ec2", "get_image_block_public_access_state", "ec2:GetImageBlockPublicAccessState"
)
GET_SNAPSHOT_BLOCK = Operation(
    "ec2", "get_snapshot_block_public_access_state", "ec2:GetSnapshotBlockPublicAccessState"
)

BIDIRECTIONAL = "block-bidirectional"
INGRESS = "block-ingress"
ALLOW_BIDIRECTIONAL = "allow-bidirectional"
ENDED = ("create-failed", "delete-complete", "disable-complete")
IMAGES_BLOCKED = "block-new-sharing"
SNAPSHOTS_BLOCKED = ("block-all-sharing", "block-new-sharing")


@dataclass(frozen=True)
class Exclusion:
    """``resource_id`` is a VPC's or a subnet's."""

    resource_id: str
    mode: str = ""


@dataclass(frozen=True)
class VpcBlock:
    """``mode`` is empty where AWS did not say; ``state`` tells whether it has taken effect.
    Exclusions that have ended are left out."""

    mode: str = ""
    state: str = ""
    managed_by: str = ""
    exclusions: tuple[Exclusion, ...] = ()
    exclusions_allowed: str = ""

    def blocks_ingress(self, *resource_ids: str) -> bool:
        """Whether nothing gets in from the internet to what is in the VPC and subnet."""
        return self._is_on(BIDIRECTIONAL, INGRESS) and not self._excludes(
            resource_ids, (ALLOW_BIDIRECTIONAL,)
        )

    def blocks_both(self, *resource_ids: str) -> bool:
        """Whether nothing gets out either."""
        return self._is_on(BIDIRECTIONAL) and not self._excludes(resource_ids, None)

    def _is_on(self, *modes: str) -> bool:
        return self.mode in modes and self.state != "update-in-progress"

    def _excludes(self, resource_ids: tuple[str, ...], modes: tuple[str, ...] | None) -> bool:
        """An exclusion of a kind nobody knows yet may let anything in."""
        known = ("allow-egress", ALLOW_BIDIRECTIONAL)
        return any(
            exclusion.resource_id in resource_ids
            and (modes is None or exclusion.mode in modes or exclusion.mode not in known)
            for exclusion in self.exclusions
        )


@dataclass(frozen=True)
class SharingBlock:
    """AWS's words for what may be shared with everybody; empty where it did not say."""

    images: str = ""
    images_managed_by: str = ""
    snapshots: str = ""
    snapshots_managed_by: str = ""

    @property
    def are_images_blocked(self) -> bool:
        return self.images == IMAGES_BLOCKED

    @property
    def are_snapshots_blocked(self) -> bool:
        return self.snapshots in SNAPSHOTS_BLOCKED


def _fetch_vpc_block(aws: Aws) -> Answer:
    return {
        "options": aws.call(DESCRIBE_OPTIONS) or {},
        "exclusions": aws.pages(DESCRIBE_EXCLUSIONS) or [],
    }


def _vpc_block(answer: Answer) -> VpcBlock:
    options = answer["options"].get("VpcBlockPublicAccessOptions") or {}
    return VpcBlock(
        mode=options.get("InternetGatewayBlockMode") or "",
        state=options.get("State") or "",
        managed_by=options.get("ManagedBy") or "",
        exclusions=tuple(
            Exclusion(
                (exclusion.get("ResourceArn") or "").rpartition("/")[2],
                exclusion.get("InternetGatewayExclusionMode") or "",
            )
            for exclusion in answer["exclusions"]
            if exclusion.get("State") not in ENDED
        ),
        exclusions_allowed=options.get("ExclusionsAllowed") or "",
    )


def _fetch_sharing_block(aws: Aws) -> Answer:
    return {
        "images": aws.call(GET_IMAGE_BLOCK) or {},
        "snapshots": aws.call(GET_SNAPSHOT_BLOCK) or {},
    }


def _sharing_block(answer: Answer) -> SharingBlock:
    images, snapshots = answer["images"], answer["snapshots"]
    return SharingBlock(
        images=images.get("ImageBlockPublicAccessState") or "",
        images_managed_by=images.get("ManagedBy") or "",
        snapshots=snapshots.get("State") or "",
        snapshots_managed_by=snapshots.get("ManagedBy") or "",
    )


vpc_block = Collector(
    "ec2.vpc_block",
    VpcBlock,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_OPTIONS, DESCRIBE_EXCLUSIONS),
    _fetch_vpc_block,
    _vpc_block,
)

sharing_block = Collector(
    "ec2.sharing_block",
    SharingBlock,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_IMAGE_BLOCK, GET_SNAPSHOT_BLOCK),
    _fetch_sharing_block,
    _sharing_block,
)
