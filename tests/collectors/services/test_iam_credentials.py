"""Users with their passwords and keys, the account summary and identity providers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.iam import (
    AccessKey,
    AccountSummary,
    SamlProvider,
    User,
    Users,
    account_summary,
    saml_providers,
    users,
)
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, by, collect, thinned

SETTINGS = {"JOB_TIMEOUT_SECONDS": 10}
COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info"
)
ROOT_ROW = (
    f"<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-02-11T08:00:00+00:00,not_supported,"
    "2026-01-05T10:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,"
    "N/A,N/A,N/A,false,N/A,false,N/A,N/A"
)
MADE, USED = datetime(2024, 3, 1, 9, tzinfo=UTC), datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
NO_SUCH_USER = Refusal("NoSuchEntity", Outcome.API_ERROR)


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def line(
    name: str,
    *,
    console: str = "false",
    key_1: str = "false,N/A,N/A,N/A,N/A",
    key_2: str = "false,N/A,N/A,N/A,N/A",
    more: str = "N/A",
) -> str:
    password_used = "no_information" if console == "true" else "N/A"
    return (
        f"{name},{arn(name)},2024-03-01T09:00:00+00:00,{console},{password_used},N/A,N/A,false,"
        f"{key_1},{key_2},false,N/A,false,N/A,{more}"
    )


ACTIVE_KEY = "true,2024-03-01T09:00:00+00:00,2026-11-20T12:30:00+00:00,eu-west-1,s3"


def report(*lines: str) -> dict[str, Any]:
    return {
        "Content": "\n".join([COLUMNS, ROOT_ROW, *lines]).encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": NOW,
    }


def key(identifier: str, status: str = "Active") -> dict[str, Any]:
    return {
        "UserName": "u",
        "AccessKeyId": f"AKIAEXAMPLEEXAMP{identifier}",
        "Status": status,
        "CreateDate": MADE,
    }


LAST_USED = {
    "UserName": "deploy",
    "AccessKeyLastUsed": {"LastUsedDate": USED, "ServiceName": "s3", "Region": "us-west-2"},
}
NEVER_USED = {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}


def answers(*lines: str, keys: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "generate_credential_report": {"State": "COMPLETE"},
        "get_credential_report": report(*lines),
        "list_access_keys": keys or {"AccessKeyMetadata": []},
        "get_access_key_last_used": LAST_USED,
        **more,
    }


def seen(table: Any, asked: Any = None, **more: Any) -> Users:
    found = collect(users, table, settings=SETTINGS, asked=asked, **more)
    assert isinstance(found, Users)
    return found


def test_it_reads_users_of_the_report_and_their_keys_as_they_are_now() -> None:
    pages = [{"AccessKeyMetadata": [key("1111")]}, {"AccessKeyMetadata": [key("2222", "Inactive")]}]
    found = seen(answers(line("ann", console="true"), line("deploy", key_1=ACTIVE_KEY), keys=pages))

    assert found == Users(
        (
            User("ann", arn("ann"), MADE, has_password=True, has_mfa=False),
            User(
                "deploy",
                arn("deploy"),
                MADE,
                has_password=False,
                has_mfa=False,
                keys=(
                    AccessKey("1111", "Active", MADE, USED, "us-west-2"),
                    AccessKey("2222", "Inactive", MADE),
                ),
            ),
        ),
        reported_at=NOW,
    )


def test_the_root_user_is_none_of_the_users() -> None:
    assert seen(answers()).users == ()


def test_only_users_with_an_active_key_are_asked_about() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    inactive = "false,2024-03-01T09:00:00+00:00,N/A,N/A,N/A"
    table = answers(line("ann"), line("old", key_1=inactive), line("deploy", key_2=ACTIVE_KEY))

    seen(table, asked)

    names = [params["UserName"] for name, params in asked if name == "list_access_keys"]
    assert names == ["deploy"]


def test_an_inactive_key_of_the_report_is_kept() -> None:
    (user,) = seen(answers(line("old", key_1="false,2024-03-01T09:00:00+00:00,N/A,N/A,N/A"))).users
    assert user.keys == (AccessKey("", "Inactive", MADE),)
    assert user.active_keys == ()


def test_a_user_with_more_keys_than_the_report_shows_is_asked_about() -> None:
    table = answers(line("many", more="1 more access key"), keys={"AccessKeyMetadata": [key("3")]})
    (user,) = seen(table).users
    assert len(user.active_keys) == 1


def test_beyond_some_users_the_report_has_to_do() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    lines = [line(f"u{number}", key_1=ACTIVE_KEY) for number in range(130)]

    found = seen(answers(*lines, keys={"AccessKeyMetadata": [key("1111")]}), asked)

    assert len([name for name, _ in asked if name == "list_access_keys"]) == 100
    assert len(found.users) == 130
    assert found.users[-1].keys == (AccessKey("", "Active", MADE, USED, "eu-west-1"),)


def test_a_key_that_was_never_used_has_no_last_use() -> None:
    table = answers(
        line("deploy", key_1=ACTIVE_KEY),
        keys={"AccessKeyMetadata": [key("1111")]},
        get_access_key_last_used=NEVER_USED,
    )
    assert seen(table).users[0].keys == (AccessKey("1111", "Active", MADE),)


def test_a_user_deleted_since_the_report_is_none_any_more() -> None:
    gone = by("UserName", {"gone": NO_SUCH_USER, "here": {"AccessKeyMetadata": []}})
    table = answers(line("gone", key_1=ACTIVE_KEY), line("here", key_1=ACTIVE_KEY), keys=gone)
    assert [user.name for user in seen(table).users] == ["here"]


def test_the_report_is_waited_for() -> None:
    states = iter(["STARTED", "INPROGRESS", "COMPLETE"])
    asked: list[tuple[str, dict[str, Any]]] = []
    table = answers(generate_credential_report=lambda _: {"State": next(states)})

    assert seen(table, asked).reported_at == NOW
    assert [name for name, _ in asked] == ["generate_credential_report"] * 3 + [
        "get_credential_report"
    ]


LISTED = {
    "list_users": [
        {"Users": [_listed]}
        for _listed in (
            {
                "Path": "/",
                "UserName": name,
                "UserId": "AIDAEXAMPLEEXAMPLE",
                "Arn": arn(name),
                "CreateDate": MADE,
            }
            for name in ("ann", "deploy")
        )
    ],
    "list_access_keys": by(
        "UserName",
        {"ann": {"AccessKeyMetadata": []}, "deploy": {"AccessKeyMetadata": [key("1111")]}},
    ),
}
NEVER_READY = {"generate_credential_report": {"State": "INPROGRESS"}}
WITHOUT_REPORT = {
    "denied": ({"generate_credential_report": Refusal("AccessDenied")}, Outcome.ACCESS_DENIED),
    "denied to read": ({"get_credential_report": Refusal("AccessDenied")}, Outcome.ACCESS_DENIED),
    "never ready": (NEVER_READY, Outcome.JOB_TIMEOUT),
    "an unknown state": (
        {"generate_credential_report": {"State": "SOON"}},
        Outcome.JOB_TIMEOUT,
    ),
    "expired meanwhile": (
        {"get_credential_report": Refusal("ReportExpired", Outcome.API_ERROR)},
        Outcome.API_ERROR,
    ),
}


@pytest.mark.parametrize(("instead", "outcome"), WITHOUT_REPORT.values(), ids=WITHOUT_REPORT)
def test_without_a_report_the_users_are_listed(instead: Any, outcome: Outcome) -> None:
    found = seen({**answers(), **LISTED, **instead})

    assert (found.reported_at, found.gap_outcome) == (None, outcome)
    assert found.gap
    assert found.users == (
        User("ann", arn("ann"), MADE),
        User(
            "deploy",
            arn("deploy"),
            MADE,
            keys=(AccessKey("1111", "Active", MADE, USED, "us-west-2"),),
        ),
    )
    assert {user.has_password for user in found.users} == {None}


@pytest.mark.parametrize(
    "instead",
    [
        {"generate_credential_report": Refusal("Throttling", Outcome.THROTTLED)},
        {**NEVER_READY, "list_users": Refusal("AccessDenied")},
        {**NEVER_READY, **LISTED, "list_access_keys": Refusal("AccessDenied")},
        {"get_credential_report": {"Content": b"<html>", "GeneratedTime": NOW}},
        {"get_credential_report": {"Content": report()["Content"]}},
    ],
    ids=["throttled", "neither report nor list", "no keys", "no report", "a report without age"],
)
def test_what_was_not_seen_is_missing(instead: Any) -> None:
    with pytest.raises(Missing):
        seen({**answers(), **instead})


def test_words_that_nobody_knows_are_neither_yes_nor_no() -> None:
    odd = line("odd", console="maybe", key_1="perhaps,someday,N/A,N/A,N/A")
    table = answers(odd, keys=NO_SUCH_USER)
    assert seen(table).users == ()
    table = answers(odd, keys={"AccessKeyMetadata": [key("1111", "Dormant")]})
    (user,) = seen(table).users
    assert user.has_password is None
    assert len(user.active_keys) == 1


@pytest.mark.parametrize(("status", "number"), [("Inactive", 0), ("Expired", 0), ("Active", 1)])
def test_an_expired_key_is_inactive(status: str, number: int) -> None:
    assert len(User("u", "", keys=(AccessKey(status=status),)).active_keys) == number


@given(
    thinned(
        {
            **answers(line("deploy", key_1=ACTIVE_KEY), keys={"AccessKeyMetadata": [key("1111")]}),
            "generate_credential_report": Refusal("AccessDenied"),
            "list_users": LISTED["list_users"],
        }
    )
)
def test_with_fields_missing_no_user_is_lost(thin: Any) -> None:
    assert len(seen(thin, is_checked=False).users) == 2


@given(thinned({**answers(line("deploy", key_1=ACTIVE_KEY)), "list_users": LISTED["list_users"]}))
def test_a_report_with_fields_missing_is_none(thin: Any) -> None:
    try:
        found = seen(thin, is_checked=False)
    except Missing:
        return
    assert found.gap_outcome or [user.name for user in found.users] == ["deploy"]


def test_the_summary_keeps_what_aws_counts() -> None:
    counts = {"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1, "Users": 3}
    found = collect(account_summary, {"get_account_summary": {"SummaryMap": counts}})
    assert found == AccountSummary(counts)
    assert collect(account_summary, {"get_account_summary": {}}) == AccountSummary()


def test_identity_providers_tell_until_when_they_are_valid() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corporate"
    listed = {"SAMLProviderList": [{"Arn": provider, "ValidUntil": NOW, "CreateDate": MADE}, {}]}
    (found,) = collect(saml_providers, {"list_saml_providers": listed})
    assert found == SamlProvider(provider, NOW)
    assert found.name == "Corporate"


@pytest.mark.parametrize("collector", [account_summary, saml_providers], ids=str)
def test_being_denied_is_not_having_none(collector: Any) -> None:
    (operation,) = collector.operations
    with pytest.raises(Missing) as missing:
        collect(collector, {operation.name: Refusal("AccessDenied")})
    assert missing.value.outcome == Outcome.ACCESS_DENIED
