"""What is read from an identity provider's answer, for answers that no test provider gives."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cairn.sign_in import claims


def read(**parts: Any) -> claims.Claims:
    app = SimpleNamespace(settings={"cairn": {"issuer": "https://id.example", "groups": "groups"}})
    return claims.read(
        SimpleNamespace(
            provider=SimpleNamespace(id="openid_connect", app=app),
            account=SimpleNamespace(uid="1", extra_data=parts),
        ),
        "",
    )


def test_entra_says_that_there_are_more_groups_than_it_sends() -> None:
    token = {"sub": "1", "_claim_names": {"groups": "src1"}}
    assert read(userinfo={"sub": "1"}, id_token=token).groups is None
    assert read(id_token={"sub": "1", "hasgroups": True}).groups is None
    assert read(id_token={"sub": "1"}).groups == frozenset()


def test_groups_may_stand_in_the_token_alone() -> None:
    token = {"sub": "1", "groups": ["a", 7, "b"]}
    assert read(userinfo={"sub": "1"}, id_token=token).groups == frozenset({"a", "b"})
    assert read(userinfo={"sub": "1", "groups": "a"}).groups == frozenset({"a"})


def test_an_address_is_verified_by_the_part_that_names_it() -> None:
    said = read(
        userinfo={"sub": "1", "email": "admin@example.com"},
        id_token={"sub": "1", "email": "me@example.com", "email_verified": True},
    )
    assert (said.email, said.is_verified) == ("admin@example.com", False)


def test_parts_of_different_people_are_refused() -> None:
    with pytest.raises(PermissionDenied):
        read(userinfo={"sub": "2"}, id_token={"sub": "1"})


@pytest.mark.parametrize("email", ["not an address", "", None, 7, "a@b\nc@example.com"])
def test_what_is_no_address_is_none(email: object) -> None:
    assert read(userinfo={"sub": "1", "email": email, "email_verified": True}).email == ""
