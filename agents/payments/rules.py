"""What may be asked of payments, and of which. Pure functions; amounts are minor units of one currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agents.payments.providers import Status
from db.payments import ENTRY_MOVES, OPEN, EntryKind, EntryState, Payment, PaymentEntry, PaymentState, Security

WAITING = frozenset({PaymentState.pending, PaymentState.unknown})
SHRINKS = ("gift_card", "store_credit")  # holds of which a part can be let go
LONGEST_WAIT = timedelta(hours=1)  # between two look-ups of something that the provider has not decided


@dataclass(frozen=True)
class Standing:
    """One payment with what is under way on it. What is under way counts as if it had happened, wherever
    too much must never be asked."""

    id: UUID
    state: PaymentState
    amount: int
    authorised: int
    captured: int
    refunded: int
    capturing: int = 0
    refunding: int = 0
    voiding: bool = False
    given_back: int = 0  # refunds, done and under way, because the order became worth less
    advanced: int = 0  # refunds, done and under way, by hand and not as goodwill
    security: str | None = None
    shrinks: bool = False  # our own books hold it, and a part of it can be let go

    @property
    def refundable(self) -> int:
        return max(0, self.captured - self.refunded - self.refunding)

    @property
    def capturable(self) -> int:
        """A hold is captured once; the provider releases the rest of it."""
        free = self.state is PaymentState.authorised and not self.capturing and not self.voiding
        return self.authorised if free else 0

    @property
    def voidable(self) -> bool:
        return self.capturable > 0

    @property
    def moving(self) -> bool:
        """A provider has been asked for something and has not decided."""
        return self.state in WAITING or self.voiding or bool(self.capturing or self.refunding)

    @property
    def promised(self) -> int:
        """What it brings, if everything under way goes well."""
        if self.voiding:
            return 0
        return (self.amount if self.state in WAITING else self.authorised) - self.given_back


def standing(payment: Payment, entries: Iterable[PaymentEntry]) -> Standing:
    """`entries` are the payment's own, or those of its whole order."""
    own = [e for e in entries if e.payment_id == payment.id]
    under_way = [e for e in own if e.state in OPEN]

    def amount_of(kind: EntryKind) -> int:
        return sum(e.amount for e in under_way if e.kind == kind)

    def given(*, follows_total: bool) -> int:
        kept = (e for e in own if _counts(e))
        return sum(e.amount for e in kept if e.follows_total is follows_total)

    return Standing(
        id=payment.id,
        state=PaymentState(payment.state),
        amount=payment.amount,
        authorised=payment.authorised,
        captured=payment.captured,
        refunded=payment.refunded,
        capturing=amount_of(EntryKind.capture),
        refunding=amount_of(EntryKind.refund),
        voiding=any(e.kind == EntryKind.void for e in under_way),
        given_back=given(follows_total=True),
        advanced=given(follows_total=False),
        security=payment.security,
        shrinks=payment.provider in SHRINKS,
    )


def _counts(entry: PaymentEntry) -> bool:
    """Whether a refund stands for cancelled units, or may: not what is given beside them or for what came back."""
    beside = entry.goodwill or entry.return_id is not None
    return entry.kind == EntryKind.refund and entry.state != EntryState.declined and not beside


def captures(payments: Sequence[Standing], worth: int) -> list[tuple[UUID, int]]:
    """What to capture, oldest payment first, so that the order is paid at its present worth and no more.

    Nothing is taken of a security that is held, and of one that is due only what no other payment brings.
    """
    needed = worth - sum(p.captured + p.capturing - p.given_back for p in payments)
    chosen = []
    plain = [p for p in payments if p.security is None]
    due = [p for p in payments if p.security == Security.due]
    for p in [*plain, *due]:
        amount = min(needed, p.capturable)
        if amount > 0:
            chosen.append((p.id, amount))
            needed -= amount
    return chosen


def refunds(payments: Sequence[Standing], worth: int, *, counted: int = 0) -> list[tuple[UUID, int]]:
    """What to give back, newest payment first, of what was captured above the order's present worth.

    What was given back by hand before counts towards it, so that nobody is paid twice for the same units; but for
    what was `counted` towards units that came back. Goodwill does not: the price of what is cancelled is owed beside
    it.
    """
    due = sum(p.captured - p.given_back - p.advanced for p in payments) + counted - worth
    return newest_first(payments, due)


def free_advance(payments: Sequence[Standing], worth: int, *, counted: int) -> int:
    """What was given back by hand, and stands neither for cancelled units nor for those of an earlier return."""
    for_cancelled = max(0, sum(p.captured - p.given_back for p in payments) - worth)
    return max(0, sum(p.advanced for p in payments) - counted - for_cancelled)


def newest_first(payments: Sequence[Standing], due: int) -> list[tuple[UUID, int]]:
    """The payments to give an amount back from, as far as they have it: the last made is emptied first."""
    chosen = []
    for p in reversed(payments):
        amount = min(due, p.refundable)
        if amount > 0:
            chosen.append((p.id, amount))
            due -= amount
    return chosen


def voids(payments: Sequence[Standing], worth: int) -> list[UUID]:
    """Holds that nobody needs any more, because what was captured covers the order's present worth."""
    if worth > sum(p.captured - p.given_back for p in payments):
        return []
    return [p.id for p in payments if p.voidable]


def releases(payments: Sequence[Standing], worth: int) -> list[tuple[UUID, int]]:
    """What our own books hold above the order's present worth, newest payment first: it need not wait for a capture.

    A provider releases the rest of its hold when it captures. Money that it has not decided on may not come.
    """
    due = sum(p.promised for p in payments if p.state not in WAITING) - worth
    chosen = []
    for p in reversed(payments):
        amount = min(due, p.capturable)
        if amount > 0:
            due -= amount
            if p.shrinks:
                chosen.append((p.id, amount))
    return chosen


def owed(payments: Sequence[Standing], worth: int) -> int:
    """What is missing for the order to be paid, if everything that is under way goes well."""
    return max(0, worth - sum(p.promised for p in payments))


def settled_as(now: EntryState, kind: EntryKind, told: Status) -> EntryState | None:
    """The state that an entry takes on, or None when the provider tells nothing new: it may answer twice,
    late and out of order, and what is decided stays decided. Only a refund may come back."""
    then = EntryState(told.value)
    if then not in ENTRY_MOVES[now] or (now is EntryState.succeeded and kind is not EntryKind.refund):
        return None
    return then


def worth_a_look(asked_at: datetime, checked_at: datetime | None, now: datetime) -> bool:
    """Whether to look up an open entry again: the older it is the rarer, at least once an hour."""
    if checked_at is None:
        return True
    return now - checked_at >= min((checked_at - asked_at) / 2, LONGEST_WAIT)


def next_steps(p: Standing) -> list[str]:
    steps = []
    if p.capturable:
        steps.append("capture")
    if p.voidable:
        steps.append("void")
    if p.refundable:
        steps.append("refund")
    return steps
