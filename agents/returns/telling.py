"""How a return is told, and how its moves are written down."""

from __future__ import annotations

from agents.returns.messages import ReturnState
from agents.returns.messages.claims import ClaimState
from agents.returns.messages.exchanges import ExchangeMoved, ExchangeState
from db.exchanges import EXCHANGE_MOVES, Exchange, ExchangeStatus, exchange_next, lines_of_exchanges
from db.order_claims import OrderClaim, claim_next, lines_of_claims
from db.orders import Order
from db.returns import RETURN_MOVES, Return, ReturnStatus, lines_of, what_next
from db.session import Transaction

COLUMNS = (
    "line_no", "sku", "quantity", "reason", "rule_no", "rule", "refund_when", "sellable", "damaged",
    "not_as_described", "missing", "stayed", "open", "withheld", "credited", "credited_total", "credited_tax",
    "fee", "fee_tax",
)  # fmt: skip


def move(tx: Transaction, item: Return, to: ReturnStatus, *, why: str) -> None:
    """The order's timeline shows it too. Raises IllegalMove."""
    tx.move(item, to, moves=RETURN_MOVES, subject=f"return:{item.id}", why=why)
    item.updated_at = tx.now
    remark(tx, item, f"return {item.number} {to.replace('_', ' ')}: {why}")


def remark(tx: Transaction, item: Return, why: str) -> None:
    """A line in the history of the order."""
    detail = {"return_id": str(item.id), "number": item.number}
    tx.note(f"order:{item.order_id}", to_status="return", why=why, detail=detail)


def state_of(tx: Transaction, item: Return) -> ReturnState:
    tx.flush()
    rows = lines_of(tx, [item.id])
    return ReturnState(
        id=item.id,
        number=item.number,
        order_id=item.order_id,
        status=item.status,
        refund_state=item.refund_state,
        policy_version=item.policy_version,
        label_paid_by=item.label_paid_by,
        refund_to=item.refund_to,
        bonus=item.bonus,
        way=item.way,
        parcel=item.parcel,
        carrier=item.carrier,
        tracking_number=item.tracking_number,
        label_price=item.label_price,
        label_taken=item.label_taken,
        keep_why=item.keep_why,
        review=item.review,
        credit=item.credit,
        refunded=item.refunded,
        due=item.due,
        currency=item.currency,
        version=item.version,
        lines=[{name: getattr(row, name) for name in COLUMNS} for row in rows],
        next=what_next(
            item.status, item.refund_state, withheld=sum(row.withheld for row in rows), alone=item.exchange_id is None
        ),
    )


GOODS = ("no", "sku", "title", "quantity", "unit_amount", "discount", "tax_rate_ppm", "total", "for_line")
CLAIMED = (
    "line_no", "sku", "quantity", "replaced", "reason", "credited", "credited_total", "credited_tax", "replaced_total",
)  # fmt: skip


def move_exchange(tx: Transaction, exchange: Exchange, to: ExchangeStatus, order: Order, *, why: str) -> None:
    """The order's timeline shows it too. Raises IllegalMove."""
    tx.move(exchange, to, moves=EXCHANGE_MOVES, subject=f"exchange:{exchange.id}", why=why)
    exchange.updated_at = tx.now
    detail = {"exchange_id": str(exchange.id), "number": exchange.number}
    tx.note(f"order:{order.id}", to_status="exchange", why=f"exchange {exchange.number} {to}: {why}", detail=detail)
    tx.announce(
        f"exchange:{exchange.id}",
        ExchangeMoved(
            exchange_id=exchange.id,
            order_id=order.id,
            number=exchange.number,
            order_number=order.number,
            status=to,
            reason=why,
        ),
    )


def exchange_state(tx: Transaction, exchange: Exchange) -> ExchangeState:
    tx.flush()
    names = (
        "id", "number", "order_id", "return_id", "status", "currency", "instant", "secured", "secured_until",
        "security_taken_at", "worth", "shipping", "new_total",
        "held_until", "replacement_id", "replacement_number", "problem", "version",
    )  # fmt: skip
    return ExchangeState(
        **{name: getattr(exchange, name) for name in names},
        balance=exchange.new_total - exchange.worth,
        goods=[{name: getattr(n, name) for name in GOODS} for n in lines_of_exchanges(tx, [exchange.id])],
        next=exchange_next(
            exchange.status,
            instant=exchange.instant,
            shipped=exchange.replacement_shipped_at is not None,
            problem=exchange.problem is not None and exchange.replacement_id is None,
        ),
    )


def claim_state(tx: Transaction, claim: OrderClaim) -> ClaimState:
    tx.flush()
    names = (
        "id", "number", "order_id", "status", "resolution", "currency", "credit", "kept", "refunded", "due",
        "refund_state", "refund_to", "replacement_id", "replacement_number", "problem", "version",
    )  # fmt: skip
    return ClaimState(
        **{name: getattr(claim, name) for name in names},
        lines=[{name: getattr(n, name) for name in CLAIMED} for n in lines_of_claims(tx, [claim.id])],
        next=claim_next(claim.status, claim.refund_state, replacement_shipped=claim.replacement_shipped_at is not None),
    )
