"""Steps of those who keep the stock, and of checkouts."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from agents.inventory.messages import (
    AdjustStock,
    CancelTransfer,
    CountedLine,
    CountState,
    CreateTransfer,
    HeldLine,
    HoldStock,
    HoldView,
    OpenCount,
    PostCount,
    ReceivedLine,
    ReceiveStock,
    ReceiveTransfer,
    ReleaseHold,
    SendTransfer,
    StockState,
    TransferLineAsk,
    TransferState,
)
from tests.stateful.base import SideBySide, nth
from tests.stateful.company import LIMITS, NODES, PRICES
from tests.stateful.model import Hold, must

skus = st.sampled_from(sorted(LIMITS))
nodes = st.sampled_from(NODES)
some_units = st.dictionaries(skus, st.integers(1, 4), min_size=1, max_size=2)


@dataclass
class Transfer:
    id: UUID
    node: str
    to: str
    awaited: dict[str, int]
    status: str = "draft"


class Storing(SideBySide):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.transfers: list[Transfer] = []
        self.counts: list[tuple[UUID, str]] = []
        self.counting: dict[str, UUID] = {}  # node: the count that is open
        self.carts: set[str] = set()

    @rule(node=nodes, units=some_units)
    def receive(self, node: str, units: dict[str, int]) -> None:
        self.step()
        lines = [ReceivedLine(sku=sku, quantity=quantity) for sku, quantity in units.items()]
        self.ask("inventory", ReceiveStock(node=node, lines=lines, reference="van"), StockState, expect={""})
        for sku, quantity in units.items():
            self.model.change((sku, node), quantity, now=self.shop.now)

    @rule(sku=skus, node=nodes, units=st.integers(-4, 3).filter(bool))
    def adjust(self, sku: str, node: str, units: int) -> None:
        self.step()
        expect = "" if units + self.model.in_pick_face((sku, node)) >= 0 else "not_in_bin"
        ask = AdjustStock(node=node, sku=sku, quantity=units, reason="broken")
        if self.ask("inventory", ask, StockState, expect={expect}):
            self.model.change((sku, node), units, now=self.shop.now)

    @precondition(lambda self: len(self.counting) < 2 and len(self.counts) < 4)
    @rule(node=nodes)
    def open_count(self, node: str) -> None:
        self.step()
        expect = "count_is_open" if node in self.counting else ""
        if state := self.ask("inventory", OpenCount(node=node, bin="PICK"), CountState, expect={expect}):
            self.counting[node] = state.id
            self.counts.append((state.id, node))

    @precondition(lambda self: self.counts)
    @rule(n=nth, seen=st.fixed_dictionaries({sku: st.integers(-2, 1) for sku in sorted(LIMITS)}))
    def post_count(self, n: int, seen: dict[str, int]) -> None:
        self.step()
        count_id, node = self.counts[n % len(self.counts)]
        now = {sku: self.model.in_pick_face((sku, node)) for sku in seen}
        counted = {sku: max(0, now[sku] + difference) for sku, difference in seen.items()}
        lines = [CountedLine(sku=sku, counted=units) for sku, units in counted.items()]
        expect = "" if self.counting.get(node) == count_id else "illegal_move"
        if self.ask("inventory", PostCount(count_id=count_id, lines=lines), CountState, expect={expect}):
            del self.counting[node]
            for sku, units in counted.items():
                if units != now[sku]:
                    self.model.change((sku, node), units - now[sku], now=self.shop.now)

    # Checkouts

    @rule(cart=nth, lines=st.dictionaries(st.sampled_from(sorted(PRICES)), st.integers(1, 4), min_size=1, max_size=2))
    def keep_for_checkout(self, cart: int, lines: dict[str, int]) -> None:
        self.step()
        reference, now = f"cart-{cart % 4}", self.shop.now
        until = now + timedelta(seconds=90)
        ask = HoldStock(reference=reference, lines=[HeldLine(sku=s, quantity=q) for s, q in lines.items()], seconds=90)
        units = self.model.explode(lines.items())
        mine = self.model.holds.get(reference)
        if mine and _by_sku(mine.units) == units and mine.expires_at > now:
            self.ask("inventory", ask, HoldView, expect={""})
            mine.expires_at = max(mine.expires_at, until)
            return
        then = copy.deepcopy(self.model)
        expect = "" if then.hold(reference, units, now=now) else "out_of_stock"
        if view := self.ask("inventory", ask, HoldView, expect={expect}):
            kept = Counter({(line["sku"], line["node"]): line["quantity"] for line in view.lines})
            must(_by_sku(kept) == units, f"{kept} are held instead of {units}")
            must(all(then.free(p) >= q for p, q in kept.items()), f"{kept} are held, and not free")
            then.holds[reference] = Hold(kept, until, self.steps)
            then.serve({*kept, *(mine.units if mine else ())})
            self.model = then
            self.carts.add(reference)

    @precondition(lambda self: self.carts)
    @rule(cart=nth)
    def leave_checkout(self, cart: int) -> None:
        self.step()
        reference = f"cart-{cart % 4}"
        expect = "" if reference in self.carts else "not_found"
        self.ask("inventory", ReleaseHold(reference=reference), HoldView, expect={expect})
        if hold := self.model.holds.pop(reference, None):
            self.model.serve(hold.units)

    # Transfers

    @rule(node=nodes, units=some_units, at_once=st.booleans())
    def plan_transfer(self, node: str, units: dict[str, int], at_once: bool) -> None:
        self.step()
        to = next(n for n in NODES if n != node)
        lines = [TransferLineAsk(sku=sku, quantity=quantity) for sku, quantity in units.items()]
        state = self.ask(
            "inventory", CreateTransfer(from_node=node, to_node=to, lines=lines), TransferState, expect={""}
        )
        assert state is not None
        self.transfers.append(Transfer(state.id, node, to, dict(units)))
        if at_once:
            self._send(self.transfers[-1])

    @precondition(lambda self: self.transfers)
    @rule(n=nth)
    def send_transfer(self, n: int) -> None:
        self.step()
        self._send(self.transfers[n % len(self.transfers)])

    def _send(self, transfer: Transfer) -> None:
        then = copy.deepcopy(self.model)
        expect = "" if then.leave(transfer.node, Counter(transfer.awaited), now=self.shop.now) else "out_of_stock"
        if transfer.status != "draft":
            expect = "illegal_move"
        if self.ask("inventory", SendTransfer(transfer_id=transfer.id), TransferState, expect={expect}):
            self.model = then
            transfer.status = "in_transit"
            self.model.serve((sku, transfer.to) for sku in transfer.awaited)
            for sku, units in transfer.awaited.items():
                self.model.transit[(sku, transfer.to)] += units

    @precondition(lambda self: self.transfers)
    @rule(n=nth, complete=st.booleans(), missing=st.integers(-1, 2))
    def receive_transfer(self, n: int, complete: bool, missing: int) -> None:
        self.step()
        self._receive(self.transfers[n % len(self.transfers)], complete, missing)

    def _receive(self, transfer: Transfer, complete: bool, missing: int) -> None:
        came = {sku: max(0, units - missing) for sku, units in transfer.awaited.items()}
        expect = {"more_than_sent"} if missing < 0 else {""}
        if transfer.status != "in_transit":
            expect = {"more_than_sent", "illegal_move"}
        lines = [TransferLineAsk(sku=sku, quantity=units) for sku, units in came.items()]
        ask = ReceiveTransfer(transfer_id=transfer.id, lines=lines, complete=complete)
        state = self.ask("inventory", ask, TransferState, expect=expect)
        if state is None:
            return
        for sku, units in came.items():
            place, lost = (sku, transfer.to), transfer.awaited[sku] - units if complete else 0
            self.model.transit[place] -= units + lost
            self.model.on_hand[place] += units
            self.model.lost[sku] += lost
            transfer.awaited[sku] -= units + lost
            if units or lost:
                self.model.serve([place])
        transfer.status = "in_transit" if any(transfer.awaited.values()) and not complete else "received"
        must(state.status == transfer.status, f"{state} is not {transfer.status}")

    @precondition(lambda self: self.transfers)
    @rule(n=nth)
    def cancel_transfer(self, n: int) -> None:
        self.step()
        transfer = self.transfers[n % len(self.transfers)]
        expect = "" if transfer.status == "draft" else "illegal_move"
        if self.ask("inventory", CancelTransfer(transfer_id=transfer.id), TransferState, expect={expect}):
            transfer.status = "cancelled"


def _by_sku(units: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (sku, _), quantity in units.items():
        found[sku] += quantity
    return +found
