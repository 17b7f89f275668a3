"""The instances and VPCs of a Region."""

from typing import Any

from hypothesis import given

from collectors.registry import Phase, Reach
from collectors.services.ec2 import Instance, Vpc, instances, vpcs
from collectors.tags import Tags
from tests.collectors.services.canned import collect, thinned

SETTINGS = {"PUBLIC_ALLOWED_TAG": "cairn:public=approved"}
INSTANCE = {
    "InstanceId": "i-1",
    "State": {"Name": "running"},
    "VpcId": "vpc-1",
    "PublicIpAddress": "198.51.100.7",
    "MetadataOptions": {
        "HttpTokens": "required",
        "HttpEndpoint": "enabled",
        "HttpPutResponseHopLimit": 2,
    },
    "IamInstanceProfile": {"Arn": "arn:aws:iam::222222222222:instance-profile/web"},
    "Tags": [
        {"Key": "Team", "Value": "a"},
        {"Key": "Name", "Value": "web"},
        {"Key": "aws:ec2launchtemplate:id", "Value": "lt-1"},
    ],
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
    found = collect(instances, {"describe_instances": PAGES}, settings=SETTINGS)

    assert found == (
        Instance(
            "i-1",
            "web",
            "running",
            "vpc-1",
            True,
            "required",
            "enabled",
            hop_limit=2,
            has_profile=True,
            launch_template="lt-1",
            tags=Tags(("Name", "Team")),
        ),
        Instance("i-2", state="terminated"),
        Instance("i-3", has_public_address=True),
    )
    assert [one.is_there for one in found] == [True, False, True]


def test_managed_instances_are_asked_for_too() -> None:
    asked: list[Any] = []
    collect(instances, {"describe_instances": []}, settings=SETTINGS, asked=asked)
    assert asked == [("describe_instances", {"IncludeManagedResources": True})]


def test_of_tags_that_people_set_the_keys_are_kept_and_the_value_that_is_asked_about() -> None:
    tagged = {
        "InstanceId": "i-9",
        "Tags": [
            {"Key": "cairn:public", "Value": "approved"},
            {"Key": "Name", "Value": "web"},
            {"Key": "aws:autoscaling:groupName", "Value": "web"},
        ],
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-9"}, {}],
    }
    pages = {"Reservations": [{"Instances": [tagged]}]}
    (found,) = collect(instances, {"describe_instances": pages}, settings=SETTINGS)
    assert found.tags == Tags(("Name", "cairn:public"), (("cairn:public", "approved"),))
    assert found.interface_ids == ("eni-9",)


def test_it_is_a_probe_of_every_region() -> None:
    assert (instances.reach, instances.phase) == (Reach.REGIONAL, Phase.PRESENCE)


@given(thinned({"describe_instances": {"Reservations": [{"Instances": [INSTANCE]}]}}))
def test_an_instance_with_fields_missing_still_counts(answers: Any) -> None:
    (found,) = collect(instances, answers, settings=SETTINGS, is_checked=False)

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
