"""What runs in an account that should run nothing of its own."""

import pytest

from collectors.outcomes import Outcome
from collectors.services import ec2, s3
from roadmap.readings.workload import READS, find_workload
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import ACCOUNT, REGIONS, facts_of


def test_it_names_at_most_three_resources() -> None:
    buckets = tuple(s3.Bucket(f"data-{n}") for n in range(5))

    found = find_workload(facts_of({(ACCOUNT, s3.buckets): buckets}).of(ACCOUNT), "aws", [])

    assert str(found) == "S3 bucket data-0, S3 bucket data-1 and 3 more"


def test_it_names_resources_in_the_partition_of_the_account() -> None:
    facts = facts_of({(ACCOUNT, s3.buckets): (s3.Bucket("data"),)})

    found = find_workload(facts.of(ACCOUNT), "aws-cn", [])

    assert [resource.arn for resource in found.resources] == ["arn:aws-cn:s3:::data"]


@pytest.mark.parametrize(("pattern", "count"), [("web-*", 0), ("WEB-*", 1), ("*", 0), ("web", 1)])
def test_patterns_match_whole_names_and_case(pattern: str, count: int) -> None:
    values = {(ACCOUNT, ec2.instances, "eu-west-1"): (ec2.Instance("i-1", "web-1", "running"),)}

    found = find_workload(facts_of(values).of(ACCOUNT), "aws", [pattern])

    assert len(found.resources) == count


def test_regions_that_a_policy_blocks_are_not_looked_at() -> None:
    blocked = {
        (ACCOUNT, probe, region): Outcome.REGION_BLOCKED
        for probe in READS
        if probe is not s3.buckets
        for region in REGIONS
    }

    found = find_workload(facts_of({(ACCOUNT, s3.buckets): (), **blocked}).of(ACCOUNT), "aws", [])

    assert {place: part.status for place, part in found.parts.items()} == {"s3": Status.PASS}


def test_what_it_looked_at_is_remembered_as_evidence() -> None:
    facts = facts_of({}).of("999999999999")

    find_workload(facts.at(ACCOUNT), "aws", [])

    assert {observation.account_id for observation in facts.read} == {ACCOUNT}
    assert len(facts.read) == 1 + (len(READS) - 1) * len(REGIONS)
