"""A second factor at sign-in: six digits of an app on one's phone (TOTP, RFC 6238), or a code from a sheet of paper."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import ClassVar
from uuid import UUID

import pyotp
import segno
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import delete, update
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Conflict, Refusal
from db.people import PersonSession, SecondFactor
from db.session import Transaction
from serve.auth import COOKIE, digest
from serve.edge import caller_of, edge_of, who_of
from serve.passwords import LONGEST
from serve.proving import OnlyForPeople, forgive, prove_again
from serve.requests import json_answer
from serve.routing import Routes, SignedIn
from serve.shapes import Ask

routes = Routes("sessions")

STEP = 30  # seconds that a code lasts
TOLERANCE = 1  # steps that a phone's clock may be off
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another


class Proof(Ask):
    password: str = Described(min_length=1, max_length=LONGEST)


class Code(Ask):
    code: str = Described(min_length=6, max_length=20, examples=["492039"])


class ProofAndCode(Proof, Code):
    pass


class FactorState(BaseModel):
    active: bool
    since: datetime | None
    recovery_codes_left: int


class NewFactor(BaseModel):
    """`picture` is a QR code of `address` as a data URI; `secret` is for typing it in."""

    secret: str
    address: str
    picture: str


class RecoveryCodes(BaseModel):
    """Each is good for one sign-in without the phone. Shown this once."""

    recovery_codes: list[str]


@dataclass(eq=False)
class SecondFactorNeeded(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "The password is right. Send the six digits of your app, or a recovery code, as code too."


@dataclass(eq=False)
class WrongCode(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "This is not the code of this moment, or it was used before. Wait for the next one."


@dataclass(eq=False)
class FactorThere(Conflict):
    def __str__(self) -> str:
        return "Your sign-in has a second factor already. Remove it before you set up another one."


@dataclass(eq=False)
class NoFactor(Conflict):
    def __str__(self) -> str:
        return "Nothing was set up. Begin with POST /api/v1/session/second-factor."


def check(tx: Transaction, user_id: UUID, code: str | None) -> None:
    """Let pass whoever has no second factor, or knows its code; a code is used up by it.

    Raises:
        SecondFactorNeeded: there is one, and no code was sent.
        WrongCode: the code is not of this moment, or was used before.
    """
    factor = _locked(tx, user_id)
    if factor is None or factor.confirmed_at is None:
        return
    if code is None:
        raise SecondFactorNeeded()
    _use(tx, factor, code)


@routes.get("/session/second-factor", access=SignedIn(), answer=FactorState)
def read_second_factor(request: Request) -> Response:
    """Whether your own sign-in needs a second factor."""
    user_id = caller_of(request).user_id
    if user_id is None:
        raise OnlyForPeople()
    with edge_of(request).database.reading() as session:
        factor = session.get(SecondFactor, user_id)
    active = factor is not None and factor.confirmed_at is not None
    shown = {
        "active": active,
        "since": factor.confirmed_at if factor else None,
        "recovery_codes_left": len(factor.recovery) if factor and active else 0,
    }
    return json_answer(shown)


@routes.post("/session/second-factor", access=SignedIn(), answer=NewFactor, status=201)
def begin_second_factor(request: Request, body: Proof) -> Response:
    """Set up a second factor. It counts once a code of it has come back (`…/confirm`)."""
    user, secret = prove_again(request, body.password), pyotp.random_base32()
    with edge_of(request).database.transaction(who_of(request), now=edge_of(request).clock()) as tx:
        factor = _locked(tx, user.id)
        if factor is not None and factor.confirmed_at is not None:
            raise FactorThere()
        if factor is None:
            tx.add(SecondFactor(user_id=user.id, secret=secret, recovery=[], created_at=tx.now))
        else:
            factor.secret, factor.created_at = secret, tx.now
        forgive(tx, user.email)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="Backoffice")
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    return json_answer({"secret": secret, "address": address, "picture": picture}, 201)


@routes.post("/session/second-factor/confirm", access=SignedIn(), answer=RecoveryCodes)
def confirm_second_factor(request: Request, body: Code) -> Response:
    """Show that your app knows it: from now on signing in needs it, and your other sessions end."""
    edge, user_id = edge_of(request), caller_of(request).user_id
    if user_id is None:
        raise OnlyForPeople()
    mine = digest(request.cookies.get(COOKIE, ""))
    with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
        factor = _locked(tx, user_id)
        if factor is None:
            raise NoFactor()
        if factor.confirmed_at is not None:
            raise FactorThere()
        _use(tx, factor, body.code)
        codes = _fresh_codes()
        factor.confirmed_at, factor.recovery = tx.now, [_digest(code) for code in codes]
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user_id, PersonSession.digest != mine))
    edge.door.forget()
    return json_answer({"recovery_codes": codes})


@routes.post("/session/second-factor/recovery-codes", access=SignedIn(), answer=RecoveryCodes)
def renew_recovery_codes(request: Request, body: ProofAndCode) -> Response:
    """A new sheet of recovery codes; those of the old one are worth nothing from now on."""
    codes = _fresh_codes()
    with _proved(request, body) as (_, factor):
        factor.recovery = [_digest(code) for code in codes]
    return json_answer({"recovery_codes": codes})


@routes.post("/session/second-factor/remove", access=SignedIn(), status=204)
def remove_second_factor(request: Request, body: ProofAndCode) -> Response:
    """Sign in with the password alone again. Needs the password and a code."""
    with _proved(request, body) as (tx, factor):
        tx.delete(factor)
    return Response(status_code=204)


def take_away(tx: Transaction, user_id: UUID) -> bool:
    """For somebody who has lost phone and paper: an admin knows who they are. Says whether there was one."""
    factor = _locked(tx, user_id)
    if factor is not None:
        tx.delete(factor)
    return factor is not None


@contextmanager
def _proved(request: Request, body: ProofAndCode) -> Iterator[tuple[Transaction, SecondFactor]]:
    """The factor of whoever has just said their password and a code of it."""
    edge, user = edge_of(request), prove_again(request, body.password)
    with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
        factor = _locked(tx, user.id)
        if factor is None or factor.confirmed_at is None:
            raise NoFactor()
        _use(tx, factor, body.code)
        yield tx, factor
        forgive(tx, user.email)


def _locked(tx: Transaction, user_id: UUID) -> SecondFactor | None:
    return tx.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)


def _use(tx: Transaction, factor: SecondFactor, code: str) -> None:
    told = re.sub(r"[\s-]", "", code).lower()
    if told.isascii() and told.isdigit() and len(told) == 6:
        step = _step_of(factor, told, tx.now)
        if step is None:
            raise WrongCode()
        # By statement: signing in is in the audit log already.
        tx.execute(update(SecondFactor).where(SecondFactor.user_id == factor.user_id).values(last_step=step))
        return
    left = [kept for kept in factor.recovery if not compare_digest(kept, _digest(told))]
    if factor.confirmed_at is None or len(left) == len(factor.recovery):
        raise WrongCode()
    factor.recovery = left


def _step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """The step whose code it is, among those near now that are later than the last one used."""
    totp, middle, found = pyotp.TOTP(factor.secret), int(now.timestamp()) // STEP, None
    for step in range(middle - TOLERANCE, middle + TOLERANCE + 1):
        if compare_digest(totp.generate_otp(step), code) and step > factor.last_step:
            found = step
    return found


def _fresh_codes() -> list[str]:
    letters = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:5]}-{code[5:]}" for code in letters]


def _digest(code: str) -> bytes:
    """Ten random letters of 31 are 49 bits, which a hash that is slow on purpose need not protect behind a throttle."""
    return hashlib.sha256(code.replace("-", "").encode()).digest()
