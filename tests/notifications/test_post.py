"""Handing a mail to a mail server: logins, encryption, and what is not tried again."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from agents.notifications import post
from agents.notifications.post import Mail, WillNotBeTaken, send
from db.base import uuid7
from db.errors import Unavailable
from db.settings import MailServer
from tests.notifications.mailbox import Mailbox
from tests.shop import START


def a_mail(recipient: str = "ada@example.com") -> Mail:
    return Mail(uuid7(), 1, "Mug & Co <orders@shop.example>", recipient, "Täglich", "Grüße\n", START)


def a_certificate(folder: Path) -> Path:
    """A file with a certificate for 127.0.0.1, signed by itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "mail.pem"
    path.write_bytes(certificate.public_bytes(pem) + secret)
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return a_certificate(tmp_path)


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_login_is_used_and_a_wrong_one_waits_for_better_settings() -> None:
    with Mailbox().open(login=True) as box:
        send(a_mail(), MailServer(box.host, box.port, "me", "right"))
        with pytest.raises(Unavailable, match="user and password"):
            send(a_mail(), MailServer(box.host, box.port, "me", "wrong"))
    assert box.users[0] == ("me", "right")
    assert [(m["Subject"], m.get_content().strip()) for m in box.mails] == [("Täglich", "Grüße")]


def test_a_server_that_offers_encryption_is_spoken_to_in_it(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Mailbox().open(tls=tls) as box:
        send(a_mail(), MailServer(box.host, box.port))
    assert len(box.mails) == 1, "it takes nothing before STARTTLS"


def test_a_server_that_cannot_prove_who_it_is_gets_no_mail(tls: ssl.SSLContext) -> None:
    with Mailbox().open(tls=tls) as box, pytest.raises(Unavailable, match="certificate"):
        send(a_mail(), MailServer(box.host, box.port))
    assert box.mails == []


def test_our_password_is_not_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "_on_this_machine", lambda host: False)
    with Mailbox().open(login=True) as box, pytest.raises(Unavailable, match="not sent in the clear"):
        send(a_mail(), MailServer(box.host, box.port, "me", "right"))
    assert box.users == []


def test_an_address_that_cannot_be_written_is_not_tried_again() -> None:
    with Mailbox().open() as box, pytest.raises(WillNotBeTaken):
        send(a_mail("ada@example.com\nBcc: eve@example.com"), MailServer(box.host, box.port))
    assert box.mails == []


def test_a_server_that_is_not_there_is_weather() -> None:
    with Mailbox().open() as box:
        gone = MailServer(box.host, box.port)
    with pytest.raises(Unavailable, match="is not there"):
        send(a_mail(), gone)
