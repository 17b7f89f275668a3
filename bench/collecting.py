"""Collection of 200 simulated accounts against the bare calls it makes. Goals 1, 3 and 5.

The simulated AWS is a process of its own, so CPU is Cairn's alone. The floor sends the calls that
a collection sent, with the same parameters and credentials, through the same shared clients and
as many threads, and does nothing else. Both repeat a collection: facts and clients are there.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from botocore.credentials import ReadOnlyCredentials
from django.core.management import call_command

from bench.hooks import without_judging
from bench.measuring import Spent, in_turns, once
from bench.report import Measure
from collectors import limits
from collectors.aws.clients import THREADS, current
from collectors.models import Run
from inventory.changes import Edit, write
from inventory.columns import SETTINGS
from inventory.models import Organization, Origin
from roadmap.evaluation import judge
from simulated_aws import process
from simulated_aws.scale.company import REGIONS, ROLE, account_at

ACCOUNTS = 200
FEW = 20
ROUNDS = 2
FAST = 100_000  # calls a second: the simulated AWS has no quotas to stay below

GOAL, GOAL_PER_REGION = 25, 12
MORE_QUESTIONS = (
    "The goal was set for 15 checks of another tool; the ten stages ask some seventy questions of "
    "each Region, even of one where nothing is"
)


@dataclass(frozen=True)
class Call:
    """One request as Cairn sent it; ``keys`` are None for the credentials of the process."""

    client: BaseClient
    api_name: str
    params: dict[str, Any]
    keys: ReadOnlyCredentials | None

    @property
    def region(self) -> str:
        return str(self.client.meta.region_name)

    @property
    def account_id(self) -> str:
        return (self.keys.access_key or "")[4:16] if self.keys else ""

    @property
    def question(self) -> tuple[str, str, str, str]:
        """Service, operation, what exactly, and the Region. A page is a question of its own."""
        service = self.client.meta.service_model.service_name
        return service, self.api_name, json.dumps(self.params, default=str), self.region

    def send(self) -> None:
        token = current.set(self.keys) if self.keys else None
        try:
            self.client._make_api_call(self.api_name, self.params)  # type: ignore[attr-defined]
        except self.client.exceptions.ClientError:
            pass  # AWS answers some questions with an error code; that is an answer too.
        finally:
            if token:
                current.reset(token)


def measure() -> Iterator[Measure]:
    with process.serve(scale=ACCOUNTS) as aws, without_quotas(), without_judging():
        os.environ.update(aws.environment())
        _connect(aws.world)
        collect()
        calls = _recorded()
        taken = in_turns({"ours": collect, "floor": lambda: _replay(calls)}, ROUNDS, warm=False)
        yield from _times(taken, len(calls))
        yield from _requests(calls)
        yield _memory()
        judged = once(judge)
        yield Measure(
            "", "judging, CPU an account", judged.cpu / ACCOUNTS * 1000, "ms",
            notes=f"rules and storage of {ACCOUNTS} accounts, first time: {judged.wall:.1f} s",
        )  # fmt: skip


@contextmanager
def without_quotas() -> Iterator[None]:
    """AWS's published quotas make a collection wait; waiting is not what is measured."""
    with mock.patch.dict(limits.PUBLISHED, clear=True):
        yield


def _connect(world: Mapping[str, Any]) -> None:
    call_command(
        "connect_organization",
        role_arn=world["management_role_arn"],
        external_id=world["external_id"],
        member_role=ROLE,
        name="Scale",
        stdout=io.StringIO(),
    )
    organization = Organization.objects.get(organization_id=world["organization_id"])
    rates = {f"RATE_{name}_TPS": FAST for name in ("ORGANIZATIONS", "IAM", "DEFAULT")}
    edits = [
        Edit(SETTINGS, f"organization:{name}:{organization.organization_id}", {"value": value})
        for name, value in {**world["settings"], **rates}.items()
    ]
    write(edits, origin=Origin.COMMAND)


