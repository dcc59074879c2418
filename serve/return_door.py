"""The customers' own door for returns, over HTTP: who stands there may ask about one order, and nothing else."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Command, State
from agents.returns.messages import (
    CancelReturn,
    PreviewReturn,
    RequestReturn,
    ReturnLineAsk,
    ReturnPreview,
    ReturnState,
)
from agents.shipping.messages import QuoteReturnLabel, ReturnLabelQuote, UnitsBack
from db.errors import Conflict, NotFound
from db.prints import check_printable
from db.return_parcels import live_return_label, node_for
from db.returns import Return, ReturnReason, ReturnWay, Sold, sold
from paper.drawing import address_of
from paper.return_label import return_label_pdf, return_paper_of
from serve.at_door import ask_for_code, leave, open_by_code, open_by_link, with_cookie
from serve.door_view import PHOTOS_WHILE, DoorView, counters, door_lines, returns_of
from serve.edge import caller_of, edge_of
from serve.photos import PICTURES
from serve.requests import asking, json_answer
from serve.return_photos import ReturnPhotoAnswer, add_photo, show_photo
from serve.routing import AtDoor, Public, Routes
from serve.shapes import Amount, Ask, Quantity, Reason, answer_shape

routes = Routes("return door", prefix="/api/v1/return-door")
S = TypeVar("S", bound=State)
_ME = AtDoor()
PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
SVG = {"image/svg+xml": {"schema": {"type": "string"}}}


@dataclass(eq=False)
class LabelPriceChanged(Conflict):
    """`price` is null where no carrier takes the parcel any more."""

    price: int | None

    def __str__(self) -> str:
        return "The price of the label is another one now. Look at the sum again and confirm."


class CodeQuestion(Ask):
    order: str = Described(min_length=1, max_length=64, description="Its number")
    email: str = Described(min_length=1, max_length=254)


class CodeAsked(BaseModel):
    """The same whether the order is known or not. `challenge` belongs to the code; nobody else can use it."""

    challenge: str
    expires_at: datetime


class CodeGiven(Ask):
    challenge: str = Described(min_length=1, max_length=100)
    code: str = Described(min_length=1, max_length=20)


class LinkGiven(Ask):
    link: str = Described(min_length=1, max_length=100, description="What follows # in the mail's link")


class DoorOpened(BaseModel):
    csrf_token: str
    expires_at: datetime


class DoorWanted(Ask):
    line_no: int = Described(strict=True, ge=1, le=100_000)
    quantity: Quantity
    reason: ReturnReason
    remark: Reason | None = None


class DoorQuestion(Ask):
    lines: list[DoorWanted] = Described(min_length=1, max_length=100)
    way: ReturnWay = ReturnWay.own


class DoorRequest(DoorQuestion):
    """`label_price` and `total` are what the preview said and the customer agreed to."""

    label_price: Amount = 0
    total: Amount


class DoorPreview(BaseModel):
    """`label` is null where the way is not a label, or nothing has to be sent as the customer keeps it.

    Its amount is null where no carrier takes the parcel.
    """

    preview: answer_shape(ReturnPreview)  # type: ignore[valid-type]
    label: answer_shape(ReturnLabelQuote) | None  # type: ignore[valid-type]


class DoorCancel(Ask):
    version: int | None = Described(None, strict=True, ge=1, le=2**31 - 1)


class DoorDone(BaseModel):
    id: UUID
    number: str
    status: str


@routes.post("/code", access=Public("This is how a customer becomes known"), answer=CodeAsked, status=202)
def ask_door_code(request: Request, body: CodeQuestion) -> Response:
    """Ask for a code by mail. The answer is the same for an order that is not there; only whoever ordered gets mail."""
    challenge, expires_at = ask_for_code(request, body.order, body.email)
    return json_answer({"challenge": challenge, "expires_at": expires_at}, 202)


@routes.post("/session", access=Public("The code proves who it is"), answer=DoorOpened, status=201)
def open_door(request: Request, body: CodeGiven) -> Response:
    """Come in with the code from the mail. It lasts ten minutes and five tries, and opens once."""
    opened = open_by_code(request, body.challenge, body.code)
    answer = json_answer({"csrf_token": opened.csrf, "expires_at": opened.expires_at}, 201)
    return with_cookie(request, opened, answer)


@routes.post("/session/link", access=Public("The link in a mail proves who it is"), answer=DoorOpened, status=201)
def open_door_by_link(request: Request, body: LinkGiven) -> Response:
    """Come in with the link of a mail about this order."""
    opened = open_by_link(request, body.link)
    answer = json_answer({"csrf_token": opened.csrf, "expires_at": opened.expires_at}, 201)
    return with_cookie(request, opened, answer)


@routes.delete("/session", access=_ME, status=204)
def leave_door(request: Request) -> Response:
    """Leave: the cookie is worth nothing from now on."""
    leave(request)
    return Response(status_code=204)


@routes.get("", access=_ME, answer=DoorView)
async def read_door(request: Request) -> Response:
    """Show the order's lines with what may come back and until when, and its returns."""
    of = await run_in_threadpool(_sold, request)
    open_lines = [n for n in of.lines if of.returnable(n)]
    judged = []
    if open_lines:
        all_of_it = [
            ReturnLineAsk(line_no=n, quantity=of.returnable(n), reason=ReturnReason.changed_mind) for n in open_lines
        ]
        told = await _wonder(request, "returns", PreviewReturn(order_id=of.order.id, lines=all_of_it), ReturnPreview)
        judged = told.lines
    quote = await _quote(request, of.order.id, [UnitsBack(line_no=n, quantity=1) for n in open_lines[:1]])
    return json_answer(await run_in_threadpool(_view, request, judged, quote))


