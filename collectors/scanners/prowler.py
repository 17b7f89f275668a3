"""What all of Prowler's formats have in common."""

from __future__ import annotations

import re

from collectors.scanners.results import Unreadable

# Version 2 has its check ids in the titles only: "[check11] Avoid the use of the root account".
_ID_IN_TITLE = re.compile(r"\[(\w+)\]\s*")


def refuse_other_clouds(provider: str) -> None:
    """Raises Unreadable for a result of any provider but AWS."""
    if provider.lower() != "aws":
        raise Unreadable(
            f"This is a Prowler scan of {provider.lower() or 'an unnamed provider'}, and Cairn "
            "keeps AWS accounts. Nothing was taken."
        )


def split_title(title: str) -> tuple[str, str]:
    """(check id, title) of a version 2 title; the id is empty where it has none."""
    found = _ID_IN_TITLE.match(title)
    return (found.group(1), title[found.end() :]) if found else ("", title)
