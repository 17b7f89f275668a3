"""Service control policies as text or JSON, read strictly. Pure.

What is no service control policy is refused, with the line: one that names principals belongs to
a resource or is a resource control policy, and binds nobody in the account that it is tried on.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from roadmap.guardrails.json_text import NotJson, Path, read_json

# Quotas of AWS: characters of a policy, blanks between its elements aside, and policies on a root,
# OU or account.
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
MOST_CHARACTERS = 5120
MOST_ATTACHED = 5
# Indented by hand a policy may be several times as long. Longer text is refused unread.
LONGEST = 256 * 1024
LONGEST_TEXT = 2048  # An ARN has at most so many characters.

TOP = frozenset({"Version", "Id", "Statement"})
PARTS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
VERSIONS = ("2012-10-17", "2008-10-17")

_ACTION = re.compile(r"[*?]+|[A-Za-z0-9*?._-]+:[A-Za-z0-9*?._-]+")
# ${Account}, [ROLE_NAME], <my-vpc>, {{ name }}: left by an author for somebody to fill in. IAM's
# own variables have a colon in their name.
PLACEHOLDER = re.compile(
    r"\$\{[A-Za-z_][\w.-]*\}|\[[A-Za-z][\w .-]*\]|<[A-Za-z][\w .-]*>|\{\{[^{}]*\}\}"
)
_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


class Refused(Exception):
    """A text that is no service control policy. ``line`` counts from 1; 0 is not known."""

    def __init__(self, message: str, line: int = 0, file: str = "") -> None:
        self.message = message
        self.line = line
        self.file = file
        super().__init__(str(self))

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        where += [f"line {self.line}"] if self.line else []
        return f"{', '.join(where)}: {self.message}" if where else self.message


@dataclass(frozen=True)
class Condition:
    """``operator`` as it is written; ``key`` in lower case; ``values`` as text."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """``but_actions`` and ``but_resources``: everything except those named."""

    effect: str
    actions: tuple[str, ...]
    but_actions: bool = False
    resources: tuple[str, ...] = ("*",)
    but_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    sid: str = ""


@dataclass(frozen=True)
class Document:
    """``has_variables``: the version of the language in which ${…} stands for something.
    ``characters`` are those that AWS counts, 0 for a document that AWS sent."""

    statements: tuple[Statement, ...]
    has_variables: bool = True
    characters: int = field(default=0, compare=False)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What the author left to be filled in, each once."""
        return tuple(dict.fromkeys(_placeholders(self)))

    @property
    def is_unfinished(self) -> bool:
        return bool(self.placeholders)

    @property
    def too_large(self) -> str:
        """That it is longer than AWS's quota; empty where it is not."""
        if self.characters <= MOST_CHARACTERS:
            return ""
        return (
            f"AWS may refuse it: it has {self.characters:,} characters, blanks between its "
            f"elements aside, and AWS's quota is {MOST_CHARACTERS:,} unless it was raised for you. "
            "Divide it in two."
        )


def read_policy(text: str | bytes, file: str = "") -> Document:
    """The policy that a file holds. Raises Refused, and nothing else."""
    if len(text) > LONGEST:
        message = (
            f"It is longer than {LONGEST // 1024} KiB; AWS allows a policy {MOST_CHARACTERS:,} "
            "characters."
        )
        raise Refused(message, 0, file)
    if isinstance(text, bytes):
        text = _decoded(text, file)
    text = text.removeprefix("\ufeff")
    try:
        content, lines = read_json(text)
    except NotJson as error:
        raise Refused(f"It is not JSON. {error.message}", error.line, file) from None
    characters = len(_BLANKS.sub(r"\1", text))
    return replace(_Reader(lines, file).document(content), characters=characters)


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "It is not text in UTF-8, so no policy that can be read: save it as UTF-8."
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            message = "It is text in UTF-16: save it as UTF-8."
        raise Refused(message, line, file) from None


def policy_of(content: Any, name: str = "") -> Document:
    """The policy of a document that AWS sent. Raises Refused."""
    return _Reader({}, name).document(content)


def resource_control_policy_of(content: Any, name: str = "") -> Document:
    """A resource control policy that AWS sent: each of its statements is about everybody.
    Raises Refused."""
    return _Reader({}, name, is_about_everybody=True).document(content)


