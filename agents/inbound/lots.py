"""A lot's date of expiry is put right."""

from __future__ import annotations

from sqlalchemy import func, select

from agents.inbound.messages.receipts import CorrectLot, LotState
from agents.inbound.refusals import StillInSale
from agents.stock.rules import check_words
from db.errors import NotFound
from db.ledger import lock_skus
from db.lots import Lot, day_at
from db.session import Transaction, check_version
from db.stock import BinStock, StockStatus


def correct_lot(tx: Transaction, ask: CorrectLot) -> LotState:
    """Raises NotFound, StaleVersion; StillInSale while units are in sale that would be expired."""
    check_words("reason", ask.reason)
    seen = tx.get(Lot, ask.lot_id)
    if seen is None:
        raise NotFound("lot", str(ask.lot_id))
    lock_skus(tx, [seen.sku])
    lot = tx.get_one(Lot, ask.lot_id, with_for_update=True, populate_existing=True)
    check_version(lot, ask.version, kind="lot", id=lot.code)
    if ask.expires_on != lot.expires_on:
        _check_not_in_sale(tx, lot, ask)
        lot.why = f"{lot.expires_on or 'no date'} → {ask.expires_on or 'no date'}: {ask.reason}"
        lot.expires_on, lot.stated_at, lot.updated_at = ask.expires_on, tx.now, tx.now
    tx.flush()
    return LotState(id=lot.id, sku=lot.sku, code=lot.code, expires_on=lot.expires_on, version=lot.version)


def _check_not_in_sale(tx: Transaction, lot: Lot, ask: CorrectLot) -> None:
    if ask.expires_on is None:
        return
    lying = select(BinStock.node, func.sum(BinStock.quantity)).where(
        BinStock.sku == lot.sku, BinStock.lot == lot.code, BinStock.status == StockStatus.sellable
    )
    for node, units in tx.execute(lying.group_by(BinStock.node).order_by(BinStock.node)):
        if ask.expires_on < day_at(tx, node, tx.now):
            raise StillInSale(lot.sku, lot.code, ask.expires_on.isoformat(), int(units))
