"""What was decided about a parcel in trouble is done by the agents whose work it is, and their answers are heard."""

from __future__ import annotations

from datetime import timedelta

from agents.notifications.messages import AskAboutParcel
from agents.parcels import claiming
from agents.parcels.messages import ActOnException, ExceptionState
from agents.parcels.refusals import BadParcelField, MadeWhole, MoreThanGoods, NotNow
from agents.parcels.telling import helped, move, propose_anew, refundable, state_of
from agents.parcels.troubles import resolve
from agents.parcels.worth import contents_of
from agents.payments.messages import ParcelMoney, RefundParcel
from agents.returns.messages.claims import ClaimLineAsk, MakeGood, ParcelHelped, ParcelNotHelped
from agents.stock.rules import check_words
from db.money import format_money
from db.orders import Order
from db.parcel_exceptions import (
    ExceptionAction,
    ExceptionKind,
    ExceptionStatus,
    ParcelException,
    actions_of,
    lock_exception,
)
from db.session import Transaction, check_version

_A, _S = ExceptionAction, ExceptionStatus
WAIT = timedelta(days=2)
LONGEST_WAIT = timedelta(days=60)
ANSWER_WITHIN = timedelta(days=3)
GONE = (ExceptionKind.lost, ExceptionKind.returned)  # the customer has nothing of these: part of the money is no help


def act(tx: Transaction, ask: ActOnException) -> ExceptionState:
    """Raises NotNow, MadeWhole, MoreThanGoods, BadParcelField, and what claiming raises."""
    check_words("reason", ask.reason)
    found = lock_exception(tx, ask.exception_id)
    check_version(found, ask.version, kind="parcel exception", id=found.number)
    if ask.action not in set(ExceptionAction):
        raise BadParcelField("action", f"is one of {', '.join(a.value for a in ExceptionAction)}")
    action = ExceptionAction(ask.action)
    if action in (_A.reship, _A.refund) and (how := helped(found)):
        raise MadeWhole(found.number, how)
    if action not in (possible := actions_of(found)):
        raise NotNow(found.number, f"answered by {action}", [str(p) for p in possible])
    found.action, found.action_error = action, None
    _DO[action](tx, found, ask)
    propose_anew(tx, found)
    return state_of(tx, found)


