"""Template tags every template has: icons and form controls."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, Select
from django.forms.boundfield import BoundWidget
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An outline icon of @tabler/icons as inline SVG, hidden from screen readers.

    The words beside it carry the meaning.
    """
    return mark_safe(_svg(name))  # noqa: S308  (a file of the pinned package, no user input)


@lru_cache
def _svg(name: str) -> str:
    file = settings.NODE_MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
    drawing = file.read_text().partition(">")[2].removesuffix("</svg>")
    # Each icon starts with an invisible square that only drawing programs need.
    shapes = [line.strip() for line in drawing.splitlines() if 'stroke="none"' not in line]
    return (
        '<svg class="icon" width="24" height="24" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true">{"".join(shapes)}</svg>'
    )


@register.simple_tag
def control(bound: BoundField) -> SafeString:
    """A form field's widget in Tabler's clothes; Django itself adds what it is described by."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        names = "form-check-input"
    elif isinstance(widget, Select):
        names = "form-select"
    else:
        names = "form-control"
    if bound.errors:
        names += " is-invalid"
    return bound.as_widget(attrs={"class": names})


@register.simple_tag
def choice_control(choice: BoundWidget) -> SafeString:
    """One radio button of a group, in Tabler's clothes; its label stands beside it."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()
