"""The names of a Region's tables."""

from collectors.services.dynamodb import tables
from tests.collectors.services.canned import collect


def test_it_reads_the_tables_of_all_pages() -> None:
    pages = [{"TableNames": ["orders"]}, {"TableNames": ["events"]}]

    assert collect(tables, {"list_tables": pages}) == ("orders", "events")
