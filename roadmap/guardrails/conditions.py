"""Conditions of policies, decided with what is known of a request. Pure.

The answer is true, false, or the names of the keys it depends on and of which nothing is known.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import ge, gt, le, lt

from roadmap.guardrails.documents import Condition
from roadmap.guardrails.globs import Lookup, Pattern, Unknown, pattern, with_values

Truth = bool | frozenset[str]
Values = Sequence[str]

# Global keys that the probes leave out on purpose (11.3); those that end in a slash or a stop are
# families. A service's own key that a probe does not bring along is absent too.
ABSENT = frozenset(
    "aws:" + name
    for name in (
        "tagkeys", "sourcevpc", "sourcevpce", "sourcevpcarn", "vpcsourceip", "vpceaccount",
        "vpceorgid", "vpceorgpaths", "sourcearn", "sourceaccount", "sourceorgid",
        "sourceorgpaths", "principalservicename", "principalservicenameslist", "sourceidentity",
        "federatedprovider", "assumedroot", "ec2instancesourcevpc",
        "ec2instancesourceprivateipv4", "useragent", "referer",
    )
)  # fmt: skip
ABSENT_FAMILIES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "aws:calledvia")
# In a context: the request has the key, and nobody knows its value.
UNKNOWN_VALUE = ("\0",)
# Left out in the variant without MFA, and there in the other.
MFA = "aws:multifactorauthpresent"


def lookup(context: Mapping[str, Values], key: str) -> Values | None:
    """The key's values, None for one that the request does not have: the context has it empty,
    or it is among those that probes leave out. Raises Unknown."""
    found = context.get(key)
    if found == UNKNOWN_VALUE:
        raise Unknown(key)
    if found is not None:
        return found or None
    prefix, colon, _ = key.partition(":")
    is_absent = (
        key in ABSENT
        or key == MFA
        or key.startswith(ABSENT_FAMILIES)
        or (colon and prefix and prefix != "aws")
    )
    if is_absent:
        return None
    raise Unknown(key if colon else f"${{{key}}}")


def variable(context: Mapping[str, Values]) -> Lookup:
    """What a policy variable stands for: a key's only value."""

    def value(key: str) -> str | None:
        found = lookup(context, key)
        return found[0] if found and len(found) == 1 else None

    return value


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's and: one false decides, whatever else is not known."""
    return _decided(truths, by=False)


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's or: one true decides."""
    return _decided(truths, by=True)


def _decided(truths: Iterable[Truth], *, by: bool) -> Truth:
    unknown: set[str] = set()
    for truth in truths:
        if truth is by:
            return by
        if not isinstance(truth, bool):
            unknown |= truth
    return frozenset(unknown) or not by


# Of the request's value and the policy's: whether one equals the other in the operator's sense.
Compare = Callable[[str, str, Lookup], bool]


def _text(wildcards: bool, ignores_case: bool = False) -> Callable[[bool], Compare]:
    def comparing(has_variables: bool) -> Compare:
        def compare(actual: str, wanted: str, values: Lookup) -> bool:
            made = pattern(
                wanted, wildcards=wildcards, variables=has_variables, ignores_case=ignores_case
            )
            return made.matches(actual, values)

        return compare

    return comparing


def _arn(has_variables: bool) -> Compare:
    def compare(actual: str, wanted: str, values: Lookup) -> bool:
        parts, actual_parts = arn_patterns(wanted, has_variables), actual.split(":", 5)
        if len(parts) == 1:
            return parts[0].matches(actual, values)
        return len(parts) == len(actual_parts) and all(
            part.matches(text, values) for part, text in zip(parts, actual_parts, strict=True)
        )

    return compare


@lru_cache(maxsize=4096)
def arn_patterns(text: str, has_variables: bool) -> tuple[Pattern, ...]:
    """The six segments of an ARN, each a pattern; a lone * stands for every ARN. Colons within a
    variable separate nothing."""
    segments, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if letter == ":" and depth <= 0 and len(segments) < 6:
            segments.append("")
        else:
            segments[-1] += letter
    return tuple(pattern(segment, variables=has_variables) for segment in segments)


def _resolved(compare: Callable[[str, str], bool]) -> Callable[[bool], Compare]:
    """A comparison of values that are no patterns; variables are put in first."""

    def comparing(has_variables: bool) -> Compare:
        def resolved(actual: str, wanted: str, values: Lookup) -> bool:
            value = with_values(wanted, values) if has_variables else wanted
            return value is not None and compare(actual, value)

        return resolved

    return comparing


