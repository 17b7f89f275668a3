"""Every account has an owner team, contacts inside the company and a recent confirmation."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import account, ce, organizations
from collectors.services.account import AlternateContact, Contacts
from roadmap.items.inventory import contacts
from roadmap.registry import Level
from roadmap.subject import AccountRow, Company
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, NOW, attested, reported, row, subject

OWNED: dict[str, Any] = {
    "team": "Payments",
    "team_people": 3,
    "payer": MANAGEMENT,
    "confirmed_at": NOW - timedelta(days=10),
}
SECURITY = AlternateContact("soc@example.com")
ALL = Contacts(
    {
        "SECURITY": SECURITY,
        "BILLING": AlternateContact("bills@example.com"),
        "OPERATIONS": AlternateContact("ops@example.com"),
    }
)
VENDOR = "888888888888"
SETTINGS = {"COMPANY_EMAIL_DOMAINS": ["example.com"]}


def judge(found: Any = ALL, *, settings: dict[str, Any] | None = None, **fields: Any) -> Verdict:
    values = {} if found is None else {(ACCOUNT, account.contacts): found}
    about = row(**(OWNED | fields))
    return contacts.judge(subject(values, about, settings=SETTINGS | (settings or {})))


def test_an_owned_reachable_and_confirmed_account_passes() -> None:
    verdict = judge()

    assert verdict.status == Status.PASS
    assert verdict.sentence == (
        "Team Payments (3 people) owns it, its security, billing and operations contacts are set, "
        "and an owner confirmed it on 2026-11-14."
    )
    assert not verdict.problems


@pytest.mark.parametrize(
    ("fields", "found", "expected", "said"),
    [
        pytest.param(
            {"team_people": 0}, ALL, ["no_owner"], "Nobody is in team Payments.", id="empty team"
        ),
        pytest.param({"name": ""}, ALL, [], "It has no name.", id="no name"),
        pytest.param({"payer": ""}, ALL, [], "Who pays for it is not known.", id="no payer"),
        pytest.param(
            {"confirmed_at": None},
            ALL,
            ["owner_unconfirmed"],
            "No owner has confirmed it.",
            id="never confirmed",
        ),
        pytest.param(
            {"confirmed_at": NOW - timedelta(days=365)},
            ALL,
            ["owner_unconfirmed"],
            "The confirmation of 2025-11-24 is older than 365 days.",
            id="confirmation expired",
        ),
        pytest.param(
            {},
            replace(ALL, alternate={k: v for k, v in ALL.alternate.items() if k != "SECURITY"}),
            ["no_security_contact"],
            "Security contact is missing; billing and operations are set.",
            id="no security contact",
        ),
        pytest.param(
            {},
            Contacts(),
            ["no_security_contact"],
            "Security contact is missing; so are the others.",
            id="no contacts at all",
        ),
        pytest.param(
            {},
            replace(ALL, alternate={**ALL.alternate, "BILLING": AlternateContact("x@gmail.com")}),
            ["foreign_contact"],
            "Contacts outside the company: billing (gmail.com).",
            id="contact outside the company",
        ),
    ],
)
def test_an_owned_account_with_a_gap_is_partial(
    fields: dict[str, Any], found: Contacts, expected: list[str], said: str
) -> None:
    verdict = judge(found, **fields)

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == expected
    assert said in verdict.sentence


def test_a_security_contact_alone_is_enough() -> None:
    verdict = judge(Contacts({"SECURITY": SECURITY}))

    assert verdict.status == Status.PASS
    assert "its security contact is set" in verdict.sentence


def test_the_security_contact_may_be_waived() -> None:
    verdict = judge(Contacts(), settings={"REQUIRE_SECURITY_CONTACT": False})

    assert verdict.status == Status.PASS
    assert "no contact of it is set or needed" in verdict.sentence


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, Status.PASS), ({"confirmed_at": None}, Status.PARTIAL), ({"team": ""}, Status.FAIL)],
)
def test_where_aws_keeps_no_contacts_the_rest_decides(
    fields: dict[str, Any], status: Status
) -> None:
    verdict = judge(Outcome.SERVICE_UNAVAILABLE, **fields)

    assert (verdict.status, verdict.incomplete) == (status, False)
    assert verdict.facts["contacts"] is None


def test_without_company_domains_no_contact_is_foreign() -> None:
    foreign = Contacts({"SECURITY": AlternateContact("soc@elsewhere.net")})

    assert judge(foreign, settings={"COMPANY_EMAIL_DOMAINS": []}).status == Status.PASS


def test_an_account_without_a_team_fails() -> None:
    verdict = judge(team="", team_people=0)

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["no_owner"]


def test_an_organization_tag_hints_at_the_owner_and_makes_nobody_one() -> None:
    tags = organizations.Tags({"Owner": "payments", "cost": "12"})
    values = {(ACCOUNT, account.contacts): ALL, (ACCOUNT, organizations.tags): tags}

    verdict = contacts.judge(subject(values, row(**(OWNED | {"team": ""})), settings=SETTINGS))

    assert verdict.status == Status.FAIL
    assert "Its tag Owner says payments." in verdict.sentence
    assert verdict.facts["owner_tags"] == {"Owner": "payments"}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        pytest.param(Outcome.ACCESS_DENIED, Reason.ACCESS_DENIED, id="denied"),
        pytest.param(Outcome.THROTTLED, Reason.THROTTLED, id="throttled"),
        pytest.param(None, Reason.NEVER_COLLECTED, id="never collected"),
    ],
)
def test_unreadable_contacts_of_an_owned_and_confirmed_account_are_unknown(
    found: Any, reason: Reason
) -> None:
    verdict = judge(found)

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, reason)


def test_unreadable_contacts_leave_other_gaps_partial_and_incomplete() -> None:
    verdict = judge(Outcome.ACCESS_DENIED, confirmed_at=None)

    assert verdict.status == Status.PARTIAL
    assert verdict.incomplete


def test_no_addresses_are_kept_in_the_evidence() -> None:
    kept = judge().facts["contacts"]

    assert kept == {
        "security": "example.com",
        "billing": "example.com",
        "operations": "example.com",
    }


def test_the_discovery_sweep_is_kept_with_the_verdict() -> None:
    sweep = attested("inventory.contacts", level=Level.ORGANIZATION)
    values = {(ACCOUNT, account.contacts): ALL}

    verdict = contacts.judge(subject(values, row(**OWNED), settings=SETTINGS, attestations=[sweep]))

    assert verdict.facts["discovery_sweep"]["claim"] == "done"


class TestUnregisteredAccounts:
    company = Company(
        registered_ids=frozenset({MANAGEMENT, ACCOUNT}),
        sightings={"999999999999": "Trust policy of role Deploy."},
    )

    def judge(self, about: AccountRow, billed: Any) -> Verdict:
        values = {
            (about.account_id, account.contacts): ALL,
            (MANAGEMENT, ce.billed_accounts): billed,
        }
        return contacts.judge(subject(values, about, settings=SETTINGS, company=self.company))

    def test_ids_billed_or_seen_but_not_registered_are_found_at_the_management_account(
        self,
    ) -> None:
        billed = (MANAGEMENT, ACCOUNT, "888888888888")

        verdict = self.judge(row(MANAGEMENT, **OWNED), billed)

        found = {p.name: p for p in verdict.problems if p.code == "unregistered_account"}
        assert set(found) == {"888888888888", "999999999999"}
        assert all(problem.organization for problem in found.values())
        assert found["888888888888"].resource == "arn:aws:iam::888888888888:root"
        assert found["999999999999"].detail == "Trust policy of role Deploy."
        assert verdict.status == Status.PASS

    def test_accounts_of_vendors_are_none_of_them(self) -> None:
        about = row(MANAGEMENT, **OWNED)
        values = {(MANAGEMENT, account.contacts): ALL, (MANAGEMENT, ce.billed_accounts): (VENDOR,)}
        vendors = {VENDOR: "Cost vendor", "999999999999": "Scanner vendor"}
        settings = SETTINGS | {"VENDOR_ACCOUNTS": vendors}

        verdict = contacts.judge(subject(values, about, settings=settings, company=self.company))

        assert not verdict.problems

    def test_a_member_account_does_not_report_them(self) -> None:
        assert not self.judge(row(**OWNED), ("888888888888",)).problems

    def test_an_unreadable_bill_resolves_nothing(self) -> None:
        verdict = self.judge(row(MANAGEMENT, **OWNED), Outcome.ACCESS_DENIED)

        assert verdict.incomplete
        assert reported(verdict) == ["unregistered_account"]
