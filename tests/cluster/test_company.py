"""The whole product as its user meets it: one command, HTTP, and processes that are killed in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest

from cli.layout import DataDir, alive
from cli.ray_node import processes, socket_folder
from tests.cluster.company import Company

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def stocked(company: Company, sku: str, quantity: int, **variant: Any) -> str:
    """A product with stock at LON."""
    api = company.api
    variant = {"sku": sku, "prices": {"EUR": 1290}, "weight_grams": 350, "tax_rate_ppm": 200_000, **variant}
    assert api.put(f"/products/{sku.lower()}", json={"title": sku, "variants": [variant]}).status_code == 200
    assert api.put("/nodes/LON", json={"name": "London", "time_zone": "Europe/London"}).status_code == 200
    receipt = {"node": "LON", "lines": [{"sku": sku, "quantity": quantity}], "reference": f"first {sku}"}
    assert api.post("/stock/receipts", json=receipt).status_code in (200, 201)
    return sku


def order_of(sku: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "channel": "web",
        "currency": "EUR",
        "lines": [{"sku": sku, "quantity": quantity}],
        "email": "ada@example.com",
        "shipping_address": {"name": "Ada", "country": "GB"},
        **more,
    }


async def place_many(
    company: Company, orders: list[tuple[str, dict[str, Any]]], at_once: int
) -> dict[str, httpx.Response]:
    """Place orders by idempotency key; 503 is tried again with the same key, as a good client does."""
    answers: dict[str, httpx.Response] = {}
    gate = asyncio.Semaphore(at_once)
    headers = dict(company.api.headers)

    async with httpx.AsyncClient(base_url=company.api.base_url, headers=headers, timeout=30, trust_env=False) as client:

        async def one(key: str, body: dict[str, Any]) -> None:
            async with gate:
                for _ in range(200):
                    try:
                        answer = await client.post("/orders", json=body, headers={"Idempotency-Key": key})
                    except httpx.TransportError:
                        await asyncio.sleep(0.2)
                        continue
                    if answer.status_code not in (502, 503):
                        answers[key] = answer
                        return
                    await asyncio.sleep(0.2)

        await asyncio.gather(*(one(key, body) for key, body in orders))
    return answers


def test_the_logs_are_this_companys_own(company: Company) -> None:
    refused = company.api.post("/orders/A-NUMBER-THAT-IS-NOT-THERE/hold", json={"reason": "manual"})
    assert refused.status_code == 404
    shown = company.run("logs", "gateway", "-n", "1000")
    assert shown.returncode == 0, shown.stderr
    assert refused.headers.get_list("X-Request-Id") == [refused.headers["X-Request-Id"]]
    assert refused.headers["X-Request-Id"] in shown.stdout
    assert "at work" in company.run("logs", "orders").stdout
    unknown = company.run("logs", "nonsense")
    assert unknown.returncode == 1
    assert "There are: agents, " in unknown.stderr


def test_nothing_listens_on_an_address_that_others_reach(company: Company) -> None:
    facts = company.facts()
    mine = {int(facts["pid"]), int(facts["postgres_pid"]), *(pid for pid, _ in processes(int(facts["ray_pid"])))}
    ports = [c for c in psutil.net_connections("inet") if c.pid in mine and c.status == psutil.CONN_LISTEN]
    assert len(ports) > 5
    open_to_others = [(psutil.Process(c.pid).name(), c.laddr) for c in ports if not _is_loopback(c.laddr.ip)]
    assert open_to_others == []


def _is_loopback(written: str) -> bool:
    address = ip_address(written)
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


_JOIN = """
import sys
from ray._raylet import GcsClient
print(GcsClient(address=sys.argv[1]).internal_kv_exists(b"x", None, timeout=20))
"""


def asks_ray(company: Company, **token: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    words = [sys.executable, "-c", _JOIN, company.facts()["ray_address"]]
    return subprocess.run(words, env={**env, **token}, capture_output=True, text=True, timeout=120, check=False)


def test_ray_lets_nobody_in_without_its_token(company: Company) -> None:
    token = (company.data / "secrets" / "ray_token").read_text().strip()
    jobs = f"{company.facts()['dashboard_url']}/api/jobs/"
    for given, status in ((None, 401), ("Bearer " + "x" * 43, 403), (f"Bearer {token}", 200)):
        headers = {"Authorization": given} if given else {}
        assert httpx.get(jobs, headers=headers, trust_env=False).status_code == status, given
    known = asks_ray(company, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=token)
    assert known.stdout.strip() == "False", known.stderr
    for stranger in ({"RAY_AUTH_MODE": "disabled"}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "x" * 43}):
        refused = asks_ray(company, **stranger)
        assert refused.returncode != 0
        assert "Unauthenticated" in refused.stderr or "authentication" in refused.stderr.lower(), refused.stderr


def test_what_ray_keeps_open_to_everybody_lies_in_a_closed_folder(company: Company) -> None:
    data = DataDir(company.data)
    session = data.ray_session.resolve()
    assert (session / "sockets" / "raylet").exists()
    assert session.is_relative_to(socket_folder(data))
    assert stat.S_IMODE(socket_folder(data).stat().st_mode) == 0o700


def test_no_secret_is_in_the_process_list(company: Company) -> None:
    facts = company.facts()
    kept = [path.read_bytes().strip() for path in (company.data / "secrets").iterdir()]
    commands = [command for _, command in processes(int(facts["ray_pid"]))]
    for leader in (facts["pid"], facts["postgres_pid"]):
        process = psutil.Process(int(leader))
        commands += ["\0".join(p.cmdline()).encode() for p in (process, *process.children(recursive=True))]
    assert len(kept) >= 3
    assert len(commands) > 15
    assert [secret for secret in kept if any(secret in command for command in commands)] == []


def test_an_order_goes_from_the_shop_to_the_door(company: Company) -> None:
    sku = stocked(company, "WHOLE-WAY", 10)
    api = company.api
    card = {"currency": "EUR", "transit_days": 2, "rates": [{"country": "*", "max_weight_grams": 9000, "amount": 590}]}
    assert api.put("/rate-cards/Royal/Standard", json=card).status_code in (200, 201)

    placed = api.post("/orders", json=order_of(sku, 2, payment={"provider": "test", "token": "tok_ok"}))
    assert placed.status_code == 201
    number = placed.json()["number"]
    company.wait(lambda: api.get(f"/orders/{number}").json()["status"] == "released", what="payment releases it")
    fulfilment = company.wait(
        lambda: api.get("/fulfilments", params={"order_id_eq": placed.json()["id"]}).json()["data"], what="a fulfilment"
    )[0]["id"]
    walk = api.post("/pick-lists", json={"node": "LON", "fulfilments": [fulfilment]}).json()
    for task in walk["tasks"]:
        assert api.post(f"/pick-tasks/{task['id']}/pick", json={"quantity": task["quantity"]}).status_code == 200
    assert api.post(f"/fulfilments/{fulfilment}/parcels", json={}).status_code == 201
    company.wait(lambda: api.get("/labels", params={"order_id_eq": placed.json()["id"]}).json()["data"], what="a label")
    assert api.post(f"/fulfilments/{fulfilment}/dispatch", json={}).status_code == 200
    company.wait(
        lambda: (o := api.get(f"/orders/{number}").json())["status"] == "shipped" and o["payment_status"] == "paid",
        what="shipped and paid",
    )
    assert api.get(f"/stock/{sku}").json()["on_hand"] == 8
    company.audit()


def test_of_a_hundred_parallel_buyers_of_one_unit_exactly_one_wins(company: Company) -> None:
    sku = stocked(company, "LAST-ONE", 1)
    orders = [(f"last-{n}-{uuid4()}", order_of(sku)) for n in range(100)]

    answers = asyncio.run(place_many(company, orders, at_once=100))

    codes = sorted(a.status_code for a in answers.values())
    assert codes == [201] + [409] * 99
    refusal = next(a for a in answers.values() if a.status_code == 409).json()["error"]
    assert refusal["code"] == "out_of_stock"
    assert company.api.get(f"/stock/{sku}").json()["allocated"] == 1


@pytest.mark.parametrize("victim", ["ray::OrdersAgent", "ray::Coordinator", "postgres", "ray::ServeReplica"])
def test_a_process_is_killed_under_load_and_each_order_is_there_once(company: Company, victim: str) -> None:
    sku = stocked(company, f"KILL-{victim.rpartition(':')[2].upper()}", 1000)
    orders = [(f"kill-{victim}-{n}-{uuid4()}", order_of(sku)) for n in range(300)]

    async def load_and_kill() -> dict[str, httpx.Response]:
        load = asyncio.create_task(place_many(company, orders, at_once=16))
        await asyncio.sleep(0.5)
        if victim == "postgres":
            os.kill(int((company.data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        else:
            assert company.kill(victim) >= 1
        return await load

    answers = asyncio.run(load_and_kill())

    assert {k: a.status_code for k, a in answers.items() if a.status_code != 201} == {}
    assert len({a.json()["id"] for a in answers.values()}) == 300
    company.wait(lambda: company.api.get(f"/stock/{sku}").json().get("allocated") == 300, what="each order once")
    # A repetition gets the first answer.
    key, body = orders[0]
    again = company.api.post("/orders", json=body, headers={"Idempotency-Key": key})
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json()["id"] == answers[key].json()["id"]
    company.wait(company.quiet, within=60, what="all messages are handled")
    company.audit()


def test_what_happens_is_told_live(company: Company) -> None:
    sku = stocked(company, "LIVE", 5)
    with company.api.stream("GET", "/events", timeout=20) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        placed = company.api.post("/orders", json=order_of(sku)).json()
        for line in lines:
            if line.startswith("data: ") and placed["id"] in line:
                assert json.loads(line.removeprefix("data: "))["kind"] == "OrderPlaced"
                break


def test_one_endpoint_tells_the_numbers_of_every_process(company: Company) -> None:
    text = httpx.get(f"{company.url}/metrics", trust_env=False).text
    for wanted in (
        'backoffice_agent_messages_total{agent="orders",kind="ask"}',
        'backoffice_agent_backlog{agent="payments"}',
        'backoffice_http_requests_total{method="POST",route="/api/v1/orders",status="201"}',
        "backoffice_database_commits",
    ):
        assert wanted in text, wanted


def test_a_second_up_says_where_the_first_one_is(company: Company) -> None:
    again = company.run("up", "--no-console", "--port", str(company.port + 1))
    assert again.returncode == 1
    assert f"already running at {company.url}" in again.stderr.replace("\n", " ")


def test_status_tells_programs_and_people(company: Company) -> None:
    found = json.loads(company.run("status", "--json").stdout)
    assert found["running"] is True
    assert {a["agent"] for a in found["agents"]} >= {"orders", "catalog", "payments"}
    assert found["schema"] == found["schema_expected"]
    assert "orders" in company.run("status").stdout


def test_the_supervisor_is_killed_and_the_next_up_has_everything(company: Company) -> None:
    sku = stocked(company, "SURVIVES", 5)
    placed = company.api.post("/orders", json=order_of(sku)).json()
    os.kill(company.facts()["pid"], signal.SIGKILL)

    company.up()

    assert company.api.get(f"/orders/{placed['number']}").json()["id"] == placed["id"]
    company.wait(company.quiet, within=60, what="all messages are handled")
    company.audit()


def test_down_ends_what_a_killed_supervisor_has_left_working(company: Company) -> None:
    sku = stocked(company, "ORPHANED", 5)
    facts = company.facts()
    os.kill(facts["pid"], signal.SIGKILL)
    company.wait(lambda: not alive(facts["pid"]), what="the supervisor is gone")
    assert company.api.post("/orders", json=order_of(sku)).status_code == 201

    told = company.run("status")
    assert told.returncode == 3
    assert "was killed" in told.stderr
    assert len(json.loads(company.run("status", "--json").stdout)["left_behind"]) > 10
    refused = company.run("demo", "clear", "--yes")
    assert (refused.returncode, "Stop it first" in refused.stderr) == (1, True)
    stopped = company.run("down")

    assert stopped.returncode == 0, stopped.stderr
    assert "that a killed `up` had left" in stopped.stdout
    for pid in (facts["ray_pid"], facts["postgres_pid"]):
        assert not alive(pid)
    assert json.loads(company.run("status", "--json").stdout) == {"running": False, "left_behind": []}
    assert company.run("logs", "agents", "-n", "1").stdout
    company.up()
    company.audit()


def test_down_answers_what_was_taken_and_leaves_no_process_behind(company: Company) -> None:
    facts, sku = company.facts(), stocked(company, "LAST-DAY", 100_000)
    answers: Counter[int] = Counter()

    def buy_until_closed(buyer: int) -> None:
        # Each request on a connection of its own: one that was kept open may be closed between two requests.
        for n in count():
            with httpx.Client(base_url=company.api.base_url, headers=company.api.headers, trust_env=False) as client:
                try:
                    key = {"Idempotency-Key": f"last-day-{buyer}-{n}"}
                    answers[client.post("/orders", json=order_of(sku), headers=key).status_code] += 1
                except httpx.ConnectError:
                    return

    with ThreadPoolExecutor(6) as buyers:
        bought = [buyers.submit(buy_until_closed, n) for n in range(6)]
        time.sleep(1.0)
        stopped = company.run("down")
        for one in bought:
            one.result(timeout=30)  # raises where a request was taken and not answered
    assert stopped.returncode == 0, stopped.stderr
    assert answers[201] > 6
    assert set(answers) <= {201, 503}
    for pid in (facts["pid"], facts["ray_pid"], facts["postgres_pid"]):
        assert not alive(pid)
    assert json.loads(company.run("status", "--json").stdout) == {"running": False, "left_behind": []}
