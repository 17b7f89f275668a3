"""Clients signed in for each role, and the sheet of tests.inventory.sheet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from inventory.models import Role
from tests.inventory import sheet

SignIn = Callable[..., Client]


@pytest.fixture
def acme(db: None) -> None:
    sheet.build_sheet()


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def signed_in(role: Role, email: str | None = None) -> Client:
        client = Client()
        client.force_login(sheet.user(role, email))
        return client

    return signed_in


@pytest.fixture
def security(acme: None, sign_in: SignIn) -> Client:
    return sign_in(Role.SECURITY)
