"""The tasks of a public benchmark for customer service (tau2-bench, retail), done through the API.

    uv run python -m bench.tau2_replay --data DIR [--quick]

DIR holds the benchmark's users, orders and products, and its tasks with the actions that solve them (see
`bench.tau2_data`). A company is started for the bench alone and thrown away.

1.  The catalogue, and for each task its own copy of the users whom it names, with all their orders, payments and gift
    cards (`bench.tau2_shop`).
2.  Each task's actions in their order, through the API (`bench.tau2_adapter`). `bench.tau2_rules` plays the same
    actions on the benchmark's own database. Whatever a task looks up on the way is compared at that moment.
3.  In the end all orders, items, options, payments, returns, exchanges, addresses and gift cards of those users are
    compared. A task is done when everything is the same, refusals too: an action that the benchmark refuses has to be
    refused here with a reason.
4.  Then everything that the benchmark would refuse in this state is asked for (`bench.tau2_probes`): each is to be
    refused with a reason, and to change nothing.
5.  Then the shop goes on: orders that wait are sent, what was to come back comes back. What customers have paid in the
    end is to be what their goods cost (`bench.tau2_onward`), and `backoffice audit` is to find nothing.

`--quick` does every third task.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.client import Client, Refused, at_once, drained
from bench.installation import Installation, installation
from bench.tau2_adapter import Different, act
from bench.tau2_data import Action, Task, World, read
from bench.tau2_lookups import look_up
from bench.tau2_onward import onward
from bench.tau2_probes import NOT_OURS, probes
from bench.tau2_rules import No, play
from bench.tau2_seen import Eyes, differences, told
from bench.tau2_shop import Copy, open_shop

CONNECTIONS = 8
KNOWN_FAULT = "the benchmark gives all items the price and options of the last one (its issues 317 and 318)"


@dataclass
class Run:
    """One task on its way. `published` is the benchmark's world with its known fault."""

    copy: Copy
    published: World
    wrong: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    fault: bool = False  # what is different is the benchmark's own fault
    lookups: int = 0

    @property
    def task(self) -> Task:
        return self.copy.task


def main() -> int:
    parser = argparse.ArgumentParser(description="Do the tasks of tau2-bench retail through the API.")
    parser.add_argument("--data", type=Path, required=True, help="folder with db.json.gz and tasks_dev.json.gz")
    parser.add_argument("--quick", action="store_true", help="every third task")
    options = parser.parse_args()
    begun = time.monotonic()
    world, tasks = read(options.data)
    tasks = tasks[::3] if options.quick else tasks
    with installation() as company:
        print(f"the company is up after {company.started_in:.0f} s", flush=True)
        figures, wrong = asyncio.run(replay(company, world, tasks))
        audit = company.audit()
        broken = {c["name"]: c["violations"] for c in audit["checks"] if c["violations"]}
        wrong += [f"the audit finds {broken}"] if broken else []
    figures |= {"audit_violations": broken, "seconds": round(time.monotonic() - begun, 1)}
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    targets = {"tasks_done": figures["tasks"], "tasks_unlike": 0}
    print(json.dumps({**figures, "targets": targets, "wrong": wrong, "ok": not wrong}))
    return 1 if wrong else 0


async def replay(company: Installation, world: World, tasks: list[Task]) -> tuple[dict[str, Any], list[str]]:
    client = Client.open(company.url, company.key, CONNECTIONS)
    try:
        begun = time.monotonic()
        copies = await open_shop(client, world, tasks)
        loaded = sum(len(c.orders) for c in copies)
        print(f"{loaded} orders of {len(tasks)} tasks loaded in {time.monotonic() - begun:.0f} s", flush=True)
        eyes = Eyes(client, company.database_url)
        begun = time.monotonic()
        runs = [Run(copy, copy.world.of(copy.world.users)) for copy in copies]
        await _check_start(eyes, runs)
        for no in range(max(len(t.actions) for t in tasks)):
            await _round(client, eyes, runs, no)
        for run in runs:
            _compare(run, await eyes.seen(run.copy))
        print(f"replayed in {time.monotonic() - begun:.0f} s", flush=True)
        _tell(runs)
        figures, wrong = _figures(runs), _wrong(runs)
        figures["probes"], probed = await _probe(client, eyes, runs)
        figures["onward"], went = await onward(client, copies)
        return {"orders": loaded, **figures}, wrong + probed + went
    finally:
        await client.close()


