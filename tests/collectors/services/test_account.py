"""An account's Regions, contacts and primary e-mail address."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.account import (
    AlternateContact,
    Contacts,
    PrimaryEmail,
    contacts,
    primary_email,
    regions,
)
from tests.collectors.services.canned import (
    ACCOUNT,
    MANAGEMENT,
    Answers,
    Refusal,
    by,
    collect,
    thinned,
)

Asked = list[tuple[str, dict[str, Any]]]

LISTED = [
    {"Regions": [{"RegionName": "us-east-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"}]},
    {
        "Regions": [
            {"RegionName": "ap-east-1", "RegionOptStatus": "ENABLED"},
            {"RegionName": "me-south-1", "RegionOptStatus": "DISABLED"},
            {"RegionName": "af-south-1", "RegionOptStatus": "ENABLING"},
        ]
    },
]
DESCRIBED = {
    "Regions": [
        {"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"},
        {"RegionName": "ap-east-1", "OptInStatus": "opted-in"},
        {"RegionName": "me-south-1", "OptInStatus": "not-opted-in"},
    ]
}
NONE = Refusal("ResourceNotFoundException")


def contact(kind: str) -> dict[str, Any]:
    return {
        "AlternateContact": {
            "Name": "Security",
            "Title": "Team",
            "EmailAddress": "soc@example.com",
            "PhoneNumber": "+49 30 1",
            "AlternateContactType": kind,
        }
    }


SECURITY = contact("SECURITY")
INFORMATION = {
    "ContactInformation": {
        "FullName": "Example",
        "AddressLine1": "Street 1",
        "City": "Berlin",
        "PostalCode": "10115",
        "CountryCode": "DE",
        "PhoneNumber": "+49 30 2",
        "CompanyName": "Example AG",
    }
}


def contact_answers(security: Any = SECURITY) -> Answers:
    kinds = {"SECURITY": security, "BILLING": NONE, "OPERATIONS": NONE}
    return {
        "get_alternate_contact": by("AlternateContactType", kinds),
        "get_contact_information": INFORMATION,
    }


class TestRegions:
    def test_the_management_account_tells_those_of_a_member(self) -> None:
        asked: Asked = []

        found = collect(regions, {"list_regions": LISTED}, asked=asked)

        assert found.enabled == ["ap-east-1", "us-east-1"]
        assert found.disabled == ["af-south-1", "me-south-1"]
        assert asked == [("list_regions", {"AccountId": ACCOUNT})]

    def test_its_own_are_asked_without_its_id(self) -> None:
        asked: Asked = []

        collect(regions, {"list_regions": LISTED}, target=MANAGEMENT, asked=asked)

        assert asked == [("list_regions", {})]

    def test_the_account_is_asked_where_the_management_account_is_denied(self) -> None:
        asked: Asked = []

        found = collect(
            regions, {"list_regions": Refusal()}, own={"list_regions": LISTED}, asked=asked
        )

        assert found.enabled == ["ap-east-1", "us-east-1"]
        assert asked[-1] == ("list_regions", {})

    def test_ec2_is_asked_where_both_are_denied(self) -> None:
        own = {"list_regions": Refusal(), "describe_regions": DESCRIBED}
        asked: Asked = []

        found = collect(regions, {"list_regions": Refusal()}, own=own, asked=asked)

        assert found.enabled == ["ap-east-1", "us-east-1"]
        assert asked[-1] == ("describe_regions", {"AllRegions": True})

    def test_ec2_is_asked_where_the_account_api_has_no_answer(self) -> None:
        broken = Refusal("404", Outcome.API_ERROR)

        found = collect(regions, {"list_regions": broken}, own={"describe_regions": DESCRIBED})

        assert found.enabled == ["ap-east-1", "us-east-1"]

    def test_they_are_missing_where_all_are_denied(self) -> None:
        own = {"list_regions": Refusal(), "describe_regions": Refusal("UnauthorizedOperation")}

        with pytest.raises(Missing):
            collect(regions, {"list_regions": Refusal()}, own=own)

    def test_throttling_is_not_worked_around(self) -> None:
        throttled = Refusal("TooManyRequestsException", Outcome.THROTTLED)

        with pytest.raises(Missing) as missing:
            collect(regions, {"list_regions": throttled}, own={"list_regions": LISTED})

        assert missing.value.outcome == Outcome.THROTTLED

    @given(thinned({"list_regions": LISTED}))
    def test_a_region_is_enabled_only_if_aws_says_so(self, answers: Any) -> None:
        found = collect(regions, answers, is_checked=False)

        assert set(found.enabled) <= {"ap-east-1", "us-east-1", "TOMORROW"}


class TestContacts:
    def test_a_type_without_contact_is_a_fact(self) -> None:
        found = collect(contacts, contact_answers())

        assert set(found.alternate) == {"SECURITY"}
        assert found.alternate["SECURITY"].email_address == "soc@example.com"
        assert (found.company_name, found.country_code) == ("Example AG", "DE")

    def test_all_four_fields_of_an_alternate_contact_are_kept(self) -> None:
        found = collect(contacts, contact_answers())

        kept = AlternateContact("soc@example.com", "Security", "Team", "+49 30 1")
        assert found.alternate["SECURITY"] == kept

    def test_the_primary_contacts_address_and_telephone_number_are_not(self) -> None:
        kept = repr(collect(contacts, contact_answers()))

        assert "+49 30 2" not in kept
        assert "Street" not in kept

    def test_the_account_is_asked_where_the_management_account_is_denied(self) -> None:
        denied = {"get_alternate_contact": Refusal(), "get_contact_information": Refusal()}

        found = collect(contacts, denied, own=contact_answers())

        assert set(found.alternate) == {"SECURITY"}

    def test_denied_contacts_are_missing_and_not_absent(self) -> None:
        denied = {"get_alternate_contact": Refusal(), "get_contact_information": Refusal()}

        with pytest.raises(Missing):
            collect(contacts, denied, own=denied)

    @given(thinned({"security": SECURITY}))
    def test_a_contact_is_there_only_with_its_address(self, answers: Any) -> None:
        found: Contacts = collect(contacts, contact_answers(**answers), is_checked=False)

        sent = answers["security"].get("AlternateContact", {})
        assert ("SECURITY" in found.alternate) == ("EmailAddress" in sent)


class TestPrimaryEmail:
    def test_the_management_account_tells_a_members(self) -> None:
        answers = {"get_primary_email": {"PrimaryEmail": "aws+pay@example.com"}}

        assert collect(primary_email, answers) == PrimaryEmail("aws+pay@example.com")

    def test_its_own_cannot_be_asked_for(self) -> None:
        asked: Asked = []

        assert collect(primary_email, {}, target=MANAGEMENT, asked=asked) == PrimaryEmail()
        assert not asked
