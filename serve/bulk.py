"""Actions on many records over HTTP: a preview, a start, progress, the result of each row, cancel and undo."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4, uuid5

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.bulk.messages import BulkRecord, BulkState, CancelBulk, StartBulk, UndoBulk
from agents.catalog.messages import JudgeProducts, MoveProduct, ProductsJudged
from agents.contract import Asked, Command, encode, unwrap
from agents.orders.messages import (
    AddNote,
    CancelOrder,
    HoldOrder,
    JudgeOrders,
    OrdersJudged,
    ReleaseOrder,
    TagOrder,
)
from db.bulk import ENDED, BulkJob, BulkRow, BulkStatus, RowState, counts_of
from db.catalog import Product
from db.errors import Conflict, Invalid, KeyReused, NotFound
from db.orders import Order
from serve import filters
from serve.edge import caller_of, edge_of, request_id_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.order_view import ORDERS
from serve.orders import HoldBody, NoteBody, ReleaseBody, TagsBody
from serve.products import PRODUCTS
from serve.requests import idempotency_key, json_answer, sending
from serve.routing import Routes, SignedIn
from serve.scopes import MissingScope, Scope
from serve.shapes import Ask, Reason, answer_shape

routes = Routes("bulk actions")

MOST = 10_000
JUDGED_AT_ONCE = 500
EXAMPLES = 5
_IDS = UUID("a0b7c9a4-5a53-4c1c-9d4e-3c2f6a1d7e55")  # names of jobs are made of caller and idempotency key

JOBS = Listing(
    "BulkJob",
    BulkJob,
    fields(BulkJob, "id noun action ask selection principal status total created_at ended_at", status=BulkStatus),
    sortable=("created_at", "ended_at"),
    sort="-created_at",
    key=("id",),
)
ROWS = Listing(
    "BulkRow",
    BulkRow,
    {
        **fields(BulkRow, "row_no record label state code sentence at", state=RowState),
        "has_undo": field(BulkRow.undo.is_not(None), nullable=False),
    },
    sortable=("row_no", "at"),
    sort="row_no",
    key=("row_no",),
)


class HoldAll(HoldBody):
    action: Literal["hold"]


class ReleaseAll(ReleaseBody):
    action: Literal["release"]


class CancelAll(Ask):
    action: Literal["cancel"]
    reason: Reason


class TagAll(TagsBody):
    action: Literal["tag"]


class NoteAll(NoteBody):
    action: Literal["note"]


class MoveAll(Ask):
    action: Literal["move"]
    to: Literal["active", "discontinued"]


class Chosen(Ask):
    """`ids`, or everything that `filters` (as the list takes them) find at the moment."""

    ids: list[UUID] | None = Described(None, min_length=1, max_length=MOST)
    filters: dict[str, str] | None = Described(None, max_length=50, examples=[{"status_eq": "released"}])
    expected: int | None = Described(
        None, ge=0, le=10**9, description="Refused when another number is found than the preview showed"
    )


class OrdersBulk(Chosen):
    do: Annotated[HoldAll | ReleaseAll | CancelAll | TagAll | NoteAll, Described(discriminator="action")]


class ProductsBulk(Chosen):
    do: MoveAll


class Reasons(BaseModel):
    code: str
    count: int
    sentence: str = Described(description="Of the first of them")
    examples: list[str]


class Preview(BaseModel):
    """`refused` groups what would be refused by why; `would` are the others."""

    total: int
    would: int
    refused: list[Reasons]


class Job(JOBS.row_shape()):  # type: ignore[misc]
    counts: dict[str, int]
    next: list[str]


@dataclass(eq=False)
class ChooseOneWay(Invalid):
    def __str__(self) -> str:
        return "Say which records: either ids or filters, and not both."


@dataclass(eq=False)
class TooMany(Invalid):
    most: int

    def __str__(self) -> str:
        return f"More than {self.most} records are in this filter. Narrow it and do it in parts."


@dataclass(eq=False)
class AnotherNumber(Conflict):
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.found} records are in this filter now; it were {self.expected} when you looked. Look again."


@dataclass(frozen=True)
class Noun:
    """What can be done to many of one kind, and by whom."""

    name: str
    agent: str
    listing: Listing
    model: Any
    label: Any
    reads: Scope
    writes: Scope
    kinds: Mapping[str, type[Command]]

    def body(self, do: Ask) -> tuple[str, dict[str, Any]]:
        """The command that is said for each record, without the record."""
        kind = self.kinds[do.action]  # type: ignore[attr-defined]
        return kind.__name__, do.model_dump(mode="json", exclude={"action"}, exclude_none=True)


ORDER = Noun(
    "orders", "orders", ORDERS, Order, Order.number, Scope.read_orders, Scope.write_orders,
    {"hold": HoldOrder, "release": ReleaseOrder, "cancel": CancelOrder, "tag": TagOrder, "note": AddNote},
)  # fmt: skip
PRODUCT = Noun(
    "products", "catalog", PRODUCTS, Product, Product.title, Scope.read_catalog, Scope.write_catalog,
    {"move": MoveProduct},
)  # fmt: skip


NOUNS = {noun.name: noun for noun in (ORDER, PRODUCT)}


@routes.post("/orders/bulk/preview", access=Scope.write_orders, answer=Preview)
async def preview_orders_bulk(request: Request, body: OrdersBulk) -> Response:
    """Count what an action on many orders would do, and what would be refused and why. Changes nothing."""
    return await _preview(request, ORDER, body, body.do)


@routes.post("/orders/bulk", access=Scope.write_orders, answer=answer_shape(BulkState), status=202)
async def start_orders_bulk(request: Request, body: OrdersBulk) -> Response:
    """Start an action on many orders in the background: each order once, in your name."""
    return await _start(request, ORDER, body, body.do)


@routes.post("/products/bulk/preview", access=Scope.write_catalog, answer=Preview)
async def preview_products_bulk(request: Request, body: ProductsBulk) -> Response:
    """Count what an action on many products would do, and what would be refused and why. Changes nothing."""
    return await _preview(request, PRODUCT, body, body.do)


@routes.post("/products/bulk", access=Scope.write_catalog, answer=answer_shape(BulkState), status=202)
async def start_products_bulk(request: Request, body: ProductsBulk) -> Response:
    """Start an action on many products in the background: each product once, in your name."""
    return await _start(request, PRODUCT, body, body.do)


@routes.get("/bulk", access=SignedIn(), answer=JOBS.list_shape(JOBS.row_shape()), extra=JOBS.operation())
def list_bulk(request: Request) -> Response:
    """List your own actions on many records, newest first."""
    return JOBS.answer(request, BulkJob.principal == caller_of(request).principal)


@routes.get("/bulk/{job_id}", access=SignedIn(), answer=Job)
def read_bulk(request: Request, job_id: UUID) -> Response:
    """Show how far an action is."""
    with edge_of(request).database.reading() as session:
        return json_answer(_shown(session, _mine(session, request, job_id)))


@routes.get("/bulk/{job_id}/rows", access=SignedIn(), answer=ROWS.list_shape(ROWS.row_shape()), extra=ROWS.operation())
def list_bulk_rows(request: Request, job_id: UUID) -> Response:
    """List what became of each record of an action."""
    with edge_of(request).database.reading() as session:
        _mine(session, request, job_id)
    return ROWS.answer(request, BulkRow.job_id == job_id)


@routes.post("/bulk/{job_id}/cancel", access=SignedIn(), answer=answer_shape(BulkState))
async def cancel_bulk(request: Request, job_id: UUID) -> Response:
    """Begin no further rows; what is done stays done."""
    await asyncio.to_thread(_check_mine, request, job_id, to_write=True)
    return await sending(request, "bulk", CancelBulk(job_id=job_id), BulkState, partition=str(job_id))


@routes.post("/bulk/{job_id}/undo", access=SignedIn(), answer=answer_shape(BulkState), status=202)
async def undo_bulk(request: Request, job_id: UUID) -> Response:
    """Take back what an ended action did, row by row, as a new action. Rows without a way back stay as they are."""
    await asyncio.to_thread(_check_mine, request, job_id, to_write=True)
    asked = UndoBulk(id=_job_id(request), job_id=job_id)
    return await sending(request, "bulk", asked, BulkState, partition=str(job_id), status=202)


# Choosing


def _records(request: Request, noun: Noun, chosen: Chosen) -> list[BulkRecord]:
    """What is chosen, in the order of the list. Raises ChooseOneWay, TooMany, AnotherNumber, UnknownFilter."""
    if noun.reads.value not in caller_of(request).scopes:
        raise MissingScope(noun.reads.value)
    if (chosen.ids is None) == (chosen.filters is None):
        raise ChooseOneWay()
    edge = edge_of(request)
    with edge.database.reading() as session:
        query = select(noun.model.id, noun.label).order_by(noun.model.id)
        if chosen.ids is not None:
            names = {r[0]: r[1] for r in session.execute(query.where(noun.model.id.in_(chosen.ids)))}
            found = [BulkRecord(id=i, label=names.get(i, str(i))) for i in dict.fromkeys(chosen.ids)]
        else:
            given = list((chosen.filters or {}).items())
            where = filters.conditions(noun.listing.filterable, given, now=edge.clock())
            found = [BulkRecord(id=r[0], label=r[1]) for r in session.execute(query.where(*where).limit(MOST + 1))]
    if len(found) > MOST:
        raise TooMany(MOST)
    if chosen.expected is not None and chosen.expected != len(found):
        raise AnotherNumber(chosen.expected, len(found))
    return found


async def _preview(request: Request, noun: Noun, chosen: Chosen, do: Ask) -> Response:
    records = await asyncio.to_thread(_records, request, noun, chosen)
    kind, body = noun.body(do)
    labels = {r.id: r.label for r in records}
    groups: dict[str, Reasons] = {}
    for at in range(0, len(records), JUDGED_AT_ONCE):
        for why in await _judged(request, noun, kind, body, [r.id for r in records[at : at + JUDGED_AT_ONCE]]):
            group = groups.setdefault(why.code, Reasons(code=why.code, count=0, sentence=why.sentence, examples=[]))
            group.count += 1
            if len(group.examples) < EXAMPLES:
                group.examples.append(labels[why.id])
    refused = sorted(groups.values(), key=lambda g: -g.count)
    would = len(records) - sum(g.count for g in refused)
    return json_answer(Preview(total=len(records), would=would, refused=refused).model_dump())


async def _judged(request: Request, noun: Noun, kind: str, body: dict[str, Any], ids: Sequence[UUID]) -> Sequence[Any]:
    """Ask the agent whose rules they are. A question: it needs no key."""
    command: Command
    answer: type[OrdersJudged | ProductsJudged]
    if noun is ORDER:
        command, answer = JudgeOrders(kind=kind, body=body, order_ids=list(ids)), OrdersJudged
    else:
        command, answer = JudgeProducts(to=body["to"], product_ids=list(ids)), ProductsJudged
    caller = caller_of(request).principal
    asked = Asked(type(command).__name__, encode(command), caller, caller, None, request_id_of(request))
    told = await edge_of(request).client.ask(noun.agent, asked, partition=str(ids[0]))
    return msgspec.msgpack.decode(unwrap(told), type=answer).refused


async def _start(request: Request, noun: Noun, chosen: Chosen, do: Ask) -> Response:
    job_id = _job_id(request)
    kind, body = noun.body(do)
    selection = chosen.model_dump(mode="json", include={"ids", "filters"}, exclude_none=True)
    if (before := await asyncio.to_thread(_started, request, job_id, {"kind": kind, "body": body})) is not None:
        return before
    records = await asyncio.to_thread(_records, request, noun, chosen)
    if "ids" in selection:
        selection = {"ids": len(records)}
    asked = StartBulk(
        id=job_id, noun=noun.name, action=do.action, scope=noun.writes.value, kind=kind, body=body,  # type: ignore[attr-defined]
        selection=selection, records=records,
    )  # fmt: skip
    return await sending(request, "bulk", asked, BulkState, partition=str(job_id), status=202)


def _job_id(request: Request) -> UUID:
    """The same request again, by its idempotency key, is the same job: what a filter finds may differ by then."""
    return uuid5(_IDS, f"{caller_of(request).principal} {idempotency_key(request) or uuid4()}")


def _started(request: Request, job_id: UUID, ask: dict[str, Any]) -> Response | None:
    with edge_of(request).database.reading() as session:
        job = session.get(BulkJob, job_id)
        if job is None:
            return None
        if job.ask != ask:
            raise KeyReused(idempotency_key(request) or "")
        row = _shown(session, job)
        told = {name: row[name] for name in BulkState.__struct_fields__}
        return json_answer(told, 202, replayed=True)


# Looking


def _mine(session: Session, request: Request, job_id: UUID, *, to_write: bool = False) -> BulkJob:
    """The caller's own action, or one that they could have done. Raises NotFound, MissingScope."""
    caller = caller_of(request)
    job = session.get(BulkJob, job_id)
    if job is None:
        raise NotFound("action", str(job_id))
    theirs = job.principal != caller.principal
    needed = [*([job.scope] if theirs or to_write else []), *([NOUNS[job.noun].reads] if theirs else [])]
    for scope in needed:
        if scope not in caller.scopes:
            raise MissingScope(scope)
    return job


def _check_mine(request: Request, job_id: UUID, *, to_write: bool) -> None:
    with edge_of(request).database.reading() as session:
        _mine(session, request, job_id, to_write=to_write)


def _shown(session: Session, job: BulkJob) -> dict[str, Any]:
    row = JOBS.one(session, BulkJob.id == job.id) or {}
    way_back = select(BulkRow.row_no).where(BulkRow.job_id == job.id, BulkRow.undo.is_not(None))
    undoable = job.status in ENDED and session.scalar(way_back.limit(1)) is not None
    steps = {"cancel": job.status == BulkStatus.running, "undo": undoable}
    return {**row, "counts": dict(counts_of(session, job.id)), "next": [s for s, can in steps.items() if can]}
