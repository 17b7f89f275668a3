"""What the policies of users, groups and roles say, statement by statement. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from collectors.services.iam.security_roles import conditions_of, each


@dataclass(frozen=True)
class Statement:
    """``but_actions`` and ``but_resources``: everything except those named. ``conditions`` are
    operator and key, in lower case. ``index`` counts from 0."""

    index: int
    is_allow: bool
    actions: tuple[str, ...] = ()
    but_actions: bool = False
    resources: tuple[str, ...] = ()
    but_resources: bool = False
    conditions: tuple[tuple[str, str], ...] = ()
    sid: str = ""


@lru_cache(maxsize=4096)
def statements_of(document: str) -> tuple[Statement, ...]:
    """The statements of a JSON text; none of one that is empty. An effect that nobody knows counts
    as Allow."""
    content = json.loads(document) if document else {}
    listed = each(content.get("Statement")) if isinstance(content, Mapping) else ()
    return tuple(
        _statement(index, one) for index, one in enumerate(listed) if isinstance(one, Mapping)
    )


def _statement(index: int, content: Mapping[str, Any]) -> Statement:
    but_actions = "NotAction" in content
    but_resources = "NotResource" in content
    return Statement(
        index=index,
        is_allow=content.get("Effect") != "Deny",
        actions=_texts(content.get("NotAction" if but_actions else "Action")),
        but_actions=but_actions,
        resources=_texts(content.get("NotResource" if but_resources else "Resource")),
        but_resources=but_resources,
        conditions=conditions_of(content),
        sid=str(content.get("Sid") or ""),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in each(value) if isinstance(one, str))
