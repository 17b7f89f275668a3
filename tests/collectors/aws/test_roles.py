"""Every request carries the credentials of its own account, and of no other one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors import aws as aws_package
from collectors.aws import Aws, CallFailed, Role, caller_arn, clients, credentials
from collectors.guard import GET_CALLER_IDENTITY
from collectors.outcomes import Outcome
from collectors.services.ec2 import DESCRIBE_VPCS
from inventory.policy import Policy, Values
from simulated_aws import SimulatedAws, serve

ACCOUNTS = 500


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAws]:
    """An organization of many uniform accounts."""
    with serve(scale=ACCOUNTS) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        clients.members.cache_clear()
        clients.own.cache_clear()
        aws_package.forget_all()
        yield server
    clients.members.cache_clear()
    clients.own.cache_clear()
    aws_package.forget_all()


def role(server: SimulatedAws, account_id: str) -> Role:
    name = server.world["member_role_name"]
    arn = f"arn:aws:iam::{account_id}:role/{name}"
    return Role(arn, "A", server.world["external_id"])


def calling(server: SimulatedAws, account_id: str) -> Aws:
    fast = Policy({("RATE_DEFAULT_TPS", "installation", ""): 10_000})
    return Aws(role(server, account_id), "us-east-1", Values(fast), datetime.now(UTC))


def test_credentials_of_many_accounts_are_never_mixed(large: SimulatedAws) -> None:
    first = int(large.world["management_account"])
    ids = [str(first + number) for number in range(1, ACCOUNTS)]

    def asked(account_id: str) -> tuple[str, set[str]]:
        aws = calling(large, account_id)
        answers = [aws.call(GET_CALLER_IDENTITY) for _ in range(3)]
        return account_id, {answer["Account"] for answer in answers if answer}

    with ThreadPoolExecutor(clients.THREADS) as pool:
        mixed = [found for found in pool.map(asked, ids) if found[1] != {found[0]}]
    assert mixed == []


def test_a_call_without_an_account_fails_instead_of_reading_some_account(
    aws: SimulatedAws,
) -> None:
    aws.forget_calls()
    sts: Any = clients.members().get("sts", "us-east-1")
    with pytest.raises(LookupError):
        sts.get_caller_identity()
    assert aws.calls() == []


def test_expired_credentials_are_renewed_once(aws: SimulatedAws) -> None:
    caller = calling(aws, "505050505050")
    assert caller.call(DESCRIBE_VPCS)
    first = credentials(caller.role)
    aws.add_answer(service="ec2", operation="DescribeVpcs", error="expired", times=1)
    assert caller.call(DESCRIBE_VPCS)
    assert credentials(caller.role) != first


def test_a_refused_role_is_said_to_be_refused(aws: SimulatedAws) -> None:
    wrong = Role(role(aws, "505050505050").arn, "A", "another-external-id")
    with pytest.raises(CallFailed) as refused:
        credentials(wrong)
    assert refused.value.outcome == Outcome.ASSUME_ROLE_DENIED


@pytest.mark.parametrize(
    ("seen", "named"),
    [
        ("arn:aws:iam::111122223333:user/ops/cairn", "arn:aws:iam::111122223333:user/ops/cairn"),
        (
            "arn:aws-cn:sts::111122223333:assumed-role/CairnWorker/i-0abc",
            "arn:aws-cn:iam::111122223333:role/CairnWorker",
        ),
    ],
    ids=["a user", "a role's session"],
)
def test_cairn_knows_whom_a_trust_policy_has_to_name(
    seen: str, named: str, aws: SimulatedAws
) -> None:
    answer = {"UserId": "X", "Account": "111122223333", "Arn": seen}
    aws.post(
        "/_sim/answers",
        {"service": "sts", "operation": "GetCallerIdentity", "account": "*", "result": answer},
    )
    assert caller_arn(Role("arn:aws:iam::111122223333:role/CairnManagement", "M")) == named


def test_lost_credentials_of_cairn_itself_blame_no_account(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNUNKNOWN00")
    clients.own.cache_clear()
    with pytest.raises(CallFailed) as lost:
        credentials(role(aws, "505050505050"))
    assert lost.value.outcome == Outcome.API_ERROR
