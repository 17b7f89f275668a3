"""Who may do what: rows, columns and actions, each decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.columns import ACCOUNTS, OWNERS, PEOPLE, Column, Sheet
from inventory.models import Account, Contact, Person, Role, TeamMembership, User

if TYPE_CHECKING:
    from inventory.models.accounts import AccountQuerySet

Anyone = User | AnonymousUser

PROPOSE = frozenset({Role.OWNER, Role.FINANCE})
SEES_EVERYTHING = frozenset({Role.VIEWER, Role.FINANCE, Role.SECURITY, Role.ADMIN})


class Action(StrEnum):
    """What a person may want to do beyond looking at rows."""

    IMPORT = "import"  # upload a spreadsheet, apply and undo change sets
    IMPORT_FINDINGS = "import_findings"  # upload scanners' results, see what became of them
    EXPORT = "export"
    HAND_OVER = "hand_over"  # give what a person holds to another
    SEE_ORPHANS = "see_orphans"  # the list of accounts that nobody owns
    CAMPAIGN = "campaign"  # ask many owners by mail
    CONFIRM = "confirm"  # say that what the sheet holds of an account is right
    ATTEST = "attest"  # say what no API can tell, of an account or team
    ATTEST_ORGANIZATION = "attest_organization"
    EXCEPT = "except"  # ask for an exception from a rule, for an account or resources
    APPROVE = "approve"  # grant what others ask for, and end it
    COLLECT = "collect"  # start, cancel and retry collection runs
    SEE_RUNS = "see_runs"
    CONNECT = "connect"  # connect an AWS organization
    PUSH_CONTACTS = "push_contacts"  # write the sheet's contacts to AWS
    SETTINGS = "settings"  # change the company's thresholds
    SEE_PHONES = "see_phones"
    SEE_RESTRICTED = "see_restricted"  # details of items that are security's alone
    MAIL = "mail"  # see all mail, release and drop what is held, set up webhooks
    PEOPLE = "people"  # users, roles, their sessions, how one signs in


_ROLES: dict[Action, frozenset[Role]] = {
    Action.IMPORT: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.IMPORT_FINDINGS: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.EXPORT: frozenset(Role),
    Action.HAND_OVER: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_ORPHANS: frozenset({Role.VIEWER, Role.FINANCE, Role.SECURITY, Role.ADMIN}),
    Action.CAMPAIGN: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.CONFIRM: OWNERS,
    Action.ATTEST: frozenset({Role.OWNER, Role.SECURITY, Role.ADMIN}),
    Action.ATTEST_ORGANIZATION: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.EXCEPT: frozenset({Role.OWNER, Role.SECURITY, Role.ADMIN}),
    Action.APPROVE: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.COLLECT: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_RUNS: frozenset({Role.VIEWER, Role.SECURITY, Role.ADMIN}),
    Action.CONNECT: frozenset({Role.ADMIN, Role.SECURITY}),
    Action.PUSH_CONTACTS: frozenset({Role.ADMIN}),
    Action.SETTINGS: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_PHONES: frozenset({Role.OWNER, Role.SECURITY, Role.ADMIN}),
    Action.SEE_RESTRICTED: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.MAIL: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.PEOPLE: frozenset({Role.ADMIN}),
}


def role_of(user: Anyone) -> Role | None:
    """The higher of the role that administrators gave and that of the identity provider's groups;
    a break-glass sign-in has only the first."""
    if not isinstance(user, User) or not user.is_active:
        return None
    given = [user.role] if user.is_break_glass else [user.role, user.provider_role]
    return highest(Role(role) for role in given if role)


def highest(roles: Iterable[Role]) -> Role | None:
    """Roles stand in their order from the lowest to the highest."""
    order = list(Role)
    return max(roles, key=order.index, default=None)


def may(user: Anyone, action: Action) -> bool:
    return role_of(user) in _ROLES[action]


def require(user: Anyone, action: Action) -> None:
    """Raises PermissionDenied, which is a 403 page."""
    if not may(user, action):
        raise PermissionDenied(f"Your role may not {action.replace('_', ' ')}.")


def sees_everything(user: Anyone) -> bool:
    return role_of(user) in SEES_EVERYTHING


def reader_of(person: Person, today: date) -> Anyone:
    """With whose eyes a person reads what is mailed to them: those of their sign-in. Who has none
    yet sees what an owner would. Whose sign-in is switched off, or who left, sees nothing."""
    if person.left_on is not None and person.left_on <= today:
        return AnonymousUser()
    if user := User.objects.filter(person=person).first():
        return user if user.is_active else AnonymousUser()
    return User(email=person.email, role=Role.OWNER, person=person)


def visible_accounts(accounts: AccountQuerySet, user: Anyone) -> AccountQuerySet:
    """All accounts; for an owner, those of their teams and those that name them as a contact."""
    if sees_everything(user):
        return accounts
    if role_of(user) is None:
        return accounts.none()
    person = getattr(user, "person_id", None)
    if person is None:
        return accounts.none()
    contact = Contact.objects.filter(account=OuterRef("pk"), person=person)
    member = TeamMembership.objects.filter(
        team=OuterRef("team"), person=person, valid_to__isnull=True
    )
    return accounts.filter(Q(Exists(contact)) | Q(Exists(member)) | Q(team__lead=person))


def visible_rows(sheet: Sheet, user: Anyone) -> QuerySet[Any]:
    """The rows of a sheet; an owner sees what their accounts and teams point to, and themselves."""
    if sheet is ACCOUNTS:
        return Account.objects.visible_to(user)
    rows = sheet.model._default_manager.all()
    if sees_everything(user):
        return rows
    person = getattr(user, "person_id", None)
    if role_of(user) is None or sheet.name not in _AROUND_ACCOUNTS:
        return rows.none()
    accounts = Account.objects.visible_to(user).order_by().values("pk")
    around = Q()
    for path in _AROUND_ACCOUNTS[sheet.name]:
        around |= Q(pk__in=rows.filter(**{f"{path}__in": accounts}).order_by().values("pk"))
    if sheet is PEOPLE:
        around |= Q(pk=person)
    return rows.filter(around)


# How the rows of a sheet are tied to accounts.
_AROUND_ACCOUNTS: dict[str, tuple[str, ...]] = {
    "person": ("accounts", "teams__accounts", "led_teams__accounts"),
    "team": ("accounts",),
    "payer": ("accounts",),
    "root_mail_list": ("accounts",),
    "organization": ("accounts", "expected_accounts"),
    "ou": ("accounts",),
}


def visible_columns(user: Anyone, sheet: Sheet, columns: Iterable[Column]) -> list[Column]:
    """Phone numbers are for those who may have to ring in the night."""
    hides_phone = sheet is PEOPLE and not may(user, Action.SEE_PHONES)
    return [column for column in columns if not (hides_phone and column.name == "phone")]


def may_propose(user: Anyone, sheet: Sheet, column: Column) -> bool:
    """Whether the user may suggest what others would have to write: people who edit some columns
    may for the others that anybody edits, of rows they can see."""
    return (
        role_of(user) in PROPOSE
        and column.name not in sheet.key
        and bool(column.editors)
        and not may_edit_cell(user, column)
    )


def may_edit_cell(user: Anyone, column: Column, account: Account | None = None) -> bool:
    """Whether the user may edit a column, of rows they can see."""
    return role_of(user) in column.editors


def editable(user: Anyone, columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if may_edit_cell(user, column)]


def link_person(user: User) -> None:
    """Tie a sign-in to the person of the same address, so that owners see their accounts."""
    person, _ = Person.objects.get_or_create(
        email=user.email.lower(), defaults={"name": user.get_full_name()}
    )
    if user.person_id != person.pk:
        User.objects.filter(pk=user.pk).update(person=person)
        user.person = person
