"""Whether Inspector is on in a Region of the account."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.inspector2 import AccountStatus, account_status
from tests.collectors.services.canned import MANAGEMENT, Refusal, collect, thinned


def state(word: str) -> dict[str, str]:
    return {"status": word, "errorCode": "ALREADY_ENABLED", "errorMessage": "None."}


def status(word: str) -> dict[str, Any]:
    kinds = {"ec2": state(word), "ecr": state("DISABLED")}
    return {"accounts": [{"accountId": ASKED, "state": state(word), "resourceState": kinds}]}


ASKED = MANAGEMENT
ANSWER = status("ENABLED")
UNTOLD: dict[str, Any] = {
    "accounts": [],
    "failedAccounts": [
        {"accountId": ASKED, "errorCode": "INTERNAL_ERROR", "errorMessage": "Internal error"}
    ],
}


def test_it_reads_what_is_scanned() -> None:
    found = collect(account_status, {"batch_get_account_status": ANSWER})
    assert found == AccountStatus("ENABLED", {"ec2": "ENABLED", "ecr": "DISABLED"})


@pytest.mark.parametrize(
    ("word", "is_on"),
    [("ENABLED", True), ("DISABLED", False), ("SUSPENDED", True), ("DREAMING", True)],
)
def test_only_what_is_disabled_is_off(word: str, is_on: bool) -> None:
    assert collect(account_status, {"batch_get_account_status": status(word)}).is_on == is_on


def test_an_account_that_aws_could_not_tell_about_is_not_off() -> None:
    with pytest.raises(Missing, match="Internal error"):
        collect(account_status, {"batch_get_account_status": UNTOLD})


def test_being_denied_is_not_off() -> None:
    with pytest.raises(Missing) as missing:
        collect(account_status, {"batch_get_account_status": Refusal("AccessDeniedException")})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"batch_get_account_status": ANSWER}))
def test_it_says_nothing_that_aws_did_not(answers: Any) -> None:
    told = [one.get("state") for one in answers["batch_get_account_status"].get("accounts") or ()]
    words = {(one or {}).get("status") for one in told}
    try:
        found = collect(account_status, answers, is_checked=False)
    except Missing:
        assert not words - {None, ""}
    else:
        assert found.status in words
