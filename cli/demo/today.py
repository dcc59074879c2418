"""Today at the demo shop: orders of the last minutes, one in every state that an order can be in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from cli.demo.books import TAG
from cli.demo.catalogue import BACKORDERED, KIT_PARTS, LOTS, SEED, SPLIT, TAX_PPM, Good, goods, kits
from cli.demo.people import BUYERS
from cli.demo.places import SITES, face_of


class Fate(StrEnum):
    """How far an order has come once the shop is loaded."""

    shipped = "shipped"
    packed = "packed"
    picked = "picked"  # stands at the packing table
    picking = "picking"  # somebody is on the way
    ready = "ready"  # released, waits for a picker
    held = "held"
    declined = "declined"
    timeout = "timeout"  # the provider did not answer: settled when it is asked again
    backordered = "backordered"
    from_two = "from_two"  # nodes
    partly_shipped = "partly_shipped"  # from two nodes, one of which is done
    cancelled = "cancelled"
    partly_cancelled = "partly_cancelled"
    draft = "draft"


HOW_MANY = {
    Fate.shipped: 4,
    Fate.packed: 3,
    Fate.picked: 2,
    Fate.picking: 3,
    Fate.ready: 6,
    Fate.held: 3,
    Fate.declined: 2,
    Fate.timeout: 2,
    Fate.backordered: 3,
    Fate.from_two: 2,
    Fate.partly_shipped: 1,
    Fate.cancelled: 2,
    Fate.partly_cancelled: 1,
    Fate.draft: 2,
}
TOKENS = {Fate.declined: "tok_declined", Fate.timeout: "tok_timeout"}
HOLDS = (
    ("manual", "asked to wait until the end of the week"),
    ("fraud", "delivery and card are in different countries"),
    ("address", "the house number is missing"),
)
CHANNELS = ("web",) * 7 + ("marketplace",) * 2 + ("store",)
ON_THE_TRUCK = 48  # units of each everyday SKU that came in this morning
FAVOURITES = 14  # everyday SKUs of each node


@dataclass(frozen=True)
class Planned:
    reference: str
    fate: Fate
    body: dict[str, Any]  # of POST /orders


def planned_orders(families: int | None = None) -> list[Planned]:
    """The same ones every time, in the order in which they are placed."""
    rng = random.Random(SEED)  # noqa: S311 - a believable shop, no secret
    fates = [fate for fate, count in HOW_MANY.items() for _ in range(count)]
    rng.shuffle(fates)
    names = [f"DEMO-TODAY-{n:02d}" for n in range(1, len(fates) + 1)]
    return [
        Planned(name, fate, an_order(rng, name, fate=fate, families=families))
        for name, fate in zip(names, fates, strict=True)
    ]


def an_order(
    rng: random.Random, reference: str, *, fate: Fate = Fate.ready, families: int | None = None
) -> dict[str, Any]:
    """A body of `POST /orders` with prices of the catalogue."""
    buyer = rng.choice(BUYERS)
    body: dict[str, Any] = {
        "channel": rng.choice(CHANNELS),
        "currency": buyer.currency,
        "external_ref": reference,
        "email": buyer.email,
        "shipping_address": buyer.address,
        "lines": _lines(rng, fate, families),
        "shipping": 490,
        "shipping_tax_ppm": TAX_PPM,
        "tags": [TAG],
    }
    if rng.random() < 0.1:
        body["order_discount"] = 250
    if fate is Fate.draft:
        body["draft"] = True
    elif body["channel"] == "marketplace" and fate not in TOKENS:
        body["payment"] = {"provider": "external", "reference": f"payout {reference}"}
    else:
        body["payment"] = {"provider": "test", "token": TOKENS.get(fate, "tok_ok")}
    return body


def _lines(rng: random.Random, fate: Fate, families: int | None) -> list[dict[str, Any]]:
    if fate in (Fate.from_two, Fate.partly_shipped):
        return [{"sku": sku, "quantity": 1} for sku in SPLIT]
    shelf = favourites(families)[rng.choice(("LON", "LON", "LON", "RTM", "RTM", "TLL"))]
    chosen = rng.sample(shelf, k=min(len(shelf), rng.choice((1, 1, 2, 2, 3, 4))))
    lines = [{"sku": good.sku, "quantity": rng.choice((1, 1, 1, 2, 3))} for good in chosen]
    if fate is Fate.partly_cancelled:
        lines[0]["quantity"] = 3
    if fate is Fate.backordered:
        lines.append({"sku": BACKORDERED, "quantity": 2})
    elif rng.random() < 0.12:
        kit = kits(families)[0]
        lines = [line for line in lines if line["sku"] not in KIT_PARTS[kit]] + [{"sku": kit, "quantity": 1}]
    return lines


@cache
def favourites(families: int | None = None) -> dict[str, list[Good]]:
    """What is bought most of what each node is the first to be asked for, with what is new there."""
    found: dict[str, list[Good]] = {site.code: [] for site in SITES}
    for good in sorted(goods(families), key=lambda g: (-g.weight, g.sku)):
        shelf = found[good.nodes[0]]
        if len(shelf) < FAVOURITES and good.sku not in (*SPLIT, BACKORDERED):
            shelf.append(good)
    return {node: shelf or found["LON"] for node, shelf in found.items()}


def morning_truck(families: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """(node, line of a receipt): what came in this morning, so that today's orders find it."""
    places = {g.sku: (n, g) for n, g in enumerate(goods(families))}
    wanted: dict[tuple[str, str], int] = {}
    for shelf in favourites(families).values():
        wanted |= {(good.nodes[0], good.sku): ON_THE_TRUCK for good in shelf}
    for part in KIT_PARTS[kits(families)[0]]:
        wanted[("LON", part)] = ON_THE_TRUCK
    wanted |= {("LON", SPLIT[0]): 12, ("TLL", SPLIT[1]): 12, ("RTM", BACKORDERED): 3}
    wanted |= {(node, sku): ON_THE_TRUCK for sku in LOTS for node in places[sku][1].nodes}
    for (node, sku), units in sorted(wanted.items()):
        place, good = places[sku]
        lots = LOTS.get(sku, ("",))
        for lot in lots:
            yield node, {"sku": sku, "quantity": units // len(lots), "bin": face_of(good, place), "lot": lot}
