"""Looks at what a booking names: nodes, SKUs, lots and bins must exist and fit. Raises the refusal if not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from agents.stock.rules import (
    BadField,
    BinBlocked,
    BinClosed,
    BinFull,
    KitHasNoStock,
    LotHasOtherExpiry,
    NoBinOfType,
    SerialInStock,
    check_lot,
    is_limited,
    too_much,
)
from db.catalog import Tracking, Variant, components_of, variants_by_sku
from db.errors import NotFound
from db.lots import Lot, lock_lots
from db.nodes import Bin, BinType, Node, bins_of, first_bin
from db.session import Transaction
from db.stock import Load, loads_in, lots_in_stock

Goods = tuple[str, str]
"""(bin, SKU)"""


def need_node(tx: Transaction, code: str) -> Node:
    node = tx.get(Node, code)
    if node is None:
        raise NotFound("node", code)
    return node


def need_skus(tx: Transaction, skus: Iterable[str]) -> dict[str, Variant]:
    """The variants; an unknown SKU or a kit is refused."""
    wanted = sorted(set(skus))
    known = variants_by_sku(tx, wanted)
    for sku in wanted:
        if sku not in known:
            raise NotFound("SKU", sku)
    for kit in components_of(tx, wanted):
        raise KitHasNoStock(kit)
    return known


def need_bins(tx: Transaction, node: str, codes: Iterable[str]) -> dict[str, Bin]:
    wanted = sorted(set(codes))
    known = bins_of(tx, node, wanted)
    for code in wanted:
        if code not in known:
            raise NotFound("bin", f"{node}/{code}")
    return known


def need_bin_of(tx: Transaction, node: str, kind: BinType) -> str:
    code = first_bin(tx, node, kind)
    if code is None:
        raise NoBinOfType(node, kind.value)
    return code


def check_lots(
    tx: Transaction, variants: Mapping[str, Variant], lots: Iterable[tuple[str, str, int]], *, arriving: bool
) -> dict[tuple[str, str], Lot]:
    """(sku, lot, units) as each SKU is tracked. A serial number that arrives must not lie here already.

    Returns the lots that arrive, locked: lock levels before.
    """
    named: set[tuple[str, str]] = set()
    serials: set[tuple[str, str]] = set()
    for sku, lot, quantity in lots:
        check_lot(sku, variants[sku].tracking, lot, quantity)
        if variants[sku].tracking == Tracking.serial:
            if (sku, lot) in serials:
                raise BadField(f"lot of {sku}", lot, "a serial number can be named once only")
            serials.add((sku, lot))
        if lot:
            named.add((sku, lot))
    if not arriving:
        return {}
    known = lock_lots(tx, named)
    if serials:
        for (sku, lot), (node, bin) in lots_in_stock(tx, serials).items():
            raise SerialInStock(sku, lot, node, bin)
    return known


def keep_expiry(tx: Transaction, lot: Lot, said: date | None) -> None:
    """The first date that is said of a lot stays. Raises LotHasOtherExpiry when another one is."""
    if said is None or said == lot.expires_on:
        return
    if lot.expires_on is not None:
        raise LotHasOtherExpiry(lot.sku, lot.code, lot.expires_on.isoformat(), said.isoformat())
    lot.expires_on, lot.stated_at, lot.updated_at = said, tx.now, tx.now


def lock_targets(tx: Transaction, node: str, adding: Mapping[Goods, int]) -> dict[str, Bin]:
    """Lock the bins that units go into and see that they are open and have room. Lock levels before.

    `adding` is the net change in units by bin and SKU.

    Raises NotFound, BinClosed, BinBlocked, BinFull.
    """
    bins, against = weigh_targets(tx, node, adding)
    for refusal in against:
        raise refusal
    return bins


def weigh_targets(
    tx: Transaction, node: str, adding: Mapping[Goods, int]
) -> tuple[dict[str, Bin], list[BinBlocked | BinFull]]:
    """As `lock_targets`, for who may go beyond a bin's limits and keeps a record of it: says what speaks against it.

    Raises NotFound, BinClosed.
    """
    codes = {bin for bin, _ in adding}
    bins = bins_of(tx, node, codes, lock=True)
    for code in sorted(codes):
        if code not in bins:
            raise NotFound("bin", f"{node}/{code}")
        if not bins[code].active:
            raise BinClosed(node, code)
    limited = {code: b for code, b in bins.items() if is_limited(b)}
    inside = loads_in(tx, node, limited) if limited else {}
    variants = variants_by_sku(tx, (sku for bin, sku in adding if bin in limited)) if limited else {}
    against: list[BinBlocked | BinFull] = []
    for code, bin in sorted(limited.items()):
        more = Load()
        for sku, units in ((sku, units) for (b, sku), units in adding.items() if b == code):
            more = more.plus(Load.of(variants[sku], units))
        against += too_much(bin, inside.get(code, Load()), more)
    return bins, against
