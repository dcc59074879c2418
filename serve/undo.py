"""What was just done may have a way back: an agent names the command, and the edge the request that says it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described

from agents.contract import Undo


class WayBack(BaseModel):
    """Send `method` to `path` with `body` to take it back. After `until` it is not offered as an undo any more."""

    says: str = Described(examples=["Take the hold off again"])
    method: str
    path: str
    body: dict[str, Any]
    until: datetime


_PATHS = {
    "HoldOrder": "/api/v1/orders/{order_id}/hold",
    "ReleaseOrder": "/api/v1/orders/{order_id}/release",
    "TagOrder": "/api/v1/orders/{order_id}/tags",
    "UndoStock": "/api/v1/stock/undos",
    "UndoPutaway": "/api/v1/putaways/{putaway_id}/undo",
    "ChangeAppointment": "/api/v1/appointments/{appointment_id}/change",
    "MoveProduct": "/api/v1/products/{product_id}/move",
}


def way_back(undo: Undo) -> dict[str, Any]:
    path = _PATHS[undo.kind]
    body = {name: value for name, value in undo.body.items() if value is not None and f"{{{name}}}" not in path}
    return {"says": undo.says, "method": "POST", "path": path.format(**undo.body), "body": body, "until": undo.until}


def shown(state: msgspec.Struct) -> dict[str, Any]:
    """A state as the API shows it: its `undo` as a request."""
    told = msgspec.structs.asdict(state)
    if isinstance(told.get("undo"), Undo):
        told["undo"] = way_back(told["undo"])
    return told
