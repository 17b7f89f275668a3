from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws, clients
from tests.simulated_aws.callers import Callers, error_code


def _role(demo: SimulatedAws, account: str) -> str:
    return f"arn:aws:iam::{account}:role/{demo.world['member_role_name']}"


def _assume(demo: SimulatedAws, role_arn: str, external_id: str | None) -> Any:
    return demo.assume(demo.session(as_collector=True), role_arn, external_id)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("iam", "list_users", "InvalidClientTokenId"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("organizations", "list_accounts", "UnrecognizedClientException"),
        ("guardduty", "list_detectors", "UnrecognizedClientException"),
    ],
)
def test_credentials_nobody_handed_out_are_refused(
    demo: SimulatedAws, service: str, operation: str, code: str
) -> None:
    stranger = clients.session_for(
        {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "unknown"}
    )
    with pytest.raises(ClientError) as refused:
        getattr(clients.client(stranger, service, demo.url), operation)()
    assert error_code(refused.value) == code


def test_a_session_without_its_token_is_refused(demo: SimulatedAws, callers: Callers) -> None:
    role = _role(demo, callers.account("storefront-prod"))
    credentials = _assume(demo, role, demo.world["external_id"]).get_credentials()
    halved = {"AccessKeyId": credentials.access_key, "SecretAccessKey": credentials.secret_key}
    sts = clients.client(clients.session_for(halved), "sts", demo.url)
    with pytest.raises(ClientError) as refused:
        sts.get_caller_identity()
    assert error_code(refused.value) == "InvalidClientTokenId"


def test_a_session_that_is_over_is_refused_as_expired(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    iam = callers.member("storefront-prod", "iam")
    assert iam.list_users()["Users"] == []

    changing_demo.expire_sessions()
    with pytest.raises(ClientError) as refused:
        iam.list_users()
    assert error_code(refused.value) == "ExpiredToken"
    assert callers.member("storefront-prod", "iam").list_users()["Users"] == []


@pytest.mark.parametrize(
    "account",
    ["tracking-prod", "fernhill-legacy", "old-intranet", "promo-site"],
    ids=["role missing", "another external id", "suspended", "being closed"],
)
def test_a_role_cannot_be_assumed_when_it(
    demo: SimulatedAws, callers: Callers, account: str
) -> None:
    with pytest.raises(ClientError) as refused:
        _assume(demo, _role(demo, callers.account(account)), demo.world["external_id"])
    assert error_code(refused.value) == "AccessDenied"


@pytest.mark.parametrize("external_id", [None, "guessed"])
def test_a_role_wants_its_external_id(
    demo: SimulatedAws, callers: Callers, external_id: str | None
) -> None:
    with pytest.raises(ClientError) as refused:
        _assume(demo, _role(demo, callers.account("storefront-prod")), external_id)
    assert error_code(refused.value) == "AccessDenied"


def test_a_role_cannot_be_assumed_by_who_it_does_not_trust(
    demo: SimulatedAws, callers: Callers
) -> None:
    role = _role(demo, callers.account("storefront-prod"))
    with pytest.raises(ClientError) as refused:
        demo.assume(demo.session(), role, demo.world["external_id"])
    assert error_code(refused.value) == "AccessDenied"


def test_the_management_role_may_assume_the_member_role(
    demo: SimulatedAws, callers: Callers
) -> None:
    management = _assume(demo, demo.world["management_role_arn"], demo.world["external_id"])
    member = demo.assume(
        management, _role(demo, callers.account("ledger-prod")), demo.world["external_id"]
    )
    identity = clients.client(member, "sts", demo.url).get_caller_identity()
    assert identity["Account"] == "003344556677"


def test_every_account_answers_as_itself_to_sixteen_callers_at_once(
    demo: SimulatedAws, callers: Callers
) -> None:
    unreachable = {"tracking-prod", "fernhill-legacy", "logistics-dev"}
    accounts = [
        a for a in demo.world["accounts"] if a["state"] == "ACTIVE" and a["name"] not in unreachable
    ]

    def identity(account: dict[str, Any]) -> tuple[str, str, str]:
        sts = callers.member(account["name"], "sts")
        iam = callers.member(account["name"], "iam")
        role = iam.get_role(RoleName="CairnReadOnly")["Role"]["Arn"]
        return account["id"], sts.get_caller_identity()["Account"], role.split(":")[4]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(identity, accounts * 2))
    assert len(answers) == 2 * len(accounts)
    assert all(own == said == holds for own, said, holds in answers)
