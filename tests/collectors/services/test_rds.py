"""The database instances of a Region."""

from typing import Any

from hypothesis import given

from collectors.services.rds import DbInstance, instances
from tests.collectors.services.canned import collect, thinned

DATABASE = {
    "DBInstanceIdentifier": "orders",
    "DBInstanceArn": "arn:aws:rds:eu-west-1:222222222222:db:orders",
    "Engine": "postgres",
}


def test_it_reads_the_instances_of_all_pages() -> None:
    pages = [{"DBInstances": [DATABASE]}, {"DBInstances": [{"DBInstanceIdentifier": "b"}]}]

    found = collect(instances, {"describe_db_instances": pages})

    assert found == (DbInstance("orders", DATABASE["DBInstanceArn"], "postgres"), DbInstance("b"))


@given(thinned({"describe_db_instances": {"DBInstances": [DATABASE]}}))
def test_an_instance_with_fields_missing_still_counts(answers: Any) -> None:
    assert len(collect(instances, answers, is_checked=False)) == 1
