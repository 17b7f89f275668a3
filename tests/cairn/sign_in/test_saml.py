"""Signing in through a real SAML identity provider, and assertions that attackers made of its."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from pytest_django.fixtures import Settings

from inventory.access import role_of
from inventory.models import GroupMapping, Role, SignIn, User
from tests.cairn.sign_in.conftest import (
    METADATA,
    Company,
    browser,
    configure,
    is_signed_in,
    post_assertion,
)
from tests.factories import UserFactory
from tests.identity_providers import key_pair, sign_in_at_saml

pytestmark = pytest.mark.django_db

ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"

Change = Callable[[etree._Element], None]


@pytest.fixture(autouse=True)
def security_group() -> None:
    GroupMapping.objects.create(group="cairn-security", role=Role.SECURITY)


@pytest.fixture
def wren(saml: Company) -> Company:
    saml.knows({"w-1": attributes("wren@example.com", "cairn-security")})
    return saml


def attributes(email: str, *groups: str) -> dict[str, list[str]]:
    return {"email": [email], "groups": list(groups), "givenName": ["Wren"], "sn": ["Ash"]}


def forged(fields: dict[str, str], change: Change) -> dict[str, str]:
    """The provider's answer, changed on its way through the browser."""
    root = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    change(root)
    return {**fields, "SAMLResponse": base64.b64encode(etree.tostring(root)).decode()}


def try_forged(company: Company, change: Change, client: Client | None = None) -> Any:
    client = client or browser()
    answer = post_assertion(client, forged(sign_in_at_saml(company.leave(client), "w-1"), change))
    assert not is_signed_in(client) or answer.status_code == 302
    return answer


def unsign(root: etree._Element) -> None:
    for signature in list(root.iter(SIGNATURE)):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)


def sign(root: etree._Element, key: bytes, certificate: bytes) -> None:
    """Sign the assertion anew, with any key."""
    unsign(root)
    assertion = root.find(ASSERTION)
    assert assertion is not None
    signed = OneLogin_Saml2_Utils.add_sign(
        etree.tostring(assertion), key.decode(), certificate.decode()
    )
    root.replace(assertion, etree.fromstring(signed))


def test_somebody_of_a_mapped_group_is_let_in_and_known_from_then_on(wren: Company) -> None:
    client = browser()
    answer = wren.sign_in(client, "w-1", to="/accounts/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/")
    user = User.objects.get()
    assert (user.email, str(user), role_of(user)) == ("wren@example.com", "Wren Ash", Role.SECURITY)
    wren.sign_in(browser(), "w-1")
    assert User.objects.count() == 1
    assert [one.method for one in SignIn.objects.all()] == ["saml", "saml"]


