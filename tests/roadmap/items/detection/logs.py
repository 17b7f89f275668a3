"""Subjects of the items about log sources: facts by Region, nothing in those not named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.registry import Collector
from collectors.services import securitylake
from collectors.services.securitylake import DataLake
from roadmap.registry import Item
from roadmap.subject import Excepted, Subject
from tests.roadmap.items.subjects import ACCOUNT, LOGS, SECURITY, Facts
from tests.roadmap.items.visibility.central import central_subject, everywhere

HOME, OTHER = "us-east-1", "eu-west-1"
NO_LAKE: Facts = {
    **everywhere(SECURITY, securitylake.data_lake, DataLake()),
    **everywhere(LOGS, securitylake.data_lake, DataLake()),
}


def lake(*sources: str) -> Facts:
    """Security Lake collects these sources of the account everywhere."""
    collects = DataLake("COMPLETED", "arn:lake", {ACCOUNT: sources})
    return everywhere(LOGS, securitylake.data_lake, collects)


def at_home(values: Mapping[Collector[Any], Any]) -> Facts:
    """Values in one Region; in the other there is nothing."""
    return {
        (ACCOUNT, collector, region): value if region == HOME else ()
        for collector, value in values.items()
        for region in (HOME, OTHER)
    }


def seen(*facts: Facts, excepted: str = "", item: Item | None = None, **more: Any) -> Subject:
    """``excepted`` is a pattern of ARNs that an exception covers."""
    values: dict[tuple[Any, ...], Any] = dict(NO_LAKE)
    for found in facts:
        values |= found
    exceptions = [Excepted(item.key if item else "", excepted)] if excepted else []
    return central_subject(values, exceptions=exceptions, **more)
