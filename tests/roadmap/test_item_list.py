"""The document about the items is the one the catalogue gives."""

from pathlib import Path

from django.conf import settings

from roadmap.item_list import item_list


def test_the_list_of_items_is_current() -> None:
    written = (Path(settings.BASE_DIR) / "docs" / "items.md").read_text()
    assert written == item_list(), "Run make docs."
