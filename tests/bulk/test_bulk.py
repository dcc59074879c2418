"""One action on many records: each row once, in the name of who asked, with a result of its own."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text, update

from agents.bulk.agent import WINDOW
from agents.bulk.messages import BulkState, StartBulk
from agents.orders.messages import HoldOrder, JudgeOrders, OrdersJudged, OrderState, ReleaseOrder
from coordinator import relay
from coordinator.registry import subscriptions
from db.base import uuid7
from db.errors import Refused
from db.people import User
from tests.bulk.conftest import Desk
from tests.shop import TESTER


def test_every_order_is_held_once_in_the_name_of_who_asked(desk: Desk) -> None:
    orders = desk.orders(3)
    job = desk.start(orders, reason="manual", note="recall of mugs")
    assert (job.status, job.total, job.next) == ("running", 3, ["cancel"])
    desk.pump()
    assert desk.states(job) == ["done"] * 3
    assert [o.status for o in desk.order_rows()] == ["held"] * 3
    with desk.db.reading() as session:
        holds = session.execute(text("SELECT placed_by, note FROM order_holds")).all()
        lines = session.execute(text("SELECT actor, why FROM transitions WHERE to_status = 'held'")).all()
    assert holds == [(desk.person, "recall of mugs")] * 3
    assert {actor for actor, _ in lines} == {desk.person}
    (finished,) = desk.said("BulkFinished")
    assert (finished["principal"], finished["status"], finished["counts"]["done"]) == (desk.person, "done", 3)


def test_a_refused_row_says_why_and_does_not_touch_the_others(desk: Desk) -> None:
    first, second, third = desk.orders(3)
    desk.do("orders", HoldOrder(order_id=second.id, reason="manual"), OrderState)
    job = desk.start([first, second, third])
    desk.pump()
    assert desk.states(job) == ["done", "refused", "done"]
    refused = desk.rows(job)[1]
    assert refused.code == "held_already"
    assert "manual" in (refused.sentence or "")
    assert desk.dead() == []


def test_a_mistake_of_ours_fails_the_row_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = desk.orders(2)
    from agents.orders import holding

    real = holding.put_hold

    def trips(tx: object, sheet: object, reason: str, *, note: str | None) -> None:
        if sheet.order.id == first.id:  # type: ignore[attr-defined]
            raise RuntimeError("swordfish")
        real(tx, sheet, reason, note=note)  # type: ignore[arg-type]

    monkeypatch.setattr(holding, "put_hold", trips)
    job = desk.start([first, second])
    desk.pump()
    assert desk.states(job) == ["failed", "done"]
    assert "swordfish" not in (desk.rows(job)[0].sentence or "")
    assert [o.status for o in desk.order_rows()] == ["released", "held"]


@pytest.mark.thorough
def test_a_window_of_rows_is_out_at_a_time_and_all_are_done_in_the_end(desk: Desk) -> None:
    job = desk.start(desk.orders(WINDOW * 2 + 7))
    assert desk.states(job).count("sent") == WINDOW
    desk.pump(rounds=200)
    assert desk.states(job) == ["done"] * (WINDOW * 2 + 7)


def test_cancelling_begins_nothing_more_and_lets_what_is_out_finish(desk: Desk) -> None:
    job = desk.start(desk.orders(WINDOW + 5))
    assert desk.cancel(job).status == "cancelling"
    desk.pump(rounds=200)
    states = desk.states(job)
    assert (states.count("done"), states.count("cancelled")) == (WINDOW, 5)
    with pytest.raises(Refused, match="cancelled and cannot become cancelling"):
        desk.cancel(job)


def test_a_message_that_comes_twice_does_a_row_once(desk: Desk) -> None:
    """What an agent that died after its commit, and before its answer, leaves: the same delivery again."""
    (order,) = desk.orders(1)
    job = desk.start([order], kind="AddNote", body="call them")
    with desk.db.transaction(TESTER, now=desk.now) as tx:
        relay.fan_out(tx, subscriptions(desk.specs))
    with desk.db.reading() as session:
        (batch,) = [b for b in [relay.due(session, "orders", now=desk.now)] if b]
    desk.agent("orders").take(batch)
    desk.agent("orders").take(batch)
    desk.pump()
    assert desk.states(job) == ["done"]
    assert desk.count("order_notes") == 1


@pytest.mark.thorough
def test_another_replica_goes_on_where_the_first_one_died(desk: Desk) -> None:
    job = desk.start(desk.orders(WINDOW + 10))
    for name in ("bulk", "orders"):
        desk._agents.pop(name).db.close()
    desk.pump(rounds=200)
    assert desk.states(job) == ["done"] * (WINDOW + 10)


@pytest.mark.thorough
def test_who_may_not_any_more_is_stopped_where_they_are(desk: Desk) -> None:
    job = desk.start(desk.orders(WINDOW + 5))
    with desk.db.transaction(TESTER, now=desk.now) as tx:
        tx.execute(update(User).values(active=False))
    desk.pump(rounds=200)
    rows = desk.rows(job)
    assert [r.code for r in rows if r.state == "refused"] == ["missing_scope"] * 5
    assert desk.states(job).count("done") == WINDOW


def test_undoing_takes_back_what_was_done_and_nothing_else(desk: Desk) -> None:
    first, second, third = desk.orders(3)
    desk.do("orders", HoldOrder(order_id=second.id, reason="manual"), OrderState)
    job = desk.start([first, second, third])
    desk.pump()
    back = desk.undo(job)
    assert (back.action, back.total) == ("undo HoldOrder", 2)
    desk.pump()
    assert [o.status for o in desk.order_rows()] == ["released", "held", "released"]


def test_undoing_tags_leaves_those_that_were_there_before(desk: Desk) -> None:
    first, second = desk.orders(2)
    desk.start([first], kind="TagOrder", add=["vip"])
    desk.pump()
    job = desk.start([first, second], kind="TagOrder", add=["vip"])
    desk.pump()
    desk.undo(job)
    desk.pump()
    assert [o.tags for o in desk.order_rows()] == [["vip"], []]


def test_what_has_no_way_back_cannot_be_undone(desk: Desk) -> None:
    job = desk.start(desk.orders(1), kind="AddNote", body="hello")
    desk.pump()
    with pytest.raises(Refused, match="no row of it was done in a way that has a way back"):
        desk.undo(job)


def test_nothing_chosen_is_refused_and_nothing_is_said(desk: Desk) -> None:
    with pytest.raises(Refused, match="No orders are chosen"):
        desk.start([])
    assert desk.count("bulk_jobs") == desk.count("outbox") == 0


@pytest.mark.parametrize("kind", ["HoldOrder", "ReleaseOrder", "CancelOrder"])
def test_the_preview_says_what_the_action_then_does(desk: Desk, kind: str) -> None:
    """The same checks: for orders in different states, what is judged is what happens."""
    orders = desk.orders(4)
    desk.do("orders", HoldOrder(order_id=orders[1].id, reason="manual"), OrderState)
    desk.do("orders", HoldOrder(order_id=orders[2].id, reason="fraud"), OrderState)
    desk.start([orders[3]], kind="CancelOrder", reason="gone")
    desk.pump()
    body = {"reason": "manual"} if kind != "CancelOrder" else {"reason": "not wanted"}
    judged = desk.do("orders", JudgeOrders(kind=kind, body=body, order_ids=[o.id for o in orders]), OrdersJudged)
    job = desk.start(orders, kind=kind, **body)
    desk.pump()
    happened = {(r.record, r.code, r.sentence) for r in desk.rows(job) if r.state == "refused"}
    assert {(w.id, w.code, w.sentence) for w in judged.refused} == happened
    assert 0 < len(happened) < 4


def test_judging_changes_nothing(desk: Desk) -> None:
    (order,) = desk.orders(1)
    before = desk.count("outbox"), desk.count("transitions"), desk.count("audit_log")
    judge = JudgeOrders(kind="HoldOrder", body={"reason": "manual"}, order_ids=[order.id, UUID(int=1)])
    answer = desk.do("orders", judge, OrdersJudged)
    assert [w.code for w in answer.refused] == ["not_found"]
    assert before == (desk.count("outbox"), desk.count("transitions"), desk.count("audit_log"))


def test_a_hold_a_release_and_tags_say_how_they_are_undone(desk: Desk) -> None:
    (order,) = desk.orders(1)
    held = desk.do("orders", HoldOrder(order_id=order.id, reason="manual"), OrderState)
    assert held.undo is not None
    assert (held.undo.kind, held.undo.body["reason"]) == ("ReleaseOrder", "manual")
    free = desk.do("orders", ReleaseOrder(order_id=order.id, reason="manual"), OrderState)
    assert free.undo is not None
    assert (free.undo.kind, free.undo.body["reason"]) == ("HoldOrder", "manual")


def test_more_than_ten_thousand_are_refused(desk: Desk) -> None:
    from agents.bulk.messages import BulkRecord

    records = [BulkRecord(id=uuid7(), label="x")] * 10_001
    ask = StartBulk(
        id=uuid7(), noun="orders", action="hold", scope="write_orders", kind="HoldOrder", body={}, selection={},
        records=records,
    )  # fmt: skip
    with pytest.raises(Refused, match="at most 10000"):
        desk.do("bulk", ask, BulkState)
