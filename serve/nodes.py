"""Warehouses and stores over HTTP, with their zones and bins."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.inventory.messages import BinState, NodeState, PutBin, PutNode, PutZone, ZoneState
from db.catalog import HazardClass, Temperature
from db.errors import NotFound
from db.nodes import Bin, BinType, Node, NodeKind, Zone
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Address,
    Ask,
    Code,
    Flag,
    Name,
    Quantity,
    QuantityOrNone,
    Version,
    answer_shape,
    message,
)

routes = Routes("nodes")

BIN_FIELDS = (
    "zone type sequence capacity_units capacity_grams capacity_cm3 level hazard_classes temperature mixes_skus "
    "mixes_lots blocked active version"
)
ZONES = Listing(
    "Zone", Zone, fields(Zone, "node code name sequence"), sortable=("sequence", "code"), sort="sequence",
    key=("code",),
)  # fmt: skip
BINS = Listing(
    "Bin",
    Bin,
    fields(Bin, f"node code {BIN_FIELDS}", type=BinType, temperature=Temperature),
    sortable=("sequence", "code", "type"),
    sort="sequence",
    key=("code",),
)
NODES = Listing(
    "Node",
    Node,
    fields(
        Node,
        "code name kind time_zone address open_weekdays closed_dates cut_off rank ships version created_at updated_at",
        kind=NodeKind,
    ),
    sortable=("rank", "code", "name", "created_at"),
    sort="rank",
    key=("code",),
    expand={
        "zones": Related(Zone.node, fields(Zone, "code name sequence"), (Zone.sequence, Zone.code), via="code"),
        "bins": Related(
            Bin.node,
            fields(Bin, f"code {BIN_FIELDS}"),
            (Bin.sequence, Bin.code),
            via="code",
        ),
    },
)
NodeRow = NODES.row_shape()


Limit = Annotated[int, Described(strict=True, ge=1, le=2**31 - 1)]
Weekday = Annotated[int, Described(strict=True, ge=0, le=6)]


class NodeBody(Ask):
    name: Name = Described(examples=["London"])
    kind: NodeKind = NodeKind.warehouse
    time_zone: Name = Described("UTC", examples=["Europe/London"])
    address: Address = Described(default_factory=Address)
    open_weekdays: list[Weekday] = Described(
        default=[0, 1, 2, 3, 4], max_length=7, description="Monday is 0", examples=[[0, 1, 2, 3, 4]]
    )
    closed_dates: list[str] = Described(default_factory=list, max_length=400, examples=[["2026-12-25"]])
    cut_off: str = Described("15:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="In the node's zone")
    rank: QuantityOrNone = Described(100, description="Lower is asked first when orders are routed")
    ships: Flag = True
    version: Version | None = None


class ZoneBody(Ask):
    name: Name
    sequence: QuantityOrNone = 0


class BinBody(Ask):
    type: BinType
    zone: Code | None = None
    sequence: QuantityOrNone = Described(0, description="Place in the pick path")
    capacity_units: Quantity | None = None
    capacity_grams: Limit | None = Described(None, description="What the goods in it may weigh together")
    capacity_cm3: Limit | None = Described(None, description="Room for goods; 1000 are a litre")
    level: QuantityOrNone = Described(0, description="0 is the floor; heavy goods are put low")
    hazard_classes: list[HazardClass] = Described(
        default_factory=list, max_length=20, description="Dangerous goods that may lie here", examples=[["3", "8"]]
    )
    temperature: Temperature = Temperature.ambient
    mixes_skus: Flag = Described(True, description="Whether putaway may mix SKUs here")
    mixes_lots: Flag = Described(True, description="Whether putaway may mix lots of a SKU here")
    blocked: Flag = Described(False, description="May be emptied and not filled")
    active: Flag = True
    version: Version | None = None


@routes.get("/nodes", access=Scope.read_stock, answer=NODES.list_shape(NodeRow), extra=NODES.operation())
def list_nodes(request: Request) -> Response:
    """List nodes in the order of routing."""
    return NODES.answer(request)


@routes.get("/nodes/{node}", access=Scope.read_stock, answer=NodeRow)
def read_node(request: Request, node: Code) -> Response:
    """Show a node with its zones and bins."""
    with edge_of(request).database.reading() as session:
        row = NODES.one(session, Node.code == node, expand=("zones", "bins"))
    if row is None:
        raise NotFound("node", node)
    return json_answer(row)


@routes.put("/nodes/{node}", access=Scope.write_settings, answer=answer_shape(NodeState))
async def put_node(request: Request, node: Code, body: NodeBody) -> Response:
    """Create a node with its standard bins, or change it."""
    asked = message(PutNode, body, code=node, version=version_of(request, body.version))
    return await sending(request, "inventory", asked, NodeState, partition=node)


@routes.get(
    "/nodes/{node}/zones", access=Scope.read_stock, answer=ZONES.list_shape(ZONES.row_shape()), extra=ZONES.operation()
)
def list_zones(request: Request, node: Code) -> Response:
    """List a node's zones."""
    return ZONES.answer(request, Zone.node == node)


@routes.put("/nodes/{node}/zones/{code}", access=Scope.write_settings, answer=answer_shape(ZoneState))
async def put_zone(request: Request, node: Code, code: Code, body: ZoneBody) -> Response:
    """Create or change a zone."""
    asked = message(PutZone, body, node=node, code=code)
    return await sending(request, "inventory", asked, ZoneState, partition=node)


@routes.get(
    "/nodes/{node}/bins", access=Scope.read_stock, answer=BINS.list_shape(BINS.row_shape()), extra=BINS.operation()
)
def list_bins(request: Request, node: Code) -> Response:
    """List a node's bins in the order of the walk."""
    return BINS.answer(request, Bin.node == node)


@routes.put("/nodes/{node}/bins/{code}", access=Scope.write_settings, answer=answer_shape(BinState))
async def put_bin(request: Request, node: Code, code: Code, body: BinBody) -> Response:
    """Create or change a bin."""
    asked = message(PutBin, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "inventory", asked, BinState, partition=node)
