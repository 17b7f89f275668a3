"""The root user's address is a company mailing list that several people read."""

from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import account, organizations
from collectors.services.organizations import Account, Listing, Organization
from roadmap.items.inventory import root_email
from roadmap.subject import AccountRow, Attested, Company
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import (
    ACCOUNT,
    MANAGEMENT,
    ORGANIZATION,
    reported,
    row,
    standalone,
    subject,
)
from tests.roadmap.items.subjects import attested as answer

ADDRESS = "aws+prod@example.com"
PATTERN = r"aws\+.*@example\.com"
SETTINGS = {"COMPANY_EMAIL_DOMAINS": ["example.com"], "ROOT_EMAIL_LIST_PATTERNS": [PATTERN]}


def attested(claim: str = "done", level: str = "account", **more: Any) -> Attested:
    return answer("inventory.root_email", claim, level, **more)


def judge(
    *attestations: Attested,
    address: str = ADDRESS,
    settings: dict[str, Any] | None = None,
    account_row: AccountRow | None = None,
    uses: int = 1,
    primary: Any = None,
) -> Verdict:
    listing = Listing(
        Organization(ORGANIZATION, management_account_id=MANAGEMENT),
        accounts=[Account(ACCOUNT, email=address)],
    )
    values: dict[tuple[Any, ...], Any] = {(MANAGEMENT, organizations.listing): listing}
    if primary is not None:
        values[ACCOUNT, account.primary_email] = primary
    company = Company(root_emails={address.lower(): uses})
    return root_email.judge(
        subject(
            values,
            account_row or row(),
            settings=SETTINGS if settings is None else settings,
            company=company,
            attestations=attestations,
        )
    )


@pytest.mark.parametrize(
    "attestation",
    [
        pytest.param(attested(), id="account's owner, of its address"),
        pytest.param(attested(about="AWS+Prod@example.com"), id="account's owner, by address"),
        pytest.param(attested(level="organization", about=ADDRESS), id="organization, address"),
        pytest.param(attested(level="organization", about=PATTERN), id="organization, pattern"),
    ],
)
def test_a_company_address_proven_to_be_a_list_passes(attestation: Attested) -> None:
    verdict = judge(attestation)

    assert verdict.status == Status.PASS
    assert verdict.sentence == f"The root address {ADDRESS} is a company list."


@pytest.mark.parametrize(
    ("attestations", "said"),
    [
        pytest.param([], "nobody has said", id="not attested"),
        pytest.param([attested(days_left=-1)], "has expired", id="attestation expired"),
        pytest.param([attested(claim="partly")], "only in part", id="partly"),
        pytest.param([attested(about="aws+old@example.com")], "nobody", id="about another address"),
        pytest.param([attested(level="organization")], "nobody", id="organization, about nothing"),
        pytest.param(
            [attested(level="organization", about=r"root@.*")], "nobody", id="pattern not set"
        ),
    ],
)
def test_a_company_address_without_proof_is_partial(
    attestations: list[Attested], said: str
) -> None:
    verdict = judge(*attestations)

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["root_email_unproven"]
    assert said in verdict.sentence


def test_an_address_that_two_accounts_use_does_not_pass() -> None:
    verdict = judge(attested(), uses=2)

    assert verdict.status == Status.PARTIAL
    assert verdict.facts["is_unique"] is False


def test_a_partial_answer_names_all_that_is_lacking() -> None:
    assert judge(uses=2).sentence == (
        f"The root address {ADDRESS} is the company's, but nobody has said that it is a list and "
        "more than one account uses it."
    )


def test_a_pattern_that_is_no_regular_expression_matches_nothing() -> None:
    broken = SETTINGS | {"ROOT_EMAIL_LIST_PATTERNS": ["aws+*+("]}

    verdict = judge(attested(level="organization", about="aws+*+("), settings=broken)

    assert verdict.status == Status.PARTIAL


def test_an_address_elsewhere_fails_whatever_people_say() -> None:
    verdict = judge(attested(), address="someone@gmail.com")

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["root_email_foreign"]


def test_a_subdomain_that_is_not_set_is_not_the_companys() -> None:
    assert judge(attested(), address="aws@evil-example.com").status == Status.FAIL


def test_an_address_of_one_person_fails() -> None:
    verdict = judge(attested(claim="not_done"))

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["root_email_single_person"]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"settings": {"COMPANY_EMAIL_DOMAINS": []}}, ["root_email_single_person"]),
        ({"address": ""}, ["root_email_single_person"]),
        ({"address": "a@gmail.com"}, ["root_email_foreign", "root_email_single_person"]),
    ],
    ids=["no company domains", "address not known", "elsewhere"],
)
def test_an_address_of_one_person_fails_whatever_else_is_known(
    more: dict[str, Any], found: list[str]
) -> None:
    verdict = judge(attested(claim="not_done"), **more)

    assert verdict.status == Status.FAIL
    assert reported(verdict) == found
    assert "one person" in verdict.sentence


def test_the_accounts_own_answer_counts_before_the_organizations() -> None:
    verdict = judge(attested(claim="not_done"), attested(level="organization", about=PATTERN))

    assert verdict.status == Status.FAIL


def test_an_expired_own_answer_gives_way_to_the_organizations() -> None:
    own = attested(claim="not_done", days_left=-1)

    assert judge(own, attested(level="organization", about=PATTERN)).status == Status.PASS


def test_without_company_domains_it_is_unknown() -> None:
    verdict = judge(attested(), settings={"COMPANY_EMAIL_DOMAINS": []})

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_CONFIGURED)


def test_an_address_that_aws_did_not_tell_is_unknown() -> None:
    verdict = judge(attested(), address="")

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.UNDETERMINED)


class TestStandaloneAccount:
    @pytest.mark.parametrize(
        ("attestations", "reason"),
        [
            pytest.param([], Reason.NOT_ATTESTED, id="not attested"),
            pytest.param([attested(days_left=-1)], Reason.ATTESTATION_EXPIRED, id="expired"),
        ],
    )
    def test_it_is_unknown_without_an_answer(
        self, attestations: list[Attested], reason: Reason
    ) -> None:
        verdict = judge(*attestations, account_row=standalone(email=ADDRESS))

        assert (verdict.status, verdict.reason) == (Status.UNKNOWN, reason)

    def test_its_recorded_address_passes_with_an_answer(self) -> None:
        assert judge(attested(), account_row=standalone(email=ADDRESS)).status == Status.PASS

    def test_its_recorded_address_elsewhere_fails(self) -> None:
        verdict = judge(attested(), account_row=standalone(email="me@gmail.com"))

        assert verdict.status == Status.FAIL


def test_a_listing_that_was_not_collected_is_missing() -> None:
    with pytest.raises(Missing) as missing:
        root_email.judge(subject({}, row(), settings=SETTINGS))

    assert missing.value.outcome == Outcome.NEVER_COLLECTED


@pytest.mark.parametrize(
    ("primary", "agrees"),
    [
        pytest.param(account.PrimaryEmail("AWS+prod@example.com"), True, id="agrees"),
        pytest.param(account.PrimaryEmail("other@example.com"), False, id="differs"),
        pytest.param(Outcome.ACCESS_DENIED, None, id="denied"),
    ],
)
def test_the_primary_address_only_cross_checks(primary: Any, agrees: bool | None) -> None:
    verdict = judge(attested(), primary=primary)

    assert verdict.status == Status.PASS
    assert verdict.facts["primary_email_agrees"] is agrees
