"""Who may do what: rows, columns and actions, each decided here and nowhere else.

A decision knows what it follows from, so that the page that explains one asks the function that
made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.columns import ACCOUNTS, OWNERS, PEOPLE, Authority, Column, Sheet
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
    ANSWER_FINDINGS = "answer_findings"  # acknowledge; ask to accept a risk, call false positive
    APPROVE = "approve"  # grant what others ask for, and end it
    COLLECT = "collect"  # start, cancel and retry collection runs
    SEE_RUNS = "see_runs"
    CONNECT = "connect"  # connect an AWS organization
    PUSH_CONTACTS = "push_contacts"  # write the sheet's contacts to AWS
    SETTINGS = "settings"  # change the company's thresholds
    SEE_PHONES = "see_phones"
    SEE_AUDIT = "see_audit"  # who did what
    SEE_RESTRICTED = "see_restricted"  # details of items that are security's alone
    MAIL = "mail"  # see all mail, release and drop what is held, set up webhooks
    PEOPLE = "people"  # users, roles, their sessions, how one signs in
    EXPLAIN = "explain"  # see why others see and change what they do
    VIEW_AS = "view_as"  # see the pages as another person does


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
    Action.ANSWER_FINDINGS: frozenset({Role.OWNER, Role.SECURITY, Role.ADMIN}),
    Action.APPROVE: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.COLLECT: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_RUNS: frozenset({Role.VIEWER, Role.SECURITY, Role.ADMIN}),
    Action.CONNECT: frozenset({Role.ADMIN, Role.SECURITY}),
    Action.PUSH_CONTACTS: frozenset({Role.ADMIN}),
    Action.SETTINGS: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_PHONES: frozenset({Role.OWNER, Role.SECURITY, Role.ADMIN}),
    Action.SEE_AUDIT: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.SEE_RESTRICTED: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.MAIL: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.PEOPLE: frozenset({Role.ADMIN}),
    Action.EXPLAIN: frozenset({Role.SECURITY, Role.ADMIN}),
    Action.VIEW_AS: frozenset({Role.ADMIN}),
}
# What is done to one account: by those of the role who see the account.
OF_AN_ACCOUNT = frozenset({Action.CONFIRM, Action.ATTEST, Action.EXCEPT})


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and what that follows from, a sentence each."""

    allowed: bool
    reasons: tuple[str, ...]


def _by_role(user: Anyone, roles: frozenset[Role], does: str) -> Decision:
    """``does`` completes "The role … does": sees every account."""
    role = role_of(user)
    if role is None:
        return Decision(False, ("The sign-in is switched off.",))
    if role in roles:
        return Decision(True, (f"The role {role.label} {does}.",))
    allowed = ", ".join(str(one.label) for one in Role if one in roles)
    if not allowed:
        return Decision(False, (f"No role {does}.",))
    return Decision(False, (f"Only these roles do: {allowed}.",))


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


def administrators() -> QuerySet[User]:
    """Those whose role, wherever it comes from, is the administrator's."""
    by_groups = Q(provider_role=Role.ADMIN, is_break_glass=False)
    return User.objects.filter(Q(role=Role.ADMIN) | by_groups, is_active=True)


def action_decision(user: Anyone, action: Action, account: Account | None = None) -> Decision:
    """Whether the role includes the action and, where it is done to an account, whether the user
    sees that one."""
    by_role = _by_role(user, _ROLES[action], "may do this")
    if account is None or action not in OF_AN_ACCOUNT or not by_role.allowed:
        return by_role
    row = row_decision(user, account)
    return Decision(row.allowed, (*by_role.reasons, *row.reasons))


def roles_of(action: Action) -> frozenset[Role]:
    """The roles that may do it, for queries."""
    return _ROLES[action]


def may(user: Anyone, action: Action) -> bool:
    return action_decision(user, action).allowed


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


@dataclass(frozen=True)
class Tie:
    """A way in which accounts are a person's; ``accounts`` takes the person's primary key."""

    accounts: Callable[[int], Q]
    words: Callable[[Account, int], str]
    absent: str


def _names(person: int) -> Q:
    return Q(Exists(Contact.objects.filter(account=OuterRef("pk"), person=person)))


def _has_in_its_team(person: int) -> Q:
    members = TeamMembership.objects.filter(person=person, valid_to__isnull=True)
    return Q(Exists(members.filter(team=OuterRef("team"))))


def _contact_roles(account: Account, person: int) -> str:
    held = Contact.objects.filter(account=account, person=person)
    return ", ".join(contact.get_role_display() for contact in held)


TIES = (
    Tie(
        _names,
        lambda account, person: f"The sheet names them as: {_contact_roles(account, person)}.",
        "The sheet names them as no contact of it.",
    ),
    Tie(
        _has_in_its_team,
        lambda account, person: f"They are in its team, {account.team}.",
        "They are not in its team.",
    ),
    Tie(
        lambda person: Q(team__lead=person),
        lambda account, person: f"They lead its team, {account.team}.",
        "They do not lead its team.",
    ),
)


def _of_all_accounts(user: Anyone) -> Decision | int:
    """What decides about all accounts at once, else the person whose ties decide."""
    by_role = _by_role(user, SEES_EVERYTHING, "sees every account")
    if by_role.allowed or role_of(user) is None:
        return by_role
    person: int | None = getattr(user, "person_id", None)
    if person is None:
        return Decision(False, ("No person of the inventory has the address of the sign-in.",))
    return person


def visible_accounts(accounts: AccountQuerySet, user: Anyone) -> AccountQuerySet:
    """All accounts; for an owner, those of their teams and those that name them as a contact."""
    decided = _of_all_accounts(user)
    if isinstance(decided, Decision):
        return accounts if decided.allowed else accounts.none()
    return accounts.filter(reduce(or_, (tie.accounts(decided) for tie in TIES)))


def row_decision(user: Anyone, account: Account) -> Decision:
    """Whether the user sees an account: ``visible_accounts`` for one, with its reasons."""
    decided = _of_all_accounts(user)
    if isinstance(decided, Decision):
        return decided
    rows = Account.objects.filter(pk=account.pk)
    held = [tie for tie in TIES if rows.filter(tie.accounts(decided)).exists()]
    if held:
        return Decision(True, tuple(tie.words(account, decided) for tie in held))
    return Decision(False, tuple(tie.absent for tie in TIES))


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


def column_decision(user: Anyone, sheet: Sheet, column: Column) -> Decision:
    """Whether the user sees a column, of rows they can see. Phone numbers are for those who may
    have to ring in the night."""
    if sheet is PEOPLE and column.name == "phone":
        return action_decision(user, Action.SEE_PHONES)
    return Decision(True, ("Whoever sees the row sees this.",))


def visible_columns(user: Anyone, sheet: Sheet, columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if column_decision(user, sheet, column).allowed]


def edit_decision(user: Anyone, sheet: Sheet, column: Column) -> Decision:
    """Whether the user may edit a column of rows that are there and that they can see."""
    if column.name in sheet.key:
        return Decision(False, ("It names the row for good.",))
    if not column.editors:
        who = "AWS decides" if column.authority == Authority.AWS else "Cairn records"
        return Decision(False, (f"{who} it.",))
    decided = _by_role(user, column.editors, "edits it")
    if may_propose(user, sheet, column):
        return Decision(False, (*decided.reasons, "They may propose another value."))
    return decided


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
