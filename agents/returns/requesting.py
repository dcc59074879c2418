"""Somebody wants to give goods back: what it would come to, and the request itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.returns.deciding import approve
from agents.returns.disposing import foresee
from agents.returns.judging import Judged, judge_lines, keep_why, payer_of, review_of
from agents.returns.messages import (
    PreviewLine,
    PreviewReturn,
    RequestReturn,
    ReturnLineAsk,
    ReturnPreview,
    ReturnRequested,
    ReturnState,
)
from agents.returns.money import fee_of
from agents.returns.paying import next_worth, shipping_more
from agents.returns.refusals import AgainstPolicy, BadReturnField, NoAccount, NotThatMany, TotalChanged
from agents.returns.rules import check_reason, check_way, label_charge
from agents.returns.signalling import look_at_request
from agents.returns.telling import remark, state_of
from agents.stock.rules import check_words
from db.base import uuid7
from db.money import rate_of
from db.payments import refundable
from db.return_policies import ReturnPolicy
from db.returns import (
    LabelPaidBy,
    RefundTo,
    Return,
    ReturnLine,
    ReturnStatus,
    ReturnWay,
    Sold,
    new_return_number,
    sold,
)
from db.session import Transaction


def preview(tx: Transaction, ask: PreviewReturn) -> ReturnPreview:
    """Raises NotFound, BadReturnField, NotThatMany."""
    of = sold(tx, ask.order_id)
    check_lines(of, ask.lines)
    check_way(ask.way, ask.label_price)
    policy, judged = judge_lines(tx, of, ask.lines)
    lines = [_line(of, j) for j in judged]
    going = [n.paid for n, j in zip(lines, judged, strict=True) if j.rule is None or j.rule.refund_shipping]
    shipping = shipping_more(of, sum(going))
    payer = payer_of(judged, None)
    keep = _keep(tx, of, ask, judged, payer)
    worth = sum(n.gives_back for n in lines) + shipping.total
    label = min(worth, label_charge(ask.way, payer, ask.label_price)) if keep is None else 0
    return ReturnPreview(
        order_id=of.order.id,
        number=of.order.number,
        currency=of.order.currency,
        policy_version=policy.version if policy is not None else None,
        policy_from=policy.valid_from.isoformat() if policy is not None else None,
        lines=lines,
        paid=sum(n.paid for n in lines),
        fee=sum(n.fee for n in lines),
        shipping=shipping.total,
        label=label,
        total=worth - label,
        tax=sum(n.tax - n.fee_tax for n in lines) + shipping.tax,
        bonus=sum(n.bonus for n in lines),
        refundable=refundable(tx, of.order.id),
        label_paid_by=payer,
        by_hand=not of.order.live,
        allowed=all(j.verdict.allowed for j in judged),
        approved_at_once=all(j.at_once for j in judged),
        keep_why=keep,
        review=review_of(judged),
    )


def request(tx: Transaction, ask: RequestReturn) -> ReturnState:
    """Approved at once where every rule says so. Raises as `make`."""
    item, judged = make(tx, ask)
    if said := approved_by(judged, item):
        approve(tx, sold(tx, item.order_id), item, by=f"policy:{item.policy_version}", why=said)
    return state_of(tx, item)


def _keep(
    tx: Transaction, of: Sold, ask: PreviewReturn | RequestReturn, judged: Sequence[Judged], payer: str
) -> str | None:
    price = ask.label_price if ask.way == ReturnWay.label else 0
    return keep_why(of, judged, payer=payer, label_price=price, recovery=lambda j: foresee(tx, of, j.ask))


def approved_by(judged: Sequence[Judged], item: Return) -> str | None:
    """What the rules say that approve it without a person; None when a person decides."""
    if item.policy_version is None or not all(j.at_once for j in judged):
        return None
    return f"policy {item.policy_version}: " + "; ".join(dict.fromkeys(j.verdict.why for j in judged))


def make(tx: Transaction, ask: RequestReturn, *, exchange_id: UUID | None = None) -> tuple[Return, list[Judged]]:
    """A return that waits for a decision. The order is locked from now on.

    Raises:
        NotFound, BadReturnField, NotThatMany
        TotalChanged: it comes to something else than was agreed to.
        AgainstPolicy: the rules refuse a line, and nobody said why to let it in all the same.
        NoAccount: store credit is for customers whom we know.
    """
    check_words("note", ask.note, needed=False)
    if ask.exception is not None:
        check_words("exception", ask.exception)
    if ask.label_paid_by not in (None, *LabelPaidBy):
        raise BadReturnField("label_paid_by", f"it is one of {', '.join(LabelPaidBy)}")
    check_way(ask.way, ask.label_price)
    if ask.refund_to not in list(RefundTo):
        raise BadReturnField("refund_to", f"it is one of {', '.join(RefundTo)}")
    of = sold(tx, ask.order_id, lock=True)
    if ask.refund_to == RefundTo.store_credit and of.order.customer_id is None:
        raise NoAccount(of.order.number)
    if ask.expected_total is not None:
        seen = PreviewReturn(order_id=ask.order_id, lines=ask.lines, way=ask.way, label_price=ask.label_price)
        now = preview(tx, seen)
        if now.total != ask.expected_total:
            raise TotalChanged(ask.expected_total, now.total, now.currency)
    item, _, judged = begin(tx, of, ask, exchange_id=exchange_id, to_come=exchange_id is not None)
    return item, judged


def begin(
    tx: Transaction, of: Sold, ask: RequestReturn, *, exchange_id: UUID | None = None, to_come: bool = False
) -> tuple[Return, ReturnPolicy | None, list[Judged]]:
    """The request itself, that nobody has decided yet; `to_come` where the goods cannot stay with the customer.

    The order is locked. Raises as `make`.
    """
    check_lines(of, ask.lines)
    policy, judged = judge_lines(tx, of, ask.lines)
    against = [j for j in judged if not j.verdict.allowed]
    if against and ask.exception is None:
        raise AgainstPolicy(of.order.number, [_refused(j, policy) for j in against])
    payer = payer_of(judged, ask.label_paid_by)
    keep = None if to_come else _keep(tx, of, ask, judged, payer)
    way = ask.way if keep is None else ReturnWay.own
    item = Return(
        id=uuid7(),
        number=new_return_number(tx),
        order_id=of.order.id,
        status=ReturnStatus.requested,
        currency=of.order.currency,
        policy_version=policy.version if policy is not None else None,
        label_paid_by=payer,
        way=way,
        label_price=label_charge(way, payer, ask.label_price),
        keep_why=keep,
        review=review_of(judged),
        note=ask.note,
        exception=ask.exception if against else None,
        refund_to=ask.refund_to,
        exchange_id=exchange_id,
        refunded=0,
        moved=0,
        requested_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(item)
    tx.flush()
    rows = [_row(of, item.id, j) for j in judged]
    tx.add_all(rows)
    tx.flush()
    units = sum(n.quantity for n in rows)
    said = ", ".join(f"{n.quantity} {n.sku} ({n.reason.replace('_', ' ')})" for n in rows)
    tx.note(f"return:{item.id}", to_status=ReturnStatus.requested, why=said)
    remark(tx, item, f"return {item.number} was asked for: {said}")
    tx.announce(
        f"return:{item.id}",
        ReturnRequested(
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            order_number=of.order.number,
            units=units,
            exception=item.exception is not None,
        ),
    )
    look_at_request(tx, of, item)
    return item, policy, judged


def check_lines(of: Sold, lines: Sequence[ReturnLineAsk]) -> None:
    if not lines:
        raise BadReturnField("lines", "say what is to come back")
    if len({n.line_no for n in lines}) < len(lines):
        raise BadReturnField("lines", "a line is named twice")
    for ask in lines:
        if ask.line_no not in of.lines:
            raise BadReturnField("line_no", f"order {of.order.number} has no line {ask.line_no}")
        if ask.quantity < 1:
            raise BadReturnField(f"quantity of line {ask.line_no}", "it is at least 1")
        check_reason(ask.line_no, ask.reason)
        check_words("remark", ask.remark, needed=False)
    beyond = [n for n in lines if n.quantity > of.returnable(n.line_no)]
    if beyond:
        facts = [
            {
                "line_no": n.line_no,
                "asked": n.quantity,
                "shipped": of.lines[n.line_no].shipped,
                "claimed": of.claimed(n.line_no),
                "by": of.holders(n.line_no),
            }
            for n in beyond
        ]
        raise NotThatMany(of.order.number, facts)


def _line(of: Sold, judged: Judged) -> PreviewLine:
    ask, verdict = judged.ask, judged.verdict
    worth = next_worth(of, ask.line_no, ask.quantity)
    fee = fee_of(worth, judged.fee_ppm, judged.fee_per_unit * ask.quantity)
    return PreviewLine(
        line_no=ask.line_no,
        sku=of.lines[ask.line_no].sku,
        title=of.lines[ask.line_no].title,
        quantity=ask.quantity,
        returnable=of.returnable(ask.line_no),
        reason=ask.reason,
        allowed=verdict.allowed,
        verdict=verdict.said,
        why=verdict.why,
        rule_no=judged.no,
        rule=judged.rule.name if judged.rule is not None else None,
        until=verdict.until.isoformat() if verdict.until is not None else None,
        reasons=judged.reasons,
        refund_when=judged.refund_when,
        paid=worth.total,
        tax=worth.tax,
        fee=fee.total,
        fee_tax=fee.tax,
        gives_back=worth.total - fee.total,
        bonus=rate_of(worth.total - fee.total, judged.rule.credit_bonus_ppm if judged.rule is not None else 0),
    )


def _row(of: Sold, return_id: UUID, judged: Judged) -> ReturnLine:
    ask, rule = judged.ask, judged.rule
    return ReturnLine(
        return_id=return_id,
        line_no=ask.line_no,
        order_id=of.order.id,
        sku=of.lines[ask.line_no].sku,
        quantity=ask.quantity,
        reason=ask.reason,
        remark=ask.remark,
        rule_no=judged.no,
        rule=rule.name if rule is not None else None,
        refused=None if judged.verdict.allowed else judged.verdict.why,
        refund_when=judged.refund_when,
        fee_ppm=judged.fee_ppm,
        fee_per_unit=judged.fee_per_unit,
        refund_shipping=rule is None or rule.refund_shipping,
        refund_unsellable=rule is not None and rule.refund_unsellable,
        bonus_ppm=rule.credit_bonus_ppm if rule is not None else 0,
    )


def _refused(judged: Judged, policy: ReturnPolicy | None) -> dict[str, object]:
    return {
        "line_no": judged.ask.line_no,
        "rule_no": judged.no,
        "rule": judged.rule.name if judged.rule is not None else None,
        "policy_version": policy.version if policy is not None else None,
        "policy_from": policy.valid_from.isoformat() if policy is not None else None,
        "until": judged.verdict.until.isoformat() if judged.verdict.until is not None else None,
        "why": judged.verdict.why,
    }
