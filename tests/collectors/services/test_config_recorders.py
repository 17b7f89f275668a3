"""Whether AWS Config records in a Region, and for whom."""

from typing import Any

from hypothesis import given

from collectors.services.config_recorders import Recorder, recorders
from tests.collectors.services.canned import collect, thinned

ANSWER = {
    "ConfigurationRecorders": [
        {"name": "default"},
        {"name": "Hub", "servicePrincipal": "securityhub.amazonaws.com"},
    ]
}


def test_it_tells_the_accounts_own_recorder_from_those_of_services() -> None:
    found = collect(recorders, {"describe_configuration_recorders": ANSWER})
    assert found == (Recorder("default"), Recorder("Hub", "securityhub.amazonaws.com"))
    assert [recorder.is_service_linked for recorder in found] == [False, True]


def test_no_recorder_is_a_fact() -> None:
    nothing: dict[str, Any] = {"ConfigurationRecorders": []}
    assert collect(recorders, {"describe_configuration_recorders": nothing}) == ()


@given(thinned({"describe_configuration_recorders": ANSWER}))
def test_there_are_as_many_as_aws_lists(answers: Any) -> None:
    found = collect(recorders, answers, is_checked=False)
    listed = answers["describe_configuration_recorders"].get("ConfigurationRecorders") or ()
    assert len(found) == len(listed)
