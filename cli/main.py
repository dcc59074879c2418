"""The `backoffice` command."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated

import typer

from cli import describe, keeping, look, people, transfer
from cli import up as running
from cli.demo.commands import demo
from cli.output import done, fail, out
from cli.place import DataDirOption, settings_for

app = typer.Typer(
    name="backoffice",
    help="The system that runs an e-commerce company behind the shop.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(running.up)
app.command()(running.down)
app.command()(look.status)
app.command()(look.logs)
app.command()(look.audit)
app.command()(keeping.backup)
app.command("restore")(keeping.restore_file)
app.command("import")(transfer.import_file)
app.command()(transfer.export)
app.command()(describe.openapi)
app.add_typer(people.users, name="users")
app.add_typer(people.keys, name="keys")
app.add_typer(demo, name="demo")


@app.command()
def migrate(data_dir: DataDirOption = None) -> None:
    """Bring the database's schema to this release's (`up` does it too)."""
    from cli.place import database_of
    from db import migrate as migrations

    url = database_of(data_dir).url
    before = migrations.current(url)
    try:
        migrations.upgrade(url)
    except migrations.SchemaIsNewer as reason:
        fail(str(reason))
    done(f"The schema is at {migrations.head()}" + ("." if before == migrations.head() else f" (it was at {before})."))


@app.command()
def serve(
    address: Annotated[str, typer.Option(help="Address of a Ray cluster; `auto` finds the local one.")] = "auto",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port of the API (BACKOFFICE_PORT; 8100).")] = None,
    replicas: Annotated[int, typer.Option(help="Replicas of the gateway.")] = 1,
) -> None:
    """Start the company on a Ray cluster that runs already, with PostgreSQL from BACKOFFICE_DATABASE_URL."""
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")  # read when Ray is imported
    import ray

    from coordinator.start import namespace_of, start_coordinator, wait_for_agents
    from db import migrate as migrations
    from serve import deployments

    settings = settings_for(None, port)
    if settings.database_url is None:
        fail("A cluster needs a PostgreSQL that all of its machines reach: set BACKOFFICE_DATABASE_URL.")
    migrations.upgrade(settings.database_url)
    namespace = namespace_of(settings.release)
    ray.init(address=address, namespace=namespace, log_to_driver=False)
    coordinator = start_coordinator(settings.database_url, namespace)
    deployments.run(host=host, port=settings.port, replicas=replicas)
    routes = wait_for_agents(coordinator)
    done(f"{sum(routes.values())} agent replicas and the API run on the cluster, at http://{host}:{settings.port}.")


@app.command("version")
def show_version() -> None:
    """The release."""
    out.print(f"backoffice {version('backoffice')}", highlight=False)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
