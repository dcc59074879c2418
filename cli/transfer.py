"""`backoffice import` and `backoffice export`: files in and out of the running company, through its API."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from cli.api import Api, ApiAway, ApiRefused
from cli.look import JsonOption
from cli.output import as_json, done, err, fail, table
from cli.place import DataDirOption, running
from cli.rows import ERROR, BadFile, Sheet, read_heading
from cli.sending import AT_ONCE, COUNTED, Errors, Taken, take_in
from cli.whole_file import AUTO, Reading, became, begin, bring, follow, keep_left_out, presets_of
from serve.importing.columns import FORMS, KINDS, Form
from serve.importing.presets import BY_NAME

EXPORTS = (
    "orders", "order_lines", "products", "customers", "stock", "stock_levels", "ledger", "payments", "variants",
    "allocations", "stock_holds", "backorders", "backorder_promises", "fill_decisions", "channel_buffers",
    "fill_policies", "pre_orders", "lots", "transfers", "counts", "suppliers", "supplier_items", "purchase_orders",
    "approval_limits", "supplier_invoices", "supplier_credits", "supplier_claims", "match_tolerances", "deliveries",
    "supplier_promises",
    "advance_notices", "docks", "appointments", "receipts", "inspections",
    "dispositions", "inspection_plans", "supplier_standings", "putaway_tasks", "putaways", "putaway_rules",
    "suggestions", "replenishment_plans", "replenishment_rules", "replenishment_classes",
    "routing_rule_sets", "routing_plans", "routing_plan_moves",
    "nodes", "bins", "fulfilments", "parcels", "boxes", "pick_lists", "waves", "wave_templates", "release_policies",
    "carrier_cut_offs", "labels", "customs_declarations", "sdr_rates", "carrier_calendars",
    "pickups", "manifests",
    "label_purchases", "carrier_accounts", "tracking", "rate_cards",
    "gift_cards", "store_credit", "refund_limits", "exchanges", "claims",
    "tracks", "tracking_codes", "parcel_exceptions", "carrier_claims", "carrier_terms", "carrier_invoices",
    "carrier_charges",
    "shipping_policies", "carrier_choices", "carrier_rule_sets", "carrier_parcels", "carrier_drifts",
    "returns", "return_lines", "shipped_lines", "return_labels", "return_policies", "return_dispositions",
    "disposition_terms", "return_signals", "unknown_parcels", "notifications",
    "users", "roles", "keys", "audit", "dead_letters", "flows", "schedules", "webhooks", "webhook_posts", "imports",
    "bulk", "inbox", "views",
)  # fmt: skip

UrlOption = Annotated[
    str | None, typer.Option("--url", envvar="BACKOFFICE_URL", help="Another installation than that of --data-dir.")
]
KeyOption = Annotated[
    str | None, typer.Option("--api-key", envvar="BACKOFFICE_API_KEY", help="A key of it; scopes bound what it may do.")
]


def import_file(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    file: Annotated[Path | None, typer.Argument(help="A CSV file; without one the columns are shown.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"A file of another system, read as it is: {', '.join(BY_NAME)}; or auto, by its headings."),
    ] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Bring the file and leave the work to the company; do not wait.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; change nothing.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where rows that were left out go (FILE.errors.csv).")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="THEIRS=OURS renames a column, THEIRS= leaves it out. Repeat.")
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="COLUMN=VALUE for every row. Repeat.")] = None,
    url: UrlOption = None,
    api_key: KeyOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a file in, row by row. The same file again changes nothing. Exit code 1 when rows were left out.

    With --preset or --background the company gets the whole file (at most 25 MB and 100,000 rows) and works on it
    by itself; the console shows it under Imports, where rows can be mended. Ctrl-C stops it after the rows in hand.
    """
    if kind not in KINDS:
        fail(f"There is no import of {kind!r}. Known: {', '.join(KINDS)}.")
    if preset is not None and preset not in (AUTO, *presets_of(kind)):
        fail(f"There is no preset {preset!r} for {kind}. Known: {', '.join(presets_of(kind))}, or {AUTO}.")
    if file is None:
        _show_columns(kind, preset)
        return
    left_out = errors or file.with_name(f"{file.name.removesuffix('.csv')}.errors.csv")
    if left_out.resolve() == file.resolve():
        fail("The file of errors would take the place of the file itself. Choose another with --errors.")
    renamed, constants = _pairs("--map", map_), _pairs("--set", set_)
    if preset is None and not background:
        try:
            sheet = read_heading(file, kind, renamed=renamed, constants=constants)
            sheet.look_through()
        except BadFile as why:
            fail(str(why))
        where, key = _installation(url, api_key, data_dir)
        _row_by_row(where, key, sheet, left_out, dry_run=dry_run, json=json)
        return
    where, key = _installation(url, api_key, data_dir)
    reading = Reading(preset, renamed, constants)
    try:
        with Api(where, key) as api:
            run = begin(api, bring(api, kind, file, reading), dry_run=dry_run)
            if background:
                _tell_of(run, where, json=json)
                return
            _wait_for(api, run, left_out, dry_run=dry_run, json=json)
    except (BadFile, ApiRefused, ApiAway) as why:
        fail(str(why))


