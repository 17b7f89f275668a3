"""Amazon EC2 Auto Scaling: the launch configurations of a Region. Their user data is never kept.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

DESCRIBE_GROUPS = Operation(
    "autoscaling",
    "describe_auto_scaling_groups",
    "autoscaling:DescribeAutoScalingGroups",
    "AutoScalingGroups",
)
DESCRIBE_LAUNCH_CONFIGURATIONS = Operation(
    "autoscaling",
    "describe_launch_configurations",
    "autoscaling:DescribeLaunchConfigurations",
    "LaunchConfigurations",
)


@dataclass(frozen=True)
class LaunchConfiguration:
    """``http_tokens`` and ``http_endpoint`` are empty where AWS did not say."""

    name: str
    arn: str = ""
    http_tokens: str = ""
    http_endpoint: str = ""

    @property
    def requires_tokens(self) -> bool:
        return self.http_tokens == "required" or self.http_endpoint == "disabled"


def _configurations(answers: Any) -> tuple[LaunchConfiguration, ...]:
    return tuple(
        LaunchConfiguration(
            answer["LaunchConfigurationName"],
            answer.get("LaunchConfigurationARN") or "",
            (answer.get("MetadataOptions") or {}).get("HttpTokens") or "",
            (answer.get("MetadataOptions") or {}).get("HttpEndpoint") or "",
        )
        for answer in answers or ()
        if answer.get("LaunchConfigurationName")
    )


launch_configurations: Collector[tuple[LaunchConfiguration, ...]] = Collector(
    "autoscaling.launch_configurations",
    tuple[LaunchConfiguration, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_LAUNCH_CONFIGURATIONS,),
    lambda aws: aws.pages(DESCRIBE_LAUNCH_CONFIGURATIONS),
    _configurations,
)
