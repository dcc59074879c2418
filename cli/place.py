"""Which installation a command is about: its settings, data directory and database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.layout import DataDir
from cli.output import fail
from db.session import Database
from db.settings import BadSettings, Settings, load

DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="Where this installation lives (BACKOFFICE_DATA_DIR; ~/.backoffice).")
]


def settings_for(data_dir: Path | None = None, port: int | None = None) -> Settings:
    """Settings of the environment, with what the command line says on top."""
    env = dict(os.environ)
    if data_dir is not None:
        env["BACKOFFICE_DATA_DIR"] = str(data_dir.expanduser().resolve())
    if port is not None:
        env["BACKOFFICE_PORT"] = str(port)
    try:
        return load(env)
    except BadSettings as wrong:
        fail(str(wrong))


def running(data_dir: Path | None = None) -> tuple[Settings, DataDir, dict[str, object]]:
    """The installation's facts while it runs; ends with a sentence when it does not."""
    settings = settings_for(data_dir)
    data = DataDir(settings.data_dir)
    facts = data.read_run()
    if facts is None:
        fail(f"Backoffice is not running on {data.root}. Start it with `backoffice up`.")
    return settings, data, facts


def database_of(data_dir: Path | None = None) -> Database:
    """The installation's database: the outside one by its URL, else that of the running `up`."""
    settings = settings_for(data_dir)
    if settings.database_url:
        return Database(settings.database_url, pool_size=2, application_name="backoffice-cli")
    _, _, facts = running(data_dir)
    return Database(str(facts["database_url"]), pool_size=2, application_name="backoffice-cli")
