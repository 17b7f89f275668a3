"""Amazon EC2: what runs in a Region of an account, and what surrounds it."""

from collectors.services.ec2.presence import (
    DESCRIBE_REGIONS,
    DESCRIBE_VPCS,
    Instance,
    Vpc,
    instances,
    vpcs,
)

__all__ = [
    "DESCRIBE_REGIONS",
    "DESCRIBE_VPCS",
    "Instance",
    "Vpc",
    "instances",
    "vpcs",
]
