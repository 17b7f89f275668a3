"""Scanner files in the browser: uploading one, the list of them, and one as it goes on."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from cairn.uploads import too_large
from collectors.models import Connection
from collectors.outcomes import Missing
from collectors.scanners import Unreadable
from collectors.security_hub import sources
from inventory.access import Action, require
from inventory.views.requests import Request, varies, wants_fragment
from roadmap import tasks
from roadmap.models import ScanImport
from roadmap.scan_uploads import MOST_UNKNOWN, Ended, cancel, pull_soon, take_in

PER_PAGE = 50
FIRST_YEAR = 2010  # No scanner of AWS accounts is older.
_REGION = re.compile(r"global|[a-z]{2}(-[a-z]+){1,3}-\d{1,2}")
# The counts in the order in which people ask for them, and what each one means.
COUNTS = (
    ("new", "New", "findings that were not known"),
    ("changed", "Changed", "findings whose title, severity or state is another one now"),
    ("resolved", "Resolved", "findings that a complete scan no longer names"),
    ("reopened", "Reopened", "findings that were resolved and are back"),
    ("unmapped", "Unmapped", "checks that belong to no item"),
    ("refused", "Left out", "results that name no account of the inventory"),
)
KNOWN_AT_THE_END = {"unmapped", "refused"}


class ScanForm(forms.Form):
    """A scanner's file and what it does not say itself."""

    file = forms.FileField(
        label="A scanner's result file",
        error_messages={"empty": "The file is empty."},
    )
    at = forms.DateTimeField(
        label="When the scan was made, in UTC",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Only for files that do not say, such as CloudMapper's. Empty: upload time.",
    )
    regions = forms.CharField(
        label="Regions that it covers whole",
        required=False,
        max_length=1000,
        help_text="Such as eu-west-1, us-east-1, or global for what has no Region.",
    )
    all_checks = forms.BooleanField(
        label="This run made all checks of the tool",
        required=False,
        help_text="Then what it no longer names is resolved even where a check has nothing left to "
        "look at, such as the last bucket that was deleted; only in Regions that it covers whole. "
        "Not for a run limited to some services, checks, frameworks, resources or tags.",
    )

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and (at > datetime.now(UTC) or at.year < FIRST_YEAR):
            raise forms.ValidationError(f"Name a time between {FIRST_YEAR} and now.")
        return at

    def clean_regions(self) -> list[str]:
        names = re.split(r"[\s,;]+", self.cleaned_data["regions"].strip().lower())
        wrong = [name for name in names if name and not _REGION.fullmatch(name)]
        if wrong:
            raise forms.ValidationError(
                f"{wrong[0][:40]} is no Region; write codes such as eu-west-1."
            )
        return sorted(set(names) - {""})


def wake_workers() -> bool:
    """False where no worker could be told; they look for uploads by themselves, too."""
    try:
        tasks.import_scans.delay()
    except OperationalError:
        return False
    return True


@login_required
@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    require(request.user, Action.IMPORT_FINDINGS)
    is_sent = request.method == "POST"
    form = ScanForm(request.POST, request.FILES) if is_sent else ScanForm()
    if is_sent and (refusal := too_large(request)):
        form.errors["file"] = form.error_class([refusal])
    elif is_sent and form.is_valid():
        told = form.cleaned_data
        try:
            row = take_in(told.pop("file"), request.user, **told)
        except Unreadable as unreadable:
            form.add_error("file", str(unreadable))
        else:
            if not wake_workers():
                messages.warning(request, "No worker could be told; one looks within a minute.")
            return redirect(row)
    context = {"form": form, "megabytes": settings.UPLOAD_MAX_MB, "hubs": _hubs()}
    status = 400 if form.errors else 200
    return render(request, "roadmap/scan_import_start.html", context, status=status)


def _hubs() -> list[tuple[Connection, ScanImport | None]]:
    """Connected organizations, and the last reading of their Security Hub."""
    pulls = ScanImport.objects.filter(organization=OuterRef("organization")).order_by("-id")
    connections = (
        Connection.objects.select_related("organization")
        .annotate(last=Subquery(pulls.values("pk")[:1]))
        .order_by("organization__name")
    )
    found = ScanImport.objects.in_bulk([each.last for each in connections if each.last])
    return [(each, found.get(each.last)) for each in connections]


@login_required
@require_POST
def read_security_hub(request: Request, organization_id: str) -> HttpResponse:
    require(request.user, Action.IMPORT_FINDINGS)
    connection = get_object_or_404(Connection, organization__organization_id=organization_id)
    try:
        sources(connection)
    except Missing as missing:
        messages.error(request, missing.message)
        return redirect("roadmap:import_findings")
    row = pull_soon(connection.organization, request.user)
    if not wake_workers():
        messages.warning(request, "No worker could be told; one looks within a minute.")
    return redirect(row)


@login_required
@require_GET
def imports(request: Request) -> HttpResponse:
    require(request.user, Action.IMPORT_FINDINGS)
    rows = ScanImport.objects.select_related("uploaded_by", "cancelled_by")
    rows = rows.defer("unknown", "refused")
    place = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "roadmap/scan_imports.html", {"place": place})


@login_required
@require_GET
def scan_import(request: Request, pk: int) -> HttpResponse:
    """One import; htmx asks for its living part again until it has ended."""
    require(request.user, Action.IMPORT_FINDINGS)
    rows = ScanImport.objects.select_related("uploaded_by", "cancelled_by")
    found = get_object_or_404(rows, pk=pk)
    earlier = ScanImport.objects.filter(
        organization=None, sha256=found.sha256, pk__lt=found.pk, state=ScanImport.State.DONE
    )
    context = {
        "import": found,
        "counts": _counts(found),
        "has_counts": bool(found.counts),
        "read": found.counts.get("read", 0),
        "earlier": None if found.organization_id else earlier.first(),
        "most_unknown": MOST_UNKNOWN if len(found.unknown) == MOST_UNKNOWN else 0,
    }
    template = "_scan_import_live.html" if wants_fragment(request) else "scan_import.html"
    return varies(render(request, f"roadmap/{template}", context))


def _counts(found: ScanImport) -> list[tuple[str, int, str]]:
    """Label, number and meaning of each count that is known."""
    is_done = found.state == ScanImport.State.DONE
    return [
        (label, found.counts.get(name, 0), said)
        for name, label, said in COUNTS
        if is_done or name not in KNOWN_AT_THE_END
    ]


@login_required
@require_POST
def cancel_import(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.IMPORT_FINDINGS)
    found = get_object_or_404(ScanImport, pk=pk)
    try:
        cancel(found, request.user)
    except Ended as ended:
        messages.info(request, str(ended))
    return redirect(found)
