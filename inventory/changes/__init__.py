"""The change-set engine: every write to the inventory is planned, recorded, applied, undoable.

edits = [Edit(ACCOUNTS, "aws:111122223333", {"team": "Payments"})]
change_set = write(edits, origin=Origin.EDIT, user=user)      # plan, record and apply at once

planned = plan(edits, origin=Origin.IMPORT)                   # or step by step, for a preview
change_set = record(planned, origin=Origin.IMPORT, source="accounts.csv", user=user)
apply(change_set)
undo(change_set, user=user)
"""

from inventory.changes.apply import applied, apply, discard, record, undo, write
from inventory.changes.errors import Conflicts, Refused
from inventory.changes.history import CellChange, cells_as_of, history
from inventory.changes.plan import Edit, Plan, PlannedCell, PlannedRow, plan

__all__ = [
    "CellChange",
    "Conflicts",
    "Edit",
    "Plan",
    "PlannedCell",
    "PlannedRow",
    "Refused",
    "applied",
    "apply",
    "cells_as_of",
    "discard",
    "history",
    "plan",
    "record",
    "undo",
    "write",
]
