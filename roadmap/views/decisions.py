"""Decisions on findings: the register, one of them, making one, and approving, refusing, ending."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory import audit
from inventory.access import Action, may, require
from inventory.audit import Event, Thing
from inventory.formats import writers
from inventory.grid.address import Address
from inventory.models import User
from inventory.views.requests import Request, ticked
from roadmap import decision_register, decision_states, decisions
from roadmap.decided import Kind, State
from roadmap.decision_states import Standing
from roadmap.decisions import Chosen, Proposal, limit_of
from roadmap.models import FindingDecision
from roadmap.queries import findings
from roadmap.queries.finding_answers import WITH_ACCOUNT

PER_PAGE = 50
FINDINGS_PER_PAGE = 100
# What of an address says how the list is shown or what is done, and not which findings.
NOT_A_SELECTION = ("kind", "row", "all", "by", "sort", "after", "before", "page")
KINDS = {
    Kind.ACKNOWLEDGE: "Acknowledged",
    Kind.ACCEPT: "Risk accepted",
    Kind.FALSE_POSITIVE: "False positive",
}
TITLES = {
    Kind.ACKNOWLEDGE: "Acknowledge",
    Kind.ACCEPT: "Ask to accept the risk",
    Kind.FALSE_POSITIVE: "Ask to call it a false positive",
}


@login_required
@require_GET
def register(request: Request) -> HttpResponse:
    user, now = request.user, datetime.now(UTC)
    address = Address(request.path, request.GET)
    rows = decision_register.found(user, request.GET, now)
    place = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = decision_register.counted(user, now)
    states = {decision_register.CURRENT: "Waiting and holding"}
    states |= {state.value: str(state.label) for state in State}
    states |= {decision_register.ALL: "All"}
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in states else decision_register.CURRENT
    context = {
        "lines": [(row, row.state(now), decisions.may_approve(user, row, now)) for row in place],
        "place": place,
        "query": address.rows_query,
        "states": [
            (f"{label} {counts[state]:,}", address.url(state=state), state == chosen)
            for state, label in states.items()
        ],
        "kinds": [
            (label, address.url(kind=kind), kind == request.GET.get("kind", ""))
            for kind, label in [("", "Any kind"), *KINDS.items()]
        ],
        "left_url": address.url(approver="left"),
        "is_left": request.GET.get("approver") == "left",
        "by": request.GET.get("by", ""),
        "mine_url": address.url(by=user.email),
        "cleared_url": request.path,
        "exports": [
            (one.label, f"{reverse('roadmap:export_decisions', args=[name])}?{address.rows_query}")
            for name, one in writers().items()
        ]
        if may(user, Action.EXPORT)
        else (),
        "now": now,
        "state_rows": [*decision_states.rows()],
        "standings": [*Standing],
    }
    return render(request, "roadmap/decisions.html", context)


@login_required
@require_GET
def export(request: Request, format_name: str) -> StreamingHttpResponse:
    """What the register shows, a row for each finding."""
    require(request.user, Action.EXPORT)
    chosen = writers().get(format_name)
    if chosen is None or chosen.write is None:
        raise Http404("Cairn writes no such format.")
    now = datetime.now(UTC)
    rows = decision_register.found(request.user, request.GET, now)
    audit.record(
        Event.EXPORTED,
        Thing("export", "decisions", "Decisions on findings"),
        format=format_name,
        filters=request.GET.urlencode()[:500],
    )
    return StreamingHttpResponse(
        chosen.write(decision_register.HEADER, decision_register.cells(request.user, rows, now)),
        content_type=chosen.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="decisions-{now:%Y-%m-%d}'
            f'.{chosen.extension}"'
        },
    )


@login_required
@require_GET
def decision(request: Request, pk: int) -> HttpResponse:
    user, now = request.user, datetime.now(UTC)
    found = _decision(user, pk)
    rows = decision_register.findings_of(user, FindingDecision.objects.filter(pk=pk))
    place = Paginator(rows, FINDINGS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "decision": found,
        "state": found.state(now),
        "place": place,
        "may_approve": decisions.may_approve(user, found, now),
        "is_own": found.requester_id == user.pk,
        "may_end": decisions.may_end(user, found, now),
        "has_approver": decisions.has_approver(found),
        "now": now,
        "state_rows": [*decision_states.rows()],
        "standings": [*Standing],
    }
    return render(request, "roadmap/decision.html", context)


def _decision(user: User, pk: int) -> FindingDecision:
    if pk >= 2**63:
        raise Http404("You see no such decision.")
    return get_object_or_404(decisions.visible_to(user), pk=pk)


class DecideForm(forms.Form):
    """Asks what a decision of one kind needs."""

    note = forms.CharField(max_length=4000, widget=forms.Textarea({"rows": 4}))
    control = forms.CharField(
        label="What limits the risk meanwhile",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )
    due_on = forms.DateField(
        label="Fixed by",
        widget=forms.DateInput({"type": "date"}),
        help_text="The finding is overdue when this day has passed.",
    )
    expires_on = forms.DateField(label="Until", widget=forms.DateInput({"type": "date"}))

    NOTES = {
        Kind.ACKNOWLEDGE: ("What the plan is", "Who does what."),
        Kind.ACCEPT: ("Why the risk can be borne", "For whoever approves it, and for audits."),
        Kind.FALSE_POSITIVE: ("Why this is no problem", "For whoever reviews it."),
    }
    FIELDS = {
        Kind.ACKNOWLEDGE: ("note", "due_on"),
        Kind.ACCEPT: ("note", "control", "expires_on"),
        Kind.FALSE_POSITIVE: ("note",),
    }

    def __init__(self, kind: Kind, hint: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields = {name: self.fields[name] for name in self.FIELDS[kind]}
        self.fields["note"].label, self.fields["note"].help_text = self.NOTES[kind]
        if "expires_on" in self.fields:
            self.fields["expires_on"].help_text = hint

    def proposal(self) -> Proposal:
        data = self.cleaned_data
        until = data.get("expires_on")
        return Proposal(
            self.kind,
            data["note"],
            control=data.get("control", ""),
            due_on=data.get("due_on"),
            expires_at=datetime.combine(until, time(), UTC) if until else None,
        )

    def save(self, user: User, chosen: Chosen) -> FindingDecision | None:
        """The decision; None with the form's errors set where it is refused."""
        try:
            return decisions.decide(user, self.proposal(), chosen)
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                self.add_error(None, error)
                return None
            for name, problems in error.error_dict.items():
                self.add_error({"expires_at": "expires_on"}.get(name, name), problems)
            return None


