"""Signals are raised when goods are asked back and when they are here, and set aside by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from agents.returns import signs
from agents.returns.messages import GradedAsk, ReceiveReturn
from agents.returns.messages.signals import (
    ReturnSignalRaised,
    ReturnSignalSetAside,
    ReturnSignalState,
    SetSignalAside,
)
from agents.returns.telling import remark
from agents.stock.rules import check_words
from db.base import uuid7
from db.catalog import Tracking, variants_by_sku
from db.money import half_up
from db.return_policies import ReturnRule, delivered_lines
from db.return_signals import SIGNAL_MOVES, ReturnSignal, SignalStatus, lock_signal, signal_next
from db.return_standing import shop_mean, shrunk_ppm, standing_of
from db.returns import Grade, Return, ReturnLine, Sold
from db.session import Transaction, check_version
from db.stock import MovementKind, StockLedger

LOOKED_BACK = timedelta(days=365)


def look_at_request(tx: Transaction, of: Sold, item: Return) -> None:
    stood = standing_of(tx, of.order, tx.now - LOOKED_BACK)
    if stood.back < signs.FEWEST_BACK:
        return
    mean = shop_mean(tx, item.currency).rate_ppm
    rate = shrunk_ppm(stood.back, stood.bought, mean)
    found = signs.many_returns(back=stood.back, bought=stood.bought, rate_ppm=rate, mean_ppm=mean)
    raise_signals(tx, of, item, [found])


def look_at_arrival(tx: Transaction, of: Sold, item: Return, rows: Sequence[ReturnLine], ask: ReceiveReturn) -> None:
    """What of the units that were graded now is not as it should be."""
    units = ask.units
    said, missing = sum(u.quantity for u in units), sum(u.quantity for u in units if u.grade == Grade.missing)
    raise_signals(tx, of, item, [
        signs.too_few(said=said, missing=missing),
        signs.too_light(grams=ask.weight_grams, expected=_expected_grams(tx, of, units)),
        *_worn(tx, of, item, {row.line_no: row for row in rows}, units),
    ])  # fmt: skip


def check_serials(tx: Transaction, of: Sold, graded: GradedAsk) -> list[signs.Sign]:
    """Serial numbers of units that never left with this order. History that was brought in names none."""
    serials = {sku: lot for sku, lot in graded.lots.items() if lot}
    if not serials or not of.order.live:
        return []
    tracked = [sku for sku, v in variants_by_sku(tx, sorted(serials)).items() if v.tracking == Tracking.serial]
    sent = _sent(tx, of, tracked)
    return [
        signs.other_serial(sku=sku, serial=serials[sku], line_no=graded.line_no)
        for sku in sorted(tracked)
        if (sku, serials[sku]) not in sent
    ]


def set_aside(tx: Transaction, ask: SetSignalAside) -> ReturnSignalState:
    """Raises NotFound, IllegalMove."""
    check_words("reason", ask.reason)
    row = lock_signal(tx, ask.signal_id)
    check_version(row, ask.version, kind="signal", id=str(row.id))
    item = tx.get_one(Return, row.return_id)
    tx.move(row, SignalStatus.set_aside, moves=SIGNAL_MOVES, subject=f"return_signal:{row.id}", why=ask.reason)
    row.set_aside_by, row.set_aside_at, row.set_aside_why = tx.who.actor, tx.now, ask.reason
    row.updated_at = tx.now
    remark(tx, item, f"return {item.number}: {row.kind.replace('_', ' ')} set aside")
    tx.announce(
        f"return:{item.id}",
        ReturnSignalSetAside(
            signal_id=row.id,
            kind=row.kind,
            return_id=item.id,
            order_id=row.order_id,
            customer_id=row.customer_id,
            number=item.number,
            reason=ask.reason,
        ),
    )
    return _state(tx, row)


def raise_signals(tx: Transaction, of: Sold, item: Return, found: Iterable[signs.Sign | None]) -> None:
    """Each once: what was said of a return is not said of it again, and stays set aside."""
    known = {
        (row.kind, row.line_no, row.about)
        for row in tx.scalars(select(ReturnSignal).where(ReturnSignal.return_id == item.id))
    }
    for sign in found:
        if sign is None or (sign.kind, sign.line_no, sign.about) in known:
            continue
        known.add((sign.kind, sign.line_no, sign.about))
        row = ReturnSignal(
            id=uuid7(),
            kind=sign.kind,
            status=SignalStatus.open,
            return_id=item.id,
            order_id=of.order.id,
            customer_id=of.order.customer_id,
            line_no=sign.line_no,
            sku=sign.sku,
            about=sign.about,
            why=sign.why,
            facts=sign.facts,
            created_at=tx.now,
            updated_at=tx.now,
        )
        tx.add(row)
        tx.note(f"return_signal:{row.id}", to_status=SignalStatus.open, why=sign.why)
        remark(tx, item, f"return {item.number}: {sign.kind.replace('_', ' ')}, {sign.why}")
        tx.announce(
            f"return:{item.id}",
            ReturnSignalRaised(
                signal_id=row.id,
                kind=row.kind,
                return_id=item.id,
                order_id=of.order.id,
                customer_id=row.customer_id,
                number=item.number,
                sku=row.sku,
                why=row.why,
                facts=row.facts,
            ),
        )


def _worn(
    tx: Transaction, of: Sold, item: Return, rows: Mapping[int, ReturnLine], units: Sequence[GradedAsk]
) -> Iterable[signs.Sign]:
    worn = sorted({u.line_no for u in units if u.grade == Grade.damaged})
    if not worn or item.policy_version is None:
        return
    delivered, mean = delivered_lines(tx, of.order.id), shop_mean(tx, item.currency).unit_value
    for no in worn:
        rule = tx.get(ReturnRule, (item.policy_version, rows[no].rule_no)) if rows[no].rule_no else None
        at, line = delivered.get(no), of.lines[no]
        passed = None
        if rule is not None and rule.window_days and at is not None:
            passed = half_up(int((item.created_at - at).total_seconds()) * 1_000_000, rule.window_days * 86_400)
        found = signs.wardrobing(
            grade=Grade.damaged,
            reason=rows[no].reason,
            passed_ppm=passed,
            unit=half_up(line.total, line.quantity),
            mean_unit=mean,
            currency=item.currency,
        )
        if found is not None:
            yield found._replace(line_no=no, sku=line.sku)


def _expected_grams(tx: Transaction, of: Sold, units: Sequence[GradedAsk]) -> int | None:
    parts = [(sku, per * u.quantity) for u in units for sku, per in of.lines[u.line_no].parts]
    known = variants_by_sku(tx, sorted({sku for sku, _ in parts}))
    weights = {sku: known[sku].weight_grams for sku, _ in parts}
    if not all(weights.values()):
        return None
    return sum((weights[sku] or 0) * n for sku, n in parts)


def _sent(tx: Transaction, of: Sold, skus: Sequence[str]) -> set[tuple[str, str]]:
    """(SKU, lot) of what left with the order."""
    left = select(StockLedger.sku, StockLedger.lot).where(
        StockLedger.cause == f"order:{of.order.id}",
        StockLedger.kind == MovementKind.shipped,
        StockLedger.on_hand < 0,
        StockLedger.sku.in_(skus),
    )
    return {(row.sku, row.lot) for row in tx.execute(left)}


def _state(tx: Transaction, row: ReturnSignal) -> ReturnSignalState:
    tx.flush()
    return ReturnSignalState(
        id=row.id,
        kind=row.kind,
        status=row.status,
        return_id=row.return_id,
        order_id=row.order_id,
        customer_id=row.customer_id,
        line_no=row.line_no,
        sku=row.sku,
        why=row.why,
        facts=row.facts,
        version=row.version,
        next=signal_next(row.status),
    )
