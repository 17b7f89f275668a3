"""Plans: for each account and type what AWS holds, what it shall hold, or why nothing is written.

What the sheet alone decides is decided when the plan is made; then a worker asks AWS about the
rest (``working``), so that a plan shows what is there now and not what was collected once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict

from django.db import transaction

from collectors.alternate_contacts import ROLES, Details
from collectors.models import ContactPush, ContactPushItem
from collectors.pushing.limits import why_refused
from collectors.pushing.readiness import NotPossible, require_on, values_of
from collectors.pushing.recording import record
from inventory import audit, contacts
from inventory.audit import Event
from inventory.models import Account, AccountState, ContactRole, Organization, Person, User

BATCH = 500
NAMED = 5  # accounts in a message
State = ContactPushItem.State


def plan(
    organization: Organization,
    *,
    user: User,
    types: Collection[str] = tuple(ROLES),
    accounts: Collection[str] = (),
) -> ContactPush:
    """A plan for the accounts of the organization, or for some of them. Raises NotPossible."""
    require_on(organization)
    if not types or not set(types) <= ROLES.keys():
        raise NotPossible("Choose at least one of the contact types.")
    rows = _accounts(organization, accounts)
    with transaction.atomic():
        push = ContactPush.objects.create(
            organization=organization,
            types=sorted(types),
            accounts=sorted(accounts),
            ceiling=values_of(organization)["CONTACT_PUSH_CEILING"],
            planned_by=user,
        )
        items = list(_items(push, rows))
        ContactPushItem.objects.bulk_create(items, batch_size=BATCH)
        rows_named = audit.name_rows(f"account:{row.key}" for row in rows)
        record(Event.CONTACTS_PLANNED, push, types=push.types, **rows_named)
    return push


def _accounts(organization: Organization, wanted: Collection[str]) -> Sequence[Account]:
    listed = Account.objects.filter(observed_organization=organization).exclude(
        state=AccountState.LEFT
    )
    if wanted:
        listed = listed.filter(account_id__in=wanted)
    rows = list(listed)
    if unknown := sorted(set(wanted) - {row.account_id for row in rows}):
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        named = ", ".join(unknown[:NAMED])
        raise NotPossible(f"AWS lists no account {named}{more} in {organization}.")
    if not rows:
        raise NotPossible(f"AWS lists no accounts in {organization} yet; collect it first.")
    return rows


def _items(push: ContactPush, rows: Sequence[Account]) -> Iterator[ContactPushItem]:
    people = contacts.people_of([row.pk for row in rows])
    for row in rows:
        for kind in push.types:
            yield _item(push, row, kind, people.get(row.pk, {}))


def _item(
    push: ContactPush, account: Account, kind: str, people: Mapping[str, Person]
) -> ContactPushItem:
    item = ContactPushItem(push=push, account=account, type=kind)
    person = people.get(ROLES[kind])
    item.message = why_not(account, ROLES[kind], person)
    if person:
        item.after = asdict(Details.of(person))
    if item.message:
        item.state = State.LEFT_OUT
    return item


def why_not(account: Account, role: ContactRole, person: Person | None) -> str:
    """Why the sheet's contact cannot be written, or an empty text."""
    if account.state != AccountState.ACTIVE:
        state = account.get_state_display().lower() or "of an unknown state"
        return f"The account is {state}, and AWS changes active ones only."
    if person is None:
        return f"The sheet names no {role.label.lower()}."
    if contacts.has_left(person):
        return f"{person} has left."
    if why := why_refused(Details.of(person)):
        return f"{why[:1].upper()}{why[1:]}."
    return ""


def plan_undo(push: ContactPush, *, user: User) -> ContactPush:
    """A plan that puts back what the push found in AWS. Raises NotPossible."""
    require_on(push.organization)
    if push.is_active:
        raise NotPossible("Wait until it has ended, or cancel it.")
    written = list(push.items.filter(state=State.DONE))
    if not written:
        raise NotPossible("It wrote nothing that could be taken back.")
    with transaction.atomic():
        undo = ContactPush.objects.create(
            organization=push.organization,
            types=push.types,
            accounts=push.accounts,
            undo_of=push,
            ceiling=values_of(push.organization)["CONTACT_PUSH_CEILING"],
            planned_by=user,
        )
        ContactPushItem.objects.bulk_create([_undoing(undo, item) for item in written])
        record(Event.CONTACTS_PLANNED, undo, undoes=str(push))
    return undo


def _undoing(undo: ContactPush, item: ContactPushItem) -> ContactPushItem:
    back = ContactPushItem(
        push=undo,
        account_id=item.account_id,
        type=item.type,
        after=item.before,
        expected=item.after,
    )
    if item.before is None:
        back.state = State.LEFT_OUT
        back.message = (
            "There was none before, and Cairn never deletes a contact. To remove "
            f"it, run: {deleting(item)}"
        )
    return back


def deleting(item: ContactPushItem) -> str:
    """How a person deletes the contact; the management account must not name itself."""
    account = item.account.account_id
    is_management = account == item.push.organization.management_account_id
    whom = "" if is_management else f" --account-id {account}"
    return f"aws account delete-alternate-contact --alternate-contact-type {item.type}{whom}"
