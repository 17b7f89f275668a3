"""Headers as people write them, brought to one spelling and matched with columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from inventory.columns import ACCOUNTS, PEOPLE, Authority, Column, ContactOf, columns_of

# Words that mean the same in a header. Both sides of every comparison go through them.
SAME = {
    "acct": "account", "acc": "account", "accounts": "account",
    "mail": "email", "emailaddress": "email",
    "no": "id", "num": "id", "nr": "id", "number": "id", "identifier": "id",
    "biz": "business", "dept": "department", "env": "environment", "centre": "center",
    "org": "organization", "organisation": "organization", "ops": "operations",
    "telephone": "phone", "tel": "phone", "mobile": "phone", "status": "state",
}  # fmt: skip
EMPTY = frozenset({"the", "of", "aws", "amazon", "address"})

ARN = "arn"
CUSTOM = "custom"
IGNORE = "ignore"
ARN_ALIASES = ("arn", "account arn", "resource arn")
# What a person's attributes are called behind the words for a contact ("owner name").
PERSON_ATTRIBUTES = {
    "name": ("name", "full name", "display name"),
    "phone": ("phone", "phone id"),
    "title": ("title", "job title", "position"),
}


@lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """Lower case, no punctuation, synonyms replaced, words that say nothing left out."""
    # Words that programs join: accountId, AccountName.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    spaced = re.sub(r"\be[- ]?mail\b", "email", spaced.lower()).replace("'", "").replace("’", "")
    words = re.findall(r"[^\W_]+", spaced.replace("#", " id "))
    words = [SAME.get(word, word) for word in words]
    return " ".join([word for word in words if word not in EMPTY] or words)


class Headers:
    """All that a header can name: exact labels first, then names, labels and aliases."""

    def __init__(self) -> None:
        self.columns = {column.name: column for column in columns_of(ACCOUNTS)}
        self.by_label = {column.label: column.name for column in self.columns.values()}
        self.by_words: dict[str, str] = {}
        for column in self.columns.values():
            for alias in (column.name, column.label, *column.aliases):
                self.by_words.setdefault(normalised(alias), column.name)
        for alias in ARN_ALIASES:
            self.by_words.setdefault(normalised(alias), ARN)
        for target, words in _person_targets(self.columns.values()):
            self.by_words.setdefault(normalised(words), target)

    def target(self, header: str) -> str:
        """The target a header names, or an empty text."""
        return self.by_label.get(header.strip()) or self.by_words.get(normalised(header), "")

    def targets(self) -> list[tuple[str, str]]:
        """(target, label) of all that a person may choose, in the order of the sheet."""
        chosen = [
            (column.name, column.label)
            for column in self.columns.values()
            if column.authority == Authority.SHEET
        ]
        people = {column.name: column.label for column in PEOPLE.columns}
        for column in self.columns.values():
            if isinstance(column.stored, ContactOf):
                chosen += [
                    (f"{column.name}.{name}", f"{column.label}: {people[name].lower()}")
                    for name in PERSON_ATTRIBUTES
                ]
        return [*chosen, (ARN, "ARN")]


def _person_targets(columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
    for column in columns:
        if not isinstance(column.stored, ContactOf):
            continue
        for name, words in PERSON_ATTRIBUTES.items():
            for base in _bases(column):
                for word in words:
                    yield f"{column.name}.{name}", f"{base} {word}"


def _bases(column: Column) -> Sequence[str]:
    spelled = (column.label, *column.aliases)
    return [normalised(alias).removesuffix(" email") for alias in spelled]


def custom_name(header: str, taken: Iterable[str]) -> str:
    """A name for a new custom column, such as x_data_class."""
    words = re.findall(r"[a-z0-9]+", header.lower())
    stem = ("x_" + "_".join(words or ["column"]))[:55]
    used, number, name = set(taken), 1, stem
    while name in used:
        number += 1
        name = f"{stem}_{number}"
    return name