def collect(*accounts: str) -> None:
    call_command("collect", inline=True, account=list(accounts), stdout=io.StringIO())
    run = Run.objects.latest("pk")
    if run.state != Run.State.FINISHED:
        raise RuntimeError(f"The collection ended {run.state}: {run.message}")


def _recorded() -> list[Call]:
    """A collection, and every request that it sent."""
    calls: list[Call] = []
    send = BaseClient._make_api_call  # type: ignore[attr-defined]

    def record(client: BaseClient, api_name: str, params: dict[str, Any]) -> Any:
        calls.append(Call(client, api_name, dict(params), current.get(None)))
        return send(client, api_name, params)

    with mock.patch.object(BaseClient, "_make_api_call", record):
        collect()
    return calls


def _replay(calls: list[Call]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for future in [threads.submit(call.send) for call in calls]:
            future.result()


def _times(taken: dict[str, Spent], calls: int) -> Iterator[Measure]:
    ours, floor = taken["ours"], taken["floor"]
    yield Measure(
        "1", "collecting, CPU an account", ours.cpu / ACCOUNTS * 1000, "ms",
        floor.cpu / ACCOUNTS * 1000, at_most=2.1,
        notes=f"{calls / ACCOUNTS:.0f} calls an account; the floor is the same calls",
    )  # fmt: skip
    yield Measure(
        "", "collecting, wall an account", ours.wall / ACCOUNTS * 1000, "ms",
        floor.wall / ACCOUNTS * 1000,
        notes=f"{ACCOUNTS} accounts in {ours.wall:.1f} s, {calls / ours.wall:.0f} calls a second",
    )  # fmt: skip


def _requests(calls: list[Call]) -> Iterator[Measure]:
    """Of one member account: what was asked with its own role, and what the management account
    was asked about it alone. Its role is assumed once an hour, which a repetition does not show."""
    account = account_at(ACCOUNTS - 1)
    about = [call for call in calls if account in (call.account_id, _subject(call))]
    further = sum(call.region == REGIONS[1] for call in about)
    distinct = {call.question for call in about}
    distinct_further = sum(region == REGIONS[1] for *_, region in distinct)
    yield Measure(
        "3", "requests an account, one Region", len(about) - further, "",
        len(distinct) - distinct_further,
        at_most=1.3, ceiling=GOAL, cause=MORE_QUESTIONS,
        notes=f"{_by_service(about)}; the floor asks no question twice",
    )  # fmt: skip
    yield Measure(
        "3", "requests an account, each further Region", further, "", distinct_further,
        at_most=1.3, ceiling=GOAL_PER_REGION, cause=MORE_QUESTIONS,
    )  # fmt: skip


def _subject(call: Call) -> str:
    named = (
        call.params.get(name, "") for name in ("AccountId", "TargetId", "ResourceId", "RoleArn")
    )
    return next((account for text in named if (account := _account_in(str(text)))), "")


def _account_in(text: str) -> str:
    return next((part for part in text.split(":") if len(part) == 12 and part.isdigit()), "")


def _by_service(calls: list[Call]) -> str:
    counted = Counter(call.client.meta.service_model.service_name for call in calls)
    return ", ".join(f"{name} {count}" for name, count in counted.most_common())


def _memory() -> Measure:
    """Peak memory of two fresh processes, one that collects few accounts and one that does all."""
    few, all_ = (_peak(count) for count in (FEW, ACCOUNTS))
    return Measure(
        "5", f"collecting {ACCOUNTS} accounts, peak memory", all_, "MiB", few, at_most=1.2,
        ceiling=200, notes=f"the floor is the peak of a process that collects {FEW} accounts",
        cause="Django and the clients of 44 services take it; it is flat in the number of accounts",
    )  # fmt: skip


def _peak(accounts: int) -> float:
    done = subprocess.run(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", "bench.one_collection", str(accounts)],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"MALLOC_ARENA_MAX": "2"},  # As the image and `make run` set it.
    )
    return float(done.stdout)
