"""Whatever a record holds: a result, a plain refusal, never a crash."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.scanners import CheckResult, Unreadable, read_results
from tests.collectors.scanners.test_readers import AUDIT, PUBLIC, asff, ocsf, rule, scoutsuite

# What no scanner writes there.
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1e300, "", "\0", "x" * 5000, [], [1], [None], [{}], [[]], {}, {"a": [1]}]
)


def read(content: bytes) -> list[CheckResult]:
    try:
        return list(read_results(io.BytesIO(content)))
    except Unreadable:
        return []


def damaged(record: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Any subset of its fields missing, any of the others something else."""
    found = dict(record)
    for name in record:
        if data.draw(st.booleans()):
            del found[name]
        elif data.draw(st.booleans()):
            found[name] = data.draw(VALUES)
    return found


@given(st.data())
def test_prowler_ocsf(data: st.DataObject) -> None:
    for result in read(json.dumps([ocsf(), damaged(ocsf(), data)]).encode()):
        assert isinstance(result.account_id, str)
        assert "\0" not in result.resource


@given(st.data())
def test_security_hub(data: st.DataObject) -> None:
    assert read(json.dumps({"Findings": [asff(), damaged(asff(), data)]}).encode())


@given(st.data())
def test_scoutsuite(data: st.DataObject) -> None:
    findings = {"a": rule(1, "x"), "b": damaged(rule(2, "y"), data)}
    assert read(scoutsuite(findings).encode())


@given(st.data())
def test_cloudmapper(data: st.DataObject) -> None:
    lines = f"{json.dumps(AUDIT)}\n{json.dumps(damaged(AUDIT, data))}"
    assert read(lines.encode())


@given(st.data())
def test_cloudmapper_public(data: st.DataObject) -> None:
    assert read(json.dumps([PUBLIC[0], *(damaged(one, data) for one in PUBLIC)]).encode())


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    read(content)


@given(st.sampled_from([json.dumps([ocsf()]), json.dumps([asff()]), json.dumps(AUDIT)]), st.data())
def test_one_byte_changed(whole: str, data: st.DataObject) -> None:
    content = bytearray(whole.encode())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(content))


def test_a_record_without_an_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.scanners.records.LONGEST_RECORD", 200_000)
    fitting = [ocsf(message="x" * 50_000) for _ in range(10)]
    assert len(list(read_results(io.BytesIO(json.dumps(fitting).encode())))) == 10
    content = io.BytesIO(json.dumps([ocsf(), ocsf(message="x" * 2_000_000)]).encode())
    with pytest.raises(Unreadable, match="a record of more than"):
        list(read_results(content))
    assert content.tell() < 500_000
