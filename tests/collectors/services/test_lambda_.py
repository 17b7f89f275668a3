"""The functions of a Region."""

from typing import Any

from hypothesis import given

from collectors.services.lambda_ import Function, functions
from tests.collectors.services.canned import collect, thinned

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
