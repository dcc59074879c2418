"""The security of goods that leave first: settled when the old ones are here, and taken when they are late."""

from __future__ import annotations

from agents.payments.messages import SettleSecurity
from agents.returns.paying import ask as ask_payments
from db.exchanges import Exchange, ExchangeStatus, lock_exchange, order_of_exchange, over_time
from db.returns import Return, lock_return, sold
from db.session import Transaction

AT_ONCE = 50
TAKEN = "The old goods did not come in time, and the security was taken. If they come yet, they are paid back."


def settle(tx: Transaction, exchange: Exchange, item: Return | None) -> None:
    """What came back pays, what is missing is taken of the security, and the rest let go. All is, if nothing came."""
    if exchange.replacement_id is None:
        return
    task = SettleSecurity(order_id=exchange.replacement_id, return_id=item.id if item is not None else None)
    tx.send("payments", f"order:{exchange.replacement_id}", task)


def take_late(tx: Transaction) -> int:
    """Returns how many securities were taken."""
    taken = 0
    for exchange_id in over_time(tx, tx.now, limit=AT_ONCE):
        of = sold(tx, order_of_exchange(tx, exchange_id), lock=True)
        item = lock_return(tx, tx.get_one(Exchange, exchange_id).return_id)
        exchange = lock_exchange(tx, exchange_id)
        if exchange.status != ExchangeStatus.approved or exchange.security_taken_at is not None:
            continue
        if exchange.replacement_shipped_at is None:
            continue  # nothing has left, so nothing is owed for it
        exchange.security_taken_at, exchange.problem, exchange.updated_at = tx.now, TAKEN, tx.now
        item.kept = 0
        why = f"the old goods did not come by {exchange.secured_until:%d %b %Y}: the security is taken"
        tx.note(f"exchange:{exchange.id}", from_status=exchange.status, to_status=exchange.status, why=why)
        tx.note(f"order:{of.order.id}", to_status="exchange", why=f"{exchange.number}: {why}")
        settle(tx, exchange, None)
        if item.credit:  # a part came before: it is paid back as on any return
            ask_payments(tx, item)
        taken += 1
    return taken
