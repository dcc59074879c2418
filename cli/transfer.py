"""`backoffice import` and `backoffice export`: files in and out of the running company, through its API."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from cli.api import Api, ApiAway
from cli.look import JsonOption
from cli.output import as_json, done, err, fail, table
from cli.place import DataDirOption, running
from cli.rows import ERROR, BadFile, Sheet, read_heading
from cli.sending import AT_ONCE, COUNTED, Errors, Taken, take_in
from serve.importing.columns import FORMS, KINDS, Form

EXPORTS = (
    "orders", "order_lines", "products", "customers", "stock", "stock_levels", "ledger", "payments", "nodes",
    "transfers", "counts", "fulfilments", "parcels", "notifications", "audit", "webhook_posts",
)  # fmt: skip

UrlOption = Annotated[
    str | None, typer.Option("--url", envvar="BACKOFFICE_URL", help="Another installation than that of --data-dir.")
]
KeyOption = Annotated[
    str | None, typer.Option("--api-key", envvar="BACKOFFICE_API_KEY", help="A key of it; scopes bound what it may do.")
]


def import_file(
    kind: Annotated[str, typer.Argument(help="orders, products, customers or stock.")],
    file: Annotated[Path | None, typer.Argument(help="A CSV file; without one the columns are shown.")] = None,
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
    """Bring a file in, row by row. The same file again changes nothing. Exit code 1 when rows were left out."""
    if kind not in KINDS:
        fail(f"There is no import of {kind!r}. Known: {', '.join(KINDS)}.")
    if file is None:
        _show_columns(kind)
        return
    try:
        sheet = read_heading(file, kind, renamed=_pairs("--map", map_), constants=_pairs("--set", set_))
        sheet.look_through()
    except BadFile as why:
        fail(str(why))
    left_out = errors or file.with_name(f"{file.name.removesuffix('.csv')}.errors.csv")
    if left_out.resolve() == file.resolve():
        fail("The file of errors would take the place of the file itself. Choose another with --errors.")
    where, key = _installation(url, api_key, data_dir)
    started = time.monotonic()
    written = Errors(left_out, sheet)
    try:
        with Api(where, key, connections=AT_ONCE) as api:
            taken = take_in(api, sheet, written, dry_run=dry_run, progress=not json)
    finally:
        written.close()
    _report(taken, sheet, left_out, seconds=time.monotonic() - started, dry_run=dry_run, json=json)


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


def _show_columns(kind: str) -> None:
    told = [
        [c.name, "must" if c.required else "", c.what, "" if c.form is Form.text else FORMS[c.form], c.example]
        for c in KINDS[kind]
    ]
    table(f"Columns of {kind}", ["column", "", "what", "written", "example"], told)


def _report(taken: Taken, sheet: Sheet, left_out: Path, *, seconds: float, dry_run: bool, json: bool) -> None:
    rows_left = sheet.total - taken.rows
    told = {name: taken.counts[name] for name in COUNTED} | {"rows": taken.rows, "rows_with_errors": taken.failed}
    if json:
        as_json({
            "kind": sheet.kind, "dry_run": dry_run, **told, "rows_not_sent": rows_left, "stopped": taken.stopped,
            "errors": str(left_out) if taken.failed else None, "seconds": round(seconds, 3),
        })  # fmt: skip
    else:
        table(f"Import of {sheet.kind}", ["what", "count"], [[n.replace("_", " "), c] for n, c in told.items()])
    if not json and not taken.stopped:
        rate = taken.rows / max(seconds, 1e-9)
        dry = " This was a dry run: nothing was changed." if dry_run else ""
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
