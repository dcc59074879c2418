"""Claims: what came damaged, not whole, wrong or not at all is paid back or sent once more, and nothing comes back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.orders.messages.substitutes import CancelSubstitute
from agents.returns import claim_money
from agents.returns.messages.claims import (
    ApproveClaim,
    CancelClaim,
    ClaimLineAsk,
    ClaimPreview,
    ClaimPreviewLine,
    ClaimState,
    DenyClaim,
    OpenClaim,
    ParcelNotHelped,
    PreviewClaim,
    RefundClaimAgain,
)
from agents.returns.paying import next_worth, shipping_more
from agents.returns.refusals import (
    AlreadyOnItsWay,
    BadReturnField,
    MoneyUnderWay,
    NoAccount,
    NotFromHere,
    NothingLeftToClaim,
    NothingOwed,
)
from agents.returns.telling import claim_state
from agents.stock.rules import check_words
from db.base import uuid7
from db.money import part_of, portion
from db.order_claims import (
    ClaimReason,
    ClaimResolution,
    ClaimStatus,
    OrderClaim,
    OrderClaimLine,
    lines_of_claims,
    lock_claim,
    new_claim_number,
    order_of_claim,
)
from db.orders import Order, PaymentStatus
from db.payments import refundable
from db.returns import RefundState, RefundTo, Sold, sold
from db.session import Transaction, check_version


def preview_claim(tx: Transaction, ask: PreviewClaim) -> ClaimPreview:
    """Raises NotFound, NotFromHere, BadReturnField, NothingLeftToClaim."""
    of = sold(tx, ask.order_id)
    _check(of, ask.lines)
    lines = [_previewed(of, n) for n in ask.lines]
    sent_again = sum(n.replacement for n in lines)
    worth = sum(n.refund for n in lines) + sent_again
    shipping = shipping_more(of, worth).total
    with_goods = part_of(shipping, sent_again, worth)
    return ClaimPreview(
        order_id=of.order.id,
        number=of.order.number,
        currency=of.order.currency,
        lines=lines,
        refund=worth - sent_again + shipping - with_goods,
        shipping=shipping,
        replacement=sent_again + with_goods,
        refundable=refundable(tx, of.order.id),
    )


def open_claim(tx: Transaction, ask: OpenClaim) -> ClaimState:
    """Raises as `preview_claim`, and NoAccount where store credit is asked for and the order has no customer."""
    return claim_state(tx, begin(tx, ask))


def begin(tx: Transaction, ask: OpenClaim, *, exception_id: UUID | None = None) -> OrderClaim:
    """A claim that nobody has decided yet. The order is locked from now on. Raises as `open_claim`."""
    check_words("note", ask.note, needed=False)
    if ask.refund_to not in list(RefundTo):
        raise BadReturnField("refund_to", f"it is one of {', '.join(RefundTo)}")
    of = sold(tx, ask.order_id, lock=True)
    _check(of, ask.lines)
    if ask.refund_to == RefundTo.store_credit and of.order.customer_id is None:
        raise NoAccount(of.order.number)
    claim = OrderClaim(
        id=uuid7(), number=new_claim_number(tx), order_id=of.order.id, status=ClaimStatus.open,
        resolution=resolution_of(ask.lines), currency=of.order.currency, refund_to=ask.refund_to, note=ask.note,
        refund_state=RefundState.none, exception_id=exception_id, requested_by=tx.who.actor,
        created_at=tx.now, updated_at=tx.now,
    )  # fmt: skip
    tx.add(claim)
    tx.flush()
    tx.add_all(
        OrderClaimLine(
            claim_id=claim.id, line_no=n.line_no, order_id=of.order.id, sku=of.lines[n.line_no].sku,
            quantity=n.quantity, replaced=n.replace, reason=n.reason, remark=n.remark,
        )
        for n in ask.lines
    )  # fmt: skip
    tx.flush()
    said = ", ".join(f"{n.quantity} {of.lines[n.line_no].sku} ({n.reason.replace('_', ' ')})" for n in ask.lines)
    tx.note(f"order_claim:{claim.id}", to_status=ClaimStatus.open, why=said)
    tx.note(f"order:{of.order.id}", to_status="claim", why=f"claim {claim.number} was opened: {said}")
    claim_money.say(tx, claim, of.order, said)
    return claim


def approve_claim(tx: Transaction, ask: ApproveClaim) -> ClaimState:
    """Raises NotFound, IllegalMove, StaleVersion."""
    check_words("reason", ask.reason, needed=False)
    _, claim = _locked(tx, ask)
    grant(tx, claim, by=tx.who.actor, why=ask.reason or "approved")
    return claim_state(tx, claim)


def grant(tx: Transaction, claim: OrderClaim, *, by: str, why: str) -> None:
    """Pay back and send once more. The order is locked."""
    of = sold(tx, claim.order_id)
    claim_money.move(tx, claim, ClaimStatus.approved, of.order, why=why)
    claim.decision, claim.decided_by, claim.decided_at = why, by, tx.now
    for row in [n for own in of.claim_lines.values() for n in own if n.claim_id == claim.id]:
        _pay(of, row)
    tx.flush()
    more = shipping_more(of)
    claim.shipping, claim.shipping_tax = more.total, more.tax
    rows = lines_of_claims(tx, [claim.id])
    worth, sent_again = sum(n.credited_total for n in rows), sum(n.replaced_total for n in rows)
    claim.kept_shipping = part_of(claim.shipping, sent_again, worth)
    claim.credit, claim.kept = worth + claim.shipping, sent_again + claim.kept_shipping
    claim.due = claim.credit
    if claim.credit:
        claim_money.ask(tx, claim)
    # What had cost nothing, or was never paid through us, waits for no money to be set aside.
    waits = claim.kept > 0 and of.order.payment_status != PaymentStatus.none
    if claim.resolution != ClaimResolution.refund and not waits:
        claim_money.order_goods(tx, claim, of.order)
    claim_money.finish(tx, claim, of.order)


def deny_claim(tx: Transaction, ask: DenyClaim) -> ClaimState:
    """Its units may be claimed or returned again. Raises NotFound, IllegalMove, StaleVersion."""
    check_words("reason", ask.reason)
    of, claim = _locked(tx, ask)
    claim_money.move(tx, claim, ClaimStatus.denied, of.order, why=ask.reason)
    claim.decision, claim.decided_by, claim.decided_at = ask.reason, tx.who.actor, tx.now
    return claim_state(tx, claim)


def cancel_claim(tx: Transaction, ask: CancelClaim) -> ClaimState:
    """Before money went to the customer. Where an order goes out for it that is called off, and paid back instead.

    Raises NotFound, IllegalMove, StaleVersion, AlreadyOnItsWay, MoneyUnderWay.
    """
    check_words("reason", ask.reason)
    of, claim = _locked(tx, ask)
    if claim.replacement_shipped_at is not None:
        raise AlreadyOnItsWay(claim.number, claim.replacement_number or "")
    if claim.replacement_id is not None and claim.status == ClaimStatus.approved:
        call_off = CancelSubstitute(source_id=claim.id, order_id=claim.replacement_id, reason=ask.reason)
        tx.send("orders", f"replacement:{claim.id}", call_off)
        return claim_state(tx, claim)
    on_its_way = (
        claim.refund_state in (RefundState.asked, RefundState.unknown) or claim.replacement_asked_at is not None
    )
    if claim.refunded or claim.counted or on_its_way:
        raise MoneyUnderWay(claim.number)
    end(tx, claim, of.order, ask.reason)
    return claim_state(tx, claim)


def refund_again(tx: Transaction, ask: RefundClaimAgain) -> ClaimState:
    """Raises NotFound, NothingOwed, NoAccount."""
    of, claim = _locked(tx, ask)
    failed = claim.refund_state in (RefundState.failed, RefundState.short)
    if claim.status != ClaimStatus.approved or not claim.due or not failed:
        raise NothingOwed(claim.number)
    if ask.to_credit:
        if of.order.customer_id is None:
            raise NoAccount(of.order.number)
        claim.refund_to = RefundTo.store_credit
    claim_money.ask(tx, claim)
    return claim_state(tx, claim)


def resolution_of(lines: Sequence[ClaimLineAsk]) -> ClaimResolution:
    replaced = sum(n.replace for n in lines)
    if not replaced:
        return ClaimResolution.refund
    return ClaimResolution.replacement if replaced == sum(n.quantity for n in lines) else ClaimResolution.both


def _check(of: Sold, lines: Sequence[ClaimLineAsk]) -> None:
    if not of.order.live:
        raise NotFromHere(of.order.number)
    if not lines:
        raise BadReturnField("lines", "say what is wrong with which goods")
    if len({n.line_no for n in lines}) < len(lines):
        raise BadReturnField("lines", "a line is named twice")
    for n in lines:
        if n.line_no not in of.lines:
            raise BadReturnField("line_no", f"order {of.order.number} has no line {n.line_no}")
        if n.quantity < 1 or not 0 <= n.replace <= n.quantity:
            raise BadReturnField(f"line {n.line_no}", "at least one unit, of which at most all are sent once more")
        if n.reason not in list(ClaimReason):
            raise BadReturnField(f"reason of line {n.line_no}", f"it is one of {', '.join(ClaimReason)}")
        check_words("remark", n.remark, needed=False)
    beyond = [
        {
            "line_no": n.line_no,
            "asked": n.quantity,
            "shipped": of.lines[n.line_no].shipped,
            "claimed": of.claimed(n.line_no),
            "by": of.holders(n.line_no),
        }
        for n in lines
        if n.quantity > of.returnable(n.line_no)
    ]
    if beyond:
        raise NothingLeftToClaim(of.order.number, beyond)


def _previewed(of: Sold, asked: ClaimLineAsk) -> ClaimPreviewLine:
    worth = next_worth(of, asked.line_no, asked.quantity).total
    replaced = portion(worth, asked.quantity, asked.quantity - asked.replace, asked.replace)
    return ClaimPreviewLine(
        line_no=asked.line_no,
        sku=of.lines[asked.line_no].sku,
        title=of.lines[asked.line_no].title,
        quantity=asked.quantity,
        replace=asked.replace,
        claimable=of.returnable(asked.line_no),
        reason=asked.reason,
        refund=worth - replaced,
        replacement=replaced,
    )


def _pay(of: Sold, row: OrderClaimLine) -> None:
    worth = next_worth(of, row.line_no, row.quantity)
    row.credited, row.credited_total, row.credited_tax = row.quantity, worth.total, worth.tax
    row.replaced_total = portion(worth.total, row.quantity, row.quantity - row.replaced, row.replaced)


def end(tx: Transaction, claim: OrderClaim, order: Order, reason: str) -> None:
    """No unit is paid for by it any more. Nothing of its money has reached the customer."""
    claim_money.move(tx, claim, ClaimStatus.cancelled, order, why=reason)
    for row in lines_of_claims(tx, [claim.id]):
        row.credited = row.credited_total = row.credited_tax = row.replaced_total = 0
    if claim.credit:
        claim.kept = claim.kept_shipping = claim.due = 0
        claim_money.ask(tx, claim, over=True)
    claim.credit = claim.shipping = claim.shipping_tax = 0
    claim.refund_state = RefundState.none
    if claim.exception_id is not None:
        tx.announce(
            f"order:{claim.order_id}",
            ParcelNotHelped(exception_id=claim.exception_id, order_id=claim.order_id, why=reason),
        )


def _locked(tx: Transaction, ask: ApproveClaim | DenyClaim | CancelClaim | RefundClaimAgain) -> tuple[Sold, OrderClaim]:
    of = sold(tx, order_of_claim(tx, ask.claim_id), lock=True)
    claim = lock_claim(tx, ask.claim_id)
    check_version(claim, ask.version, kind="claim", id=claim.number)
    return of, claim
