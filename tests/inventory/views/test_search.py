import pytest
from django.test import Client

from inventory import search
from inventory.models import Role
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BUILD, CHECKOUT


@pytest.mark.parametrize(
    "pasted",
    [
        CHECKOUT,
        "1111-2222-3333",
        " 1111 2222 3333 ",
        f"arn:aws:s3:us-east-1:{CHECKOUT}:x",
        f"arn:aws:iam::{CHECKOUT}:root",
        f"arn:aws-cn:ec2:cn-north-1:{CHECKOUT}:instance/i-1",
    ],
)
def test_a_pasted_id_or_arn_goes_straight_to_the_account(security: Client, pasted: str) -> None:
    assert security.get("/search/", {"q": pasted})["Location"] == f"/accounts/{CHECKOUT}/"


def test_an_id_nobody_knows_can_be_added(security: Client) -> None:
    told = security.get("/search/?q=123456789012").content.decode()
    assert "is in the sheet" in told
    assert "/new/account/" in told


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("pay", ["/teams/payments/"]),
        ("carol", ["/people/carol@example.com/"]),
        ("acme", ["/organizations/o-acme123456/"]),
        ("checkout", [f"/accounts/{CHECKOUT}/"]),
    ],
)
def test_everything_is_found(security: Client, text: str, links: list[str]) -> None:
    told = security.get("/search/", {"q": text}).content.decode()
    for link in links:
        assert f'href="{link}"' in told


def test_an_owner_finds_nothing_of_others(acme: None, sign_in: SignIn) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    assert "Nothing found" in alice.get("/search/?q=platform").content.decode()
    assert alice.get(f"/search/?q={BUILD}").status_code == 200


@pytest.mark.parametrize("text", ["", "  ", "---", "%", "\x00", "'"])
def test_odd_text_finds_nothing_and_breaks_nothing(security: Client, text: str) -> None:
    assert security.get("/search/", {"q": text}).status_code == 200


def test_an_upper_layer_answers_too(security: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_sources", [])
    hit = search.Hit("Root MFA", "/roadmap/x/")
    search.register_source(
        lambda text, user: search.Hits("Items", [hit], 1) if text == "mfa" else None
    )
    assert "Root MFA" in security.get("/search/?q=mfa").content.decode()
    assert "Root MFA" not in security.get("/search/?q=other").content.decode()
