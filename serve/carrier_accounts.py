"""Carrier accounts over HTTP: putting them in, how each answers, and trying one on a made-up parcel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages.carriers import (
    CarrierAccountRemoved,
    CarrierAccountState,
    PutCarrierAccount,
    RemoveCarrierAccount,
    TrialState,
    TryCarrierAccount,
)
from db.carriers import PROVIDERS, AccountMode, CarrierAccount, CarrierHealth, CarrierQuote, CarrierSecret
from db.errors import Invalid, NotFound
from db.sealing import seal
from db.settings import settings
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import asking, json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Country, Flag, Grams, Millimetres, Name, Ppm, Version, answer_shape, message

routes = Routes("shipping")
T = TypeVar("T")

LOOK_EVERY = 0.1  # seconds
Wait = Annotated[int, Described(ge=0, le=30, description="Seconds to wait for what carriers say before answering")]


def _health(row: Row) -> Row:
    row["health"] = "failing" if row["failures"] else "works" if row["answered_at"] else "unknown"
    return row


def _of(column: Any, table: Any) -> Any:
    return select(column).where(table.account == CarrierAccount.code).correlate(CarrierAccount).scalar_subquery()


ACCOUNTS = Listing(
    "CarrierAccount",
    CarrierAccount,
    {
        **fields(
            CarrierAccount,
            "code name provider mode services nodes enabled time_limit_ms calls_per_minute tolerance_ppm options "
            "version created_at updated_at",
            mode=AccountMode,
        ),
        "hint": field(_of(CarrierSecret.hint, CarrierSecret), nullable=True),
        "failures": field(_of(CarrierHealth.failures, CarrierHealth), nullable=True),
        "rests_until": field(_of(CarrierHealth.rests_until, CarrierHealth), nullable=True),
        "answered_at": field(_of(CarrierHealth.answered_at, CarrierHealth), nullable=True),
        "failed_at": field(_of(CarrierHealth.failed_at, CarrierHealth), nullable=True),
        "error": field(_of(CarrierHealth.error, CarrierHealth), nullable=True),
    },
    sortable=("name", "code", "created_at"),
    sort="name",
    key=("code",),
    finish=_health,
    more={"health": (str, ...)},
)
AccountRow = ACCOUNTS.row_shape()

ServiceName = Annotated[str, Described(min_length=1, max_length=65, pattern=r"^[A-Za-z0-9_.\-]+( [A-Za-z0-9_.\-]+)?$")]


@dataclass(eq=False)
class UnknownCredential(Invalid):
    provider: str
    credential: str

    def __str__(self) -> str:
        needed = ", ".join(PROVIDERS[self.provider].credentials) or "none"
        return f"{PROVIDERS[self.provider].title} takes no {self.credential}. Its credentials are: {needed}."


class AccountBody(Ask):
    name: Name = Described(examples=["EasyPost, London"])
    provider: Code = Described(examples=["easypost"])
    mode: AccountMode = AccountMode.test
    credentials: dict[Code, str] | None = Described(
        None, description="Kept sealed and never shown; null keeps what is there", examples=[{"api_key": "EZTK…"}]
    )
    services: list[ServiceName] = Described(
        default_factory=list, max_length=200, description="Carriers, or a carrier and its service. Empty: all"
    )
    nodes: list[Code] = Described(default_factory=list, max_length=200, description="It is used at. Empty: all")
    enabled: Flag = True
    time_limit_ms: Annotated[int, Described(strict=True, ge=100, le=30_000)] = 5000
    calls_per_minute: Annotated[int, Described(strict=True, ge=1, le=100_000)] | None = None
    tolerance_ppm: Ppm = Described(50_000, description="By which a price may rise after it was chosen: 50000 is 5 %")
    options: dict[str, str | list[str]] = Described(
        default_factory=dict, description="Of the provider: `carrier_accounts` of EasyPost, faults of the test carrier"
    )
    version: Version | None = None


class TrialBody(Ask):
    node: Code = Described(description="It would be sent from")
    country: Country
    postcode: str = Described("", max_length=12)
    city: str = Described("", max_length=100)
    region: str = Described("", max_length=100)
    line1: str = Described("", max_length=200)
    weight_grams: Grams = 1000
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0


class TrialRate(BaseModel):
    carrier: str
    service: str
    amount: int
    currency: str
    transit_days: int | None


class CarrierTrial(BaseModel):
    """What an account said of a made-up parcel; `answered_at` is null while it is asked."""

    id: UUID
    account: str
    asked_at: datetime
    answered_at: datetime | None
    took_ms: int | None
    rates: list[TrialRate]
    messages: list[str]
    error: str | None


class ProviderShape(BaseModel):
    code: str
    title: str
    about: str
    credentials: list[str]
    modes: list[str]


class Providers(BaseModel):
    providers: list[ProviderShape]


@routes.get("/carrier-providers", access=Scope.read_shipping, answer=Providers)
def read_carrier_providers(request: Request) -> Response:  # noqa: ARG001 - the same for everybody
    """Tell which providers of carriers there are, and what each needs."""
    return json_answer({"providers": [{"code": code, **facts._asdict()} for code, facts in PROVIDERS.items()]})


@routes.get("/carrier-accounts", access=Scope.read_shipping, answer=ACCOUNTS.list_shape(AccountRow),
            extra=ACCOUNTS.operation())  # fmt: skip
def list_carrier_accounts(request: Request) -> Response:
    """List carrier accounts, and how each answers."""
    return ACCOUNTS.answer(request)


@routes.get("/carrier-accounts/{code}", access=Scope.read_shipping, answer=AccountRow)
def read_carrier_account(request: Request, code: Code) -> Response:
    """Show a carrier account, without its credentials."""
    with edge_of(request).database.reading() as session:
        row = ACCOUNTS.one(session, CarrierAccount.code == code)
    if row is None:
        raise NotFound("carrier account", code)
    return json_answer(row)


@routes.put("/carrier-accounts/{code}", access=Scope.write_settings, answer=answer_shape(CarrierAccountState))
async def put_carrier_account(request: Request, code: Code, body: AccountBody) -> Response:
    """Put in a carrier account, or change it. Credentials are sealed before they travel any further."""
    told = body.model_dump(exclude={"credentials", "version"})
    given = {name: value.strip() for name, value in (body.credentials or {}).items() if value.strip()}
    if body.provider in PROVIDERS and (unknown := sorted(set(given) - set(PROVIDERS[body.provider].credentials))):
        raise UnknownCredential(body.provider, unknown[0])
    sealed = seal(given, settings()) if given else None
    version = version_of(request, body.version)
    asked = PutCarrierAccount(code=code, **told, sealed=sealed, hint=_hint(given), version=version)
    return await sending(request, "shipping", asked, CarrierAccountState, partition=code)


def _hint(credentials: dict[str, str]) -> str:
    """The last letters of each: enough to tell two apart, too little to use."""
    return ", ".join(f"{name} …{value[-4:] if len(value) > 12 else ''}" for name, value in sorted(credentials.items()))


@routes.delete("/carrier-accounts/{code}", access=Scope.write_settings, answer=answer_shape(CarrierAccountRemoved))
async def remove_carrier_account(request: Request, code: Code) -> Response:
    """Remove an account that no label was bought through."""
    return await sending(request, "shipping", RemoveCarrierAccount(code=code), CarrierAccountRemoved, partition=code)


@routes.post("/carrier-accounts/{code}/try", access=Scope.write_shipping, answer=CarrierTrial)
async def try_carrier_account(request: Request, code: Code, body: TrialBody, wait: Wait = 10) -> Response:
    """Ask an account what it would take for a made-up parcel. Nothing is bought."""
    sides = (body.length_mm, body.width_mm, body.height_mm)
    told = body.model_dump(exclude={"length_mm", "width_mm", "height_mm"})
    asked = message(TryCarrierAccount, None, code=code, sides_mm=sides, **told)
    answer = await asking(request, "shipping", asked, partition=code)
    trial = msgspec.msgpack.decode(answer.body, type=TrialState)
    return json_answer(await told_within(request, wait, lambda session: _trial(session, trial.id)))


@routes.get("/carrier-trials/{trial_id}", access=Scope.read_shipping, answer=CarrierTrial)
def read_carrier_trial(request: Request, trial_id: UUID) -> Response:
    """Show what an account said of a made-up parcel."""
    with edge_of(request).database.reading() as session:
        row, _ = _trial(session, trial_id)
    return json_answer(row)


def _trial(session: Session, trial_id: UUID) -> tuple[Row, bool]:
    quote = session.get(CarrierQuote, trial_id)
    if quote is None or quote.parcel_id is not None:
        raise NotFound("trial", str(trial_id))
    told = {name: getattr(quote, name) for name in CarrierTrial.model_fields if name != "rates"}
    shown = [{name: rate.get(name) for name in TrialRate.model_fields} for rate in quote.rates]
    return {**told, "rates": shown}, quote.answered_at is not None


async def told_within(request: Request, seconds: int, look: Callable[[Session], tuple[T, bool]]) -> T:
    """What `look` finds, as soon as it says that it is final; at the latest when the time is up."""
    database = edge_of(request).database

    def once() -> tuple[T, bool]:
        with database.reading() as session:
            return look(session)

    for _ in range(round(seconds / LOOK_EVERY)):
        found, final = await asyncio.to_thread(once)
        if final:
            return found
        await asyncio.sleep(LOOK_EVERY)
    return (await asyncio.to_thread(once))[0]
