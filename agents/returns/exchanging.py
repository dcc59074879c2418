"""An exchange is asked for, decided and called off. Its old goods are received like those of any return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from agents.inventory.messages import HeldLine, KeepGoods
from agents.orders.messages.substitutes import CancelSubstitute
from agents.returns import deciding, replacing
from agents.returns.judging import Judged, judge_lines
from agents.returns.messages import PreviewReturn, RequestReturn
from agents.returns.messages.exchanges import (
    ApproveExchange,
    CancelExchange,
    ExchangePreview,
    ExchangeState,
    GoodsOut,
    GoodsOutAsk,
    HoldForExchange,
    OrderForExchange,
    PreviewExchange,
    RequestExchange,
)
from agents.returns.paying import next_worth
from agents.returns.refusals import (
    AlreadyOnItsWay,
    BadExchange,
    DifferenceNotCovered,
    MoneyUnderWay,
    NotFromHere,
    NotInstant,
)
from agents.returns.requesting import approved_by, make, preview
from agents.returns.telling import exchange_state, move_exchange
from agents.stock.rules import check_quantity, check_words
from db.base import uuid7
from db.catalog import Price, ProductStatus, Variant
from db.errors import IllegalMove
from db.exchanges import (
    EXCHANGE_MOVES,
    Exchange,
    ExchangeLine,
    ExchangeStatus,
    lines_of_exchanges,
    lock_exchange,
    new_exchange_number,
    order_of_exchange,
)
from db.money import OrderIn, price, rate_of
from db.returns import Return, ReturnStatus, Sold, lines_of, lock_return, sold
from db.session import Transaction, check_version
from db.stock import StockLevel
from db.stored_value import would_not_pay

HELD_SECONDS = 21 * 24 * 3600  # three weeks for the old goods to come
SECURED = timedelta(days=21)
MOST_GOODS = 100


def preview_exchange(tx: Transaction, ask: PreviewExchange) -> ExchangePreview:
    """Raises as `requesting.preview`, and BadExchange."""
    back = preview(tx, PreviewReturn(order_id=ask.order_id, lines=ask.lines))
    of = sold(tx, ask.order_id)
    if not of.order.live:
        raise NotFromHere(of.order.number)
    rows = goods_out(tx, of, ask)
    new_total = sum(n.total for n in rows) + _shipping(of, ask.shipping)
    _, judged = judge_lines(tx, of, ask.lines)
    return ExchangePreview(
        order_id=back.order_id,
        number=back.number,
        currency=back.currency,
        lines=back.lines,
        goods=[_told(tx, n) for n in rows],
        paid=back.paid,
        fee=back.fee,
        shipping_back=back.shipping,
        worth=back.total,
        shipping=ask.shipping,
        new_total=new_total,
        balance=new_total - back.total,
        allowed=back.allowed,
        instant=not _not_instant(judged),
        security=min(new_total, back.total),
        charged=new_total - min(new_total, back.total),
        security_days=SECURED.days,
        approved_at_once=back.approved_at_once,
    )


def request_exchange(tx: Transaction, ask: RequestExchange) -> ExchangeState:
    """Approved at once where every rule says so.

    Raises:
        As `requesting.make`.
        BadExchange: what is to go out is not for sale, or nothing would pay for it.
        NotInstant: a rule wants the old goods first.
        DifferenceNotCovered: the gift card or store credit that is to pay the difference has too little on it.
    """
    if (ask.provider is None) is not (ask.token is None):
        raise BadExchange("token", "name both a provider and its token, or neither")
    if ask.instant and ask.provider is None:
        raise BadExchange("provider", "goods that leave first are paid with a card: say which")
    told = preview_exchange(tx, PreviewExchange(order_id=ask.order_id, lines=ask.lines, goods=ask.goods,
                                                shipping=ask.shipping))  # fmt: skip
    exchange_id = uuid7()
    item, judged = make(
        tx,
        RequestReturn(
            order_id=ask.order_id,
            lines=ask.lines,
            label_paid_by=ask.label_paid_by,
            note=ask.note,
            exception=ask.exception,
            refund_to=ask.refund_to,
        ),
        exchange_id=exchange_id,
    )
    if ask.instant and (why := _not_instant(judged)):
        raise NotInstant(told.number, why)
    of = sold(tx, ask.order_id)
    rows = goods_out(tx, of, ask)
    _check_consent(tx, of, ask, told)
    exchange = Exchange(
        id=exchange_id, number=new_exchange_number(tx), order_id=of.order.id, return_id=item.id,
        status=ExchangeStatus.requested, currency=of.order.currency, instant=ask.instant, worth=told.worth,
        shipping=ask.shipping, new_total=told.new_total, provider=ask.provider, token=ask.token, note=ask.note,
        requested_by=tx.who.actor, created_at=tx.now, updated_at=tx.now,
    )  # fmt: skip
    exchange.secured = told.security if ask.instant else 0
    item.kept = exchange.secured if ask.instant else told.new_total
    tx.add(exchange)
    tx.flush()
    for row in rows:
        row.exchange_id = exchange.id
    tx.add_all(rows)
    tx.flush()
    said = f"{item.number} comes back; " + ", ".join(f"{n.quantity} {n.sku}" for n in rows) + " go out"
    tx.note(f"exchange:{exchange.id}", to_status=ExchangeStatus.requested, why=said)
    tx.note(f"order:{of.order.id}", to_status="exchange", why=f"exchange {exchange.number} was asked for: {said}")
    if said := approved_by(judged, item) or "":
        _approve(tx, sold(tx, ask.order_id), exchange, item, by=f"policy:{item.policy_version}", why=said)
    return exchange_state(tx, exchange)


def _check_consent(tx: Transaction, of: Sold, ask: RequestExchange, told: ExchangePreview) -> None:
    """What our own books hold is known now; a card is asked when the new goods are ordered."""
    difference = told.new_total if ask.instant else told.balance
    if ask.provider is None or difference <= 0:
        return
    order = of.order
    why_not = would_not_pay(
        tx, ask.provider, ask.token, difference, currency=order.currency, customer_id=order.customer_id
    )
    if why_not is not None:
        raise DifferenceNotCovered(told.number, difference, why_not)


def approve_exchange(tx: Transaction, ask: ApproveExchange) -> ExchangeState:
    """Raises NotFound, IllegalMove, StaleVersion."""
    check_words("reason", ask.reason, needed=False)
    of, item, exchange = _locked(tx, ask)
    _approve(tx, of, exchange, item, by=tx.who.actor, why=ask.reason or "approved")
    return exchange_state(tx, exchange)


def _approve(tx: Transaction, of: Sold, exchange: Exchange, item: Return, *, by: str, why: str) -> None:
    move_exchange(tx, exchange, ExchangeStatus.approved, of.order, why=why)
    exchange.decision, exchange.decided_by, exchange.decided_at = why, by, tx.now
    deciding.approve(tx, of, item, by=by, why=why)
    if exchange.instant:
        exchange.secured_until = tx.now + SECURED
    _hold(tx, exchange)  # those that leave first are ordered once they are held


def hold_goods(tx: Transaction, ask: HoldForExchange) -> ExchangeState:
    """Hold the new goods for three more weeks. Raises NotFound, IllegalMove."""
    _, _, exchange = _locked(tx, ask)
    if exchange.status != ExchangeStatus.approved or exchange.instant:
        _refuse(exchange, "held")
    _hold(tx, exchange)
    return exchange_state(tx, exchange)


def order_goods(tx: Transaction, ask: OrderForExchange) -> ExchangeState:
    """After it was refused. Raises NotFound, IllegalMove."""
    of, item, exchange = _locked(tx, ask)
    first = exchange.instant and exchange.status == ExchangeStatus.approved
    paid = not exchange.instant and exchange.status == ExchangeStatus.received and item.credit > 0
    if not (first or paid) or exchange.replacement_asked_at is not None:
        _refuse(exchange, "ordered")
    replacing.order_goods(tx, exchange, of.order)
    return exchange_state(tx, exchange)


def cancel_exchange(tx: Transaction, ask: CancelExchange) -> ExchangeState:
    """Goods that are ordered are called off first, and the exchange ends when that is done.

    Raises:
        NotFound, IllegalMove, StaleVersion.
        AlreadyOnItsWay: the new goods have left.
        MoneyUnderWay: they are being ordered this moment.
    """
    check_words("reason", ask.reason)
    of, item, exchange = _locked(tx, ask)
    if exchange.replacement_shipped_at is not None:
        raise AlreadyOnItsWay(exchange.number, exchange.replacement_number or "")
    if ExchangeStatus.cancelled not in EXCHANGE_MOVES[ExchangeStatus(exchange.status)]:
        _refuse(exchange, ExchangeStatus.cancelled)
    if exchange.replacement_id is not None:
        call_off = CancelSubstitute(source_id=exchange.id, order_id=exchange.replacement_id, reason=ask.reason)
        tx.send("orders", f"replacement:{exchange.id}", call_off)
        return exchange_state(tx, exchange)
    if exchange.replacement_asked_at is not None:
        raise MoneyUnderWay(exchange.number)
    replacing.give_all_back(tx, exchange, item, of.order, why=ask.reason)
    nothing_came = not item.credit and not any(row.came or row.missing for row in lines_of(tx, [item.id]))
    if nothing_came and item.status in (ReturnStatus.requested, ReturnStatus.approved):
        deciding.call_off(tx, item, f"exchange {exchange.number}: {ask.reason}")
    return exchange_state(tx, exchange)


def goods_out(tx: Transaction, of: Sold, ask: PreviewExchange | RequestExchange) -> list[ExchangeLine]:
    """The lines of the new order, with tax in their prices. Raises BadExchange."""
    if not 0 < len(ask.goods) <= MOST_GOODS:
        raise BadExchange("goods", f"say what is to go out, at most {MOST_GOODS} lines")
    if ask.shipping < 0:
        raise BadExchange("shipping", "it is not below zero")
    coming = {n.line_no: n.quantity for n in ask.lines}
    swaps = [g.for_line for g in ask.goods if g.for_line is not None]
    if len(set(swaps)) < len(swaps):
        raise BadExchange("for_line", "a line is named twice")
    return [_line(tx, of, no, asked, coming) for no, asked in enumerate(ask.goods, 1)]


def _line(tx: Transaction, of: Sold, no: int, asked: GoodsOutAsk, coming: dict[int, int]) -> ExchangeLine:
    check_quantity(asked.sku, asked.quantity)
    variant = tx.get(Variant, asked.sku)
    if variant is None or variant.status != ProductStatus.active:
        raise BadExchange("goods", f"{asked.sku} is not for sale")
    if asked.for_line is not None:
        unit, discount = _even(tx, of, variant, asked, coming)
    else:
        unit, discount = _unit_with_tax(tx, of, variant, asked), 0
    return ExchangeLine(
        no=no, sku=variant.sku, title=variant.title, quantity=asked.quantity, unit_amount=unit, discount=discount,
        tax_rate_ppm=variant.tax_rate_ppm, total=unit * asked.quantity - discount, for_line=asked.for_line,
    )  # fmt: skip


def _even(tx: Transaction, of: Sold, variant: Variant, asked: GoodsOutAsk, coming: dict[int, int]) -> tuple[int, int]:
    """Unit price and discount that come to exactly what the old units are worth."""
    line = of.lines.get(asked.for_line or 0)
    if line is None or asked.for_line not in coming:
        raise BadExchange("for_line", f"line {asked.for_line} does not come back")
    if coming[asked.for_line] != asked.quantity:
        raise BadExchange("quantity", f"as many units go out as come back of line {asked.for_line}")
    product = tx.scalar(select(Variant.product_id).where(Variant.sku == line.sku))
    if product != variant.product_id:
        raise BadExchange("for_line", f"{variant.sku} is another product than {line.sku}; give it a price of its own")
    worth = next_worth(of, line.line_no, asked.quantity).total
    unit = -(-worth // asked.quantity)
    return unit, unit * asked.quantity - worth


def _unit_with_tax(tx: Transaction, of: Sold, variant: Variant, asked: GoodsOutAsk) -> int:
    if asked.unit_amount is not None:
        if asked.unit_amount < 0:
            raise BadExchange("unit_amount", "it is not below zero")
        return asked.unit_amount
    listed = tx.get(Price, (variant.sku, of.order.currency))
    if listed is None:
        raise BadExchange("goods", f"{variant.sku} has no price in {of.order.currency}; say its unit amount")
    on_top = 0 if of.order.tax_inclusive else rate_of(listed.amount, variant.tax_rate_ppm)
    return listed.amount + on_top


def _shipping(of: Sold, amount: int) -> int:
    asked = OrderIn(of.order.currency, (), shipping_amount=amount, shipping_tax_ppm=of.order.shipping_tax_ppm,
                    tax_inclusive=True)  # fmt: skip
    return price(asked).shipping_total


def _not_instant(judged: Sequence[Judged]) -> list[str]:
    """Rules that want the old goods first."""
    against = [j for j in judged if j.rule is None or not j.rule.instant_exchange or not j.verdict.allowed or j.review]
    return list(dict.fromkeys(j.rule.name if j.rule is not None else "no policy" for j in against))


def _hold(tx: Transaction, exchange: Exchange) -> None:
    lines = [HeldLine(sku=n.sku, quantity=n.quantity) for n in lines_of_exchanges(tx, [exchange.id])]
    keep = KeepGoods(reference=exchange.reference, lines=lines, seconds=HELD_SECONDS)
    tx.send("inventory", f"hold:{exchange.reference}", keep)


def _told(tx: Transaction, row: ExchangeLine) -> GoodsOut:
    free = func.greatest(0, StockLevel.sellable - StockLevel.allocated - StockLevel.held)
    could = tx.scalar(select(func.coalesce(func.sum(free), 0)).where(StockLevel.sku == row.sku))
    names = ("no", "sku", "title", "quantity", "unit_amount", "discount", "tax_rate_ppm", "total", "for_line")
    return GoodsOut(**{name: getattr(row, name) for name in names}, free=int(could or 0))


def _refuse(exchange: Exchange, wanted: str) -> None:
    may = sorted(s.value for s in EXCHANGE_MOVES[ExchangeStatus(exchange.status)])
    raise IllegalMove("exchange", exchange.number, exchange.status, wanted, may)


def _locked(
    tx: Transaction, ask: ApproveExchange | CancelExchange | HoldForExchange | OrderForExchange
) -> tuple[Sold, Return, Exchange]:
    of = sold(tx, order_of_exchange(tx, ask.exchange_id), lock=True)
    found = tx.get_one(Exchange, ask.exchange_id)
    item = lock_return(tx, found.return_id)
    exchange = lock_exchange(tx, ask.exchange_id)
    check_version(exchange, ask.version, kind="exchange", id=exchange.number)
    return of, item, exchange
