"""Nothing but an alternate contact can be written, only by the push, and only while it is on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from django.conf import settings as django_settings
from pytest_django import Settings

from collectors import guard
from collectors.alternate_contacts import PARAMETERS
from collectors.aws import clients, contact_writes
from collectors.aws.contact_writes import ContactWriter
from collectors.aws.roles import Role
from collectors.pushing.limits import LONGEST, PATTERNS
from collectors.registry import operations
from inventory.policy import Policy, Values
from simulated_aws import SimulatedAws

ROOT = Path(django_settings.BASE_DIR)
ALLOWED = {("account", "get_alternate_contact"), ("account", "put_alternate_contact")}


def every_operation() -> Iterator[tuple[str, str]]:
    """Of every service that botocore knows."""
    session = botocore.session.get_session()
    for service in session.get_available_services():
        for name in session.get_service_model(service).operation_names:
            yield service, xform_name(name)


def test_of_all_of_awss_operations_the_push_may_call_two(settings: Settings) -> None:
    settings.CONTACT_PUSH = True
    passed = set()
    every = list(every_operation())
    for client, name in every:
        try:
            guard.check_contact_push(client, name)
        except guard.Refused:
            continue
        passed.add((client, name))
    assert len(every) > 10_000
    assert passed == ALLOWED


def test_of_all_of_awss_operations_everything_else_may_write_none(settings: Settings) -> None:
    settings.CONTACT_PUSH = True
    for client, name in every_operation():
        try:
            guard.check(client, name)
        except guard.Refused:
            continue
        declared = operations().get((client, name))
        assert (client, name) in guard.OWN or (
            declared is not None and guard.is_reading(declared.action)
        )
    with pytest.raises(guard.Refused):
        guard.check("account", "put_alternate_contact")


def test_the_reading_clients_refuse_to_write_a_contact(
    aws: SimulatedAws, settings: Settings
) -> None:
    settings.CONTACT_PUSH = True
    aws.forget_calls()
    contact = dict.fromkeys(PARAMETERS.values(), "1")
    for source in (clients.own(), clients.members()):
        account: Any = source.get("account", "us-east-1")
        with pytest.raises(guard.Refused, match="put_alternate_contact was not sent"):
            account.put_alternate_contact(AlternateContactType="SECURITY", **contact)
    assert aws.calls() == []


@pytest.mark.parametrize(
    ("client", "name", "parameters"),
    [
        ("account", "delete_alternate_contact", {"AlternateContactType": "SECURITY"}),
        ("account", "put_account_name", {"AccountName": "x"}),
        ("sts", "get_caller_identity", {}),
        ("iam", "create_user", {"UserName": "x"}),
    ],
)
def test_the_writing_clients_send_nothing_else(
    aws: SimulatedAws, settings: Settings, client: str, name: str, parameters: dict[str, str]
) -> None:
    settings.CONTACT_PUSH = True
    aws.forget_calls()
    made: Any = contact_writes.clients().get(client, "us-east-1")
    with pytest.raises(guard.Refused):
        getattr(made, name)(**parameters)
    assert aws.calls() == []


def test_while_it_is_off_not_even_a_contact_is_read_with_its_role(
    aws: SimulatedAws, settings: Settings
) -> None:
    assert settings.CONTACT_PUSH is False
    role = Role(aws.world["contacts_role_arn"], "M", aws.world["external_id"])
    writer = ContactWriter(role, Values(Policy()))
    writer.enter()
    aws.forget_calls()
    with pytest.raises(guard.Refused, match="CONTACT_PUSH is off"):
        writer.read("303030303030", "SECURITY")
    with pytest.raises(guard.Refused, match="CONTACT_PUSH is off"):
        writer.write("303030303030", "SECURITY", {})
    assert aws.calls() == []


def test_only_the_push_reaches_the_writing_clients() -> None:
    """lint-imports says so of modules; this also finds a guard given to other clients."""
    naming = {
        path.relative_to(ROOT).as_posix()
        for package in ("cairn", "collectors", "inventory", "roadmap", "demo")
        for path in (ROOT / package).rglob("*.py")
        if {"contact_writes", "check_contact_push", "PUT_ALTERNATE_CONTACT"} & _names(path)
    }
    assert naming == {
        "collectors/guard.py",
        "collectors/aws/contact_writes.py",
        "collectors/pushing/readiness.py",
        "collectors/pushing/working.py",
    }


def _names(path: Path) -> set[str]:
    """Every identifier of a module, and the parts of what it imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= set((node.module or "").split(".")) | {one.name for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {part for one in node.names for part in one.name.split(".")}
    return found


def test_what_aws_takes_is_what_botocores_model_says() -> None:
    session = botocore.session.get_session()
    model: Any = session.get_service_model("account").operation_model("PutAlternateContact")
    shape = model.input_shape
    assert {*PARAMETERS.values(), "AlternateContactType"} == set(shape.required_members)
    for name, parameter in PARAMETERS.items():
        metadata = shape.members[parameter].metadata
        assert metadata["max"] == LONGEST[name]
        if name in PATTERNS:
            written = re.compile(metadata["pattern"].removeprefix("^").removesuffix("$"))
            assert PATTERNS[name].pattern == written.pattern
