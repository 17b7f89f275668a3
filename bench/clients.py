"""Clients for 1,000 accounts and 12 services. Goal 4.

The floor is botocore alone in the way Cairn uses it: one client a service, and credentials taken
from the context. The peer makes a boto3 session for every account, as most programs do.
"""

from __future__ import annotations

from collections.abc import Iterator

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.session import Session

from bench.measuring import in_turns, once
from bench.report import Measure
from collectors.aws.clients import Clients, current

ACCOUNTS = 1000
PEER_ACCOUNTS = 5
REGION = "us-east-1"
SERVICES = (
    "sts", "iam", "s3", "s3control", "ec2", "config", "guardduty", "cloudtrail", "accessanalyzer",
    "securityhub", "backup", "budgets",
)  # fmt: skip


def measure() -> Iterator[Measure]:
    taken = in_turns({"ours": _shared, "floor": _bare}, 3)
    peer = once(_session_each).cpu / PEER_ACCOUNTS * ACCOUNTS
    yield Measure(
        "4", f"clients of {ACCOUNTS:,} accounts × {len(SERVICES)} services, CPU",
        taken["ours"].cpu, "s", taken["floor"].cpu, peer, 3, 475,
        notes=f"the peer is a boto3 session an account, of {PEER_ACCOUNTS} accounts",
    )  # fmt: skip


def _keys(number: int) -> ReadOnlyCredentials:
    return ReadOnlyCredentials(f"ASIA{number:012d}FAKE", "secret", "token")


def _shared() -> None:
    """As a worker that has just been started."""
    clients = Clients(with_own_credentials=False)
    for number in range(ACCOUNTS):
        current.set(_keys(number))
        for service in SERVICES:
            clients.get(service, REGION)


def _bare() -> None:
    session = Session()
    session.set_credentials("key", "secret", "token")
    clients = {
        service: session.create_client(service, region_name=REGION, config=Config())
        for service in SERVICES
    }
    for number in range(ACCOUNTS):
        _keys(number)
        for service in SERVICES:
            clients[service]


def _session_each() -> None:
    for number in range(PEER_ACCOUNTS):
        keys = _keys(number)
        session = boto3.Session(keys.access_key, keys.secret_key, keys.token, REGION)
        for service in SERVICES:
            session.client(service)  # type: ignore[call-overload]  # typed for literal names only
