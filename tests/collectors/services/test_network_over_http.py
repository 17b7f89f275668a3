"""What is read of networks and instances in the demo organization, called over HTTP as AWS is, and
what the rules make of it: each claim of the demo world about them has to hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.facts import OrganizationFacts
from collectors.services import (
    autoscaling,
    ec2,
    network_firewall,
    route53resolver,
    s3control,
    shield,
    wafv2,
)
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import (
    World,
    asked,
    check,
    claims,
    judge,
    named,
    observe,
    observed,
)
from tests.roadmap.items.subjects import codes

CLAIMED = (
    "surface.no_public",
    "surface.imdsv2",
    "network.private_subnets",
    "network.egress",
)


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    return observed(world, asked(world, CLAIMED))


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    claimed = claims(world, key)
    check(claimed, lambda name: judge(world, facts, key, name))
    assert len(set(claimed.values())) > 3


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("corporate-it", "surface.no_public", "instance_exposed"),
        ("warehouse-prod", "surface.no_public", "instance_public_address"),
        ("sandbox-platform", "surface.no_public", "bucket_public"),
        ("warehouse-prod", "surface.imdsv2", "imdsv1_instance"),
        ("shared-services", "surface.imdsv2", "imdsv2_default_off"),
        ("shared-services", "network.private_subnets", "vpc_unproxied"),
        ("warehouse-prod", "network.private_subnets", "subnet_auto_public_ip"),
        ("corporate-it", "network.egress", "sg_egress_all"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    assert code in codes(judge(world, facts, key, name))


def operator(simulation: SimulatedAws, service: str, about: World, region: str) -> Any:
    return simulation.client(service, account=about["id"], region=region)


def test_launch_templates_are_read_with_the_versions_in_use(
    simulation: SimulatedAws, world: World
) -> None:
    about, region = named(world, "ml-prod"), "us-west-2"
    own = operator(simulation, "ec2", about, region)
    required = {"MetadataOptions": {"HttpTokens": "required"}}
    template = own.create_launch_template(
        LaunchTemplateName="training", LaunchTemplateData=required
    )["LaunchTemplate"]["LaunchTemplateId"]
    own.create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "t3.small"}
    )
    scaling = operator(simulation, "autoscaling", about, region)
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="training",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[f"{region}a"],
        LaunchTemplate={"LaunchTemplateId": template, "Version": "2"},
    )

    found = observe(world, ec2.launch_templates, about["id"], region).get()

    assert [(v.number, v.is_default, v.requires_tokens) for v in found] == [
        (1, True, True),
        (2, False, False),
    ]


def test_launch_configurations_are_read(simulation: SimulatedAws, world: World) -> None:
    about, region = named(world, "ml-prod"), "us-west-2"
    operator(simulation, "autoscaling", about, region).create_launch_configuration(
        LaunchConfigurationName="old", ImageId="ami-00000000000000001", InstanceType="t3.small"
    )

    (found,) = observe(world, autoscaling.launch_configurations, about["id"], region).get()

    assert (found.name, found.requires_tokens) == ("old", False)


def test_what_a_region_blocks_is_read(simulation: SimulatedAws, world: World) -> None:
    about, region = named(world, "data-dev"), "eu-west-1"
    own = operator(simulation, "ec2", about, region)
    vpc = own.describe_vpcs()["Vpcs"][0]["VpcId"]
    own.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    own.create_vpc_block_public_access_exclusion(
        VpcId=vpc, InternetGatewayExclusionMode="allow-bidirectional"
    )
    own.enable_snapshot_block_public_access(State="block-all-sharing")
    own.disable_image_block_public_access()

    block = observe(world, ec2.vpc_block, about["id"], region).get()
    sharing = observe(world, ec2.sharing_block, about["id"], region).get()

    assert (block.mode, block.managed_by) == ("block-ingress", "account")
    assert not block.blocks_ingress(vpc, "subnet-1")
    assert (sharing.are_images_blocked, sharing.are_snapshots_blocked) == (False, True)


def test_prefix_lists_are_resolved(simulation: SimulatedAws, world: World) -> None:
    about, region = named(world, "data-dev"), "us-west-2"
    own = operator(simulation, "ec2", about, region)
    listed = own.create_managed_prefix_list(
        PrefixListName="everybody",
        Entries=[{"Cidr": "0.0.0.0/0"}],
        MaxEntries=1,
        AddressFamily="IPv4",
    )["PrefixList"]["PrefixListId"]
    group = own.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    own.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "PrefixListIds": [{"PrefixListId": listed}],
            }
        ],
    )

    found = observe(world, ec2.security_groups, about["id"], region).get()

    (rules,) = [one.ingress for one in found if one.group_id == group]
    assert ec2.Rule("tcp", 22, 22, "0.0.0.0/0", listed) in rules


def test_acls_and_access_points_are_read(simulation: SimulatedAws, world: World) -> None:
    about = named(world, "data-dev")
    own = operator(simulation, "s3", about, "us-east-1")
    own.create_bucket(Bucket="larkfield-open-by-acl", ObjectOwnership="ObjectWriter")
    own.delete_public_access_block(Bucket="larkfield-open-by-acl")
    own.put_bucket_acl(Bucket="larkfield-open-by-acl", ACL="public-read")

    found = observe(world, s3control.bucket_access, about["id"]).get()

    (opened,) = [b for b in found.opened if b.name == "larkfield-open-by-acl"]
    assert opened.grants == ("AllUsers READ",)
    assert opened.ways_in(found.flags) == ["its ACL (AllUsers READ)"]
    assert opened.access_points == ()

    points = operator(simulation, "s3control", about, "us-east-1")
    name = {"AccountId": about["id"], "Name": "everybody"}
    points.create_access_point(**name, Bucket="larkfield-open-by-acl")
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    points.put_access_point_policy(**name, Policy=json.dumps({"Statement": [everybody]}))

    found = observe(world, s3control.bucket_access, about["id"]).get()

    (opened,) = [b for b in found.opened if b.name == "larkfield-open-by-acl"]
    assert opened.access_points == ("everybody",)


def test_shield_and_web_firewalls_are_read(simulation: SimulatedAws, world: World) -> None:
    about = named(world, "storefront-prod")
    assert not observe(world, shield.subscription, about["id"]).get().is_active
    operator(simulation, "shield", about, "us-east-1").create_subscription()
    assert observe(world, shield.subscription, about["id"]).get().is_active

    assert observe(world, wafv2.web_acls, about["id"], "eu-west-1").get() == ()


def test_the_firewall_on_the_way_out_is_read(world: World) -> None:
    about = named(world, "network-hub")
    (firewall,) = observe(world, network_firewall.firewalls, about["id"], "eu-west-1").get()
    (endpoint,) = observe(world, ec2.endpoints, about["id"], "eu-west-1").get()
    tables = observe(world, ec2.route_tables, about["id"], "eu-west-1").get()

    assert firewall.filters
    assert firewall.endpoint_ids == (endpoint.vpc_endpoint_id,)
    assert [r.target for t in tables for r in t.routes] == [endpoint.vpc_endpoint_id]


def test_filtered_lookups_are_read(world: World) -> None:
    about = named(world, "shared-services")
    collector = route53resolver.firewall_associations
    (found,) = observe(world, collector, about["id"], "eu-west-1").get()
    assert found.is_complete
