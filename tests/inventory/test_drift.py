import pytest

from inventory import drift
from inventory.changes import Refused, write
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS
from inventory.models import Account, Origin
from tests.inventory.sheet import CHECKOUT, LEDGER, account, observed, recorded


def cells(account_id: str) -> dict[str, object]:
    key = f"aws:{account_id}"
    return dict(read(ACCOUNTS, ACCOUNTS.columns, {key})[key].cells)


def drifting_columns(account_id: str) -> set[str]:
    """The answer of ``drifts``, after checking that the queryset filter agrees, cell by cell."""
    told = {one.column.name for one in drift.drifts(cells(account_id))}
    rows = Account.objects.filter(account_id=account_id)
    queried = {c.name for c in drift.DRIFTING if rows.filter(drift.drifting([c])).exists()}
    assert queried == told
    assert rows.filter(drift.drifting()).exists() == bool(told)
    return told


def test_columns_with_an_observed_twin_can_drift() -> None:
    assert {c.name for c in drift.DRIFTING} == {"name", "email", "payer", "organization"}


def test_a_different_name_drifts_and_another_spelling_of_the_address_does_not(acme: None) -> None:
    assert drifting_columns(CHECKOUT) == {"name"}


def test_a_blank_on_either_side_is_no_difference(acme: None) -> None:
    assert drifting_columns(LEDGER) == set()
    observed(LEDGER, observed_email="other@example.com", observed_payer="123456789012")
    assert drifting_columns(LEDGER) == {"email"}


def test_payer_and_organization_drift_by_their_keys(acme: None) -> None:
    observed(CHECKOUT, observed_payer="123456789012")
    assert drifting_columns(CHECKOUT) == {"name", "payer"}


def test_ours_is_kept_until_aws_says_something_new(acme: None) -> None:
    (found,) = drift.drifts(cells(CHECKOUT))
    write([drift.keep(f"aws:{CHECKOUT}", found, {})], origin=Origin.EDIT)
    assert drifting_columns(CHECKOUT) == set()
    assert account(CHECKOUT).name == "checkout-prod"
    observed(CHECKOUT, observed_name="checkout-2")
    assert drifting_columns(CHECKOUT) == {"name"}


def test_keeping_one_column_keeps_what_was_kept_before(acme: None) -> None:
    observed(CHECKOUT, observed_payer="123456789012")
    for one in drift.drifts(cells(CHECKOUT)):
        kept = account(CHECKOUT).kept_drift
        write([drift.keep(f"aws:{CHECKOUT}", one, kept)], origin=Origin.EDIT)
    assert drifting_columns(CHECKOUT) == set()


def test_taking_aws_value_writes_it(acme: None) -> None:
    (found,) = drift.drifts(cells(CHECKOUT))
    write([drift.take(f"aws:{CHECKOUT}", found)], origin=Origin.EDIT)
    assert account(CHECKOUT).name == "checkout"
    assert drifting_columns(CHECKOUT) == set()


def test_taking_does_not_write_over_a_newer_value(acme: None) -> None:
    (found,) = drift.drifts(cells(CHECKOUT))
    recorded(CHECKOUT, name="renamed meanwhile")
    with pytest.raises(Refused, match="renamed meanwhile"):
        write([drift.take(f"aws:{CHECKOUT}", found)], origin=Origin.EDIT)
    assert account(CHECKOUT).name == "renamed meanwhile"
