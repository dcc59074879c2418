"""Looks at what a booking names: nodes, SKUs, lots and bins must exist and fit. Raises the refusal if not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agents.stock.rules import BadField, BinClosed, BinFull, KitHasNoStock, NoBinOfType, SerialInStock, check_lot
from db.catalog import Tracking, Variant, components_of, variants_by_sku
from db.errors import NotFound
from db.nodes import Bin, BinType, Node, bins_of, first_bin
from db.session import Transaction
from db.stock import lots_in_stock, units_in


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
) -> None:
    """(sku, lot, units) as each SKU is tracked. A serial number that arrives must not lie here already."""
    serials: set[tuple[str, str]] = set()
    for sku, lot, quantity in lots:
        check_lot(sku, variants[sku].tracking, lot, quantity)
        if variants[sku].tracking == Tracking.serial:
            if (sku, lot) in serials:
                raise BadField(f"lot of {sku}", lot, "a serial number can be named once only")
            serials.add((sku, lot))
    if arriving and serials:
        for (sku, lot), (node, bin) in lots_in_stock(tx, serials).items():
            raise SerialInStock(sku, lot, node, bin)


def lock_targets(tx: Transaction, node: str, adding: Mapping[str, int]) -> dict[str, Bin]:
    """Lock the bins that units go into and see that they are open and have room. Lock levels before.

    `adding` is the net change in units by bin.
    """
    bins = bins_of(tx, node, adding, lock=True)
    for code in sorted(adding):
        if code not in bins:
            raise NotFound("bin", f"{node}/{code}")
        if not bins[code].active:
            raise BinClosed(node, code)
    limited = {c: b.capacity_units for c, b in bins.items() if b.capacity_units is not None}
    inside = units_in(tx, node, limited) if limited else {}
    for code, capacity in sorted(limited.items()):
        if adding[code] > 0 and inside.get(code, 0) + adding[code] > capacity:
            raise BinFull(node, code, capacity, inside.get(code, 0), adding[code])
    return bins
