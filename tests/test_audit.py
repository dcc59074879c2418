"""The auditor finds nothing in a company that works, and every fault that is planted.

The company is built once by its own agents. A fault is planted inside a transaction that is rolled back,
with the guards of the database (triggers, constraints, indexes) out of the way where need be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from agents.bulk.messages import BulkRecord, StartBulk
from agents.catalog.messages import PutProduct, VariantAsk
from agents.contract import Asked, Command, encode, unwrap
from agents.fulfilment.messages import (
    CreatePickList,
    DispatchFulfilment,
    PackAsPlanned,
    Pick,
    PickListState,
    PutBox,
)
from agents.inbound.messages.docks import BookAppointment, PutDock, PutDockHours
from agents.inbound.messages.inspections import (
    DecideUnits,
    DisposeUnits,
    InspectionState,
    PutInspectionPlan,
    RecordSample,
    RemoveInspectionPlan,
    UnitAsk,
)
from agents.inbound.messages.notices import AnnounceDelivery, NoticeLineAsk, NoticeState, PackageAsk, PackedAsk
from agents.inbound.messages.putaways import PutAway, PutawayState, UndoPutaway
from agents.inbound.messages.receipts import GoodsAsk, ReceiveGoods
from agents.inventory.messages import (
    AdjustStock,
    CreateTransfer,
    HeldLine,
    HoldStock,
    MoveStock,
    OpenCount,
    PutBin,
    PutNode,
    ReceivedLine,
    ReceiveStock,
    ReceiveTransfer,
    SendTransfer,
    TransferLineAsk,
    TransferState,
)
from agents.orders.messages import (
    ActivateRuleSet,
    CancelOrder,
    HoldOrder,
    LineQuantity,
    OrderState,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
    PutRuleSet,
)
from agents.orders.messages.routing import RoutingRule, RuleSetState
from agents.parcels.messages import ActOnException
from agents.parcels.messages.claims import AcceptClaim, AddEvidence, BookClaimPayment, FileClaim
from agents.parcels.messages.invoices import BilledLine, EnterCarrierInvoice
from agents.payments.messages import RefundPayment
from agents.purchasing.messages.credits import (
    AcceptSupplierCredit,
    CreditedLineAsk,
    EnterSupplierCredit,
    SupplierCreditState,
)
from agents.purchasing.messages.invoices import (
    AcceptDifferences,
    EnterSupplierInvoice,
    InvoicedLineAsk,
    SupplierInvoiceState,
)
from agents.purchasing.messages.orders import (
    ApprovePurchase,
    ChargeAsk,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from agents.purchasing.messages.replenishment import AskForPlan, PutReplenishmentRule
from agents.purchasing.messages.suppliers import PutSupplier, PutSupplierItem
from agents.returns.messages import ApproveReturn, GradedAsk, ReceiveReturn, RequestReturn, ReturnLineAsk, ReturnState
from agents.returns.messages.policies import AddReturnPolicy, ReturnRuleAsk
from agents.shipping.messages import BuyLabel, PutRateCard, RateRow, RecordTracking
from agents.webhooks.messages import CreateWebhook
from db.audit import CHECKS, Result, run
from db.base import uuid7
from db.settings import Settings
from serve.keys import make_key
from serve.people import make_user
from serve.scopes import ensure_roles
from tests.audit_faults import FAULTS, Fault
from tests.conftest import FreshDatabase
from tests.shop import TESTER, Shop
from tests.webhooks.receiver import LOOPBACK, Receiver

AGENTS = (
    "catalog",
    "inventory",
    "orders",
    "fulfilment",
    "shipping",
    "payments",
    "bulk",
    "webhooks",
    "purchasing",
    "inbound",
    "promising",
    "returns",
    "parcels",
)


class Company(Shop):
    def tell(self, agent: str, command: Command, *, key: str | None = None) -> None:
        self.do(agent, command, msgspec.Struct, key=key)
        self.pump()
        assert self.dead() == []

    def order(self, *lines: tuple[str, int], paid: bool = True, **more: Any) -> OrderState:
        placed = self.do(
            "orders",
            PlaceOrder(
                channel="web",
                currency="EUR",
                lines=[PlacedLine(sku=sku, quantity=units) for sku, units in lines],
                shipping=490,
                shipping_tax_ppm=200_000,
                shipping_address={"name": "Ada Byron", "country": "DE"},
                payment=PaymentGiven(provider="test", token="tok_ok") if paid else None,
                **more,
            ),
            OrderState,
            key=f"order-{self.later(seconds=1):%H%M%S}",
        )
        self.pump()
        assert self.dead() == []
        return placed

    def route(self) -> None:
        """An order by rules, which London is first by and has enough for."""
        asked = PutRuleSet(name="Splits", rules=[RoutingRule(kind="fewest_splits")])
        rules = self.do("orders", asked, RuleSetState)
        self.tell("orders", ActivateRuleSet(rule_set_id=rules.id))
        self.order(("MUG", 2), paid=False)

    def told(self) -> None:
        """A webhook on this machine hears of orders."""
        self.receiver = Receiver()
        agent = self.agent("webhooks")
        agent.use(Settings(webhook_networks=LOOPBACK))  # type: ignore[attr-defined]
        with self.db.transaction(TESTER, now=self.now) as tx:
            key, _ = make_key(tx, "ERP", ["read_orders"])
        ask = CreateWebhook(name="ERP", url=self.receiver.url, events=["order.*"])
        asked = Asked("CreateWebhook", encode(ask), f"key:{key.id}", f"key:{key.id}")
        unwrap(self.ask_now("webhooks", asked))

    def stop_telling(self) -> None:
        postman = self.agent("webhooks").postman  # type: ignore[attr-defined]
        assert postman.send_due() > 0
        postman.close()
        self.receiver.close()

    def ids(self, sql: str, **params: Any) -> list[UUID]:
        with self.db.reading() as session:
            return list(session.scalars(text(sql), params))

    def buyer(self) -> None:
        """Somebody whose role has no limit."""
        with self.db.transaction(TESTER, now=self.now) as tx:
            ensure_roles(tx)
            made = make_user(tx, email="buyer@example.com", name="Buyer", role="admin", password_hash="")
        self.buys = f"user:{made.id}"

    def purchase(self, *lines: tuple[str, int], charge: int = 0) -> PurchaseState:
        """An order to HANSA for LON, approved and sent."""
        charges = [ChargeAsk(name="Freight", amount=charge)] if charge else []
        asked = [PurchaseLineAsk(sku=sku, quantity=units, discount_ppm=33_000) for sku, units in lines]
        ask = CreatePurchase(supplier="HANSA", node="LON", lines=asked, charges=charges)
        made = self.do("purchasing", ask, PurchaseState)
        approve = Asked("ApprovePurchase", encode(ApprovePurchase(purchase_id=made.id)), self.buys, self.buys)
        unwrap(self.ask_now("purchasing", approve))
        return self.do("purchasing", SendPurchase(purchase_id=made.id), PurchaseState)

    def came(self, purchase: PurchaseState, line_no: int, units: int, *, accept_over: str | None = None) -> None:
        # Plates are looked at first: those who wait for plates go on waiting.
        condition = "good" if purchase.lines[line_no - 1]["sku"] == "MUG" else "inspect"
        goods = [GoodsAsk(line_no=line_no, quantity=units, condition=condition)]
        ask = ReceiveGoods(purchase_id=purchase.id, scan=f"{line_no}/{units}", lines=goods, accept_over=accept_over)
        self.tell("inbound", ask)

    def tea_with_a_bowl(self) -> None:
        """A lot with its day of expiry, and one bowl that nobody ordered."""
        tea = GoodsAsk(line_no=1, quantity=3, lot="L1", expires_on=date(2090, 6, 30))
        bowl = GoodsAsk(sku="BOWL", quantity=1, condition="wrong", reason="a bowl in the box")
        order = self.purchase(("TEA", 3))
        self.tell("inbound", ReceiveGoods(purchase_id=order.id, scan="tea", lines=[tea, bowl]))

    def announced(self) -> None:
        """Eleven plates on a pallet, of which four have come."""
        order = self.purchase(("PLATE", 11))
        line = NoticeLineAsk(purchase_id=order.id, line_no=1, units=11)
        pallet = PackageAsk(sscc="340123450000000017", contents=[PackedAsk(line=1, units=11)])
        ask = AnnounceDelivery(supplier="HANSA", node="LON", reference="ASN-1", lines=[line], packages=[pallet])
        notice = self.do("inbound", ask, NoticeState)
        self.tell("inbound", PutDockHours(node="LON", hours=[[("00:00", "24:00")]] * 7))
        self.tell("inbound", PutDock(node="LON", code="D1", name="Ramp"))
        for hours, what in ((24, notice.id), (26, None)):
            at = self.now + timedelta(hours=hours)
            self.tell("inbound", BookAppointment(node="LON", dock="D1", starts_at=at, notice_id=what))
        came = [GoodsAsk(line_no=1, quantity=4, condition="inspect")]
        self.tell("inbound", ReceiveGoods(purchase_id=order.id, scan="asn", notice_id=notice.id, lines=came))

    def inspect(self) -> None:
        """A lot of bowls that is accepted by its sample, and one of which some are rejected, one of them scrapped."""
        self.tell("inbound", PutInspectionPlan(supplier="HANSA", sku="BOWL", aql="10", level="S-1"))
        self.came(self.purchase(("BOWL", 9)), 1, 9)
        self.came(self.purchase(("BOWL", 5)), 1, 5)
        looked_at, waiting = self.ids("SELECT id FROM inspections WHERE plan <> '' ORDER BY number")
        size = self.do("inbound", RecordSample(inspection_id=looked_at, units=[UnitAsk(unit=1, conforming=True)]),
                       InspectionState).sample_size or 0  # fmt: skip
        rest = [UnitAsk(unit=n, conforming=True) for n in range(2, size + 1)]
        self.tell("inbound", RecordSample(inspection_id=looked_at, units=rest))
        self.tell("inbound", DecideUnits(inspection_id=waiting, reject=3))
        self.tell("inbound", DisposeUnits(inspection_id=waiting, kind="scrap", quantity=1, reason="in pieces"))
        self.tell("inbound", RemoveInspectionPlan(supplier="HANSA", sku="BOWL"))

    def put_away(self) -> None:
        """Some mugs in a bin beyond its limit, some brought back from it, the rest still to be put away."""
        self.tell("inventory", PutBin(node="LON", code="R1", type="reserve", sequence=9, capacity_units=1))
        self.tell("inventory", PutBin(node="LON", code="R2", type="reserve", sequence=10))
        (task,) = self.ids("SELECT id FROM putaway_tasks WHERE sku = 'MUG' AND status = 'ready'")
        self.tell("inbound", PutAway(task_id=task, bin="R1", quantity=2, reason="one lies across"))
        done = self.do("inbound", PutAway(task_id=task, bin="R2", quantity=1, reason="nearer"), PutawayState)
        assert done.putaway_id is not None
        self.tell("inbound", UndoPutaway(putaway_id=done.putaway_id))

    def pick(self, order: OrderState, *, leave: str = "") -> list[UUID]:
        """Pick all fulfilments of an order, but for the SKU in `leave`."""
        found = self.ids("SELECT id FROM fulfilments WHERE order_id = :id", id=order.id)
        tasks = self.do("fulfilment", CreatePickList(node="LON", fulfilments=found), PickListState).tasks
        for task in tasks:
            if task["sku"] != leave:
                self.tell("fulfilment", Pick(task_id=UUID(task["id"]), quantity=task["quantity"]))
        return found

    def ship(self, order: OrderState) -> None:
        for fulfilment in self.pick(order):
            self.tell("fulfilment", PackAsPlanned(fulfilment_id=fulfilment))
            for parcel in self.ids("SELECT id FROM parcels WHERE fulfilment_id = :id", id=fulfilment):
                self.tell("shipping", BuyLabel(parcel_id=parcel))
            self.tell("fulfilment", DispatchFulfilment(fulfilment_id=fulfilment))


def an_action(order: OrderState) -> StartBulk:
    """Asked by nobody who holds anything: its row is refused."""
    records = [BulkRecord(id=order.id, label=order.number)]
    return StartBulk(
        id=uuid7(), noun="orders", action="tag", scope="write_orders", kind="TagOrder", body={"add": ["vip"]},
        selection={"ids": 1}, records=records,
    )  # fmt: skip


def buy(company: Company) -> None:
    """Purchase orders on their way, in parts, in full and too much, and given up."""
    company.buyer()
    company.tell("purchasing", PutSupplier(code="HANSA", name="Hansa", currency="EUR"))
    for sku, cost in (("MUG", 399), ("PLATE", 251), ("BOWL", 280), ("TEA", 150)):
        company.tell("purchasing", PutSupplierItem(supplier="HANSA", sku=sku, unit_cost=cost))
    company.purchase(("MUG", 12))
    part = company.purchase(("MUG", 7), ("PLATE", 3), charge=1200)
    company.came(part, 1, 5)
    company.came(company.purchase(("PLATE", 4)), 1, 6, accept_over="they sell")
    # Billed and approved: what came of it; with another price, and with a reason.
    billed = EnterSupplierInvoice(
        purchase_id=part.id, number="RE-1", billed_on=date(2026, 3, 2), charges=1200, total=5 * 399 + 1200,
        lines=[InvoicedLineAsk(line_no=1, quantity=5, unit_cost=399)],
    )  # fmt: skip
    asked = AcceptDifferences(
        invoice_id=company.do("purchasing", billed, SupplierInvoiceState).id, reason="the discount was left out"
    )
    unwrap(company.ask_now("purchasing", Asked("AcceptDifferences", encode(asked), company.buys, company.buys)))
    # More is given back than was asked for, and taken with a reason.
    back = EnterSupplierCredit(
        purchase_id=part.id, number="GS-1", credited_on=date(2026, 3, 9), charges=100, total=1100,
        lines=[CreditedLineAsk(line_no=1, total=1000)],
    )  # fmt: skip
    given = company.do("purchasing", back, SupplierCreditState)
    company.tell("purchasing", AcceptSupplierCredit(credit_id=given.id, reason="for the trouble"))
    short = company.purchase(("PLATE", 9))
    company.came(short, 1, 2)
    company.inspect()
    company.announced()
    company.tea_with_a_bowl()
    company.put_away()
    company.tell("purchasing", ShortClosePurchase(purchase_id=short.id, reason="out of clay"))
    # Cases of six, and a shelf that somebody wants full: something to suggest.
    company.tell("purchasing", PutSupplierItem(supplier="HANSA", sku="MUG", unit_cost=399, case_pack=6))
    full = PutReplenishmentRule(node="LON", sku="MUG", policy="min/max", minimum=1000, maximum=1200)
    company.tell("purchasing", full)
    company.tell("purchasing", AskForPlan())
    company.pump()


def give_back(company: Company) -> None:
    """Of what was sent a mug is as new again and another is not, and somebody wants to give the set back."""
    (order,) = company.ids("SELECT id FROM orders WHERE status = 'shipped'")
    mugs = ReturnLineAsk(line_no=1, quantity=2, reason="damaged")
    made = company.do("returns", RequestReturn(order_id=order, lines=[mugs]), ReturnState)
    company.tell("returns", ApproveReturn(return_id=made.id))
    came = [GradedAsk(line_no=1, quantity=1, grade=grade) for grade in ("sellable", "damaged")]
    company.tell("returns", ReceiveReturn(return_id=made.id, node="LON", units=came))
    a_set = ReturnLineAsk(line_no=2, quantity=1, reason="changed_mind")
    company.tell("returns", RequestReturn(order_id=order, lines=[a_set]))


def trouble(company: Company) -> None:
    """The parcel that was sent stands still, damaged; the carrier pays a part of it, and bills more than it quoted."""
    with company.db.reading() as session:
        number = session.execute(text("SELECT tracking_number FROM labels")).scalar_one()
    held = RecordTracking(tracking_number=number, at=company.now, status="on_hold", incident="damaged")
    company.tell("shipping", held)
    (found,) = company.ids("SELECT id FROM parcel_exceptions")
    company.tell("parcels", ActOnException(exception_id=found, action="claim", reason="it is broken"))
    (claim,) = company.ids("SELECT id FROM carrier_claims")
    company.tell("parcels", AddEvidence(claim_id=claim, what="a photo"))
    company.tell("parcels", FileClaim(claim_id=claim, reference="C-1"))
    company.tell("parcels", AcceptClaim(claim_id=claim, reason="half of it", amount=400))
    paid = BookClaimPayment(claim_id=claim, amount=300, paid_on=date(2026, 3, 2), reference="T-1")
    company.tell("parcels", paid)
    lines = [
        BilledLine(no=2, tracking_number=number, amount=490, kind="base"),
        BilledLine(no=3, tracking_number=number, amount=50, kind="fuel"),
    ]
    bill = EnterCarrierInvoice(carrier="post", number="I-1", billed_on=date(2026, 3, 2), currency="EUR", lines=lines)
    company.tell("parcels", bill)


def build(company: Company) -> None:
    """Stock of every sort, and orders in every state."""
    variants = [
        VariantAsk(
            sku="MUG", prices={"EUR": 1000}, tax_rate_ppm=200_000, weight_grams=300, backorder_limit=5,
            length_mm=120, width_mm=90, height_mm=100,
        ),
        VariantAsk(
            sku="PLATE", prices={"EUR": 799}, tax_rate_ppm=70_000, weight_grams=400, backorder_limit=5,
            length_mm=210, width_mm=210, height_mm=30, fragile=True,
        ),
        VariantAsk(sku="BOWL", prices={"EUR": 899}, tax_rate_ppm=70_000, weight_grams=350),
        VariantAsk(sku="SET", prices={"EUR": 2500}, tax_rate_ppm=200_000, components={"MUG": 2, "PLATE": 1}),
        VariantAsk(sku="PHONE", prices={"EUR": 59900}, tracking="serial"),
        VariantAsk(sku="TEA", prices={"EUR": 690}, tracking="lot"),
    ]  # fmt: skip
    company.tell("catalog", PutProduct(handle="table", title="Table", variants=variants))
    company.tell("inventory", PutNode(code="LON", name="London", rank=1))
    company.tell("inventory", PutNode(code="BER", name="Berlin", rank=2))
    box = PutBox(node="LON", code="S", length_mm=300, width_mm=220, height_mm=250, max_grams=9000, cost_currency="EUR")
    company.tell("fulfilment", box)
    company.tell(
        "shipping",
        PutRateCard(
            carrier="post", service="parcel", currency="EUR", transit_days=2,
            rates=[RateRow(country="*", max_weight_grams=30_000, amount=490)],
        ),
    )  # fmt: skip
    lines = [
        ReceivedLine(sku="MUG", quantity=40),
        ReceivedLine(sku="PLATE", quantity=12),
        ReceivedLine(sku="PHONE", quantity=1, lot="S1"),
    ]
    company.tell("inventory", ReceiveStock(node="LON", lines=lines, reference="GRN-1"), key="grn-1")
    move = MoveStock(node="LON", sku="MUG", quantity=2, from_bin="PICK", to_bin="QUARANTINE", to_status="quarantine")
    company.tell("inventory", move)
    sent = [TransferLineAsk(sku="MUG", quantity=4)]
    transfer = company.do("inventory", CreateTransfer(from_node="LON", to_node="BER", lines=sent), TransferState)
    company.tell("inventory", SendTransfer(transfer_id=transfer.id))
    came = [TransferLineAsk(sku="MUG", quantity=1)]
    company.tell("inventory", ReceiveTransfer(transfer_id=transfer.id, lines=came, complete=False))
    company.tell("inventory", OpenCount(node="LON", bin="QUARANTINE"))
    company.tell("returns", AddReturnPolicy(rules=[ReturnRuleAsk(name="Everything", window_days=30, fee_ppm=100_000)]))
    company.tell("inventory", HoldStock(reference="cart-1", lines=[HeldLine(sku="MUG", quantity=2)]))
    company.told()
    company.ship(company.order(("MUG", 2), ("SET", 1), order_discount=333))
    company.stop_telling()
    trouble(company)
    payment = company.ids("SELECT id FROM payments WHERE captured > 0")[0]
    company.tell("payments", RefundPayment(payment_id=payment, amount=500, reason="scratched"))
    part = company.order(("PLATE", 3), ("MUG", 1), tax_inclusive=False)
    cancelled = [LineQuantity(line_no=1, quantity=1)]
    company.tell("orders", CancelOrder(order_id=part.id, reason="one too many", lines=cancelled))
    company.pick(company.order(("MUG", 3), ("PLATE", 1)), leave="PLATE")
    held = company.order(("MUG", 1))
    company.tell("orders", HoldOrder(order_id=held.id, reason="fraud"))
    company.order(("PLATE", 12), paid=False)  # more than there are: some are backordered
    company.tell("orders", CancelOrder(order_id=company.order(("MUG", 5)).id, reason="changed mind"))
    lost = company.order(("PHONE", 1))
    company.tell("inventory", AdjustStock(node="LON", sku="PHONE", quantity=-1, lot="S1", reason="stolen"))
    company.tell("bulk", an_action(held))
    company.route()
    buy(company)
    give_back(company)
    assert lost.status == "held"  # it waited for its payment when the answer was given


@pytest.fixture(scope="module")
def company(fresh_database: FreshDatabase) -> Iterator[Company]:
    with fresh_database() as url:
        built = Company(url, only=AGENTS)
        try:
            build(built)
            yield built
        finally:
            built.close()


def found(results: list[Result]) -> dict[str, Result]:
    return {r.name: r for r in results if r.violations}


def test_a_company_that_works_has_nothing_to_report(company: Company) -> None:
    with company.db.reading() as session:
        results = run(session)
    assert [r.name for r in results] == [c.name for c in CHECKS]
    assert found(results) == {}


def test_every_check_has_a_name_of_its_own_and_says_what_it_covers() -> None:
    assert len({c.name for c in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.what.endswith("."), check.name
        assert check.covers.startswith(("Y", "F")), check.name


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.check)
def test_a_planted_fault_is_found_where_it_is_and_nowhere_else(company: Company, fault: Fault) -> None:
    with Session(company.db.engine) as session:
        for statement in fault.plant:
            session.execute(text(statement))
        reported = found(run(session, limit=100))
        session.rollback()
    assert set(reported) == {fault.check, *fault.also}
    result = reported[fault.check]
    assert (result.violations, len(result.rows)) == (fault.count, fault.count), result.rows
    assert any(fault.row.items() <= row.items() for row in result.rows), result.rows


def test_every_check_has_a_fault_that_it_must_find() -> None:
    assert {f.check for f in FAULTS} == {c.name for c in CHECKS}


def test_only_the_first_offending_rows_are_shown_but_all_are_counted(company: Company) -> None:
    with Session(company.db.engine) as session:
        session.execute(text("ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_on_hand"))
        session.execute(text("UPDATE stock_levels SET on_hand = on_hand + 1"))
        result = found(run(session, limit=2))["levels_are_the_ledger"]
        session.rollback()
    assert (result.violations, len(result.rows)) == (6, 2)


@pytest.mark.parametrize("check", ["held_orders_are_not_picked", "pickers_share_no_units"])
def test_what_an_agent_has_not_heard_of_yet_is_no_fault(company: Company, check: str) -> None:
    (fault,) = (f for f in FAULTS if f.check == check)
    with Session(company.db.engine) as session:
        for statement in fault.plant:
            session.execute(text(statement))
        assert set(found(run(session))) == {fault.check, *fault.also}
        session.execute(text("UPDATE outbox SET relayed_at = NULL WHERE subject LIKE 'order:%'"))
        assert found(run(session)) == {}
        session.rollback()
