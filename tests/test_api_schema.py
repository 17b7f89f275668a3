"""The API keeps what its schema promises, whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from knox.models import AuthToken
from pytest_django.live_server_helper import LiveServer
from rest_framework import serializers
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from inventory.models import Role
from roadmap.evaluation import judge
from tests import organization
from tests.factories import UserFactory


@pytest.fixture
def api(live_server: LiveServer) -> Any:
    organization.create()
    judge()
    _, token = AuthToken.objects.create(UserFactory.create(role=Role.ADMIN))
    headers = {"Authorization": f"Bearer {token}"}
    found = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/schema/", headers=headers)
    found.config.update(headers=headers)
    return found


def test_every_answer_is_as_described(api: Any) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            answer = case.call_and_validate(
                checks=[not_a_server_error, response_schema_conformance]
            )
            assert answer.status_code in (200, 201, 202, 400, 404), f"{case.method} {case.path}"

        ask()


def test_what_may_be_missing_is_described_as_null() -> None:
    """A default of None is answered as null where the row it comes from is gone."""
    silent = [
        f"{kind.__name__}.{name}"
        for kind in _subclasses(serializers.Serializer)
        if kind.__module__.split(".")[0] in {"cairn", "inventory", "collectors", "roadmap"}
        for name, field in kind().fields.items()
        if field.read_only and field.default is None and not field.allow_null
    ]
    assert silent == []


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)
