"""Secrets of other people's systems, such as a carrier's key: kept sealed, opened only where they are used.

Sealed with Fernet (AES-128-CBC and HMAC-SHA256, github.com/fernet/spec) under the installation's key, so that a copy
of the database alone gives nothing away. Of several keys the first seals and all open: a new one is put in front.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from db.errors import Invalid, Unavailable
from db.settings import Settings


@dataclass(eq=False)
class NoSecretsKey(Invalid):
    def __str__(self) -> str:
        return "There is no key to seal secrets with. Set BACKOFFICE_SECRETS_KEY to a long random text and restart."


def seal(values: dict[str, str], settings: Settings) -> str:
    """The values as one text that only this installation can open. Raises NoSecretsKey."""
    return _keys(settings).encrypt(msgspec.json.encode(values)).decode()


def unseal(text: str, settings: Settings) -> dict[str, str]:
    """Raises NoSecretsKey, and Unavailable when it was sealed under a key that is not there any more."""
    try:
        return msgspec.json.decode(_keys(settings).decrypt(text.encode()), type=dict[str, str])
    except (InvalidToken, msgspec.DecodeError) as error:
        raise Unavailable(
            "The credentials were sealed under another BACKOFFICE_SECRETS_KEY. Put them in anew.", retry_after=60.0
        ) from error


def _keys(settings: Settings) -> MultiFernet:
    if not settings.secrets_key:
        raise NoSecretsKey()
    return MultiFernet([Fernet(_fernet_key(part)) for part in settings.secrets_key.split(",") if part.strip()])


def _fernet_key(text: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(text.strip().encode()).digest())
