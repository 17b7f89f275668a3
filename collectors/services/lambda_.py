"""AWS Lambda: the functions of a Region, with their layers and images. Their environment is never
kept, nor where their code may be downloaded.

https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing
from collectors.registry import Collector, Operation, Phase, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_FUNCTIONS = Operation("lambda", "list_functions", "lambda:ListFunctions", "Functions")
GET_FUNCTION = Operation("lambda", "get_function", "lambda:GetFunction")

GONE = ("ResourceNotFoundException",)
IMAGE = "Image"


@dataclass(frozen=True)
class Function:
    function_name: str
    function_arn: str = ""
    package_type: str = ""
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageFunction:
    """A function that is a container image; ``image_uri`` is None where AWS did not tell it."""

    function_name: str
    function_arn: str = ""
    image_uri: str | None = None


def _functions(answers: Any) -> tuple[Function, ...]:
    return tuple(
        Function(
            answer.get("FunctionName") or "",
            answer.get("FunctionArn") or "",
            answer.get("PackageType") or "",
            tuple(layer.get("Arn") or "" for layer in answer.get("Layers") or ()),
        )
        for answer in answers or ()
    )


def fetch_image_functions(aws: Aws) -> list[Mapping[str, Any]]:
    listed = aws.pages(LIST_FUNCTIONS) or []
    return [
        {
            "FunctionName": function.get("FunctionName") or "",
            "FunctionArn": function.get("FunctionArn") or "",
            "ImageUri": _image_uri(aws, function.get("FunctionName") or ""),
        }
        for function in listed
        if function.get("PackageType") == IMAGE
    ]


def _image_uri(aws: Aws, name: str) -> str | None:
    """Roles are often not allowed to ask, because the answer may lead to a function's code."""
    try:
        answer = aws.call(GET_FUNCTION, absent=GONE, FunctionName=name)
    except Missing:
        return None
    return ((answer or {}).get("Code") or {}).get("ImageUri")


def transform_image_functions(answer: Iterable[Mapping[str, Any]]) -> tuple[ImageFunction, ...]:
    return tuple(
        ImageFunction(one["FunctionName"], one["FunctionArn"], one["ImageUri"]) for one in answer
    )


functions: Collector[tuple[Function, ...]] = Collector(
    "lambda_.functions",
    tuple[Function, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_FUNCTIONS,),
    lambda aws: aws.pages(LIST_FUNCTIONS),
    _functions,
    Phase.PRESENCE,
)

image_functions = Collector(
    "lambda_.image_functions",
    tuple[ImageFunction, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_FUNCTIONS, GET_FUNCTION),
    fetch_image_functions,
    transform_image_functions,
)
