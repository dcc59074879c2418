"""How often what was promised was kept, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from db.kept_promises import EVERYWHERE, MEANT, Kept, kept_cut_offs, kept_promises
from serve.edge import edge_of
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope

routes = Routes("stock")
MILLION = 1_000_000


class KeptShare(BaseModel):
    """Of those whose time is over, or that have left. `open` are not decided yet."""

    kept: int
    judged: int
    open: int
    ppm: int | None = Described(description="Parts per million that were kept; null where nothing is decided")


class KeptConfidence(KeptShare):
    confidence: str
    meant_ppm: int = Described(description="Parts per million that are to be kept")


class KeptAtNode(BaseModel):
    node: str = Described(description="`*` is all of them together, and comes first")
    promises: list[KeptConfidence] = Described(description="Days that were said first to those who waited")
    cut_offs: KeptShare = Described(description="Fulfilments that left by the cut-off that they were promised for")


class PromisesKept(BaseModel):
    since: datetime
    nodes: list[KeptAtNode]


@routes.get("/promises-kept", access=Scope.read_stock, answer=PromisesKept)
def read_promises_kept(request: Request, days: Annotated[int, Query(ge=1, le=730)] = 90) -> Response:
    """How often promised days and cut-offs of the last days were kept, node by node."""
    edge = edge_of(request)
    now = edge.clock()
    since = now - timedelta(days=days)
    with edge.database.reading() as session:
        promised = kept_promises(session, since=since, now=now)
        cut_offs = kept_cut_offs(session, since=since, now=now)
    named = {one.node for rows in (*promised.values(), cut_offs) for one in rows} | {EVERYWHERE}
    nodes = [
        {
            "node": node,
            "promises": [
                {"confidence": name, "meant_ppm": meant, **_share(promised[name], node)}
                for name, meant in MEANT.items()
            ],
            "cut_offs": _share(cut_offs, node),
        }
        for node in sorted(named)
    ]
    return json_answer({"since": since, "nodes": nodes})


def _share(rows: Iterable[Kept], node: str) -> dict[str, int | None]:
    one = next((r for r in rows if r.node == node), Kept(node))
    ppm = one.kept * MILLION // one.judged if one.judged else None
    return {"kept": one.kept, "judged": one.judged, "open": one.open, "ppm": ppm}
