"""`backoffice users` and `backoffice keys`: who may come in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import delete, select

from cli.look import JsonOption
from cli.output import as_json, done, fail, out, table
from cli.place import DataDirOption, database_of
from db.people import ApiKey, PersonSession, Role, User
from db.session import Who
from serve.auth import digest, new_secret
from serve.passwords import hash_password
from serve.scopes import ALL_SCOPES, UnknownScopes, check_scopes, ensure_roles
from serve.second_factor import take_away

ME = Who("system:command line")
users = typer.Typer(help="People who sign in to the console.", no_args_is_help=True)
keys = typer.Typer(help="API keys.", no_args_is_help=True)


@users.command("list")
def list_users(data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Everybody who can sign in."""
    with database_of(data_dir).reading() as session:
        people = session.scalars(select(User).order_by(User.email)).all()
    rows = [[u.email, u.name, u.role, "yes" if u.active else "no", u.last_sign_in_at] for u in people]
    if json:
        as_json([dict(zip(("email", "name", "role", "active", "last_sign_in_at"), r, strict=True)) for r in rows])
        return
    table("Users", ["e-mail", "name", "role", "active", "last sign-in"], rows)


@users.command("add")
def add_user(
    email: str,
    role: Annotated[
        str, typer.Option(help="admin, manager, warehouse, quality, support, analyst or one of yours.")
    ] = "support",
    name: Annotated[str | None, typer.Option()] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Add a person; the password is made up and shown once."""
    password = secrets.token_urlsafe(12)
    email = email.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@"):
        fail(f"{email!r} is not an e-mail address.")
    with database_of(data_dir).transaction(ME) as tx:
        ensure_roles(tx)
        if tx.get(Role, role) is None:
            known = ", ".join(tx.scalars(select(Role.name).order_by(Role.name)))
            fail(f"There is no role {role!r}. Known: {known}.")
        if tx.scalar(select(User.id).where(User.email == email)):
            fail(f"{email} is a user already. To give a new password: backoffice users reset {email}")
        tx.add(
            User(email=email, name=name or email, role=role, password_hash=hash_password(password), created_at=tx.now)
        )
    done(f"{email} may sign in as {role}.")
    out.print(f"Password (shown once): {password}", highlight=False, markup=False)


@users.command("reset")
def reset_password(email: str, data_dir: DataDirOption = None) -> None:
    """Give a new password, shown once, and end the person's sessions."""
    password = secrets.token_urlsafe(12)
    with database_of(data_dir).transaction(ME) as tx:
        user = tx.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            fail(f"There is no user {email}.")
        user.password_hash = hash_password(password)
        user.active = True
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user.id))
    out.print(f"Password (shown once): {password}", highlight=False, markup=False)


@users.command("remove-second-factor")
def remove_second_factor(email: str, data_dir: DataDirOption = None) -> None:
    """Let somebody who has lost phone and recovery codes sign in with the password alone."""
    with database_of(data_dir).transaction(ME) as tx:
        user = tx.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            fail(f"There is no user {email}.")
        if not take_away(tx, user.id):
            fail(f"{email} has no second factor.")
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user.id))
    done(f"{email} signs in with the password alone.")


@users.command("disable")
def disable_user(email: str, data_dir: DataDirOption = None) -> None:
    """Keep a person out from now on."""
    with database_of(data_dir).transaction(ME) as tx:
        user = tx.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            fail(f"There is no user {email}.")
        user.active = False
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user.id))
        theirs = list(tx.scalars(select(ApiKey.name).where(ApiKey.owner_id == user.id, ApiKey.revoked_at.is_(None))))
    done(f"{email} can no longer sign in.")
    if theirs:
        done(f"API keys that stop with them, until somebody takes them over: {', '.join(theirs)}.")


@keys.command("list")
def list_keys(data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Every key, without its secret."""
    with database_of(data_dir).reading() as session:
        found = session.scalars(select(ApiKey).order_by(ApiKey.created_at)).all()
        owners = dict(session.execute(select(User.id, User.email)).all())
    names = ("prefix", "name", "owner", "scopes", "created_at", "last_used_at", "revoked_at")
    told = [{"owner": owners.get(k.owner_id) if k.owner_id else None, "scopes": ", ".join(k.scopes)} for k in found]
    rows = [[t[n] if n in t else getattr(k, n) for n in names] for k, t in zip(found, told, strict=True)]
    if json:
        as_json([dict(zip(names, r, strict=True)) for r in rows])
        return
    table("API keys", list(names), rows)


@keys.command("add")
def add_key(
    name: str,
    scope: Annotated[list[str] | None, typer.Option(help="What it may; repeat for each.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="It may everything: for who runs the company.")] = False,
    days: Annotated[int | None, typer.Option(help="Days until it expires.", min=1)] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Make a key; it is shown once.

    It belongs to nobody and goes on whoever leaves. For a web shop:
    backoffice keys add "Web shop" --scope write_orders --scope read_stock --scope read_catalog
    """
    if bool(scope) == everything:
        fail(f"Say what it may with --scope, or --all. There are: {', '.join(sorted(ALL_SCOPES))}.")
    try:
        scopes = check_scopes(ALL_SCOPES if everything else scope or [], held=ALL_SCOPES)
    except UnknownScopes as refusal:
        fail(f"{refusal} Known: {', '.join(sorted(ALL_SCOPES))}.")
    secret = new_secret("bo_live_")
    with database_of(data_dir).transaction(ME) as tx:
        tx.add(
            ApiKey(
                name=name,
                prefix=secret[:12],
                digest=digest(secret),
                scopes=scopes,
                created_by=ME.actor,
                created_at=tx.now,
                expires_at=tx.now + timedelta(days=days) if days else None,
            )
        )
    out.print(f"API key (shown once): {secret}", highlight=False, markup=False)


@keys.command("revoke")
def revoke_key(prefix: str, data_dir: DataDirOption = None) -> None:
    """Make a key useless, within seconds."""
    with database_of(data_dir).transaction(ME) as tx:
        found = tx.scalars(select(ApiKey).where(ApiKey.prefix == prefix[:12], ApiKey.revoked_at.is_(None))).all()
        if len(found) != 1:
            fail(f"{len(found)} live keys begin with {prefix!r}; see `backoffice keys list`.")
        found[0].revoked_at, found[0].revoked_by = tx.now, ME.actor
    done(f"{prefix} is revoked.")
