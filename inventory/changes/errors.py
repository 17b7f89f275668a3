"""Why a change set cannot be written; both leave everything as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refused(Exception):
    """The edits cannot be written as they are; ``errors`` has row, column, value and message."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(error["message"]) for error in errors[:5]))
        self.errors = list(errors)


class Conflicts(Exception):
    """Cells no longer hold what the change set was planned against; nothing was written.

    ``cells`` has sheet, key, column (its label, empty for the whole row) and message.
    """

    def __init__(self, cells: Sequence[Mapping[str, Any]]) -> None:
        shown = "; ".join(f"{c['key']} {c['column']}: {c['message']}" for c in cells[:5])
        places = "1 place was" if len(cells) == 1 else f"{len(cells)} places were"
        super().__init__(f"{places} changed in the meantime. {shown}")
        self.cells = list(cells)


def refusal(message: str) -> Refused:
    """A refusal of the whole, with no row or column to blame."""
    return Refused([{"row": None, "column": None, "value": "", "message": message}])


def conflict(sheet: str, key: str, column: str, message: str) -> dict[str, str]:
    return {"sheet": sheet, "key": key, "column": column, "message": message}
