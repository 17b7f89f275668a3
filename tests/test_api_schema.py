"""The API keeps what its schema promises, whatever it is asked."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from knox.models import AuthToken
from pytest_django.live_server_helper import LiveServer
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
