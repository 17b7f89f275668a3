"""The instances and VPCs of a Region."""

from typing import Any

from hypothesis import given

from collectors.registry import Phase, Reach
from collectors.services.ec2 import Instance, Vpc, instances, vpcs
from tests.collectors.services.canned import collect, thinned

INSTANCE = {
    "InstanceId": "i-1",
    "State": {"Name": "running"},
    "VpcId": "vpc-1",
    "PublicIpAddress": "198.51.100.7",
    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    "Tags": [{"Key": "Team", "Value": "a"}, {"Key": "Name", "Value": "web"}],
}
PAGES = [
    {"Reservations": [{"Instances": [INSTANCE]}]},
    {"Reservations": []},
    {
        "Reservations": [
            {"Instances": [{"InstanceId": "i-2", "State": {"Name": "terminated"}}]},
            {
                "Instances": [
                    {
                        "InstanceId": "i-3",
                        "NetworkInterfaces": [{"Association": {"PublicIp": "198.51.100.8"}}],
                    }
                ]
            },
        ]
    },
]


def test_it_reads_the_instances_of_all_pages() -> None:
    found = collect(instances, {"describe_instances": PAGES})

    assert found == (
        Instance("i-1", "web", "running", "vpc-1", True, "required", "enabled"),
        Instance("i-2", state="terminated"),
        Instance("i-3", has_public_address=True),
    )
    assert [one.is_there for one in found] == [True, False, True]


def test_it_is_a_probe_of_every_region() -> None:
    assert (instances.reach, instances.phase) == (Reach.REGIONAL, Phase.PRESENCE)


@given(thinned({"describe_instances": {"Reservations": [{"Instances": [INSTANCE]}]}}))
def test_an_instance_with_fields_missing_still_counts(answers: Any) -> None:
    (found,) = collect(instances, answers, is_checked=False)

    assert found.is_there
    assert found.http_tokens in ("", "required", "TOMORROW")


def test_it_tells_default_vpcs_from_others() -> None:
    found = collect(
        vpcs,
        {
            "describe_vpcs": {
                "Vpcs": [
                    {"VpcId": "vpc-1", "IsDefault": True},
                    {"VpcId": "vpc-2", "Tags": [{"Key": "Name", "Value": "main"}]},
                ]
            }
        },
    )

    assert found == (Vpc("vpc-1", is_default=True), Vpc("vpc-2", "main"))
