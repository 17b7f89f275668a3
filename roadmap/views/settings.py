"""The company's thresholds: what holds, where it comes from, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from inventory.access import Action, may, require
from inventory.change_pages import Past, ShownCell
from inventory.changes import Edit, Refused, write
from inventory.columns import SETTINGS as SETTINGS_SHEET
from inventory.kinds import CellError
from inventory.models import (
    Account,
    AccountClass,
    Organization,
    OrganizationalUnit,
    Origin,
    RowChange,
)
from inventory.policy import load_policy
from inventory.policy_settings import SETTINGS, Level, Setting
from inventory.policy_text import from_text, to_text
from inventory.views.requests import Request
from roadmap.evaluation.effect import Effect, Move, effect_of
from roadmap.registry import Item, items
from roadmap.triggers import settings_reach

PAST_CHANGES = 20


@dataclass(frozen=True)
class Held:
    """A place where a setting has a value of its own."""

    level: str
    target: str
    label: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.level}:{self.target}"


@dataclass(frozen=True)
class Row:
    """``group`` is the stage whose items measure by it first, or that collecting uses it;
    ``used_by`` are those items."""

    setting: Setting
    default: str
    held: list[Held]
    group: str
    used_by: list[Item]

    def says(self, text: str) -> bool:
        """Whether every word of the text is in its name, its help or an item's title."""
        titles = " ".join(item.title for item in self.used_by)
        said = f"{self.setting.name} {self.setting.help} {titles}".lower()
        return all(word in said for word in text.lower().split())


def _labels() -> dict[tuple[str, str], str]:
    labels = {(Level.INSTALLATION.value, ""): "All organizations"}
    labels |= {(Level.CLASS.value, c.value): f"Class {c.label}" for c in AccountClass}
    for organization in Organization.objects.all():
        labels[Level.ORGANIZATION.value, organization.organization_id] = organization.name
    return labels


def _rows() -> list[Row]:
    labels = _labels()
    held: dict[str, list[Held]] = {name: [] for name in SETTINGS}
    for (name, level, target), value in load_policy().rows.items():
        if name in held:
            label = labels.get((level, target), f"{Level(level).label} {target}")
            held[name].append(Held(level, target, label, to_text(value)))
    catalogue = items()
    found = []
    for name, setting in SETTINGS.items():
        used_by = [catalogue[key] for key in setting.items]
        stage = used_by[0].stage if used_by else None
        group = (
            f"{stage.number} · {stage.title}" if stage else "Collecting, evidence, answers and mail"
        )
        default = to_text(setting.default)
        for name_of_class, value in setting.by_class.items():
            default += f"; {to_text(value)} in class {AccountClass(name_of_class).label.lower()}"
        found.append(Row(setting, default, held[name], group, used_by))
    return found


@login_required
@require_GET
def settings(request: Request) -> HttpResponse:
    """Every setting, or those that a text finds by name, help or item; ``set`` leaves the others
    out."""
    text, only_set = request.GET.get("find", "").strip(), "set" in request.GET
    rows = sorted(_rows(), key=lambda row: row.used_by[0].stage.number if row.used_by else 0)
    found = [row for row in rows if row.says(text)]
    context = {
        "rows": [row for row in found if row.held] if only_set else found,
        "text": text,
        "only_set": only_set,
        "number_set": sum(1 for row in found if row.held),
        "number": len(found),
        "may_change": may(request.user, Action.SETTINGS),
    }
    return render(request, "roadmap/settings.html", context)


