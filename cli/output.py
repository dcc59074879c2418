"""How the command line talks: to people in colours on a terminal, to programs in JSON."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table

out = Console()
err = Console(stderr=True)


def fail(sentence: str, *, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    err.print(f"[red]✗[/red] {sentence}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def done(sentence: str) -> None:
    out.print(f"[green]✓[/green] {sentence}", highlight=False, soft_wrap=True)


def as_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    shown = Table(title=title, title_justify="left", header_style="bold", show_edge=False)
    for name in columns:
        shown.add_column(name, justify="right" if rows and isinstance(rows[0][columns.index(name)], int) else "left")
    for row in rows:
        shown.add_row(*("" if v is None else str(v) for v in row))
    out.print(shown)