def test_a_provider_known_by_its_certificate_alone_does_as_well(
    wren: Company, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(
        settings,
        monkeypatch,
        SAML_METADATA_URL="",
        SAML_SSO_URL=wren.provider.name.replace("/metadata", "/sso"),
        SAML_CERTIFICATE=str(tmp_path / "cert.pem"),
    )
    client = browser()
    wren.sign_in(client, "w-1")
    assert is_signed_in(client)


def test_the_provider_vouches_only_for_domains_that_were_named(saml: Company) -> None:
    victim = UserFactory.create(email="cfo@partner.example", role=Role.ADMIN)
    saml.knows({"e-1": attributes("cfo@partner.example", "cairn-security")})
    client = browser()
    assert saml.sign_in(client, "e-1").status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_a_provider_that_says_it_verified_the_address_needs_no_domain(saml: Company) -> None:
    said = attributes("cfo@partner.example", "cairn-security")
    saml.knows({"p-1": {**said, "email_verified": ["true"]}})
    client = browser()
    saml.sign_in(client, "p-1")
    assert is_signed_in(client)


def test_an_assertion_without_a_signature_is_refused(wren: Company) -> None:
    client = browser()
    assert try_forged(wren, unsign, client).status_code == 403
    assert not is_signed_in(client)


def test_an_assertion_signed_by_somebody_else_is_refused(wren: Company) -> None:
    client = browser()
    assert try_forged(wren, lambda root: sign(root, *key_pair()), client).status_code == 403
    assert not is_signed_in(client)


def test_an_assertion_changed_after_it_was_signed_is_refused(wren: Company) -> None:
    UserFactory.create(email="admin@example.com", role=Role.ADMIN)

    def become_admin(root: etree._Element) -> None:
        [value] = [v for v in root.iter("{*}AttributeValue") if v.text == "wren@example.com"]
        value.text = "admin@example.com"

    client = browser()
    assert try_forged(wren, become_admin, client).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("first", [True, False])
def test_a_second_assertion_beside_the_signed_one_is_refused(wren: Company, first: bool) -> None:
    UserFactory.create(email="admin@example.com", role=Role.ADMIN)

    def wrap(root: etree._Element) -> None:
        signed = root.find(ASSERTION)
        assert signed is not None
        evil = etree.fromstring(etree.tostring(signed))
        unsign(evil)
        evil.set("ID", "_evil")
        for value in evil.iter("{*}AttributeValue"):
            if value.text == "wren@example.com":
                value.text = "admin@example.com"
        root.insert(root.index(signed) + (0 if first else 1), evil)

    client = browser()
    assert try_forged(wren, wrap, client).status_code == 403
    assert not is_signed_in(client)


def test_a_comment_cuts_no_address_short(saml: Company) -> None:
    """Comments are not signed, and some readers of XML stop at them."""
    victim = UserFactory.create(email="admin@example.com", role=Role.ADMIN)
    saml.knows({"w-1": attributes("admin@example.com.evil.example", "cairn-security")})

    def cut(root: etree._Element) -> None:
        for value in root.iter("{*}AttributeValue"):
            if value.text == "admin@example.com.evil.example":
                value.text = "admin@example.com"
                comment = etree.Comment("cut")
                comment.tail = ".evil.example"
                value.append(comment)

    client = browser()
    try_forged(saml, cut, client)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_an_assertion_for_another_service_is_refused(wren: Company, tmp_path: Path) -> None:
    """The same provider signs it, for an audience that is not Cairn."""

    def readdress(root: etree._Element) -> None:
        [audience] = root.iter("{*}Audience")
        audience.text = "https://wiki.example.com/saml"
        key, certificate = (tmp_path / name for name in ("key.pem", "cert.pem"))
        sign(root, key.read_bytes(), certificate.read_bytes())

    client = browser()
    assert try_forged(wren, readdress, client).status_code == 403
    assert not is_signed_in(client)


def test_the_provider_s_own_signature_made_anew_is_good(wren: Company, tmp_path: Path) -> None:
    """So it is the audience that the test above is refused for."""
    key, certificate = (tmp_path / name for name in ("key.pem", "cert.pem"))
    client = browser()
    try_forged(wren, lambda root: sign(root, key.read_bytes(), certificate.read_bytes()), client)
    assert is_signed_in(client)


def test_an_assertion_is_taken_once(wren: Company) -> None:
    client = browser()
    fields = sign_in_at_saml(wren.leave(client), "w-1")
    post_assertion(client, fields)
    assert is_signed_in(client)
    client.post("/auth/logout/")
    assert post_assertion(client, fields).status_code == 403
    assert not is_signed_in(client)


def test_an_assertion_that_was_stolen_is_of_no_use_in_another_browser(wren: Company) -> None:
    fields = sign_in_at_saml(wren.leave(browser()), "w-1")
    thief = browser()
    assert post_assertion(thief, fields).status_code == 403
    assert not is_signed_in(thief)


def test_an_assertion_that_nobody_asked_for_is_refused(wren: Company, tmp_path: Path) -> None:
    def unasked(root: etree._Element) -> None:
        for element in root.iter():
            element.attrib.pop("InResponseTo", None)
        key, certificate = (tmp_path / name for name in ("key.pem", "cert.pem"))
        sign(root, key.read_bytes(), certificate.read_bytes())

    client = browser()
    assert try_forged(wren, unasked, client).status_code == 403
    assert not is_signed_in(client)


def test_an_old_assertion_is_refused(wren: Company) -> None:
    client = browser()
    fields = sign_in_at_saml(wren.leave(client), "w-1")
    later = datetime.now(UTC) + timedelta(minutes=21)
    with time_machine.travel(later, tick=False):
        assert post_assertion(client, fields).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_relay_state_sends_nobody_elsewhere(wren: Company, to: str) -> None:
    client = browser()
    fields = sign_in_at_saml(wren.leave(client, to), "w-1")
    answer = post_assertion(client, {**fields, "RelayState": to})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("rubbish", ["", "%%%", "PHNhbWw+", base64.b64encode(b"<a/>").decode()])
def test_rubbish_is_refused_and_breaks_nothing(wren: Company, rubbish: str) -> None:
    assert post_assertion(browser(), {"SAMLResponse": rubbish}).status_code == 403


def test_entities_are_not_resolved(wren: Company) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    answer = post_assertion(browser(), {"SAMLResponse": base64.b64encode(bomb).decode()})
    assert answer.status_code == 403
    assert b"root:" not in answer.content


def test_a_logout_request_without_a_signature_signs_nobody_out(wren: Company) -> None:
    client = browser()
    wren.sign_in(client, "w-1")
    request = OneLogin_Saml2_Utils.deflate_and_base64_encode(
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'ID="_1" Version="2.0" IssueInstant="2026-11-24T12:00:00Z"/>'
    )
    if isinstance(request, bytes):
        request = request.decode()
    for extra in (
        {},
        {"Signature": "AAAA", "SigAlg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"},
    ):
        answer = client.get(
            "/auth/saml/company/sls/",
            {"SAMLRequest": request, "RelayState": "https://evil.example/", **extra},
        )
        assert answer.status_code in (400, 403)
    assert is_signed_in(client)


def test_the_metadata_names_addresses_and_asks_for_signed_assertions(saml: Company) -> None:
    root = etree.fromstring(browser().get(METADATA).content)
    [service] = root.iter("{*}SPSSODescriptor")
    [acs] = root.iter("{*}AssertionConsumerService")
    assert service.get("WantAssertionsSigned") == "true"
    assert acs.get("Location") == "http://testserver/auth/saml/company/acs/"
    assert root.get("entityID") == f"http://testserver{METADATA}"
    assert root.get("validUntil") is None


def test_another_organization_s_addresses_do_not_exist(saml: Company) -> None:
    assert browser().get("/auth/saml/other/metadata/").status_code == 404
    assert browser().get("/auth/oidc/company/login/callback/").status_code == 404
