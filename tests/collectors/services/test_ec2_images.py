"""Which images instances were started from, and which may be used."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.ec2 import AllowedImages, ImageUse, allowed_images, image_uses
from tests.collectors.services.canned import Refusal, collect, thinned


def instance(instance_id: str, state: str = "running", **metadata: Any) -> dict[str, Any]:
    return {
        "InstanceId": instance_id,
        "State": {"Code": 16, "Name": state},
        "OwnerId": "222222222222",
        "ImageMetadata": {"ImageId": "ami-1", **metadata},
    }


KNOWN: dict[str, Any] = {
    "Name": "al2023",
    "OwnerId": "137112412989",
    "ImageOwnerAlias": "amazon",
    "State": "deregistered",
    "IsPublic": True,
    "ImageAllowed": True,
}


def uses(*instances: dict[str, Any], images: Any = None) -> Any:
    half = len(instances) // 2
    return collect(
        image_uses,
        {
            "describe_instance_image_metadata": [
                {"InstanceImageMetadata": list(instances[:half])},
                {"InstanceImageMetadata": list(instances[half:])},
            ],
            "describe_images": images or Refusal(),
        },
    )


def test_instances_of_one_image_are_kept_together_with_its_owner() -> None:
    assert uses(instance("i-2", **KNOWN), instance("i-1", **KNOWN)) == (
        ImageUse(
            "ami-1", "al2023", "137112412989", "amazon", "deregistered", True, True, ("i-1", "i-2")
        ),
    )


def test_terminated_instances_do_not_count() -> None:
    assert uses(instance("i-1", "terminated", **KNOWN)) == ()


def test_an_image_whose_owner_is_lost_is_described() -> None:
    image = {"ImageId": "ami-1", "OwnerId": "333333333333", "Public": False, "Name": "golden"}
    (found,) = uses(instance("i-1"), images={"Images": [image]})
    assert (found.owner_id, found.name, found.is_public) == ("333333333333", "golden", False)


def test_an_image_that_is_gone_has_no_owner() -> None:
    (found,) = uses(instance("i-1"), images={"Images": []})
    assert (found.image_id, found.owner_id, found.is_public) == ("ami-1", "", None)


@pytest.mark.parametrize("operation", ["describe_instance_image_metadata", "describe_images"])
def test_being_denied_is_not_having_none(operation: str) -> None:
    answers = {
        "describe_instance_image_metadata": {"InstanceImageMetadata": [instance("i-1")]},
        "describe_images": {"Images": []},
        operation: Refusal("UnauthorizedOperation"),
    }
    with pytest.raises(Missing) as missing:
        collect(image_uses, answers)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


THIN = {
    "describe_instance_image_metadata": [{"InstanceImageMetadata": [instance("i-1", **KNOWN)]}],
    "describe_images": [{"Images": [{"ImageId": "ami-1", "OwnerId": "222222222222"}]}],
}


@given(thinned(THIN))
def test_an_instance_with_fields_missing_still_counts(answers: Any) -> None:
    (told,) = answers["describe_instance_image_metadata"][0]["InstanceImageMetadata"]
    found = collect(image_uses, answers, is_checked=False)
    assert sum(len(use.instance_ids) for use in found) == 1
    if found[0].is_allowed is True:
        assert told["ImageMetadata"]["ImageAllowed"] is True


SETTING = {
    "State": "enabled",
    "ManagedBy": "declarative-policy",
    "ImageCriteria": [
        {"ImageProviders": ["amazon", "333333333333"]},
        {"ImageProviders": ["amazon"], "ImageNames": ["golden-*"]},
    ],
}


def test_it_reads_the_allowed_images_setting() -> None:
    assert collect(allowed_images, {"get_allowed_images_settings": SETTING}) == AllowedImages(
        "enabled", "declarative-policy", 2, ("333333333333", "amazon"), ("golden-*",)
    )


@given(thinned({"get_allowed_images_settings": SETTING}, frozenset({"ImageProviders"})))
def test_it_is_enforced_only_if_it_says_so(answers: Any) -> None:
    told = answers.get("get_allowed_images_settings", {})
    found = collect(allowed_images, {"get_allowed_images_settings": told}, is_checked=False)
    assert found.is_enforced is (told.get("State") == "enabled")
