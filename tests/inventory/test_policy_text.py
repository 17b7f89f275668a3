"""Values of settings as people type them."""

import pytest

from inventory.kinds import CellError
from inventory.policy_text import from_text

NUMBERS = {
    "a prefix length": ("PUBLIC_CIDR_MAX_PREFIX", 24, "0 to 24"),
    "a percentage": ("TAG_PASS_PCT", 100, "0 to 100"),
    "days": ("PRACTICE_MAX_DAYS", 1_000_000, "0 to 1,000,000"),
}


@pytest.mark.parametrize(("name", "highest", "said"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_ends_at_the_highest_that_means_something(
    name: str, highest: int, said: str
) -> None:
    assert from_text(name, f"{highest}") == highest
    with pytest.raises(CellError, match=said):
        from_text(name, f"{highest + 1}")
