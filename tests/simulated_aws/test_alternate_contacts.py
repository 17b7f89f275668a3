"""Alternate contacts are taken and refused as AWS takes and refuses them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from tests.simulated_aws.callers import Callers, error_code

NINA = {
    "Name": "Nina Vogel",
    "Title": "Duty manager",
    "EmailAddress": "nina@example.com",
    "PhoneNumber": "+49 (30) 123-456",
    "AlternateContactType": "SECURITY",
}


def code_of(call: Any, **parameters: str) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return error_code(refused.value)


def test_the_contacts_role_writes_members_and_its_own_account(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.contacts()
    ledger = callers.account("ledger-prod")
    account.put_alternate_contact(AccountId=ledger, **NINA)
    account.put_alternate_contact(**NINA)
    for whom in ({"AccountId": ledger}, {}):
        answer = account.get_alternate_contact(AlternateContactType="SECURITY", **whom)
        assert answer["AlternateContact"] == NINA


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", "N" * 65),
        ("Title", "T" * 51),
        ("EmailAddress", "o'hara@example.com"),
        ("EmailAddress", "nobody"),
        ("EmailAddress", f"{'a' * 250}@example.com"),
        ("PhoneNumber", "+49 30 ext 5"),
        ("PhoneNumber", "1" * 26),
        ("AlternateContactType", "LEGAL"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_its_field(
    callers: Callers, field: str, value: str
) -> None:
    with pytest.raises(ClientError) as refused:
        callers.contacts().put_alternate_contact(**{**NINA, field: value})
    assert error_code(refused.value) == "ValidationException"
    assert field.lower() in str(refused.value).lower()


def test_the_longest_values_are_taken(changing_demo: SimulatedAws, callers: Callers) -> None:
    longest = {"Name": "N" * 64, "Title": "T" * 50, "PhoneNumber": "1" * 25}
    callers.contacts().put_alternate_contact(**{**NINA, **longest})


def test_it_may_write_nothing_else_and_others_may_not_write(
    demo: SimulatedAws, callers: Callers
) -> None:
    account, ledger = callers.contacts(), callers.account("ledger-prod")
    denied = "AccessDeniedException"
    kind = {"AlternateContactType": "SECURITY"}
    assert code_of(account.delete_alternate_contact, AccountId=ledger, **kind) == denied
    assert code_of(account.get_contact_information, AccountId=ledger) == denied
    assert code_of(account.put_alternate_contact, AccountId="999999999999", **NINA) == denied
    assert code_of(account.put_alternate_contact, AccountId="111122223333", **NINA) == denied
    reading = callers.management("account")
    assert code_of(reading.put_alternate_contact, AccountId=ledger, **NINA) == denied
    member = callers.member("ledger-prod", "account")
    assert code_of(member.put_alternate_contact, **NINA) == denied


def test_writing_members_needs_trusted_access(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    changing_demo.client("organizations").disable_aws_service_access(
        ServicePrincipal="account.amazonaws.com"
    )
    account = callers.contacts()
    with pytest.raises(ClientError, match="Trusted access"):
        account.put_alternate_contact(AccountId=callers.account("ledger-prod"), **NINA)
    account.put_alternate_contact(**NINA)


def test_too_many_requests_are_answered_so(changing_demo: SimulatedAws, callers: Callers) -> None:
    changing_demo.add_answer(
        service="account", operation="PutAlternateContact", error="throttled", times=1
    )
    account = callers.contacts()
    assert code_of(account.put_alternate_contact, **NINA) == "TooManyRequestsException"
    account.put_alternate_contact(**NINA)


def test_a_contact_that_is_not_there_is_not_deleted(changing_demo: SimulatedAws) -> None:
    account = changing_demo.client("account", "414141414141")
    kind = {"AlternateContactType": "SECURITY"}
    assert code_of(account.delete_alternate_contact, **kind) == "ResourceNotFoundException"
    account.put_alternate_contact(**NINA)
    account.delete_alternate_contact(**kind)
    assert code_of(account.get_alternate_contact, **kind) == "ResourceNotFoundException"
