"""Which labels can be printed, and as what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.carriers import CarrierAccount
from db.errors import Conflict
from db.return_parcels import ReturnLabel
from db.shipping import Label


@dataclass(eq=False)
class LabelForgotten(Conflict):
    tracking_number: str

    def __str__(self) -> str:
        return f"What was printed on label {self.tracking_number} was forgotten with its customer."


@dataclass(eq=False)
class NoSuchPrint(Conflict):
    """`has` is the format that there is."""

    tracking_number: str
    wanted: str
    has: str

    def __str__(self) -> str:
        return (
            f"Label {self.tracking_number} is its carrier's own and comes as {self.has.upper()} alone: print that "
            f"instead of {self.wanted.upper()}."
        )


def print_formats(session: Session, label: Label | ReturnLabel) -> tuple[str, ...]:
    """What a label can be printed as, the format that is kept first: one of our own making is drawn as PDF as well, a
    carrier's is printed as it came."""
    if label.account is None:
        return ("zpl", "pdf")
    provider = session.scalar(select(CarrierAccount.provider).where(CarrierAccount.code == label.account))
    return ("zpl", "pdf") if provider == "test" else (label.format,)


def check_printable(session: Session, label: Label | ReturnLabel, format: str) -> None:
    """Raises LabelForgotten, NoSuchPrint."""
    if not label.zpl:
        raise LabelForgotten(label.tracking_number)
    formats = print_formats(session, label)
    if format not in formats:
        raise NoSuchPrint(label.tracking_number, format, formats[0])
