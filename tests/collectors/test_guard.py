"""Nothing that writes leaves the process, whichever way it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import guard
from collectors.aws import clients
from collectors.registry import Operation, operations
from simulated_aws import SimulatedAws


def test_every_declared_operation_reads() -> None:
    writing = [o.action for o in operations().values() if not guard.is_reading(o.action)]
    own = {guard.ASSUME_ROLE.action, guard.GET_CALLER_IDENTITY.action}
    assert set(writing) <= own


@pytest.mark.parametrize(
    "action",
    ["ec2:CreateVpc", "iam:DeleteRole", "s3:PutObject", "sts:AssumeRole", "iam:PassRole"],
)
def test_a_writing_action_does_not_count_as_reading(action: str) -> None:
    assert not guard.is_reading(action)


def test_a_write_is_refused_before_a_request_is_made(aws: SimulatedAws) -> None:
    aws.forget_calls()
    for source in (clients.own(), clients.members()):
        ec2: Any = source.get("ec2", "us-east-1")
        with pytest.raises(guard.Refused, match=r"ec2.create_vpc was not sent"):
            ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert aws.calls() == []


def test_an_operation_declared_with_a_writing_action_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = Operation("ec2", "create_vpc", "ec2:CreateVpc")
    monkeypatch.setattr(guard, "operations", lambda: {("ec2", "create_vpc"): declared})
    with pytest.raises(guard.Refused, match="not a reading action"):
        guard.check("ec2", "create_vpc")
