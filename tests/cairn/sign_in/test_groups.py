"""What the groups of an identity provider give, from one sign-in to the next."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from inventory.access import role_of
from inventory.changes import Edit, write
from inventory.columns import TEAMS
from inventory.models import ChangeSet, GroupMapping, GroupMappingChange, Origin, Role, Team, User
from tests.cairn.sign_in.conftest import Company, browser, is_signed_in, person
from tests.factories import AccountFactory, TeamFactory, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mapped() -> None:
    payments = TeamFactory.create(name="Payments", slug="payments")
    GroupMapping.objects.create(group="everybody", role=Role.VIEWER)
    GroupMapping.objects.create(group="secops", role=Role.SECURITY)
    GroupMapping.objects.create(group="money", role=Role.FINANCE)
    GroupMapping.objects.create(group="payments", team=payments)
    GroupMapping.objects.create(
        group="search-owners",
        role=Role.OWNER,
        team=TeamFactory.create(name="Search", slug="search"),
    )


def come(company: Company, *groups: str) -> Client:
    """Wren signs in, with these groups."""
    company.knows({"w-1": person("wren@example.com", *groups)})
    client = Client()
    company.sign_in(client, "w-1")
    return client


def role() -> Role | None:
    return role_of(User.objects.get(email="wren@example.com"))


def teams() -> set[str]:
    rows = Team.objects.filter(
        memberships__person__email="wren@example.com", memberships__valid_to=None
    )
    return set(rows.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (("everybody",), Role.VIEWER),
        (("everybody", "secops", "money"), Role.SECURITY),
        (("money", "everybody"), Role.FINANCE),
        (("payments",), Role.OWNER),
        (("payments", "everybody"), Role.VIEWER),
        (("Secops", "everybody"), Role.VIEWER),
    ],
)
def test_the_highest_role_wins(openid: Company, groups: tuple[str, ...], expected: Role) -> None:
    come(openid, *groups)
    assert role() == expected


def test_roles_and_teams_are_taken_away_with_the_groups(openid: Company) -> None:
    come(openid, "secops", "payments", "search-owners")
    assert (role(), teams()) == (Role.SECURITY, {"Payments", "Search"})
    come(openid, "search-owners")
    assert (role(), teams()) == (Role.OWNER, {"Search"})


def test_a_claim_that_is_not_sent_means_no_groups(openid: Company) -> None:
    come(openid, "secops", "payments")
    openid.knows({"w-1": {"email": "wren@example.com", "email_verified": True}})
    client = Client()
    assert openid.sign_in(client, "w-1").status_code == 403
    assert (role(), teams(), is_signed_in(client)) == (None, set(), False)


def test_who_lost_every_group_is_signed_out_everywhere(openid: Company) -> None:
    before = come(openid, "secops")
    assert before.get("/accounts/").status_code == 200
    come(openid)
    assert before.get("/accounts/").status_code == 302


def test_memberships_that_people_made_stay(openid: Company) -> None:
    come(openid, "everybody")
    write([Edit(TEAMS, "Payments", {"members": ["wren@example.com"]})], origin=Origin.EDIT)
    come(openid, "everybody", "payments")
    come(openid, "everybody")
    assert teams() == {"Payments"}


def test_a_membership_of_the_provider_does_not_touch_the_others(openid: Company) -> None:
    write([Edit(TEAMS, "Payments", {"members": ["penny@example.com"]})], origin=Origin.IMPORT)
    come(openid, "payments")
    come(openid, "everybody")
    team = Team.objects.get(name="Payments")
    current = team.memberships.filter(valid_to=None)
    assert [one.person.email for one in current] == ["penny@example.com"]


def test_a_role_that_an_administrator_gave_stays(openid: Company) -> None:
    come(openid, "secops")
    User.objects.update(role=Role.FINANCE)
    come(openid)
    assert role() == Role.FINANCE


def test_joining_and_leaving_a_team_is_in_its_history(openid: Company) -> None:
    come(openid, "everybody", "payments")
    come(openid, "everybody")
    told = ChangeSet.objects.filter(origin=Origin.SIGN_IN).order_by("pk")
    assert [(one.user and one.user.email, one.message.split()[0]) for one in told] == [
        ("wren@example.com", "Joined"),
        ("wren@example.com", "Left"),
    ]


def test_an_owner_sees_the_accounts_of_the_team_at_once(openid: Company) -> None:
    AccountFactory.create(account_id="111122223333", team=Team.objects.get(name="Payments"))
    AccountFactory.create(account_id="444455556666", team=Team.objects.get(name="Search"))
    client = come(openid, "payments")
    assert client.get("/accounts/111122223333/").status_code == 200
    assert client.get("/accounts/444455556666/").status_code == 404


def test_a_claim_inside_another_is_found_by_its_path(openid: Company, settings: Settings) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["cairn"]["groups"] = "groups.roles"
    openid.knows({"w-1": {**person("wren@example.com"), "groups": {"roles": ["secops"]}}})
    openid.sign_in(Client(), "w-1")
    assert role() == Role.SECURITY


def test_saml_groups_give_the_same(saml: Company) -> None:
    saml.knows({"w-1": {"email": ["wren@example.com"], "groups": ["secops", "payments"]}})
    saml.sign_in(browser(), "w-1")
    assert (role(), teams()) == (Role.SECURITY, {"Payments"})
    saml.knows({"w-1": {"email": ["wren@example.com"], "groups": ["everybody"]}})
    saml.sign_in(browser(), "w-1")
    assert (role(), teams()) == (Role.VIEWER, set())


def test_administrators_edit_the_table_and_who_did_is_kept() -> None:
    admin = signed_in(Role.ADMIN, "ada@example.com")
    team = Team.objects.get(name="Search")
    admin.post("/sign-in/groups/", {"group": "ops & <co>", "role": "viewer", "team": ""})
    mapping = GroupMapping.objects.get(group="ops & <co>")
    admin.post(f"/sign-in/groups/{mapping.pk}/", {"role": "finance", "team": team.pk})
    page = admin.get("/sign-in/groups/").content.decode()
    assert "ops &amp; &lt;co&gt;" in page
    admin.post(f"/sign-in/groups/{mapping.pk}/", {"end": ""})
    assert not GroupMapping.objects.filter(group="ops & <co>").exists()
    kept = GroupMappingChange.objects.order_by("pk").values_list("old", "new", "user__email")
    assert list(kept) == [
        ("", "Viewer", "ada@example.com"),
        ("Viewer", "Finance, team Search", "ada@example.com"),
        ("Finance, team Search", "", "ada@example.com"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"group": "secops", "role": "viewer"}, "in the table already"),
        ({"group": "new", "role": "", "team": ""}, "Choose a role, a team or both"),
        ({"group": "new", "role": "god"}, "not one of the available choices"),
        ({"group": "", "role": "viewer"}, "required"),
    ],
)
def test_what_makes_no_sense_is_said_at_the_form(data: dict[str, str], words: str) -> None:
    answer = signed_in(Role.ADMIN).post("/sign-in/groups/", data)
    assert words in answer.content.decode()
    assert not GroupMappingChange.objects.exists()


@pytest.mark.parametrize("not_admin", [Role.VIEWER, Role.OWNER, Role.FINANCE, Role.SECURITY])
def test_nobody_else_edits_it(not_admin: Role) -> None:
    client = signed_in(not_admin)
    mapping = GroupMapping.objects.first()
    assert mapping
    answers = [
        client.post("/sign-in/groups/", {"group": "mine", "role": "admin"}),
        client.post(f"/sign-in/groups/{mapping.pk}/", {"role": "admin"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert not GroupMappingChange.objects.exists()
