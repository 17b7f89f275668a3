"""Drift: where the sheet and AWS say different things of one account.

A column that names an ``observed`` column drifts while both hold a value, the values differ, and
nobody chose to keep ours against this very value of AWS. A blank on either side is no
difference: nobody has said, or nobody has seen. E-mail addresses are compared in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact

from inventory.changes import Edit
from inventory.columns import ACCOUNTS, Column
from inventory.kinds import Email

BY_NAME: Mapping[str, Column] = {column.name: column for column in ACCOUNTS.columns}
DRIFTING: tuple[Column, ...] = tuple(column for column in ACCOUNTS.columns if column.observed)
KEPT = "kept_drift"


@dataclass(frozen=True)
class Drift:
    column: Column
    recorded: str
    observed: str


def columns_read(shown: Iterable[Column]) -> list[Column]:
    """What must be read beside these columns to tell whether they drift."""
    observed = [BY_NAME[column.observed] for column in shown if column.observed]
    return [*observed, BY_NAME[KEPT]] if observed else []


def drift_of(column: Column, cells: Mapping[str, Any]) -> Drift | None:
    """``cells`` are canonical values and hold ``columns_read([column])``."""
    recorded, observed = cells[column.name], cells[column.observed]
    if not recorded or not observed or _same(column, recorded, observed):
        return None
    if (cells[KEPT] or {}).get(column.name) == observed:
        return None
    return Drift(column, str(recorded), str(observed))


def drifts(cells: Mapping[str, Any]) -> list[Drift]:
    found = (drift_of(column, cells) for column in DRIFTING)
    return [drift for drift in found if drift is not None]


def _same(column: Column, recorded: str, observed: str) -> bool:
    if isinstance(column.kind, Email):
        return recorded.lower() == observed.lower()
    return bool(recorded == observed)


def drifting(columns: Sequence[Column] = DRIFTING) -> Q:
    """The accounts of which any of these columns drifts; the same decision as ``drift_of``."""
    found = Q()
    for column in columns:
        observed = BY_NAME[column.observed].path
        kept = Coalesce(KT(f"{KEPT}__{column.name}"), Value(""), output_field=TextField())
        if isinstance(column.kind, Email):
            same = Exact(Lower(column.path), Lower(observed))
        else:
            same = Exact(F(column.path), F(observed))
        found |= _filled(column.path) & _filled(observed) & ~Q(same) & ~Q(Exact(kept, F(observed)))
    return found


def _filled(path: str) -> Q:
    return Q(**{f"{path}__isnull": False}) & ~Q(**{path: ""})


def take(key: str, drift: Drift) -> Edit:
    """Write AWS's value into the sheet, unless the cell holds another value by now."""
    name = drift.column.name
    return Edit(ACCOUNTS, key, {name: drift.observed}, expected={name: drift.recorded})


def keep(key: str, drift: Drift, kept: Mapping[str, str] | None) -> Edit:
    """Remember AWS's value as one that was seen and not taken; another one will show again."""
    values = {**(kept or {}), drift.column.name: drift.observed}
    return Edit(ACCOUNTS, key, {KEPT: values})
