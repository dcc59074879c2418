"""Whether a plan can be packed as it says. Knows nothing of how plans are made: it looks at every pair of pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from ml.cartonisation.goods import OWN_CARTON, Box, Filled, Goods, Piece, Plan, Terms, may_share, own_carton


def check(goods: Sequence[Goods], boxes: Sequence[Box], terms: Terms, plan: Plan) -> list[str]:
    """What is wrong with a plan, a sentence each; nothing when it holds.

    Every piece is in one box or left out; pieces lie within their box's padding and not in each other, the way up that
    they allow, with their whole base on the floor or on goods that were put in before, with nothing above what is
    fragile, no more above a piece than it bears, and with nothing that they may not be with; what goes alone is in its
    own carton; no box is too heavy; weights and the price add up.
    """
    known = {g.sku: g for g in goods}
    offered = {b.code: b for b in boxes}
    return [
        *_counted(goods, plan),
        *(
            fault
            for n, filled in enumerate(plan.boxes, 1)
            for fault in (f"box {n}: {what}" for what in _box(filled, known, offered))
        ),
        *_priced(plan, terms),
    ]


def _counted(goods: Sequence[Goods], plan: Plan) -> Iterator[str]:
    asked: Counter[str] = Counter()
    for g in goods:
        asked[g.sku] += g.quantity
    found = Counter(p.sku for filled in plan.boxes for p in filled.pieces)
    for out in plan.left_out:
        found[out.sku] += out.quantity
    for sku in sorted(asked.keys() | found.keys()):
        if asked[sku] != found[sku]:
            yield f"{asked[sku]} of {sku} are to be packed, the plan has {found[sku]}"


def _priced(plan: Plan, terms: Terms) -> Iterator[str]:
    price = sum(terms.price(filled.box, filled.grams) for filled in plan.boxes)
    if price != plan.price:
        yield f"the boxes cost {price}, the plan says {plan.price}"


def _box(filled: Filled, known: dict[str, Goods], offered: dict[str, Box]) -> Iterator[str]:
    box, pieces = filled.box, filled.pieces
    if box.code == OWN_CARTON:
        yield from _own(filled, known)
        return
    if offered.get(box.code) != box:
        yield f"there is no such box as {box.code}"
    if unknown := {p.sku for p in pieces} - known.keys():
        yield f"{', '.join(sorted(unknown))} was not asked for"
        return
    if not pieces:
        yield "it is empty"
    grams = box.grams + sum(known[p.sku].grams for p in pieces)
    if grams != filled.grams:
        yield f"it weighs {grams} g, the plan says {filled.grams} g"
    if grams > box.most_grams:
        yield f"it weighs {grams} g and carries {box.most_grams} g"
    for n, piece in enumerate(pieces):
        yield from _piece(piece, known[piece.sku], box, pieces[:n])
    for a, b in combinations(pieces, 2):
        yield from _pair(a, b, known)
    for piece in pieces:
        yield from _borne(piece, pieces, known)
    for one, other in combinations(sorted({p.sku for p in pieces}), 2):
        if not may_share(known[one], known[other]):
            yield f"{one} and {other} may not be in one box"


def _own(filled: Filled, known: dict[str, Goods]) -> Iterator[str]:
    if len(filled.pieces) != 1:
        yield f"{len(filled.pieces)} pieces are in one that is a piece's own carton"
        return
    (piece,) = filled.pieces
    goods = known.get(piece.sku)
    if goods is None or not goods.alone:
        yield f"{piece.sku} has no carton of its own"
    elif filled.box != own_carton(goods) or piece[1:] != (0, 0, 0, *goods.size) or filled.grams != goods.grams:
        yield f"the own carton of {piece.sku} measures {goods.size} and weighs {goods.grams} g"


def _borne(piece: Piece, pieces: Sequence[Piece], known: dict[str, Goods]) -> Iterator[str]:
    bears = known[piece.sku].bears
    if bears is None:
        return
    above = sum(known[p.sku].grams for p in pieces if p.z >= piece.z + piece.height and _shared(piece, p))
    if above > bears:
        yield f"{above} g stand above {piece.sku}, which bears {bears} g"


def _piece(piece: Piece, goods: Goods, box: Box, before: Sequence[Piece]) -> Iterator[str]:
    extent = (piece.length, piece.width, piece.height)
    upright = {goods.size[side] for side in goods.upright}
    if sorted(extent) != sorted(goods.size):
        yield f"{piece.sku} measures {goods.size}, not {extent}"
    elif piece.height not in upright:
        yield f"{piece.sku} stands {piece.height} mm high, which is not a way up that it allows"
    if goods.alone:
        yield f"{piece.sku} goes in its own carton"
    corner, pad = (piece.x, piece.y, piece.z), box.padding
    if any(at < pad or at + long > side - pad for at, long, side in zip(corner, extent, box.size, strict=True)):
        yield f"{piece.sku} at {corner} sticks out of the box"
    if piece.z > pad:
        # Tops at one height do not overlap, or the pieces would: their shares of the base add up.
        held = sum(_shared(piece, under) for under in before if under.z + under.height == piece.z)
        if held < piece.length * piece.width:
            yield f"{piece.sku} at {corner} has {held} of {piece.length * piece.width} mm² to stand on"


def _pair(a: Piece, b: Piece, known: dict[str, Goods]) -> Iterator[str]:
    if not _shared(a, b):
        return
    if a.z < b.z + b.height and b.z < a.z + a.height:
        yield f"{a.sku} and {b.sku} are in the same place"
        return
    lower, upper = (a, b) if a.z < b.z else (b, a)
    if known[lower.sku].fragile:
        yield f"{upper.sku} stands above {lower.sku}, which is fragile"


def _shared(a: Piece, b: Piece) -> int:
    """Square millimetres that two pieces share, seen from above."""
    along_x = min(a.x + a.length, b.x + b.length) - max(a.x, b.x)
    along_y = min(a.y + a.width, b.y + b.width) - max(a.y, b.y)
    return along_x * along_y if along_x > 0 and along_y > 0 else 0