@login_required
@require_http_methods(["GET", "POST"])
def decide(request: Request) -> HttpResponse:
    """The address says of which findings: ``row``s of the list, or with ``all`` what its filters
    find."""
    user = request.user
    require(user, Action.ANSWER_FINDINGS)
    kind = Kind(request.GET["kind"]) if request.GET.get("kind") in Kind.values else Kind.ACKNOWLEDGE
    chosen = _chosen(request.GET)
    try:
        rows = chosen.rows(user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("roadmap:finding_list")
    count = findings.count(rows)
    if not count.number:
        messages.error(request, "You see none of these findings.")
        return redirect("roadmap:finding_list")
    form = DecideForm(kind, _hint(rows) if kind == Kind.ACCEPT else "", request.POST or None)
    if request.method == "POST" and form.is_valid() and (made := form.save(user, chosen)):
        messages.success(request, _told(made))
        return redirect(made)
    context = {
        "form": form,
        "kind": kind,
        "title": TITLES[kind],
        "count": count,
        "first": list(findings.lines(rows.select_related(*WITH_ACCOUNT).order_by("pk")[:5])),
        "may_be_many": count.number > 1,
        "state_rows": [*decision_states.rows()],
        "standings": [*Standing],
    }
    return render(request, "roadmap/decide_findings.html", context)


def _chosen(query: QueryDict) -> Chosen:
    if not query.get("all"):
        # No key is a choice of none, and not of all.
        return Chosen(keys=ticked(query) or [0])
    kept = query.copy()
    for name in NOT_A_SELECTION:
        kept.pop(name, None)
    return Chosen(selection=kept.urlencode())


def _hint(rows: findings.Findings) -> str:
    limit = limit_of(rows)
    if not limit.days:
        return f"{limit.words[0].upper()}{limit.words[1:]} may not be accepted."
    return f"At most {limit.days} days from now, for {limit.words}."


def _told(made: FindingDecision) -> str:
    if made.gathered_at is None:
        return "Written down. Its findings are being gathered; this page shows how many there are."
    left = f" {made.passed_over:,} of them were left as they are." if made.passed_over else ""
    if made.kind == Kind.ACKNOWLEDGE:
        return f"Acknowledged.{left}"
    return f"Asked for. It counts once another person has approved it.{left}"


@login_required
@require_POST
def settle(request: Request, pk: int) -> HttpResponse:
    """Approve, refuse or end one, by the button that was pressed."""
    user = request.user
    found = _decision(user, pk)
    remark = request.POST.get("remark", "").replace("\0", "")[:1000]
    try:
        told = _settled(user, found, request.POST.get("decision", ""), remark)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, told)
    return redirect(found)


def _settled(user: User, found: FindingDecision, what: str, remark: str) -> str:
    if what == "approve":
        decisions.approve(user, found, remark)
        return "Approved. Its findings do not count as open any more."
    if what == "refuse":
        decisions.refuse(user, found, remark)
        return "Refused. Who asked sees why."
    if what == "end":
        decisions.end_early(user, found, remark)
        return "Ended. Its findings are undecided again."
    raise PermissionDenied("A decision is approved, refused or ended.")
