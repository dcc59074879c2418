"""How a carrier's charges differ from what its labels were quoted. Pure functions; amounts are minor units.

A label's quote is a list of parts: `base` and surcharges. Each charge is held against the part of its kind that no
charge before it, on this invoice or an earlier one, has used; `total` stands for all that is left. A label is let
through whole when all that was charged for it is within its quote and the tolerance, however it is split. Otherwise its
charges are flagged for no more than the difference, the plainest reasons first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from db.carrier_invoices import ChargeReason
from db.money import format_money, half_up

MILLION = 1_000_000
BASE, TOTAL = "base", "total"
_R = ChargeReason
# What is plain to anybody comes first, when more is flagged than the whole difference.
_PLAINEST = (
    _R.unknown_parcel, _R.voided_label, _R.currency, _R.duplicate, _R.surcharge, _R.service, _R.zone, _R.weight,
    _R.price,
)  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """What was agreed for a label. `used` is what charges of earlier invoices took of each part, by kind, without what
    was disputed; `overdue` whether such a kind was billed before."""

    service: str
    zone: str | None
    billed_grams: int | None
    currency: str
    amount: int
    parts: Mapping[str, int]
    voided: bool = False
    used: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Charge:
    no: int
    kind: str
    amount: int
    currency: str
    service: str | None = None
    zone: str | None = None
    billed_grams: int | None = None


@dataclass(frozen=True)
class Verdict:
    no: int
    quoted: int
    over: int
    reason: ChargeReason | None
    why: str


@dataclass(frozen=True)
class Allowed:
    ppm: int = 0
    amount: int = 0

    def of(self, quoted: int) -> int:
        """The greater of the two."""
        return max(self.amount, half_up(quoted * self.ppm, MILLION))


def judge(quote: Quote | None, charges: Sequence[Charge], allowed: Allowed) -> list[Verdict]:
    """All charges of one tracking number on one invoice, in their order."""
    if quote is None:
        return [_flat(c, _R.unknown_parcel, "no label of ours has this number") for c in charges]
    if quote.voided:
        return [_flat(c, _R.voided_label, "its label was voided, and the parcel never sent with it") for c in charges]
    if wrong := [c for c in charges if c.currency != quote.currency]:
        return [_flat(c, _R.currency, f"quoted in {quote.currency}") for c in wrong]
    used = dict(quote.used)
    verdicts = [_one(quote, used, c) for c in charges]
    charged = sum(quote.used.values()) + sum(c.amount for c in charges)
    excess = charged - quote.amount
    if excess <= allowed.of(quote.amount):
        fair = "within the quote and the tolerance"
        return [replace(v, over=0, reason=None, why=fair) if v.over else v for v in verdicts]
    return _no_more_than(excess, verdicts)


def _flat(charge: Charge, reason: ChargeReason, why: str) -> Verdict:
    over = max(0, charge.amount)
    return Verdict(charge.no, 0, over, reason if over else None, why)


def _one(quote: Quote, used: dict[str, int], charge: Charge) -> Verdict:
    left = _left(quote, used, charge.kind)
    seen = charge.kind in used
    quoted = max(0, min(left, charge.amount)) if charge.amount >= 0 else 0
    over = max(0, charge.amount - left)
    used[charge.kind] = used.get(charge.kind, 0) + charge.amount
    if over == 0:
        return Verdict(charge.no, quoted, 0, None, "as quoted" if charge.amount >= 0 else "given back")
    reason, why = _because(quote, charge, left, seen=seen)
    return Verdict(charge.no, quoted, over, reason, why)


def _left(quote: Quote, used: Mapping[str, int], kind: str) -> int:
    """What of the quote a charge of this kind may still use; a kind that is no part of it falls on nothing."""
    if kind == TOTAL:
        return max(0, quote.amount - sum(used.values()))
    if used.get(TOTAL):
        return 0
    return max(0, quote.parts.get(kind, 0) - used.get(kind, 0))


def _because(quote: Quote, charge: Charge, left: int, *, seen: bool) -> tuple[ChargeReason, str]:
    asked = format_money(charge.amount, charge.currency)
    if seen and left == 0:
        return _R.duplicate, f"{charge.kind} was billed before"
    if charge.kind not in (BASE, TOTAL):
        quoted = quote.parts.get(charge.kind)
        told = format_money(quoted, quote.currency) if quoted is not None else "nothing"
        return _R.surcharge, f"{charge.kind} {asked}, quoted {told}"
    if charge.service and charge.service.casefold() != quote.service.casefold():
        return _R.service, f"billed as {charge.service}, bought as {quote.service}"
    if charge.zone and quote.zone and charge.zone.casefold() != quote.zone.casefold():
        return _R.zone, f"billed in zone {charge.zone}, quoted in {quote.zone}"
    if charge.billed_grams and quote.billed_grams and charge.billed_grams > quote.billed_grams:
        return _R.weight, f"billed {_kilos(charge.billed_grams)}, quoted {_kilos(quote.billed_grams)}"
    return _R.price, f"{asked}, quoted {format_money(left, quote.currency)}"


def _no_more_than(excess: int, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What is cheaper than quoted on one line pays for what is dearer on another."""
    order = sorted(
        (v for v in verdicts if v.reason is not None), key=lambda v: (_PLAINEST.index(v.reason or _R.price), v.no)
    )
    kept: dict[int, Verdict] = {}
    for v in order:
        over = min(v.over, max(0, excess))
        excess -= over
        kept[v.no] = v if over == v.over else replace(v, over=over, reason=v.reason if over else None)
    return [kept.get(v.no, v) for v in verdicts]


def _kilos(grams: int) -> str:
    return f"{grams / 1000:.3f}".rstrip("0").rstrip(".") + " kg"
