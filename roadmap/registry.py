"""The catalogue: what an item declares, and how items are found.

One module per item in ``roadmap.items.<stage>``. The module path is the item's key, the URL, the
test path and the string in the database.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from collectors.registry import Collector
from roadmap.stages import BY_SLUG, Stage
from roadmap.subject import Subject
from roadmap.verdicts import Severity, Source, Verdict

PREFIX = "roadmap.items."


class Flow(StrEnum):
    """How an organization's facts reach its accounts (section 0.7 of the evidence rules)."""

    LOCAL = "local"
    PER_TARGET = "per-target"
    INHERIT = "inherit"
    TEAM = "team"


class ImportUse(StrEnum):
    """What results of scanners do for an item (section 0.9 of the evidence rules)."""

    FALLBACK = "fallback"  # They serve where Cairn has no access.
    RULE = "rule"  # The item's own rule reads them.
    CONTEXT = "context"  # They are kept beside it and never decide.


class Level(StrEnum):
    ACCOUNT = "account"
    TEAM = "team"
    ORGANIZATION = "organization"


@dataclass(frozen=True)
class FindingKind:
    """``title`` is the code spelled out as a condition, such as "Instance exposed". One
    ``of_sheet`` rests on nothing that AWS has to tell, so a judgement that lacks that sees it
    whole."""

    title: str
    severity: Severity
    of_sheet: bool = False


# What the evaluator reports of any item; no rule does.
OF_ALL = {"source_disagreement": FindingKind("Source disagreement", Severity.LOW)}


class DetailKind(StrEnum):
    """What a form asks for and the type of the answer in ``Attested.details``."""

    TEXT = "text"
    LINES = "lines"  # a list of str, such as account ids, ARNs or VPC ids
    DATE = "date"  # an ISO date
    NUMBER = "number"
    CHOICE = "choice"
    URL = "url"


@dataclass(frozen=True)
class Detail:
    """Something more that is asked with an answer. ``required`` ones must be given for ``done``."""

    name: str
    label: str
    kind: DetailKind = DetailKind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Attestable:
    """What people are asked. ``days`` is how long an answer holds; ``days_setting`` names a
    setting that says so instead. ``declinable`` items may be declined with a reason."""

    level: Level
    question: str
    days: int = 365
    days_setting: str = ""
    declinable: bool = False
    about: str = ""  # label of what exactly it is about, where asked
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Fix:
    """How to put it right, and the title of AWS's page about it."""

    text: str
    aws_docs: str


@dataclass(frozen=True)
class Item:
    """``order`` is the position within the stage ("3.1.2"). ``judge`` is absent while no rule is
    written: then the verdict is unknown, never collected or not attested by ``sources``.
    ``always_judged`` items are judged for suspended accounts too. ``level_setting`` names the
    setting by which an item that accounts inherit is each account's (or team's) own instead.
    ``imports`` are the checks of each scanner that belong to it, ``import_use`` what they do.
    ``judge_alone`` judges accounts to which the organization's verdict is not handed down.
    """

    module: str
    order: str
    title: str
    guidance: str
    scope: str
    flow: Flow
    sources: tuple[Source, ...]
    fix: Fix
    source_url: str
    judge: Callable[[Subject], Verdict] | None = None
    judge_alone: Callable[[Subject], Verdict] | None = None
    reads: tuple[Collector[Any], ...] = ()
    findings: Mapping[str, FindingKind] = field(default_factory=dict)
    attests: tuple[Attestable, ...] = ()
    parent: str = ""
    weight: int = 1
    always_judged: bool = False
    level_setting: str = ""
    import_use: ImportUse = ImportUse.FALLBACK
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.module.startswith(PREFIX) or self.key.count(".") != 1:
            raise ValueError(f"{self.module} is no item module; pass __name__.")
        for name in ("order", "title", "guidance", "source_url"):
            if not getattr(self, name):
                raise ValueError(f"{self.key} declares no {name}.")
        if self.stage.number != int(self.order.partition(".")[0]):
            raise ValueError(f"{self.key} has order {self.order}, of another stage.")

    def kind(self, code: str) -> FindingKind:
        """What one of its findings is. Raises KeyError for one that it does not declare."""
        return OF_ALL.get(code) or self.findings[code]

    @property
    def key(self) -> str:
        return self.module.removeprefix(PREFIX)

    @property
    def stage(self) -> Stage:
        return BY_SLUG[self.key.partition(".")[0]]

    @property
    def slug(self) -> str:
        return self.key.partition(".")[2]

    @property
    def counts(self) -> bool:
        """Whether it counts in scores; sub-checks count through their parent only."""
        return not self.parent and self.weight > 0


def _position(item: Item) -> tuple[int, ...]:
    return tuple(int(part) for part in item.order.split("."))


@cache
def items() -> Mapping[str, Item]:
    """Every item and sub-check by key, in the order of the roadmap."""
    from roadmap import items as package

    found = [
        importlib.import_module(module.name).item
        for module in pkgutil.walk_packages(package.__path__, PREFIX)
        if not module.ispkg
    ]
    return {item.key: item for item in sorted(found, key=_position)}


@cache
def judging_order() -> tuple[Item, ...]:
    """Sub-checks before their parents."""
    catalogue = items().values()
    return tuple(sorted(catalogue, key=lambda item: (not item.parent, _position(item))))


def children(key: str) -> list[Item]:
    return [item for item in items().values() if item.parent == key]
