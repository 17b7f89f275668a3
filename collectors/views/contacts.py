"""Contacts beside AWS's: how an organization's accounts stand, taking AWS's into the sheet, and the
role by which ours may be written to AWS."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collectors import alternate_contacts, permissions
from collectors.alternate_contacts import Compared, Details, Standing, details_shown
from collectors.connecting import Step
from collectors.contact_lists import tallies
from collectors.forms import ContactsRoleForm, PlanForm
from collectors.models import Connection, ContactPush
from collectors.permissions import RoleKind
from collectors.pushing import planning
from collectors.pushing.readiness import NotPossible, why_off
from collectors.pushing.role import check, why_wrong
from collectors.views.organizations import role_file
from collectors.views.pushes import wake_workers
from inventory import audit
from inventory.access import Action, Anyone, editable, may, require
from inventory.audit import Event
from inventory.changes import Conflicts, Edit, Refused, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.kinds import CellError, Phone
from inventory.models import Account, Organization, Origin, Person
from inventory.views.cells import find_cell
from inventory.views.requests import Request

PUSHES_A_PAGE = 20


def beside_aws(account: Account, user: Anyone) -> dict[str, Any]:
    """What templates/collectors/_alternate_contacts.html shows of an account."""
    organization = account.observed_organization
    plan_url = ""
    if organization and may(user, Action.PUSH_CONTACTS):
        address = reverse("collectors:contacts", args=[organization.organization_id])
        plan_url = f"{address}?account={account.account_id}#plan"
    compared = alternate_contacts.of_account(account)
    sees_phones = may(user, Action.SEE_PHONES)
    if sees_phones:
        details_shown(side for line in compared.lines for side in (line.recorded, line.observed))
    return {
        "compared": compared,
        "sees_phones": sees_phones,
        "may_take": {column.name for column in editable(user, ACCOUNTS.columns)},
        "plan_url": plan_url,
    }


@login_required
@require_http_methods(["GET", "POST"])
def organization_contacts(request: Request, organization_id: str) -> HttpResponse:
    """How the contacts stand beside AWS's, the plans so far; posting makes a plan."""
    require(request.user, Action.PUSH_CONTACTS if request.method == "POST" else Action.SEE_RUNS)
    found = get_object_or_404(Organization, organization_id=organization_id)
    connection = Connection.objects.filter(organization=found).first()
    form = PlanForm(
        found, request.POST or None, initial={"accounts": request.GET.get("account", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            push = planning.plan(
                found,
                user=request.user,
                types=form.cleaned_data["types"],
                accounts=form.account_ids,
            )
        except NotPossible as refused:
            form.add_error(None, str(refused))
        else:
            wake_workers(request, push)
            return redirect(push)
    pushes = ContactPush.objects.filter(organization=found).select_related(
        "organization", "planned_by"
    )
    context = {
        "organization": found,
        "connection": connection,
        "tallies": tallies(found),
        "standings": list(Standing),
        "why_off": why_off(connection),
        "form": form,
        "place": Paginator(pushes, PUSHES_A_PAGE).get_page(request.GET.get("page")),
        "may_push": may(request.user, Action.PUSH_CONTACTS),
    }
    return render(request, "collectors/contacts.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def contacts_role(request: Request, organization_id: str) -> HttpResponse:
    """The template of the contacts role, and a form that tries a role before it is kept."""
    require(request.user, Action.PUSH_CONTACTS)
    connection = _connection(organization_id)
    form = ContactsRoleForm(
        request.POST or None, initial={"role_arn": connection.contacts_role_arn}
    )
    steps: list[Step] = []
    if request.method == "POST" and form.is_valid():
        arn = form.cleaned_data["role_arn"]
        if arn and (why := why_wrong(connection, arn)):
            form.add_error("role_arn", why)
        else:
            steps = _tried(connection, arn, form)
            if all(step.is_good for step in steps) and form.is_valid():
                return _kept(request, connection, arn)
    context = {
        "connection": connection,
        "form": form,
        "steps": steps,
        "is_on": settings.CONTACT_PUSH,
        "template": _template(connection),
    }
    return render(request, "collectors/contacts_role.html", context)


def _tried(connection: Connection, arn: str, form: ContactsRoleForm) -> list[Step]:
    if not arn:
        return []
    if not settings.CONTACT_PUSH:
        form.add_error(None, why_off(connection))
        return []
    return list(check(connection, arn))


def _kept(request: Request, connection: Connection, arn: str) -> HttpResponse:
    connection.contacts_role_arn = arn
    with transaction.atomic():
        connection.save(update_fields=["contacts_role_arn"])
        audit.record(Event.CONTACTS_ROLE, connection.organization, role=arn)
    told = "Contacts can be written with this role." if arn else "Contacts can not be written."
    messages.success(request, told)
    return redirect("collectors:contacts", connection.organization.organization_id)


def _template(connection: Connection) -> dict[str, Any]:
    kind, organization_id = RoleKind.CONTACTS, connection.organization.organization_id

    def address(form: str) -> str:
        return reverse("collectors:contacts_template", args=[organization_id, form])

    return {
        "kind": kind.value,
        "actions": len(permissions.actions(kind)),
        "cloudformation": permissions.cloudformation(
            kind, external_id=connection.external_id, organization_id=organization_id
        ),
        "policy": permissions.as_json(permissions.policy(kind)),
        "yaml_url": address("yaml"),
        "json_url": address("json"),
    }


@login_required
@require_GET
def contacts_template(request: Request, organization_id: str, form: str) -> HttpResponse:
    require(request.user, Action.PUSH_CONTACTS)
    connection = _connection(organization_id)
    return role_file(RoleKind.CONTACTS, form, connection.external_id, organization_id)


def _connection(organization_id: str) -> Connection:
    connected = Connection.objects.select_related("organization")
    return get_object_or_404(connected, organization__organization_id=organization_id)


@login_required
@require_POST
def take_contact(request: Request, pk: int, kind: str) -> HttpResponse:
    """Name AWS's contact in the sheet; only the one that the person was shown."""
    if kind not in alternate_contacts.ROLES:
        raise Http404("AWS has no such type of contact.")
    cell = find_cell(request, ACCOUNTS.name, pk, f"{alternate_contacts.ROLES[kind]}_contact")
    account = Account.objects.get(pk=pk)
    lines = alternate_contacts.of_account(account).lines
    line = next(one for one in lines if one.type == kind)
    seen = line.observed
    if seen is None or not line.may_be_taken or seen.email != request.POST.get("observed"):
        messages.warning(request, f"{line.role.label} has changed since the page was loaded.")
        return redirect(account)
    try:
        write(_taking(line, seen, cell.key), origin=Origin.EDIT, source="Drift", user=request.user)
    except (Refused, Conflicts) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{line.role.label} is now {seen.email}, as in AWS.")
    return redirect(account)


def _taking(line: Compared, seen: Details, key: str) -> list[Edit]:
    """The contact's address into the account, and what AWS knows of a person where we know
    nothing: a person is named by many accounts, of which this is one."""
    known = Person.objects.filter(email=seen.email.lower()).first()
    told = {"name": seen.name, "title": seen.title, "phone": _phone(seen.phone)}
    blank = {name: value for name, value in told.items() if value and not getattr(known, name, "")}
    recorded = line.recorded.email if line.recorded else ""
    of_person = [Edit(PEOPLE, seen.email, blank)] if blank else []
    taken = Edit(ACCOUNTS, key, {line.column: seen.email}, expected={line.column: recorded})
    return [*of_person, taken]


def _phone(text: str) -> str:
    """AWS takes numbers without a country code; ours has one."""
    try:
        return Phone().clean(text)
    except CellError:
        return ""
