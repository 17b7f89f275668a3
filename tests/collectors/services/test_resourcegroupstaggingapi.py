"""What carries tags in a Region, and what AWS says of tag policies."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.resourcegroupstaggingapi import NonCompliance, RequiredTag, TagSet
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

SETTINGS = {
    "REQUIRED_TAGS": {"owner": [], "environment": ["production"]},
    "TAG_RESOURCE_TYPES": ["ec2:instance", "s3:bucket"],
    "IAC_TAG_KEYS": ["terraform", "aws:cloudformation:stack-name"],
    "IAC_IGNORE_TAGS": ["aws:servicecatalog:*"],
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


def test_resources_that_are_alike_are_kept_together_without_other_tags() -> None:
    found = seen(
        resource(f"{EC2}:instance/i-2", owner="a", Name="two"),
        resource(f"{EC2}:instance/i-1", owner="a", secret="s"),
        resource(f"{EC2}:instance/i-3"),
        resource("arn:aws:s3:::files", owner="a", environment="production"),
        resource(f"{EC2}:snapshot/snap-1", owner="a"),
    )
    assert found.sets == (
        TagSet("ec2:instance", {}, 1, (f"{EC2}:instance/i-3",), is_tagged=False),
        TagSet("ec2:instance", {"owner": "a"}, 2, (f"{EC2}:instance/i-1", f"{EC2}:instance/i-2")),
        TagSet(
            "s3:bucket", {"environment": "production", "owner": "a"}, 1, ("arn:aws:s3:::files",)
        ),
    )
    assert (found.required, found.types) == (
        ("environment", "owner"),
        ("ec2:instance", "s3:bucket"),
    )


def test_environments_are_counted_over_resources_of_any_type() -> None:
    found = seen(
        resource(f"{EC2}:instance/i-1", env="prod"),
        resource(f"{EC2}:snapshot/snap-1", env=" Prod"),
        resource("arn:aws:s3:::files", env="test", environment="production"),
        resource("arn:aws:s3:::other", env=""),
    )
    assert found.environments == {"prod": 2, "test": 1}


def test_of_very_many_environments_the_most_frequent_are_kept() -> None:
    resources = [resource(f"arn:aws:s3:::b{n}", env=f"e{n:02}") for n in range(30)]
    twice = resource("arn:aws:s3:::last", env="e29")
    found = seen(*resources, twice).environments
    assert (len(found), found["e29"]) == (tagging.ENVIRONMENTS_KEPT, 2)


def test_of_many_that_are_alike_the_first_are_named_and_all_counted() -> None:
    (found,) = seen(*(resource(f"{EC2}:instance/i-{n:03}", owner="a") for n in range(80))).sets
    assert (found.count, len(found.arns)) == (80, tagging.ARNS_KEPT)


def test_core_resources_that_come_from_code_are_named() -> None:
    found = seen(
        resource(f"{EC2}:vpc/vpc-1", terraform="network"),
        resource(f"{EC2}:subnet/subnet-1", **{"aws:cloudformation:stack-name": "network"}),
        resource(f"{EC2}:subnet/subnet-2", **{"aws:servicecatalog:portfolioArn": "p"}),
        resource(f"{EC2}:subnet/subnet-3", owner="a"),
        resource(f"{EC2}:snapshot/snap-1", terraform="network"),
    )
    assert found.from_code == (f"{EC2}:subnet/subnet-1", f"{EC2}:vpc/vpc-1")
    assert found.ignored == (f"{EC2}:subnet/subnet-2",)


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
        assert set(alike.tags) <= keys


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
