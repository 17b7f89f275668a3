from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import simulated_aws
from simulated_aws import SimulatedAws, clients, serve

ROOT = Path(simulated_aws.__file__).parents[1]


def _answers(url: str) -> bool:
    with socket.socket() as probe:
        host, port = url.removeprefix("http://").split(":")
        return probe.connect_ex((host, int(port))) == 0


@pytest.fixture(scope="module")
def empty() -> Iterator[SimulatedAws]:
    with serve(world="empty") as aws:
        yield aws


def test_two_servers_have_a_world_each(demo: SimulatedAws, empty: SimulatedAws) -> None:
    accounts = empty.client("organizations").list_accounts()["Accounts"]
    assert [account["Name"] for account in accounts] == ["management"]

    empty.client("organizations").create_account(AccountName="a", Email="a@example.com")
    assert len(empty.client("organizations").list_accounts()["Accounts"]) == 2
    assert len(demo.client("organizations").list_accounts()["Accounts"]) == 20


def test_in_the_empty_world_the_collector_has_its_roles(empty: SimulatedAws) -> None:
    session = empty.session(as_collector=True)
    for arn in (
        empty.world["management_role_arn"],
        f"arn:aws:iam::{empty.world['management_account']}:role/{empty.world['member_role_name']}",
    ):
        entered = empty.assume(session, arn, empty.world["external_id"])
        identity = clients.client(entered, "sts", empty.url).get_caller_identity()
        assert identity["Arn"].split("/")[1] == arn.rpartition("/")[2]


def test_a_server_ends_with_the_process_that_started_it() -> None:
    code = "from simulated_aws import serve; print(serve(world='empty').url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        url = starter.stdout.readline().strip()
        assert _answers(url)
        starter.kill()

    deadline = time.monotonic() + 10
    while _answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _answers(url)


def test_a_taken_port_is_said_in_one_line(demo: SimulatedAws) -> None:
    port = demo.url.rpartition(":")[2]
    refused = subprocess.run(
        [sys.executable, "-m", "simulated_aws", "--port", port],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n"


def test_a_server_started_by_hand_prints_how_to_reach_it_and_stops_when_asked() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "simulated_aws", "--world", "empty", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        server.terminate()
        printed = server.stdout.read()
        assert server.wait(timeout=10) == 0
    url = first.split()[4].rstrip(";")
    assert f"export AWS_ENDPOINT_URL={url}\n" in printed
    assert not _answers(url)


def test_a_request_without_a_signature_is_refused(demo: SimulatedAws) -> None:
    host = demo.url.removeprefix("http://")
    for path in ("/", "/moto-api/reset", "/larkfield-lake-raw"):
        connection = http.client.HTTPConnection(host)
        connection.request("GET", path, headers={"x-moto-account-id": "111122223333"})
        assert connection.getresponse().status == 403
        connection.close()


def test_a_header_gives_nobody_another_account(demo: SimulatedAws) -> None:
    session = demo.session()
    session.events.register("before-send.sts", _pretend)
    identity = clients.client(session, "sts", demo.url).get_caller_identity()
    assert identity["Account"] == "111122223333"

    session.events.register("before-send.iam", _pretend)
    users = clients.client(session, "iam", demo.url).list_users()["Users"]
    assert [user["UserName"] for user in users] == ["operator"]


def _pretend(request: urllib.request.Request, **_: object) -> None:
    request.headers["x-moto-account-id"] = "222233334444"


@pytest.fixture(scope="module")
def uniform() -> Iterator[SimulatedAws]:
    with serve(scale=1000) as aws:
        yield aws


def test_uniform_accounts_are_listed_whole_by_the_list_and_by_the_tree(
    uniform: SimulatedAws,
) -> None:
    client = uniform.client("organizations")
    listed = {
        account["Id"]
        for page in client.get_paginator("list_accounts").paginate()
        for account in page["Accounts"]
    }
    root = client.list_roots()["Roots"][0]["Id"]
    units = client.get_paginator("list_organizational_units_for_parent")
    parents = [root] + [
        unit["Id"] for page in units.paginate(ParentId=root) for unit in page["OrganizationalUnits"]
    ]
    below = [
        account["Id"]
        for parent in parents
        for page in client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent)
        for account in page["Accounts"]
    ]
    assert len(listed) == len(below) == 1000
    assert listed == set(below)


def test_every_uniform_account_answers_as_itself_and_all_alike(uniform: SimulatedAws) -> None:
    collector = uniform.session(as_collector=True)
    answers = set()
    for account in ("100000000000", "100000000042", "100000000999"):
        role = f"arn:aws:iam::{account}:role/{uniform.world['member_role_name']}"
        session = uniform.assume(collector, role, uniform.world["external_id"])
        identity = clients.client(session, "sts", uniform.url).get_caller_identity()
        assert identity["Account"] == account

        role_seen = clients.client(session, "iam", uniform.url).get_role(RoleName="any")["Role"]
        assert role_seen["Arn"].split(":")[4] == account
        block = clients.client(session, "s3control", uniform.url).get_public_access_block(
            AccountId=account
        )
        answers.add(tuple(block["PublicAccessBlockConfiguration"].values()))
    assert answers == {(True,) * 4}


def test_an_operation_without_an_answer_of_its_own_has_empty_lists(uniform: SimulatedAws) -> None:
    for service, operation, key in (
        ("ec2", "describe_instances", "Reservations"),
        ("rds", "describe_db_instances", "DBInstances"),
        ("lambda", "list_functions", "Functions"),
        ("dynamodb", "list_tables", "TableNames"),
    ):
        assert getattr(uniform.client(service), operation)()[key] == []


def test_uniform_accounts_say_no_to_more_calls_a_second_than_allowed() -> None:
    with serve(scale=2, throttle=2) as aws:
        client = aws.client("ec2")
        codes = []
        for _ in range(12):
            try:
                client.describe_vpcs()
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        assert codes
        assert set(codes) == {"RequestLimitExceeded"}
        assert aws.client("ecs").list_clusters()["clusterArns"] == []
        time.sleep(1)
        client.describe_vpcs()


def test_uniform_accounts_answer_as_late_as_asked() -> None:
    with serve(scale=2, latency_ms=100) as aws:
        client = aws.client("ec2")
        started = time.perf_counter()
        client.describe_vpcs()
        assert time.perf_counter() - started >= 0.07
