"""Tables over CloudTrail's files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.glue import TrailTable, trail_tables
from tests.collectors.services.canned import Refusal, by, collect, thinned

COLUMNS = [{"Name": "eventversion"}, {"Name": "userIdentity"}, {"Name": "eventname"}]
SERDE = {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"}
TABLE: dict[str, Any] = {
    "Name": "calls",
    "StorageDescriptor": {
        "Columns": COLUMNS,
        "Location": "s3://trail/AWSLogs/",
        "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
        "SerdeInfo": SERDE,
    },
}
ANSWERS: dict[str, Any] = {
    "get_databases": {"DatabaseList": [{"Name": "logs"}]},
    "get_tables": {"TableList": [TABLE]},
}


def of(**storage: Any) -> dict[str, Any]:
    table = {**TABLE, "StorageDescriptor": {**TABLE["StorageDescriptor"], **storage}}
    return {**ANSWERS, "get_tables": {"TableList": [table]}}


def test_a_table_with_cloudtrails_columns_is_kept() -> None:
    assert collect(trail_tables, ANSWERS) == (
        TrailTable("logs", "calls", "s3://trail/AWSLogs/", "CloudTrail"),
    )


FORMATS: dict[str, tuple[dict[str, Any], str]] = {
    "CloudTrail's serde": (
        of(
            InputFormat="x",
            SerdeInfo={"SerializationLibrary": "com.amazon.emr.hive.CloudTrailSerde"},
        ),
        "CloudTrail",
    ),
    "Parquet": (
        of(InputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
        "Parquet",
    ),
    "plain text": (of(InputFormat="org.apache.hadoop.mapred.TextInputFormat"), ""),
}


@pytest.mark.parametrize(("answers", "told"), FORMATS.values(), ids=FORMATS)
def test_the_format_is_told_by_what_reads_it(answers: dict[str, Any], told: str) -> None:
    (found,) = collect(trail_tables, answers)
    assert found.format == told


def test_an_iceberg_table_says_so_itself() -> None:
    storage = {"Columns": COLUMNS, "Location": "s3://trail/iceberg"}
    table = {"Name": "t", "StorageDescriptor": storage, "Parameters": {"table_type": "ICEBERG"}}
    (found,) = collect(trail_tables, {**ANSWERS, "get_tables": {"TableList": [table]}})
    assert found.format == "Iceberg"


def test_tables_about_something_else_are_left_out() -> None:
    assert collect(trail_tables, of(Columns=[{"Name": "eventname"}])) == ()


def test_every_database_is_read_but_links_and_those_gone() -> None:
    link = {"Name": "link", "TargetDatabase": {"DatabaseName": "x"}}
    databases = [{"Name": "a"}, {"Name": "b"}, link]
    tables = {
        "a": Refusal("EntityNotFoundException", Outcome.API_ERROR),
        "b": [{"TableList": []}, {"TableList": [TABLE]}],
    }
    answers = {
        "get_databases": {"DatabaseList": databases},
        "get_tables": by("DatabaseName", tables),
    }
    assert [one.database for one in collect(trail_tables, answers)] == ["b"]


def test_a_company_may_have_a_table_for_each_of_its_accounts() -> None:
    tables = [{**TABLE, "Name": f"t{at:04}"} for at in range(2000)]
    found = collect(trail_tables, {**ANSWERS, "get_tables": {"TableList": tables}})
    assert len(found) == 2000


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_being_without(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(trail_tables, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(ANSWERS))
def test_a_table_is_kept_only_if_its_columns_are_told(answers: Any) -> None:
    for table in collect(trail_tables, answers, is_checked=False):
        (told,) = answers["get_tables"]["TableList"]
        assert {"Name": "userIdentity"} in told["StorageDescriptor"]["Columns"]
        assert table.format in ("", "CloudTrail")
