"""Writes of the edge itself (people, keys, dead letters): one transaction, once for each idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Answer, encode
from db.errors import KeyReused
from db.runtime import IdempotentAnswer
from db.session import Transaction
from serve.edge import caller_of, edge_of, who_of
from serve.requests import idempotency_key, json_answer

Work = Callable[[Transaction], dict[str, Any]]


def writing(
    request: Request, what: str, asked: Any, work: Work, *, status: int = 200, secret: tuple[str, ...] = ()
) -> Response:
    """Do `work` in a transaction and answer with what it returns; a repetition gets the stored answer.

    `what` and `asked` tell one request from another under the same key. Fields named in `secret` are shown
    this once: they are not stored, and null in a replay. Blocks: call it from a plain `def` endpoint.
    """
    key = idempotency_key(request)
    told = hashlib.blake2b(msgspec.json.encode([what, asked], order="deterministic"), digest_size=16).digest()
    try:
        return _once(request, key, told, work, status=status, secret=secret)
    except IntegrityError as error:
        # Another process answered the same key between our look and our write: its answer is there now.
        if key is None or "idempotent_answers" not in str(error.orig):
            raise
        return _once(request, key, told, work, status=status, secret=secret)


def _once(
    request: Request, key: str | None, told: bytes, work: Work, *, status: int, secret: tuple[str, ...]
) -> Response:
    edge, principal = edge_of(request), caller_of(request).principal
    with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
        known = tx.get(IdempotentAnswer, (principal, key)) if key is not None else None
        if known is not None:
            if known.digest != told:
                raise KeyReused(key or "")
            answer = msgspec.msgpack.decode(known.answer, type=Answer)
            return json_answer(msgspec.msgpack.decode(answer.body), answer.status, replayed=True)
        said = work(tx)
        if key is not None:
            kept = {name: None if name in secret else value for name, value in said.items()}
            tx.flush()
            tx.execute(
                insert(IdempotentAnswer).values(
                    principal=principal,
                    key=key,
                    digest=told,
                    answer=encode(Answer(status, encode(msgspec.to_builtins(kept)))),
                    at=tx.now,
                )
            )
    return json_answer(said, status)