def _view(request: Request, judged: list[Any], quote: ReturnLabelQuote | None) -> dict[str, Any]:
    caller = caller_of(request)
    with edge_of(request).database.reading() as session:
        of = sold(session, _order(request))
        node = node_for(session, of.order.id, list(of.lines))
        send_to = address_of(node) if node is not None else []
        ways = [
            *([ReturnWay.label] if quote is not None and quote.amount is not None else []),
            *([ReturnWay.drop_off] if counters(session) else []),
            ReturnWay.own,
        ]
        return {
            "number": of.order.number,
            "currency": of.order.currency,
            "placed_at": of.order.placed_at,
            "csrf_token": caller.csrf,
            "expires_at": caller.expires_at,
            "lines": door_lines(session, of, judged),
            "returns": returns_of(session, of, send_to),
            "reasons": list(ReturnReason),
            "ways": ways,
        }


@routes.post("/preview", access=_ME, answer=DoorPreview)
async def preview_at_door(request: Request, body: DoorQuestion) -> Response:
    """Tell what a return would come to, line by line, with the price of the label; changes nothing."""
    quote = await _label_for(request, body)
    price = (quote.amount or 0) if quote is not None else 0
    asked = PreviewReturn(order_id=_order(request), lines=_lines(body), way=body.way, label_price=price)
    told = await _wonder(request, "returns", asked, ReturnPreview)
    kept = "kept" if told.keep_why is not None else None
    # Why somebody looks first, and how it was reckoned, is for colleagues.
    shown = msgspec.structs.replace(told, review=None, keep_why=kept)
    return json_answer({"preview": shown, "label": quote if kept is None else None})


@routes.post("/returns", access=_ME, answer=DoorDone, status=201)
async def request_at_door(request: Request, body: DoorRequest) -> Response:
    """Ask to give goods back, for the sum that was previewed. What the policy refuses cannot be asked for here."""
    quote = await _label_for(request, body)
    order_id = _order(request)
    if quote is not None and quote.amount != body.label_price:
        price = quote.amount or 0
        looked = PreviewReturn(order_id=order_id, lines=_lines(body), way=body.way, label_price=price)
        if (await _wonder(request, "returns", looked, ReturnPreview)).keep_why is None:
            raise LabelPriceChanged(quote.amount)
    asked = RequestReturn(
        order_id=order_id,
        lines=_lines(body),
        way=body.way,
        label_price=(quote.amount or 0) if quote is not None else 0,
        expected_total=body.total,
    )
    told = await asking(request, "returns", asked, partition=str(order_id))
    return _done(told.body, 201, replayed=told.replayed)


@routes.post("/returns/{return_id}/cancel", access=_ME, answer=DoorDone)
async def cancel_at_door(request: Request, return_id: UUID, body: DoorCancel) -> Response:
    """Call a return off while nothing was handed over and no money went back."""
    await run_in_threadpool(_mine, request, return_id)
    asked = CancelReturn(return_id=return_id, reason="the customer called it off", version=body.version)
    told = await asking(request, "returns", asked, partition=str(return_id))
    return _done(told.body, replayed=told.replayed)


