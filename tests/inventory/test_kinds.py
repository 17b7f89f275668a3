"""Telephone numbers become E.164, or are refused with what to do."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.kinds import CellError, Phone

PHONE = Phone()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+4930123456", "+4930123456"),
        ("+49 30 123456", "+4930123456"),
        ("+49 (0)30 123-456", "+4930123456"),
        ("tel:+49-30-123456", "+4930123456"),
        ("+1 (202) 555-0100", "+12025550100"),
        ("+39 06 1234 5678", "+390612345678"),
        ("\N{NO-BREAK SPACE}+44 20 7946 0958 ", "+442079460958"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_is_kept_as_e164(typed: object, kept: str) -> None:
    assert PHONE.clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("030 123456", "no country code"),
        ("0049 30 123456", "no country code"),
        (4930123456, "no country code"),
        ("+999 123456", "country code that does not exist"),
        ("+49 1", "too few digits"),
        ("+1 555 0100", "area code"),
        ("+1 202 555 0100 99 88", "count them again"),
        ("+49 30 123456 ext. 7", "leave out letters and extensions"),
        ("+1 800 FLOWERS", "leave out letters"),
        ("+", "leave out letters"),
        ("+49 30 123456; +49 30 9", "more than a number"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_its_cure(typed: object, why: str) -> None:
    with pytest.raises(CellError, match=why):
        PHONE.clean(typed)


EXAMPLES = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number(region))
]


@given(st.sampled_from(EXAMPLES))
def test_every_countrys_numbers_are_taken_and_a_kept_one_stays(written: str) -> None:
    kept = PHONE.clean(written)
    assert PHONE.clean(kept) == kept
    assert PHONE.text(kept) == kept
