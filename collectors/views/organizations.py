"""Connected organizations: what is known of them, their schedule, and connecting another one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from collectors import permissions, schedule
from collectors.connecting import Found, Step, check, connect, is_usable
from collectors.forms import ConnectForm, ScheduleForm
from collectors.models import Connection, Run
from collectors.permissions import RoleKind
from inventory.access import Action, may, require
from inventory.changes import Edit, write
from inventory.columns import SETTINGS
from inventory.filters import in_aws, in_sheet
from inventory.models import Account, AccountState, Organization, Origin, PolicySetting
from inventory.views.requests import Request

EXTERNAL_ID = "connect_external_id"


@login_required
@require_GET
def organization_list(request: Request) -> HttpResponse:
    require(request.user, Action.SEE_RUNS)
    organizations = Organization.objects.select_related("connection").annotate(
        active=Count("accounts", filter=Q(accounts__state="ACTIVE"), distinct=True),
        observed=Count("accounts", filter=~Q(accounts__state=AccountState.LEFT), distinct=True),
        last_run=Max("runs__created_at"),
    )
    context = {
        "organizations": organizations,
        "may_connect": may(request.user, Action.CONNECT),
    }
    return render(request, "collectors/organization_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def organization(request: Request, organization_id: str) -> HttpResponse:
    """An organization; posting changes its schedule."""
    require(request.user, Action.CONNECT if request.method == "POST" else Action.SEE_RUNS)
    found = get_object_or_404(Organization, organization_id=organization_id)
    connection = Connection.objects.filter(organization=found).first()
    form = ScheduleForm(request.POST or None, instance=connection) if connection else None
    if request.method == "POST" and form and form.is_valid():
        form.save()
        messages.success(request, "The schedule was changed.")
        return redirect("collectors:organization", organization_id)
    last = Run.objects.filter(organization=found).first()
    context = {
        "organization": found,
        "connection": connection,
        "form": form,
        "counts": _counts(found),
        "runs": Run.objects.filter(organization=found).select_related("requested_by")[:5],
        "next_run_at": schedule.next_run_at(connection, last.created_at if last else None)
        if connection and connection.is_enabled
        else None,
        "is_running": last is not None and last.state in Run.ACTIVE,
        "may_connect": may(request.user, Action.CONNECT),
        "may_collect": may(request.user, Action.COLLECT),
    }
    return render(request, "collectors/organization.html", context)


def _counts(organization: Organization) -> dict[str, int]:
    """Accounts that AWS shows, and those that only one of AWS and the sheet has; of the sheet's,
    nobody knows in which organization they would be."""
    observed = Q(observed_organization=organization) & in_aws()
    return Account.objects.aggregate(
        observed=Count("pk", filter=observed),
        active=Count("pk", filter=observed & Q(state="ACTIVE")),
        suspended=Count("pk", filter=observed & Q(state__in=["SUSPENDED", "PENDING_CLOSURE"])),
        not_in_sheet=Count("pk", filter=observed & ~in_sheet()),
        only_recorded=Count("pk", filter=in_sheet() & ~in_aws()),
    )


@login_required
@require_http_methods(["GET", "POST"])
def connect_organization(request: Request) -> HttpResponse:
    """The templates to roll out, and a form whose every button tests the connection first."""
    require(request.user, Action.CONNECT)
    steps: list[Step] = []
    found = Found()
    if request.method == "POST":
        form = ConnectForm(request.POST)
        if form.is_valid():
            steps = list(check(form.wish, found))
            if is_usable(steps) and request.POST.get("then") == "connect":
                return _connected(request, form, found, steps)
    else:
        form = ConnectForm(initial={"external_id": _external_id(request)})
    context = {
        "form": form,
        "steps": steps,
        "is_usable": is_usable(steps),
        "templates": [_template(kind, _external_id(request)) for kind in permissions.READING],
    }
    return render(request, "collectors/connect.html", context)


def _connected(
    request: Request, form: ConnectForm, found: Found, steps: list[Step]
) -> HttpResponse:
    connection = connect(form.wish, found, user=request.user)
    accounts = form.cleaned_data["security_accounts"]
    organization_id = connection.organization.organization_id
    if accounts:
        key = f"{PolicySetting.Level.ORGANIZATION}:SECURITY_ACCOUNTS:{organization_id}"
        edit = Edit(SETTINGS, key, {"value": accounts})
        write([edit], origin=Origin.EDIT, source="Connect", user=request.user)
    request.session.pop(EXTERNAL_ID, None)
    messages.success(request, f"{connection.organization} is connected.")
    if not steps[-1].is_good:
        messages.warning(request, f"No member role could be assumed yet. {steps[-1].cure}")
    return redirect("collectors:organization", organization_id)


def _external_id(request: Request) -> str:
    """One external id for the templates and the form, kept until the organization is connected."""
    if EXTERNAL_ID not in request.session:
        request.session[EXTERNAL_ID] = f"cairn-{uuid.uuid4()}"
    return str(request.session[EXTERNAL_ID])


def _template(kind: RoleKind, external_id: str) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "actions": len(permissions.actions(kind)),
        "cloudformation": permissions.cloudformation(kind, external_id=external_id),
        "policy": permissions.as_json(permissions.policy(kind)),
        "yaml_url": reverse("collectors:template", args=[kind.value, "yaml"]),
        "json_url": reverse("collectors:template", args=[kind.value, "json"]),
    }


@login_required
@require_GET
def template(request: Request, kind: str, form: str) -> HttpResponse:
    """Download a role as a CloudFormation template (yaml) or as its IAM policy (json)."""
    require(request.user, Action.CONNECT)
    return role_file(RoleKind(kind), form, _external_id(request))


def role_file(
    kind: RoleKind, form: str, external_id: str, organization_id: str = ""
) -> HttpResponse:
    if form == "yaml":
        text = permissions.cloudformation(
            kind, external_id=external_id, organization_id=organization_id
        )
        content_type = "application/yaml"
    else:
        text, content_type = permissions.as_json(permissions.policy(kind)), "application/json"
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="cairn-{kind}.{form}"'
    return response
