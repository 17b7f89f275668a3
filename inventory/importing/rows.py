"""Rows of a file as edits, with what was repaired and what is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from inventory.changes import Edit
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, PEOPLE, Authority, Column, ContactOf
from inventory.formats.defusing import undefused
from inventory.formats.format import Cell
from inventory.importing.headers import ARN, CUSTOM, IGNORE, Headers, custom_name, normalised
from inventory.importing.mapping import is_console_export
from inventory.importing.repair import IdRepair
from inventory.importing.table import Table, text_of
from inventory.kinds import CellError
from inventory.models import Account, Organization, Sighting

ARN_FORM = re.compile(r"arn:(aws|aws-us-gov|aws-cn):([a-z0-9-]+):[^:]*:(\d{12})?:(.*)")
ORGANIZATION_ARN = re.compile(r"account/(o-[a-z0-9]{10,32})/(\d{12})")
RECORDED = {"observed_name": "name", "observed_email": "email"}


@dataclass
class Read:
    """What the rows say. Errors have row, column (the file's header), value and message."""

    edits: list[Edit] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    repaired: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  # column of the sheet → file's header


class RowReader:
    def __init__(self, table: Table, mapping: Mapping[str, str], *, clear_blank: bool) -> None:
        self.table = table
        self.clear_blank = clear_blank
        self.from_aws = table.from_aws or is_console_export(table)
        self.result = Read()
        self.registry = Headers()
        self.targets = self._resolved(mapping)
        self.result.headers = {target: table.headers[i] for i, target in self.targets.items()}
        known = set(Account.objects.values_list("account_id", flat=True))
        known |= set(Sighting.objects.values_list("account_id", flat=True))
        self.repair = IdRepair(known)
        self.partitions: dict[str, set[str]] = defaultdict(set)
        for account_id, partition in Account.objects.values_list("account_id", "partition"):
            self.partitions[account_id].add(partition)
        self.organizations = set(Organization.objects.values_list("organization_id", flat=True))
        self.names: dict[tuple[str, str], str] = {}  # (e-mail, attribute) → value
        self.people_at: dict[str, int] = {}  # e-mail → index of the person's edit

    def _resolved(self, mapping: Mapping[str, str]) -> dict[int, str]:
        """Index of a file's column → target; custom columns get their name, others are left out."""
        targets: dict[int, str] = {}
        taken = set(self.registry.columns)
        by_label = {
            normalised(column.label): column.name
            for column in self.registry.columns.values()
            if column.name.startswith("x_")
        }
        for index, header in enumerate(self.table.headers):
            target = mapping.get(header, CUSTOM)
            column = self.registry.columns.get(target)
            if target == CUSTOM:
                target = by_label.get(normalised(header), "")
                if not target:
                    target = custom_name(header, taken)
                    taken.add(target)
                    by_label[normalised(header)] = target
                    self._new_column(target, header)
            elif target == IGNORE:
                self._leave_out(header, "left out as asked")
                continue
            elif column is not None and self._is_not_for_people(column):
                who = "AWS says this" if column.authority == Authority.AWS else "Cairn keeps this"
                self._leave_out(header, f"{who}; a file cannot change it")
                continue
            targets[index] = target
        return targets

    def _is_not_for_people(self, column: Column) -> bool:
        if column.name in ACCOUNTS.key or column.authority == Authority.SHEET:
            return False
        return column.authority == Authority.DERIVED or not self.from_aws

    def _new_column(self, name: str, header: str) -> None:
        self.result.edits.append(Edit(CUSTOM_COLUMNS, name, {"label": header[:100]}))

    def _leave_out(self, header: str, why: str) -> None:
        index = self.table.headers.index(header)
        if any(index < len(row) and text_of(row[index]) for row in self.table.rows):
            self.result.left_out.append({"column": header, "why": why})

    def all_rows(self) -> Read:
        rows = [(number, self._by_target(cells)) for number, cells in self.table.numbered()]
        keyed = [(number, self._key(number, by_target), by_target) for number, by_target in rows]
        rows_of: dict[str, list[int]] = defaultdict(list)
        for number, key, _ in keyed:
            rows_of[key].append(number)
        for number, key, by_target in keyed:
            values = self._values(by_target)
            if key and len(rows_of[key]) == 1:
                self._people(number, by_target, values)
                self.result.edits.append(Edit(ACCOUNTS, key, values, number))
                continue
            if key:
                self._repeated(number, key, rows_of[key])
            self._check_cells(number, values)
        if self.from_aws:
            self._record_what_aws_says()
        return self.result

    def _by_target(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        return {t: cells[i] if i < len(cells) else "" for i, t in self.targets.items()}

    def _check_cells(self, number: int, values: Mapping[str, object]) -> None:
        """A row that is refused for its id says what else is wrong with it, all at once."""
        for name, value in values.items():
            column = self.registry.columns.get(name)
            try:
                if column is not None:
                    column.kind.clean(value)
            except CellError as error:
                self._error(number, name, str(value), str(error))

    def _repeated(self, number: int, key: str, rows: Sequence[int]) -> None:
        others = ", ".join(str(row) for row in rows if row != number)
        account_id = key.partition(":")[2]
        word = "row" if len(rows) == 2 else "rows"
        self._error(
            number, "account_id", account_id, f"Is also in {word} {others}; keep one of them."
        )

    def _values(self, by_target: Mapping[str, Cell]) -> dict[str, object]:
        values: dict[str, object] = {}
        for target, cell in by_target.items():
            if target in ACCOUNTS.key or target == ARN or "." in target:
                continue
            value = self._value(cell, target)
            if value != "" or self.clear_blank:
                values[target] = value
        self._organization(by_target, values)
        return values

    def _value(self, cell: Cell, target: str) -> object:
        """Text, but for a moment that is a number: AWS's JSON has seconds since 1970."""
        if isinstance(cell, str):
            return undefused(cell.strip())
        return cell if target == "joined_at" else text_of(cell)

    def _key(self, number: int, by_target: Mapping[str, Cell]) -> str:
        arn = self._arn(number, by_target)
        if arn is None:
            return ""
        arn_partition, arn_id = arn
        cell = by_target.get("account_id", "")
        if not text_of(cell) and not arn_id:
            self._error(number, "account_id", "", "Has no account id; write its 12 digits.")
            return ""
        account_id = self._account_id(number, cell) if text_of(cell) else arn_id
        if not account_id:
            return ""
        if arn_id and arn_id != account_id:
            self._error(
                number,
                ARN,
                text_of(by_target[ARN]),
                f"Is of account {arn_id} and the row is of {account_id}; correct one of the two.",
            )
            return ""
        partition = self._partition(number, by_target, account_id, arn_partition)
        return f"{partition}:{account_id}" if partition else ""

    def _account_id(self, number: int, cell: Cell) -> str:
        try:
            account_id, was_repaired = self.repair(cell)
        except CellError as error:
            self._error(number, "account_id", text_of(cell), str(error))
            return ""
        if was_repaired:
            self.result.repaired.append(
                {
                    "row": number,
                    "column": self.result.headers["account_id"],
                    "from": text_of(cell),
                    "to": account_id,
                }
            )
        return account_id

    def _arn(self, number: int, by_target: Mapping[str, Cell]) -> tuple[str, str] | None:
        """(partition, account id), empty where the row has no ARN; None after an error."""
        text = text_of(by_target.get(ARN, ""))
        if not text:
            return "", ""
        found = ARN_FORM.fullmatch(text)
        if not found:
            self._error(
                number,
                ARN,
                text,
                "Is not an ARN of AWS; write one such as arn:aws:iam::111122223333:root.",
            )
            return None
        member = ORGANIZATION_ARN.match(found[4])
        return found[1], member[2] if member else found[3] or ""

    def _partition(
        self, number: int, by_target: Mapping[str, Cell], account_id: str, arn_partition: str
    ) -> str:
        """Of the row, its ARN, the one account known by that id, else aws."""
        text = text_of(by_target.get("partition", ""))
        column = self.registry.columns["partition"]
        try:
            partition = str(column.kind.clean(text))
        except CellError as error:
            self._error(number, "partition", text, str(error))
            return ""
        if partition and arn_partition and partition != arn_partition:
            self._error(
                number,
                "partition",
                text,
                f"The ARN is of partition {arn_partition} and the row says {partition}; "
                "correct one of the two.",
            )
            return ""
        known = self.partitions.get(account_id, set())
        return partition or arn_partition or (next(iter(known)) if len(known) == 1 else "aws")

    def _people(
        self, number: int, by_target: Mapping[str, Cell], values: Mapping[str, object]
    ) -> None:
        """Names, phones and titles that a row gives for the people it names."""
        for target, column in self._contacts():
            name, address = parseaddr(str(values.get(target, "")))
            try:
                email = str(column.kind.clean(values.get(target, "")))
            except CellError:
                continue
            given = {"name": name if address and name != address else ""}
            for attribute in ("name", "phone", "title"):
                cell = by_target.get(f"{target}.{attribute}", "")
                given[attribute] = undefused(text_of(cell)) or given.get(attribute, "")
            for attribute, value in given.items():
                if value and email:
                    self._attribute(number, target, email, attribute, value)
                elif value:
                    self._note(number, f"{target}.{attribute}", value, "has no e-mail address")

    def _contacts(self) -> Iterator[tuple[str, Column]]:
        for target in self.targets.values():
            column = self.registry.columns.get(target)
            if column is not None and isinstance(column.stored, ContactOf):
                yield target, column

    def _attribute(self, number: int, target: str, email: str, attribute: str, value: str) -> None:
        known = self.names.get((email, attribute))
        if known is None:
            self.names[email, attribute] = value
            self._merge_person(email, {attribute: value}, number)
        elif known != value:
            why = f"{email} is “{known}” in a row above, which is kept"
            self._note(number, f"{target}.{attribute}", value, why)

    def _merge_person(self, email: str, values: Mapping[str, object], number: int) -> None:
        index = self.people_at.get(email)
        if index is None:
            self.people_at[email] = len(self.result.edits)
            self.result.edits.append(Edit(PEOPLE, email, dict(values), number))
        else:
            edit = self.result.edits[index]
            self.result.edits[index] = Edit(PEOPLE, email, {**edit.values, **values}, edit.row)

    def _organization(self, by_target: Mapping[str, Cell], values: dict[str, object]) -> None:
        """An Organizations ARN says which organization; one that Cairn does not know is left."""
        found = ORGANIZATION_ARN.search(text_of(by_target.get(ARN, "")))
        if self.from_aws and found and found[1] in self.organizations:
            values["observed_organization"] = found[1]

    def _record_what_aws_says(self) -> None:
        """Where no name or root e-mail is recorded yet, what AWS says becomes the recorded one."""
        columns = [self.registry.columns[name] for name in RECORDED.values()]
        keys = {edit.key for edit in self.result.edits if edit.sheet is ACCOUNTS}
        current = read(ACCOUNTS, columns, keys)
        for edit in self.result.edits:
            if edit.sheet is not ACCOUNTS:
                continue
            held = current[edit.key].cells if edit.key in current else {}
            assert isinstance(edit.values, dict)
            for observed, recorded in RECORDED.items():
                if edit.values.get(observed) and not held.get(recorded):
                    edit.values.setdefault(recorded, edit.values[observed])

    def _error(self, number: int, target: str, value: str, message: str) -> None:
        column = self.result.headers.get(target)
        self.result.errors.append(
            {"row": number, "column": column, "value": value[:200], "message": message}
        )

    def _note(self, number: int, target: str, value: str, message: str) -> None:
        column = self.result.headers.get(target) or self.result.headers.get(
            target.partition(".")[0]
        )
        self.result.notes.append(
            {"row": number, "column": column, "value": value[:200], "message": message}
        )
