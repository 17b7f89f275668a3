"""Which column of a file goes where: suggested from headers and values, or as a person says.

A mapping has a target for each header: a column of the sheet, an attribute of a contact
(``owner.name``), ``arn``, ``custom`` (a custom column of that name, made if need be) or ``ignore``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from inventory.columns import Authority, ContactOf
from inventory.importing.headers import ARN, CUSTOM, IGNORE, Headers
from inventory.importing.table import IDS, Table, text_of
from inventory.kinds import Email

SNIFFED = 100
# AWS's own file says what AWS observed; see also inventory.importing.rows.
FROM_AWS = {
    "Id": "account_id", "Arn": ARN, "Name": "observed_name", "Email": "observed_email",
    "Status": "state", "State": "state", "JoinedMethod": "joined_method",
    "JoinedTimestamp": "joined_at",
}  # fmt: skip
# The file that the Organizations console exports has these headers, among others.
CONSOLE = {
    "account id": "account_id", "arn": ARN, "email": "observed_email", "name": "observed_name",
    "status": "state", "state": "state", "joined method": "joined_method",
    "joined timestamp": "joined_at",
}  # fmt: skip


class MappingError(ValueError):
    """A mapping that names no header, no target, or one target twice."""


def suggest(table: Table) -> dict[str, str]:
    """A target for every header; a column without a single value is left out."""
    if table.from_aws:
        return {header: FROM_AWS.get(header, CUSTOM) for header in table.headers}
    if is_console_export(table):
        return {header: CONSOLE.get(header.lower(), CUSTOM) for header in table.headers}
    headers = Headers()
    mapping: dict[str, str] = {}
    for index, header in enumerate(table.headers):
        target = headers.target(header)
        if not _has_values(table, index) and not target:
            target = IGNORE
        elif target in mapping.values() or not _fits(table, index, target, headers):
            target = _instead(target, mapping)
        mapping[header] = target or CUSTOM
    if "account_id" not in mapping.values():
        _sniff_ids(table, mapping)
    for header, target in mapping.items():
        contact, dot, _ = target.partition(".")
        if dot and contact not in mapping.values():
            mapping[header] = CUSTOM
    return mapping


def is_console_export(table: Table) -> bool:
    return {"account id", "arn", "joined method", "joined timestamp"} <= {
        header.lower() for header in table.headers
    }


def _has_values(table: Table, index: int) -> bool:
    return any(index < len(row) and text_of(row[index]) for row in table.rows)


def _fits(table: Table, index: int, target: str, headers: Headers) -> bool:
    """False where a column of addresses holds none: an "Owner" column is often one of names."""
    column = headers.columns.get(target)
    if column is None or not isinstance(column.kind, Email):
        return True
    values = [text_of(row[index]) for row in table.rows[:SNIFFED] if index < len(row)]
    filled = [value for value in values if value]
    return not filled or any("@" in value for value in filled)


def _instead(target: str, mapping: Mapping[str, str]) -> str:
    name = f"{target}.name"
    column = Headers().columns.get(target)
    if column is not None and isinstance(column.stored, ContactOf) and name not in mapping.values():
        return name
    return CUSTOM


def _sniff_ids(table: Table, mapping: dict[str, str]) -> None:
    """The first column most of whose values are twelve digits holds the account ids."""
    for index, header in enumerate(table.headers):
        values = [text_of(row[index]) for row in table.rows[:SNIFFED] if index < len(row)]
        filled = [value for value in values if value]
        if filled and sum(bool(IDS.fullmatch(value)) for value in filled) * 2 > len(filled):
            mapping[header] = "account_id"
            return


def mapping_from_options(table: Table, options: Iterable[str]) -> dict[str, str]:
    """The suggestion with ``Header=target`` options over it. Raises MappingError."""
    mapping = suggest(table)
    for option in options:
        header, equals, target = option.rpartition("=")
        if not equals or header not in mapping:
            known = ", ".join(table.headers)
            raise MappingError(
                f"“{header or option}” is no header of the file, which has: {known}."
            )
        mapping[header] = target.strip()
    check(table, mapping)
    return mapping


def check(table: Table, mapping: Mapping[str, str]) -> None:
    """Raises MappingError where a target does not exist, is taken twice, or has no person."""
    headers = Headers()
    known = {target for target, _ in headers.targets()} | {CUSTOM, IGNORE}
    if table.from_aws or is_console_export(table):
        known |= set(FROM_AWS.values())
    # A column that AWS or Cairn fills may be in an export; it is left out, and that is said.
    known |= {c.name for c in headers.columns.values() if c.authority != Authority.SHEET}
    for header, target in mapping.items():
        if target not in known:
            raise MappingError(f"“{target}”, for the column {header}, is no column of the sheet.")
    taken = Counter(target for target in mapping.values() if target not in (CUSTOM, IGNORE))
    for target, count in taken.items():
        if count > 1:
            those = ", ".join(header for header, each in mapping.items() if each == target)
            raise MappingError(f"The columns {those} cannot all be {target}; choose one.")
        contact, dot, _ = target.partition(".")
        if dot and contact not in taken:
            raise MappingError(
                f"{target} needs the e-mail address of the same person: map a column to {contact}."
            )
    if "account_id" not in taken and ARN not in taken:
        raise MappingError(
            "No column holds the account ids: name its header “Account id”, or map a column to "
            f"account_id. The file has: {', '.join(table.headers)}."
        )
