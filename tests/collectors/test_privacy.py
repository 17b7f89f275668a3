"""Section 0.5 of the evidence rules: what AWS may answer with and Cairn must not keep.

Every collector is given answers with all fields that AWS's models know, secrets planted in those
of the privacy list, and what it makes of them is searched.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from collectors.registry import Collector, Operation, collectors
from inventory.policy_settings import SETTINGS
from tests.collectors.services.canned import _api_name, _model, collect

PLANTED = "PLANTED-IN-PRIVATE"
# Members of answers whose values are secret or private, whatever operation they come from.
PRIVATE = re.compile(
    r"^(UserData|SAMLMetadataDocument|SecretAccessKey|SecretString|SecretBinary|SessionToken|"
    r"Password|MasterUserPassword|PrivateKey|ServicePassword|ServiceSpecificCredentialSecret|"
    r"Base32StringSeed|Location)$"
)
# Maps whose values are: Lambda's and ECS's environment.
PRIVATE_MAPS = re.compile(r"^(EnvironmentVariables|Variables)$")
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DEEPEST = 12


def answer(shape: Shape | None, name: str = "", depth: int = 0) -> Any:
    """Everything a shape can hold: one of each list, all members of each structure."""
    if isinstance(shape, StructureShape):
        if depth > DEEPEST:
            return {}
        return {
            member: answer(part, member, depth + 1)
            for member, part in shape.members.items()
            # There is one page of everything.
            if "token" not in member.lower() and member not in ("Marker", "IsTruncated")
        }
    if isinstance(shape, ListShape):
        return [] if depth > DEEPEST else [answer(shape.member, name, depth + 1)]
    if isinstance(shape, MapShape):
        key = next(iter(getattr(shape.key, "enum", ())), "key")
        value = PLANTED if PRIVATE_MAPS.match(name) else answer(shape.value, name, depth + 1)
        return {key: value}
    return _word(shape, name)


def _word(shape: Shape | None, name: str) -> Any:
    kind = shape.type_name if shape is not None else "string"
    if kind in ("integer", "long"):
        return 1
    if kind in ("float", "double"):
        return 1.0
    if kind == "boolean":
        return False
    if kind == "timestamp":
        return NOW
    if PRIVATE.match(name):
        return PLANTED.encode() if kind == "blob" else PLANTED
    if kind == "blob":
        return b""
    if isinstance(shape, StringShape) and shape.enum:
        return shape.enum[0]
    if "policy" in name.lower() or name in ("Content", "EventPattern", "TemplateBody"):
        return DOCUMENT
    return "111111111111" if name.lower().endswith("accountid") else f"a-{name.lower()}"


def answers_of(operations: tuple[Operation, ...]) -> dict[str, Any]:
    found = {}
    for operation in operations:
        model = _model(operation.client).operation_model(_api_name(operation))
        found[operation.name] = answer(model.output_shape)
    return found


def test_secrets_are_planted_where_aws_could_send_them() -> None:
    """Else the test below could not fail."""
    planted = {
        name
        for name, operations in {c.name: (*c.operations, *c.own) for c in ALL}.items()
        if PLANTED in str(answers_of(operations))
    }
    assert {"lambda_.functions", "ec2.launch_templates"} <= planted, planted


ALL = list(collectors().values())


@pytest.mark.parametrize("collector", ALL, ids=str)
def test_no_collector_keeps_what_is_private(collector: Collector[Any]) -> None:
    assert PLANTED not in msgspec.json.encode(made_by(collector)).decode()


def made_by(collector: Collector[Any]) -> Any:
    """What it makes of such answers, and of those of the collectors it builds on."""
    given = answers_of((*collector.operations, *collector.own))
    settings = {name: setting.default for name, setting in SETTINGS.items()}
    below = [collectors()[name] for name in collector.builds_on if name != collector.name]
    return collect(
        collector,
        given,
        own=given,
        settings=settings,
        stored={one.name: made_by(one) for one in below},
        is_checked=False,
    )
