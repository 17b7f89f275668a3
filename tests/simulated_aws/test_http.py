"""How the server speaks HTTP, as clients of AWS and of its control interface expect it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator

import pytest
from botocore.config import Config

from simulated_aws import SimulatedAws, serve


@pytest.fixture(scope="module")
def uniform() -> Iterator[SimulatedAws]:
    with serve(scale=1) as aws:
        yield aws


@pytest.fixture(params=["a world", "uniform accounts"])
def aws(request: pytest.FixtureRequest, demo: SimulatedAws, uniform: SimulatedAws) -> SimulatedAws:
    return demo if request.param == "a world" else uniform


def host_of(aws: SimulatedAws) -> str:
    return aws.url.removeprefix("http://")


def exchange(aws: SimulatedAws, *parts: bytes) -> list[bytes]:
    """Sends each part once the one before it was answered; what was answered to each."""
    host, port = host_of(aws).split(":")
    answers = []
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
            answers.append(connection.recv(65536))
    return answers


def test_a_connection_is_kept_for_the_next_request(aws: SimulatedAws) -> None:
    connection = http.client.HTTPConnection(host_of(aws), timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/_sim/world")
        world = json.load(connection.getresponse())
        assert world["external_id"] == aws.world["external_id"]
        assert connection.sock is first
    connection.close()


def test_a_connection_is_closed_for_whoever_asks(aws: SimulatedAws) -> None:
    connection = http.client.HTTPConnection(host_of(aws), timeout=10)
    connection.connect()
    kept = connection.sock
    connection.request("GET", "/_sim/world", headers={"Connection": "close"})
    assert json.load(connection.getresponse())
    assert kept.recv(1) == b""
    connection.close()


def test_a_request_may_come_in_pieces(demo: SimulatedAws) -> None:
    body = b'{"ms": 0}'
    head = b"POST /_sim/latency HTTP/1.1\r\nContent-Length: %d\r\n" % len(body)
    host, port = host_of(demo).split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for piece in (head[:20], head[20:], b"\r\n", body[:4], body[4:]):
            connection.sendall(piece)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_two_requests_at_once_are_answered_in_turn(demo: SimulatedAws) -> None:
    nowhere = b"GET /_sim/nowhere HTTP/1.1\r\n\r\n"
    host, port = host_of(demo).split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(nowhere + b"GET /_sim/health HTTP/1.1\r\nConnection: close\r\n\r\n")
        answered = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answered.index(b"HTTP/1.1 404 ") < answered.index(b"HTTP/1.1 200 ")


def test_content_that_waits_to_be_asked_for_is_asked_for(demo: SimulatedAws) -> None:
    head = b"POST /_sim/latency HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    asked, answered = exchange(demo, head, b'{"ms": 0}')
    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answered.startswith(b"HTTP/1.1 200 ")


def test_an_object_is_stored_looked_at_and_read(changing_demo: SimulatedAws) -> None:
    s3 = changing_demo.client("s3")
    s3.create_bucket(Bucket="larkfield-scratch")
    key, content = "reports/2026 Q4/größe+100%.csv", b"a,b\r\n\r\n1,2\r\n" * 50_000
    s3.put_object(Bucket="larkfield-scratch", Key=key, Body=content)
    assert s3.head_object(Bucket="larkfield-scratch", Key=key)["ETag"]
    assert s3.get_object(Bucket="larkfield-scratch", Key=key)["Body"].read() == content


def test_it_is_a_proxy_for_those_who_name_the_whole_address(demo: SimulatedAws) -> None:
    account = demo.world["accounts"][0]["id"]
    client = demo.session(account).client(
        "s3control",
        region_name="us-east-1",
        endpoint_url="http://aws.example:1",
        config=Config(proxies={"http": demo.url}),
    )
    found = client.get_public_access_block(AccountId=account)
    assert found["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
