"""A warehouse floor that works through the API: walks, picks, packs, labels, ships and hears from the carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cli.api import Api, ApiRefused

Row = dict[str, Any]
Say = Callable[[str], None]


def quiet(_: str) -> None:
    """For those who only want it done."""


class Floor:
    """Every step carries a key of its own, so that a step that is repeated happens once."""

    def __init__(self, api: Api, say: Say = quiet) -> None:
        self._api, self._say = api, say

    def ready(self, node: str, *, limit: int = 20) -> list[Row]:
        """Fulfilments that wait for a picker, the oldest first."""
        query: dict[str, str | int] = {"status_eq": "ready", "node_eq": node, "sort": "created_at", "limit": limit}
        return list(self._api.get("/fulfilments", **query)["data"])

    def pick(self, node: str, fulfilments: Sequence[Row], *, take: bool = True) -> bool:
        """Walk once for these fulfilments; without `take` only the list is made.

        False when there is nothing to pick for them any more.
        """
        ids = [f["id"] for f in fulfilments]
        try:
            walk = self._api.post(
                "/pick-lists",
                {"node": node, "fulfilments": ids, "assigned_to": "demo"},
                key=f"demo:walk:{node}:{ids[0]}:{fulfilments[0]['version']}",
            )
        except ApiRefused as no:
            self._say(f"{node}  nothing to walk for: {no}")
            return False
        if take:
            self.walk(node, walk["tasks"])
        return True

    def walk(self, node: str, tasks: Sequence[Row]) -> None:
        """Take what is still open of a list, bin after bin."""
        for task in tasks:
            left = task["quantity"] - task["picked"] - task["short"]
            if not task["done"] and left > 0:
                self._api.post(f"/pick-tasks/{task['id']}/pick", {"quantity": left}, key=f"demo:pick:{task['id']}")
                self._say(f"{node}  {task['bin']}: {left} × {task.get('title', task['sku'])}")

    def pack(self, fulfilment: Row) -> Row:
        key = f"demo:pack:{fulfilment['id']}:{fulfilment['version']}"
        parcel: Row = self._api.post(f"/fulfilments/{fulfilment['id']}/parcels", {}, key=key)
        self._say(f"{fulfilment['node']}  {fulfilment['number']} packed, {parcel['weight_grams']} g")
        return parcel

    def ship(self, fulfilment: Row, parcel: Row) -> str:
        """Label and dispatch; returns the tracking number."""
        label = self._api.post(f"/parcels/{parcel['id']}/label", {}, key=f"demo:label:{parcel['id']}")
        self._api.post(f"/fulfilments/{fulfilment['id']}/dispatch", {}, key=f"demo:dispatch:{fulfilment['id']}")
        self._say(
            f"{fulfilment['node']}  {fulfilment['number']} has left with {label['carrier']} {label['service']}, "
            f"{label['tracking_number']}"
        )
        return str(label["tracking_number"])

    def scanned(self, tracking: str, status: str, place: str) -> None:
        """The carrier says where a parcel is: in_transit, out_for_delivery or delivered."""
        event = {
            "tracking_number": tracking,
            "event_id": f"{tracking}-{status}",
            "status": status,
            "at": datetime.now(UTC).isoformat(),
            "place": place,
        }
        self._api.post("/tracking", event, key=f"demo:scan:{tracking}:{status}")
