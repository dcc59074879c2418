"""Every setting there is: one variable, one line of help each. Read once at the start, frozen afterwards.

Nothing else in the product looks at the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Network = IPv4Network | IPv6Network


class BadSettings(Exception):
    """The environment cannot be used; the text names every variable that is wrong, one a line."""


@dataclass(frozen=True)
class MailServer:
    """`implicit_tls` speaks TLS from the first byte (smtps); otherwise STARTTLS is used when offered."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit_tls: bool = False


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise ValueError("is a port from 1 to 65535")
    return int(value)


def _rate(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("is a whole number of requests a second, at least 1")
    return int(value)


def _days(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 36500:
        raise ValueError("is a whole number of days, at least 1")
    return int(value)


def _flag(value: str) -> bool:
    if value not in {"yes", "no"}:
        raise ValueError("is yes or no")
    return value == "yes"


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in value.split(","))
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("is a list of origins such as https://shop.example,https://till.example")
    return origins


def _replicas(value: str) -> tuple[tuple[str, int], ...]:
    pairs = [part.partition("=") for part in value.replace(" ", "").split(",")]
    if not all(name.isidentifier() and number.isdecimal() and int(number) >= 1 for name, _, number in pairs):
        raise ValueError("looks like orders=2,fulfilment=2")
    return tuple((name, int(number)) for name, _, number in pairs)


def _folder(value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ValueError("is an absolute path")
    return path


def _postgres(value: str) -> str:
    if urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("looks like postgresql://user:password@host:5432/name")
    return value.replace("postgres://", "postgresql://", 1)


def _web(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is an address that begins with https:// or http://")
    return value.rstrip("/")


def _mail_server(value: str) -> MailServer:
    wanted = "looks like smtp://user:password@host:587, or smtps:// for TLS from the start"
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(wanted)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    tls = parts.scheme == "smtps"
    user, password = (unquote(v) if v else None for v in (parts.username, parts.password))
    return MailServer(parts.hostname, port or (465 if tls else 587), user, password, tls)


def _mail_address(value: str) -> str:
    address = value.rpartition("<")[2].removesuffix(">")
    if address.count("@") != 1 or any(c in value for c in "\r\n"):
        raise ValueError("looks like Shop <orders@example.com>")
    return value


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(","))
    except ValueError:
        raise ValueError("is a list of networks such as 127.0.0.0/8,10.1.0.0/16") from None


def _log_format(value: str) -> str:
    if value not in {"console", "json"}:
        raise ValueError("is console or json")
    return value


def _release() -> str:
    try:
        return version("backoffice")
    except PackageNotFoundError:
        return "unreleased"


def _setting(
    variable: str,
    help: str,
    read: Callable[[str], Any],
    *,
    default: Any = None,
    default_factory: Callable[[], Any] | None = None,
    secret: bool = False,
) -> Any:
    facts = {"variable": variable, "help": help, "read": read, "secret": secret}
    if default_factory is not None:
        return field(default_factory=default_factory, metadata=facts)
    return field(default=default, metadata=facts)


@dataclass(frozen=True, repr=False)
class Settings:
    """An installation's settings. None means that the part they belong to is not set up."""

    database_url: str | None = _setting(
        "BACKOFFICE_DATABASE_URL",
        "PostgreSQL 15 or newer; without it Backoffice runs its own in the data directory",
        _postgres,
        secret=True,
    )
    data_dir: Path = _setting(  # noqa: RUF009 - it makes a dataclass field
        "BACKOFFICE_DATA_DIR",
        "where the own PostgreSQL, generated secrets and files live; ~/.backoffice",
        _folder,
        default_factory=lambda: Path("~/.backoffice").expanduser(),
    )
    host: str = _setting(
        "BACKOFFICE_HOST", "address the API listens on; 127.0.0.1, this machine alone", _text, default="127.0.0.1"
    )
    port: int = _setting("BACKOFFICE_PORT", "port of API and console; 8100", _port, default=8100)
    behind_https: bool = _setting(
        "BACKOFFICE_BEHIND_HTTPS",
        "yes when people reach it over HTTPS alone: cookies are Secure, and browsers keep to HTTPS; no",
        _flag,
        default=False,
    )
    cors_origins: tuple[str, ...] = _setting(
        "BACKOFFICE_CORS_ORIGINS",
        "origins whose pages may call the API with a key, https://shop.example,https://till.example; none",
        _origins,
        default=(),
    )
    stripe_key: str | None = _setting(
        "BACKOFFICE_STRIPE_KEY", "secret key of the Stripe account; turns Stripe on", _text, secret=True
    )
    stripe_webhook_secret: str | None = _setting(
        "BACKOFFICE_STRIPE_WEBHOOK_SECRET", "signing secret of Stripe's webhook endpoint", _text, secret=True
    )
    stripe_url: str | None = _setting(
        "BACKOFFICE_STRIPE_URL", "where Stripe is reached, if not at Stripe's own address", _web
    )
    test_provider_secret: str | None = _setting(
        "BACKOFFICE_TEST_PROVIDER_SECRET",
        "signs the test provider's webhooks; `backoffice up` generates one and keeps it in the data directory",
        _text,
        secret=True,
    )
    secrets_key: str | None = _setting(
        "BACKOFFICE_SECRETS_KEY",
        "seals credentials of carriers; several with commas: the first seals, all open; `backoffice up` makes one",
        _text,
        secret=True,
    )
    easypost_url: str | None = _setting(
        "BACKOFFICE_EASYPOST_URL", "where EasyPost is reached, if not at EasyPost's own address", _web
    )
    smtp: MailServer | None = _setting(  # noqa: RUF009
        "BACKOFFICE_SMTP_URL",
        "mail server, smtp://user:password@host:587; without it mails are kept and not sent",
        _mail_server,
        secret=True,
    )
    mail_from: str | None = _setting(
        "BACKOFFICE_MAIL_FROM", "sender of mails to customers: Shop <orders@example.com>", _mail_address
    )
    public_url: str | None = _setting(
        "BACKOFFICE_PUBLIC_URL",
        "where customers reach this server, for links in their mails, https://returns.shop.example; none",
        _web,
    )
    log_format: str = _setting(
        "BACKOFFICE_LOG_FORMAT", "console for people, json for machines; console", _log_format, default="console"
    )
    log_dir: Path | None = _setting(  # noqa: RUF009
        "BACKOFFICE_LOG_DIR", "where agents, coordinator and gateway write their logs; standard output", _folder
    )
    release: str = _setting(
        "BACKOFFICE_RELEASE", "name of this release, kept apart from others", _text, default_factory=_release
    )
    keep_days: int = _setting(
        "BACKOFFICE_KEEP_DAYS", "days that handled messages and stored answers are kept; 30", _days, default=30
    )
    webhook_networks: tuple[Network, ...] = _setting(
        "BACKOFFICE_WEBHOOK_NETWORKS",
        "networks that webhooks may be sent to beside the internet, 127.0.0.0/8,10.1.0.0/16; none",
        _networks,
        default=(),
    )
    minimum_replicas: tuple[tuple[str, int], ...] = _setting(
        "BACKOFFICE_MINIMUM_REPLICAS",
        "replicas that agents have at the least, whatever there is to do: orders=2,fulfilment=2",
        _replicas,
        default=(),
    )
    dashboard_url: str | None = _setting(
        "BACKOFFICE_DASHBOARD_URL", "where people reach the Ray dashboard, for the console's link; `up` sets it", _web
    )
    rate_per_second: int = _setting(
        "BACKOFFICE_RATE_PER_SECOND",
        "requests a second of one caller before it is told to wait, for each gateway replica; 1000",
        _rate,
        default=1000,
    )

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'***' if f.metadata['secret'] and value is not None else repr(value)}"
            for f in fields(self)
            for value in (getattr(self, f.name),)
        )
        return f"Settings({', '.join(shown)})"


