"""A catalogue of the test's own, and the organization known by heart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from roadmap import registry
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source
from tests import organization

FINDINGS = {
    "table_open": FindingKind("Table open", Severity.HIGH),
    "nobody_looks": FindingKind("Nobody looks", Severity.LOW),
}


def make_item(key: str, judge: Any = None, **more: Any) -> Item:
    """An item with as little said as an item may say."""
    return Item(
        f"roadmap.items.{key}",
        **{
            "order": "1.1",
            "title": key,
            "guidance": "Do it.",
            "scope": "account",
            "flow": Flow.LOCAL,
            "sources": (Source.AUTOMATIC,),
            "fix": Fix("Do it.", "Doing it"),
            "source_url": "https://docs.aws.amazon.com/",
            "judge": judge,
            "findings": FINDINGS,
            **more,
        },
    )


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Replaces the catalogue with these items, found the way items are found."""

    def use(*items: Item) -> None:
        for item in items:
            monkeypatch.setitem(sys.modules, item.module, SimpleNamespace(item=item))
        found = [SimpleNamespace(name=item.module, ispkg=False) for item in items]
        monkeypatch.setattr(registry, "pkgutil", SimpleNamespace(walk_packages=lambda *_: found))
        forget()

    yield use
    monkeypatch.undo()
    forget()


def forget() -> None:
    registry.items.cache_clear()
    registry.judging_order.cache_clear()


@pytest.fixture
def world(db: None) -> organization.World:
    return organization.create()
