"""What runs in an account that should run nothing of its own."""

import pytest

from collectors.outcomes import Outcome
from collectors.services import ec2, s3
from roadmap.readings.workload import READS, find_workload
from roadmap.subject import Excepted
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import ACCOUNT, REGIONS, row, subject


def test_it_names_at_most_three_resources() -> None:
    buckets = tuple(s3.Bucket(f"data-{n}") for n in range(5))

    found = find_workload(subject({(ACCOUNT, s3.buckets): buckets}), ACCOUNT, [])

    assert str(found) == "S3 bucket data-0, S3 bucket data-1 and 3 more"


def test_it_names_resources_in_the_partition_of_the_account() -> None:
    about = subject({(ACCOUNT, s3.buckets): (s3.Bucket("data"),)}, row(partition="aws-cn"))

    found = find_workload(about, ACCOUNT, [])

    assert [resource.arn for resource in found.resources] == ["arn:aws-cn:s3:::data"]


@pytest.mark.parametrize(("pattern", "count"), [("web-*", 0), ("WEB-*", 1), ("*", 0), ("web", 1)])
def test_patterns_match_whole_names_and_case(pattern: str, count: int) -> None:
    values = {(ACCOUNT, ec2.instances, "eu-west-1"): (ec2.Instance("i-1", "web-1", "running"),)}

    found = find_workload(subject(values), ACCOUNT, [pattern])

    assert len(found.resources) == count


def test_resources_under_an_exception_are_left_out_and_remembered() -> None:
    kept = Excepted("inventory.organization", "arn:aws:s3:::data")
    about = subject({(ACCOUNT, s3.buckets): (s3.Bucket("data"),)}, exceptions=[kept])

    found = find_workload(about, ACCOUNT, [])

    assert not found.resources
    assert found.parts["s3"].status == Status.PASS
    assert about.excepted == {"arn:aws:s3:::data": kept}


def test_regions_that_a_policy_blocks_are_not_looked_at() -> None:
    blocked = {
        (ACCOUNT, probe, region): Outcome.REGION_BLOCKED
        for probe in READS
        if probe is not s3.buckets
        for region in REGIONS
    }

    found = find_workload(subject({(ACCOUNT, s3.buckets): (), **blocked}), ACCOUNT, [])

    assert {place: part.status for place, part in found.parts.items()} == {"s3": Status.PASS}


def test_what_it_looked_at_is_remembered_as_evidence() -> None:
    about = subject({}, row("999999999999"))

    find_workload(about, ACCOUNT, [])

    assert {observation.account_id for observation in about.facts.read} == {ACCOUNT}
    assert len(about.facts.read) == 1 + (len(READS) - 1) * len(REGIONS)
