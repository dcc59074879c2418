"""Carriers' invoices are entered, held against their labels, and what is too much is disputed, credited or accepted."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from agents.parcels.judging import Allowed, Charge, Quote, Verdict, judge
from agents.parcels.messages.invoices import (
    AcceptCharges,
    BilledLine,
    CarrierInvoiceEntered,
    CarrierInvoiceState,
    ChargesState,
    ChargeView,
    CreditCharge,
    DisputeCharges,
    EnterCarrierInvoice,
)
from agents.parcels.refusals import BadParcelField, CarrierInvoiceKnown, CreditTooMuch, TooManyLines
from agents.stock.rules import check_words
from db.base import among, uuid7
from db.carrier_invoices import CHARGE_MOVES, CHARGE_NEXT, CarrierCharge, CarrierInvoice, ChargeState, lock_charge
from db.errors import IllegalMove
from db.money import LARGEST, minor_digits
from db.orders import Order
from db.session import Transaction, check_version
from db.shipping import CarrierChoice, Label, LabelState
from db.tracking import CarrierTerms, terms_of

MOST_LINES = 20_000
MOST_AT_ONCE = 500
_S = ChargeState


def enter(tx: Transaction, ask: EnterCarrierInvoice) -> CarrierInvoiceState:
    """Raises CarrierInvoiceKnown, TooManyLines, BadParcelField."""
    check_words("number", ask.number)
    minor_digits(ask.currency)
    if not ask.lines:
        raise BadParcelField("lines", "are missing: the file has none")
    if len(ask.lines) > MOST_LINES:
        raise TooManyLines(len(ask.lines), MOST_LINES)
    if any(abs(line.amount) > LARGEST // MOST_LINES for line in ask.lines):
        raise BadParcelField("amount", "is too large")
    known = tx.scalars(
        select(CarrierInvoice).where(CarrierInvoice.carrier == ask.carrier, CarrierInvoice.number == ask.number)
    ).one_or_none()
    if known is not None:
        raise CarrierInvoiceKnown(ask.carrier, ask.number, f"{known.created_at:%d %B %Y}")
    terms = terms_of(tx, ask.carrier)
    allowed = _allowed(terms, ask.currency)
    labels = _labels_of(tx, ask)
    charges = _charges(tx, ask, labels, allowed)
    invoice = CarrierInvoice(
        id=uuid7(),
        carrier=ask.carrier,
        number=ask.number,
        billed_on=ask.billed_on,
        currency=ask.currency,
        lines=len(charges),
        total=sum(c.amount for c in charges),
        quoted=sum(c.quoted for c in charges),
        over=sum(c.over for c in charges),
        flagged=sum(c.over > 0 for c in charges),
        tolerance_ppm=allowed.ppm,
        tolerance_amount=allowed.amount,
        created_by=tx.who.actor,
        created_at=tx.now,
    )
    tx.add(invoice)
    tx.flush()
    for charge in charges:
        charge.invoice_id = invoice.id
    tx.add_all(charges)
    tx.flush()
    subject = f"carrier_invoice:{invoice.id}"
    tx.note(subject, to_status="entered", why=f"{invoice.lines} lines, {invoice.flagged} of them too much")
    tx.announce(
        subject,
        CarrierInvoiceEntered(
            invoice_id=invoice.id,
            carrier=invoice.carrier,
            number=invoice.number,
            currency=invoice.currency,
            total=invoice.total,
            over=invoice.over,
            flagged=invoice.flagged,
        ),
    )
    return CarrierInvoiceState(
        id=invoice.id,
        carrier=invoice.carrier,
        number=invoice.number,
        currency=invoice.currency,
        lines=invoice.lines,
        total=invoice.total,
        quoted=invoice.quoted,
        over=invoice.over,
        flagged=invoice.flagged,
    )


def dispute(tx: Transaction, ask: DisputeCharges) -> ChargesState:
    """All or none. Raises IllegalMove."""
    return _decide(tx, ask.charge_ids, _S.disputed, ask.note)


def accept(tx: Transaction, ask: AcceptCharges) -> ChargesState:
    """All or none. Raises IllegalMove."""
    return _decide(tx, ask.charge_ids, _S.accepted, ask.note)


def credit(tx: Transaction, ask: CreditCharge) -> ChargesState:
    """Raises IllegalMove, CreditTooMuch."""
    check_words("note", ask.note)
    charge = lock_charge(tx, ask.charge_id)
    check_version(charge, ask.version, kind="carrier charge", id=str(charge.id))
    amount = charge.over if ask.amount is None else ask.amount
    if charge.state == _S.disputed and not 0 < amount <= charge.over:
        raise CreditTooMuch(amount, charge.over, charge.currency)
    _move(tx, charge, _S.credited, ask.note)
    charge.credited = amount
    return _told(tx, [charge])


def _decide(tx: Transaction, ids: list[UUID], to: ChargeState, note: str) -> ChargesState:
    check_words("note", note)
    if not ids or len(ids) > MOST_AT_ONCE:
        raise BadParcelField("charge_ids", f"are from 1 to {MOST_AT_ONCE}")
    charges = [lock_charge(tx, id) for id in sorted(set(ids))]
    for charge in charges:
        _move(tx, charge, to, note)
    return _told(tx, charges)


def _move(tx: Transaction, charge: CarrierCharge, to: ChargeState, note: str) -> None:
    may = CHARGE_MOVES[ChargeState(charge.state)]
    if to not in may:
        raise IllegalMove("charge", f"{charge.invoice}/{charge.no}", charge.state, to, sorted(s.value for s in may))
    tx.note(f"carrier_charge:{charge.id}", from_status=charge.state, to_status=to, why=note)
    charge.state, charge.note, charge.updated_at = to, note, tx.now


def _told(tx: Transaction, charges: Iterable[CarrierCharge]) -> ChargesState:
    tx.flush()
    return ChargesState(
        charges=[
            ChargeView(
                id=c.id,
                state=c.state,
                over=c.over,
                credited=c.credited,
                version=c.version,
                next=CHARGE_NEXT[ChargeState(c.state)],
            )
            for c in charges
        ]
    )


def _allowed(terms: CarrierTerms | None, currency: str) -> Allowed:
    if terms is None:
        return Allowed()
    return Allowed(terms.tolerance_ppm, terms.tolerance_amount if terms.currency == currency else 0)


def _labels_of(tx: Transaction, ask: EnterCarrierInvoice) -> dict[int, Label]:
    """By line: the label with the tracking number, else the only one of the carrier for the order of the reference.

    Labels are locked in one order, so that two invoices that bill the same parcel see each other.
    """
    numbers = {line.tracking_number for line in ask.lines if line.tracking_number}
    references = {line.reference for line in ask.lines if line.reference}
    of_orders = select(Label, Order.number).join(Order, Order.id == Label.order_id).where(Label.carrier == ask.carrier)
    by_reference: dict[str, list[Label]] = {}
    for label, number in tx.execute(of_orders.where(among(Order.number, references), Label.state == LabelState.live)):
        by_reference.setdefault(number, []).append(label)
    wanted = select(Label).where(Label.carrier == ask.carrier, among(Label.tracking_number, numbers))
    by_number = {
        label.tracking_number: label for label in tx.scalars(wanted.order_by(Label.id).with_for_update(key_share=True))
    }
    found = {}
    for line in ask.lines:
        only = by_reference.get(line.reference or "", [])
        matched = by_number.get(line.tracking_number) or (only[0] if len(only) == 1 else None)
        if matched is not None:
            found[line.no] = matched
    return found


def _charges(
    tx: Transaction, ask: EnterCarrierInvoice, labels: dict[int, Label], allowed: Allowed
) -> list[CarrierCharge]:
    together: dict[object, list[BilledLine]] = {}
    for line in ask.lines:
        label = labels.get(line.no)
        together.setdefault(label.id if label else ("", line.tracking_number), []).append(line)
    quotes = _quotes(tx, {label.id: label for label in labels.values()})
    made = []
    for lines in together.values():
        of = labels.get(lines[0].no)
        quote = quotes[of.id] if of is not None else None
        told = [Charge(n.no, n.kind, n.amount, ask.currency, n.service, n.zone, n.billed_grams) for n in lines]
        verdicts = {v.no: v for v in judge(quote, told, allowed)}
        made += [_charge(tx, ask, line, of, quote, verdicts[line.no]) for line in lines]
    return sorted(made, key=lambda c: c.no)


def _charge(  # noqa: PLR0917 - the two sides of one line
    tx: Transaction, ask: EnterCarrierInvoice, line: BilledLine, label: Label | None, quote: Quote | None, v: Verdict
) -> CarrierCharge:
    return CarrierCharge(
        id=uuid7(),
        carrier=ask.carrier,
        invoice=ask.number,
        no=line.no,
        tracking_number=line.tracking_number or (label.tracking_number if label else ""),
        kind=line.kind,
        service=line.service,
        zone=line.zone,
        billed_grams=line.billed_grams,
        currency=ask.currency,
        amount=line.amount,
        label_id=label.id if label else None,
        order_id=label.order_id if label else None,
        quoted=v.quoted,
        quoted_grams=quote.billed_grams if quote else None,
        over=v.over,
        reason=v.reason if v.over else None,
        why=v.why,
        state=_S.open if v.over else _S.fair,
        credited=0,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _quotes(tx: Transaction, labels: dict[UUID, Label]) -> dict[UUID, Quote]:
    """What was agreed for each label, with what earlier invoices used of it: their charges without what was flagged."""
    used: dict[UUID, dict[str, int]] = {}
    before = select(CarrierCharge).where(among(CarrierCharge.label_id, list(labels)))
    for charge in tx.scalars(before):
        if charge.label_id is not None:
            taken = used.setdefault(charge.label_id, {})
            taken[charge.kind] = taken.get(charge.kind, 0) + charge.amount - charge.over
    chosen = {label.choice_id: label.id for label in labels.values() if label.choice_id is not None}
    offers: dict[UUID, dict[str, object]] = {}
    for choice in tx.scalars(select(CarrierChoice).where(among(CarrierChoice.id, list(chosen)))):
        label = labels[chosen[choice.id]]
        for offer in choice.offers:
            if (offer.get("carrier"), offer.get("service")) == (label.carrier, label.service):
                offers[label.id] = offer
    return {
        id: Quote(
            service=label.service,
            zone=_text(offers.get(id, {}).get("zone")),
            billed_grams=_number(offers.get(id, {}).get("billed_grams")),
            currency=label.currency,
            amount=label.amount,
            parts=_parts(label),
            voided=label.state == LabelState.voided,
            used=used.get(id, {}),
        )
        for id, label in labels.items()
    }


def _parts(label: Label) -> dict[str, int]:
    parts: dict[str, int] = {}
    for part in label.parts:
        parts[part["kind"]] = parts.get(part["kind"], 0) + int(part["amount"])
    return parts


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
