"""The table of `make bench`: a target is met or missed, and a missed one says why."""

import pytest

from bench.report import Measure, table


def measure(**values: object) -> Measure:
    return Measure("7", "accounts", **{"ours": 20.0, "unit": "ms", **values})  # type: ignore[arg-type]  # given by case


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"floor": 10.0, "at_most": 3.0}, "met"),
        ({"floor": 5.0, "at_most": 3.0}, "missed"),
        ({"peer": 60.0, "at_least": 2.5}, "met"),
        ({"peer": 30.0, "at_least": 2.5}, "missed"),
        ({"floor": 10.0, "at_most": 3.0, "peer": 30.0, "at_least": 2.5}, "missed"),
        ({"ceiling": 20.0}, "met"),
        ({"ceiling": 19.0}, "missed"),
        ({"floor": 5.0, "peer": 30.0}, ""),
    ],
)
def test_a_measure_is_met_when_all_of_its_targets_are(
    values: dict[str, float], outcome: str
) -> None:
    assert measure(**values).outcome == outcome


def test_a_missed_target_is_named_with_its_cause() -> None:
    missed = measure(floor=5.0, at_most=3.0, cause="The filter reads every row.")
    met = measure(floor=10.0, at_most=3.0, cause="Nothing.")
    lines = list(table([missed, met]))
    assert "* missed: accounts. The filter reads every row." in lines
    assert not any("Nothing." in line for line in lines)
    assert "4.00×" in lines[2]
    assert lines[2].rstrip(" |").endswith("missed")
