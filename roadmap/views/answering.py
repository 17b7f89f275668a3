"""What people attest: which answers end soon, and giving many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from inventory.access import Action, may, require
from inventory.formats import read_file
from inventory.formats.format import Unreadable
from inventory.formats.limits import MAX_BYTES
from inventory.policy import Place, load_policy
from inventory.views.requests import Request
from roadmap import answering, attestations
from roadmap.answering import COLUMNS, MOST, Refusal, Wanted
from roadmap.forms import AttestationForm
from roadmap.registry import Item, Level, items

PER_PAGE = 100
VIEWS = {"due": "End soon", "expired": "Ended", "all": "All"}


@login_required
@require_GET
def register(request: Request) -> HttpResponse:
    user = request.user
    now = datetime.now(UTC)
    days = int(load_policy().at(Place())["ATTESTATION_REMIND_DAYS"])
    soon = now + timedelta(days=days)
    shown = request.GET.get("show", "due")
    shown = shown if shown in VIEWS else "due"
    ends = {
        "due": Q(expires_at__gt=now, expires_at__lte=soon),
        "expired": Q(expires_at__lte=now),
        "all": Q(),
    }
    answers = attestations.standing(user)
    counts = answers.aggregate(**{name: Count("pk", filter=ends[name]) for name in VIEWS})
    rows = answers.filter(ends[shown]).select_related("account", "team", "organization", "author")
    place = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "lines": [(row, items().get(row.item), row.expires_at <= now) for row in place],
        "shown": shown,
        "views": [(name, label, counts[name]) for name, label in VIEWS.items()],
        "query": f"show={shown}",
        "days": days,
        "may_attest": may(user, Action.ATTEST),
        "now": now,
    }
    return render(request, "roadmap/attestations.html", context)


class TargetsForm(forms.Form):
    targets = forms.CharField(
        label="For these, one a line",
        max_length=200_000,
        widget=forms.Textarea({"rows": 6}),
        help_text="Account ids, or names of teams.",
    )

    def lines(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["targets"].splitlines() if line.strip()]


@login_required
@require_http_methods(["GET", "POST"])
def many(request: Request) -> HttpResponse:
    """One answer for many accounts or teams."""
    user = request.user
    require(user, Action.ATTEST)
    key = request.POST.get("item") or request.GET.get("item") or ""
    if not key:
        return render(request, "roadmap/answer_many.html", {"choices": _answerable()})
    item, level = _asked(key)
    asked = attestations.attestable(item, level)
    form = AttestationForm(request.POST or None, asked=asked)
    targets = TargetsForm(request.POST or None, initial={"targets": request.GET.get("targets", "")})
    refused: list[Refusal] = []
    if request.method == "POST" and targets.is_valid() and form.is_valid():
        wanted = [
            Wanted(number, item.key, level.value, target, form.answer())
            for number, target in enumerate(targets.lines(), 1)
        ]
        given, refused = answering.give_all(user, wanted[:MOST])
        if not refused:
            messages.success(request, f"{given} answers are recorded and judged.")
            return redirect("roadmap:attestations")
    context = {
        "item": item,
        "asked": asked,
        "value": key,
        "form": form,
        "targets": targets,
        "refused": refused[:200],
    }
    return render(request, "roadmap/answer_many.html", context)


def _answerable() -> list[tuple[str, str]]:
    """Items and the level at which many may be answered for at once."""
    return [
        (f"{item.key}:{asked.level}", f"{item.order} {item.title}, per {asked.level}")
        for item in items().values()
        for asked in item.attests
        if asked.level != Level.ORGANIZATION
    ]


def _asked(value: str) -> tuple[Item, Level]:
    if value not in dict(_answerable()):
        raise Http404("The roadmap asks nothing of that kind.")
    key, _, level = value.partition(":")
    return items()[key], Level(level)


@login_required
@require_http_methods(["GET", "POST"])
def read(request: Request) -> HttpResponse:
    """Answers from a file or pasted rows."""
    user = request.user
    require(user, Action.ATTEST)
    context: dict[str, Any] = {"columns": COLUMNS, "megabytes": MAX_BYTES // 1_000_000}
    if request.method == "POST":
        try:
            wanted, refused = _wanted(request)
        except Unreadable as error:
            return render(request, "roadmap/import_answers.html", context | {"error": str(error)})
        if not refused:
            given, refused = answering.give_all(user, wanted)
            if not refused:
                messages.success(request, f"{given} answers are recorded and judged.")
                return redirect("roadmap:attestations")
        context |= {"refused": refused[:500], "pasted": request.POST.get("pasted", "")}
    return render(request, "roadmap/import_answers.html", context)


def _wanted(request: Request) -> tuple[list[Wanted], list[Refusal]]:
    """Raises Unreadable."""
    file = request.FILES.get("file")
    if file is not None and file.size is not None and file.size > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    content = file.read() if file is not None else request.POST.get("pasted", "").encode()
    if not content.strip():
        raise Unreadable("Choose a file or paste rows.")
    grid = read_file(content)[0]
    rows = [[str(cell or "") for cell in row] for row in grid.rows]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    missing = [name for name in ("item", "target", "claim", "statement") if name not in header]
    if missing:
        raise Unreadable(f"The header row has no column {', '.join(missing)}.")
    if len(rows) - 1 > MOST:
        raise Unreadable(f"At most {MOST:,} answers are read at once; this has {len(rows) - 1:,}.")
    return answering.read_rows(dict(zip(header, row, strict=False)) for row in rows[1:])
