"""Putting many checks to an item at once: what it would change, doing it, and undoing it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.access import Action, require
from inventory.views.requests import Request, ticked
from roadmap import check_moves
from roadmap.models import BulkMove, ScannerCheck
from roadmap.queries.checks import Shown, as_moved, with_findings
from roadmap.registry import items
from roadmap.sentences import number

PER_PAGE = 100
DECLARED = "declared"


class BulkMoveForm(forms.Form):
    """To which item the chosen checks are put."""

    item = forms.ChoiceField(label="Put to")

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # passed on as they are
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose an item"),
            *((key, f"{item.order} {item.title}") for key, item in items().items()),
            (DECLARED, "Where the items declare them"),
        ]

    def clean_item(self) -> str:
        """Empty for what the items declare."""
        item: str = self.cleaned_data["item"]
        return "" if item == DECLARED else item


@login_required
@require_http_methods(["GET", "POST"])
def move_many(request: Request) -> HttpResponse:
    """What putting the ticked checks, or all that match, to an item would change; posting to the
    same address does it."""
    require(request.user, Action.SETTINGS)
    shown, form = Shown.read(request.GET), BulkMoveForm(request.GET)
    if not form.is_valid():
        messages.error(request, "Choose the item to which the checks are put.")
        return redirect(_list(shown))
    chosen, item = _chosen(request, shown), form.cleaned_data["item"]
    if request.method == "GET":
        return _preview(request, shown, check_moves.plan(chosen, item))
    digest = request.POST.get("digest", "")
    try:
        bulk, planned = check_moves.move_together(chosen, item, request.user, digest)
    except check_moves.Changed:
        return _preview(request, shown, check_moves.plan(chosen, item), is_other=True)
    _tell(request, bulk, planned)
    return redirect(_list(shown))


def _list(shown: Shown) -> str:
    return f"{reverse('roadmap:checks')}?{shown.query}"


def _chosen(request: Request, shown: Shown) -> QuerySet[ScannerCheck]:
    if request.GET.get("all"):
        return shown.checks(request.user)
    return Shown().checks(request.user).filter(pk__in=ticked(request.GET))


def _preview(
    request: Request, shown: Shown, planned: check_moves.Plan, *, is_other: bool = False
) -> HttpResponse:
    """``is_other``: it is not what the person was shown before."""
    if not planned.moving:
        told = "Those checks are there already." if planned.unchanged else "No check was chosen."
        messages.info(request, f"Nothing would change. {told}")
        return redirect(_list(shown))
    rows = with_findings(planned.moving[:PER_PAGE], request.user)
    context = {
        "item": items().get(planned.item),
        "plan": planned,
        "rows": [(row, as_moved(row, planned.item)) for row in rows],
        "more": max(len(planned.moving) - PER_PAGE, 0),
        "accounts": len(check_moves.judged_again(planned.moving)),
        "is_other": is_other,
        "back": _list(shown),
    }
    return render(request, "roadmap/move_checks.html", context, status=409 if is_other else 200)


def _tell(request: Request, bulk: BulkMove, planned: check_moves.Plan) -> None:
    item = items().get(planned.item)
    where = f"put to {item.title}" if item else "taken back to where the items declare them"
    told = f"{number(len(planned.moving), 'check')} {where}."
    messages.success(
        request,
        format_html('{} <a href="{}">See or undo this</a>', told, bulk.get_absolute_url()),
    )


@login_required
@require_GET
def bulk_move(request: Request, pk: int) -> HttpResponse:
    """Checks that were moved together, and what undoing that would do."""
    require(request.user, Action.SETTINGS)
    bulk = get_object_or_404(BulkMove.objects.select_related("by", "undoes"), pk=pk)
    moves = bulk.moves.select_related("scanner_check").order_by("pk")
    place = Paginator(moves, PER_PAGE).get_page(request.GET.get("page"))
    standing = list(check_moves.standing(bulk))
    stand = {one.pk for one in standing}
    catalogue = items()
    context = {
        "bulk": bulk,
        "place": place,
        "lines": [
            (one, catalogue.get(one.old_item), catalogue.get(one.item), one.pk in stand)
            for one in place
        ],
        "standing": len(standing),
        "accounts": len(check_moves.judged_again(one.scanner_check for one in standing)),
        "undoings": bulk.undoings.select_related("by"),
    }
    return render(request, "roadmap/bulk_move.html", context)


@login_required
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.SETTINGS)
    bulk = get_object_or_404(BulkMove, pk=pk)
    undoing = check_moves.undo(bulk, request.user)
    if undoing is None:
        messages.info(request, "Nothing was moved back: each check has been moved since.")
        return redirect(bulk)
    told = f"{number(undoing.moves.count(), 'check')} moved back to where they were."
    messages.success(request, told)
    return redirect(undoing)
