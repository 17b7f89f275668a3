"""Which data events a trail records, read from its event selectors. Pure.

Data events are about single objects of a bucket and single calls of a function. A selector may ask
for those of named resources only, for reads or writes only, and advanced ones for anything else
that narrows what is recorded.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answer = Mapping[str, Any]

S3_OBJECTS = "AWS::S3::Object"
FUNCTIONS = "AWS::Lambda::Function"

# The beginnings of ARNs that stand for all resources of a kind.
_ALL = re.compile(r"arn:[^:]+:(s3(:::)?|lambda)")
_READ_WRITE = {"All": (True, True), "ReadOnly": (True, False), "WriteOnly": (False, True)}
_READ_ONLY = {"true": (True, False), "false": (False, True)}


@dataclass(frozen=True)
class DataEvents:
    """What one selector records of one ``kind`` of resource, which is AWS's ``resources.type``.

    ``resources`` are beginnings of ARNs, none for all resources; ``is_narrowed``: something else
    leaves events out as well.
    """

    kind: str
    reads: bool = False
    writes: bool = False
    resources: tuple[str, ...] = ()
    is_narrowed: bool = False

    def covers(self, arn: str) -> bool:
        """Whether its events are recorded of everything whose ARN begins so."""
        if self.is_narrowed:
            return False
        return not self.resources or arn.startswith(self.resources)


def data_events(selectors: Answer) -> tuple[DataEvents, ...]:
    """Of an answer of cloudtrail:GetEventSelectors."""
    advanced = selectors.get("AdvancedEventSelectors") or ()
    if advanced:
        return tuple(found for one in advanced for found in _of_advanced(one))
    basic = selectors.get("EventSelectors") or ()
    return tuple(found for one in basic for found in _of_basic(one))


def _of_basic(selector: Answer) -> Iterator[DataEvents]:
    reads, writes = _READ_WRITE.get(selector.get("ReadWriteType") or "", (False, False))
    for resource in selector.get("DataResources") or ():
        values = resource.get("Values") or ()
        if resource.get("Type") and values:
            yield DataEvents(resource["Type"], reads, writes, _named(values))


def _of_advanced(selector: Answer) -> Iterator[DataEvents]:
    fields = selector.get("FieldSelectors") or ()
    kinds = _only_equals(fields, "resources.type")
    if _only_equals(fields, "eventCategory") != ("Data",) or not kinds:
        return
    rest = [f for f in fields if f.get("Field") not in ("eventCategory", "resources.type")]
    reads, writes = True, True
    resources: tuple[str, ...] = ()
    is_narrowed = False
    for field in rest:
        if field.get("Field") == "readOnly" and (wanted := _only_equals([field], "readOnly")):
            reads, writes = _reads_and_writes(wanted)
        elif field.get("Field") == "resources.ARN" and (begins := _only(field, "StartsWith")):
            resources = _named(begins)
        else:
            is_narrowed = True
    for kind in kinds:
        yield DataEvents(kind, reads, writes, resources, is_narrowed)


def _reads_and_writes(wanted: Iterable[str]) -> tuple[bool, bool]:
    found = [_READ_ONLY.get(value, (False, False)) for value in wanted]
    return any(reads for reads, _ in found), any(writes for _, writes in found)


def _only_equals(fields: Iterable[Answer], name: str) -> tuple[str, ...]:
    """The values the field must have; none where it is not there or tested another way too."""
    found = [field for field in fields if field.get("Field") == name]
    return _only(found[0], "Equals") if len(found) == 1 else ()


def _only(field: Answer, operator: str) -> tuple[str, ...]:
    """The operator's values, if it is the field's only one."""
    used = [name for name, values in field.items() if name != "Field" and values]
    return tuple(field[operator]) if used == [operator] else ()


def _named(values: Sequence[str]) -> tuple[str, ...]:
    """None where one of the values means all resources."""
    return () if any(_ALL.fullmatch(value) for value in values) else tuple(values)
