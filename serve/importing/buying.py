"""Suppliers, what they sell, and replenishment rules, from rows. An empty cell leaves what is kept.

What a row says is put over what is there and read as a request body is: a file and the API have one set of limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from agents.contract import Command
from agents.purchasing.messages.replenishment import PutReplenishmentRule, ReplenishmentRuleState
from agents.purchasing.messages.suppliers import PutSupplier, PutSupplierItem, SupplierItemState, SupplierState
from db.catalog import components_of, variants_by_sku
from db.errors import Invalid
from db.money import parse_decimal
from db.nodes import Node
from db.replenishment import PolicyKind, ReplenishmentRule
from db.suppliers import Supplier, SupplierItem
from serve.importing.columns import by_name
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Reading, Row, Step, Verdict
from serve.replenishment import RuleBody
from serve.shapes import Code, message
from serve.suppliers import SupplierBody, SupplierItemBody

_CODE = TypeAdapter(Code)
Key = tuple[str, ...]
Kept = Supplier | SupplierItem | ReplenishmentRule


@dataclass(frozen=True)
class _Books:
    """What the rows speak of, as far as it is there."""

    kept: Mapping[Key, Kept]
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    nodes: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    kits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Buying:
    """One kind of row. `read` tells what a row says by field, `shape` what may be said together, `key` who it is of."""

    kind: str
    key: Key
    shape: type[SupplierBody | SupplierItemBody | RuleBody]
    command: type[Command]
    state: type[SupplierState | SupplierItemState | ReplenishmentRuleState]
    load: Callable[[Session, Sequence[Row]], _Books]
    read: Callable[[Reading, Row, _Books], dict[str, Any]]
    columns: Mapping[str, str] = field(default_factory=dict)  # of fields that are called otherwise

    def plan(self, session: Session, rows: Sequence[Row], now: datetime) -> Plan:  # noqa: ARG002 - as all plans
        found, books = Plan(), self.load(session, rows)
        named: dict[Key, int] = {}
        for row in rows:
            reading = Reading(f"{self.kind} in row {row.number}", by_name(self.kind), [row])
            step = self._step(reading, row, books)
            if step is not None:
                key = tuple(row.cells[name] for name in self.key)
                if (before := named.setdefault(key, row.number)) != row.number:
                    reading.refuse(f"Row {before} speaks of the same. Keep one of them.", row, self.key[-1])
            if reading.fine and step is not None:
                found.steps.append(step)
            else:
                found.problems += reading.problems()
        return found

    async def send(self, sender: Sender, steps: Sequence[Step]) -> list[Told]:
        return await sender.each("purchasing", steps, self.state)

    def _step(self, reading: Reading, row: Row, books: _Books) -> Step | None:
        key = {name: reading.cell(row, name) for name in self.key}
        said = self.read(reading, row, books)
        if not reading.fine:
            return None
        kept = books.kept.get(tuple(key.values()))
        stands = _told(kept, self.shape) if kept is not None else {}
        body = self._body(reading, row, {**stands, **said})
        if body is None:
            return None
        version = kept.version if kept is not None else None
        ask = message(self.command, body, **key, version=version)
        partition = (
            "policies" if self.command is PutReplenishmentRule else key["supplier" if "supplier" in key else "code"]
        )
        if kept is None:
            return Step(reading.what, (row,), Verdict.created, ask, partition)
        if self.shape.model_validate(stands) == body:
            return Step(reading.what, (row,), Verdict.unchanged)
        return Step(reading.what, (row,), Verdict.updated, ask, partition, seen=version)

    def _body(self, reading: Reading, row: Row, values: dict[str, Any]) -> Any:
        try:
            return self.shape.model_validate(values)
        except ValidationError as wrong:
            for error in wrong.errors():
                name = str(error["loc"][0])
                column = self.columns.get(name, name)
                if error["type"] == "missing":
                    told = f"{column} is empty, and a new one needs it. Fill it in."
                else:
                    told = f"{column} cannot be {str(row.cells.get(column, ''))[:40]!r}: {error['msg']}."
                reading.refuse(told, row, column)
        return None


def _told(kept: Kept, shape: type[SupplierBody | SupplierItemBody | RuleBody]) -> dict[str, Any]:
    """What is kept, in the words of a request."""
    told = {name: getattr(kept, name) for name in shape.model_fields if name != "version"}
    if "breaks" in told:
        told["breaks"] = [{"from_quantity": b["from"], "unit_cost": b["unit_cost"]} for b in told["breaks"]]
    return told


def _given(**said: Any) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _named(rows: Sequence[Row], column: str) -> list[str]:
    return sorted({row.cells[column] for row in rows if column in row.cells})


def _kept(
    session: Session, model: type[SupplierItem] | type[ReplenishmentRule], rows: Sequence[Row], key: Key
) -> dict[Key, Kept]:
    keys = sorted({tuple(row.cells.get(name, "") for name in key) for row in rows})
    columns = [getattr(model, name) for name in key]
    found: Sequence[Any] = session.scalars(select(model).where(tuple_(*columns).in_(keys))).all()
    return {tuple(getattr(one, name) for name in key): one for one in found}


def _suppliers(session: Session, codes: Sequence[str]) -> dict[str, Supplier]:
    return {one.code: one for one in session.scalars(select(Supplier).where(Supplier.code.in_(codes)))}


# Suppliers


def _load_suppliers(session: Session, rows: Sequence[Row]) -> _Books:
    found = _suppliers(session, _named(rows, "code"))
    return _Books({(code,): one for code, one in found.items()})


def _read_supplier(reading: Reading, row: Row, books: _Books) -> dict[str, Any]:
    code = reading.cell(row, "code")
    if code is not None:
        try:
            _CODE.validate_python(code)
        except ValidationError:
            reading.refuse(
                f"code cannot be {code[:40]!r}. Write up to 32 letters, digits, `_`, `.` or `-`.", row, "code"
            )
    kept = books.kept.get((code or "",))
    currency = reading.cell(row, "currency") or (kept.currency if isinstance(kept, Supplier) else None)
    if (
        isinstance(kept, Supplier)
        and currency != kept.currency
        and "minimum_order" not in row.cells
        and kept.minimum_order
    ):
        reading.refuse(
            "In another currency the least value of an order is another. Fill in minimum_order.", row, "currency"
        )
    return _given(
        currency=currency,
        minimum_order=reading.cell(row, "minimum_order", currency=currency) if reading.fine else None,
        over_ppm=reading.cell(row, "over_rate"),
        order_weekdays=_weekdays(reading, row),
        closed_dates=_dates(reading, row),
        **{
            name: reading.cell(row, name)
            for name in ("name", "email", "terms", "pay_days", "lead_days", "rank", "active")
        },
    )


def _weekdays(reading: Reading, row: Row) -> list[int] | None:
    said = reading.cell(row, "order_weekdays")
    if said is None:
        return None
    if not said or any(day not in "0123456" or len(day) != 1 for day in said):
        reading.refuse("order_weekdays are digits from 0 (Monday) to 6, separated by |.", row, "order_weekdays")
        return None
    return sorted({int(day) for day in said})


def _dates(reading: Reading, row: Row) -> list[str] | None:
    said = reading.cell(row, "closed_dates")
    if said is None:
        return None
    try:
        return sorted({datetime.strptime(day, "%Y-%m-%d").date().isoformat() for day in said})  # noqa: DTZ007 - a day
    except ValueError:
        reading.refuse("closed_dates are days such as 2026-12-25, separated by |.", row, "closed_dates")
        return None


# What they sell


def _load_items(session: Session, rows: Sequence[Row]) -> _Books:
    skus = _named(rows, "sku")
    return _Books(
        _kept(session, SupplierItem, rows, ("supplier", "sku")),
        _suppliers(session, _named(rows, "supplier")),
        skus=frozenset(variants_by_sku(session, skus)),
        kits=frozenset(components_of(session, skus)),
    )


def _read_item(reading: Reading, row: Row, books: _Books) -> dict[str, Any]:
    supplier = _supplier(reading, row, books)
    _check_sku(reading, row, books)
    currency = reading.cell(row, "currency")
    if supplier is not None and currency not in (None, supplier.currency):
        reading.refuse(f"{supplier.code} sells in {supplier.currency}. Write the costs in it.", row, "currency")
    currency = supplier.currency if supplier is not None else currency or "EUR"
    cost = reading.cell(row, "unit_cost", currency=currency)
    kept = books.kept.get((row.cells.get("supplier", ""), row.cells.get("sku", "")))
    told = cost if cost is not None or not isinstance(kept, SupplierItem) else kept.unit_cost
    return _given(
        unit_cost=cost,
        breaks=_breaks(reading, row, currency, told, kept),
        **{
            name: reading.cell(row, name)
            for name in ("supplier_sku", "minimum_quantity", "case_pack", "lead_days", "rank", "active")
        },
    )


def _breaks(
    reading: Reading, row: Row, currency: str, cost: int | None, kept: Kept | None
) -> list[dict[str, int]] | None:
    """Each of more units and at a lower cost, as the purchasing agent wants them."""
    said = reading.cell(row, "breaks")
    breaks: list[dict[str, int]] = []
    for units, text in (said or {}).items():
        try:
            breaks.append({"from_quantity": int(units), "unit_cost": parse_decimal(text, currency)})
        except (ValueError, Invalid):
            reading.refuse(f"{units}={text} is no price break. Write UNITS=COST, such as 100=3.80.", row, "breaks")
            return None
    breaks.sort(key=lambda b: b["from_quantity"])
    if said is None and isinstance(kept, SupplierItem):
        breaks = [{"from_quantity": b["from"], "unit_cost": b["unit_cost"]} for b in kept.breaks]
    before = (1, cost)
    for step in breaks:
        now = (step["from_quantity"], step["unit_cost"])
        if before[1] is not None and (now[0] <= before[0] or now[1] >= before[1]):
            reading.refuse(
                "Each price break is of more units and at a lower cost than what comes before it.", row, "breaks"
            )
            return None
        before = now
    return breaks if said is not None else None


# Rules


def _load_rules(session: Session, rows: Sequence[Row]) -> _Books:
    nodes = session.scalars(select(Node.code).where(Node.code.in_(_named(rows, "node"))))
    return _Books(
        _kept(session, ReplenishmentRule, rows, ("node", "sku")),
        _suppliers(session, _named(rows, "supplier")),
        frozenset(nodes),
        frozenset(variants_by_sku(session, _named(rows, "sku"))),
    )


def _read_rule(reading: Reading, row: Row, books: _Books) -> dict[str, Any]:
    node = reading.cell(row, "node")
    if node is not None and node not in books.nodes:
        reading.refuse(f"There is no node {node}. Create it first, then import this row again.", row, "node")
    _check_sku(reading, row, books)
    if "supplier" in row.cells:
        _supplier(reading, row, books)
    until = reading.cell(row, "snoozed_until")
    names = ("policy", "minimum", "maximum", "lot", "review_days", "supplier", "why")
    said = _given(
        service_ppm=reading.cell(row, "service"),
        snoozed_until=until.date() if until is not None else None,
        **{name: reading.cell(row, name) for name in names},
    )
    _check_together(reading, row, said, books.kept.get((node or "", row.cells.get("sku", ""))))
    return said


def _check_together(reading: Reading, row: Row, said: Mapping[str, Any], kept: Kept | None) -> None:
    """What the purchasing agent refuses of fields that are right one by one."""
    policy, minimum, maximum, lot = (
        said.get(n, getattr(kept, n, None)) for n in ("policy", "minimum", "maximum", "lot")
    )
    if maximum is not None and maximum < (minimum or 0):
        reading.refuse(f"maximum is below the minimum of {minimum}.", row, "maximum")
    if policy == PolicyKind.min_max and None in (minimum, maximum):
        reading.refuse(f"The policy {policy} needs a minimum and a maximum.", row, "policy")
    if policy == PolicyKind.fixed and lot is None:
        reading.refuse(f"The policy {policy} needs a lot.", row, "policy")


def _supplier(reading: Reading, row: Row, books: _Books) -> Supplier | None:
    code = reading.cell(row, "supplier")
    if code is not None and code not in books.suppliers:
        reading.refuse(f"There is no supplier {code}. Import the suppliers first.", row, "supplier")
    return books.suppliers.get(code or "")


def _check_sku(reading: Reading, row: Row, books: _Books) -> None:
    sku = reading.cell(row, "sku")
    if sku is None:
        return
    if sku not in books.skus:
        reading.refuse(f"The catalogue has no SKU {sku}. Import the products first.", row, "sku")
    elif sku in books.kits:
        reading.refuse(f"{sku} is a kit and is bought as its components. Name them.", row, "sku")


suppliers = Buying(
    "suppliers", ("code",), SupplierBody, PutSupplier, SupplierState, _load_suppliers, _read_supplier,
    {"over_ppm": "over_rate"},
)  # fmt: skip
supplier_items = Buying(
    "supplier_items", ("supplier", "sku"), SupplierItemBody, PutSupplierItem, SupplierItemState, _load_items, _read_item
)
replenishment_rules = Buying(
    "replenishment_rules", ("node", "sku"), RuleBody, PutReplenishmentRule, ReplenishmentRuleState, _load_rules,
    _read_rule, {"service_ppm": "service"},
)  # fmt: skip
