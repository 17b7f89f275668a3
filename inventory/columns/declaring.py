"""What a sheet and a column declare, and where a cell is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import models

from inventory.kinds import Email, Kind, Text
from inventory.models import ContactRole, Role


class Authority(StrEnum):
    SHEET = "sheet"  # people decide
    AWS = "aws"  # observed
    DERIVED = "derived"  # Cairn computes or records it


@dataclass(frozen=True)
class Field:
    """A cell kept in a column of the row's own table; ``lookup`` names the sheet it points to."""

    path: str = ""
    lookup: str = ""


@dataclass(frozen=True)
class ContactOf:
    """A cell kept as the person in a contact role of the account."""

    role: ContactRole


@dataclass(frozen=True)
class Members:
    """A cell kept as a set of people: ``people`` names the many-to-many field."""

    people: str


@dataclass(frozen=True)
class Custom:
    """A cell kept under its name in ``Account.custom``."""


Storage = Field | ContactOf | Members | Custom

SECURITY_ONLY = frozenset({Role.SECURITY, Role.ADMIN})
OWNERS = SECURITY_ONLY | {Role.OWNER}
FINANCE = SECURITY_ONLY | {Role.FINANCE}
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Column:
    """``observed`` names the column that holds AWS's value of the same thing (drift)."""

    name: str
    label: str
    kind: Kind = field(default_factory=Text)
    stored: Storage = field(default_factory=Field)
    help: str = ""
    authority: Authority = Authority.SHEET
    editors: frozenset[Role] = SECURITY_ONLY
    aliases: tuple[str, ...] = ()
    observed: str = ""
    dated: bool = False
    default: bool = False  # shown in the grid until a person chooses columns

    @property
    def path(self) -> str:
        """The lookup that reads the cell with ``values_list``; only for Field storage."""
        assert isinstance(self.stored, Field)
        return self.stored.path or self.name

    @property
    def lookup(self) -> str:
        """The sheet that the cell names a row of, or an empty text."""
        if isinstance(self.stored, ContactOf | Members):
            return "person"
        return self.stored.lookup if isinstance(self.stored, Field) else ""


@dataclass(frozen=True)
class Sheet:
    """``key`` are the columns that name a row; joined by ":" they are its key."""

    name: str
    label: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def key_of(self, values: Mapping[str, object]) -> str:
        return ":".join(str(values[name]) for name in self.key)

    def key_values(self, key: str) -> dict[str, str]:
        """The cells that a key spells; the last one takes any further colons."""
        return dict(zip(self.key, key.split(":", len(self.key) - 1), strict=True))


def contact(role: ContactRole, label: str, *aliases: str, default: bool = False) -> Column:
    return Column(
        role.value if role in (ContactRole.OWNER, ContactRole.DEPUTY) else f"{role.value}_contact",
        label,
        Email(),
        ContactOf(role),
        editors=OWNERS,
        aliases=aliases,
        dated=role == ContactRole.OWNER,
        default=default,
    )


def aws(name: str, label: str, kind: Kind, stored: Storage, **more: object) -> Column:
    return Column(name, label, kind, stored, authority=Authority.AWS, editors=NOBODY, **more)  # type: ignore[arg-type]  # passed through
