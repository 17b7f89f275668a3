"""The sheet's contacts beside AWS's: the words, the filters and the counts agree."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client

from collectors import alternate_contacts
from collectors.alternate_contacts import Details, Standing, compare
from collectors.contact_lists import tallies
from collectors.outcomes import Outcome
from collectors.services.account import AlternateContact, Contacts, contacts
from inventory.filters import AccountFilters
from inventory.grid.extensions import extra_columns
from inventory.models import Account, ContactRole, Person, Role, User
from tests import organization
from tests.factories import ContactFactory, PersonFactory, observe, signed_in
from tests.organization import PAYMENTS, PENNY, World

pytestmark = pytest.mark.django_db

SOC = Details("Sol Oc", "Duty manager", "soc@example.com", "+4930123456")


@pytest.fixture
def world() -> World:
    return organization.create()


def hold(account: Account, details: Details, role: str = "security") -> Person:
    person, _ = Person.objects.update_or_create(
        email=details.email,
        defaults={"name": details.name, "title": details.title, "phone": details.phone},
    )
    ContactFactory.create(account=account, person=person, role=role)
    return person


def in_aws(account: Account, **by_type: Details) -> None:
    observe(
        account,
        contacts,
        Contacts(
            {
                kind: AlternateContact(d.email, d.name, d.title, d.phone)
                for kind, d in by_type.items()
            }
        ),
    )


def listed(value: str) -> set[str]:
    filters = AccountFilters(QueryDict(f"aws_contacts={value}"), Account.objects.all())
    assert filters.is_valid()
    return set(filters.qs.values_list("account_id", flat=True))


def change(**values: str) -> Details:
    return Details(**{**SOC.__dict__, **values})


VARIANTS = {
    "the same": (SOC, SOC, Standing.SAME, ()),
    "another name": (SOC, change(name="Somebody"), Standing.DIFFERS, ("name",)),
    "another title": (SOC, change(title="Chief"), Standing.DIFFERS, ("title",)),
    "another address": (SOC, change(email="x@example.com"), Standing.DIFFERS, ("email",)),
    "another number": (SOC, change(phone="+4930999"), Standing.DIFFERS, ("phone",)),
    "another case": (SOC, change(email="SOC@Example.com"), Standing.SAME, ()),
    "punctuation": (SOC, change(phone="+49 (30) 123-456"), Standing.SAME, ()),
    "no title in the sheet": (change(title=""), SOC, Standing.SAME, ()),
    "no phone seen": (SOC, change(phone=""), Standing.SAME, ()),
    "all but the address": (
        SOC,
        change(name="A", title="B", phone="+1"),
        Standing.DIFFERS,
        ("name", "title", "phone"),
    ),
    "only ours": (SOC, None, Standing.ONLY_SHEET, ()),
    "only AWS's": (None, SOC, Standing.ONLY_AWS, ()),
    "neither": (None, None, Standing.NOBODY, ()),
}


@pytest.mark.parametrize(
    ("ours", "theirs", "standing", "differing"), VARIANTS.values(), ids=VARIANTS.keys()
)
def test_one_decision_in_words_in_sql_and_in_counts(
    world: World,
    ours: Details | None,
    theirs: Details | None,
    standing: Standing,
    differing: tuple[str, ...],
) -> None:
    assert compare(ours, theirs) == (standing, differing)
    if ours:
        hold(world.payments, ours)
    in_aws(world.payments, **({"SECURITY": theirs} if theirs else {}))
    line = alternate_contacts.of_account(world.payments).lines[0]
    assert (line.role, line.standing, line.differing) == (
        ContactRole.SECURITY,
        standing,
        differing,
    )
    for one in (Standing.SAME, Standing.NOBODY, *alternate_contacts.DRIFTING):
        assert (PAYMENTS in listed(f"security-{one}")) is (one == standing)
    is_drift = standing in alternate_contacts.DRIFTING
    assert (PAYMENTS in listed("any")) is is_drift
    assert (PAYMENTS in listed("security")) is is_drift
    assert (PAYMENTS in listed("none")) is not is_drift
    counts = {t.standing: t.count for t in tallies(world.organization)[ContactRole.SECURITY]}
    assert counts[standing] == 1
    assert sum(counts.values()) == len(world.accounts)


def test_types_are_told_apart(world: World) -> None:
    hold(world.payments, SOC, "billing")
    in_aws(world.payments, SECURITY=SOC, OPERATIONS=change(name="Other"))
    standings = {
        line.type: line.standing for line in alternate_contacts.of_account(world.payments).lines
    }
    assert standings == {
        "SECURITY": Standing.ONLY_AWS,
        "OPERATIONS": Standing.ONLY_AWS,
        "BILLING": Standing.ONLY_SHEET,
    }


def test_what_was_denied_is_unknown_and_not_absent(world: World) -> None:
    hold(world.payments, SOC)
    observe(world.payments, contacts, outcome=Outcome.ACCESS_DENIED)
    compared = alternate_contacts.of_account(world.payments)
    assert {line.standing for line in compared.lines} == {Standing.UNKNOWN}
    assert "access_denied" in compared.why_unknown
    assert PAYMENTS in listed("unknown")
    assert PAYMENTS not in listed("any") | listed("none")


def test_every_choice_of_the_filter_leads_somewhere(world: World) -> None:
    choices = [t.choice for found in tallies(world.organization).values() for t in found]
    for choice in choices:
        assert isinstance(listed(choice), set)


def test_the_column_tells_differences(world: World) -> None:
    hold(world.payments, SOC)
    in_aws(world.payments, OPERATIONS=SOC)
    in_aws(world.search)
    column = next(one for one in extra_columns("account") if one.name == "aws_contacts")
    rows = dict.fromkeys([world.payments.pk, world.search.pk, world.audit.pk])
    cells = column.cells(rows, User())  # type: ignore[arg-type]  # cells are not read
    assert "security: not in AWS; operations: not in the sheet" in cells[world.payments.pk]
    assert cells[world.search.pk] == "no difference"
    assert "not known" in cells[world.audit.pk]


@pytest.mark.parametrize(("role", "sees"), [(Role.VIEWER, False), (Role.SECURITY, True)])
def test_the_account_page_shows_both_sides_and_phones_to_some(
    world: World, role: Role, sees: bool
) -> None:
    hold(world.payments, SOC)
    in_aws(world.payments, SECURITY=change(title="Chief", phone="+4930999"))
    page = signed_in(role).get(f"/accounts/{PAYMENTS}/").content.decode()
    assert "Differs: title, phone" in page
    assert "Chief" in page
    assert ("+4930999" in page) is sees
    assert ("+4930123456" in page) is sees
    assert ("Phone hidden" in page) is not sees


def take(client: Client, account: Account, kind: str, observed: str) -> str:
    answer = client.post(
        f"/accounts/{account.pk}/aws-contact/{kind}/", {"observed": observed}, follow=True
    )
    return str(answer.content.decode())


def test_awss_contact_is_taken_with_what_is_known_of_nobody_yet(world: World) -> None:
    in_aws(world.payments, SECURITY=change(phone="+49 30 123456"))
    client = signed_in(Role.SECURITY)
    assert "Security contact is now soc@example.com" in take(
        client, world.payments, "SECURITY", "soc@example.com"
    )
    person = world.payments.contact_set.get(role="security").person
    assert Details.of(person) == SOC


def test_taking_does_not_write_over_a_person_that_others_name_too(world: World) -> None:
    PersonFactory.create(email=SOC.email, name="Sol", title="", phone="+4930777")
    in_aws(world.payments, SECURITY=change(phone="030 1"))
    take(signed_in(Role.SECURITY), world.payments, "SECURITY", "soc@example.com")
    person = Person.objects.get(email=SOC.email)
    assert (person.name, person.title, person.phone) == ("Sol", "Duty manager", "+4930777")


def test_another_contact_than_the_one_shown_is_not_taken(world: World) -> None:
    in_aws(world.payments, SECURITY=SOC)
    told = take(signed_in(Role.SECURITY), world.payments, "SECURITY", "old@example.com")
    assert "has changed since the page was loaded" in told
    assert not world.payments.contact_set.filter(role="security").exists()


def test_who_may_not_write_the_sheet_takes_nothing(world: World) -> None:
    in_aws(world.payments, SECURITY=SOC)
    in_aws(world.search, SECURITY=SOC)
    for role, account, status in (
        (Role.VIEWER, world.payments, 403),
        (Role.FINANCE, world.payments, 403),
    ):
        client = signed_in(role, f"{role}@example.com")
        address = f"/accounts/{account.pk}/aws-contact/SECURITY/"
        assert client.post(address, {"observed": SOC.email}).status_code == status
    owner = signed_in(Role.OWNER, PENNY)
    foreign = f"/accounts/{world.search.pk}/aws-contact/SECURITY/"
    assert owner.post(foreign, {"observed": SOC.email}).status_code == 404
    assert owner.post(f"/accounts/{world.payments.pk}/aws-contact/NONE/").status_code == 404