def _number(is_met: Callable[[float, float], bool]) -> Callable[[bool], Compare]:
    def compare(actual: str, wanted: str) -> bool:
        left, right = _as_number(actual), _as_number(wanted)
        return left is not None and right is not None and is_met(left, right)

    return _resolved(compare)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(is_met: Callable[[float, float], bool]) -> Callable[[bool], Compare]:
    def compare(actual: str, wanted: str) -> bool:
        left, right = _as_time(actual), _as_time(wanted)
        return left is not None and right is not None and is_met(left, right)

    return _resolved(compare)


def _as_time(text: str) -> float | None:
    """Seconds since 1970 of an ISO date or of such a number itself."""
    number = _as_number(text)
    if number is not None:
        return number
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_in_network(actual: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _equal(left: float, right: float) -> bool:
    return left == right


# In lower case and without Not: AWS does not mind the case of an operator.
_OPERATORS: Mapping[str, Callable[[bool], Compare]] = {
    "stringequals": _text(wildcards=False),
    "stringequalsignorecase": _text(wildcards=False, ignores_case=True),
    "stringlike": _text(wildcards=True),
    "binaryequals": _text(wildcards=False),
    "bool": _text(wildcards=False, ignores_case=True),
    "ipaddress": _resolved(_is_in_network),
    "arnequals": _arn,
    "arnlike": _arn,
    "numericequals": _number(_equal),
    "numericlessthan": _number(lt),
    "numericlessthanequals": _number(le),
    "numericgreaterthan": _number(gt),
    "numericgreaterthanequals": _number(ge),
    "dateequals": _date(_equal),
    "datelessthan": _date(lt),
    "datelessthanequals": _date(le),
    "dategreaterthan": _date(gt),
    "dategreaterthanequals": _date(ge),
}
NEGATED: Mapping[str, str] = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


@dataclass(frozen=True)
class Operator:
    """``quantifier`` is forallvalues, foranyvalue or empty; ``base`` the operator without Not and
    IfExists."""

    base: str
    is_negated: bool = False
    if_exists: bool = False
    quantifier: str = ""

    @property
    def is_known(self) -> bool:
        return (self.base in _OPERATORS or self.base == "null") and self.quantifier in (
            "", "forallvalues", "foranyvalue",
        )  # fmt: skip

    @property
    def compares_size(self) -> bool:
        return self.base.startswith(("numeric", "date"))


@lru_cache(maxsize=1024)
def operator(written: str) -> Operator:
    quantifier, _, name = written.lower().rpartition(":")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    base = NEGATED.get(name, name)
    return Operator(base, name in NEGATED, if_exists, quantifier)


def holds(condition: Condition, context: Mapping[str, Values], has_variables: bool) -> Truth:
    """Whether the request meets the condition. An operator that Cairn does not know, or a key of
    which nothing is known, makes it unknown."""
    how = operator(condition.operator)
    if not how.is_known:
        return frozenset({condition.key})
    if how.base == "null" and context.get(condition.key) == UNKNOWN_VALUE:
        return _is_null(condition, False)
    try:
        actual = lookup(context, condition.key)
    except Unknown as unknown:
        return frozenset({unknown.key})
    if how.base == "null":
        return _is_null(condition, actual is None)
    if actual is None:
        return _of_absent(how)
    return _of_values(how, actual, condition.values, variable(context), has_variables)


def _is_null(condition: Condition, is_absent: bool) -> bool:
    return any((value.lower() == "true") is is_absent for value in condition.values)


def _of_absent(how: Operator) -> bool:
    if how.quantifier == "foranyvalue":
        return how.if_exists
    return how.if_exists or how.is_negated or how.quantifier == "forallvalues"


def _of_values(
    how: Operator, actual: Values, wanted: Values, values: Lookup, has_variables: bool
) -> Truth:
    compare = _OPERATORS[how.base](has_variables)

    def one(value: str) -> Truth:
        found = disjunction(_compared(compare, value, each, values) for each in wanted)
        return _not(found) if how.is_negated else found

    if how.quantifier == "forallvalues" or (how.is_negated and not how.quantifier):
        return conjunction(one(value) for value in actual)
    return disjunction(one(value) for value in actual)


def _compared(compare: Compare, actual: str, wanted: str, values: Lookup) -> Truth:
    try:
        return compare(actual, wanted, values)
    except Unknown as unknown:
        return frozenset({unknown.key})


def _not(truth: Truth) -> Truth:
    return not truth if isinstance(truth, bool) else truth
