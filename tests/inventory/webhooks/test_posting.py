"""Where webhooks may go: to the internet and to what is allowed, whatever a URL calls it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django.fixtures import Settings

from inventory.webhooks import posting
from inventory.webhooks.posting import Forbidden, Unanswered, post, resolve
from tests.inventory.webhooks.receiver import Receiver, receiving

PRIVATE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://localhost/",
    "https://LOCALHOST/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_no_private_address_is_reached_by_any_of_its_names(url: str) -> None:
    with pytest.raises((Forbidden, Unanswered)) as refused:
        resolve(url)
    assert "leads to a private address" in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "//8.8.8.8/",
        "https://",
        "https://user:secret@8.8.8.8/",
        "https://8.8.8.8\\@127.0.0.1/",
        "https://8.8.8.8:port/",
        "https://[::1/",
        "https://8.8.8.8/a b",
        "https://8.8.8.8/\u2603",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://8.8.8.8/\r\nX: y",
    ],
)
def test_what_is_no_plain_https_url_is_refused(url: str) -> None:
    with pytest.raises((Forbidden, Unanswered)):
        resolve(url)


def test_a_public_address_is_reached_by_https_alone() -> None:
    assert str(resolve("https://8.8.8.8/x").address) == "8.8.8.8"
    with pytest.raises(Forbidden, match="Only https"):
        resolve("http://8.8.8.8/x")


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolves(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Forbidden, match="private address"):
        resolve("https://hooks.example.com/")


def test_an_allowed_network_is_reached_and_no_other(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.1.2.0/24"), ip_network("fd00::/8")]
    assert str(resolve("http://10.1.2.3:8080/").address) == "10.1.2.3"
    assert resolve("https://[::ffff:10.1.2.3]/").port == 443
    assert str(resolve("https://[fd00::1]/").address) == "fd00::1"
    with pytest.raises(Forbidden):
        resolve("http://10.1.3.3/")


@pytest.mark.usefixtures("loopback")
def test_a_name_is_resolved_once_and_what_was_resolved_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    asked = _resolves(monkeypatch, ["127.0.0.1"])
    assert post(receiver.url("hooks.example.com"), b"{}", {}).status == 200
    assert asked == ["hooks.example.com"]
    ((path, headers, body),) = receiver.got
    assert headers["Host"] == f"hooks.example.com:{receiver.port}"
    assert (path, body) == ("/hook/SECRET-PATH?key=SECRET-KEY", b"{}")


@pytest.mark.usefixtures("loopback")
def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302, 307]
    for status in (302, 307):
        assert post(receiver.url(), b"{}", {}).status == status
    assert all(path.startswith("/hook/") for path, _, _ in receiver.got)


@pytest.mark.usefixtures("loopback")
def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert post(receiver.url(), b"{}", {}).is_success


@pytest.mark.usefixtures("loopback")
def test_little_of_an_answer_is_read(receiver: Receiver) -> None:
    receiver.words = b"x" * 1_000_000
    assert len(post(receiver.url(), b"{}", {}).text) <= 500


@pytest.mark.usefixtures("loopback")
def test_who_answers_a_sign_at_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
    assert time.monotonic() - begun < 5


def _drip(server: socket.socket) -> None:
    talk, _ = server.accept()
    with talk, suppress(OSError):
        talk.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            talk.sendall(b"x")
            time.sleep(0.1)


@pytest.mark.usefixtures("loopback")
def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unanswered):
        post(f"http://127.0.0.1:{port}/", b"{}", {})


def _resolves(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> list[str]:
    """Makes every name lead to these addresses; the names that are asked for. An address that is
    connected to is resolved by the real one."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host[0].isdigit():
            return real(host, port, *args, **more)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("name", "is_answered"), [("hooks.example.com", True), ("other.example.com", False)]
)
def test_the_certificate_is_held_against_the_name_and_not_the_address(
    name: str, is_answered: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(_certificate("hooks.example.com"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _resolves(monkeypatch, ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(context) as secure:
        url = f"https://{name}:{secure.port}/"
        if is_answered:
            assert post(url, b"{}", {}).is_success
        else:
            with pytest.raises(Unanswered):
                post(url, b"{}", {})
            assert secure.got == []


def _certificate(name: str) -> bytes:
    """Key and certificate of a host that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