@dataclass(frozen=True)
class _Reader:
    lines: Mapping[Path, int]
    file: str
    is_about_everybody: bool = False

    def refuse(self, message: str, *path: str | int) -> Refused:
        """At the line of the path, or of what surrounds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return Refused(message, self.lines.get(path, 1 if self.lines else 0), self.file)

    def document(self, content: Any) -> Document:
        if not isinstance(content, Mapping):
            raise self.refuse("It is no JSON object, so no policy.")
        if "Statement" not in content:
            raise self.refuse("It has no Statement, so it is no service control policy.")
        for key in content:
            if key not in TOP:
                raise self.refuse(f"A service control policy has no {_cut(key)}.", key)
        version = content.get("Version", VERSIONS[1])
        if version not in VERSIONS:
            raise self.refuse(f"There is no version {_cut(version)} of the language.", "Version")
        statements = content["Statement"]
        is_list = isinstance(statements, list)
        listed = statements if is_list else [statements]
        if not listed:
            raise self.refuse("It has no statement.", "Statement")
        return Document(
            tuple(
                self.statement(one, ("Statement", number) if is_list else ("Statement",))
                for number, one in enumerate(listed)
            ),
            has_variables=version == VERSIONS[0],
        )

    def statement(self, content: Any, path: Path) -> Statement:
        if not isinstance(content, Mapping):
            raise self.refuse("A statement is no JSON object.", *path)
        if self.is_about_everybody and content.get("Principal") in ("*", {"AWS": "*"}):
            content = {key: part for key, part in content.items() if key != "Principal"}
        for key in ("Principal", "NotPrincipal"):
            if key in content:
                raise self.refuse(_foreign(key, content), *path, key)
        for key in content:
            if key not in PARTS:
                raise self.refuse(f"A statement has no {_cut(key)}.", *path, key)
        effect = content.get("Effect")
        if effect not in ("Allow", "Deny"):
            raise self.refuse("Its Effect is neither Allow nor Deny.", *path, "Effect")
        action = self.either("Action", content, path)
        if action is None:
            raise self.refuse("A statement names no Action.", *path)
        resource = self.either("Resource", content, path)
        sid = content.get("Sid", "")
        if not isinstance(sid, str):
            raise self.refuse("A Sid is no text.", *path, "Sid")
        return Statement(
            effect=effect,
            actions=self.actions(content[action], (*path, action)),
            but_actions=action == "NotAction",
            resources=self.texts(content[resource], (*path, resource)) if resource else ("*",),
            but_resources=resource == "NotResource",
            conditions=tuple(self.conditions(content.get("Condition", {}), (*path, "Condition"))),
            sid=sid,
        )

    def either(self, name: str, content: Mapping[str, Any], path: Path) -> str | None:
        present = [key for key in (name, f"Not{name}") if key in content]
        if len(present) == 2:
            raise self.refuse(f"A statement has both {name} and Not{name}.", *path, present[1])
        return present[0] if present else None

    def actions(self, content: Any, path: Path) -> tuple[str, ...]:
        found = self.texts(content, path)
        for number, action in enumerate(found):
            if not _ACTION.fullmatch(action) and not PLACEHOLDER.search(action):
                raise self.refuse(f"{_cut(action)} is no action.", *path, number)
        return found

    def texts(self, content: Any, path: Path) -> tuple[str, ...]:
        listed = content if isinstance(content, list) else [content]
        for number, value in enumerate(listed):
            if not isinstance(value, str):
                raise self.refuse(f"{path[-1]} holds something that is no text.", *path, number)
            if len(value) > LONGEST_TEXT:
                raise self.refuse(f"{path[-1]} holds a text that is too long.", *path, number)
        if not listed:
            raise self.refuse(f"{path[-1]} is empty.", *path)
        return tuple(listed)

    def conditions(self, content: Any, path: Path) -> Iterator[Condition]:
        if not isinstance(content, Mapping):
            raise self.refuse("A Condition is no JSON object.", *path)
        for operator, tests in content.items():
            if not isinstance(tests, Mapping):
                raise self.refuse(f"{_cut(operator)} holds no keys.", *path, operator)
            seen: set[str] = set()
            for key, values in tests.items():
                here = (*path, operator, key)
                if key.lower() in seen:
                    raise self.refuse(f"The key {_cut(key)} occurs twice.", *here)
                seen.add(key.lower())
                yield Condition(operator, key.lower(), tuple(self.values(values, here)))

    def values(self, content: Any, path: Path) -> Iterator[str]:
        for number, value in enumerate(content if isinstance(content, list) else [content]):
            if not isinstance(value, str | int | float):
                raise self.refuse("A condition's value is no text or number.", *path, number)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if len(text) > LONGEST_TEXT:
                raise self.refuse("A condition's value is too long.", *path, number)
            yield text


def _foreign(key: str, statement: Mapping[str, Any]) -> str:
    if key == "Principal" and statement["Principal"] == "*" and statement.get("Effect") == "Deny":
        return (
            "It has a Principal: this is a resource control policy or a resource's policy, not a "
            "service control policy."
        )
    return f"It has a {key}: this is the policy of a resource or role, not of an organization."


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _placeholders(document: Document) -> Iterator[str]:
    for statement in document.statements:
        conditions = (v for c in statement.conditions for v in (c.key, *c.values))
        for text in (*statement.actions, *statement.resources, *conditions):
            yield from PLACEHOLDER.findall(text)


def content_of(document: Document) -> dict[str, Any]:
    """The document as AWS would send it."""
    version = VERSIONS[0] if document.has_variables else VERSIONS[1]
    return {"Version": version, "Statement": [_content(s) for s in document.statements]}


def _content(statement: Statement) -> dict[str, Any]:
    tests: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        tests.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    return {
        **({"Sid": statement.sid} if statement.sid else {}),
        "Effect": statement.effect,
        "NotAction" if statement.but_actions else "Action": list(statement.actions),
        "NotResource" if statement.but_resources else "Resource": list(statement.resources),
        **({"Condition": tests} if tests else {}),
    }
