"""AWS Lambda: the functions of a Region. Their environment is never kept.

https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

LIST_FUNCTIONS = Operation("lambda", "list_functions", "lambda:ListFunctions", "Functions")


@dataclass(frozen=True)
class Function:
    function_name: str
    function_arn: str = ""


def _functions(answers: Any) -> tuple[Function, ...]:
    return tuple(
        Function(answer.get("FunctionName") or "", answer.get("FunctionArn") or "")
        for answer in answers or ()
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
