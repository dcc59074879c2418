"""Photos of what came: kept with the line of a receipt, for whoever claims it from the supplier."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.base import uuid7
from db.errors import Conflict, Invalid, NotFound
from db.inbound import PhotoContent, Receipt, ReceiptLine, ReceiptPhoto, photos_of_line
from db.session import Transaction
from serve.edge import caller_of, edge_of
from serve.routing import Routes
from serve.scopes import MissingScope, Scope
from serve.shapes import Ask, Reason
from serve.writing import writing

routes = Routes("purchasing")

MOST_BYTES = 1_500_000
MOST_PIXELS = 40_000_000
MOST_OF_A_LINE = 8
LONGEST_SIDE = 2000
BYTES = {"type": "string", "format": "binary"}
MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PICTURES = {media: {"schema": BYTES} for media in MEDIA.values()}


class PhotoRemoval(Ask):
    reason: Reason


class PhotoRemoved(BaseModel):
    id: UUID
    receipt_id: UUID
    line_no: int


class PhotoAnswer(BaseModel):
    id: UUID
    line_no: int
    media_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(eq=False)
class NotAPhoto(Invalid):
    why: str

    def __str__(self) -> str:
        return f"This cannot be kept as a photo: {self.why}."


@dataclass(eq=False)
class EnoughPhotos(Conflict):
    most: int

    def __str__(self) -> str:
        return f"A line of a receipt keeps {self.most} photos, and has them."


class Picture(NamedTuple):
    media_type: str
    width: int
    height: int
    content: bytes


def read_picture(sent: bytes) -> Picture:
    """A picture by its content, whatever it was called, drawn anew: nothing but pixels is kept of what was sent.

    Where it was taken, which cameras write into it, goes; how it was held is carried out.
    Raises NotAPhoto.
    """
    from PIL import Image, ImageOps

    if len(sent) > MOST_BYTES:
        raise NotAPhoto(f"it has more than {MOST_BYTES // 1000} kB")
    try:
        with Image.open(BytesIO(sent), formats=tuple(MEDIA)) as image:
            kind = image.format or ""
            if image.width * image.height > MOST_PIXELS:
                raise NotAPhoto(f"it has more than {MOST_PIXELS // 1_000_000} million pixels")
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            drawn = upright.convert("RGB" if kind == "JPEG" or "A" not in upright.getbands() else "RGBA")
    except NotAPhoto:
        raise
    # Pillow tells of broken files in many ways, and a bomb by a warning that may be an error.
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise NotAPhoto("it is no whole JPEG, PNG or WebP") from None
    out = BytesIO()
    plain = Image.new(drawn.mode, drawn.size)
    plain.paste(drawn)
    plain.save(out, format=kind, quality=85)
    return Picture(MEDIA[kind], plain.width, plain.height, out.getvalue())


@routes.post(
    "/receipts/{receipt_id}/lines/{line_no}/photos",
    access=Scope.write_stock,
    answer=PhotoAnswer,
    status=201,
    extra={"requestBody": {"required": True, "content": PICTURES}},
)
async def add_receipt_photo(request: Request, receipt_id: UUID, line_no: int) -> Response:
    """Keep a photo of what came: JPEG, PNG or WebP, at most 1.5 MB; the same one again is kept once."""
    sent = await request.body()
    return await run_in_threadpool(_add, request, receipt_id, line_no, sent)


def _add(request: Request, receipt_id: UUID, line_no: int, sent: bytes) -> Response:
    picture, digest = read_picture(sent), sha256(sent).hexdigest()

    def work(tx: Transaction) -> dict[str, Any]:
        line = tx.get(ReceiptLine, (receipt_id, line_no), with_for_update=True) if 0 < line_no < 2**31 else None
        if line is None:
            raise NotFound("line of the receipt", str(line_no))
        known = photos_of_line(tx, receipt_id, line_no)
        photo = next((each for each in known if each.digest == digest), None)
        if photo is None:
            if len(known) >= MOST_OF_A_LINE:
                raise EnoughPhotos(MOST_OF_A_LINE)
            photo = ReceiptPhoto(
                id=uuid7(), receipt_id=receipt_id, line_no=line_no, media_type=picture.media_type, width=picture.width,
                height=picture.height, size_bytes=len(picture.content), digest=digest, taken_by=tx.who.actor, at=tx.now,
            )  # fmt: skip
            tx.add(photo)
            tx.flush()
            tx.add(PhotoContent(photo_id=photo.id, content=picture.content))
        return {n: getattr(photo, n) for n in PhotoAnswer.model_fields}

    return writing(request, "add_receipt_photo", [str(receipt_id), line_no, digest], work, status=201)


@routes.get(
    "/receipt-photos/{photo_id}",
    access=Scope.read_purchasing,
    responses={200: {"description": "The photo", "content": PICTURES}},
)
def read_receipt_photo(request: Request, photo_id: UUID) -> Response:
    """A photo of what came."""
    with edge_of(request).database.reading() as session:
        found = session.execute(
            select(ReceiptPhoto.media_type, PhotoContent.content)
            .join(PhotoContent, PhotoContent.photo_id == ReceiptPhoto.id)
            .where(ReceiptPhoto.id == photo_id)
        ).one_or_none()
    if found is None:
        raise NotFound("photo", str(photo_id))
    ending = found.media_type.removeprefix("image/")
    headers = {
        "Content-Disposition": f'inline; filename="{photo_id}.{ending}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


@routes.post("/receipt-photos/{photo_id}/remove", access=Scope.write_stock, answer=PhotoRemoved)
def remove_receipt_photo(request: Request, photo_id: UUID, body: PhotoRemoval) -> Response:
    """Remove a photo, one's own or, with `judge_goods`, anybody's; what it was of, whose and why stays in the log."""
    caller = caller_of(request)

    def work(tx: Transaction) -> dict[str, Any]:
        photo = tx.get(ReceiptPhoto, photo_id, with_for_update=True)
        if photo is None:
            raise NotFound("photo", str(photo_id))
        if photo.taken_by != tx.who.actor and Scope.judge_goods not in caller.scopes:
            raise MissingScope(Scope.judge_goods)
        receipt = tx.get_one(Receipt, photo.receipt_id)
        why = f"photo of line {photo.line_no} removed: {body.reason}"
        tx.note(f"receipt:{receipt.id}", from_status=receipt.status, to_status=receipt.status, why=why)
        tx.delete(photo)
        return {"id": photo.id, "receipt_id": photo.receipt_id, "line_no": photo.line_no}

    return writing(request, "remove_receipt_photo", [str(photo_id), body.reason], work)
