"""Answers put into the running server, and the disturbances of the demo world made of them."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from simulated_aws.world.demo.disturbances import THROTTLED_CALLS
from tests.simulated_aws.callers import Callers, error_code


def test_a_result_can_be_put_in_for_an_operation_of_one_account(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    changing_demo.add_answer(
        service="detective",
        operation="ListGraphs",
        account=callers.account("data-dev"),
        result={"GraphList": [{"Arn": "arn:aws:detective:us-east-1:434343434343:graph:1"}]},
    )
    client = changing_demo.client("detective", account=callers.account("data-dev"))
    assert len(client.list_graphs()["GraphList"]) == 1
    with pytest.raises(ClientError, match="NotImplemented"):
        changing_demo.client("detective").list_graphs()


def test_an_answer_may_depend_on_parameters(changing_demo: SimulatedAws, callers: Callers) -> None:
    changing_demo.add_answer(
        service="iam",
        operation="GetRole",
        parameters={"RoleName": "Deploy"},
        error="denied",
        message="Not this one.",
    )
    iam = callers.member("data-dev", "iam")
    assert iam.get_role(RoleName="CairnReadOnly")["Role"]
    with pytest.raises(ClientError, match=r"AccessDenied.*Not this one"):
        iam.get_role(RoleName="Deploy")


def test_the_newest_answer_wins_until_it_is_taken_out(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    where = {"service": "guardduty", "operation": "ListDetectors"}
    changing_demo.add_answer(**where, result={"DetectorIds": ["old"]})
    newest = changing_demo.add_answer(**where, result={"DetectorIds": ["new"]})
    client = callers.member("data-dev", "guardduty")
    assert client.list_detectors()["DetectorIds"] == ["new"]

    changing_demo.remove_answer(newest)
    assert client.list_detectors()["DetectorIds"] == ["old"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("iam", "list_users", "Throttling"),
        ("ecs", "list_clusters", "ThrottlingException"),
        ("guardduty", "list_detectors", "TooManyRequestsException"),
        ("s3", "list_buckets", "SlowDown"),
    ],
)
def test_throttling_ends_after_so_many_calls_and_has_the_code_of_its_protocol(
    changing_demo: SimulatedAws, callers: Callers, service: str, operation: str, code: str
) -> None:
    account = callers.account("data-dev")
    client = callers.member("data-dev", service)
    changing_demo.add_answer(service=service, account=account, error="throttled", times=2)
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            getattr(client, operation)()
        assert error_code(refused.value) == code
    getattr(client, operation)()


def test_a_result_is_given_so_many_times(changing_demo: SimulatedAws, callers: Callers) -> None:
    account = callers.account("data-dev")
    changing_demo.add_answer(
        service="iam",
        operation="GenerateCredentialReport",
        account=account,
        result={"State": "INPROGRESS"},
        times=2,
    )
    iam = changing_demo.client("iam", account=account)
    states = [iam.generate_credential_report()["State"] for _ in range(3)]
    assert states == ["INPROGRESS", "INPROGRESS", "COMPLETE"]


def test_what_is_neither_result_nor_error_is_not_accepted(demo: SimulatedAws) -> None:
    with pytest.raises(ValueError, match="either a result or an error"):
        demo.add_answer(service="iam")


def test_every_answer_takes_as_long_as_asked(changing_demo: SimulatedAws) -> None:
    changing_demo.post("/_sim/latency", {"ms": 120})
    started = time.perf_counter()
    changing_demo.client("sts").get_caller_identity()
    assert time.perf_counter() - started >= 0.12


def test_one_region_of_one_account_fails_and_no_other(callers: Callers) -> None:
    ec2 = callers.member("fernhill-shop", "ec2", "eu-west-1")
    with pytest.raises(ClientError) as refused:
        ec2.describe_vpcs()
    assert error_code(refused.value) == "AuthFailure"
    assert callers.member("fernhill-shop", "ec2", "us-east-1").describe_vpcs()["Vpcs"]
    assert callers.member("ledger-prod", "ec2", "eu-west-1").describe_vpcs()["Vpcs"]


def test_one_account_throttles_at_first(changing_demo: SimulatedAws, callers: Callers) -> None:
    changing_demo.reset()
    client = callers.member("logistics-dev", "ecs", "eu-central-1")
    codes = []
    for _ in range(20):
        try:
            client.list_clusters()
        except ClientError as error:
            codes.append(error_code(error))
    assert codes == ["ThrottlingException"] * THROTTLED_CALLS


def test_billing_of_one_account_is_closed_to_iam(callers: Callers) -> None:
    budgets = callers.member("payments-dev", "budgets")
    with pytest.raises(ClientError, match="Billing information is not activated"):
        budgets.describe_budgets(AccountId=callers.account("payments-dev"))
