"""What Cairn does by itself after a collection or a change of the sheet: off where not measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from collectors.runs import run_finished
from inventory.changes import applied
from roadmap import triggers

JUDGING = (
    (run_finished, triggers.run_finished, "roadmap.run_finished"),
    (applied, triggers.change_set_applied, "roadmap.change_set_applied"),
)


@contextmanager
def without_judging() -> Iterator[None]:
    """A worker judges what a run or a change set touched; ``bench.judging`` measures that."""
    for signal, _, name in JUDGING:
        if not signal.disconnect(dispatch_uid=name):
            raise RuntimeError(f"Nothing was connected as {name}.")
    try:
        yield
    finally:
        for signal, receiver, name in JUDGING:
            signal.connect(receiver, dispatch_uid=name)
