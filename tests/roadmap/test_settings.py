"""Which items measure by a setting: what is declared, held against what code names."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from collectors.registry import Collector, collectors
from inventory.policy_settings import SETTINGS
from roadmap.evaluation.imports import with_imports
from roadmap.registry import Item, items
from roadmap.scan_import import import_file

# They limit what counts as evidence and how much of it is kept, whatever the item.
OF_EVIDENCE = {"EVIDENCE_MAX_AGE_HOURS", "EVIDENCE_LIST_LIMIT"}

# It decides what a scan covers when it is imported, before any rule reads it.
OF_IMPORTS = {"IMPORT_MIN_CHECKS"}

RULES = ("roadmap",)
RULES_AND_COLLECTORS = ("roadmap", "collectors")


def named(roots: Iterable[object], packages: tuple[str, ...]) -> set[str]:
    """The settings named in what the roots may call, as far as that is in the packages."""
    names = set()
    for function in reached(roots, packages):
        for code in codes(function.__code__):
            names |= {one for one in code.co_consts if isinstance(one, str)}
    return names & SETTINGS.keys()


def reached(roots: Iterable[object], packages: tuple[str, ...]) -> Iterator[FunctionType]:
    todo, seen = list(roots), {}
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # So that no other thing gets its id.
        if isinstance(thing, FunctionType) and thing.__module__.startswith(packages):
            yield thing
            todo += called(thing)
        elif isinstance(thing, type) and thing.__module__.startswith(packages):
            todo += [*vars(thing).values(), *thing.__bases__]
        elif isinstance(thing, Mapping):
            todo += thing.values()
        elif isinstance(thing, tuple | list | frozenset):
            todo += thing
        else:
            todo += wrapped(thing)


def called(function: FunctionType) -> Iterator[object]:
    """Whatever of its module, of modules it uses and of its closure the function names."""
    names = {name for code in codes(function.__code__) for name in code.co_names}
    for name in names & function.__globals__.keys():
        found = function.__globals__[name]
        if isinstance(found, ModuleType):
            yield from (vars(found)[one] for one in names & vars(found).keys())
        else:
            yield found
    yield from (cell.cell_contents for cell in function.__closure__ or ())


def wrapped(thing: Any) -> Iterator[object]:
    if isinstance(thing, functools.partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif isinstance(thing, Collector):
        yield from (thing.fetch, thing.transform)
    elif is_dataclass(thing) and not isinstance(thing, type):
        yield type(thing)
        yield from (getattr(thing, field.name) for field in fields(thing))
    else:
        for name in ("__wrapped__", "__func__", "fget", "func"):
            if hasattr(thing, name):
                yield getattr(thing, name)


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from codes(one)


def collected(item: Item) -> list[Collector[Any]]:
    """What the item reads, and what that is made from."""
    found: dict[str, Collector[Any]] = {}
    todo = list(item.reads)
    while todo:
        collector = todo.pop()
        if collector.name not in found:
            found[collector.name] = collector
            todo += [collectors()[name] for name in collector.builds_on]
    return list(found.values())


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.key)
def test_an_item_is_named_by_the_settings_it_measures_by(item: Item) -> None:
    declared = {setting.name for setting in SETTINGS.values() if item.key in setting.items}
    asked = {one.days_setting for one in item.attests} | {item.level_setting}
    measured = named([item.judge], RULES) | asked - {""}
    collecting = named([item.judge, *collected(item)], RULES_AND_COLLECTORS)

    assert measured - declared - OF_EVIDENCE == set(), "not declared"
    assert declared - measured - collecting - OF_IMPORTS == set(), "declared and not read"


def test_what_makes_an_import_evidence_is_asked_where_it_is_read_and_where_it_serves() -> None:
    """No rule reads these settings, which hold for all items alike."""
    assert named([import_file], RULES) >= OF_IMPORTS
    assert named([with_imports], RULES) == {"IMPORT_FALLBACK_DAYS"}
    roots = [root for item in items().values() for root in (item.judge, *collected(item))]
    assert named(roots, RULES_AND_COLLECTORS) & {*OF_IMPORTS, "IMPORT_FALLBACK_DAYS"} == set()
