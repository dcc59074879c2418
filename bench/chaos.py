"""A busy shop, and everything that can die in it dies: what was acknowledged is there, once.

    uv run python -m bench.chaos [--faults N] [--minutes N] [--only WORDS…] [--seed N] [--quick]

Callers place, edit, cancel, hold, pick, pack, ship, refund, receive and transfer over HTTP, and write down every
acknowledged answer. One fault after the other is done to the company while they work. After each one the load
comes to rest and then:

- every acknowledged order and receipt is in the database exactly once, and none that nobody was told of;
- of all acknowledged writes, those since the fault and some from before, the same request under the same key gets
  the first answer again;
- `backoffice audit` finds nothing, and no message was given up;
- callers saw nothing but answers, refusals, 503 and 429 with Retry-After, and broken connections.

Recovery is the longest time without an acknowledged write, from the fault on. `--quick` does one fault of each of the
more telling kinds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.chaos_faults import Fault, faults, plan
from bench.chaos_load import NODES, SKUS, Load, Said
from bench.chaos_stage import small_disk
from bench.client import Client, drained, percentile
from bench.installation import Installation, installation
from db.session import Database

CALLERS = 8
LULL = 2.0  # seconds of load before a fault
AFTER = 4.0  # seconds of acknowledged work after it
RECOVERS_WITHIN = 180.0
ASKED_AGAIN = 25  # acknowledged writes of earlier times whose answers are asked for again
TELLING = ("orders agent frozen", "9 of the orders", "9 of the payments", "coordinator", "API", "ingress", "PostgreSQL")


@dataclass
class Told:
    """What became of the trials of one kind of fault."""

    trials: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    recovery: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    dice = random.Random(options.seed)
    begun = time.monotonic()
    with nullcontext() if options.quick else small_disk() as disk:
        known = faults(disk, closed_seconds=5.0 if options.quick else 30.0)
        if options.only:
            known = [f for f in known if any(words in f.name for words in options.only)]
        if options.quick:
            deeds = [f for f in known if any(words in f.name for words in TELLING)]
            dice.shuffle(deeds)
        else:
            deeds = plan(known, options.faults, dice)
        with installation({"BACKOFFICE_RATE_PER_SECOND": "100000"}, room=disk) as company:
            print(f"the company is up after {company.started_in:.0f} s; {len(deeds)} faults", flush=True)
            over = begun + options.minutes * 60
            try:
                told, wrong = asyncio.run(_ruin(company, deeds, options.seed, over))
            finally:  # what ends a run before its time is told by the logs alone
                if options.logs:
                    shutil.copytree(company.data_dir / "logs", options.logs, dirs_exist_ok=True)
    table = [_row(name, t) for name, t in sorted(told.items())]
    print(f"\n{'fault':52} trials  acknowledged  lost  doubled  recovery p50    max")
    for r in table:
        print(
            f"{r['fault']:52} {r['trials']:6}  {r['acknowledged']:12}  {r['lost']:4}  {r['doubled']:7}"
            f"  {r['recovery_p50']:10.1f} s {r['recovery_max']:6.1f} s"
        )
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    figures = {
        "faults": sum(t.trials for t in told.values()),
        "seconds": round(time.monotonic() - begun),
        "table": table,
    }
    targets = {"lost": 0, "doubled": 0, "wrong": 0}
    print(json.dumps({**figures, "targets": targets, "wrong": wrong, "ok": not wrong}))
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Do harm to a company at work, and look at its books.")
    parser.add_argument("--faults", type=int, default=200, help="how many, every kind in turn")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no further fault after so long")
    parser.add_argument("--only", nargs="+", metavar="WORDS", help="faults whose names have one of these words in them")
    parser.add_argument("--seed", type=int, default=1, help="of the order of faults and of what callers do")
    parser.add_argument("--logs", type=Path, help="a folder to keep the company's logs in")
    parser.add_argument("--quick", action="store_true", help="one of each of the more telling kinds")
    return parser.parse_args()


def _row(name: str, told: Told) -> dict[str, Any]:
    return {
        "fault": name,
        "trials": told.trials,
        "acknowledged": told.acknowledged,
        "lost": told.lost,
        "doubled": told.doubled,
        "recovery_p50": round(percentile(told.recovery, 0.5), 1),
        "recovery_max": round(max(told.recovery, default=0.0), 1),
    }


async def _ruin(company: Installation, deeds: list[Fault], seed: int, over: float) -> tuple[dict[str, Told], list[str]]:
    told: dict[str, Told] = defaultdict(Told)
    wrong: list[str] = []
    everything: list[Said] = []
    client = Client.open(company.url, company.key, CALLERS * 2)
    try:
        await _open_shop(client)
        for n, fault in enumerate(deeds):
            if time.monotonic() > over:
                break
            load = Load(client.http, seed * 1000 + n)
            happened, gap = await _trial(company, load, fault)
            if not happened:  # an agent without work has no process; what was written meanwhile counts all the same
                everything += load.acknowledged
                print(f"{fault.name}: there was none to harm", flush=True)
                continue
            kind = told[fault.name]
            kind.trials += 1
            kind.acknowledged += len(load.acknowledged)
            kind.recovery.append(gap)
            earlier = random.Random(n).sample(everything, min(ASKED_AGAIN, len(everything)))
            everything += load.acknowledged
            lost, doubled, sentences = await _look(company, client, load, everything, earlier)
            if fault.gentle and load.cut_off:
                sentences.append(f"{load.cut_off} requests were taken and not answered")
            kind.lost += lost
            kind.doubled += doubled
            wrong += [f"{fault.name}: {sentence}" for sentence in sentences]
            print(
                f"{n + 1:3} {fault.name}: {len(load.acknowledged)} acknowledged, back after {gap:.1f} s, "
                f"{load.lost_calls} calls without answer, {dict(load.answers)}"
                + (f" WRONG {sentences}" * bool(sentences)),
                flush=True,
            )
        return told, wrong
    finally:
        await client.close()


async def _open_shop(client: Client) -> None:
    for rank, code in enumerate(NODES):
        await client.call("PUT", f"/nodes/{code}", body={"name": code, "time_zone": "UTC", "rank": rank})
    rates = [{"country": "*", "max_weight_grams": 1_000_000, "amount": 590}]
    await client.call("PUT", "/rate-cards/post/standard", body={"currency": "EUR", "transit_days": 2, "rates": rates})
    for sku in SKUS:
        variant = {"sku": sku, "prices": {"EUR": 1250}, "weight_grams": 200, "backorder_limit": 20}
        await client.call("PUT", f"/products/{sku.lower()}", body={"title": sku, "variants": [variant]})
    for code in NODES:
        lines = [{"sku": sku, "quantity": 200} for sku in SKUS]
        await client.post("/stock/receipts", {"node": code, "reference": f"first {code}", "lines": lines}, key=code)


async def _trial(company: Installation, load: Load, fault: Fault) -> tuple[bool, float]:
    """Whether there was anything to harm, and the longest silence after it in seconds."""
    running = asyncio.create_task(load.run(CALLERS))
    await asyncio.sleep(LULL)
    at = time.monotonic()
    happened = await asyncio.to_thread(fault.do, company)
    over = time.monotonic()
    while time.monotonic() - over < RECOVERS_WITHIN:
        await asyncio.sleep(0.2)
        if load.done_at and load.done_at[-1] > over and time.monotonic() - over > AFTER:
            break
    load.over.set()
    try:
        await asyncio.wait_for(running, RECOVERS_WITHIN)
    except TimeoutError:
        load.wrong[f"a caller did not come back within {RECOVERS_WITHIN:.0f} s"] += 1
    after = [at, *(t for t in load.done_at if t > at)]
    return happened, max((b - a for a, b in pairwise(after)), default=RECOVERS_WITHIN)


async def _look(
    company: Installation, client: Client, load: Load, everything: list[Said], earlier: list[Said]
) -> tuple[int, int, list[str]]:
    wrong = [f"{count} x {what}" for what, count in load.wrong.items()]
    try:
        await drained(client, within=120)
    except TimeoutError as stuck:
        wrong.append(str(stuck))
    lost, doubled, strangers = await asyncio.to_thread(_count, company, everything)
    if strangers:
        wrong.append(f"{len(strangers)} writes that nobody was told of, such as {strangers[:2]}")
    for said in [*load.acknowledged, *earlier]:
        again = await client.http.post(said.path, json=said.body, headers={"Idempotency-Key": said.key})
        if again.json() != said.answer or again.headers.get("Idempotency-Replayed") != "true":
            wrong.append(f"{said.path} under {said.key} is answered anew: {again.status_code} {again.text[:120]}")
    letters = await client.every("/runtime/dead-letters")
    if letters:
        wrong.append(f"{len(letters)} messages were given up: {letters[0]['agent']} {letters[0]['error'][:200]}")
    audit = await asyncio.to_thread(company.audit)
    wrong += [f"audit: {c['name']} {c['violations']} {c['rows'][:1]}" for c in audit["checks"] if c["violations"]]
    if lost or doubled:
        wrong.append(f"{lost} lost, {doubled} doubled")
    return lost, doubled, wrong


def _count(company: Installation, everything: list[Said]) -> tuple[int, int, list[str]]:
    """Acknowledged orders and receipts that are not there, or more than once; and those nobody was told of."""
    database = Database(company.database_url, pool_size=1, application_name="bench")
    try:
        with database.reading() as session:
            orders = {r.ref: r.n for r in session.execute(text(
                "SELECT external_ref AS ref, count(*) AS n FROM orders WHERE external_ref LIKE 'chaos-%' GROUP BY 1"
            ))}  # fmt: skip
            receipts = {r.ref: r.n for r in session.execute(text(
                "SELECT substr(cause, 9) AS ref, sum(on_hand) AS n FROM stock_ledger "
                "WHERE cause LIKE 'receipt:chaos-%' AND kind = 'received' GROUP BY 1"
            ))}  # fmt: skip
    finally:
        database.close()
    wanted = {s.key: 1 for s in everything if s.path == "/orders"}
    wanted_units = {
        s.key: sum(line["quantity"] for line in s.body["lines"]) for s in everything if s.path == "/stock/receipts"
    }
    lost = sum(key not in orders for key in wanted) + sum(receipts.get(k, 0) < n for k, n in wanted_units.items())
    doubled = sum(n > 1 for n in orders.values()) + sum(receipts.get(k, 0) > n for k, n in wanted_units.items())
    return lost, doubled, sorted((orders.keys() - wanted.keys()) | (receipts.keys() - wanted_units.keys()))


if __name__ == "__main__":
    sys.exit(main())
