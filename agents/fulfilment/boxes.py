"""The boxes of a node: created or brought to what is said of them."""

from __future__ import annotations

from sqlalchemy import text

from agents.fulfilment.messages import PackingBoxState, PutBox
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_code, check_words
from db.errors import NotFound
from db.money import LARGEST, minor_digits
from db.packing import PackingBox
from db.session import Transaction, check_version

FIELDS = (
    "name", "length_mm", "width_mm", "height_mm", "wall_mm", "padding_mm", "tare_grams", "max_grams", "cost_amount",
    "cost_currency", "active",
)  # fmt: skip
LONGEST_SIDE = 5_000  # mm; what is larger is no box that is lifted
HEAVIEST = 1_000_000  # grams

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('box:' || :node || '/' || :code, 0))")


def put_box(tx: Transaction, ask: PutBox) -> PackingBoxState:
    """Raises NotFound, VersionConflict, BadField."""
    _check(ask)
    tx.execute(_ONE_AT_A_TIME, {"node": ask.node, "code": ask.code})
    need_node(tx, ask.node)
    box = tx.get(PackingBox, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    created = box is None
    values = {name: getattr(ask, name) for name in FIELDS}
    if box is None:
        if ask.version is not None:
            raise NotFound("box", f"{ask.node}/{ask.code}")
        box = PackingBox(node=ask.node, code=ask.code, version=1, created_at=tx.now, updated_at=tx.now, **values)
        tx.add(box)
    else:
        check_version(box, ask.version, kind="box", id=f"{ask.node}/{ask.code}")
        changed = {name: value for name, value in values.items() if getattr(box, name) != value}
        for name, value in changed.items():
            setattr(box, name, value)
        if changed:
            box.updated_at = tx.now
    tx.flush()
    return PackingBoxState(
        node=box.node, code=box.code, version=box.version, created=created, **{n: getattr(box, n) for n in FIELDS}
    )


def _check(ask: PutBox) -> None:
    check_code("box", ask.code)
    check_words("name", ask.name, needed=False)
    for side in ("length_mm", "width_mm", "height_mm"):
        if not 0 < getattr(ask, side) <= LONGEST_SIDE:
            raise BadField(side, getattr(ask, side), f"it is between 1 and {LONGEST_SIDE}")
    if not 0 <= ask.wall_mm <= LONGEST_SIDE:
        raise BadField("wall_mm", ask.wall_mm, f"it is between 0 and {LONGEST_SIDE}")
    if not 0 <= 2 * ask.padding_mm < min(ask.length_mm, ask.width_mm, ask.height_mm):
        raise BadField("padding_mm", ask.padding_mm, "it leaves room between two sides, and is 0 or more")
    if not 0 <= ask.tare_grams <= HEAVIEST:
        raise BadField("tare_grams", ask.tare_grams, f"it is between 0 and {HEAVIEST}")
    if not ask.tare_grams < ask.max_grams <= HEAVIEST:
        raise BadField("max_grams", ask.max_grams, f"it is more than the box itself weighs and {HEAVIEST} at most")
    minor_digits(ask.cost_currency)
    if not 0 <= ask.cost_amount <= LARGEST:
        raise BadField("cost_amount", ask.cost_amount, f"it is between 0 and {LARGEST}")
