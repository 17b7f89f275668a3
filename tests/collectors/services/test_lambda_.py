"""The functions of a Region."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing
from collectors.services.lambda_ import Function, ImageFunction, functions, image_functions
from tests.collectors.services.canned import Refusal, by, collect, thinned

ARN = "arn:aws:lambda:eu-west-1:222222222222:function:sync"
FUNCTION = {
    "FunctionName": "sync",
    "FunctionArn": ARN,
    "Environment": {"Variables": {"PASSWORD": "hunter2"}},
}


def test_it_reads_the_functions_of_all_pages_without_their_environment() -> None:
    pages = [{"Functions": [FUNCTION]}, {"Functions": [{"FunctionName": "other"}]}]

    found = collect(functions, {"list_functions": pages})

    assert found == (Function("sync", ARN), Function("other"))
    assert "hunter2" not in repr(found)


@given(thinned({"list_functions": {"Functions": [FUNCTION]}}))
def test_a_function_with_fields_missing_still_counts(answers: Any) -> None:
    assert len(collect(functions, answers, is_checked=False)) == 1


def test_it_reads_layers_and_the_package_type() -> None:
    layer = "arn:aws:lambda:eu-west-1:999999999999:layer:tools:3"
    answer = {**FUNCTION, "PackageType": "Zip", "Layers": [{"Arn": layer, "CodeSize": 1}]}
    (found,) = collect(functions, {"list_functions": {"Functions": [answer]}})
    assert (found.package_type, found.layers) == ("Zip", (layer,))


IMAGES = {
    "list_functions": {
        "Functions": [
            FUNCTION,
            {"FunctionName": "resize", "FunctionArn": "arn:resize", "PackageType": "Image"},
            {"FunctionName": "secret", "FunctionArn": "arn:secret", "PackageType": "Image"},
        ]
    },
    "get_function": by(
        "FunctionName",
        {
            "resize": {
                "Configuration": FUNCTION,
                "Code": {
                    "RepositoryType": "ECR",
                    "ImageUri": "registry.example.com/resize:1",
                    "Location": "https://signed.example.com/?X-Amz-Signature=abc",
                },
            },
            "secret": Refusal(),
        },
    ),
}


def test_it_asks_image_functions_for_their_image_and_keeps_no_link_to_code() -> None:
    found = collect(image_functions, IMAGES)

    assert found == (
        ImageFunction("resize", "arn:resize", "registry.example.com/resize:1"),
        ImageFunction("secret", "arn:secret", None),
    )
    assert "Signature" not in repr(found)
    assert "hunter2" not in repr(found)


def test_a_function_that_is_gone_has_no_image() -> None:
    gone = Refusal("ResourceNotFoundException")
    (first, _) = collect(image_functions, {**IMAGES, "get_function": gone})
    assert first.image_uri is None


def test_being_denied_the_list_is_not_having_none() -> None:
    with pytest.raises(Missing):
        collect(image_functions, {"list_functions": Refusal()})
