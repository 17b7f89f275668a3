"""Contacts beside AWS's: how an organization's accounts stand, and taking AWS's into the sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from collectors import alternate_contacts
from collectors.alternate_contacts import Compared, Details
from inventory.access import Action, Anyone, editable, may
from inventory.changes import Conflicts, Edit, Refused, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.kinds import CellError, Phone
from inventory.models import Account, Origin, Person
from inventory.views.cells import find_cell
from inventory.views.requests import Request


def beside_aws(account: Account, user: Anyone) -> dict[str, Any]:
    """What templates/collectors/_alternate_contacts.html shows of an account."""
    return {
        "compared": alternate_contacts.of_account(account),
        "sees_phones": may(user, Action.SEE_PHONES),
        "may_take": {column.name for column in editable(user, ACCOUNTS.columns)},
    }


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
