"""A mail server on the loopback that keeps what it takes, and says no when told to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

TAKEN = "250 OK"


class OnAnyPort(Controller):
    """A controller on the port that the system gave: aiosmtpd itself would knock at port 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mailbox:
    """`says` are the answers to the next mails; TAKEN when there are none. "hang up" takes the mail, and
    closes the connection instead of an answer."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.says: list[str] = []
        self.says_to_recipients: list[str] = []
        self.users: list[tuple[str, str]] = []
        self.host, self.port = "127.0.0.1", 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.says_to_recipients:
            return self.says_to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.says.pop(0) if self.says else TAKEN
        if answer in {TAKEN, "hang up"}:
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
        if answer == "hang up":
            server.transport.abort()
        return answer

    def _login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)

    @contextmanager
    def open(self, *, login: bool = False, tls: SSLContext | None = None) -> Iterator[Mailbox]:
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if login:
            options |= {"authenticator": self._login, "auth_require_tls": False}
        with warnings.catch_warnings():
            # It warns that a login without TLS is unwise, which it is, except here.
            warnings.simplefilter("ignore", UserWarning)
            controller = OnAnyPort(self, hostname=self.host, port=0, **options)
            controller.start()
        self.port = controller.port
        try:
            yield self
        finally:
            controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"
