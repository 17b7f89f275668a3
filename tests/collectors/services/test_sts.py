"""As whom Cairn reads an account."""

import pytest

from collectors.services.sts import Identity, identity
from tests.collectors.services.canned import ACCOUNT, collect

ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/CairnReadOnly/cairn"


def test_it_reads_the_account_and_role_that_answered() -> None:
    found = collect(identity, {"get_caller_identity": {"Account": ACCOUNT, "Arn": ROLE}})

    assert found == Identity(ACCOUNT, ROLE)
    assert found.role_name == "CairnReadOnly"


@pytest.mark.parametrize("arn", ["", f"arn:aws:iam::{ACCOUNT}:root"])
def test_what_is_no_role_has_no_role_name(arn: str) -> None:
    assert Identity(ACCOUNT, arn).role_name == ""
