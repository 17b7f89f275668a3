"""AWS Config: whether it records in a Region of an account, and for whom.

Asked without a name, AWS tells of the account's own recorder; those that a service made for itself
bear its name.
https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

Answer = Mapping[str, Any]

DESCRIBE_CONFIGURATION_RECORDERS = Operation(
    "config", "describe_configuration_recorders", "config:DescribeConfigurationRecorders"
)


@dataclass(frozen=True)
class Recorder:
    """``service_principal`` is the service that made it, empty for the account's own."""

    name: str
    service_principal: str = ""

    @property
    def is_service_linked(self) -> bool:
        return bool(self.service_principal)


def transform_recorders(answer: Answer | None) -> tuple[Recorder, ...]:
    return tuple(
        Recorder(recorder.get("name") or "", recorder.get("servicePrincipal") or "")
        for recorder in (answer or {}).get("ConfigurationRecorders") or ()
    )


recorders: Collector[tuple[Recorder, ...]] = Collector(
    "config_recorders.recorders",
    tuple[Recorder, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_CONFIGURATION_RECORDERS,),
    lambda aws: aws.call(DESCRIBE_CONFIGURATION_RECORDERS),
    transform_recorders,
)
