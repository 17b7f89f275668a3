"""Flow logs and query logs of an account's VPCs."""

from typing import Any

from hypothesis import given

from collectors.services.ec2 import FlowLog, Vpc, flow_logs, vpcs
from collectors.services.route53resolver import QueryLog, query_logs
from tests.collectors.services.canned import collect, thinned

FLOW_LOG = {
    "FlowLogId": "fl-1",
    "ResourceId": "vpc-1",
    "FlowLogStatus": "ACTIVE",
    "DeliverLogsStatus": "SUCCESS",
    "TrafficType": "ALL",
    "LogDestinationType": "s3",
    "LogDestination": "arn:aws:s3:::flows",
}
FAILING = {
    "FlowLogId": "fl-2",
    "ResourceId": "subnet-1",
    "FlowLogStatus": "ACTIVE",
    "DeliverLogsStatus": "FAILED",
    "DeliverLogsErrorMessage": "Access error",
    "TrafficType": "REJECT",
    "LogGroupName": "/flows",
}
ASSOCIATION = {
    "Id": "rslvr-qlca-1",
    "ResolverQueryLogConfigId": "rslvr-qlc-1",
    "ResourceId": "vpc-1",
    "Status": "ACTIVE",
    "Error": "NONE",
}
CONFIG = {
    "Id": "rslvr-qlc-1",
    "ShareStatus": "SHARED_WITH_ME",
    "DestinationArn": "arn:aws:s3:::queries",
}
QUERY_LOGS = {
    "list_resolver_query_log_config_associations": {
        "ResolverQueryLogConfigAssociations": [ASSOCIATION]
    },
    "list_resolver_query_log_configs": {"ResolverQueryLogConfigs": [CONFIG]},
}


def test_flow_logs_of_all_pages_are_read_but_for_those_of_single_interfaces() -> None:
    of_interface = {**FLOW_LOG, "FlowLogId": "fl-3", "ResourceId": "eni-1"}
    pages = [
        {"FlowLogs": [FLOW_LOG], "NextToken": "more"},
        {"FlowLogs": []},
        {"FlowLogs": [of_interface, FAILING]},
    ]

    first, second = collect(flow_logs, {"describe_flow_logs": pages})

    assert first == FlowLog("fl-1", "vpc-1", "ACTIVE", "SUCCESS", "ALL", "arn:aws:s3:::flows")
    assert first.delivers
    assert (second.resource_id, second.destination) == ("subnet-1", "/flows")
    assert (second.error, second.delivers) == ("Access error", False)


@given(thinned({"describe_flow_logs": {"FlowLogs": [FLOW_LOG]}}))
def test_a_flow_log_delivers_only_while_it_says_so(answers: Any) -> None:
    (answer,) = answers["describe_flow_logs"].get("FlowLogs") or [{}]
    found = collect(flow_logs, answers, is_checked=False)

    assert all(log.resource_id == "vpc-1" for log in found)
    says = (answer.get("FlowLogStatus"), answer.get("DeliverLogsStatus"))
    assert all(log.delivers == (says == ("ACTIVE", "SUCCESS")) for log in found)


def test_an_association_is_read_with_the_destination_of_its_configuration() -> None:
    (found,) = collect(query_logs, QUERY_LOGS)

    assert found == QueryLog(
        "vpc-1", "rslvr-qlc-1", "ACTIVE", "NONE", "arn:aws:s3:::queries", is_shared=True
    )
    assert (found.delivers, found.fails) == (True, False)


def test_without_associations_no_configuration_is_asked_for() -> None:
    asked: list[Any] = []
    nothing: dict[str, Any] = {
        "list_resolver_query_log_config_associations": {"ResolverQueryLogConfigAssociations": []}
    }

    assert collect(query_logs, nothing, asked=asked) == ()
    assert [name for name, _ in asked] == ["list_resolver_query_log_config_associations"]


def test_an_association_whose_configuration_is_not_listed_counts_all_the_same() -> None:
    unlisted = {**QUERY_LOGS, "list_resolver_query_log_configs": {"ResolverQueryLogConfigs": []}}
    (found,) = collect(query_logs, unlisted)

    assert (found.delivers, found.destination) == (True, "")


def test_an_association_that_cannot_write_fails() -> None:
    for changed in ({"Status": "ACTION_NEEDED"}, {"Status": "FAILED"}, {"Error": "ACCESS_DENIED"}):
        failing = {
            **QUERY_LOGS,
            "list_resolver_query_log_config_associations": {
                "ResolverQueryLogConfigAssociations": [ASSOCIATION | changed]
            },
        }
        (found,) = collect(query_logs, failing)
        assert (found.delivers, found.fails) == (False, True)


@given(thinned(QUERY_LOGS))
def test_an_association_delivers_only_while_it_says_so(answers: Any) -> None:
    listed = answers["list_resolver_query_log_config_associations"]
    (answer,) = listed.get("ResolverQueryLogConfigAssociations") or [{}]
    found = collect(query_logs, answers, is_checked=False)

    says = (answer.get("Status"), answer.get("Error"))
    assert all(log.delivers == (says == ("ACTIVE", "NONE")) for log in found)


def test_a_vpc_tells_whose_it_is() -> None:
    pages = {"describe_vpcs": {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "333333333333"}]}}

    assert collect(vpcs, pages) == (Vpc("vpc-1", owner_id="333333333333"),)
