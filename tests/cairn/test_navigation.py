import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path

from cairn import navigation
from inventory.models import User


def page(*args: object) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", include(([path("", page, name="overview")], "roadmap"))),
    path(
        "",
        include(
            (
                [
                    path("accounts/", page, name="accounts"),
                    path("import/", page, name="import"),
                ],
                "inventory",
            )
        ),
    ),
]


def listed(address: str, role: str) -> list[navigation.Entry]:
    request = RequestFactory().get(address)
    request.user = User(role=role)
    return [entry for group in navigation.groups(request) for entry in group.entries]


@pytest.mark.urls("tests.cairn.test_navigation")
def test_only_places_with_a_page_are_listed() -> None:
    assert [e.place.label for e in listed("/", "admin")] == ["Overview", "Accounts", "Import"]


@pytest.mark.urls("tests.cairn.test_navigation")
def test_places_of_other_roles_are_not_listed() -> None:
    assert [e.place.label for e in listed("/", "viewer")] == ["Overview", "Accounts"]


@pytest.mark.urls("tests.cairn.test_navigation")
@pytest.mark.parametrize(
    ("address", "here"),
    [("/", ["Overview"]), ("/accounts/111122223333/", ["Accounts"]), ("/auth/login/", [])],
)
def test_the_place_above_the_page_is_marked(address: str, here: list[str]) -> None:
    assert [e.place.label for e in listed(address, "admin") if e.is_here] == here


def test_strangers_see_no_navigation() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert navigation.groups(request) == []


def test_no_two_places_share_a_key() -> None:
    keys = [place.key for place in navigation.PLACES]
    assert len(keys) == len(set(keys))
