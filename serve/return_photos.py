"""Photos of what comes back: from the customer at the door, from the dock, of parcels that nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, true
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.base import uuid7
from db.errors import Conflict, IllegalMove, NotFound
from db.return_photos import ReturnPhoto, ReturnPhotoContent, photos_of_parcel, photos_of_return
from db.returns import Return, ReturnLine
from db.session import Transaction
from db.unknown_parcels import UnknownParcel
from serve.edge import edge_of
from serve.photos import PICTURES, read_picture
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.writing import writing

routes = Routes("returns")

MOST_OF_A_LINE = 8
MOST_OF_A_PARCEL = 12
_SENT = {"requestBody": {"required": True, "content": PICTURES}}
_SHOWN = {200: {"description": "The photo", "content": PICTURES}}


class ReturnPhotoAnswer(BaseModel):
    id: UUID
    line_no: int | None
    media_type: str
    width: int
    height: int
    size_bytes: int
    taken_by: str
    at: datetime


class ReturnPhotos(BaseModel):
    data: list[ReturnPhotoAnswer]


@dataclass(eq=False)
class EnoughReturnPhotos(Conflict):
    most: int

    def __str__(self) -> str:
        return f"{self.most} photos are kept, and there are so many."


@routes.get("/returns/{return_id}/photos", access=Scope.read_orders, answer=ReturnPhotos)
def list_return_photos(request: Request, return_id: UUID) -> Response:
    """List the photos of what comes back, by line."""
    with edge_of(request).database.reading() as session:
        return json_answer({"data": [_told(photo) for photo in photos_of_return(session, return_id)]})


@routes.post(
    "/returns/{return_id}/lines/{line_no}/photos", access=Scope.write_stock, answer=ReturnPhotoAnswer, status=201,
    extra=_SENT,
)  # fmt: skip
async def add_return_photo(request: Request, return_id: UUID, line_no: int) -> Response:
    """Keep a photo of what came: JPEG, PNG or WebP, at most 1.5 MB; the same one again is kept once."""
    sent = await request.body()
    return await run_in_threadpool(add_photo, request, sent, return_id=return_id, line_no=line_no)


@routes.get("/return-photos/{photo_id}", access=Scope.read_orders, responses=_SHOWN)
def read_return_photo(request: Request, photo_id: UUID) -> Response:
    """A photo of what comes back."""
    return show_photo(request, photo_id)


@routes.get("/unknown-parcels/{parcel_id}/photos", access=Scope.read_orders, answer=ReturnPhotos)
def list_unknown_photos(request: Request, parcel_id: UUID) -> Response:
    """List the photos of a parcel that nobody knows."""
    with edge_of(request).database.reading() as session:
        return json_answer({"data": [_told(photo) for photo in photos_of_parcel(session, parcel_id)]})


@routes.post(
    "/unknown-parcels/{parcel_id}/photos", access=Scope.write_stock, answer=ReturnPhotoAnswer, status=201, extra=_SENT
)
async def add_unknown_photo(request: Request, parcel_id: UUID) -> Response:
    """Keep a photo of a parcel that nobody knows, or of what is in it."""
    sent = await request.body()
    return await run_in_threadpool(add_photo, request, sent, parcel_id=parcel_id)


def add_photo(
    request: Request,
    sent: bytes,
    *,
    return_id: UUID | None = None,
    line_no: int | None = None,
    parcel_id: UUID | None = None,
    whiles: Collection[str] | None = None,
) -> Response:
    """Keep a photo of a line of a return, or of an unknown parcel; `whiles` are the only states it may be in.

    Raises NotAPhoto, NotFound, EnoughReturnPhotos, IllegalMove.
    """
    picture, digest = read_picture(sent), sha256(sent).hexdigest()

    def work(tx: Transaction) -> dict[str, Any]:
        known, most = _others(tx, return_id, line_no, parcel_id, whiles)
        photo = next((each for each in known if each.digest == digest), None)
        if photo is None:
            if len(known) >= most:
                raise EnoughReturnPhotos(most)
            photo = ReturnPhoto(
                id=uuid7(), return_id=return_id, line_no=line_no, parcel_id=parcel_id, digest=digest,
                media_type=picture.media_type, width=picture.width, height=picture.height,
                size_bytes=len(picture.content), taken_by=tx.who.actor, at=tx.now,
            )  # fmt: skip
            tx.add(photo)
            tx.flush()
            tx.add(ReturnPhotoContent(photo_id=photo.id, content=picture.content))
        return _told(photo)

    return writing(request, "add_return_photo", [str(return_id), line_no, str(parcel_id), digest], work, status=201)


def _others(
    tx: Transaction, return_id: UUID | None, line_no: int | None, parcel_id: UUID | None, whiles: Collection[str] | None
) -> tuple[list[ReturnPhoto], int]:
    """(what there is already, how many there may be). What the photo is of is locked."""
    if parcel_id is not None:
        if tx.get(UnknownParcel, parcel_id, with_for_update=True) is None:
            raise NotFound("parcel", str(parcel_id))
        return photos_of_parcel(tx, parcel_id), MOST_OF_A_PARCEL
    if return_id is None or line_no is None or not 0 < line_no < 2**31:
        raise NotFound("line of the return", str(line_no))
    item = tx.get(Return, return_id, with_for_update=True)
    if item is None or tx.get(ReturnLine, (return_id, line_no)) is None:
        raise NotFound("line of the return", str(line_no))
    if whiles is not None and item.status not in whiles:
        raise IllegalMove("return", item.number, item.status, "photographed", [])
    return [photo for photo in photos_of_return(tx, return_id) if photo.line_no == line_no], MOST_OF_A_LINE


def show_photo(request: Request, photo_id: UUID, *, of: UUID | None = None) -> Response:
    """Raises NotFound, also for a photo of another return than `of`."""
    with edge_of(request).database.reading() as session:
        wanted = select(ReturnPhoto.media_type, ReturnPhotoContent.content).join(
            ReturnPhotoContent, ReturnPhotoContent.photo_id == ReturnPhoto.id
        )
        mine = ReturnPhoto.return_id == of if of is not None else true()
        found = session.execute(wanted.where(ReturnPhoto.id == photo_id, mine)).one_or_none()
    if found is None:
        raise NotFound("photo", str(photo_id))
    headers = {
        "Content-Disposition": f'inline; filename="{photo_id}.{found.media_type.removeprefix("image/")}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


def _told(photo: ReturnPhoto) -> dict[str, Any]:
    return {name: getattr(photo, name) for name in ReturnPhotoAnswer.model_fields}
