"""What can be observed of AWS: operations, collectors, and how they are found.

Each module of ``collectors.services`` (one per boto3 client) declares its operations, once each
with the IAM action that allows it, and its collectors: one collector observes one typed fact. The
read-only guard, the IAM policies and ``docs/permissions.json`` are made from these declarations.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collectors.aws import Aws

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """A read operation of a boto3 client, such as ``ec2`` ``describe_vpcs``.

    ``action`` is the IAM action it needs, such as ``ec2:DescribeVpcs``; ``result`` the key of the
    list in a page of its answer, for operations that are paged through.
    """

    client: str
    name: str
    action: str
    result: str = ""


class Scope(StrEnum):
    """Whose credentials a collector calls with, and on which account's row its fact is kept."""

    ORGANIZATION = "organization"  # management role; kept on the management account
    TARGET = "target"  # management role, once for each account; kept on that account
    SECURITY = "security"  # member role of each security account; kept there
    ACCOUNT = "account"  # member role of each account; kept there


class Reach(StrEnum):
    """Where it is asked."""

    GLOBAL = "global"  # once, at the partition's main Region
    REGIONAL = "regional"  # in every Region in scope
    HOME = "home"  # in the Regions that ``Collector.regions`` names from the settings


class Phase(IntEnum):
    """Order within an account: the enabled Regions, what is used, everything else, and last what
    asks about things that others have seen."""

    REGIONS = 0
    PRESENCE = 1
    REST = 2
    BUILT_ON_OTHERS = 3


@dataclass(frozen=True)
class Collector(Generic[T]):
    """Observes one fact. ``fetch`` calls AWS and returns its answers; ``transform`` is pure, ends
    AWS's spelling and begins ours. ``name`` is ``<module>.<fact>`` and the fact's kind in the
    database. ``operations`` are the ones ``fetch`` may call; ``own`` those of them that a TARGET
    collector calls with the account's own credentials. ``builds_on`` names collectors whose stored
    facts of the same place ``fetch`` reads, as ``aws.fact`` and ``aws.last``; its own name among
    them, where it asks again only about what is new.
    """

    name: str
    value: type[T]
    scope: Scope
    reach: Reach
    operations: tuple[Operation, ...]
    fetch: Callable[[Aws], Any]
    transform: Callable[[Any], T]
    phase: Phase = Phase.REST
    own: tuple[Operation, ...] = ()
    home_setting: str = ""  # the setting that lists the Regions of Reach.HOME
    builds_on: tuple[str, ...] = ()
    refresh_hours_setting: str = ""  # the setting that says how rarely to call

    def __str__(self) -> str:
        return self.name


@cache
def collectors() -> Mapping[str, Collector[Any]]:
    """Every collector by name, from all modules of ``collectors.services``."""
    found: dict[str, Collector[Any]] = {}
    for collector in _declared(Collector):
        if collector.name in found and found[collector.name] is not collector:
            raise ValueError(f"Two collectors are named {collector.name}.")
        found[collector.name] = collector
    return dict(sorted(found.items()))


@cache
def operations() -> Mapping[tuple[str, str], Operation]:
    """Every operation that Cairn may call, by boto3 client and operation name."""
    return {
        (operation.client, operation.name): operation
        for collector in collectors().values()
        for operation in (*collector.operations, *collector.own)
    }


def _declared(kind: type[Any]) -> Iterator[Any]:
    from collectors import services

    for module in pkgutil.iter_modules(services.__path__):
        members = vars(importlib.import_module(f"{services.__name__}.{module.name}"))
        yield from (member for member in members.values() if isinstance(member, kind))
