"""A stand-in for EasyPost's API on the loopback: the few endpoints we call, with faults, and a memory of what was sold.

Written after docs.easypost.com: a shipment can be bought once, and says afterwards whether it was.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import urlsplit

API_KEY = "EZTKdouble"
PDF = "%PDF-1.4 double"
ZPL = "^XA^FO40,40^FDdouble^FS^XZ"

Answer = tuple[int, Any]


class Fault(Enum):
    """What goes wrong with the next request that buys, refunds or rates."""

    cut_off = auto()  # it is done, and the connection is closed without an answer
    never_done = auto()  # it is lost, and the connection is closed
    error_500 = auto()  # it is done, and the server says 500
    garbage = auto()  # it is done, and the answer is a page
    nonsense = auto()  # it is done, and the answer is JSON of something else
    refused = auto()
    rate_gone = auto()
    too_many = auto()


class EasyPostDouble:
    """`sold` are ids of shipments by how often they were sold, which is once or a bug of ours."""

    def __init__(self) -> None:
        self.shipments: dict[str, dict[str, Any]] = {}
        self.sold: dict[str, int] = {}
        self.refunds: list[str] = []
        self.pickups: dict[str, dict[str, Any]] = {}
        self.form: dict[str, Any] = {}
        self.seen: list[tuple[str, str, dict[str, Any]]] = []
        self.fault: Fault | None = None
        self.fault_at = "/buy"  # the end of the path that it happens to
        self.refund_status = "submitted"
        self.mode = "test"
        self.url = ""
        self._numbers = count(1)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        self.seen.append((method, path, body))
        parts = path.strip("/").split("/")[1:]
        if parts == ["labels", "form"]:
            return 200, PDF
        if parts[0] == "labels":
            return 200, ZPL
        if parts == ["batches"]:
            return 201, {"id": "batch_1", "object": "Batch"}
        if parts[0] == "pickups":
            return self._pickup(method, parts[1:], body)
        if parts == ["shipments"]:
            return 201, self._shipment(body["shipment"])
        if parts == ["trackers"]:
            return 201, _tracker(body["tracker"]["tracking_code"])
        if parts == ["scan_forms"]:
            codes = [s["id"] for s in body["scan_form"]["shipments"]]
            self.form = {
                "id": "sf_1", "object": "ScanForm", "form_url": f"{self.url}/v2/labels/form", "message": None,
                "tracking_codes": codes, "status": "created",
            }  # fmt: skip
            for code in codes:
                self.shipments.setdefault(code, {"id": code, "object": "Shipment"})["scan_form"] = self.form
            return 201, self.form
        if parts[0] == "scan_forms":
            return 200, self.form
        shipment = self.shipments.get(parts[1])
        if shipment is None:
            return 404, _error("NOT_FOUND", "no such shipment")
        if parts[2:] == ["buy"]:
            return self._buy(shipment, body["rate"]["id"])
        if parts[2:] == ["refund"]:
            self.refunds.append(shipment["id"])
            shipment["refund_status"] = self.refund_status
        return 200, shipment

    def _pickup(self, method: str, path: list[str], body: dict[str, Any]) -> Answer:
        if not path and method == "GET":
            return 200, {"pickups": list(reversed(self.pickups.values())), "has_more": False}
        if not path:
            ident = f"pickup_{next(self._numbers)}"
            rates = [
                {"id": "r", "object": "PickupRate", "carrier": "UPS", "service": name, "rate": price, "currency": "EUR"}
                for name, price in (("Same-Day", "9.00"), ("Future-Day", "5.00"))
            ]
            self.pickups[ident] = {
                "id": ident, "object": "Pickup", "status": "unknown", "reference": body["pickup"]["reference"],
                "confirmation": None, "pickup_rates": rates,
            }  # fmt: skip
            return 201, self.pickups[ident]
        found = self.pickups.get(path[0])
        if found is None:
            return 404, _error("NOT_FOUND", "no such pickup")
        if path[1:] == ["buy"]:
            found["status"], found["confirmation"] = "scheduled", f"C-{path[0]}"
        if path[1:] == ["cancel"]:
            found["status"] = "canceled"
        return 200, found

    def _shipment(self, told: dict[str, Any]) -> dict[str, Any]:
        n = next(self._numbers)
        rates = [
            {"id": f"rate_{n}{service}", "object": "Rate", "carrier": "UPS", "service": service, "rate": price,
             "currency": "EUR", "delivery_days": days}
            for service, price, days in (("Ground", "7.30", 4), ("NextDayAir", "31.05", 1))
        ]  # fmt: skip
        made = {
            "id": f"shp_{n}", "object": "Shipment", "mode": self.mode, "rates": rates, "postage_label": None,
            "selected_rate": None, "tracking_code": None, "refund_status": None,
            "messages": [{"carrier": "FedEx", "type": "rate_error", "message": "Invalid postal code"}],
        }  # fmt: skip
        self.shipments[f"shp_{n}"] = made
        return made

    def _buy(self, shipment: dict[str, Any], rate: str) -> Answer:
        if shipment["postage_label"]:
            return 422, _error("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
        chosen = next((r for r in shipment["rates"] if r["id"] == rate), None)
        if chosen is None:
            return 422, _error("SHIPMENT.MISSING_RATE", "No such rate.")
        ident = shipment["id"]
        self.sold[ident] = self.sold.get(ident, 0) + 1
        shipment["selected_rate"], shipment["tracking_code"] = chosen, f"1Z{ident}"
        shipment["postage_label"] = {"id": "pl_1", "object": "PostageLabel", "label_zpl_url": f"{self.url}/v2/labels/1"}
        return 200, shipment


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "errors": []}}


def _tracker(number: str) -> dict[str, Any]:
    details = [
        {"object": "TrackingDetail", "status": status, "message": "words", "status_detail": "arrived", "datetime": at,
         "tracking_location": {"city": "Leipzig", "state": None, "country": "DE"}}
        for status, at in (("pre_transit", "2026-03-02T09:00:00Z"), ("in_transit", "2026-03-03T09:00:00Z"),
                           ("delivered", "2026-03-04T09:00:00Z"))
    ]  # fmt: skip
    return {"id": "trk_1", "object": "Tracker", "tracking_code": number, "tracking_details": details}


@contextmanager
def easypost() -> Iterator[EasyPostDouble]:
    double = EasyPostDouble()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            path = urlsplit(self.path).path
            fault = double.fault if path.endswith(double.fault_at) else None
            if fault is not None:
                double.fault = None
            if API_KEY not in (self.headers.get("Authorization") or "") and "/labels/" not in path:
                return self._say(401, _error("UNAUTHORIZED", "no such key"))
            if fault is Fault.refused:
                return self._say(422, _error("SHIPMENT.POSTAGE.FAILURE", "Address is not served."))
            if fault is Fault.rate_gone:
                return self._say(422, _error("SHIPMENT.RATE.UNAVAILABLE", "The rate is gone."))
            if fault is Fault.too_many:
                return self._say(429, _error("RATE_LIMITED", "slow down"))
            status, told = (0, None) if fault is Fault.never_done else double.answer(method, path, body)
            if fault in (Fault.cut_off, Fault.never_done):
                self.close_connection = True
                return None
            if fault is Fault.error_500:
                return self._say(500, _error("INTERNAL", "oops"))
            if fault is Fault.garbage:
                return self._say(200, "<html>Bad Gateway</html>")
            if fault is Fault.nonsense:
                return self._say(200, {"shipment": ["nothing", 7]})
            return self._say(status, told)

        def _say(self, status: int, told: Any) -> None:
            data = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
