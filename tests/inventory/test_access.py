import pytest

from inventory.access import administrators, visible_columns, visible_rows
from inventory.columns import PAYERS, PEOPLE, SHEETS, TEAMS
from inventory.models import Account, ChangeSet, Person, Role, User
from tests.inventory.sheet import ALICE, BOB, BUILD, CAROL, CHECKOUT, LEDGER, user


def seen_by(someone: User) -> set[str]:
    return set(Account.objects.visible_to(someone).values_list("account_id", flat=True))


def test_a_new_sign_in_is_tied_to_the_person_of_its_address(acme: None) -> None:
    bob = user(Role.OWNER, "Bob@Example.com")
    assert bob.person == Person.objects.get(email=BOB)


def test_a_member_sees_exactly_the_accounts_of_the_team(acme: None) -> None:
    assert seen_by(user(Role.OWNER, ALICE)) == {CHECKOUT, LEDGER}


def test_a_contact_sees_exactly_the_accounts_that_name_them(acme: None) -> None:
    assert seen_by(user(Role.OWNER, BOB)) == {BUILD}
    assert seen_by(user(Role.OWNER, CAROL)) == {CHECKOUT, BUILD}


def test_an_owner_nobody_names_sees_nothing(acme: None) -> None:
    stranger = user(Role.OWNER, "stranger@example.com")
    assert seen_by(stranger) == set()
    for sheet in SHEETS.values():
        found = set(map(str, visible_rows(sheet, stranger)))
        assert found == ({"stranger@example.com"} if sheet is PEOPLE else set()), sheet.name


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE, Role.SECURITY, Role.ADMIN])
def test_other_roles_see_every_account(acme: None, role: Role) -> None:
    assert len(seen_by(user(role))) == Account.objects.count()


def test_an_inactive_user_sees_nothing(acme: None) -> None:
    gone = user(Role.ADMIN)
    gone.is_active = False
    assert seen_by(gone) == set()
    assert not visible_rows(TEAMS, gone).exists()


def test_an_owner_sees_the_rows_around_their_accounts(acme: None) -> None:
    alice = user(Role.OWNER, ALICE)
    assert [team.name for team in visible_rows(TEAMS, alice)] == ["Payments"]
    assert {person.email for person in visible_rows(PEOPLE, alice)} == {ALICE, CAROL}
    assert visible_rows(PAYERS, alice).count() == 1
    assert not visible_rows(PAYERS, user(Role.OWNER, BOB)).exists()


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.VIEWER, False),
        (Role.FINANCE, False),
        (Role.OWNER, True),
        (Role.SECURITY, True),
        (Role.ADMIN, True),
    ],
)
def test_phone_numbers_are_for_some_roles(db: None, role: Role, sees: bool) -> None:
    names = {column.name for column in visible_columns(user(role), PEOPLE, PEOPLE.columns)}
    assert ("phone" in names) is sees
    assert "title" in names


def test_signing_in_somebody_known_changes_nothing_in_the_sheet(acme: None) -> None:
    before = ChangeSet.objects.count(), Person.objects.count()
    user(Role.OWNER, ALICE)
    assert (ChangeSet.objects.count(), Person.objects.count()) == before


@pytest.mark.django_db
def test_administrators_are_those_by_hand_and_those_by_groups() -> None:
    make = User.objects.create_user
    make("hand@example.com", role=Role.ADMIN)
    make("groups@example.com", role=Role.VIEWER, provider_role=Role.ADMIN)
    make("off@example.com", role=Role.ADMIN, is_active=False)
    make("none@example.com", role=Role.SECURITY)
    emails = set(administrators().values_list("email", flat=True))
    assert emails == {"hand@example.com", "groups@example.com"}
