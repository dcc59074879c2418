"""What may be said about the papers of parcels: labels that are printed, and what customs are told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from agents.contract import Command, State


class PrintLabel(Command, frozen=True, kw_only=True):
    """Put a live label on paper, for the first time or again. `format` is zpl or pdf."""

    label_id: UUID
    format: str = "pdf"


class LabelPrinted(State, frozen=True, kw_only=True):
    """`prints`: how often it was put on paper so far; `path`: where it is to be had."""

    label_id: UUID
    tracking_number: str
    format: str
    prints: int
    path: str


class PutSdrRate(Command, frozen=True, kw_only=True):
    """`millionths` of a unit of the currency are worth one special drawing right."""

    currency: str
    millionths: int
    as_of: date
    source: str
    version: int | None = None


class SdrRateState(State, frozen=True, kw_only=True):
    currency: str
    millionths: int
    as_of: date
    version: int