def _wait(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    until = ask.until or tx.now + WAIT
    if not tx.now < until <= tx.now + LONGEST_WAIT:
        raise BadParcelField("until", f"is a moment from now on, within {LONGEST_WAIT.days} days")
    found.due_at = until
    move(tx, found, _S.waiting, why=f"waits until {until:%d %b %H:%M} UTC: {ask.reason}")


def _contact(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    words = ask.words or "Could you tell us whether the address is right, and when somebody is there?"
    check_words("words", words)
    found.contacted_at, found.due_at = tx.now, tx.now + ANSWER_WITHIN
    letter = AskAboutParcel(
        key=f"parcel_question:{found.id}:{tx.now.isoformat()}",
        order_id=found.order_id,
        tracking_number=found.tracking_number,
        words=words,
    )
    tx.send("notifications", f"order:{found.order_id}", letter)
    move(tx, found, _S.waiting, why=f"the customer is asked: {ask.reason}")


def _reship(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    units = _whole_units(tx, found)
    _make_good(tx, found, units, ask.reason, again=True)
    move(tx, found, _S.acting, why=f"the goods are sent again: {ask.reason}")


def _refund(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    most = min(found.goods_value, refundable(tx, found))
    amount = most if ask.amount is None else ask.amount
    if amount <= 0:
        raise BadParcelField("amount", "is more than nothing; nothing is left of what was captured")
    if amount > most:
        raise MoreThanGoods(found.number, amount, most, found.currency)
    if amount == most or found.kind in GONE:
        if amount < most:
            raise BadParcelField("amount", f"is all of it for a parcel that is {found.kind}: leave it out")
        _make_good(tx, found, _whole_units(tx, found), ask.reason, again=False)
        move(tx, found, _S.acting, why=f"its goods are paid back: {ask.reason}")
        return
    task = RefundParcel(exception_id=found.id, order_id=found.order_id, amount=amount)
    tx.send("payments", f"order:{found.order_id}", task)
    move(tx, found, _S.acting, why=f"{format_money(amount, found.currency)} are given back: {ask.reason}")


def _whole_units(tx: Transaction, found: ParcelException) -> dict[int, int]:
    """Units by line. Raises BadParcelField for kits of which other parts travel elsewhere."""
    contents = contents_of(tx, found.parcel_id, tx.get_one(Order, found.order_id))
    if contents.in_part:
        lines = ", ".join(str(n) for n in contents.in_part)
        raise BadParcelField("action", f"is not possible: line {lines} is a kit that is here in part. Open a claim")
    return contents.lines


def _make_good(tx: Transaction, found: ParcelException, units: dict[int, int], reason: str, *, again: bool) -> None:
    """A claim for what is in the parcel, which counts with all that comes back of the order."""
    what = "damaged" if found.kind == ExceptionKind.damaged else "not_arrived"
    remark = f"parcel {found.tracking_number}, {found.number}"
    lines = [
        ClaimLineAsk(line_no=no, quantity=n, replace=n if again else 0, reason=what, remark=remark)
        for no, n in sorted(units.items())
    ]
    task = MakeGood(exception_id=found.id, order_id=found.order_id, lines=lines, reason=f"{found.number}: {reason}")
    tx.send("returns", f"order:{found.order_id}", task)


def _claim(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    claim = claiming.open_claim(tx, found, ask.reason)
    why = f"claim {claim.number} is drafted: {ask.reason}"
    if helped(found) and found.status != _S.resolved:
        resolve(tx, found, why)
    elif found.status != _S.resolved:
        move(tx, found, ExceptionStatus(found.status), why=why)


def _close(tx: Transaction, found: ParcelException, ask: ActOnException) -> None:
    resolve(tx, found, ask.reason)


_DO = {
    _A.wait: _wait,
    _A.contact: _contact,
    _A.reship: _reship,
    _A.refund: _refund,
    _A.claim: _claim,
    _A.close: _close,
}


def hear_helped(tx: Transaction, event: ParcelHelped) -> None:
    """The claim tells all of it each time. A replacement that was called off is paid back instead."""
    found = lock_exception(tx, event.exception_id)
    news = (found.replacement_number, found.refunded) != (event.replacement_number, event.refunded)
    found.replacement_id, found.replacement_number = event.replacement_id, event.replacement_number
    found.refund_asked, found.refunded = event.asked, event.refunded
    found.updated_at = tx.now
    if event.problem is not None and not event.settled and event.replacement_id is None:
        found.action_error = event.problem
    elif event.replacement_number is not None and (news or found.status == _S.acting):
        _done(tx, found, f"sent again as {event.replacement_number}")
    elif event.asked and event.settled and event.refunded >= event.asked and (news or found.status == _S.acting):
        _done(tx, found, f"{format_money(event.refunded, found.currency)} given back")
    elif event.asked and event.settled and found.status == _S.acting:
        found.action_error = event.problem or "not all of it could be given back"
        move(tx, found, _back(found), why=f"claim {event.number}: {found.action_error}")


def hear_not_helped(tx: Transaction, event: ParcelNotHelped) -> None:
    found = lock_exception(tx, event.exception_id)
    found.replacement_id = found.replacement_number = None
    found.refund_asked = found.refunded = 0
    _failed(tx, found, event.why)


def hear_money(tx: Transaction, event: ParcelMoney) -> None:
    """Payments tell all of it each time, so the last word is the whole truth."""
    found = lock_exception(tx, event.exception_id)
    found.refund_asked, found.refunded = event.asked, event.refunded
    found.updated_at = tx.now
    if event.asked == 0:
        _failed(tx, found, event.declined or "nothing was left to give back")
    elif event.open == 0:
        _done(tx, found, f"{format_money(event.refunded, found.currency)} given back")


def _done(tx: Transaction, found: ParcelException, how: str) -> None:
    """The customer is helped. It stays open where the carrier may owe us something."""
    found.action_error = None
    if found.status == _S.acting:
        move(tx, found, _back(found), why=how)
    propose_anew(tx, found)
    if found.proposed == _A.close and found.status != _S.resolved:
        resolve(tx, found, how)


def _failed(tx: Transaction, found: ParcelException, why: str) -> None:
    found.action_error = why
    if found.status == _S.acting:
        move(tx, found, _back(found), why=f"it did not go: {why}")
    elif found.status == _S.resolved:
        move(tx, found, _S.open, why=f"it did not go: {why}")
    propose_anew(tx, found)


def _back(found: ParcelException) -> ExceptionStatus:
    return _S.taken if found.assigned_to else _S.open
