"""A warehouse floor that works through the API: walks, picks, packs, labels, ships and hears from the carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cli.api import Api, ApiRefused

Row = dict[str, Any]
Say = Callable[[str], None]


# Nothing waits, or what was asked for is not to be picked any more.
_NO_WALK = frozenset({"nothing_ready", "not_ready", "not_pickable", "order_on_hold", "order_not_released"})


def quiet(_: str) -> None:
    """For those who only want it done."""


class Floor:
    """Every step carries a key of its own, so that a step that is repeated happens once."""

    def __init__(self, api: Api, say: Say = quiet) -> None:
        self._api, self._say = api, say

    def pick(self, node: str, fulfilment: Row, *, take: bool = True) -> bool:
        """Walk for one fulfilment; without `take` only the list is made. False when nothing is to be picked for it."""
        body = {"node": node, "fulfilments": [fulfilment["id"]], "assigned_to": "demo"}
        return self._pick(body, f"demo:walk:{fulfilment['id']}:{fulfilment['version']}", take=take)

    def pick_oldest(self, node: str, *, limit: int) -> bool:
        """Walk for what waits longest and may be worked on. False when there is nothing."""
        return self._pick({"node": node, "limit": limit, "assigned_to": "demo"}, f"demo:walk:{uuid4()}", take=True)

    def _pick(self, body: Row, key: str, *, take: bool) -> bool:
        try:
            walk = self._api.post("/pick-lists", body, key=key)
        except ApiRefused as no:
            if no.code not in _NO_WALK:
                raise
            return False
        if take:
            self.walk(body["node"], walk["tasks"])
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
