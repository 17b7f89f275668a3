"""How instances started tomorrow will answer metadata requests."""

from typing import Any

import pytest
from hypothesis import given

from collectors.services.autoscaling import LaunchConfiguration, launch_configurations
from collectors.services.ec2 import (
    MetadataDefaults,
    TemplateVersion,
    launch_templates,
    metadata_defaults,
)
from tests.collectors.services.canned import Refusal, collect, thinned

REQUIRED = {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2}
DEFAULTS = {
    "AccountLevel": {
        **REQUIRED,
        "HttpTokensEnforced": "enabled",
        "ManagedBy": "declarative-policy",
    }
}
TEMPLATES = {
    "LaunchTemplates": [
        {"LaunchTemplateId": "lt-1", "DefaultVersionNumber": 2, "LatestVersionNumber": 4},
        {"LaunchTemplateId": "lt-2", "DefaultVersionNumber": 1, "LatestVersionNumber": 1},
    ]
}


def version(template: str, number: int, **data: Any) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template,
        "LaunchTemplateName": f"name of {template}",
        "VersionNumber": number,
        "DefaultVersion": number < 3,
        "LaunchTemplateData": {"UserData": "c2VjcmV0", **data},
    }


def versions(params: Any) -> Any:
    template = params.get("LaunchTemplateId")
    if template is None:
        assert params["Versions"] == ["$Default"]
        found = [version("lt-1", 2, MetadataOptions=REQUIRED), version("lt-2", 1)]
    else:
        numbers = [4 if named == "$Latest" else int(named) for named in params["Versions"]]
        found = [version(template, number) for number in numbers]
    return {"LaunchTemplateVersions": found}


def group(**template: str) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": "g",
        "LaunchTemplate": template,
        "MinSize": 0,
        "MaxSize": 1,
        "DesiredCapacity": 1,
        "DefaultCooldown": 0,
        "AvailabilityZones": ["eu-west-1a"],
        "HealthCheckType": "EC2",
        "CreatedTime": "2026-11-01T00:00:00Z",
    }


def templates(*groups: dict[str, Any], asked: Any = None) -> Any:
    answers = {
        "describe_launch_templates": TEMPLATES,
        "describe_launch_template_versions": versions,
        "describe_auto_scaling_groups": {"AutoScalingGroups": list(groups)},
    }
    return collect(launch_templates, answers, asked=asked)


def test_it_reads_what_the_account_prefers() -> None:
    found = collect(metadata_defaults, {"get_instance_metadata_defaults": DEFAULTS})

    assert found == MetadataDefaults("required", "enabled", "enabled", 2, "declarative-policy")
    assert found.enforces_tokens


@pytest.mark.parametrize("answer", [{}, {"AccountLevel": {}}], ids=["nothing", "no preference"])
def test_no_preference_requires_nothing(answer: Any) -> None:
    found = collect(metadata_defaults, {"get_instance_metadata_defaults": answer})

    assert found == MetadataDefaults()
    assert not found.requires_tokens


@given(thinned({"get_instance_metadata_defaults": DEFAULTS}))
def test_only_what_is_said_is_required(answers: Any) -> None:
    found = collect(metadata_defaults, answers, is_checked=False)
    level = answers["get_instance_metadata_defaults"].get("AccountLevel") or {}

    assert found.requires_tokens == (level.get("HttpTokens") == "required")
    assert not found.enforces_tokens or found.requires_tokens


def test_it_reads_the_default_version_of_every_template() -> None:
    assert templates() == (
        TemplateVersion("lt-1", "name of lt-1", 2, True, "required", "enabled"),
        TemplateVersion("lt-2", "name of lt-2", 1, True),
    )


@pytest.mark.parametrize(
    ("named", "numbers"),
    [
        ("$Default", {2}),
        ("2", {2}),
        ("3", {2, 3}),
        ("$Latest", {2, 4}),
    ],
)
def test_it_reads_the_versions_that_groups_start_from(named: str, numbers: set[int]) -> None:
    found = templates(group(LaunchTemplateId="lt-1", Version=named))

    assert {v.number for v in found if v.launch_template_id == "lt-1"} == numbers


def test_groups_of_mixed_instances_count_with_their_overrides() -> None:
    mixed = group() | {
        "LaunchTemplate": {},
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "3"},
                "Overrides": [
                    {
                        "LaunchTemplateSpecification": {
                            "LaunchTemplateId": "lt-2",
                            "Version": "7",
                        }
                    },
                    {"InstanceType": "t3.small"},
                ],
            }
        },
    }
    found = {(v.launch_template_id, v.number) for v in templates(mixed)}

    assert {("lt-1", 3), ("lt-2", 7)} <= found


def test_a_template_that_vanished_is_left_out() -> None:
    def gone(params: Any) -> Any:
        if "LaunchTemplateId" in params:
            return Refusal("InvalidLaunchTemplateId.VersionNotFound")
        return versions(params)

    found = collect(
        launch_templates,
        {
            "describe_launch_templates": TEMPLATES,
            "describe_launch_template_versions": gone,
            "describe_auto_scaling_groups": {
                "AutoScalingGroups": [group(LaunchTemplateId="lt-1", Version="9")]
            },
        },
    )

    assert [v.number for v in found] == [2, 1]


def test_without_templates_nothing_more_is_asked() -> None:
    asked: list[Any] = []
    assert collect(launch_templates, {"describe_launch_templates": {}}, asked=asked) == ()
    assert [name for name, _ in asked] == ["describe_launch_templates"]


@given(
    thinned(
        {
            "describe_launch_templates": TEMPLATES,
            "describe_launch_template_versions": versions({"Versions": ["$Default"]}),
            "describe_auto_scaling_groups": {
                "AutoScalingGroups": [group(LaunchTemplateId="lt-1", Version="3")]
            },
        }
    )
)
def test_templates_with_fields_missing_are_read(answers: Any) -> None:
    found = collect(launch_templates, answers, is_checked=False)

    assert all(version.launch_template_id for version in found)


CONFIGURATION: dict[str, Any] = {
    "LaunchConfigurationName": "web",
    "LaunchConfigurationARN": "arn:aws:autoscaling:eu-west-1:222222222222:launchConfiguration:1",
    "ImageId": "ami-1",
    "InstanceType": "t3.small",
    "CreatedTime": "2026-11-01T00:00:00Z",
    "UserData": "c2VjcmV0",
    "MetadataOptions": REQUIRED,
}


def test_it_reads_launch_configurations() -> None:
    answers = {"describe_launch_configurations": {"LaunchConfigurations": [CONFIGURATION]}}

    assert collect(launch_configurations, answers) == (
        LaunchConfiguration("web", CONFIGURATION["LaunchConfigurationARN"], "required", "enabled"),
    )


@given(
    thinned(
        {"describe_launch_configurations": {"LaunchConfigurations": [CONFIGURATION]}},
        kept=frozenset({"LaunchConfigurationName"}),
    )
)
def test_a_configuration_requires_tokens_only_if_it_says_so(answers: Any) -> None:
    (found,) = collect(launch_configurations, answers, is_checked=False)
    (answer,) = answers["describe_launch_configurations"]["LaunchConfigurations"]
    options = answer.get("MetadataOptions") or {}

    assert found.requires_tokens == (options.get("HttpTokens") == "required")
