"""What carries tags in a Region, and what AWS says of tag policies."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.resourcegroupstaggingapi import NonCompliance, RequiredTag, TagSet
from collectors.tags import Tags
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

SETTINGS = {
    "REQUIRED_TAGS": {"owner": [], "environment": ["production"]},
    "TAG_RESOURCE_TYPES": ["ec2:instance", "s3:bucket"],
    "ENVIRONMENT_TAG_KEY": "env",
}
EC2 = f"arn:aws:ec2:eu-west-1:{ACCOUNT}"


def resource(arn: str, **tags: str) -> dict[str, Any]:
    return {"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}


def listed(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"get_resources": [{"ResourceTagMappingList": [one]} for one in resources]}


def seen(*resources: dict[str, Any], is_checked: bool = True) -> tagging.Tagged:
    found = collect(tagging.tagged, listed(*resources), settings=SETTINGS, is_checked=is_checked)
    assert isinstance(found, tagging.Tagged)
    return found


def tag_set(kind: str, keys: str, count: int, *arns: str, **values: str) -> TagSet:
    return TagSet(kind, Tags(tuple(keys.split()), tuple(sorted(values.items()))), count, arns)


def test_resources_that_are_alike_are_kept_together_by_all_keys_and_some_values() -> None:
    found = seen(
        resource(f"{EC2}:instance/i-2", owner="a", Name="two"),
        resource(f"{EC2}:instance/i-1", owner="a", Name="one"),
        resource(f"{EC2}:instance/i-3"),
        resource(f"{EC2}:instance/i-4", owner="b", Name="four"),
        resource("arn:aws:s3:::files", owner="a", environment="production", env="prod"),
        resource("no ARN", owner="a"),
    )
    instance = f"{EC2}:instance/i-"
    assert found.sets == (
        tag_set("ec2:instance", "", 1, f"{instance}3"),
        tag_set("ec2:instance", "Name owner", 2, f"{instance}1", f"{instance}2", owner="a"),
        tag_set("ec2:instance", "Name owner", 1, f"{instance}4", owner="b"),
        tag_set(
            "s3:bucket", "env environment owner", 1, "arn:aws:s3:::files",
            env="prod", environment="production", owner="a",
        ),
    )  # fmt: skip


def test_values_that_no_setting_asks_about_are_not_kept() -> None:
    found = seen(resource(f"{EC2}:instance/i-1", Name="mara's", owner="a"))
    assert "mara's" not in f"{found}"


def test_of_many_that_are_alike_the_first_are_named_and_all_counted() -> None:
    (found,) = seen(*(resource(f"{EC2}:instance/i-{n:03}", owner="a") for n in range(80))).sets
    assert (found.count, len(found.arns)) == (80, tagging.ARNS_KEPT)


def test_core_resources_are_all_named_and_those_of_other_types_counted() -> None:
    subnets = [resource(f"{EC2}:subnet/subnet-{n:03}", terraform="network") for n in range(80)]
    found = seen(*subnets, resource(f"{EC2}:snapshot/snap-1", terraform="network"))
    assert {one.resource_type: (one.count, len(one.arns)) for one in found.sets} == {
        "ec2:subnet": (80, 80),
        "ec2:snapshot": (1, 0),
    }


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (f"{EC2}:instance/i-1", "ec2:instance"),
        ("arn:aws:s3:::files", "s3:bucket"),
        ("arn:aws:s3:::files/a", "s3:object"),
        ("arn:aws:rds:eu-west-1:222222222222:db:orders", "rds:db"),
        ("arn:aws:lambda:eu-west-1:222222222222:function:sync:3", "lambda:function"),
        (
            "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/app/web/1",
            "elasticloadbalancing:loadbalancer",
        ),
        ("arn:aws:kms:eu-west-1:222222222222:key/1", "kms:key"),
        ("arn:aws:sns:eu-west-1:222222222222:topic", "sns:topic"),
        ("files", ""),
    ],
)
def test_an_arn_tells_the_type(arn: str, kind: str) -> None:
    assert tagging.type_of(arn) == kind


def test_being_denied_is_not_untagged() -> None:
    with pytest.raises(Missing) as missing:
        collect(tagging.tagged, {"get_resources": Refusal()}, settings=SETTINGS)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(listed(resource(f"{EC2}:instance/i-1", owner="a", environment="production"))))
def test_a_tag_counts_only_if_it_is_there(answers: Any) -> None:
    (told,) = answers["get_resources"][0]["ResourceTagMappingList"]
    keys = {tag["Key"] for tag in told["Tags"] if "Key" in tag}
    found = collect(tagging.tagged, answers, settings=SETTINGS, is_checked=False)
    for alike in found.sets:
        assert alike.arns == (told["ResourceARN"],)
        assert set(alike.tags.keys) == keys
        assert set(dict(alike.tags.values)) <= keys


SUMMARY = {
    "TargetId": ACCOUNT,
    "TargetIdType": "ACCOUNT",
    "LastUpdated": "2026-11-22T03:00:00Z",
    "NonCompliantResources": 2,
}


def test_the_summary_is_added_up_for_each_account() -> None:
    pages = [
        {"SummaryList": [SUMMARY, {**SUMMARY, "TargetId": "ou-abcd", "TargetIdType": "OU"}]},
        {"SummaryList": [{**SUMMARY, "LastUpdated": "2026-11-21T03:00:00Z"}]},
    ]
    asked: list[Any] = []
    found = collect(tagging.compliance, {"get_compliance_summary": pages}, asked=asked)
    assert found == {ACCOUNT: NonCompliance(4, "2026-11-22T03:00:00Z")}
    assert asked == [("get_compliance_summary", {"GroupBy": ["TARGET_ID"]})]


def test_an_organization_without_tag_policies_has_no_summary() -> None:
    refusal = Refusal("ConstraintViolationException", Outcome.API_ERROR)
    assert collect(tagging.compliance, {"get_compliance_summary": refusal}) == {}


@given(thinned({"get_compliance_summary": [{"SummaryList": [SUMMARY]}]}))
def test_a_thinned_summary_is_about_no_account_that_it_does_not_name(answers: Any) -> None:
    (told,) = answers["get_compliance_summary"][0]["SummaryList"]
    found = collect(tagging.compliance, answers, is_checked=False)
    assert set(found) <= {told.get("TargetId")}


def test_it_reads_the_keys_that_a_tag_policy_reports() -> None:
    pages = [
        {"RequiredTags": [{"ResourceType": "ec2:instance", "ReportingTagKeys": ["owner"]}]},
        {"RequiredTags": [{"ReportingTagKeys": ["nameless"]}]},
    ]
    found = collect(tagging.required_tags, {"list_required_tags": pages})
    assert found == (RequiredTag("ec2:instance", ("owner",)),)
