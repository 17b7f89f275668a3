"""Forms over the column registry: the control and the check of a cell come from its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from inventory.access import Anyone, visible_rows
from inventory.columns import SHEETS, Column, Sheet
from inventory.kinds import CellError, Date, Email, OneOf, Phone, SetOf, Text
from inventory.models import AccountClass, AccountState

# A text column that holds more than this gets a box of several lines.
ONE_LINE = 300
MOST_SUGGESTIONS = 500
WORDS: Mapping[str, str] = {**dict(AccountClass.choices), **dict(AccountState.choices)}


class CellField(forms.Field):
    """A cell of a column; ``clean`` gives its canonical value or the kind's own words."""

    def __init__(self, column: Column, **more: Any) -> None:
        more.setdefault("label", column.label)
        more.setdefault("help_text", column.help)
        super().__init__(required=False, widget=_widget(column), **more)
        self.column = column

    def clean(self, value: Any) -> Any:
        try:
            return self.column.kind.clean(_without_returns(value))
        except CellError as error:
            raise forms.ValidationError(f"{self.label}: {error}") from None

    def prepare_value(self, value: Any) -> Any:
        kind = self.column.kind
        if (
            isinstance(kind, SetOf)
            and not isinstance(kind.each, OneOf)
            and not isinstance(value, str)
        ):
            return "\n".join(value or ())
        return value


def _without_returns(value: Any) -> Any:
    """Browsers send line ends as CRLF whatever the text had."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _widget(column: Column) -> forms.Widget:
    kind = column.kind
    if isinstance(kind, OneOf):
        return forms.Select(choices=[("", "–"), *((c, WORDS.get(c, c)) for c in kind.choices)])
    if isinstance(kind, SetOf) and isinstance(kind.each, OneOf):
        return forms.CheckboxSelectMultiple(
            choices=[(c, WORDS.get(c, c)) for c in kind.each.choices]
        )
    if isinstance(kind, SetOf) or (isinstance(kind, Text) and kind.max_length > ONE_LINE):
        return forms.Textarea(attrs={"rows": 4})
    if isinstance(kind, Date):
        return forms.DateInput(attrs={"type": "date"})
    types: Mapping[type, str] = {Email: "email", Phone: "tel"}
    attrs = {"autocomplete": "off", "type": types.get(type(kind), "text")}
    if column.lookup:
        attrs["list"] = "suggestions"
    return forms.TextInput(attrs=attrs)


class CellForm(forms.Form):
    """``seen`` is the text of the value that was there when the form was drawn."""

    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, column: Column, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["value"] = CellField(column)

    def clean_seen(self) -> str:
        return str(_without_returns(self.cleaned_data["seen"]))


class ContactsForm(forms.Form):
    """Who is in which contact role of an account; ``columns`` are those that may be changed."""

    def __init__(self, columns: Sequence[Column], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for column in columns:
            self.fields[column.name] = CellField(column, help_text="")


class NotMineForm(forms.Form):
    """Whose an account is, if not one's own."""

    whose = forms.EmailField(
        label="Whose is it?",
        required=False,
        help_text="Their e-mail address. They are asked, and security is if nobody takes it.",
    )
    note = forms.CharField(label="What you know of it", max_length=500, required=False)


class ProposalForm(CellForm):
    """What a cell should hold, from somebody who may not write it."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        strip=True,
        help_text="For whoever decides.",
        widget=forms.TextInput,
    )

    field_order = ("seen", "value", "reason")


class BulkForm(forms.Form):
    """Which column to set, and to what, for many rows; an empty value empties the cells."""

    column = forms.ChoiceField(label="Set")
    value = forms.CharField(required=False, strip=True, label="to", widget=forms.TextInput)

    def __init__(self, columns: Sequence[Column], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.columns = {column.name: column for column in columns}
        choice = self.fields["column"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(column.name, column.label) for column in columns]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        column = self.columns.get(cleaned.get("column", ""))
        if column is not None:
            try:
                cleaned["value"] = column.kind.clean(cleaned.get("value", ""))
            except CellError as error:
                self.add_error("value", f"{column.label}: {error}")
        return cleaned


class RowForm(forms.Form):
    """A new row: the cells that name it. Only the last one has no value of its own at the start."""

    def __init__(self, sheet: Sheet, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sheet = sheet
        for name in sheet.key:
            column = next(column for column in sheet.columns if column.name == name)
            self.fields[name] = CellField(column)
            self.fields[name].required = True
        if "partition" in self.fields:
            self.fields["partition"].initial = "aws"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.fields:
            if name in cleaned and not cleaned[name]:
                self.add_error(name, f"{self.fields[name].label} is needed; it names the row.")
        return cleaned


def suggestions(column: Column, user: Anyone) -> Sequence[str]:
    """Rows that the cell may point to, for the control's list. One query, or none."""
    lookup = column.lookup
    if not lookup:
        return ()
    sheet = SHEETS[lookup]
    name = sheet.key[-1]
    return list(
        visible_rows(sheet, user).order_by(name).values_list(name, flat=True)[:MOST_SUGGESTIONS]
    )
