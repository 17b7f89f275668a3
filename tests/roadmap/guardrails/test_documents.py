"""What is a service control policy is read; anything else is refused, with the line."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.guardrails.documents import (
    LONGEST,
    MOST_CHARACTERS,
    Refused,
    policy_of,
    read_policy,
)
from roadmap.guardrails.templates import filled

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "scp"

DENY = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}


def text(*statements: Mapping[str, object], **more: object) -> str:
    return json.dumps(
        {"Version": "2012-10-17", **more, "Statement": list(statements) or [DENY]}, indent=1
    )


REFUSED = {
    "nothing": ("", 1, "empty"),
    "a comment": ('{\n "Version": "2012-10-17", // which\n "Statement": []}', 2, "comment"),
    "a comment of several lines": ("/* mine */ {}", 1, "comment"),
    "a comma too many": ('{"Statement": [\n1,\n]}', 2, "comma too many"),
    "a key twice": ('{"Statement": {},\n"Statement": {}}', 2, "twice"),
    "not a number": ('{"Statement": NaN}', 1, "value is missing"),
    "more behind it": (text() + "\n{}", 11, "more after the end"),
    "a text without an end": ('{"Statement": "x', 1, "no closing double quote"),
    "a line break in a text": ('{"Statement":\n"x\ny"}', 2, "line break"),
    "half a character": ('{"Statement":\n"\\ud800"}', 2, "U+D800"),
    "a character that moves the cursor": ('{"\\u001b[2J":\n1}', 1, "U+001B"),
    "a key twice in other letters": (
        text({**DENY, "Condition": {"Null": {"aws:A": "true", "AWS:a": "false"}}}),
        11,
        "twice",
    ),
    "nested without end": ("[" * 50_000, 1, "nested"),
    "a list": ("[]", 1, "object"),
    "a tag policy": ('{\n"tags": {}}', 1, "no Statement"),
    "no statement": ('{"Statement":\n[]}', 1, "no statement"),
    "an unknown part": (text(Rules=[]), 3, "Rules"),
    "an unknown version": ('{"Version": "2031-01-01",\n"Statement": {}}', 1, "2031"),
    "a resource control policy": (
        text({**DENY, "Principal": "*", "Action": "s3:*"}),
        8,
        "resource control policy",
    ),
    "a bucket's policy": (text({**DENY, "Principal": {"AWS": "*"}}), 8, "Principal"),
    "everybody but some": (text({**DENY, "NotPrincipal": "*"}), 8, "NotPrincipal"),
    "an unknown part of a statement": (text({**DENY, "Actoin": "s3:*"}), 8, "Actoin"),
    "neither allow nor deny": (text({**DENY, "Effect": "deny"}), 5, "Effect"),
    "no action": (text({"Effect": "Deny", "Resource": "*"}), 4, "Action"),
    "an action and all but it": (text({**DENY, "NotAction": "s3:*"}), 8, "both"),
    "a resource and all but it": (text({**DENY, "NotResource": "*"}), 8, "both"),
    "an action without a service": (text({**DENY, "Action": "RunInstances"}), 6, "no action"),
    "an action that is a number": (text({**DENY, "Action": ["ec2:*", 5]}), 8, "no text"),
    "no resources": (text({**DENY, "Resource": []}), 7, "empty"),
    "a condition without keys": (text({**DENY, "Condition": {"Bool": "true"}}), 9, "no keys"),
    "a value that is an object": (text({**DENY, "Condition": {"Bool": {"a:b": {}}}}), 10, "value"),
    "a very long resource": (text({**DENY, "Resource": "x" * 3000}), 7, "too long"),
}


@pytest.mark.parametrize(("written", "line", "said"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_file_and_line(written: str, line: int, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_policy(written, "here.json")
    assert refused.value.line == line
    assert said in str(refused.value)
    assert str(refused.value).startswith("here.json, line ")


def test_the_sample_with_a_comment_is_refused_at_the_comment() -> None:
    name = "deny-service-specific-credential-by-type.json"
    with pytest.raises(Refused, match=f"{name}, line 15: .*comment"):
        read_policy((SAMPLES / name).read_bytes(), name)


def test_five_megabytes_are_refused_at_once() -> None:
    huge = text({**DENY, "Resource": ["*" * 100] * 50_000})
    assert len(huge) > 5_000_000 > LONGEST
    before = time.process_time()
    with pytest.raises(Refused, match="longer than 256 KiB"):
        read_policy(huge)
    assert time.process_time() - before < 1


def test_the_longest_text_of_wildcards_that_is_read_takes_no_time_to_speak_of() -> None:
    wild = text({**DENY, "Resource": ["*a" * 1000 + "b"] * 100})
    assert len(read_policy(wild).statements[0].resources) == 100


NO_TEXT = {
    "not UTF-8": (b"{\n\xff}", "x, line 2: It is not text in UTF-8.* save it as UTF-8"),
    "UTF-16, little end first": (text().encode("utf-16"), "x, line 1: .* UTF-16: save it as UTF-8"),
    "UTF-16, big end first": (b"\xfe\xff" + text().encode("utf-16-be"), "UTF-16: save it as"),
}


@pytest.mark.parametrize(("content", "told"), NO_TEXT.values(), ids=NO_TEXT)
def test_bytes_that_are_no_text_are_refused(content: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_policy(content, "x")


def test_lines_may_end_as_on_windows() -> None:
    assert read_policy(text().replace("\n", "\r\n")) == read_policy(text())
    with pytest.raises(Refused, match=r"line 3: .*Rules"):
        read_policy(text(Rules=[]).replace("\n", "\r\n"))


def test_a_policy_larger_than_aws_allows_says_so() -> None:
    """Blanks within a text count, those between texts do not."""
    bare = json.dumps({"Statement": {**DENY, "Sid": ""}}, separators=(",", ":"))
    full = bare.replace('"Sid":""', f'"Sid":"{"a b" * 1000}{"c" * (2120 - len(bare))}"')
    assert len(full) == MOST_CHARACTERS
    indented = json.dumps(json.loads(full), indent=8)
    assert not read_policy(indented).too_large
    one_more = read_policy(indented.replace("a b", "a bc", 1))
    assert "5,121 characters" in one_more.too_large


def test_a_mark_of_byte_order_is_no_part_of_the_text() -> None:
    assert read_policy(b"\xef\xbb\xbf" + text().encode()).statements


def test_single_values_are_lists_of_one() -> None:
    alone = read_policy(json.dumps({"Version": "2012-10-17", "Statement": DENY}))
    listed = {**DENY, "Action": ["ec2:*"], "Resource": ["*"]}
    assert alone == read_policy(text(listed))


def test_without_a_resource_all_are_meant() -> None:
    assert read_policy(text({"Effect": "Deny", "Action": "*"})).statements[0].resources == ("*",)


def test_what_aws_sent_needs_no_lines() -> None:
    with pytest.raises(Refused, match="p-1: It has no Statement"):
        policy_of({}, "p-1")


PLACEHOLDERS = {
    "an unknown variable": "arn:aws:iam::${Account}:role/x",
    "a name in brackets": "arn:aws:iam::*:role/[PRIVILEGED_ROLE]",
    "a name in angle brackets": "<my-vpc>",
    "a template's braces": "{{ role }}",
}


@pytest.mark.parametrize("value", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_what_is_to_be_filled_in_makes_it_unfinished(value: str) -> None:
    condition = {"ArnNotLike": {"aws:PrincipalArn": value}}
    document = read_policy(text({**DENY, "Condition": condition, "Resource": value}))
    assert document.is_unfinished
    done = filled(document)
    assert not done.is_unfinished
    assert "*" in done.statements[0].resources[0]
    assert done.statements[0].conditions[0].values != document.statements[0].conditions[0].values


@pytest.mark.parametrize("value", ["${aws:PrincipalAccount}", "${*}", "${aws:a, 'b'}", "a[0]<1>"])
def test_iams_own_variables_are_finished(value: str) -> None:
    assert not read_policy(text({**DENY, "Resource": value})).is_unfinished


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Condition", "Sid", "Bool"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(st.text() | st.binary() | JSON_VALUES.map(json.dumps))
def test_garbage_is_refused_and_nothing_else(garbage: str | bytes) -> None:
    with suppress(Refused):
        assert read_policy(garbage, "x").statements


@given(JSON_VALUES)
def test_garbage_from_aws_is_refused_and_nothing_else(garbage: object) -> None:
    with suppress(Refused):
        assert policy_of(garbage).statements
