"""The filter panel: a control per filter, as text, since some have hundreds of options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from inventory.filters import Options, ToldFilters


def controls(filters: ToldFilters, options: Mapping[str, Options], query: QueryDict) -> SafeString:
    """Selects of the filters that have options and inputs of those that are typed; values that
    neither can hold stay as hidden inputs."""
    parts = []
    told: Mapping[str, Any] = filters.filters
    for name, one in told.items():
        values = [value for value in query.getlist(name) if value]
        if options[name]:
            words = str(one.label), one.unsaid
            parts.append(_select(name, *words, tuple(options[name]), tuple(values[:1])))
            values = values[1:]
        elif one.is_typed:
            parts.append(_input(name, str(one.label), "".join(values[:1])))
            values = values[1:]
        if name != "q":
            parts += [_hidden(name, value) for value in values]
    return mark_safe("".join(parts))  # noqa: S308  (escaped below)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


@lru_cache(maxsize=128)
def _select(
    name: str,
    label: str,
    unsaid: str,
    options: tuple[tuple[str, str], ...],
    chosen: tuple[str, ...],
) -> str:
    """Hundreds of options are the same ones on most pages, so their text is kept."""
    known = {value for value, _ in options}
    extra = [(value, value) for value in chosen if value not in known]
    drawn = "".join(
        f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in (*options, *extra)
    )
    blank = f'<option value="">{escape(unsaid)}</option>' if unsaid else ""
    return _labelled(
        name,
        label,
        f'<select class="form-select" id="filter-{name}" name="{name}">{blank}{drawn}</select>',
    )


def _input(name: str, label: str, value: str) -> str:
    return _labelled(
        name,
        label,
        f'<input class="form-control" id="filter-{name}" name="{name}" value="{escape(value)}" '
        'autocomplete="off" spellcheck="false">',
    )


def _labelled(name: str, label: str, control: str) -> str:
    label = f'<label class="form-label" for="filter-{name}">{escape(label)}</label>'
    return f'<div class="filter">{label}{control}</div>'
