"""Amazon EC2: flow logs of VPCs and subnets; those of single interfaces are not kept.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

DESCRIBE_FLOW_LOGS = Operation("ec2", "describe_flow_logs", "ec2:DescribeFlowLogs", "FlowLogs")

KEPT = ("vpc-", "subnet-")


@dataclass(frozen=True)
class FlowLog:
    """Words are AWS's: ``status`` is ACTIVE while it records, ``delivery`` SUCCESS while its
    records arrive, ``traffic`` ALL, ACCEPT or REJECT. ``destination`` is an ARN or the name of a
    log group."""

    flow_log_id: str
    resource_id: str
    status: str = ""
    delivery: str = ""
    traffic: str = ""
    destination: str = ""
    error: str = ""

    @property
    def delivers(self) -> bool:
        return self.status == "ACTIVE" and self.delivery == "SUCCESS"


def _flow_logs(answers: Any) -> tuple[FlowLog, ...]:
    return tuple(
        FlowLog(
            answer["FlowLogId"],
            answer["ResourceId"],
            answer.get("FlowLogStatus") or "",
            answer.get("DeliverLogsStatus") or "",
            answer.get("TrafficType") or "",
            answer.get("LogDestination") or answer.get("LogGroupName") or "",
            answer.get("DeliverLogsErrorMessage") or "",
        )
        for answer in answers or ()
        if answer.get("FlowLogId") and (answer.get("ResourceId") or "").startswith(KEPT)
    )


flow_logs: Collector[tuple[FlowLog, ...]] = Collector(
    "ec2.flow_logs",
    tuple[FlowLog, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_FLOW_LOGS,),
    lambda aws: aws.pages(DESCRIBE_FLOW_LOGS, MaxResults=1000),
    _flow_logs,
)
