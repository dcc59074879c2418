"""What becomes of units that came back, over HTTP: what waits, what is done, and the terms it is reckoned by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from pydantic import Field as Described
from pydantic import create_model
from sqlalchemy import join
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages.dispositions import (
    AddDispositionTerms,
    ChangeDisposition,
    DispositionState,
    DispositionTermsState,
    DoDisposition,
    ReturnChoices,
    WeighReturn,
)
from db.errors import NotFound
from db.return_dispositions import (
    FIRST_TERMS,
    DispositionRule,
    DispositionStatus,
    DispositionTerms,
    GoodsChoice,
    ReturnDisposition,
    disposition_next,
)
from db.returns import Grade, Return
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of, wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Name, Ppm, Reason, Version, answer_shape, message

routes = Routes("returns")
Told = answer_shape(DispositionState)


def _next(row: Row) -> Row:
    return {**row, "next": disposition_next(row["status"])}


RETURN_DISPOSITIONS = Listing(
    "ReturnDisposition",
    join(ReturnDisposition, Return, Return.id == ReturnDisposition.return_id),
    {
        **fields(
            ReturnDisposition,
            "id return_id line_no node sku grade quantity choice best why value currency weighed terms_version "
            "supplier status done_by done_at done_why version created_at updated_at",
            grade=Grade,
            choice=GoodsChoice,
            best=GoodsChoice,
            status=DispositionStatus,
        ),
        "number": field(Return.number),
    },
    sortable=("created_at", "updated_at", "value", "choice", "sku"),
    sort="-created_at",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
DispositionRow = RETURN_DISPOSITIONS.row_shape()

DISPOSITION_TERMS = Listing(
    "DispositionTerms",
    DispositionTerms,
    fields(DispositionTerms, "version vendors note created_by created_at"),
    sortable=("version", "created_at"),
    sort="-version",
    key=("version",),
    expand={
        "rules": Related(
            DispositionRule.version,
            fields(
                DispositionRule,
                "no category grade choice currency share_ppm chance_ppm cost_ppm cost_amount freight_amount",
                grade=Grade,
                choice=GoodsChoice,
            ),
            (DispositionRule.no,),
            via="version",
        )
    },
)
TermsRow = DISPOSITION_TERMS.row_shape()
TermsDetail = create_model("DispositionTermsDetail", __base__=TermsRow, created_at=(datetime | None, ...))


class OtherChoice(Ask):
    choice: GoodsChoice
    reason: Reason
    version: Version | None = None


class DispositionEnd(Ask):
    bin: Code | None = Described(None, description="For what goes on sale; null is the node's pick face")
    note: Reason | None = None
    version: Version | None = None


class DispositionRuleBody(Ask):
    """For one unit: `resale · share · chance - resale · cost_ppm - cost_amount - freight_amount`.

    The first rule that fits category, grade and currency tells it; a choice without a rule cannot be made, but for
    destroying. For `vendor` the share is of what the unit cost.
    """

    grade: Grade
    choice: GoodsChoice
    category: Name | None = Described(None, description="With all that is under it", examples=["Home > Kitchen"])
    currency: Currency | None = Described(None, description="Of the order, and of the amounts; null: any")
    share_ppm: Ppm = 0
    chance_ppm: Ppm = 1_000_000
    cost_ppm: Ppm = 0
    cost_amount: Amount = 0
    freight_amount: Amount = 0


class NewDispositionTerms(Ask):
    rules: list[DispositionRuleBody] = Described(min_length=1, max_length=300)
    vendors: list[Code] = Described(
        default_factory=list, max_length=200, description="Suppliers that take units back, by code"
    )
    note: Reason | None = None


@routes.get(
    "/return-dispositions", access=Scope.read_orders, answer=RETURN_DISPOSITIONS.list_shape(DispositionRow),
    extra=RETURN_DISPOSITIONS.operation(),
)  # fmt: skip
def list_return_dispositions(request: Request) -> Response:
    """List what became of units that came back, or is to become of those that wait, the last graded first."""
    return RETURN_DISPOSITIONS.answer(request)


@routes.get("/return-dispositions/{disposition_id}", access=Scope.read_orders, answer=DispositionRow)
def read_return_disposition(request: Request, disposition_id: UUID) -> Response:
    """Show what becomes of units, with what each choice was expected to bring."""
    with edge_of(request).database.reading() as session:
        row = RETURN_DISPOSITIONS.one(session, ReturnDisposition.id == disposition_id)
    if row is None:
        raise NotFound("disposition", str(disposition_id))
    return json_answer(row)


@routes.post("/return-dispositions/{disposition_id}/change", access=Scope.write_stock, answer=Told)
async def change_return_disposition(request: Request, disposition_id: UUID, body: OtherChoice) -> Response:
    """Have something else become of units that wait, and say why."""
    version = version_of(request, body.version)
    asked = message(ChangeDisposition, body, disposition_id=disposition_id, version=version)
    return await sending(request, "returns", asked, DispositionState, partition=str(disposition_id))


@routes.post("/return-dispositions/{disposition_id}/done", access=Scope.write_stock, answer=Told)
async def do_return_disposition(request: Request, disposition_id: UUID, body: DispositionEnd) -> Response:
    """Say that it is done: what was put right goes on sale, all else leaves the stock."""
    version = version_of(request, body.version)
    asked = message(DoDisposition, body, disposition_id=disposition_id, version=version)
    return await sending(request, "returns", asked, DispositionState, partition=str(disposition_id))


@routes.post("/returns/{return_id}/weigh", access=Scope.read_orders, answer=answer_shape(ReturnChoices))
async def weigh_return(request: Request, return_id: UUID) -> Response:
    """Tell what each choice would bring for a unit of each line that still comes, by grade; changes nothing."""
    asked = WeighReturn(return_id=return_id)
    return await wondering(request, "returns", asked, ReturnChoices, partition=f"weigh:{uuid4()}")


@routes.get(
    "/disposition-terms", access=Scope.read_orders, answer=DISPOSITION_TERMS.list_shape(TermsRow),
    extra=DISPOSITION_TERMS.operation(),
)  # fmt: skip
def list_disposition_terms(request: Request) -> Response:
    """List the versions of the terms, the latest first. Without any, those of version 0 count."""
    return DISPOSITION_TERMS.answer(request)


@routes.get("/disposition-terms/{version}", access=Scope.read_orders, answer=TermsDetail)
def read_disposition_terms(request: Request, version: int) -> Response:
    """Show a version with its rules; 0 is what a shop begins with."""
    if version == 0:
        rules = [{"no": no, **rule._asdict()} for no, rule in enumerate(FIRST_TERMS, start=1)]
        first = {"version": 0, "vendors": [], "note": None, "created_by": "backoffice", "created_at": None}
        return json_answer({**first, "rules": rules})
    found = None
    if 0 < version < 2**31:
        with edge_of(request).database.reading() as session:
            found = DISPOSITION_TERMS.one(session, DispositionTerms.version == version, expand=("rules",))
    if found is None:
        raise NotFound("version of the disposition terms", str(version))
    return json_answer(found)


@routes.post("/disposition-terms", access=Scope.write_settings, answer=answer_shape(DispositionTermsState), status=201)
async def add_disposition_terms(request: Request, body: NewDispositionTerms) -> Response:
    """Add a version, in force from now. What was decided before stays as it is."""
    asked = message(AddDispositionTerms, body)
    return await sending(request, "returns", asked, DispositionTermsState, partition="terms", status=201)
