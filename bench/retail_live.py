"""The live month: orders and cancellations as fast as the company takes them, and a warehouse that ships a share."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zlib import crc32

from bench import floor
from bench.client import Client, Refused, at_once, drained
from bench.cpu import cpu_seconds
from bench.retail_data import CURRENCY, Credit, Invoice, Line, Take


class End(StrEnum):
    """What became of the part of a credit note that is about orders of the month."""

    cancelled = "cancelled in the order it is about"
    gone = "had left the house already: a return"


@dataclass
class Live:
    """`ids` of orders by invoice; `seconds` of each placement; `left` is what a credit note could not cancel."""

    client: Client
    connections: int
    supervisor: int  # process id
    ids: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    placing_took: float = 0.0
    placing_cpu: float = 0.0  # of the whole company, until every message of the block was delivered
    cancelling: list[float] = field(default_factory=list)
    ends: Counter[tuple[End, str]] = field(default_factory=Counter)  # rows, units and pence of each end
    left: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    cancelled: Counter[str] = field(default_factory=Counter)  # units by invoice
    picks: int = 0
    shipped: int = 0

    async def replay(
        self, invoices: Sequence[Invoice], credits: Sequence[Credit], by_number: dict[str, Invoice]
    ) -> None:
        """Orders and credit notes in the order of time; a cancellation waits for the answer to its order."""
        loop = asyncio.get_running_loop()
        for invoice in invoices:
            self.ids[invoice.number] = loop.create_future()
        events: list[Invoice | Credit] = [*invoices, *credits]
        events.sort(key=lambda e: (e.note.at, 1) if isinstance(e, Credit) else (e.at, 0))
        begun, cpu = time.monotonic(), cpu_seconds(self.supervisor)

        async def one(event: Invoice | Credit) -> None:
            if isinstance(event, Credit):
                for number, takes in event.takes.items():
                    await self._cancel(event, by_number[number], takes)
            else:
                await self._place(event)

        await at_once(self.connections, one, events)
        self.placing_took += time.monotonic() - begun
        await drained(self.client, within=300)
        self.placing_cpu += cpu_seconds(self.supervisor) - cpu

    async def _place(self, invoice: Invoice) -> None:
        lines = [{"sku": n.sku, "quantity": n.quantity, "unit_amount": n.unit_amount} for n in invoice.lines]
        paid = any(n.unit_amount for n in invoice.lines)
        body = {
            "channel": "web",
            "currency": CURRENCY,
            "external_ref": invoice.number,
            "email": invoice.email,
            "shipping_address": {"name": f"Customer {invoice.customer or 'unknown'}", "country": invoice.country},
            "lines": lines,
            "payment": {"provider": "test", "token": "tok_ok"} if paid else None,
        }
        begun = time.monotonic()
        placed = await self.client.post("/orders", body, key=invoice.number)
        self.seconds.append(time.monotonic() - begun)
        self.ids[invoice.number].set_result(placed["id"])

    async def _cancel(self, credit: Credit, invoice: Invoice, takes: list[Take]) -> None:
        order = await self.ids[invoice.number]
        units: Counter[int] = Counter()
        for take in takes:
            units[take.line_no] += take.quantity
        wanted = [{"line_no": n, "quantity": q} for n, q in sorted(units.items())]
        body = {"reason": f"credit note {credit.note.number}", "lines": wanted}
        begun = time.monotonic()
        end = End.cancelled
        try:
            await self.client.post(f"/orders/{order}/cancel", body, key=f"{credit.note.number}:{invoice.number}")
            self.cancelled[invoice.number] += sum(units.values())
        except Refused as no:
            if no.code not in ("not_cancellable", "nothing_to_cancel"):
                raise
            end = End.gone
            for take in takes:
                self.left[credit.note.number].append(_taken(invoice, take))
        self.cancelling.append(time.monotonic() - begun)
        for take in takes:
            line = _taken(invoice, take)
            self.ends[end, "rows"] += 1
            self.ends[end, "units"] += line.quantity
            self.ends[end, "pence"] += line.quantity * line.unit_amount

    # The warehouse

    async def ship(self, invoices: Sequence[Invoice]) -> None:
        """Pick, pack, label, dispatch and deliver these orders, except what of them was cancelled."""
        sent = await floor.ready(self.client, [await self.ids[i.number] for i in invoices])
        self.picks += await floor.send(self.client, sent)
        await floor.deliver(self.client, sent)
        self.shipped += len(sent)


def _taken(invoice: Invoice, take: Take) -> Line:
    return replace(invoice.lines[take.line_no - 1], quantity=take.quantity)


def in_share(invoice: Invoice, share: float) -> bool:
    """Whether the warehouse ships this order: the same ones every time, `share` of all."""
    return crc32(invoice.number.encode()) % 1000 < share * 1000