class SettingForm(forms.Form):
    """One setting at one place. An empty text takes the value away again."""

    place = forms.ChoiceField(label="Where it holds")
    text = forms.CharField(
        label="Value", widget=forms.Textarea(attrs={"rows": 8}), required=False, max_length=20_000
    )
    message = forms.CharField(label="Why", required=False, max_length=500)

    def __init__(self, setting: Setting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = _places(setting)
        one = setting.kind not in (list, dict)
        if one:
            self.fields["text"].widget = _control(setting)
        self.fields["text"].help_text = (
            "Leave empty to go back to the wider value."
            if one
            else "One entry a line. Leave empty to go back to the wider value."
        )

    def clean_text(self) -> Any:
        text = self.cleaned_data["text"]
        if not text.strip():
            return None
        try:
            return from_text(self.setting.name, text)
        except CellError as error:
            raise forms.ValidationError(str(error)) from None


def _control(setting: Setting) -> forms.Widget:
    """What a single value is chosen or written with."""
    if setting.kind is bool:
        return forms.Select(choices=[("", "As wider"), ("yes", "Yes"), ("no", "No")])
    if setting.choices:
        return forms.Select(choices=[("", "As wider"), *((one, one) for one in setting.choices)])
    if setting.kind is int:
        return forms.NumberInput(attrs={"min": 0, "step": 1})
    return forms.TextInput()


def _places(setting: Setting) -> list[tuple[str, str]]:
    places = [(f"{Level.INSTALLATION}:", "All organizations")]
    places += [
        (f"{Level.ORGANIZATION}:{o.organization_id}", f"Organization {o.name}")
        for o in Organization.objects.all()
    ]
    if Level.OU in setting.levels:
        places += [
            (f"{Level.OU}:{unit.ou_id}", f"OU {unit.path}")
            for unit in OrganizationalUnit.objects.filter(gone_at=None)
        ]
    if Level.CLASS in setting.levels:
        places += [(f"{Level.CLASS}:{c.value}", f"Class {c.label}") for c in AccountClass]
    if Level.ACCOUNT in setting.levels:
        places += [(f"{Level.ACCOUNT}:{a.key}", f"Account {a}") for a in Account.objects.all()]
    return places


@login_required
@require_http_methods(["GET", "POST"])
def setting(request: Request, name: str) -> HttpResponse:
    """Change one setting."""
    require(request.user, Action.SETTINGS)
    if name not in SETTINGS:
        raise Http404(f"There is no setting {name}.")
    declared = SETTINGS[name]
    row = next(row for row in _rows() if row.setting.name == name)
    # Without a place the form shows the one value that is set, if there is just one.
    default = row.held[0].place if len(row.held) == 1 else f"{Level.INSTALLATION}:"
    place = request.GET.get("place", default)
    level, _, target = place.partition(":")
    held = next((h.text for h in row.held if (h.level, h.target) == (level, target)), row.default)
    form = SettingForm(declared, request.POST or None, initial={"place": place, "text": held})
    effect = None
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            effect = _tried(request, form, name)
        elif _save(request, form, name):
            return redirect("roadmap:settings")
    context = {"row": row, "form": form, "effect": effect, "moves": _moves(effect)}
    context["past"] = _past(name)
    return render(request, "roadmap/setting.html", context)


def _past(name: str) -> list[Past]:
    """The latest changes of a setting, newest first."""
    labels = _labels()
    changes = (
        RowChange.objects.filter(
            sheet=SETTINGS_SHEET.name,
            key__contains=f":{name}:",
            change_set__applied_at__isnull=False,
        )
        .select_related("change_set__user")
        .order_by("-change_set__applied_at", "-id")[:PAST_CHANGES]
    )
    found = []
    for change in changes:
        level, _, target = change.key.replace(f":{name}:", ":", 1).partition(":")
        where = labels.get((level, target), f"{Level(level).label} {target}")
        old, new = (to_text(v) if v not in (None, "") else "" for v in change.cells["value"])
        found.append(Past(change.change_set, [ShownCell(where, old, new)]))
    return found


def _edit(form: SettingForm, name: str) -> Edit:
    level, _, target = form.cleaned_data["place"].partition(":")
    return Edit(SETTINGS_SHEET, f"{level}:{name}:{target}", {"value": form.cleaned_data["text"]})


def _tried(request: Request, form: SettingForm, name: str) -> Effect | None:
    edit = _edit(form, name)
    accounts = settings_reach([edit.key]).order_by("pk").values_list("pk", flat=True)
    try:
        return effect_of(edit, sorted(set(accounts)), request.user)
    except Refused as error:
        form.add_error("text", str(error))
        return None


def _moves(effect: Effect | None) -> list[tuple[Item, Move]]:
    """The moves of items that count, with their items."""
    catalogue = items()
    return [(catalogue[move.item], move) for move in effect.moves] if effect else []


def _save(request: Request, form: SettingForm, name: str) -> bool:
    edit = _edit(form, name)
    try:
        change_set = write(
            [edit],
            origin=Origin.EDIT,
            source=f"Setting {name}",
            message=form.cleaned_data["message"],
            user=request.user,
        )
    except Refused as error:
        form.add_error("text", str(error))
        return False
    told = f"{name} was changed; verdicts are judged again." if change_set else "Nothing changed."
    messages.success(request, told)
    return True
