"""Access logs of buckets, load balancers and distributions, and log deliveries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services import cloudfront, elb, elbv2, logs, s3
from collectors.services.cloudfront import Distribution
from collectors.services.elb import ClassicLoadBalancer
from collectors.services.elbv2 import LoadBalancer
from collectors.services.logs import Delivery
from collectors.services.s3 import BucketLog
from tests.collectors.services.canned import Answers, Refusal, by, collect, thinned

BUCKETS: Answers = {
    "list_buckets": {
        "Buckets": [
            {"Name": "orders", "BucketRegion": "eu-west-1"},
            {"Name": "scratch", "BucketRegion": "us-east-1"},
        ]
    },
    "get_bucket_logging": by(
        "Bucket",
        {
            "orders": {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "orders/"}},
            "scratch": {},
        },
    ),
}


def test_it_reads_where_each_bucket_is_logged() -> None:
    asked: list[Any] = []
    found = collect(s3.bucket_logs, BUCKETS, asked=asked)

    assert found == (BucketLog("orders", "eu-west-1", "logs"), BucketLog("scratch", "us-east-1"))
    assert asked[1:] == [
        ("get_bucket_logging", {"Bucket": "orders"}),
        ("get_bucket_logging", {"Bucket": "scratch"}),
    ]


def test_a_bucket_that_cannot_be_read_is_named_and_one_that_vanished_is_not() -> None:
    refusals = {"orders": Refusal("AccessDenied"), "scratch": Refusal("NoSuchBucket")}
    answers = {**BUCKETS, "get_bucket_logging": lambda params: refusals[params["Bucket"]]}

    (found,) = collect(s3.bucket_logs, answers)

    assert (found.name, found.target, found.outcome) == ("orders", "", Outcome.ACCESS_DENIED)
    assert found.message


@given(thinned({"answer": {"LoggingEnabled": {"TargetBucket": "logs"}}}))
def test_a_bucket_is_logged_only_if_a_target_is_named(answers: Any) -> None:
    listed = {"list_buckets": {"Buckets": [{"Name": "orders"}]}}
    canned = {**listed, "get_bucket_logging": answers.get("answer") or {}}
    (found,) = collect(s3.bucket_logs, canned, is_checked=False)

    assert found.target in ("", "logs", "TOMORROW")
    if found.target == "logs":
        assert answers["answer"]["LoggingEnabled"]["TargetBucket"] == "logs"


ARN = "arn:aws:elasticloadbalancing:us-east-1:222222222222:loadbalancer"
WEB, TCP, INSPECTED = f"{ARN}/app/web/1", f"{ARN}/net/tcp/2", f"{ARN}/gwy/inspected/3"


def balancer(arn: str, kind: str) -> dict[str, Any]:
    return {
        "LoadBalancerArn": arn,
        "LoadBalancerName": arn.split("/")[-2],
        "Type": kind,
        "Scheme": "internet-facing",
        "VpcId": "vpc-1",
    }


def attributes(enabled: str) -> dict[str, Any]:
    return {
        "Attributes": [
            {"Key": "access_logs.s3.enabled", "Value": enabled},
            {"Key": "access_logs.s3.bucket", "Value": "logs"},
        ]
    }


BALANCERS: Answers = {
    "describe_load_balancers": [
        {"LoadBalancers": [balancer(WEB, "application")], "NextMarker": "more"},
        {"LoadBalancers": [balancer(TCP, "network"), balancer(INSPECTED, "gateway")]},
    ],
    "describe_load_balancer_attributes": by(
        "LoadBalancerArn", {WEB: attributes("true"), TCP: attributes("false")}
    ),
    "describe_listeners": {"Listeners": [{"Protocol": "TCP"}, {"Protocol": "TLS"}]},
}


def test_it_reads_load_balancers_with_their_logs_and_listeners() -> None:
    asked: list[Any] = []
    web, tcp, inspected = collect(elbv2.load_balancers, BALANCERS, asked=asked)

    assert web == LoadBalancer(
        WEB,
        "web",
        "application",
        "internet-facing",
        "vpc-1",
        has_access_log=True,
        log_bucket="logs",
    )
    assert web.is_internet_facing
    assert (tcp.has_tls_listener, tcp.has_access_log, tcp.log_bucket) == (True, False, "")
    assert [found.can_log for found in (web, tcp, inspected)] == [True, True, False]
    assert [name for name, _ in asked].count("describe_listeners") == 1
    assert [name for name, _ in asked].count("describe_load_balancer_attributes") == 2


def test_a_network_load_balancer_without_tls_has_nothing_to_log() -> None:
    plain = {**BALANCERS, "describe_listeners": {"Listeners": [{"Protocol": "TCP"}]}}
    assert not collect(elbv2.load_balancers, plain)[1].can_log


def test_a_load_balancer_of_a_kind_nobody_knows_yet_is_held_to_have_a_log() -> None:
    answers = {**BALANCERS, "describe_load_balancers": {"LoadBalancers": [balancer(WEB, "new")]}}
    assert collect(elbv2.load_balancers, answers)[0].can_log


@pytest.mark.parametrize("operation", ["describe_load_balancer_attributes", "describe_listeners"])
def test_a_load_balancer_that_vanished_is_dropped(operation: str) -> None:
    answers = {
        **BALANCERS,
        "describe_load_balancers": {"LoadBalancers": [balancer(TCP, "network")]},
        operation: Refusal("LoadBalancerNotFound", Outcome.API_ERROR),
    }
    assert collect(elbv2.load_balancers, answers) == ()


@given(
    thinned(
        {
            "describe_load_balancers": {"LoadBalancers": [balancer(WEB, "application")]},
            "describe_load_balancer_attributes": attributes("true"),
            "describe_listeners": {"Listeners": [{"Protocol": "TLS"}]},
        }
    )
)
def test_a_load_balancer_logs_only_while_it_says_so(answers: Any) -> None:
    listed = answers["describe_load_balancer_attributes"].get("Attributes") or [{}]
    found = collect(elbv2.load_balancers, answers, is_checked=False)

    is_on = listed[0] == {"Key": "access_logs.s3.enabled", "Value": "true"}
    for one in found:
        assert one.has_access_log == (is_on and one.kind != elbv2.GATEWAY)


CLASSIC: Answers = {
    "describe_load_balancers": {
        "LoadBalancerDescriptions": [
            {"LoadBalancerName": "old", "Scheme": "internal", "VPCId": "vpc-1"}
        ]
    },
    "describe_load_balancer_attributes": {
        "LoadBalancerAttributes": {"AccessLog": {"Enabled": True, "S3BucketName": "logs"}}
    },
}


def test_it_reads_classic_load_balancers_with_their_logs() -> None:
    assert collect(elb.load_balancers, CLASSIC) == (
        ClassicLoadBalancer("old", "internal", "vpc-1", has_access_log=True, log_bucket="logs"),
    )


def test_a_classic_load_balancer_that_vanished_is_dropped() -> None:
    gone = Refusal("LoadBalancerNotFound", Outcome.API_ERROR)
    answers = {**CLASSIC, "describe_load_balancer_attributes": gone}
    assert collect(elb.load_balancers, answers) == ()


@given(thinned(CLASSIC))
def test_a_classic_load_balancer_logs_only_while_it_says_so(answers: Any) -> None:
    seen = answers["describe_load_balancer_attributes"].get("LoadBalancerAttributes") or {}
    found = collect(elb.load_balancers, answers, is_checked=False)

    assert all(one.has_access_log == ("Enabled" in seen["AccessLog"]) for one in found if seen)


SHOP = "arn:aws:cloudfront::222222222222:distribution/E1"


def summary(**more: Any) -> dict[str, Any]:
    return {"ARN": SHOP, "Id": "E1", "DomainName": "d1.cloudfront.net", **more}


def distributions(config: dict[str, Any], **more: Any) -> Answers:
    return {
        "list_distributions": {"DistributionList": {"Items": [summary(**more)]}},
        "get_distribution_config": {"DistributionConfig": config},
    }


LOGGED = {"Logging": {"Enabled": True, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""}}
STREAM = "arn:aws:cloudfront::222222222222:realtime-log-config/stream"
REAL_TIME = {"RealtimeLogConfigArn": STREAM}


def test_it_reads_distributions_with_standard_logs() -> None:
    aliases = {"Quantity": 1, "Items": ["shop.example.com"]}
    answers = distributions(LOGGED, Aliases=aliases)

    assert collect(cloudfront.distributions, answers, is_checked=False) == (
        Distribution(SHOP, "E1", "shop.example.com", True, "logs.s3.amazonaws.com"),
    )


def test_real_time_logs_that_the_list_names_spare_a_call() -> None:
    asked: list[Any] = []
    answers = distributions({}, DefaultCacheBehavior=REAL_TIME)
    found = collect(cloudfront.distributions, answers, asked=asked, is_checked=False)

    assert found == (Distribution(SHOP, "E1", "d1.cloudfront.net", True, STREAM),)
    assert [name for name, _ in asked] == ["list_distributions"]


def test_real_time_logs_of_the_configuration_count() -> None:
    answers = distributions({"DefaultCacheBehavior": REAL_TIME, "Logging": {"Enabled": False}})
    (found,) = collect(cloudfront.distributions, answers, is_checked=False)

    assert (found.has_log, found.destination) == (True, STREAM)


def test_a_distribution_that_vanished_is_dropped() -> None:
    gone = Refusal("NoSuchDistribution", Outcome.API_ERROR)
    answers = {**distributions({}), "get_distribution_config": gone}
    assert collect(cloudfront.distributions, answers, is_checked=False) == ()


def test_an_account_without_distributions_has_none() -> None:
    empty = {"list_distributions": {"DistributionList": {"Quantity": 0}}}
    assert collect(cloudfront.distributions, empty, is_checked=False) == ()


@given(thinned(distributions(LOGGED)))
def test_a_distribution_is_logged_only_while_it_says_so(answers: Any) -> None:
    config = answers["get_distribution_config"].get("DistributionConfig") or {}
    found = collect(cloudfront.distributions, answers, is_checked=False)

    is_on = (config.get("Logging") or {}).get("Enabled") is True
    assert all(one.has_log == is_on for one in found)


SOURCE = {
    "name": "shop",
    "resourceArns": [SHOP],
    "service": "cloudfront",
    "logType": "ACCESS_LOGS",
    "status": "ACTIVE",
}
DELIVERY = {"deliverySourceName": "shop", "deliveryDestinationArn": "arn:aws:logs:::dest"}
DELIVERIES: Answers = {
    "describe_delivery_sources": {"deliverySources": [SOURCE]},
    "describe_deliveries": {"deliveries": [DELIVERY]},
}


def test_a_delivery_is_read_with_its_source() -> None:
    (found,) = collect(logs.deliveries, DELIVERIES)

    assert found == Delivery(SHOP, "ACCESS_LOGS", "arn:aws:logs:::dest")
    assert found.has_access_log


def test_a_source_alone_delivers_nothing() -> None:
    assert collect(logs.deliveries, {**DELIVERIES, "describe_deliveries": {"deliveries": []}}) == ()


def test_what_a_deleted_resource_left_behind_delivers_nothing() -> None:
    left = {"deliverySources": [{**SOURCE, "status": "INACTIVE"}]}
    answers = {**DELIVERIES, "describe_delivery_sources": left}
    assert collect(logs.deliveries, answers) == ()


def test_without_sources_deliveries_are_not_asked_for() -> None:
    asked: list[Any] = []
    nothing: Answers = {"describe_delivery_sources": {"deliverySources": []}}

    assert collect(logs.deliveries, nothing, asked=asked) == ()
    assert [name for name, _ in asked] == ["describe_delivery_sources"]


@pytest.mark.parametrize(
    ("log_type", "is_one"),
    [("NLB_ACCESS_LOGS", True), ("ALB_CONNECTION_LOGS", False), ("TOMORROW", False), ("", False)],
)
def test_only_access_logs_are_access_logs(log_type: str, is_one: bool) -> None:
    assert Delivery(SHOP, log_type).has_access_log is is_one


@given(thinned(DELIVERIES))
def test_a_delivery_belongs_to_the_source_it_names(answers: Any) -> None:
    for found in collect(logs.deliveries, answers, is_checked=False):
        source = answers["describe_delivery_sources"]["deliverySources"][0]
        delivery = answers["describe_deliveries"]["deliveries"][0]
        assert source["name"] == delivery["deliverySourceName"]
        assert found.has_access_log == (source.get("logType") == "ACCESS_LOGS")


@pytest.mark.parametrize(
    ("collector", "operation"),
    [
        (s3.bucket_logs, "list_buckets"),
        (elb.load_balancers, "describe_load_balancers"),
        (elbv2.load_balancers, "describe_load_balancers"),
        (cloudfront.distributions, "list_distributions"),
        (logs.deliveries, "describe_delivery_sources"),
    ],
    ids=str,
)
def test_denied_is_not_absent(collector: Any, operation: str) -> None:
    with pytest.raises(Missing):
        collect(collector, {operation: Refusal()})
