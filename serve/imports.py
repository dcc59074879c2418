"""Rows of files come in over HTTP: the console and the command line send them here, some hundred at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, StringConstraints
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Invalid
from serve.edge import caller_of, edge_of, request_id_of
from serve.importing.columns import FORMS, GROUPED_BY, KINDS
from serve.importing.engine import take_in, to_rows
from serve.importing.sender import Sender
from serve.importing.sheet import Verdict
from serve.requests import idempotency_key, json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Flag

routes = Routes("import and export")

MOST_ROWS = 1000
WRITES = {
    "orders": Scope.write_orders,
    "products": Scope.write_catalog,
    "customers": Scope.write_customers,
    "stock": Scope.write_stock,
    "suppliers": Scope.write_purchasing,
    "supplier_items": Scope.write_purchasing,
    "replenishment_rules": Scope.write_purchasing,
}
READS = {
    "orders": Scope.read_orders,
    "products": Scope.read_catalog,
    "customers": Scope.read_customers,
    "stock": Scope.read_stock,
    "suppliers": Scope.read_purchasing,
    "supplier_items": Scope.read_purchasing,
    "replenishment_rules": Scope.read_purchasing,
}
Cell = Annotated[str, StringConstraints(max_length=50_000)] | None
Number = Annotated[int, Described(ge=0, le=10**9)]


class ImportBody(Ask):
    rows: list[dict[str, Cell]] = Described(
        min_length=1, max_length=MOST_ROWS, description="Text by column; empty is the same as not there"
    )
    dry_run: Flag = Described(False, description="Look and tell what would happen, and change nothing")
    first_row: Number = Described(2, description="Number of the first row, for errors: 2 is the one below the heading")
    row_numbers: list[Number] | None = Described(
        None, max_length=MOST_ROWS, description="Number of each row, when they do not follow one another"
    )


@dataclass(eq=False)
class NumbersDoNotFit(Invalid):
    field: str
    rows: int
    numbers: int

    def __str__(self) -> str:
        return f"There are {self.rows} rows and {self.numbers} numbers for them. Give one for each."


class RowError(BaseModel):
    """`column` and `value` are null when the row as a whole is meant."""

    row: int
    column: str | None
    value: str | None
    message: str


class ImportAnswer(BaseModel):
    """Things are counted (orders, products, customers, places of stock), errors are told by row."""

    kind: str
    dry_run: bool
    created: int
    updated: int
    unchanged: int
    skipped: int
    errors: list[RowError]


class ColumnShape(BaseModel):
    name: str
    required: bool
    what: str
    form: str
    written: str
    choices: list[str]
    example: str


class ColumnsAnswer(BaseModel):
    """Rows that agree in the columns `grouped_by` are one thing and must be sent in one call."""

    kind: str
    grouped_by: list[str]
    columns: list[ColumnShape]


async def _import(request: Request, body: ImportBody, kind: str) -> Response:
    numbers = body.row_numbers
    if numbers is None:
        numbers = list(range(body.first_row, body.first_row + len(body.rows)))
    if len(numbers) != len(body.rows):
        raise NumbersDoNotFit("row_numbers", len(body.rows), len(numbers))
    edge = edge_of(request)
    request_id = request_id_of(request)
    call = idempotency_key(request) or request_id
    sender = Sender(edge.client, caller_of(request).principal, call=call, request_id=request_id)
    rows = to_rows(kind, body.rows, numbers)
    result = await take_in(edge.database, sender, kind, rows, now=edge.clock, dry_run=body.dry_run)
    counts = {verdict.value: result.counts[verdict] for verdict in Verdict}
    errors = [msgspec.to_builtins(problem) for problem in result.problems]
    return json_answer({"kind": kind, "dry_run": body.dry_run, **counts, "errors": errors})


def _columns(kind: str) -> dict[str, Any]:
    columns = [
        {
            "name": c.name,
            "required": c.required,
            "what": c.what,
            "form": c.form.value,
            "written": FORMS[c.form],
            "choices": list(c.choices),
            "example": c.example,
        }
        for c in KINDS[kind]
    ]
    return {"kind": kind, "grouped_by": list(GROUPED_BY.get(kind, ())), "columns": columns}


_WORDS = {
    "orders": """Import orders of the past, a row an order line.

    They keep their dates and touch nothing of today: no stock, no payment, no message. Known ones are skipped.
    Send all rows of an order in one call.""",
    "products": """Import products, a row a variant.

    Rows with one handle are one product. Variants that are not named stay; so does what an empty cell is about.""",
    "customers": """Import customers, found by e-mail or reference.

    What an empty cell is about stays as it is.""",
    "stock": """Import what lies in the bins now.

    A quantity is set and not added: the difference to the books is posted with the reason `import REFERENCE`.""",
    "suppliers": """Import suppliers, found by their code.

    What an empty cell is about stays as it is.""",
    "supplier_items": """Import who sells which SKU to us, a row a supplier and SKU.

    Costs are in the supplier's currency. What an empty cell is about stays as it is.""",
    "replenishment_rules": """Import how single SKUs are kept at single nodes, a row a node and SKU.

    What no row has ever said follows from the class.""",
}
_ROW_BY_ROW = """

    Each thing is taken by itself: what is wrong is told by row, and all else is done. The same rows again change
    nothing, so a call may be repeated."""


def _add(kind: str) -> None:
    async def take(request: Request, body: ImportBody) -> Response:
        return await _import(request, body, kind)

    async def tell(request: Request) -> Response:  # noqa: ARG001 - as every endpoint
        return json_answer(_columns(kind))

    take.__name__, take.__doc__ = f"import_{kind}_rows", _WORDS[kind] + _ROW_BY_ROW
    tell.__name__, tell.__doc__ = f"read_{kind}_columns", f"Tell the columns of an import of {kind}"
    routes.post(f"/imports/{kind}", access=WRITES[kind], answer=ImportAnswer)(take)
    routes.get(f"/imports/{kind}/columns", access=READS[kind], answer=ColumnsAnswer)(tell)


for _kind in KINDS:
    _add(_kind)
