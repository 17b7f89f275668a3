import pytest
from django.http import QueryDict

from inventory.grid.address import Address


def address(query: str) -> Address:
    return Address("/accounts/", QueryDict(query))


def test_empty_parameters_are_left_out() -> None:
    assert address("q=&team=a&state=").url() == "/accounts/?team=a"


def test_another_sorting_starts_at_the_first_page() -> None:
    assert address("team=a&page=4").url(sort="-name") == "/accounts/?team=a&sort=-name"
    assert address("team=a&page=4").url(page=5) == "/accounts/?team=a&page=5"


def test_one_of_several_values_can_be_given_up() -> None:
    assert address("team=a&team=b").without_value("team", "a") == "/accounts/?team=b"


def test_what_is_shown_is_no_part_of_which_rows() -> None:
    query = "team=a&sort=name&columns=x&per_page=200&page=2"
    assert address(query).rows_query == "team=a"


def test_a_form_that_asks_for_other_rows_keeps_how_they_are_shown() -> None:
    query = "team=a&by=item&sort=name&columns=&page=2&as=csv"
    assert address(query).kept == [("sort", "name"), ("by", "item")]


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99999999999999999999"])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert address(f"page={page}").page == 1


def test_only_offered_sizes_are_taken() -> None:
    assert address("per_page=1000").per_page == 1000
    assert address("per_page=100000").per_page == 50
