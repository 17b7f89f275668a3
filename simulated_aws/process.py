"""A simulated AWS in a process of its own, for tests and demos, and the means to change its world.

with serve() as aws:
    iam = aws.client("iam", account="101010101010")     # may do anything, as the operator
    aws.add_answer(service="ec2", account="…", region="eu-west-1", error="throttled", times=3)
    os.environ.update(aws.environment())                # the collector's credentials
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

import boto3

from simulated_aws import clients

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS: Final = 60
MEMBER_ADMIN_ROLE: Final = "OrganizationAccountAccessRole"


class SimulatedAws:
    """A running server; stop() ends it, and so does the end of this process, however it ends."""

    def __init__(self, process: subprocess.Popen[str], world: Mapping[str, Any]) -> None:
        self._process = process
        self.world = world
        self.url: str = world["url"]
        self._sessions: dict[str, boto3.Session] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=START_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()

    # Who calls

    def environment(self) -> dict[str, str]:
        """Environment variables by which boto3 and the AWS CLI reach it as the collector."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.world["collector"]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.world["collector"]["SecretAccessKey"],
        }

    def session(self, account: str | None = None, *, as_collector: bool = False) -> boto3.Session:
        """The collector's session; or the operator's, in the management account or a member."""
        if as_collector:
            return clients.session_for(self.world["collector"])
        if account in (None, self.world["management_account"]):
            return clients.session_for(self.world["operator"])
        if account not in self._sessions:
            self._sessions[account] = self.assume(
                self.session(), f"arn:aws:iam::{account}:role/{MEMBER_ADMIN_ROLE}"
            )
        return self._sessions[account]

    def assume(
        self, session: boto3.Session, role_arn: str, external_id: str | None = None
    ) -> boto3.Session:
        extra = {"ExternalId": external_id} if external_id is not None else {}
        assumed = clients.client(session, "sts", self.url).assume_role(
            RoleArn=role_arn, RoleSessionName="simulated", **extra
        )
        return clients.session_for(assumed["Credentials"])

    def client(self, service: str, account: str | None = None, region: str = "us-east-1") -> Any:
        """A client that may do anything in the account; without one, in the management account."""
        return clients.client(self.session(account), service, self.url, region)

    # What no AWS call can do

    def get(self, path: str) -> Any:
        return self._request("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        return self._request("POST", path, body)

    def delete(self, path: str) -> Any:
        return self._request("DELETE", path)

    def add_answer(self, **details: Any) -> int:
        """Canned from now on; the fields are those of `answers.CannedAnswer`. The answer's id."""
        ids: list[int] = self.post("/_sim/answers", details)["ids"]
        return ids[0]

    def remove_answer(self, answer_id: int) -> None:
        self.delete(f"/_sim/answers/{answer_id}")

    def backdate(self, account: str, kind: str, fields: Mapping[str, str], name: str = "") -> None:
        self.post(
            "/_sim/backdate",
            {"account": account, "kind": kind, "fields": dict(fields), "name": name},
        )

    def calls(self) -> list[dict[str, Any]]:
        """Counted calls since the start or since `forget_calls`; see `call_log.Entry`."""
        listed: list[dict[str, Any]] = self.get("/_sim/calls")
        return listed

    def forget_calls(self) -> None:
        self.delete("/_sim/calls")

    def expire_sessions(self) -> None:
        """End every session of an assumed role now: its credentials are refused as expired."""
        self.post("/_sim/expire-sessions")
        self._sessions.clear()

    def reset(self) -> None:
        """The world as at the start. Sessions of assumed roles end with the old one."""
        generation = self.post("/_sim/reset")["generation"]
        self._sessions.clear()
        while self._generation() in (None, generation):
            time.sleep(0.005)

    def _generation(self) -> int | None:
        try:
            generation: int = self.get("/_sim/health")["generation"]
        except (urllib.error.URLError, ConnectionError, HTTPException):
            # The old server answered nothing any more, or half of it.
            return None
        return generation

    def _request(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the server's own http address.
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with _DIRECT.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from error


# A proxy of the environment is not meant for a server of this machine.
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def serve(
    port: int = 0,
    *,
    world: str = "demo",
    latency_ms: float = 0,
    scale: int | None = None,
    throttle: float = 0,
) -> SimulatedAws:
    """Start a server and wait until it answers; OSError says why it could not start."""
    command = [sys.executable, "-m", "simulated_aws", "--json", "--port", str(port)]
    command += ["--world", world, "--latency-ms", str(latency_ms), "--throttle", str(throttle)]
    command += ["--scale", str(scale)] if scale else []
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and arguments from above.
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The pipes asked for are there.")
    line = _first_line(process, process.stdout)
    if not line:
        process.wait()
        raise OSError(f"The simulated AWS did not start: {' '.join(command)}")
    return SimulatedAws(process, json.loads(line))


def _first_line(process: subprocess.Popen[str], output: IO[str]) -> str:
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        return output.readline()
    finally:
        timer.cancel()


def count(calls: Sequence[Mapping[str, Any]], **fields: Any) -> int:
    """How many of the counted calls have these fields."""
    return sum(
        int(entry["count"])
        for entry in calls
        if all(entry[name] == value for name, value in fields.items())
    )
