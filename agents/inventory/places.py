"""Nodes, zones and bins: created or brought to what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select, text

from agents.inventory.messages import BinState, NodeState, PutBin, PutNode, PutZone, ZoneState
from agents.inventory.rules import BinNotEmpty, check_holds, lowered
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_code, check_words
from db.base import Base
from db.catalog import HazardClass, Temperature
from db.errors import NotFound
from db.nodes import STANDARD_BINS, Bin, BinType, Node, NodeKind, Zone
from db.session import Transaction, check_version
from db.stock import BinStock, Load, loads_in

LIMITS = ("capacity_units", "capacity_grams", "capacity_cm3")
BIN_FIELDS = (
    "type", "zone", "sequence", "capacity_units", "capacity_grams", "capacity_cm3", "level", "hazard_classes",
    "temperature", "mixes_skus", "mixes_lots", "blocked", "active",
)  # fmt: skip
LARGEST_INTEGER = 2**31 - 1  # a PostgreSQL integer

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('node:' || :code, 0))")


def put_node(tx: Transaction, ask: PutNode) -> NodeState:
    """A new node has the standard bins from the start."""
    values = _node_values(ask)
    tx.execute(_ONE_AT_A_TIME, {"code": ask.code})
    node = tx.get(Node, ask.code, with_for_update={"key_share": True})
    created = node is None
    if node is None:
        if ask.version is not None:
            raise NotFound("node", ask.code)
        node = Node(code=ask.code, version=1, created_at=tx.now, updated_at=tx.now, **values)
        tx.add(node)
        tx.flush()
        for n, (code, kind) in enumerate(STANDARD_BINS.items()):
            tx.add(Bin(node=ask.code, code=code, type=kind, sequence=n))
    else:
        check_version(node, ask.version, kind="node", id=ask.code)
        if _bring(node, values):
            node.updated_at = tx.now
    tx.flush()
    return NodeState(
        code=node.code,
        name=node.name,
        kind=node.kind,
        time_zone=node.time_zone,
        rank=node.rank,
        ships=node.ships,
        version=node.version,
        created=created,
    )


def put_zone(tx: Transaction, ask: PutZone) -> ZoneState:
    check_code("zone", ask.code)
    check_words("name", ask.name)
    _check_integer("sequence", ask.sequence)
    tx.execute(_ONE_AT_A_TIME, {"code": ask.node})
    need_node(tx, ask.node)
    zone = tx.get(Zone, (ask.node, ask.code))
    created = zone is None
    if zone is None:
        tx.add(Zone(node=ask.node, code=ask.code, name=ask.name, sequence=ask.sequence))
    else:
        _bring(zone, {"name": ask.name, "sequence": ask.sequence})
    return ZoneState(node=ask.node, code=ask.code, name=ask.name, sequence=ask.sequence, created=created)


def put_bin(tx: Transaction, ask: PutBin) -> BinState:
    """A bin that holds units is neither closed nor given another type, nor a limit that they exceed.

    Raises:
        BinNotEmpty: it does hold some.
        HoldsMore: what lies in it is more than it could take.
    """
    values = _bin_values(ask)
    tx.execute(_ONE_AT_A_TIME, {"code": ask.node})
    need_node(tx, ask.node)
    if ask.zone is not None and tx.get(Zone, (ask.node, ask.zone)) is None:
        raise NotFound("zone", f"{ask.node}/{ask.zone}")
    row = tx.get(Bin, (ask.node, ask.code), with_for_update={"key_share": True})
    created = row is None
    if row is None:
        if ask.version is not None:
            raise NotFound("bin", f"{ask.node}/{ask.code}")
        row = Bin(node=ask.node, code=ask.code, version=1, **values)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="bin", id=f"{ask.node}/{ask.code}")
        if (row.active and not ask.active) or row.type != ask.type:
            _check_empty(tx, row)
        before = {limit: getattr(row, limit) for limit in LIMITS}
        _bring(row, values)
        if any(lowered(before[limit], getattr(row, limit)) for limit in LIMITS):
            check_holds(row, loads_in(tx, row.node, [row.code]).get(row.code, Load()))
    tx.flush()
    return BinState(
        node=row.node, code=row.code, version=row.version, created=created, **{n: getattr(row, n) for n in BIN_FIELDS}
    )


def _check_empty(tx: Transaction, row: Bin) -> None:
    inside = select(func.coalesce(func.sum(BinStock.quantity), 0)).where(
        BinStock.node == row.node, BinStock.bin == row.code
    )
    units = int(tx.scalars(inside).one())
    if units:
        raise BinNotEmpty(row.node, row.code, units)


def _node_values(ask: PutNode) -> dict[str, Any]:
    check_code("node", ask.code)
    check_words("name", ask.name)
    if ask.kind not in list(NodeKind):
        raise BadField("kind", ask.kind, f"it is one of {', '.join(NodeKind)}")
    if not _is_zone(ask.time_zone):
        raise BadField("time_zone", ask.time_zone, "it is a name of the IANA data base such as Europe/London")
    if any(not 0 <= day <= 6 for day in ask.open_weekdays):
        raise BadField("open_weekdays", ask.open_weekdays, "days go from 0, Monday, to 6")
    _check_integer("rank", ask.rank)
    return {
        "name": ask.name,
        "kind": ask.kind,
        "time_zone": ask.time_zone,
        "address": ask.address,
        "open_weekdays": sorted(set(ask.open_weekdays)),
        "closed_dates": sorted({_day(d) for d in ask.closed_dates}),
        "cut_off": _clock(ask.cut_off),
        "rank": ask.rank,
        "ships": ask.ships,
    }


def _bin_values(ask: PutBin) -> dict[str, Any]:
    check_code("bin", ask.code)
    if ask.type not in list(BinType):
        raise BadField("type", ask.type, f"it is one of {', '.join(BinType)}")
    _check_integer("sequence", ask.sequence)
    _check_integer("level", ask.level)
    for limit in LIMITS:
        value = getattr(ask, limit)
        if value is not None and not 0 < value <= LARGEST_INTEGER:
            raise BadField(limit, value, "it is at least 1, or left out")
    if ask.temperature not in list(Temperature):
        raise BadField("temperature", ask.temperature, f"it is one of {', '.join(Temperature)}")
    if unknown := sorted(set(ask.hazard_classes) - set(HazardClass)):
        raise BadField("hazard_classes", unknown[0], f"a class is one of {', '.join(HazardClass)}")
    names = BIN_FIELDS
    return {name: getattr(ask, name) for name in names}


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadField("closed_dates", text, "a date is written 2026-12-24") from None


def _clock(text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise BadField("cut_off", text, "a time of day is written 15:00") from None
    if at.tzinfo is not None:
        raise BadField("cut_off", text, "it is in the node's own time zone")
    return at


def _check_integer(field: str, value: int) -> None:
    if not 0 <= value <= LARGEST_INTEGER:
        raise BadField(field, value, f"it is between 0 and {LARGEST_INTEGER}")


def _bring(row: Base, values: Mapping[str, Any]) -> bool:
    """Set what differs; says whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
