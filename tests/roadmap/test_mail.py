"""Whether a mail address belongs to the company."""

import pytest

from roadmap.mail import domain, is_inside


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("aws+prod@example.com", True),
        ("AWS@Example.COM", True),
        ("aws@mail.example.com", False),
        ("aws@notexample.com", False),
        ("example.com", False),
        ("", False),
        ('"a@example.com"@elsewhere.net', False),
    ],
)
def test_only_a_domain_that_is_set_is_the_companys(address: str, inside: bool) -> None:
    assert is_inside(address, ["Example.com", ""]) is inside


def test_what_is_no_address_has_no_domain() -> None:
    assert domain("nobody") == ""
