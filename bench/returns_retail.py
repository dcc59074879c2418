"""A wholesaler's credit notes as returns: what customers gave back, through the company, against the file.

    uv run python -m bench.returns_retail --data DIR [--quick]

DIR holds the Online Retail data set (UCI, CC BY 4.0). A company is started for the bench alone and thrown away.
Everything goes through HTTP.

1.  Sales become delivered orders. A share of those that something came back of is lived through: placed, paid through
    the test provider, picked, packed, handed over, delivered. The others are history with their own dates.
2.  A row of a credit note takes units of lines of the same customer, SKU, price and country, the youngest order first.
    They come back as a return of that order: asked for, approved, received as new, and paid back; for history by hand,
    since its payments are not in these books. What takes nothing (fees, discounts, no customer, no such sale) is
    brought in as a cancelled order with the tag `credit-note`; each class is counted.
3.  Revenue net of returns, by month and country, is to be what pandas makes of the file's own rows, to the penny: sales
    less everything that credit notes say. It does not know which order a credit note is about.
4.  For every SKU: what is on hand is what came in, less what left, plus what came back; of no line more came back than
    had left. One unit more is asked for of every line that came back whole, and is to be refused.
5.  `backoffice audit` is to find nothing.

`--quick` takes two weeks of March 2011.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from bench import floor
from bench.client import Client, Refused, at_once, drained
from bench.installation import Installation, installation
from bench.retail_company import CREDIT_TAG, NODES, import_past, import_products, open_warehouses
from bench.retail_data import COUNTRIES, CURRENCY, Credit, Invoice, Line, Retail, Take, match_credits, read
from bench.retail_live import in_share

QUICK_SINCE, QUICK_UNTIL = date(2011, 3, 1), date(2011, 3, 15)
NODE = NODES[0][0]
MOST_LINES = 1000  # of one receipt
POLICY = {"name": "Everything comes back", "auto_approve": True, "refund_unsellable": True}
AT_ONCE = 8
Net = dict[tuple[str, str], int]
"""pence by month and country"""


@dataclass
class Books:
    """The sales that something came back of, and what. `rest` are credit notes of what took nothing."""

    sales: dict[str, Invoice]
    live: set[str]
    returns: list[tuple[Invoice, str, list[Take]]] = field(default_factory=list)  # credit note, invoice, its units
    rest: list[Invoice] = field(default_factory=list)
    classes: Counter[str] = field(default_factory=Counter)

    @property
    def of_live(self) -> list[tuple[Invoice, str, list[Take]]]:
        return [one for one in self.returns if one[1] in self.live]


@dataclass
class Done:
    orders: dict[str, str] = field(default_factory=dict)  # ids by invoice
    received: Counter[str] = field(default_factory=Counter)  # units by SKU
    by_hand: list[str] = field(default_factory=list)  # returns of history, by path
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def must(self, true: bool, sentence: str) -> None:
        if not true:
            self.wrong.append(sentence)


def main() -> int:
    parser = argparse.ArgumentParser(description="Replay the credit notes of the Online Retail data set as returns.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the data set's parquet file")
    parser.add_argument("--quick", action="store_true", help="two weeks of March 2011")
    parser.add_argument(
        "--share", type=float, default=0.15, help="part of the orders with returns that is lived, 0 to 1"
    )
    options = parser.parse_args()
    retail = read(options.data, since=QUICK_SINCE, until=QUICK_UNTIL) if options.quick else read(options.data)
    books = sort_out(retail, share=options.share)
    begun = time.monotonic()
    with installation() as company:
        say(f"the company is up after {company.started_in:.0f} s")
        done = asyncio.run(replay(company, retail, books))
        audit = company.audit()
    broken = {c["name"]: c["violations"] for c in audit["checks"] if c["violations"]}
    done.must(not broken, f"the audit finds {broken}")
    done.figures |= {"audit_violations": broken, "seconds": round(time.monotonic() - begun, 1)}
    for sentence in done.wrong:
        say(f"WRONG: {sentence}")
    targets = {"months_and_countries_that_differ": 0, "units_too_many": 0}
    print(json.dumps({**done.figures, "targets": targets, "wrong": done.wrong, "ok": not done.wrong}))
    return 1 if done.wrong else 0


def say(sentence: str) -> None:
    print(sentence, flush=True)


def sort_out(retail: Retail, *, share: float) -> Books:
    """Which order each row of a credit note is about, found in the order of time; `share` of those orders is lived."""
    whole = Retail(retail.frame, live=retail.history + retail.live, goods=retail.goods)
    whole.live_credits = retail.history_credits + retail.live_credits
    sales = {i.number: i for i in whole.live}
    books = Books(sales, set())
    for credit in match_credits(whole):
        _sort_out(books, credit)
    books.live = {n for _, n, _ in books.returns if in_share(sales[n], share) and _paid(sales[n])}
    return books


def _paid(invoice: Invoice) -> bool:
    return any(n.unit_amount for n in invoice.lines)


def _sort_out(books: Books, credit: Credit) -> None:
    rest: list[Line] = []
    for number, takes in credit.takes.items():
        lines = [_line(books.sales[number], take) for take in takes]
        if books.sales[number].country == credit.note.country:
            books.returns.append((credit.note, number, takes))
            books.classes["comes back"] += len(lines)
        else:
            rest += lines
            books.classes["sold to another country"] += len(lines)
    for why, line in credit.rest:
        books.classes[str(why)] += 1
        rest.append(line)
    if rest:
        books.rest.append(Invoice(credit.note.number, credit.note.at, credit.note.customer, credit.note.country, rest))


def _line(invoice: Invoice, take: Take) -> Line:
    found = invoice.lines[take.line_no - 1]
    return Line(found.sku, found.title, take.quantity, found.unit_amount)


async def replay(company: Installation, retail: Retail, books: Books) -> Done:
    done = Done()
    client = Client.open(company.url, company.key, AT_ONCE)
    try:
        for name, count in books.classes.most_common():
            say(f"  {count:6} rows of credit notes  {name}")
        await _prepare(client, retail, books, done)
        await _live(client, books, done)
        begun = time.monotonic()
        await _find(client, books, done)
        await at_once(AT_ONCE, lambda one: _give_back(client, books, done, *one), _by_order(books))
        await drained(client, within=600)
        await at_once(AT_ONCE, lambda path: _close(client, path), done.by_hand)
        waited = await drained(client, within=600)
        took = time.monotonic() - begun
        say(f"{len(books.returns)} returns in {took:.0f} s, the last {waited:.1f} s of them waiting")
        done.figures |= {"returns": len(books.returns), "returns_of_live_orders": len(books.of_live)}
        done.figures["returns_per_second"] = round(len(books.returns) / took, 1)
        done.figures["classes"] = dict(books.classes)
        await _compare(client, retail, books, done)
        await _check_stock(client, books, done)
        await _ask_too_much(client, books, done)
        letters = await client.every("/runtime/dead-letters")
        done.must(not letters, f"{len(letters)} messages were given up")
    finally:
        await client.close()
    return done


async def _prepare(client: Client, retail: Retail, books: Books, done: Done) -> None:
    """Warehouses, the goods of which anything comes back or is lived, the policy, the history, and stock."""
    await open_warehouses(client)
    await client.post("/return-policies", {"rules": [POLICY]}, key="policy")
    lived = [books.sales[n] for n in sorted(books.live)]
    skus = {_line(books.sales[n], t).sku for _, n, takes in books.returns for t in takes}
    skus |= {line.sku for invoice in lived for line in invoice.lines}
    _, errors = await import_products(client, [retail.goods[sku] for sku in sorted(skus)])
    past = [i for i in books.sales.values() if i.number not in books.live]
    begun = time.monotonic()
    errors += await import_past(client, past, books.rest, tag="past")
    say(f"{len(past)} sales and {len(books.rest)} credit notes brought in, in {time.monotonic() - begun:.0f} s")
    done.must(not errors, f"the import did not take {len(errors)} things, such as {errors[:3]}")
    done.received = Counter(dict.fromkeys(skus, 0))
    for invoice in lived:
        for line in invoice.lines:
            done.received[line.sku] += line.quantity
    lines = [{"sku": sku, "quantity": n} for sku, n in sorted(done.received.items()) if n]
    for at in range(0, len(lines), MOST_LINES):
        body = {"node": NODE, "reference": f"OPENING-{at}", "lines": lines[at : at + MOST_LINES]}
        await client.post("/stock/receipts", body, key=f"opening:{at}")


async def _live(client: Client, books: Books, done: Done) -> None:
    """Place, pay, send and deliver; the month of the sale is a tag, since the order is placed now."""
    begun = time.monotonic()

    async def place(number: str) -> None:
        invoice = books.sales[number]
        body = {
            "channel": "web",
            "currency": CURRENCY,
            "external_ref": number,
            "email": invoice.email,
            "shipping_address": {"name": f"Customer {invoice.customer}", "country": invoice.country},
            "lines": [{"sku": n.sku, "quantity": n.quantity, "unit_amount": n.unit_amount} for n in invoice.lines],
            "payment": {"provider": "test", "token": "tok_ok"},
            "tags": [month(invoice)],
        }
        placed = await client.post("/orders", body, key=number)
        done.orders[number] = placed["id"]

    await at_once(AT_ONCE, place, sorted(books.live))
    await drained(client, within=300)
    sent = await floor.ready(client, list(done.orders.values()))
    picks = await floor.send(client, sent)
    await floor.deliver(client, sent)
    await drained(client, within=300)
    say(f"{len(sent)} orders lived through with {picks} picks, in {time.monotonic() - begun:.0f} s")
    done.figures |= {"orders": len(books.sales), "orders_lived": len(books.live), "picks": picks}


async def _find(client: Client, books: Books, done: Done) -> None:
    """The ids of the orders that were brought in, by their invoice."""
    wanted = sorted({n for _, n, _ in books.returns} - done.orders.keys())
    for at in range(0, len(wanted), 100):
        rows = await client.every("/orders", external_ref_in=",".join(wanted[at : at + 100]))
        done.orders |= {r["external_ref"]: r["id"] for r in rows}


def _by_order(books: Books) -> list[tuple[str, list[tuple[Invoice, list[Take]]]]]:
    """Returns of one order one after the other, as they came."""
    found: dict[str, list[tuple[Invoice, list[Take]]]] = defaultdict(list)
    for note, number, takes in books.returns:
        found[number].append((note, takes))
    return list(found.items())


async def _give_back(
    client: Client, books: Books, done: Done, number: str, notes: list[tuple[Invoice, list[Take]]]
) -> None:
    order = done.orders[number]
    for note, takes in notes:
        units: Counter[int] = Counter()
        for take in takes:
            units[take.line_no] += take.quantity
        lines = [{"line_no": n, "quantity": q, "reason": "changed_mind"} for n, q in sorted(units.items())]
        key = f"{note.number}:{number}"
        made = await client.post("/returns", {"order": order, "lines": lines, "note": told(note)}, key=key)
        path = f"/returns/{made['id']}"
        if made["status"] == "requested":  # of history a person decides
            await client.post(f"{path}/approve", {"reason": f"credit note {note.number}"}, key=f"{key}:approve")
        graded = [{"line_no": n, "quantity": q, "grade": "sellable"} for n, q in sorted(units.items())]
        await client.post(f"{path}/receive", {"node": NODE, "units": graded}, key=f"{key}:receive")
        if number not in books.live:
            done.by_hand.append(path)


async def _close(client: Client, path: str) -> None:
    """The money of history was given back by hand. What cost nothing is at its end already."""
    if "close" in (await client.get(path))["next"]:
        await client.post(f"{path}/close", {"reason": "paid back with the credit note"}, key=f"close:{path}")


def told(note: Invoice) -> str:
    return f"{note.number} of {month(note)}"


def month(invoice: Invoice) -> str:
    return f"{invoice.at:%Y-%m}"


# The books


async def _compare(client: Client, retail: Retail, books: Books, done: Done) -> None:
    mine, file = await _company_net(client, books), from_file(retail.frame)
    differing = {
        k: (mine.get(k, 0), file.get(k, 0)) for k in mine.keys() | file.keys() if mine.get(k, 0) != file.get(k, 0)
    }
    by_month: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (when, _), pence in mine.items():
        by_month[when][0] += pence
    for (when, _), pence in file.items():
        by_month[when][1] += pence
        by_month[when][2] += 1
    say("\nrevenue net of returns\nmonth    countries        company           file")
    for when, (ours, theirs, countries) in sorted(by_month.items()):
        say(f"{when}  {countries:9} {ours / 100:14.2f} {theirs / 100:14.2f}")
    done.figures |= {"months_and_countries": len(file), "months_and_countries_that_differ": len(differing)}
    done.must(not differing, f"{len(differing)} months and countries differ, such as {sorted(differing.items())[:3]}")


async def _company_net(client: Client, books: Books) -> Net:
    """Orders as they were placed, less what returns credit and what credit notes are, by their months."""
    net: Net = defaultdict(int)
    orders = {row["id"]: row for row in await client.every("/orders")}
    for row in orders.values():
        lived = row["external_ref"] in books.live
        when = row["tags"][0] if lived else row["placed_at"][:7]
        net[when, row["shipping_address"]["country"]] += -row["total"] if CREDIT_TAG in row["tags"] else row["total"]
    for row in await client.every("/returns"):
        net[row["note"].rpartition(" ")[2], orders[row["order_id"]]["shipping_address"]["country"]] -= row["credit"]
    return dict(net)


def from_file(frame: pd.DataFrame) -> Net:
    """Sales less credit notes by the month of the row's invoice and its country, on whole columns."""
    first = frame.groupby("InvoiceNo")["InvoiceDate"].transform("min")
    rows = frame.assign(month=first.dt.strftime("%Y-%m"), country=frame["Country"].map(COUNTRIES))
    is_sale = rows["InvoiceNo"].str.fullmatch(r"\d+") & (rows["Quantity"] > 0)
    is_credit = rows["InvoiceNo"].str.fullmatch(r"C\d+") & (rows["Quantity"] < 0)
    rows = rows[(is_sale | is_credit) & (rows["UnitPrice"] >= 0)]
    pence = (rows["UnitPrice"] * 100).round().astype("int64") * rows["Quantity"]
    sums = pence.groupby([rows["month"], rows["country"]]).sum()
    keys, values = sums.index.tolist(), sums.tolist()
    return {(str(key[0]), str(key[1])): int(value) for key, value in zip(keys, values, strict=True)}


