"""People reach the account through single sign-on, and no user has a console password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import iam, sso_admin
from collectors.services.iam import Authorization, Role, SamlProvider, Trust, User, Users
from collectors.services.sso_admin import Access, PermissionSet
from roadmap.items.identity import sso
from roadmap.items.identity.sso import item
from roadmap.subject import Company, Excepted
from roadmap.verdicts import Reason, Severity, Source, Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, NOW, attested, codes, row, standalone, subject

Facts = dict[tuple[Any, ...], Any]
IDENTITY, IDENTITY_2 = "666666666666", "555555555555"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111111111111111"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corporate"
NEXT_YEAR, YESTERDAY = NOW + timedelta(days=365), NOW - timedelta(days=1)


def arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


def person(name: str = "ann", *, mfa: bool | None = False, password: bool | None = True) -> User:
    return User(name, arn(name), NOW, has_password=password, has_mfa=mfa)


def of_users(*found: User, account: str = ACCOUNT) -> Facts:
    return {(account, iam.users): Users(found, reported_at=NOW)}


def assigned(*groups: str, account: str = ACCOUNT, instance: str = INSTANCE, **more: Any) -> Facts:
    """A permission set with these groups."""
    sets = (PermissionSet("arn:ps", "View", groups=groups),)
    return {(account, sso_admin.access): Access(instance, "us-east-1", sets, **more)}


def provider(until: datetime | None = NEXT_YEAR, name: str = PROVIDER) -> Facts:
    return {(ACCOUNT, iam.saml_providers): (SamlProvider(name, until),)}


def trusting(*principals: str, account: str = ACCOUNT) -> Facts:
    role = Role("Engineer", f"arn:aws:iam::{account}:role/Engineer", trusts=(Trust(principals),))
    return {(account, iam.authorization): Authorization(roles=(role,))}


def nothing(account: str) -> Facts:
    return of_users(account=account) | {
        (account, sso_admin.access): Access(INSTANCE, "us-east-1"),
        (account, iam.saml_providers): (),
        (account, iam.authorization): Authorization(),
    }


NOTHING = nothing(ACCOUNT)
BY_SAML = provider() | trusting(f"Federated:{PROVIDER}")
FOR_IDENTITY = trusting(f"arn:aws:iam::{IDENTITY}:root")
IDENTITY_PASSES = nothing(IDENTITY) | assigned("g1", account=IDENTITY)
# The identity account lets in the users of another.
IN_TURN = nothing(IDENTITY) | trusting(IDENTITY_2, account=IDENTITY) | nothing(IDENTITY_2)
NAMED = {"IDENTITY_ACCOUNTS": [IDENTITY, IDENTITY_2]}


def judge(found: Facts, **more: Any) -> Verdict:
    return sso.judge(subject(NOTHING | found, **more))


WAYS: dict[str, tuple[Facts, str]] = {
    "Identity Center": (assigned("g1"), "IAM Identity Center with 1 permission set"),
    "SAML": (BY_SAML, "SAML provider Corporate"),
    "an identity account": (FOR_IDENTITY | IDENTITY_PASSES, f"role Engineer for {IDENTITY}"),
    "an identity account that another leads to": (
        FOR_IDENTITY | IN_TURN | assigned("g1", account=IDENTITY_2),
        f"role Engineer for {IDENTITY}",
    ),
    "an identity account, whatever was not seen of it besides": (
        FOR_IDENTITY | IDENTITY_PASSES | {(IDENTITY, iam.saml_providers): Outcome.ACCESS_DENIED},
        f"role Engineer for {IDENTITY}",
    ),
}
NO_WAYS: dict[str, Facts] = {
    "nothing": {},
    "a permission set without assignment": assigned(),
    "no instance": assigned("g1", instance=""),
    "an expired SAML provider": provider(YESTERDAY) | trusting(f"Federated:{PROVIDER}"),
    "a SAML provider without date that no role trusts": provider(None),
    "identity accounts that only lead to each other": FOR_IDENTITY
    | IN_TURN
    | trusting(IDENTITY, account=IDENTITY_2),
    "a SAML provider that no role trusts": provider() | trusting("Service:ec2.amazonaws.com"),
    "Identity Center's own SAML provider": provider(name=f"{PROVIDER[:-9]}AWSSSO_1_DO_NOT_DELETE")
    | trusting(f"Federated:{PROVIDER[:-9]}AWSSSO_1_DO_NOT_DELETE"),
    "a role for an account that is not named": trusting("arn:aws:iam::777777777777:root"),
    "a role for the identity account and others": IDENTITY_PASSES
    | trusting(f"arn:aws:iam::{IDENTITY}:root", "arn:aws:iam::777777777777:root"),
    "a role for the identity account and a service": IDENTITY_PASSES
    | trusting(IDENTITY, "Service:ec2.amazonaws.com"),
    "a role for everybody": trusting("*"),
    "an identity account with console users": FOR_IDENTITY
    | IDENTITY_PASSES
    | of_users(User("bo", arn("bo", IDENTITY), has_password=True), account=IDENTITY),
    "an identity account without single sign-on": FOR_IDENTITY
    | IDENTITY_PASSES
    | {(IDENTITY, sso_admin.access): Access()},
}


@pytest.mark.parametrize(("found", "name"), WAYS.values(), ids=WAYS)
def test_a_federated_way_without_console_users_passes(found: Facts, name: str) -> None:
    verdict = judge(found, settings=NAMED)
    assert (verdict.status, verdict.rule) == (Status.PASS, "federated, no console user")
    assert name in verdict.sentence
    assert not verdict.problems
    assert not verdict.incomplete


@pytest.mark.parametrize(("found", "name"), WAYS.values(), ids=WAYS)
def test_with_console_users_left_it_is_partial(found: Facts, name: str) -> None:
    verdict = judge(found | of_users(person(), person("bo")), settings=NAMED)
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "federated, console users left")
    assert f"{name}, but 2 users sign in with a console password: ann and bo" in verdict.sentence
    assert codes(verdict) == {"console_user"}


@pytest.mark.parametrize("found", NO_WAYS.values(), ids=NO_WAYS)
def test_console_users_without_a_federated_way_fail(found: Facts) -> None:
    verdict = judge(found | of_users(person()), settings=NAMED)
    assert (verdict.status, verdict.rule) == (Status.FAIL, "console users, not federated")
    assert {"console_user", "no_federation"} <= codes(verdict)
    assert "1 user signs in with a console password: ann" in verdict.sentence


ANSWERS: dict[str, tuple[list[Any], Status, Reason, str]] = {
    "nobody said": ([], Status.UNKNOWN, Reason.NOT_ATTESTED, "not attested"),
    "people work there": (
        [attested("identity.sso", "not_done")],
        Status.UNKNOWN,
        Reason.NOT_ATTESTED,
        "not attested",
    ),
    "nobody works there": (
        [attested("identity.sso")],
        Status.NOT_APPLICABLE,
        Reason.NO_RESOURCES,
        "no human access",
    ),
    "said long ago": (
        [attested("identity.sso", days_left=0)],
        Status.UNKNOWN,
        Reason.ATTESTATION_EXPIRED,
        "attestation expired",
    ),
}


@pytest.mark.parametrize(("said", "status", "reason", "rule"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("found", NO_WAYS.values(), ids=NO_WAYS)
def test_where_nobody_comes_in_a_person_has_to_say_so(
    found: Facts, said: list[Any], status: Status, reason: Reason, rule: str
) -> None:
    verdict = judge(found, attestations=said, settings=NAMED)
    assert (verdict.status, verdict.reason, verdict.rule) == (status, reason, rule)
    assert verdict.source == Source.ATTESTED


@pytest.mark.parametrize("found", [of_users(person()), assigned("g1") | of_users(person())])
def test_an_answer_lifts_nothing(found: Facts) -> None:
    said = [attested("identity.sso")]
    assert judge(found, attestations=said).status == judge(found).status != Status.PASS


@pytest.mark.parametrize(
    ("mfa", "severity"), [(True, Severity.MEDIUM), (False, None), (None, None)], ids=str
)
def test_a_console_user_with_mfa_is_less_bad(mfa: bool | None, severity: Severity | None) -> None:
    (problem,) = judge(assigned("g1") | of_users(person(mfa=mfa))).problems
    assert (problem.code, problem.resource) == ("console_user", arn("ann"))
    assert problem.severity == severity


def test_an_expired_saml_provider_is_a_finding() -> None:
    verdict = judge(assigned("g1") | provider(YESTERDAY))
    (problem,) = verdict.problems
    assert (verdict.status, problem.code, problem.resource) == (
        Status.PASS,
        "saml_expired",
        PROVIDER,
    )
    assert "2026-11-23" in problem.detail


def test_an_instance_of_the_account_itself_is_a_finding() -> None:
    verdict = judge(assigned("g1", own_instances=("arn:own",)))
    (problem,) = verdict.problems
    assert (problem.code, problem.resource) == ("account_identity_center_instance", "arn:own")


def test_every_declared_finding_is_tested() -> None:
    found = judge(provider(YESTERDAY) | assigned(own_instances=("arn:own",)) | of_users(person()))
    assert codes(found) == set(item.findings)


@pytest.mark.parametrize(
    "more",
    [
        {"settings": {"BREAK_GLASS_USERS": [arn("ann")]}},
        {"exceptions": [Excepted("identity.sso", "arn:aws:iam::*:user/ann")]},
    ],
    ids=["kept for emergencies", "excepted"],
)
def test_some_console_users_may_be_there(more: dict[str, Any]) -> None:
    verdict = judge(assigned("g1") | of_users(person()), **more)
    assert (verdict.status, codes(verdict)) == (Status.PASS, set())


SOURCES = [(ACCOUNT, sso_admin.access), (ACCOUNT, iam.saml_providers)]


@pytest.mark.parametrize("source", SOURCES, ids=["Identity Center", "SAML providers"])
@pytest.mark.parametrize("people", [(), (person(),)], ids=["nobody", "console user"])
def test_a_way_that_could_not_be_looked_for_may_be_there(
    source: tuple[Any, ...], people: tuple[User, ...]
) -> None:
    verdict = judge(of_users(*people) | {source: Outcome.ACCESS_DENIED})
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert codes(verdict) == ({"console_user"} if people else set())


def test_who_trusts_a_provider_may_not_be_known() -> None:
    verdict = judge(provider() | {(ACCOUNT, iam.authorization): Outcome.THROTTLED})
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.THROTTLED)


def test_a_provider_of_which_no_date_is_told_may_be_valid() -> None:
    found = provider(None) | trusting(f"Federated:{PROVIDER}") | of_users(person())
    verdict = judge(found)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.API_ERROR)
    assert "Corporate" in verdict.sentence


@pytest.mark.parametrize("unseen", [iam.users, sso_admin.access], ids=str)
def test_an_identity_account_that_was_not_seen_may_be_one(unseen: Any) -> None:
    stale = {(IDENTITY, unseen): Outcome.STALE}
    verdict = judge(FOR_IDENTITY | IDENTITY_PASSES | stale, settings=NAMED)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.STALE)


def test_one_way_in_is_enough() -> None:
    verdict = judge(assigned("g1") | {(ACCOUNT, iam.saml_providers): Outcome.ACCESS_DENIED})
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


def test_where_aws_has_no_identity_center_the_others_count() -> None:
    lacking = {(ACCOUNT, sso_admin.access): Outcome.SERVICE_UNAVAILABLE}
    assert judge(BY_SAML | lacking).incomplete is False
    assert judge(of_users(person()) | lacking).status == Status.FAIL


def test_passwords_that_nobody_told_of_are_not_none() -> None:
    told = Users((person(password=None),), None, "Not ready.", Outcome.JOB_TIMEOUT)
    verdict = judge(assigned("g1") | {(ACCOUNT, iam.users): told})
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.JOB_TIMEOUT)
    assert "ann" in verdict.sentence


@pytest.mark.parametrize(
    ("found", "status"), [(assigned("g1"), Status.PARTIAL), ({}, Status.FAIL)], ids=["way", "none"]
)
def test_a_console_user_decides_whatever_is_not_known_of_others(
    found: Facts, status: Status
) -> None:
    users = of_users(person("bo", password=None), person())
    verdict = judge(found | users)
    assert (verdict.status, verdict.incomplete) == (status, True)


def test_users_that_were_not_seen_are_not_none() -> None:
    for answers in ([], [attested("identity.sso")]):
        verdict = judge({(ACCOUNT, iam.users): Outcome.ACCESS_DENIED}, attestations=answers)
        assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_standalone_account_has_no_identity_center() -> None:
    unseen = {(ACCOUNT, sso_admin.access): Outcome.NEVER_COLLECTED}
    assert judge(BY_SAML | unseen, account=standalone()).status == Status.PASS
    verdict = judge(of_users(person()) | unseen, account=standalone())
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, False)


def test_the_identity_accounts_name_is_said_where_it_is_known() -> None:
    company = Company(accounts={IDENTITY: row(IDENTITY, name="Users")})
    verdict = judge(FOR_IDENTITY | IDENTITY_PASSES, settings=NAMED, company=company)
    assert f"role Engineer for {IDENTITY} (Users)" in verdict.sentence


def test_the_identity_account_itself_does_not_vouch_for_itself() -> None:
    own = {"IDENTITY_ACCOUNTS": [ACCOUNT]}
    found = trusting(f"arn:aws:iam::{ACCOUNT}:root") | of_users(person())
    assert judge(found, settings=own).status == Status.FAIL


def test_the_evidence_holds_ids_and_no_dates_that_pass_by_themselves() -> None:
    facts = judge(assigned("g1", "g2") | of_users(person())).facts
    assert facts["permission_sets"] == [
        {"name": "View", "arn": "arn:ps", "groups": ("g1", "g2"), "users": ()}
    ]
    assert facts["console_users"] == [{"name": "ann", "mfa": False, "last_used_on": None}]