def load(env: Mapping[str, str]) -> Settings:
    """Settings from the variables of `env`; an empty value counts as none.

    Raises:
        BadSettings: a value is malformed, or one is missing that another needs.
    """
    given: dict[str, Any] = {}
    wrong: list[str] = []
    for f in fields(Settings):
        variable, value = f.metadata["variable"], env.get(f.metadata["variable"], "").strip()
        if not value:
            continue
        try:
            given[f.name] = f.metadata["read"](value)
        except ValueError as error:
            what = "what is set" if f.metadata["secret"] else repr(value)
            wrong.append(f"{variable} {error}; {what} is not.")
    for name, needs in (("stripe_key", "stripe_webhook_secret"), ("smtp", "mail_from")):
        if name in given and not env.get(_variable(needs), "").strip():
            wrong.append(f"{_variable(name)} is set, so {_variable(needs)} is needed too.")
    if wrong:
        raise BadSettings("\n".join(wrong))
    return Settings(**given)


@cache
def settings() -> Settings:
    """The settings of this process, read when first asked for."""
    return load(os.environ)


def described() -> list[tuple[str, str]]:
    """(variable, help) of every setting, for `--help` and the documentation."""
    return [(f.metadata["variable"], f.metadata["help"]) for f in fields(Settings)]


def _variable(name: str) -> str:
    return next(str(f.metadata["variable"]) for f in fields(Settings) if f.name == name)
