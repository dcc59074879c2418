"""The orders of the demo shop: sixty live ones, each with a fate, and a few months of the past."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cli.demo_goods import BACKORDERED, BUYERS, KIT, LOTS, ONLY_AT, SOLD_OUT, TAX_PPM, Buyer, Good, goods

TAG = "demo"
SEED = 20261


class Fate(StrEnum):
    """How far an order has come once the shop is loaded."""

    delivered = "delivered"
    shipped = "shipped"
    packed = "packed"
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
    Fate.delivered: 14,
    Fate.shipped: 8,
    Fate.packed: 3,
    Fate.picking: 3,
    Fate.ready: 12,
    Fate.held: 3,
    Fate.declined: 2,
    Fate.timeout: 2,
    Fate.backordered: 4,
    Fate.from_two: 2,
    Fate.partly_shipped: 2,
    Fate.cancelled: 3,
    Fate.partly_cancelled: 1,
    Fate.draft: 1,
}
TOKENS = {Fate.declined: "tok_declined", Fate.timeout: "tok_timeout"}
HOLDS = (
    ("manual", "asked to wait until the end of the week"),
    ("fraud", "delivery and card are in different countries"),
    ("address", "the house number is missing"),
)
CHANNELS = ("web",) * 7 + ("marketplace",) * 2 + ("store",)


@dataclass(frozen=True)
class Planned:
    reference: str
    fate: Fate
    body: dict[str, Any]  # of POST /orders


def planned_orders() -> list[Planned]:
    """The same sixty every time, in the order in which they are placed."""
    rng = random.Random(SEED)  # noqa: S311 - a believable shop, no secret
    fates = [fate for fate, count in HOW_MANY.items() for _ in range(count)]
    rng.shuffle(fates)
    return [
        Planned(f"DEMO-{n:03d}", fate, an_order(rng, f"DEMO-{n:03d}", fate=fate)) for n, fate in enumerate(fates, 1)
    ]


def an_order(rng: random.Random, reference: str, *, fate: Fate = Fate.ready) -> dict[str, Any]:
    """A body of `POST /orders` with prices of the catalogue."""
    buyer = rng.choice(BUYERS)
    body: dict[str, Any] = {
        "channel": rng.choice(CHANNELS),
        "currency": buyer.currency,
        "external_ref": reference,
        "email": buyer.email,
        "shipping_address": buyer.address,
        "lines": _lines(rng, fate),
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


def _lines(rng: random.Random, fate: Fate) -> list[dict[str, Any]]:
    if fate in (Fate.from_two, Fate.partly_shipped):
        return [{"sku": sku, "quantity": 1} for sku in ("KETTLE", "VASE-TALL")]
    chosen = [g.sku for g in rng.sample(everyday_goods(), k=rng.choice((1, 1, 2, 2, 3, 4)))]
    lines = [{"sku": sku, "quantity": rng.choice((1, 1, 1, 2, 3))} for sku in chosen]
    if fate is Fate.partly_cancelled:
        lines[0]["quantity"] = 3
    if fate is Fate.backordered:
        lines.append({"sku": BACKORDERED, "quantity": 2})
    elif rng.random() < 0.12:
        lines.append({"sku": KIT, "quantity": 1})
    return lines


def everyday_goods() -> list[Good]:
    special = {*ONLY_AT, SOLD_OUT, KIT}
    return [g for g in goods() if g.sku not in special]


def opening_stock() -> Iterator[tuple[str, dict[str, Any]]]:
    """(node, line of a receipt): more in London than elsewhere, nothing of what is sold out."""
    rng = random.Random(SEED)  # noqa: S311 - see above
    for place, good in enumerate(goods()):
        amounts = {"LON": rng.randint(30, 90), "RTM": rng.randint(15, 60), "BER": rng.randint(10, 40)}
        if good.sku == SOLD_OUT:
            continue
        for node, units in amounts.items():
            if ONLY_AT.get(good.sku, node) != node:
                continue
            bin = f"B-{place % 4 + 1:02d}" if _is_large(good) else f"A-{place % 8 + 1:02d}"
            if good.sku == BACKORDERED:
                yield node, {"sku": good.sku, "quantity": 3, "bin": bin}
            elif good.sku in LOTS:
                for lot in LOTS[good.sku]:
                    yield node, {"sku": good.sku, "quantity": units // 2, "bin": bin, "lot": lot}
            else:
                yield node, {"sku": good.sku, "quantity": units, "bin": bin}
                if node == "LON" and place % 9 == 0:
                    yield node, {"sku": good.sku, "quantity": 60, "bin": f"R-{place % 2 + 1:02d}"}


def _is_large(good: Good) -> bool:
    return any(word in good.category for word in ("Textiles", "Light", "Floor", "Garden", "Storage"))


def past_orders(now: datetime, *, count: int = 240, days: int = 90) -> list[dict[str, Any]]:
    """Bodies of history for `POST /orders/import`: more at weekends and towards today."""
    rng = random.Random(SEED + 1)  # noqa: S311 - see above
    prices = {g.sku: g.prices for g in goods()}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for n in range(1, count + 1):
        back = int(days * rng.random() ** 1.3) + 1
        at = midnight - timedelta(days=back, seconds=rng.randint(7 * 3600, 22 * 3600) - 86_400)
        if at.weekday() < 5 and rng.random() < 0.2:
            at += timedelta(days=5 - at.weekday())
        at = min(at, midnight - timedelta(hours=1))
        buyer: Buyer = rng.choice(BUYERS)
        lines = _lines(rng, Fate.delivered)
        found.append(
            {
                "channel": rng.choice(CHANNELS),
                "currency": buyer.currency,
                "placed_at": at.isoformat(),
                "external_ref": f"DEMO-PAST-{n:03d}",
                "email": buyer.email,
                "shipping_address": buyer.address,
                "status": "cancelled" if rng.random() < 0.04 else "delivered",
                "lines": [
                    {
                        "sku": line["sku"],
                        "quantity": line["quantity"],
                        "unit_amount": prices[line["sku"]][buyer.currency],
                        "tax_rate_ppm": TAX_PPM,
                    }
                    for line in lines
                    if line["sku"] in prices
                ],
                "shipping": 490,
                "shipping_tax_ppm": TAX_PPM,
                "tags": [TAG],
            }
        )
    return found
