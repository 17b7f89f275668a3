"""Scanners' checks: which were seen, to which items they belong, and putting one to another."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from inventory.access import Action, may, require
from inventory.views.requests import Request
from roadmap.check_moves import move
from roadmap.models import ScannerCheck
from roadmap.queries.checks import Shown, with_findings
from roadmap.registry import items
from roadmap.views.check_moves import BulkMoveForm

PER_PAGE = 100


@login_required
@require_GET
def checks(request: Request) -> HttpResponse:
    """Filtered by ``find``, ``tool`` and ``show=unmapped``."""
    shown = Shown.read(request.GET)
    place = Paginator(shown.checks(request.user), PER_PAGE).get_page(request.GET.get("page"))
    tools = ScannerCheck.objects.order_by("tool").values_list("tool", flat=True).distinct()
    context = {
        "place": place,
        "rows": with_findings(list(place), request.user),
        "shown": shown,
        "tools": list(tools),
        "bulk": BulkMoveForm(),
        "may_move": may(request.user, Action.SETTINGS),
        "may_import": may(request.user, Action.IMPORT_FINDINGS),
    }
    return render(request, "roadmap/checks.html", context)


class MoveForm(forms.Form):
    """To which item a check belongs."""

    item = forms.ChoiceField(
        label="Belongs to",
        required=False,
        help_text="It then belongs to this item alone, whatever the items declare.",
    )

    def __init__(self, declared: str, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # passed on as they are
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", declared),
            *((key, f"{item.order} {item.title}") for key, item in items().items()),
        ]


@login_required
@require_http_methods(["GET", "POST"])
def check(request: Request, pk: int) -> HttpResponse:
    """One check with its history; posting puts it to an item or takes it back."""
    found = get_object_or_404(Shown().checks(request.user), pk=pk)
    if request.method == "POST":
        require(request.user, Action.SETTINGS)
    (as_declared,) = with_findings(
        [ScannerCheck(tool=found.tool, check_id=found.check_id)], request.user
    )
    titles = ", ".join(item.title for item in as_declared.belongs)
    form = MoveForm(
        f"As the items declare: {titles or 'no item'}",
        request.POST if request.method == "POST" else None,
        initial={"item": found.item},
    )
    if request.method == "POST" and form.is_valid():
        if move(found, form.cleaned_data["item"], request.user):
            messages.success(request, f"{found.check_id} is moved; what it was seen in is judged.")
        return redirect("roadmap:check", found.pk)
    (row,) = with_findings([found], request.user)
    catalogue = items()
    context = {
        "row": row,
        "form": form,
        "may_move": may(request.user, Action.SETTINGS),
        "moves": [
            (one, catalogue.get(one.old_item), catalogue.get(one.item))
            for one in found.moves.select_related("by", "bulk")
        ],
    }
    return render(request, "roadmap/check.html", context, status=400 if form.errors else 200)
