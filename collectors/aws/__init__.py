"""The only code that talks to AWS: one account and Region as a collector's ``fetch`` sees it.

    aws.call(DESCRIBE_ORGANIZATION, absent=("AWSOrganizationsNotInUseException",))
    aws.pages(LIST_ACCOUNTS)
    aws.when_ready(lambda: …, "The report")

Every request passes the read-only guard (``clients``), waits its turn (``limits``), is tried again
where that may help (``requests``), and is recorded for the evidence of the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from collectors.aws import clients, jobs, memory
from collectors.aws.clients import MAIN_REGION, THREADS
from collectors.aws.errors import CallFailed, WrongIdentity
from collectors.aws.jobs import K, T
from collectors.aws.paging import pages
from collectors.aws.requests import send
from collectors.aws.roles import Keys, Role, caller_arn, credentials, forget_all
from collectors.facts import Observation
from collectors.limits import limit_of
from collectors.outcomes import Outcome
from collectors.registry import Collector, Operation
from inventory.policy import Values

__all__ = [
    "MAIN_REGION",
    "THREADS",
    "Aws",
    "CallFailed",
    "Role",
    "WrongIdentity",
    "caller_arn",
    "credentials",
    "forget_all",
]

Records = dict[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Aws:
    """Calls with a role's credentials. ``target`` is the account a TARGET collector is about.

    ``own`` calls as that account itself where the organization's view is not enough. ``calls``
    are the calls made so far, alike ones counted together. ``kept`` are credentials to use whatever
    their age. ``stored`` are the facts that the collector builds on, by name.
    """

    role: Role
    region: str
    settings: Values
    now: datetime
    target: str = ""
    is_regional: bool = False
    own_role: Role | None = None
    kept: Keys | None = field(default=None, repr=False)
    stored: Mapping[str, Observation[Any]] = field(default_factory=dict)
    _records: Records = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        return self.role.account_id

    @property
    def partition(self) -> str:
        return self.role.partition

    @property
    def own(self) -> Aws:
        """The same as the target itself; raises CallFailed for one that is not entered."""
        if self.own_role is None:
            message = f"{self.target} is not active, so nothing is asked in it."
            raise CallFailed(Outcome.ACCESS_DENIED, message)
        return replace(self, role=self.own_role, own_role=None, kept=None)

    @property
    def in_one_session(self) -> Aws:
        """The same with the credentials it has now throughout, for jobs about which AWS tells only
        the session that began them. Raises CallFailed."""
        return replace(self, kept=credentials(self.role))

    @property
    def calls(self) -> list[dict[str, Any]]:
        return list(self._records.values())

    def fact(self, collector: Collector[T]) -> T:
        """What another collector saw here, read again after this run's. Raises Missing."""
        return _stored(self.stored, collector).get()

    def last(self, collector: Collector[T]) -> T | None:
        """What this collector saw the last time, None if it saw nothing."""
        found = _stored(self.stored, collector)
        return found.get() if found.outcome == Outcome.COLLECTED else None

    def call(
        self,
        operation: Operation,
        *,
        absent: tuple[str, ...] = (),
        region: str | None = None,
        **params: Any,
    ) -> dict[str, Any] | None:
        """AWS's answer, or None where it is one of the error codes ``absent``. Raises Missing."""
        try:
            answer = self._ask(operation, region or self.region, absent, params)
        except CallFailed as failed:
            if failed.code in absent:
                return None
            raise
        answer.pop("ResponseMetadata", None)
        return answer

    def pages(
        self,
        operation: Operation,
        *,
        absent: tuple[str, ...] = (),
        region: str | None = None,
        **params: Any,
    ) -> list[Any] | None:
        """The lists ``operation.result`` of all pages, joined; None and Missing as in ``call``."""
        try:
            whole = self.whole_pages(operation, absent=absent, region=region, **params)
        except CallFailed as failed:
            if failed.code in absent:
                return None
            raise
        return [one for page in whole for one in _listed(page, operation.result)]

    def whole_pages(
        self,
        operation: Operation,
        *,
        absent: tuple[str, ...] = (),
        region: str | None = None,
        **params: Any,
    ) -> list[dict[str, Any]]:
        """All pages as AWS gives them, for operations that list more than one thing. Raises
        CallFailed, for the error codes ``absent`` too, which only are not tried again."""
        return list(self.each_page(operation, absent=absent, region=region, **params))

    def each_page(
        self,
        operation: Operation,
        *,
        absent: tuple[str, ...] = (),
        region: str | None = None,
        **params: Any,
    ) -> Iterator[dict[str, Any]]:
        """As ``whole_pages``, one after the other, for what is too long to be held at once."""
        where = region or self.region
        client = clients.members().get(operation.client, where)
        api_name = client.meta.method_to_api_mapping[operation.name]
        described = clients.members().paging(operation.client, api_name)

        def ask(**page_params: Any) -> dict[str, Any]:
            return self._ask(operation, where, absent, page_params)

        yield from pages(ask, client, operation.name, described, params)

    def when_ready(self, ask: Callable[[], T | None], what: str) -> T:
        """The first answer of ``ask`` that is not None, asked for every two seconds. Raises
        CallFailed: job_timeout where there is none within JOB_TIMEOUT_SECONDS."""
        ready = self.all_ready({what: ask})
        if what not in ready:
            seconds = self.settings["JOB_TIMEOUT_SECONDS"]
            message = f"{what} was not ready within {seconds} seconds."
            raise CallFailed(Outcome.JOB_TIMEOUT, message)
        return ready[what]

    def all_ready(self, asks: Mapping[K, Callable[[], T | None]]) -> dict[K, T]:
        """As ``when_ready`` for many at once; those that are not ready in time are not in it."""
        return jobs.ready_in_time(asks, self.settings["JOB_TIMEOUT_SECONDS"], jobs.CLOCK)

    def shared(self, key: tuple[str, ...], ask: Callable[[], T]) -> T:
        """What ``ask`` answers for all accounts alike, a few minutes old at most. Its calls are
        recorded where they were made."""
        return memory.SHARED.get((self.role.arn, *key), ask)

    def _credentials(self, renew: bool) -> Keys:
        return self.kept or credentials(self.role, renew=renew)

    def _ask(
        self, operation: Operation, region: str, absent: tuple[str, ...], params: dict[str, Any]
    ) -> dict[str, Any]:
        if self.is_regional:
            self._require_endpoint(operation, region)
        try:
            answer = send(
                clients.members().get(operation.client, region),
                operation.name,
                params,
                limit=limit_of(operation, self.account_id, region, self.settings),
                credentials=self._credentials,
                is_regional=self.is_regional,
                absent=absent,
            )
        except CallFailed as failed:
            blocked = failed.outcome == Outcome.REGION_BLOCKED
            if blocked and region in self.settings["APPROVED_REGIONS"]:
                # In a Region the company uses, a policy that denies the call is a gap in access.
                failed = CallFailed(
                    Outcome.ACCESS_DENIED, failed.message, failed.code, failed.request_id
                )
            self._record(operation, region, params, failed.code, 0, failed.request_id)
            raise failed from None
        request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
        items = len(_listed(answer, operation.result)) if operation.result else 1
        self._record(operation, region, params, "", items, request_id)
        return answer

    def _require_endpoint(self, operation: Operation, region: str) -> None:
        known = clients.members().regions_of(operation.client, self.partition)
        if known and region not in known:
            raise CallFailed(
                Outcome.SERVICE_UNAVAILABLE,
                f"AWS does not offer {operation.client} in {region}.",
                "NoEndpoint",
            )

    def _record(
        self,
        operation: Operation,
        region: str,
        params: Mapping[str, Any],
        error_code: str,
        items: int,
        request_id: str,
    ) -> None:
        client, name, caller = operation.client, operation.name, self.role.caller
        record = self._records.setdefault(
            (client, name, caller, self.account_id, region, error_code),
            {
                "client": client,
                "operation": name,
                "caller": caller,
                "account": self.account_id,
                "region": region,
                "status": "error" if error_code else "ok",
                "error_code": error_code or None,
                "items": 0,
                "requests": 0,
                "parameters": _short(params),
            },
        )
        record["items"] += items
        record["requests"] += 1
        record["request_id"] = request_id


LONGEST_PARAMETER = 200  # characters


def _short(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with which the first of alike calls can be made again; tokens of pages and
    whole documents are left out."""
    return {
        name: value if isinstance(value, str | int | float | list | dict) else str(value)
        for name, value in params.items()
        if "token" not in name.lower() and len(str(value)) <= LONGEST_PARAMETER
    }


def _stored(stored: Mapping[str, Observation[Any]], collector: Collector[T]) -> Observation[T]:
    message = f"{collector} was never collected."
    never = Observation[T](collector.name, "", "", Outcome.NEVER_COLLECTED, message=message)
    return stored.get(collector.name, never)


def _listed(page: Mapping[str, Any], result: str) -> list[Any]:
    """The list at a key such as ``Accounts`` or ``DistributionList.Items``, if it is there."""
    found: Any = page
    for key in result.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return list(found) if found else []
