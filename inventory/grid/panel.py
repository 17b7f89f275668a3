"""The filter panel: a control per filter, as text, since some have hundreds of options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from inventory.filters import AccountFilters, Options


def controls(
    filters: AccountFilters, options: Mapping[str, Options], query: QueryDict
) -> SafeString:
    """Selects of the filters that have options; values no select can hold stay as hidden inputs."""
    parts = []
    for name, one in filters.filters.items():
        values = [value for value in query.getlist(name) if value]
        if options[name]:
            parts.append(_select(name, str(one.label), tuple(options[name]), tuple(values[:1])))
            values = values[1:]
        if name != "q":
            parts += [_hidden(name, value) for value in values]
    return mark_safe("".join(parts))  # noqa: S308  (escaped below)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


@lru_cache(maxsize=128)
def _select(
    name: str, label: str, options: tuple[tuple[str, str], ...], chosen: tuple[str, ...]
) -> str:
    """Hundreds of options are the same ones on most pages, so their text is kept."""
    known = {value for value, _ in options}
    extra = [(value, value) for value in chosen if value not in known]
    drawn = "".join(
        f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in (*options, *extra)
    )
    return (
        f'<div class="filter"><label class="form-label" for="filter-{name}">{escape(label)}</label>'
        f'<select class="form-select" id="filter-{name}" name="{name}">'
        f'<option value="">Any</option>{drawn}</select></div>'
    )
