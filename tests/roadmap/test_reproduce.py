"""Commands for the AWS CLI, held against the CLI's own names through boto3's models."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from roadmap.reproduce import Command, commands_of

ACCOUNT = "222222222222"


def call(client: str, operation: str, region: str = "eu-west-1", **more: Any) -> dict[str, Any]:
    told = {"client": client, "operation": operation, "caller": "A", "account": ACCOUNT}
    return told | {"region": region, "requests": 1} | more


@pytest.mark.parametrize(
    "name", ["includeShadowTrails", "SAMLProviderArn", "ResourceARN", "TrailName", "MaxResults"]
)
def test_options_are_spelled_as_the_cli_spells_them(name: str) -> None:
    (made,) = commands_of([call("ec2", "describe_vpcs", parameters={name: "x"})])
    assert f" --{xform_name(name, '-')} x " in made.text


@pytest.mark.parametrize(
    ("made", "text"),
    [
        pytest.param(
            call("ec2", "describe_vpcs"),
            "aws ec2 describe-vpcs --region eu-west-1",
            id="no parameters",
        ),
        pytest.param(
            call("s3", "get_bucket_versioning", parameters={"Bucket": "it's mine"}),
            """aws s3api get-bucket-versioning --bucket 'it'"'"'s mine' --region eu-west-1""",
            id="another command, and a quote",
        ),
        pytest.param(
            call("cloudtrail", "describe_trails", parameters={"includeShadowTrails": True}),
            "aws cloudtrail describe-trails --include-shadow-trails --region eu-west-1",
            id="a switch",
        ),
        pytest.param(
            call("config", "describe_config_rules", parameters={"ConfigRuleNames": ["a", "b"]}),
            "aws configservice describe-config-rules --config-rule-names a b --region eu-west-1",
            id="a list",
        ),
        pytest.param(
            call("ec2", "describe_images", "", parameters={"Filters": [{"Name": "x"}]}),
            """aws ec2 describe-images --filters '[{"Name": "x"}]'""",
            id="a structure, no Region",
        ),
    ],
)
def test_a_call_is_a_command(made: dict[str, Any], text: str) -> None:
    assert commands_of([made]) == [Command(text, f"the member role in {ACCOUNT}")]


def test_alike_calls_are_one_command_for_each_role() -> None:
    one = call("organizations", "list_accounts", caller="M", account="111111111111")
    again = call("ec2", "describe_vpcs", requests=3)
    assert commands_of([one, again, again]) == [
        Command(
            "aws organizations list-accounts --region eu-west-1",
            "the management role in 111111111111",
        ),
        Command(
            "aws ec2 describe-vpcs --region eu-west-1", f"the member role in {ACCOUNT}", more=2
        ),
    ]
