"""From the code on a gift card to the card, before anything is said to an agent: codes are kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from db.errors import Invalid
from db.stored_value import StoredValue, card_by_code
from serve.edge import edge_of


class Coded(Protocol):
    token: str | None
    code: str | None

    @property
    def provider(self) -> str | None: ...


@dataclass(eq=False)
class UnknownGiftCard(Invalid):
    def __str__(self) -> str:
        return "There is no gift card with this code. It has 16 letters and digits, without 0, 1, I and O."


@dataclass(eq=False)
class CodeOfNoCard(Invalid):
    provider: str | None

    def __str__(self) -> str:
        return f"A code pays with a gift card, and not with {self.provider or 'nothing'}. Name the provider gift_card."


@dataclass(eq=False)
class TokenMissing(Invalid):
    provider: str

    def __str__(self) -> str:
        return f"Say what pays: a token of {self.provider}, or the code of a gift card."


async def name_cards(request: Request, tenders: Iterable[Coded | None]) -> None:
    """Put the card's id where its code was.

    Raises:
        UnknownGiftCard, CodeOfNoCard
    """
    for tender in tenders:
        if tender is not None and tender.code is not None:
            if tender.provider != "gift_card":
                raise CodeOfNoCard(tender.provider)
            tender.token, tender.code = await asyncio.to_thread(_id_of, request, tender.code), None


def card_of(request: Request, code: str) -> StoredValue:
    """Raises UnknownGiftCard."""
    with edge_of(request).database.reading() as session:
        card = card_by_code(session, code)
    if card is None:
        raise UnknownGiftCard()
    return card


def _id_of(request: Request, code: str) -> str:
    return str(card_of(request, code).id)
