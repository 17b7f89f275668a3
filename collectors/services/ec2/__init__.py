"""Amazon EC2: what runs in a Region of an account, and what surrounds it."""

from collectors.services.ec2.flow_logs import FlowLog, flow_logs
from collectors.services.ec2.gateways import (
    DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS,
    Endpoint,
    InternetGateway,
    NatGateway,
    TransitGatewayAttachment,
    endpoints,
    internet_gateways,
    nat_gateways,
    transit_gateway_attachments,
)
from collectors.services.ec2.images import (
    AllowedImages,
    ImageUse,
    allowed_images,
    image_uses,
)
from collectors.services.ec2.metadata import (
    MetadataDefaults,
    TemplateVersion,
    launch_templates,
    metadata_defaults,
)
from collectors.services.ec2.network import (
    Interfaces,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    interfaces,
    route_tables,
    security_groups,
    subnets,
)
from collectors.services.ec2.peering import Peering, peerings
from collectors.services.ec2.presence import (
    DESCRIBE_REGIONS,
    DESCRIBE_VPCS,
    Instance,
    Vpc,
    instances,
    vpcs,
)
from collectors.services.ec2.public_access import (
    Exclusion,
    SharingBlock,
    VpcBlock,
    sharing_block,
    vpc_block,
)
from collectors.services.ec2.storage import Volume, volumes

__all__ = [
    "DESCRIBE_REGIONS",
    "DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS",
    "DESCRIBE_VPCS",
    "AllowedImages",
    "Endpoint",
    "Exclusion",
    "FlowLog",
    "ImageUse",
    "Instance",
    "Interfaces",
    "InternetGateway",
    "MetadataDefaults",
    "NatGateway",
    "Peering",
    "Route",
    "RouteTable",
    "Rule",
    "SecurityGroup",
    "SharingBlock",
    "Subnet",
    "TemplateVersion",
    "TransitGatewayAttachment",
    "Volume",
    "Vpc",
    "VpcBlock",
    "allowed_images",
    "endpoints",
    "flow_logs",
    "image_uses",
    "instances",
    "interfaces",
    "internet_gateways",
    "launch_templates",
    "metadata_defaults",
    "nat_gateways",
    "peerings",
    "route_tables",
    "security_groups",
    "sharing_block",
    "subnets",
    "transit_gateway_attachments",
    "volumes",
    "vpc_block",
    "vpcs",
]