def _row_by_row(where: str, key: str, sheet: Sheet, left_out: Path, *, dry_run: bool, json: bool) -> None:
    started = time.monotonic()
    written = Errors(left_out, sheet)
    try:
        with Api(where, key, connections=AT_ONCE) as api:
            taken = take_in(api, sheet, written, dry_run=dry_run, progress=not json)
    finally:
        written.close()
    told = Told(sheet.kind, sheet.total, left_out, time.monotonic() - started, dry_run)
    _report(taken, told, json=json)


def _wait_for(api: Api, run: dict[str, Any], left_out: Path, *, dry_run: bool, json: bool) -> None:
    started = time.monotonic()
    run, stopped = follow(api, run, progress=not json)
    taken = became(run, dry_run=dry_run, stopped=stopped)
    if taken.failed:
        keep_left_out(api, run, left_out)
    _report(taken, Told(run["kind"], run["total_rows"], left_out, time.monotonic() - started, dry_run), json=json)


def _tell_of(run: dict[str, Any], where: str, *, json: bool) -> None:
    if json:
        as_json({name: run[name] for name in ("kind", "id", "status", "total_rows")})
        return
    done(f"{run['total_rows']} rows are with the company: {where.rstrip('/')}/imports/{run['id']} shows how far it is.")


def export(
    kind: Annotated[str, typer.Argument(help=", ".join(EXPORTS))],
    out_file: Annotated[Path | None, typer.Option("--out", help="A file; standard output when not given.")] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", help="As the list's: status_in=shipped,delivered. Repeat.")
    ] = None,
    url: UrlOption = None,
    api_key: KeyOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Write all rows that fit as CSV, as of one moment."""
    where, key = _installation(url, api_key, data_dir)
    told = list(_pairs("--filter", filter_).items())
    try:
        if out_file is None:
            download(where, key, kind, told, sys.stdout.buffer.write)
            return
        part = out_file.with_name(f"{out_file.name}.part")
        try:
            with part.open("wb") as sink:
                download(where, key, kind, told, sink.write)
            part.replace(out_file)
        finally:
            part.unlink(missing_ok=True)
    except ApiAway as why:
        fail(str(why))
    except OSError as error:
        fail(f"{out_file or 'Standard output'} cannot be written: {error.strerror}.")
    done(f"{kind} are in {out_file}.")


def download(url: str, key: str, kind: str, filters: list[tuple[str, str]], write: Callable[[bytes], Any]) -> None:
    """Stream an export into `write`. Raises ApiAway when it is refused, or ends in the middle."""
    path = f"{url.rstrip('/')}/api/v1/exports/{kind}.csv"
    query = httpx.QueryParams(tuple(filters))
    asking = httpx.stream("GET", path, params=query, headers={"Authorization": f"Bearer {key}"}, timeout=300.0)
    try:
        with asking as answer:
            if answer.status_code >= 400:
                answer.read()
                raise ApiAway(_sentence(answer, kind))
            for piece in answer.iter_bytes():
                write(piece)
    except httpx.TransportError as error:
        raise ApiAway(
            f"The export broke off ({type(error).__name__}). Nothing of it can be used; repeat it."
        ) from error


def _sentence(answer: httpx.Response, kind: str) -> str:
    if answer.status_code == 404:
        return f"There is no export of {kind}. Known: {', '.join(EXPORTS)}."
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"The export was refused with status {answer.status_code}."


def _installation(url: str | None, api_key: str | None, data_dir: Path | None) -> tuple[str, str]:
    if url is not None:
        if api_key is None:
            fail("Another installation needs a key of its own: --api-key, or BACKOFFICE_API_KEY.")
        return url, api_key
    _, data, facts = running(data_dir)
    kept = data.secret_path("api_key")
    if api_key is None and not kept.exists():
        fail("The first key of this installation is gone. Make one with `backoffice keys add`, and give it: --api-key.")
    return str(facts["url"]), api_key or kept.read_text().strip()


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    for one in given or []:
        if "=" not in one:
            fail(f"{option} {one} has no `=` in it. Write {option} NAME=VALUE.")
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given or [])}


def _show_columns(kind: str, preset: str | None) -> None:
    known = BY_NAME.get(preset or "")
    if known:
        table(f"{known.title}, as {known.name} reads it", ["ours", "theirs"], [list(c) for c in known.columns.items()])
        for name in known.asks:
            done(f"The file does not say its {name}: give one with --set {name}=VALUE.")
        return
    told = [
        [c.name, "must" if c.required else "", c.what, "" if c.form is Form.text else FORMS[c.form], c.example]
        for c in KINDS[kind]
    ]
    table(f"Columns of {kind}", ["column", "", "what", "written", "example"], told)


@dataclass(frozen=True)
class Told:
    """What an import was of. `seconds` it took; rows that were left out are in `left_out`."""

    kind: str
    total: int
    left_out: Path
    seconds: float
    dry_run: bool


def _report(taken: Taken, about: Told, *, json: bool) -> None:
    rows_left, left_out, seconds = about.total - taken.rows, about.left_out, about.seconds
    told = {name: taken.counts[name] for name in COUNTED} | {"rows": taken.rows, "rows_with_errors": taken.failed}
    if json:
        as_json({
            "kind": about.kind, "dry_run": about.dry_run, **told, "rows_not_sent": rows_left, "stopped": taken.stopped,
            "errors": str(left_out) if taken.failed else None, "seconds": round(seconds, 3),
        })  # fmt: skip
    else:
        table(f"Import of {about.kind}", ["what", "count"], [[n.replace("_", " "), c] for n, c in told.items()])
    if not json and not taken.stopped:
        rate = taken.rows / max(seconds, 1e-9)
        dry = " This was a dry run: nothing was changed." if about.dry_run else ""
        done(f"{taken.rows} rows in {seconds:.1f} s ({rate:.0f} a second).{dry}")
    if taken.failed and not json:
        told_where = f"{taken.failed} rows were left out. Mend them in {left_out} (column `{ERROR}`), and import that."
        err.print(told_where, highlight=False, soft_wrap=True, markup=False)
    if taken.stopped:
        fail(
            f"{taken.stopped} {taken.rows} rows were answered and what they say is done; {rows_left} were not. "
            "Import the same file again for the rest: nothing is done twice.",
            code=130 if taken.stopped == "Stopped." else 1,
        )
    if taken.failed:
        raise typer.Exit(1)
