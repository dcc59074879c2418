"""When carriers fetch at a node: calendars that people put in, and the days that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.shipping.leaving import Collections, minute_of
from agents.shipping.messages.pickups import CarrierCalendarState, Collecting, PutCarrierCalendar
from agents.shipping.refusals import BadCalendar
from db.carriers import CarrierAccount
from db.errors import NotFound
from db.nodes import Node
from db.pickups import CarrierCalendar
from db.session import Transaction, check_version

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def put_calendar(tx: Transaction, ask: PutCarrierCalendar) -> CarrierCalendarState:
    """Raises BadCalendar, NotFound."""
    if tx.get(Node, ask.node) is None:
        raise NotFound("node", ask.node)
    check_week(ask.week)
    account_at(tx, ask.account, ask.node)
    if ask.daily and ask.account is None:
        raise BadCalendar("A daily pickup is booked through an account: name it, or book pickups by hand.")
    row = tx.get(CarrierCalendar, (ask.node, ask.carrier), with_for_update=True, populate_existing=True)
    if row is None:
        row = CarrierCalendar(node=ask.node, carrier=ask.carrier, version=0)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="calendar of", id=f"{ask.carrier} at {ask.node}")
    row.week = msgspec.to_builtins(sorted(ask.week, key=lambda day: day.weekday))
    row.closed_dates = sorted({day.isoformat() for day in ask.closed_dates})
    row.account, row.daily, row.active = ask.account, ask.daily, ask.active
    row.version, row.updated_at = row.version + 1, tx.now
    tx.flush()
    return CarrierCalendarState(node=row.node, carrier=row.carrier, version=row.version, active=row.active)


def check_week(week: list[Collecting]) -> None:
    """Raises BadCalendar. Pure."""
    if not week:
        raise BadCalendar(
            "A carrier with a calendar fetches on one day at least. Turn the calendar off if it never does."
        )
    for day in week:
        if not 0 <= day.weekday <= 6:
            raise BadCalendar(f"{day.weekday} is no weekday: Monday is 0 and Sunday is 6.")
        name, cut_off = DAYS[day.weekday], clock(day.cut_off)
        if clock(day.start) >= clock(day.end):
            raise BadCalendar(f"On {name} fetching would end ({day.end}) before it begins ({day.start}).")
        if cut_off > clock(day.end):
            raise BadCalendar(f"On {name} the cut-off ({day.cut_off}) is after the carrier has gone ({day.end}).")
    if len({day.weekday for day in week}) < len(week):
        raise BadCalendar("Each weekday can be named once.")


def clock(text: str) -> time:
    """Raises BadCalendar."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise BadCalendar(f"{text!r} is no time of day. Write hours and minutes, such as 16:30.") from None


def account_at(tx: Transaction, code: str | None, node: str) -> CarrierAccount | None:
    """An account that may be used at a node. Raises NotFound, BadCalendar."""
    if code is None:
        return None
    account = tx.get(CarrierAccount, code)
    if account is None:
        raise NotFound("carrier account", code)
    if not account.enabled or (account.nodes and node not in account.nodes):
        raise BadCalendar(f"Account {code} is not in use at {node}.")
    return account


def collections_at(session: Session, node: str) -> Mapping[str, Collections]:
    """By carrier, of those that have a calendar."""
    rows = session.scalars(select(CarrierCalendar).where(CarrierCalendar.node == node, CarrierCalendar.active))
    return {row.carrier: collections_of(row) for row in rows}


def collections_of(row: CarrierCalendar) -> Collections:
    cut_offs = {int(day["weekday"]): minute_of(day["cut_off"]) for day in row.week}
    return Collections(cut_offs, frozenset(row.closed_dates))


def window_on(row: CarrierCalendar, day: date) -> Collecting | None:
    """When the carrier fetches on a day, by its own calendar alone."""
    if day.isoformat() in row.closed_dates:
        return None
    found = next((each for each in row.week if each["weekday"] == day.weekday()), None)
    return msgspec.convert(found, Collecting) if found else None
