"""From a file to a change set: what is recognised, what it would change, what is wrong with it.

table = recognise(content)                        # raises Unreadable
mapping = suggest(table)                          # column of the file → column of the sheet
prepared = prepare(table, mapping, clear_blank=False)
change_set = prepared.record(source="accounts.xlsx", user=user)      # then changes.apply
"""

from inventory.importing.mapping import MappingError, mapping_from_options, suggest
from inventory.importing.prepared import Prepared, prepare
from inventory.importing.table import Table, recognise

__all__ = [
    "MappingError",
    "Prepared",
    "Table",
    "mapping_from_options",
    "prepare",
    "recognise",
    "suggest",
]
