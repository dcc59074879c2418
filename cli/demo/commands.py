"""`backoffice demo`: load the demo shop, watch it work, clear it away."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from cli.api import ApiAway, ApiRefused
from cli.demo.clearing import CannotClear, Found, clear_database, database_at_rest, find
from cli.demo.loading import load_demo
from cli.demo.work import work_until
from cli.layout import DataDir
from cli.output import done, fail, out
from cli.place import DataDirOption, running, settings_for

NO_KEY = (
    "The first key of this installation is revoked or gone. Make another that may everything with "
    "`backoffice keys add demo --all --days 1`, and give it: --api-key, or BACKOFFICE_API_KEY."
)
demo = typer.Typer(help="The demo shop: load it, watch it work, clear it away.", no_args_is_help=True)


KeyOption = Annotated[
    str | None,
    typer.Option("--api-key", envvar="BACKOFFICE_API_KEY", help="A key that may everything, where the first is gone."),
]


def _api_of(data_dir: Any, api_key: str | None) -> tuple[str, str, str]:
    """Address, key and database of the installation that runs here."""
    settings, data, facts = running(data_dir)
    kept = data.secret_path("api_key")
    if api_key is None and not kept.exists():
        fail(NO_KEY)
    return (
        str(facts["url"]),
        api_key or kept.read_text().strip(),
        settings.database_url or str(facts["database_url"]),
    )


def _why(error: Exception) -> str:
    """What to do about a refusal, where that is known: the installation's own key was revoked, or may too little."""
    refused = error if isinstance(error, ApiRefused) else error.__cause__
    if isinstance(refused, ApiRefused) and refused.status == 401:
        return NO_KEY
    if isinstance(refused, ApiRefused) and refused.status == 403:
        return f"{error} The demo shop takes a key that may everything: `backoffice keys add demo --all`."
    return str(error)


def _line(text: str) -> None:
    out.print(text, highlight=False, markup=False, soft_wrap=True)


@demo.command()
def load(api_key: KeyOption = None, data_dir: DataDirOption = None) -> None:
    """Put the demo shop into the running company. Its products and orders are marked as demo."""
    url, key, database_url = _api_of(data_dir, api_key)
    begun = time.monotonic()
    try:
        load_demo(url, key, database_url, progress=_line)
    except (RuntimeError, ApiAway, ApiRefused) as error:
        fail(_why(error))
    done(f"The demo shop is in, after {time.monotonic() - begun:.0f} s. Watch it work: backoffice demo work")


@demo.command()
def work(
    per_minute: Annotated[float, typer.Option(min=0.1, max=600, help="Orders placed a minute.")] = 6.0,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Stop after so many minutes.")] = None,
    api_key: KeyOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Work in the demo shop until Ctrl-C: orders come in, the warehouses pick, pack and ship, parcels arrive."""
    url, key, _ = _api_of(data_dir, api_key)
    out.print("[dim]Ctrl-C stops it.[/dim]")
    try:
        shipped = work_until(url, key, _line, per_minute=per_minute, seconds=minutes * 60 if minutes else None)
    except ValueError as reason:
        fail(str(reason))
    except (ApiRefused, ApiAway) as error:
        fail(f"{_why(error)} See `backoffice status`.")
    done(f"Closing time: {shipped} parcels have left.")


@demo.command()
def clear(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, data_dir: DataDirOption = None
) -> None:
    """Remove the demo shop with all that belongs to it. What people added themselves stays."""
    settings = settings_for(data_dir)
    with database_at_rest(settings, DataDir(settings.data_dir)) as url:
        found = find(url)
        if not found:
            done("There is no demo shop.")
            return
        if not yes and not typer.confirm(f"Remove {_told(found)}?"):
            raise typer.Exit(1)
        try:
            clear_database(url)
        except CannotClear as reason:
            fail(str(reason))
    done(f"Removed {_told(found)}. `backoffice up --empty` starts without it.")


def _told(found: Found) -> str:
    own = f", {found.own_orders} of them placed by hand for goods of the demo shop" if found.own_orders else ""
    return f"{found.orders} orders{own}, {found.products} products and {found.customers} customers of the demo shop"
