"""What units of a return are worth to the customer: of each line, with the shipping's share, less the fee.

All sums run over every return of the order, so that in whatever parts its units come back, they are worth together
exactly what was paid for them.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.payments.messages import RefundReturn
from agents.returns.money import SoldLine, Worth, fee_of, shipping_share, together, worth_of
from agents.returns.rules import credit_of
from db.money import OrderIn, price, rate_of
from db.orders import Order
from db.returns import GivenBack, RefundState, RefundTo, Return, ReturnLine, Sold, WithShipping
from db.session import Transaction


def next_worth(sold: Sold, line_no: int, units: int) -> Worth:
    """What the next units of a line are worth. An edit may have priced it anew since, and takes nothing back."""
    line, rows = sold.lines[line_no], sold.given_back(line_no)
    before = SoldLine(
        quantity=line.quantity,
        total=line.total,
        tax=line.tax,
        cancelled=line.cancelled,
        returned=sum(row.credited for row in rows),
        credited=credited(rows),
        cancelled_amount=line.cancelled_amount,
    )
    return _never_back(worth_of(before, units))


def shipping_more(sold: Sold, extra: int = 0) -> Worth:
    """The shipping that goes with goods worth what is credited of the order and `extra`, without what went before."""
    kept = sum(n.total - n.cancelled_amount for n in sold.lines.values())
    so_far = credited(row for no in sold.lines for row in sold.given_back(no) if row.refund_shipping)
    told: list[WithShipping] = [*sold.returns, *sold.claims]
    already = together(Worth(r.shipping, r.shipping_tax) for r in told)
    return _never_back(shipping_share(_shipping(sold.order), kept=kept, credited=so_far.total + extra, already=already))


def credited(rows: Iterable[GivenBack]) -> Worth:
    return together(Worth(row.credited_total, row.credited_tax) for row in rows)


def pay_for(sold: Sold, row: ReturnLine, units: int) -> None:
    """Count units of a line as paid for. Lock the order before."""
    worth = next_worth(sold, row.line_no, units)
    row.credited += units
    row.credited_total += worth.total
    row.credited_tax += worth.tax
    fee = fee_of(Worth(row.credited_total, row.credited_tax), row.fee_ppm, row.fee_per_unit * row.credited)
    row.fee, row.fee_tax = fee.total, fee.tax


def owe(tx: Transaction, sold: Sold, item: Return, rows: Iterable[ReturnLine]) -> None:
    """Bring what is owed for a return in line with what is counted as paid for, and have it given back."""
    more = shipping_more(sold)
    item.shipping += more.total
    item.shipping_tax += more.tax
    rows = list(rows)
    gross = sum(row.credited_total - row.fee for row in rows) + item.shipping
    if item.refund_to == RefundTo.store_credit:
        item.bonus = sum(rate_of(row.credited_total - row.fee, row.bonus_ppm) for row in rows)
    credit = credit_of(gross, item.credit, item.label_price)
    item.label_taken = gross - credit
    if credit <= item.credit:
        return
    item.due += credit - item.credit
    item.credit, item.updated_at = credit, tx.now
    ask(tx, item)


def ask(tx: Transaction, item: Return, *, over: bool = False) -> None:
    if not over:
        item.refund_state = RefundState.asked
    asked = RefundReturn(
        return_id=item.id,
        order_id=item.order_id,
        credit=item.credit,
        over=over,
        set_aside=min(item.kept, item.credit),
        to_credit=item.refund_to == RefundTo.store_credit,
        bonus=item.bonus,
    )
    tx.send("payments", f"order:{item.order_id}", asked)


def _shipping(order: Order) -> Worth:
    priced = price(
        OrderIn(
            order.currency,
            (),
            shipping_amount=order.shipping,
            shipping_tax_ppm=order.shipping_tax_ppm,
            tax_inclusive=order.tax_inclusive,
        )
    )
    return Worth(priced.shipping_total, priced.shipping_tax)


def _never_back(worth: Worth) -> Worth:
    total = max(0, worth.total)
    return Worth(total, min(max(0, worth.tax), total))