async def _check_stock(client: Client, books: Books, done: Done) -> None:
    """On hand is what came in, less what left, plus what came back: what was lived left whole."""
    back: Counter[str] = Counter()
    for _, number, takes in books.returns:
        for take in takes:
            line = _line(books.sales[number], take)
            back[line.sku] += line.quantity
    rows = await client.every("/stock")
    there: Counter[str] = Counter()
    for row in rows:
        there[row["sku"]] += row["on_hand"]
    wrong = {s: (there[s], back[s]) for s in there.keys() | back.keys() if there[s] != back[s]}
    refunds = [r for r in await client.every("/returns") if r["order_id"] in _ids(books.live, done)]
    owed = [r for r in refunds if r["credit"]]
    unpaid = [r["number"] for r in owed if (r["status"], r["refunded"]) != ("refunded", r["credit"])]
    done.figures |= {"skus_with_returns": len(back), "units_back": back.total(), "units_too_many": len(wrong)}
    done.figures["pence_refunded"] = sum(r["refunded"] for r in refunds)
    done.must(not wrong, f"{len(wrong)} SKUs have not on hand what came back, such as {sorted(wrong.items())[:3]}")
    done.must(not unpaid, f"{len(unpaid)} returns are not paid back, such as {unpaid[:3]}")


def _ids(numbers: Iterable[str], done: Done) -> set[str]:
    return {done.orders[n] for n in numbers}


async def _ask_too_much(client: Client, books: Books, done: Done) -> None:
    """One unit more of every line that came back whole."""
    back: Counter[tuple[str, int]] = Counter()
    for _, number, takes in books.returns:
        for take in takes:
            back[number, take.line_no] += take.quantity
    whole = [(n, no) for (n, no), units in back.items() if units == books.sales[n].lines[no - 1].quantity]
    codes: Counter[str] = Counter()

    async def ask(one: tuple[str, int]) -> None:
        number, line_no = one
        body = {
            "order": done.orders[number],
            "lines": [{"line_no": line_no, "quantity": 1, "reason": "changed_mind"}],
        }
        try:
            await client.post("/returns", body, key=f"more:{number}:{line_no}")
            codes["taken"] += 1
        except Refused as refused:
            codes[refused.code] += 1

    await at_once(AT_ONCE, ask, whole)
    done.figures["one_more_refused"] = dict(codes)
    done.must(codes.total() == codes["not_that_many"], f"one unit more was answered with {dict(codes)}")


if __name__ == "__main__":
    sys.exit(main())
