"""What must hold of every column of every sheet."""

import pytest
from django.db import models

from inventory.columns import SHEETS, Column, Field, Sheet
from inventory.importing.headers import normalised
from inventory.kinds import Email, Text

COLUMNS = [(sheet, column) for sheet in SHEETS.values() for column in sheet.columns]
IDS = [f"{sheet.name}.{column.name}" for sheet, column in COLUMNS]


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=IDS)
def test_what_a_column_takes_fits_into_the_database(sheet: Sheet, column: Column) -> None:
    if not isinstance(column.stored, Field) or not isinstance(column.kind, Text | Email):
        return
    model: type[models.Model] = sheet.model
    *path, last = column.path.split("__")
    for name in path:
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        model = related
    room = getattr(model._meta.get_field(last), "max_length", None)
    longest = column.kind.max_length if isinstance(column.kind, Text) else 254
    assert room is None or longest <= room


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_labels_of_a_sheet_are_distinct_as_headers(sheet: Sheet) -> None:
    labels = [normalised(column.label) for column in sheet.columns]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=IDS)
def test_a_columns_empty_value_is_clean(sheet: Sheet, column: Column) -> None:
    assert column.kind.clean(column.kind.empty) == column.kind.empty
