import re

import pytest
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.test import Client

from inventory.models import Role, User

PASSWORD = "granite cairn on the ridge"

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> str:
    """The e-mail address of somebody who can sign in."""
    get_user_model().objects.create_user("wren@example.com", PASSWORD)
    return "wren@example.com"


def test_signing_in_takes_the_email_address_in_any_case(client: Client, person: str) -> None:
    answer = client.post(
        "/auth/login/?next=/auth/password/change/",
        {"login": person.upper(), "password": PASSWORD, "next": "/auth/password/change/"},
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == "/auth/password/change/"
    assert client.get("/auth/password/change/").status_code == 200


def test_a_wrong_password_is_said_at_the_form_and_signs_nobody_in(
    client: Client, person: str
) -> None:
    answer = client.post("/auth/login/", {"login": person, "password": "guess"})
    assert answer.status_code == 200
    assert "not correct" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_nobody_signs_themselves_up(client: Client) -> None:
    answer = client.post(
        "/auth/signup/",
        {"email": "mole@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert "An administrator makes your sign-in" in answer.content.decode()
    assert not get_user_model().objects.exists()


def test_a_forgotten_password_is_reset_by_mail(
    client: Client, person: str, mailoutbox: list[EmailMessage]
) -> None:
    client.post("/auth/password/reset/", {"email": person})
    [message] = mailoutbox
    assert message.subject == "Cairn: choose a new password"
    link = re.search(r"http://testserver(\S+)", str(message.body))
    assert link
    form = client.get(link[1], follow=True)
    new = "a taller pile of stones"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    answer = client.post("/auth/login/", {"login": person, "password": new})
    assert answer.status_code == 302


def test_a_stranger_s_address_gets_no_mail_and_the_page_does_not_tell(
    client: Client, person: str, mailoutbox: list[EmailMessage]
) -> None:
    known = client.post("/auth/password/reset/", {"email": person})
    mailoutbox.clear()
    unknown = client.post("/auth/password/reset/", {"email": "nobody@example.com"})
    assert mailoutbox == []
    assert (unknown.status_code, unknown.headers["location"]) == (
        known.status_code,
        known.headers["location"],
    )


def test_the_admin_uses_the_same_sign_in(client: Client) -> None:
    answer = client.get("/admin/")
    assert client.get(answer.headers["location"]).headers["location"].startswith("/auth/login/")


def test_signing_out_takes_a_post(client: Client, person: str) -> None:
    client.post("/auth/login/", {"login": person, "password": PASSWORD})
    client.get("/auth/logout/")
    assert "_auth_user_id" in client.session
    client.post("/auth/logout/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("role", "query", "target"),
    [
        (Role.OWNER, "", "/my-work/"),
        (Role.OWNER, "?next=/accounts/", "/accounts/"),
        (Role.VIEWER, "", "/"),
        (Role.SECURITY, "", "/"),
    ],
)
def test_owners_begin_with_their_work_unless_a_link_led_elsewhere(
    role: Role, query: str, target: str, client: Client
) -> None:
    User.objects.create_user("start@example.com", "correct-horse-battery", role=role)
    answer = client.post(
        f"/auth/login/{query}",
        {"login": "start@example.com", "password": "correct-horse-battery"},
    )
    assert answer["Location"] == target
