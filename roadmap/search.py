"""What the roadmap adds to the search over everything: its items, by their titles."""

from __future__ import annotations

from django.urls import reverse

from inventory.access import Anyone
from inventory.search import SHOWN, Hit, Hits, register_source
from roadmap.registry import items


def items_named(text: str, user: Anyone) -> Hits | None:
    """Items whose title or key holds every word; everyone may read the roadmap."""
    words = text.lower().split()
    found = [
        Hit(item.title, reverse("roadmap:item", args=key.split(".")), item.stage.title)
        for key, item in items().items()
        if all(word in f"{item.title} {key}".lower() for word in words)
    ]
    if not found:
        return None
    all_url = reverse("roadmap:stages") if len(found) > SHOWN else ""
    return Hits("Roadmap items", found[:SHOWN], len(found), all_url)


def answer_searches() -> None:
    """Called once, when the apps are ready."""
    register_source(items_named)
