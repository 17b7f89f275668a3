"""Who administers which service, which services are trusted, whom the organization invited."""

from typing import Any

from hypothesis import given

from collectors.services.organizations import (
    DelegatedAdministrator,
    Invitation,
    Tags,
    delegated_administrators,
    invitations,
    service_access,
    tags,
)
from tests.collectors.services.canned import ACCOUNT, Refusal, by, collect, thinned

GUARDDUTY = {"ServicePrincipal": "guardduty.amazonaws.com"}
MACIE = {"ServicePrincipal": "macie.amazonaws.com"}
HANDSHAKE = {
    "Id": "h-1",
    "State": "OPEN",
    "Action": "INVITE",
    "Parties": [{"Id": "a1b2c3d4e5", "Type": "ORGANIZATION"}, {"Id": ACCOUNT, "Type": "ACCOUNT"}],
}


def test_it_lists_the_services_of_each_delegated_administrator() -> None:
    found = collect(
        delegated_administrators,
        {
            "list_delegated_administrators": {
                "DelegatedAdministrators": [{"Id": ACCOUNT, "Name": "Audit", "State": "ACTIVE"}]
            },
            "list_delegated_services_for_account": by(
                "AccountId",
                {ACCOUNT: [{"DelegatedServices": [GUARDDUTY]}, {"DelegatedServices": [MACIE]}]},
            ),
        },
    )

    services = ["guardduty.amazonaws.com", "macie.amazonaws.com"]
    assert found == (DelegatedAdministrator(ACCOUNT, "Audit", "ACTIVE", services),)


def test_an_administrator_that_was_removed_meanwhile_has_no_services() -> None:
    found = collect(
        delegated_administrators,
        {
            "list_delegated_administrators": {"DelegatedAdministrators": [{"Id": ACCOUNT}]},
            "list_delegated_services_for_account": Refusal("AccountNotRegisteredException"),
        },
    )

    assert not found[0].services


def test_it_lists_the_services_that_are_trusted() -> None:
    answers = {"list_aws_service_access_for_organization": {"EnabledServicePrincipals": [MACIE]}}

    assert collect(service_access, answers) == ("macie.amazonaws.com",)


def test_it_asks_for_invitations_only_and_names_the_invited_account() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    answers = {"list_handshakes_for_organization": {"Handshakes": [HANDSHAKE]}}

    found = collect(invitations, answers, asked=asked)

    assert [(one.id, one.account_id, one.is_open) for one in found] == [("h-1", ACCOUNT, True)]
    assert asked == [("list_handshakes_for_organization", {"Filter": {"ActionType": "INVITE"}})]


def test_an_invitation_by_address_names_no_account() -> None:
    by_mail = {**HANDSHAKE, "Parties": [{"Id": "new@example.com", "Type": "EMAIL"}]}
    answers = {"list_handshakes_for_organization": {"Handshakes": [by_mail]}}

    (found,) = collect(invitations, answers)

    assert (found.account_id, found.email) == ("", "new@example.com")


@given(thinned({"list_handshakes_for_organization": {"Handshakes": [HANDSHAKE]}}))
def test_an_invitation_with_fields_missing_is_open_only_if_aws_says_so(answers: Any) -> None:
    found: tuple[Invitation, ...] = collect(invitations, answers, is_checked=False)

    (sent,) = answers["list_handshakes_for_organization"]["Handshakes"]
    assert any(one.is_open for one in found) == (sent.get("State") == "OPEN" and "Id" in sent)


def test_it_reads_the_tags_of_an_account() -> None:
    answers = {"list_tags_for_resource": {"Tags": [{"Key": "owner", "Value": "payments"}]}}

    assert collect(tags, answers) == Tags({"owner": "payments"})


def test_an_account_that_left_meanwhile_has_no_tags() -> None:
    gone = Refusal("TargetNotFoundException")

    assert collect(tags, {"list_tags_for_resource": gone}) == Tags()