async def _check_start(eyes: Eyes, runs: list[Run]) -> None:
    """What was loaded is to be what the benchmark begins with, or nothing that follows means anything."""

    async def one(run: Run) -> None:
        run.wrong += [f"loaded {d}" for d in differences(told(run.copy.world), await eyes.seen(run.copy))]

    await at_once(4, one, runs)


async def _round(client: Client, eyes: Eyes, runs: list[Run], no: int) -> None:
    """The same step of every task, and then all that follows from it."""
    now = [(r, r.task.actions[no]) for r in runs if no < len(r.task.actions)]
    await at_once(4, lambda one: _look(client, eyes, *one), [(r, a) for r, a in now if not a.writes])
    acting = [(r, a) for r, a in now if a.writes]
    await at_once(4, lambda one: _act(client, *one, no), acting)
    if acting:
        await drained(client, within=120)


async def _look(client: Client, eyes: Eyes, run: Run, action: Action) -> None:
    said = await look_up(client, eyes, run.copy, action)
    if said is not None:
        run.lookups += 1
        run.wrong += said


async def _act(client: Client, run: Run, action: Action, no: int) -> None:
    """Here and on the benchmark's own database."""
    refusal: str | None = None
    try:
        play(run.copy.world, action)
        play(run.published, action, as_published=True)
    except No as why:
        refusal = str(why)
    try:
        await act(client, run.copy, action, no)
    except Refused as no_of_ours:
        run.refused.append(f"{action.name}: {no_of_ours}")
        if refusal is None:
            run.wrong.append(f"{action.name} is refused here: {no_of_ours}")
    except Different as why:
        run.wrong.append(f"{action.name}: {why}")
    else:
        if refusal is not None:
            run.wrong.append(f"{action.name} is not refused here; there: {refusal}")


def _compare(run: Run, found: dict[str, Any]) -> None:
    """By what the policy says. Where only the benchmark's known fault lies between, that is said."""
    run.wrong += differences(told(run.copy.world), found)
    run.fault = not run.wrong and bool(differences(told(run.published), found))


async def _probe(client: Client, eyes: Eyes, runs: list[Run]) -> tuple[dict[str, Any], list[str]]:
    """What the benchmark would refuse now. Returns the counts, and what went wrong."""
    wrong: list[str] = []
    tried: Counter[str] = Counter()
    codes: Counter[str] = Counter()

    async def one(run: Run) -> None:
        for no, (action, why) in enumerate(probes(run.copy.world)):
            tried[action.name] += 1
            try:
                await act(client, run.copy, action, 1000 + no)
            except Refused as refused:
                codes[refused.code] += 1
            except Different:
                codes["different"] += 1
            else:
                wrong.append(f"task {run.task.id}: {action.name} is not refused here; there: {why}")

    await at_once(4, one, runs)
    await drained(client, within=120)
    for run in runs:
        changed = differences(told(run.copy.world), await eyes.seen(run.copy))
        wrong += [f"task {run.task.id}: a refusal changed something: {d}" for d in changed if not run.wrong]
    print(f"\n{tried.total()} more things that the benchmark refuses were asked for: {dict(codes)}")
    for sentence in NOT_OURS:
        print(f"  not asked for, since we do it: {sentence}")
    return {"tried": dict(tried), "refused": dict(codes)}, wrong


def _tell(runs: list[Run]) -> None:
    print(f"\n{'task':>5} {'writes':>6} {'lookups':>7}  outcome")
    for run in runs:
        outcome = "same" if not run.wrong else "; ".join(run.wrong)
        outcome += f"; {KNOWN_FAULT}" if run.fault else ""
        outcome += "".join(f"; refused as there: {why}" for why in run.refused if not run.wrong)
        print(f"{run.task.id:>5} {len(run.task.writes):6} {run.lookups:7}  {outcome}", flush=True)


def _figures(runs: list[Run]) -> dict[str, Any]:
    actions = Counter(a.name for r in runs for a in r.task.writes)
    done = [r for r in runs if not r.wrong]
    return {
        "tasks": len(runs),
        "tasks_done": len(done),
        "tasks_equal_but_for_a_fault_of_the_benchmark": sorted((r.task.id for r in done if r.fault), key=int),
        "tasks_unlike": sorted((r.task.id for r in runs if r.wrong), key=int),
        "actions": dict(actions),
        "refused_as_there": sum(len(r.refused) for r in done),
        "lookups": sum(r.lookups for r in runs),
    }


def _wrong(runs: list[Run]) -> list[str]:
    return [f"task {r.task.id}: {r.wrong[0]}" for r in runs if r.wrong]


if __name__ == "__main__":
    sys.exit(main())
