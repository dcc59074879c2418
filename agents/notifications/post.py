"""Hands a mail to the mail server; says whether to try again, or that it will never be taken."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from uuid import UUID

from db.errors import Unavailable
from db.settings import MailServer

TIMEOUT_SECONDS = 15.0


class WillNotBeTaken(Exception):
    """The mail server said no for good, or nobody could send this mail."""


class Attached(NamedTuple):
    """A PDF."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """`edition` counts what was sent again on purpose; a mere retry keeps the Message-ID."""

    id: UUID
    edition: int
    sender: str
    recipient: str
    title: str
    body: str
    written_at: datetime
    attached: Attached | None = None

    def message(self) -> EmailMessage:
        """Raises ValueError for an address or a title that cannot be in a header."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self.sender, self.recipient, self.title
        message["Date"] = format_datetime(self.written_at)
        message["Message-ID"] = f"<{self.id}.{self.edition}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        message.set_content(self.body)
        if self.attached is not None:
            message.add_attachment(
                self.attached.content, maintype="application", subtype="pdf", filename=self.attached.name
            )
        return message


def send(mail: Mail, server: MailServer) -> None:
    """Raises Unavailable when it may go later, and WillNotBeTaken.

    After a time-out the server may have taken it all the same: the Message-ID tells it is the same mail.
    """
    try:
        message = mail.message()
    except ValueError as error:
        raise WillNotBeTaken(f"It cannot be written: {error}") from error
    try:
        with _connect(server) as connection:
            connection.send_message(message, parseaddr(mail.sender)[1], [mail.recipient])
    except smtplib.SMTPNotSupportedError as error:
        raise WillNotBeTaken(str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[mail.recipient]
        raise _verdict(code, text) from error
    except smtplib.SMTPAuthenticationError as error:
        # Not about this mail: the settings are wrong, and it can go when they are right.
        raise Unavailable("The mail server does not accept our user and password.", retry_after=60.0) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"The mail server is not there: {error}", retry_after=5.0) from error


def _verdict(code: int, text: bytes | str) -> Exception:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if code < 500:
        return Unavailable(f"The mail server asks to come back later: {code} {words}", retry_after=60.0)
    return WillNotBeTaken(f"{code} {words}")


def _connect(server: MailServer) -> smtplib.SMTP:
    tls = ssl.create_default_context()
    if server.implicit_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.ehlo_or_helo_if_needed()
        encrypted = server.implicit_tls
        if not encrypted and connection.has_extn("starttls"):
            connection.starttls(context=tls)
            connection.ehlo()
            encrypted = True
        if server.user and server.password:
            if not encrypted and not _on_this_machine(server.host):
                raise Unavailable("The mail server offers no encryption; our password is not sent in the clear.")
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
