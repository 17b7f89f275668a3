"""Where interfaces stand, where subnets lead and what groups let through."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from collectors.services.ec2 import (
    Interfaces,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    interfaces,
    route_tables,
    security_groups,
    subnets,
)
from collectors.tags import Tags
from tests.collectors.services.canned import ACCOUNT, Refusal, by, collect, thinned

SETTINGS = {"PUBLIC_ALLOWED_TAG": "cairn:public=approved"}
BASE = {
    "OwnerId": ACCOUNT,
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "InterfaceType": "interface",
    "Groups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}],
    "Attachment": {"InstanceId": "i-1"},
}
ALIKE = Interfaces("vpc-1", "subnet-1", "interface", group_ids=("sg-1", "sg-2"))


def eni(name: str, **more: Any) -> dict[str, Any]:
    return {"NetworkInterfaceId": name, **BASE, **more}


def grouped(*found: dict[str, Any]) -> Any:
    answers = {"describe_network_interfaces": {"NetworkInterfaces": list(found)}}
    return collect(interfaces, answers, account_id=ACCOUNT, settings=SETTINGS)


def test_interfaces_that_are_alike_are_kept_together() -> None:
    found = grouped(*(eni(f"eni-{n}", Attachment={"InstanceId": f"i-{n}"}) for n in (3, 1, 2)))

    (one,) = found
    assert one.ids == ("eni-1", "eni-2", "eni-3")
    assert (one.vpc_id, one.subnet_id, one.group_ids) == ("vpc-1", "subnet-1", ("sg-1", "sg-2"))
    assert one.instance_id == ""


def test_thousands_of_interfaces_stay_few() -> None:
    found = grouped(
        *(
            eni(f"eni-{n}", SubnetId=f"subnet-{n % 3}", Attachment={"InstanceId": f"i-{n}"})
            for n in range(3000)
        )
    )

    assert len(found) == 3
    assert sum(len(one.ids) for one in found) == 3000


@pytest.mark.parametrize(
    "address",
    [
        {"Association": {"PublicIp": "198.51.100.7"}},
        {"PrivateIpAddresses": [{}, {"Association": {"PublicIp": "198.51.100.8"}}]},
    ],
    ids=["first address", "another address"],
)
def test_one_with_a_public_address_names_its_instance(address: Any) -> None:
    (one,) = grouped(eni("eni-1", **address))

    assert (one.has_public_ip, one.has_ipv6, one.instance_id) == (True, False, "i-1")


def test_one_with_an_ipv6_address_names_its_instance() -> None:
    (one,) = grouped(eni("eni-1", Ipv6Addresses=[{"Ipv6Address": "2001:db8::1"}]))

    assert (one.has_public_ip, one.has_ipv6, one.instance_id) == (False, True, "i-1")


@pytest.mark.parametrize(
    ("requester", "description", "load_balancer"),
    [
        ("amazon-elb", "ELB app/web/0123456789abcdef", "app/web/0123456789abcdef"),
        ("amazon-elb", "ELB classic", "classic"),
        ("amazon-elb", "", "unnamed"),
        ("AIDAEXAMPLE", "ELB app/web/made-up", ""),
    ],
)
def test_those_of_load_balancers_are_told_apart(
    requester: str, description: str, load_balancer: str
) -> None:
    (one,) = grouped(eni("eni-1", RequesterId=requester, Description=description))

    assert one.load_balancer == load_balancer


def test_those_with_other_tags_are_kept_apart() -> None:
    def tags(name: str) -> list[dict[str, str]]:
        return [{"Key": "cairn:public", "Value": "approved"}, {"Key": "Name", "Value": name}]

    found = grouped(
        eni("eni-1"), eni("eni-2", TagSet=tags("two")), eni("eni-3", TagSet=tags("three"))
    )

    assert {one.ids: one.tags for one in found} == {
        ("eni-1",): Tags(),
        ("eni-2", "eni-3"): Tags(("Name", "cairn:public"), (("cairn:public", "approved"),)),
    }


def test_of_interfaces_that_others_have_in_a_shared_subnet_only_the_vpc_is_told() -> None:
    public = {"Association": {"PublicIp": "198.51.100.7"}}
    found = grouped(
        eni("eni-1"),
        eni("eni-2", OwnerId="999999999999", **public),
        eni("eni-3", OwnerId="999999999999", SubnetId="subnet-2"),
        eni("eni-4", OwnerId="888888888888"),
    )

    assert found == (
        replace(ALIKE, ids=("eni-1",)),
        Interfaces("vpc-1", owner_id="888888888888"),
        Interfaces("vpc-1", owner_id="999999999999"),
    )


@given(
    thinned({"describe_network_interfaces": {"NetworkInterfaces": [eni("eni-1"), eni("eni-2")]}})
)
def test_interfaces_with_fields_missing_still_count(answers: Any) -> None:
    named = {**answers["describe_network_interfaces"]}
    for one in named.get("NetworkInterfaces") or ():
        one.pop("OwnerId", None)
    found = collect(
        interfaces,
        {"describe_network_interfaces": named},
        account_id=ACCOUNT,
        settings=SETTINGS,
        is_checked=False,
    )

    assert sum(len(one.ids) for one in found) == 2


def test_it_reads_subnets() -> None:
    answer = {
        "Subnets": [
            {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT},
            {"SubnetId": "subnet-2", "MapPublicIpOnLaunch": True},
            {"VpcId": "vpc-3"},
        ]
    }
    assert collect(subnets, {"describe_subnets": answer}) == (
        Subnet("subnet-1", "vpc-1", ACCOUNT),
        Subnet("subnet-2", map_public_ip_on_launch=True),
    )


def tables(*routes: dict[str, Any], lists: Any = None) -> Any:
    answer = {
        "RouteTables": [
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "OwnerId": ACCOUNT,
                "Associations": [{"Main": True}, {"SubnetId": "subnet-1"}],
                "Routes": list(routes),
            }
        ]
    }
    entries = lists or (lambda params: pytest.fail(f"asked for {params}"))
    answers = {"describe_route_tables": answer, "get_managed_prefix_list_entries": entries}
    (found,) = collect(route_tables, answers)
    return found


def test_it_keeps_the_routes_that_lead_out() -> None:
    found = tables(
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"},
        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"},
        {"DestinationCidrBlock": "10.8.0.0/16", "TransitGatewayId": "tgw-1"},
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1"},
    )

    assert found == RouteTable(
        "rtb-1",
        "vpc-1",
        ACCOUNT,
        True,
        ("subnet-1",),
        (Route("0.0.0.0/0", "igw-1"), Route("::/0", "eigw-1")),
    )
    assert all(route.is_default for route in found.routes)


def test_a_route_without_a_working_target_leads_nowhere() -> None:
    gone = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "blackhole"}
    assert tables(gone, {"DestinationCidrBlock": "0.0.0.0/0"}).routes == ()


def test_halves_of_everything_are_defaults() -> None:
    found = tables(
        {"DestinationCidrBlock": "0.0.0.0/1", "NatGatewayId": "nat-1"},
        {"DestinationCidrBlock": "128.0.0.0/1", "NatGatewayId": "nat-1"},
        {"DestinationIpv6CidrBlock": "2000::/3", "NatGatewayId": "nat-1"},
    )
    assert [route.is_default for route in found.routes] == [True, True, True]


def test_narrow_routes_to_a_gateway_are_kept_once() -> None:
    narrow = [
        {"DestinationCidrBlock": f"198.51.{n}.0/24", "NatGatewayId": "nat-1"} for n in range(50)
    ]
    found = tables(*narrow)

    assert found.routes == (Route("198.51.0.0/24", "nat-1"),)
    assert not found.routes[0].is_default


@pytest.mark.parametrize(
    ("cidrs", "kept"),
    [
        (["10.0.0.0/8", "192.0.2.0/24"], ()),
        (["10.0.0.0/8", "0.0.0.0/0"], (Route("0.0.0.0/0", "tgw-1"),)),
        ([], ()),
    ],
    ids=["the company's", "everything", "empty"],
)
def test_prefix_lists_of_routes_are_resolved(cidrs: list[str], kept: Any) -> None:
    entries = {"Entries": [{"Cidr": cidr} for cidr in cidrs]}
    found = tables(
        {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"},
        lists=by("PrefixListId", {"pl-1": entries}),
    )
    assert found.routes == kept


def test_a_prefix_list_nobody_could_read_may_lead_everywhere() -> None:
    found = tables({"DestinationPrefixListId": "pl-1", "NatGatewayId": "nat-1"}, lists=Refusal())

    assert found.routes == (Route("pl-1", "nat-1"),)
    assert found.routes[0].is_default


def permission(protocol: str = "tcp", port: int | None = 22, **sources: Any) -> dict[str, Any]:
    ports = {} if port is None else {"FromPort": port, "ToPort": port}
    return {"IpProtocol": protocol, **ports, **sources}


def v4(*cidrs: str) -> dict[str, Any]:
    return {"IpRanges": [{"CidrIp": cidr} for cidr in cidrs]}


def group(*ingress: dict[str, Any], egress: Any = (), lists: Any = None) -> Any:
    answer = {
        "SecurityGroups": [
            {
                "GroupId": "sg-1",
                "GroupName": "web",
                "VpcId": "vpc-1",
                "IpPermissions": list(ingress),
                "IpPermissionsEgress": list(egress),
            }
        ]
    }
    entries = lists or (lambda params: pytest.fail(f"asked for {params}"))
    answers = {"describe_security_groups": answer, "get_managed_prefix_list_entries": entries}
    (found,) = collect(security_groups, answers)
    return found


def test_it_keeps_the_rules_about_wide_networks() -> None:
    found = group(
        permission(**v4("0.0.0.0/0", "198.51.100.0/24", "10.0.0.0/8")),
        permission("-1", None, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
        permission(UserIdGroupPairs=[{"GroupId": "sg-2"}]),
    )

    assert found == SecurityGroup(
        "sg-1",
        "vpc-1",
        "web",
        (Rule("tcp", 22, 22, "0.0.0.0/0"), Rule("-1", cidr="::/0")),
    )


@pytest.mark.parametrize(
    ("cidr", "is_kept"),
    [("198.51.96.0/23", True), ("198.51.100.0/24", False), ("10.0.0.0/9", False)],
    ids=["wider than a setting may ask", "as narrow", "private"],
)
def test_networks_that_a_setting_may_call_the_internet_are_kept(cidr: str, is_kept: bool) -> None:
    found = group(permission(**v4(cidr)))
    assert [rule.cidr for rule in found.ingress] == ([cidr] if is_kept else [])


def test_of_what_it_lets_out_only_all_protocols_count() -> None:
    found = group(egress=[permission(**v4("0.0.0.0/0")), permission("-1", None, **v4("0.0.0.0/0"))])

    assert found.egress == (Rule("-1", cidr="0.0.0.0/0"),)


@pytest.mark.parametrize(
    ("cidr", "below", "is_open"),
    [
        ("0.0.0.0/0", 8, True),
        ("0.0.0.0/1", 8, True),
        ("64.0.0.0/7", 8, True),
        ("64.0.0.0/8", 8, False),
        ("64.0.0.0/8", 9, True),
        ("::/0", 8, True),
        ("2000::/3", 8, True),
        ("2001:db8::/32", 8, False),
        ("", 8, None),
        ("tomorrow", 8, True),
    ],
)
def test_whether_a_rule_is_about_the_internet(cidr: str, below: int, is_open: bool | None) -> None:
    assert Rule("tcp", 22, 22, cidr).is_open(below) is is_open


@pytest.mark.parametrize(
    ("rule", "admits"),
    [
        (Rule("tcp", 20, 25), True),
        (Rule("udp", 22, 22), True),
        (Rule("tcp", 23, 25), False),
        (Rule("-1"), True),
        (Rule("tcp"), True),
        (Rule("icmp", 8, 0), False),
    ],
    ids=str,
)
def test_whether_a_rule_admits_a_port(rule: Rule, admits: bool) -> None:
    assert rule.admits(22) is admits


def test_prefix_lists_of_groups_are_resolved_once() -> None:
    asked: list[str] = []

    def entries(params: Any) -> Any:
        asked.append(params["PrefixListId"])
        wide = {"Entries": [{"Cidr": "192.0.2.0/24"}, {"Cidr": "0.0.0.0/0"}]}
        return wide if params["PrefixListId"] == "pl-1" else {"Entries": [{"Cidr": "10.0.0.0/8"}]}

    listed = [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]
    found = group(
        permission(PrefixListIds=listed), permission(port=443, PrefixListIds=listed), lists=entries
    )

    assert found.ingress == (
        Rule("tcp", 22, 22, "0.0.0.0/0", "pl-1"),
        Rule("tcp", 443, 443, "0.0.0.0/0", "pl-1"),
    )
    assert asked == ["pl-1", "pl-2"]


def test_a_prefix_list_nobody_could_read_is_not_known_to_be_closed() -> None:
    found = group(permission(PrefixListIds=[{"PrefixListId": "pl-1"}]), lists=Refusal())

    assert found.ingress == (Rule("tcp", 22, 22, "", "pl-1"),)


@given(
    thinned(
        {
            "describe_security_groups": {
                "SecurityGroups": [
                    {
                        "GroupId": "sg-1",
                        "IpPermissions": [permission(**v4("0.0.0.0/0"))],
                        "IpPermissionsEgress": [permission("-1", None, **v4("0.0.0.0/0"))],
                    }
                ]
            },
            "describe_route_tables": {
                "RouteTables": [
                    {
                        "RouteTableId": "rtb-1",
                        "Associations": [{"SubnetId": "subnet-1"}],
                        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}],
                    }
                ]
            },
        },
        kept=frozenset({"GroupId", "RouteTableId", "CidrIp", "GatewayId"}),
    )
)
def test_what_is_left_unsaid_makes_nothing_closed(answers: Any) -> None:
    (found,) = collect(security_groups, answers, is_checked=False)
    assert found.ingress[0].is_open(8)
    assert found.ingress[0].admits(22) or found.ingress[0].protocol == "TOMORROW"

    (table,) = collect(route_tables, answers, is_checked=False)
    assert table.routes[0].is_default
