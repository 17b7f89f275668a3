"""Importing in the browser: a file or pasted text, the mapping of its columns, then a preview.

The preview is a planned change set; applying and undoing it is on the change set's own page.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from inventory import audit
from inventory.access import Action, require
from inventory.audit import Event
from inventory.changes import discard
from inventory.formats import Unreadable, limits
from inventory.importing import MappingError, Table, prepare, recognise, suggest
from inventory.importing.headers import CUSTOM, IGNORE, Headers
from inventory.importing.mapping import FROM_AWS, check
from inventory.models import ChangeSet, State, Upload
from inventory.views.requests import Request

PASTED = "Pasted text"


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file, for the mapping step; ``choices`` are (target, label, chosen)."""

    field: str
    header: str
    samples: list[str]
    choices: list[tuple[str, str, bool]]


@login_required
@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    require(request.user, Action.IMPORT)
    error = ""
    if request.method == "POST":
        Upload.objects.purge()
        try:
            upload = _kept(request)
        except Unreadable as unreadable:
            error = str(unreadable)
        else:
            return redirect("inventory:import_mapping", upload.pk)
    context = {
        "error": error,
        "pasted": request.POST.get("pasted", ""),
        "megabytes": limits.MAX_BYTES // 2**20,
        "rows": limits.MAX_ROWS,
    }
    return render(request, "inventory/import_start.html", context, status=400 if error else 200)


def _kept(request: Request) -> Upload:
    """The upload, once it is known to hold a table. Raises Unreadable."""
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > limits.MAX_BYTES:
            raise Unreadable(
                f"{file.name} has {(file.size or 0) / 2**20:.0f} MB and "
                f"{limits.MAX_BYTES // 2**20} MB is the limit; split it, or leave out columns."
            )
        name, content = file.name or "Upload", file.read()
    else:
        name, content = PASTED, request.POST.get("pasted", "").encode()
        if not content.strip():
            raise Unreadable("Choose a file, or paste the rows from your spreadsheet.")
    try:
        recognise(content)
    except Unreadable as unreadable:
        raise Unreadable(f"{name}: {unreadable}") from unreadable
    with transaction.atomic():
        upload = Upload.objects.create(user=request.user, name=name[-200:], content=content)
        audit.record(Event.FILE_UPLOADED, upload, bytes=len(content))
    return upload


@login_required
@require_http_methods(["GET", "POST"])
def mapping(request: Request, pk: UUID) -> HttpResponse:
    require(request.user, Action.IMPORT)
    upload = get_object_or_404(Upload, pk=pk, user=request.user)
    table = recognise(bytes(upload.content))
    chosen, error = suggest(table), ""
    if request.method == "POST":
        chosen = {
            header: request.POST.get(f"column-{index}", chosen[header])
            for index, header in enumerate(table.headers)
        }
        try:
            check(table, chosen)
        except MappingError as mapping_error:
            error = str(mapping_error)
        else:
            return _preview(request, upload, table, chosen)
    context = {
        "upload": upload,
        "table": table,
        "rows": sum(1 for _ in table.numbered()),
        "columns": _mapped(table, chosen),
        "error": error,
        "clear_blank": request.POST.get("blank") == "clear",
        "source": request.POST.get("source", upload.name),
    }
    status = 400 if error else 200
    return render(request, "inventory/import_mapping.html", context, status=status)


def _preview(
    request: Request, upload: Upload, table: Table, chosen: dict[str, str]
) -> HttpResponse:
    """Plan the import, in place of what was planned from the same upload before."""
    for earlier in ChangeSet.objects.filter(
        state=State.PLANNED, user=request.user, report__upload=str(upload.pk)
    ):
        discard(earlier)
    prepared = prepare(table, chosen, clear_blank=request.POST.get("blank") == "clear")
    if prepared.plan.is_empty and not prepared.errors:
        messages.success(
            request,
            f"Nothing would change: all {prepared.counts['unchanged']:,} rows of {upload.name} "
            "are in the sheet as they are.",
        )
        return redirect("inventory:import_mapping", upload.pk)
    source = request.POST.get("source", "").strip() or upload.name
    change_set = prepared.record(
        source=source, user=request.user, report={"upload": str(upload.pk)}
    )
    return redirect(change_set)


def _mapped(table: Table, chosen: dict[str, str]) -> list[MappedColumn]:
    headers = Headers()
    targets = headers.targets()
    offered = {target for target, _ in targets}
    columns = []
    for index, header in enumerate(table.headers):
        target = chosen[header]
        more = []
        if target not in offered and target not in (CUSTOM, IGNORE):
            label = headers.columns[target].label
            said = "as AWS says" if target in FROM_AWS.values() and table.from_aws else "left out"
            more = [(target, f"{label} ({said})")]
        options = [*more, *targets, (CUSTOM, "Custom column"), (IGNORE, "Leave out")]
        columns.append(
            MappedColumn(
                field=f"column-{index}",
                header=header,
                samples=table.samples(index),
                choices=[(value, label, value == target) for value, label in options],
            )
        )
    return columns
