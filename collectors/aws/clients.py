"""One botocore client for each service and Region of a process, shared by all accounts.

A client's credentials answer with the account of the current context and raise LookupError where
there is none: a call that lost its account fails instead of reading another one. Making a client
costs many times what a call costs, which is why they are shared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore import xform_name
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import CredentialProvider, Credentials, ReadOnlyCredentials
from botocore.exceptions import DataNotFoundError
from botocore.loaders import create_loader
from botocore.model import OperationModel
from botocore.paginate import PaginatorModel
from botocore.session import Session

from collectors import guard

THREADS = 32

# The Region to which calls of global services are sent.
MAIN_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}

AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")

CONFIG = Config(
    # Retries are ours: botocore's quota lives in the client, where all accounts would share it.
    retries={"mode": "standard", "total_max_attempts": 1},
    max_pool_connections=THREADS,
    connect_timeout=10,
    read_timeout=60,
    tcp_keepalive=True,
    user_agent_extra="Cairn",
)

# Sessions that share it parse a service's model once.
LOADER = create_loader()

current: ContextVar[ReadOnlyCredentials] = ContextVar("current")


class _CurrentCredentials(Credentials):
    """Credentials of the account in the current context. Raises LookupError without one."""

    def __init__(self) -> None:
        # Nothing is kept here; each request reads the context.
        self.method = "cairn"

    @property
    def access_key(self) -> str | None:  # type: ignore[override]  # an attribute in botocore
        return current.get().access_key

    @property
    def secret_key(self) -> str | None:  # type: ignore[override]  # an attribute in botocore
        return current.get().secret_key

    @property
    def token(self) -> str | None:  # type: ignore[override]  # an attribute in botocore
        return current.get().token

    @property
    def account_id(self) -> None:  # only for endpoints that name the account, which none need
        return None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return current.get()

    def get_deferred_property(self, property_name: str) -> Callable[[], None]:
        return lambda: None


class _CurrentProvider(CredentialProvider):
    METHOD = CANONICAL_NAME = "cairn"

    def load(self) -> Credentials:
        return _CurrentCredentials()


class Clients:
    """Clients of one botocore session, made when first needed. ``check`` is asked with client and
    operation before each request and raises where it must not be sent."""

    def __init__(
        self, *, with_own_credentials: bool, check: Callable[[str, str], None] = guard.check
    ) -> None:
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._regions: dict[tuple[str, str], frozenset[str]] = {}
        self._paginators: dict[str, PaginatorModel | None] = {}
        self._session = Session()
        self._session.register_component("data_loader", LOADER)
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        if not with_own_credentials:
            chain = self._session.get_component("credential_provider")
            chain.providers = [_CurrentProvider()]
        self._session.register("before-parameter-build", _asking(check))
        self._session.register("before-sign.s3-control", _host_without_account)

    def get(self, service: str, region: str) -> BaseClient:
        found = self._clients.get((service, region))
        if found is None:
            with self._lock:  # Making clients is not thread-safe in botocore; using them is.
                found = self._clients.get((service, region))
                if found is None:
                    found = self._session.create_client(service, region_name=region, config=CONFIG)
                    self._clients[service, region] = found
        return found

    def paging(self, service: str, operation: str) -> Mapping[str, Any] | None:
        """botocore's description of how the operation is paged through, if it has one."""
        with self._lock:
            if service not in self._paginators:
                try:
                    self._paginators[service] = self._session.get_paginator_model(service)
                except DataNotFoundError:
                    self._paginators[service] = None
            model = self._paginators[service]
            if model is None:
                return None
            try:
                return dict(model.get_paginator(operation))
            except ValueError:
                return None

    def regions_of(self, service: str, partition: str) -> frozenset[str]:
        """Regions in which botocore knows an endpoint; empty for a global or unlisted service."""
        key = (service, partition)
        if key not in self._regions:
            with self._lock:
                found = self._session.get_available_regions(service, partition)
                self._regions[key] = frozenset(found)
        return self._regions[key]


@cache
def members() -> Clients:
    """Clients that act as the account of the current context."""
    return Clients(with_own_credentials=False)


@cache
def own() -> Clients:
    """Clients that act as Cairn itself, with the credentials of the process: for AssumeRole."""
    return Clients(with_own_credentials=True)


def _asking(check: Callable[[str, str], None]) -> Callable[..., None]:
    def ask(**event: Any) -> None:
        model: OperationModel = event["model"]
        check(model.service_model.service_name, xform_name(model.name))

    return ask


def _host_without_account(**event: Any) -> None:
    """S3 Control puts the account before the host, which resolves nowhere for an address such as
    127.0.0.1 of AWS_ENDPOINT_URL. AWS's own endpoints are left alone."""
    request: AWSRequest = event["request"]
    url = urlsplit(str(request.url))
    first, _, rest = url.netloc.partition(".")
    if len(first) == 12 and first.isdigit() and not rest.endswith(AWS_HOSTS):
        request.url = urlunsplit(url._replace(netloc=rest))
