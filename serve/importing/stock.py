"""What lies in the bins, from rows. A quantity is what is there now: the books are brought to it by the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from agents.inventory.messages import AdjustStock
from db.catalog import Tracking, Variant, components_of, variants_by_sku
from db.nodes import Bin, BinType, Node, first_bin
from db.stock import BinStock, StockLedger
from serve.importing.columns import by_name
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Reading, Row, Step, Verdict

_COLUMNS = by_name("stock")
_MOST = 10_000_000
Place = tuple[str, str, str, str, str]
"""(node, sku, bin, lot, status)"""


@dataclass(frozen=True)
class _Books:
    nodes: dict[str, str | None]  # a node's first pick face
    named: dict[str, str]  # codes by what was written, be it code or name
    bins: set[tuple[str, str]]
    variants: dict[str, Variant]
    kits: set[str]
    lying: dict[Place, int]
    moved: dict[tuple[str, str], int]  # (node, sku): the last line of the ledger


def plan(session: Session, rows: Sequence[Row], now: datetime) -> Plan:  # noqa: ARG001 - as all plans
    found, books = Plan(), _load(session, rows)
    named: dict[Place, int] = {}
    for row in rows:
        reading = Reading(f"stock in row {row.number}", _COLUMNS, [row])
        place, quantity = _place(reading, row, books), reading.cell(row, "quantity")
        reference = reading.cell(row, "reference")
        if reading.fine and quantity > _MOST:
            reading.refuse(f"quantity is more than {_MOST}: is it a barcode? Write the units.", row, "quantity")
        if reading.fine and place is not None and (before := named.setdefault(place, row.number)) != row.number:
            reading.refuse(f"Row {before} speaks of the same place. Keep one of them, with what lies there.", row)
        if not reading.fine or place is None:
            found.problems += reading.problems()
            continue
        node, sku, bin, lot, status = place
        lies = books.lying.get(place, 0)
        if lies == quantity:
            found.steps.append(Step(reading.what, (row,), Verdict.unchanged))
            continue
        ask = AdjustStock(
            node=node,
            sku=sku,
            quantity=quantity - lies,
            reason=f"import {reference}" if reference else "import",
            bin=bin,
            lot=lot,
            status=status,
            expected=lies,
        )
        # The same difference may be right again another day, so the ledger's last line is part of what is asked.
        moved = f"{books.moved.get((node, sku), 0)}"
        verdict = Verdict.updated if lies else Verdict.created
        found.steps.append(Step(reading.what, (row,), verdict, ask, node, state=moved))
    return found


async def send(sender: Sender, steps: Sequence[Step]) -> list[Told]:
    return await sender.each("inventory", steps)


def _load(session: Session, rows: Sequence[Row]) -> _Books:
    skus = sorted({r.cells["sku"] for r in rows if "sku" in r.cells})
    said = sorted({r.cells["node"] for r in rows if "node" in r.cells})
    known = session.execute(select(Node.code, Node.name).where(or_(Node.code.in_(said), Node.name.in_(said)))).all()
    nodes = [n.code for n in known]
    named = {n.name: n.code for n in known} | {code: code for code in nodes}
    pairs = {(named.get(r.cells.get("node", "")), r.cells.get("sku")) for r in rows}
    lying = session.scalars(select(BinStock).where(tuple_(BinStock.node, BinStock.sku).in_(pairs)))
    moved = (
        select(StockLedger.node, StockLedger.sku, func.max(StockLedger.id))
        .where(tuple_(StockLedger.sku, StockLedger.node).in_([(sku, node) for node, sku in pairs]))
        .group_by(StockLedger.node, StockLedger.sku)
    )
    return _Books(
        {code: first_bin(session, code, BinType.pick_face) for code in nodes},
        named,
        {(r.node, r.code) for r in session.execute(select(Bin.node, Bin.code).where(Bin.node.in_(nodes)))},
        variants_by_sku(session, skus),
        set(components_of(session, skus)),
        {(b.node, b.sku, b.bin, b.lot, b.status): b.quantity for b in lying},
        {(node, sku): last for node, sku, last in session.execute(moved)},
    )


def _place(reading: Reading, row: Row, books: _Books) -> Place | None:
    node, sku = reading.cell(row, "node"), reading.cell(row, "sku")
    node = books.named.get(node, node) if node is not None else None
    bin, lot = reading.cell(row, "bin"), reading.cell(row, "lot", "")
    status = reading.cell(row, "status", "sellable")
    if node is not None and node not in books.nodes:
        reading.refuse(
            f"There is no node {node}. Create it first (PUT /api/v1/nodes/{node}, or Nodes in the console), then "
            "import this row again.", row, "node"
        )  # fmt: skip
    elif node is not None:
        bin = bin or books.nodes[node]
        if bin is None:
            reading.refuse(f"{node} has no open pick face. Name the bin.", row, "bin")
        elif (node, bin) not in books.bins:
            reading.refuse(
                f"There is no bin {bin} at {node}. Create it first (PUT /api/v1/nodes/{node}/bins/{bin}), or leave "
                "bin empty for the pick face.", row, "bin"
            )  # fmt: skip
    if sku is not None:
        _check_goods(reading, row, sku, lot, books)
    if not reading.fine or node is None or sku is None or bin is None:
        return None
    return node, sku, bin, lot, status


def _check_goods(reading: Reading, row: Row, sku: str, lot: str, books: _Books) -> None:
    variant = books.variants.get(sku)
    if variant is None:
        reading.refuse(f"The catalogue has no SKU {sku}. Import the products first.", row, "sku")
    elif sku in books.kits:
        reading.refuse(f"{sku} is a kit and has no stock of its own. Name its components.", row, "sku")
    elif variant.tracking != Tracking.none and not lot:
        reading.refuse(f"{sku} is tracked by {variant.tracking}. Fill in lot.", row, "lot")
    elif variant.tracking == Tracking.none and lot:
        reading.refuse(f"{sku} is not tracked by lot. Empty the cell.", row, "lot")
