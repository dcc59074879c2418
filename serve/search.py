"""One box over everything: orders, goods, customers, parcels and places, as far as the caller may read them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pydantic import BaseModel
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from db import search as index
from db.errors import Invalid
from db.search import Hit
from serve.edge import caller_of, edge_of
from serve.requests import json_answer
from serve.routing import Routes, SignedIn
from serve.scopes import Scope

routes = Routes("search")

LIMIT, MOST = 20, 50
_SCOPES = {
    "order": Scope.read_orders,
    "sku": Scope.read_catalog,
    "product": Scope.read_catalog,
    "customer": Scope.read_customers,
    "supplier": Scope.read_purchasing,
    "tracking": Scope.read_shipping,
    "fulfilment": Scope.read_fulfilment,
    "bin": Scope.read_stock,
}
_PATHS = {
    "order": "/api/v1/orders/{}",
    "sku": "/api/v1/variants/{}",
    "product": "/api/v1/products/{}",
    "customer": "/api/v1/customers/{}",
    "supplier": "/api/v1/suppliers/{}",
    "tracking": "/api/v1/orders/{}",
    "fulfilment": "/api/v1/fulfilments/{}",
    "bin": "/api/v1/stock/bins?node_eq={}&bin_eq={}",
}


class Found(BaseModel):
    """`path` is where it leads; `field` and `value` are what matched, and `how`: exact, prefix, part or similar."""

    kind: str
    id: str
    title: str
    about: str
    path: str
    field: str
    value: str
    how: str


class Hits(BaseModel):
    """`hidden` are kinds that you may not read. Without `forgives_typos` misspelt names are not found."""

    query: str
    hits: list[Found] = Described(description="Best first; the first exact one is what a scanner meant")
    forgives_typos: bool
    hidden: list[str]


@dataclass(eq=False)
class BadSearch(Invalid):
    field: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field} must be {self.wanted}."


@routes.get(
    "/search",
    access=SignedIn(),
    answer=Hits,
    extra={
        "parameters": [
            {"name": "q", "in": "query", "required": True, "description": "What was typed or scanned",
             "schema": {"type": "string", "minLength": 1, "maxLength": index.LONGEST}},
            {"name": "kinds", "in": "query", "description": "Only these, separated by commas",
             "style": "form", "explode": False,
             "schema": {"type": "array", "items": {"type": "string", "enum": list(_SCOPES)}}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST,
                                                         "default": LIMIT}},
        ]
    },
)  # fmt: skip
def search(request: Request) -> Response:
    """Find a thing by number, reference, e-mail, SKU, barcode, title, name, tracking number or bin."""
    said = request.query_params
    asked, limit = said.get("q", ""), said.get("limit", str(LIMIT))
    if not asked.strip() or len(asked) > index.LONGEST:
        raise BadSearch("q", f"1 to {index.LONGEST} characters")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MOST):
        raise BadSearch("limit", f"1 to {MOST}")
    wanted = said["kinds"].split(",") if said.get("kinds") else list(_SCOPES)
    if any(kind not in _SCOPES for kind in wanted):
        raise BadSearch("kinds", f"some of {', '.join(_SCOPES)}")
    held = caller_of(request).scopes
    allowed = [kind for kind in wanted if _SCOPES[kind].value in held]
    with edge_of(request).database.reading() as session:
        hits = index.find(session, asked, kinds=allowed, limit=int(limit))
        forgives = index.forgives_typos(session)
    return json_answer(
        {
            "query": asked,
            "hits": [_shown(hit) for hit in hits],
            "forgives_typos": forgives,
            "hidden": [kind for kind in wanted if kind not in allowed],
        }
    )


def _shown(hit: Hit) -> dict[str, str]:
    parts = hit.id.split("/", 1) if hit.kind == "bin" else [hit.id]
    path = _PATHS[hit.kind].format(*(quote(part, safe="") for part in parts))
    return {
        "kind": hit.kind, "id": hit.id, "title": hit.title, "about": hit.about, "path": path, "field": hit.field,
        "value": hit.value, "how": hit.how,
    }  # fmt: skip