@routes.post(
    "/returns/{return_id}/lines/{line_no}/photos",
    access=_ME,
    answer=ReturnPhotoAnswer,
    status=201,
    extra={"requestBody": {"required": True, "content": PICTURES}},
)
async def add_door_photo(request: Request, return_id: UUID, line_no: int) -> Response:
    """Keep a photo of what comes back: JPEG, PNG or WebP, at most 1.5 MB; nothing but its pixels is kept."""
    await run_in_threadpool(_mine, request, return_id)
    sent = await request.body()
    return await run_in_threadpool(add_photo, request, sent, return_id=return_id, line_no=line_no, whiles=PHOTOS_WHILE)


@routes.get(
    "/returns/{return_id}/photos/{photo_id}",
    access=_ME,
    responses={200: {"description": "The photo", "content": PICTURES}},
)
def read_door_photo(request: Request, return_id: UUID, photo_id: UUID) -> Response:
    """A photo of what comes back."""
    _mine(request, return_id)
    return show_photo(request, photo_id, of=return_id)


@routes.get("/returns/{return_id}/label.pdf", access=_ME, responses={200: {"description": "The label", "content": PDF}})
def read_door_label(request: Request, return_id: UUID) -> Response:
    """The label to print, with a slip that goes into the parcel."""
    _mine(request, return_id)
    return label_answer(request, return_id)


@routes.get("/returns/{return_id}/code.svg", access=_ME, responses={200: {"description": "A QR code", "content": SVG}})
def read_door_code(request: Request, return_id: UUID) -> Response:
    """The return's number as a QR code, for the counter that it is brought to."""
    import segno  # what draws codes takes a while to load

    code = segno.make(_mine(request, return_id).number, error="m", micro=False)
    return Response(code.svg_inline(scale=6, border=2, dark="#000", light="#fff"), media_type="image/svg+xml")


def label_answer(request: Request, return_id: UUID) -> Response:
    """Raises NotFound where there is no live label."""
    with edge_of(request).database.reading() as session:
        paper = return_paper_of(session, return_id)
        label = live_return_label(session, return_id)
        if paper is None or label is None:
            raise NotFound("label of the return", str(return_id))
        check_printable(session, label, "pdf")
        pdf = base64.b64decode(label.zpl) if label.format == "pdf" else return_label_pdf(paper)
    headers = {"Content-Disposition": f'inline; filename="return-{paper.number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _order(request: Request) -> UUID:
    """The one order that the session is for: no request names another."""
    order_id = caller_of(request).order_id
    if order_id is None:
        raise LookupError("only a customer at the door gets here")
    return order_id


def _sold(request: Request) -> Sold:
    with edge_of(request).database.reading() as session:
        return sold(session, _order(request))


def _mine(request: Request, return_id: UUID) -> Return:
    """A return of this order; one of another order is as unknown as one that is not there. Raises NotFound."""
    with edge_of(request).database.reading() as session:
        item = session.get(Return, return_id)
        if item is None or item.order_id != _order(request):
            raise NotFound("return", str(return_id))
        return item


def _lines(body: DoorQuestion) -> list[ReturnLineAsk]:
    return [ReturnLineAsk(line_no=n.line_no, quantity=n.quantity, reason=n.reason, remark=n.remark) for n in body.lines]


async def _label_for(request: Request, body: DoorQuestion) -> ReturnLabelQuote | None:
    if body.way != ReturnWay.label:
        return None
    units = [UnitsBack(line_no=n.line_no, quantity=n.quantity) for n in body.lines]
    quote = await _quote(request, _order(request), units)
    if quote is None or quote.amount is None:
        raise LabelPriceChanged(None)
    return quote


async def _quote(request: Request, order_id: UUID, units: list[UnitsBack]) -> ReturnLabelQuote | None:
    if not units:
        return None
    return await _wonder(request, "shipping", QuoteReturnLabel(order_id=order_id, lines=units), ReturnLabelQuote)


async def _wonder(request: Request, agent: str, command: Command, state: type[S]) -> S:
    told = await asking(request, agent, command, partition=str(_order(request)), remembered=False)
    return msgspec.msgpack.decode(told.body, type=state)


def _done(body: bytes, status: int = 200, *, replayed: bool) -> Response:
    made = msgspec.msgpack.decode(body, type=ReturnState)
    return json_answer({"id": made.id, "number": made.number, "status": made.status}, status, replayed=replayed)
