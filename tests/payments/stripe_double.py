"""A stand-in for Stripe's API on the loopback: the few endpoints we call, with idempotency and faults.

Written after docs.stripe.com/api: the first answer under an idempotency key is kept, a failure of the
server too; rate limits and rejected API keys come before that and are not kept.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

API_KEY = "sk_test_double"
ZERO_DECIMAL = {"jpy", "krw", "mga"}
CAPTURE_BEFORE = {False: datetime(2026, 3, 9, 9, tzinfo=UTC), True: datetime(2026, 4, 1, 9, tzinfo=UTC)}
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline", "Your card was declined."),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds", "Insufficient funds."),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None, "Your card has expired."),
}

Answer = tuple[int, dict[str, Any]]


class Fault(Enum):
    """What goes wrong with the next request."""

    no_answer = auto()  # it is done, and nothing comes back
    never_done = auto()  # it is lost, and nothing comes back
    cut_off = auto()  # it is done, and the connection is closed without an answer
    error_500 = auto()  # it is done, and the server says 500
    error_500_not_done = auto()
    bad_gateway = auto()  # something in between answers with a page
    rate_limit = auto()
    busy = auto()  # another request with the same key is under way


class Refuse(Exception):
    def __init__(self, status: int, kind: str, code: str | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer: Answer = (status, {"error": {"type": kind, "code": code, "message": message, **more}})


class StripeDouble:
    """`intents` and `refunds` are what really happened. Set `fault` for the next request."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []  # method, path, form
        self.fault: Fault | None = None
        self.search_lags = False
        self._kept: dict[str, tuple[tuple[str, dict[str, str]], Answer]] = {}
        self._numbers = count(1)
        self._over = threading.Event()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                double._serve(self, "GET")

            def do_POST(self) -> None:
                double._serve(self, "POST")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[StripeDouble]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def forget_keys(self) -> None:
        """A day has passed."""
        self._kept.clear()

    def settle(self, intent_id: str) -> dict[str, Any]:
        """The bank of a late payment has answered."""
        intent = self.intents[intent_id]
        intent["status"] = "requires_capture"
        return intent

    def _serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        fault, self.fault = self.fault, None
        url = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(handler.rfile.read(length).decode() or url.query))
        self.seen.append((method, url.path, form))
        if fault is Fault.never_done:
            self._over.wait(30)
            return
        if fault is Fault.bad_gateway:
            self._send(handler, 502, b"<html>Bad Gateway</html>")
            return
        status, body = self._answer(handler, method, url.path, form, fault)
        if fault is Fault.no_answer:
            self._over.wait(30)
        elif fault is not Fault.cut_off:
            self._send(handler, status, json.dumps(body).encode())

    def _answer(
        self,
        handler: BaseHTTPRequestHandler,
        method: str,
        path: str,
        form: dict[str, str],
        fault: Fault | None,
    ) -> Answer:
        try:
            if handler.headers.get("Authorization") != f"Bearer {API_KEY}":
                raise Refuse(401, "invalid_request_error", None, "Invalid API Key provided")
            if fault is Fault.rate_limit:
                raise Refuse(429, "invalid_request_error", "rate_limit", "Too many requests")
            if fault is Fault.busy:
                raise Refuse(409, "idempotency_error", "idempotency_key_in_use", "In use")
            key = handler.headers.get("Idempotency-Key") if method == "POST" else None
            asked = (path, form)
            if key in self._kept:
                before, answer = self._kept[key]
                if before != asked:
                    raise Refuse(400, "idempotency_error", None, "Keys can only be used for the same request.")
                return answer
            answer = self._once(method, path, form, fault)
            if key:
                self._kept[key] = (asked, answer)
            return answer
        except Refuse as refusal:
            return refusal.answer

    def _once(self, method: str, path: str, form: dict[str, str], fault: Fault | None) -> Answer:
        broken: Answer = (500, {"error": {"type": "api_error", "message": "Something went wrong"}})
        if fault is Fault.error_500_not_done:
            return broken
        try:
            answer: Answer = (200, self._do(method, path, form))
        except Refuse as refusal:
            answer = refusal.answer
        return broken if fault is Fault.error_500 else answer

    def _do(self, method: str, path: str, form: dict[str, str]) -> dict[str, Any]:
        routes: list[tuple[str, str, Callable[..., dict[str, Any]]]] = [
            ("POST", r"/v1/payment_intents", self._create),
            ("GET", r"/v1/payment_intents/search", self._search),
            ("GET", r"/v1/payment_intents/(\w+)", lambda form, ref: self._intent(ref)),
            ("POST", r"/v1/payment_intents/(\w+)/capture", self._capture),
            ("POST", r"/v1/payment_intents/(\w+)/cancel", self._cancel),
            ("POST", r"/v1/refunds", self._refund),
            ("GET", r"/v1/refunds", self._list_refunds),
        ]
        for verb, pattern, act in routes:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return act(form, *match.groups())
        raise Refuse(404, "invalid_request_error", None, f"Unrecognized request URL ({method}: {path}).")

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        assert form["confirm"] == "true"
        assert form["capture_method"] == "manual"
        amount, currency, token = int(form["amount"]), form["currency"], form["payment_method"]
        if not token.startswith("pm_"):
            raise Refuse(400, "invalid_request_error", "resource_missing", f"No such PaymentMethod: '{token}'")
        if (currency in {"kwd", "bhd"} and amount % 10) or (currency in {"isk", "ugx"} and amount % 100):
            raise Refuse(400, "invalid_request_error", "parameter_invalid_integer", "Invalid amount.")
        intent = {
            "id": f"pi_{next(self._numbers)}",
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "metadata": _metadata(form),
            "status": {"pm_late": "processing", "pm_card_authenticationRequired": "requires_action"}.get(
                token, "requires_capture"
            ),
            "last_payment_error": None,
            "cancellation_reason": None,
        }
        if form.get("expand[0]") == "latest_charge":
            longer = form.get("payment_method_options[card][request_extended_authorization]") == "if_available"
            until = CAPTURE_BEFORE[longer]
            card = {"capture_before": int(until.timestamp())}
            intent["latest_charge"] = {"id": "ch_1", "payment_method_details": {"card": card}}
        self.intents[intent["id"]] = intent
        if token in DECLINES:
            code, decline_code, message = DECLINES[token]
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {"code": code, "decline_code": decline_code, "message": message}
            raise Refuse(402, "card_error", code, message, decline_code=decline_code, payment_intent=dict(intent))
        return dict(intent)

    def _search(self, form: dict[str, str]) -> dict[str, Any]:
        match = re.fullmatch(r"metadata\['key'\]:(\".*\")", form["query"])
        assert match, form["query"]
        key = json.loads(match[1])
        hits = [i for i in self.intents.values() if i["metadata"]["key"] == key and not self.search_lags]
        return {"object": "search_result", "data": hits, "has_more": False}

    def _intent(self, ref: str) -> dict[str, Any]:
        if ref not in self.intents:
            raise Refuse(404, "invalid_request_error", "resource_missing", f"No such payment_intent: '{ref}'")
        return self.intents[ref]

    def _move(self, ref: str, status: str) -> dict[str, Any]:
        intent = self._intent(ref)
        if intent["status"] != "requires_capture":
            code, message = "payment_intent_unexpected_state", f"Its status is {intent['status']}."
            raise Refuse(400, "invalid_request_error", code, message, payment_intent=dict(intent))
        intent["status"] = status
        return intent

    def _capture(self, form: dict[str, str], ref: str) -> dict[str, Any]:
        amount = int(form["amount_to_capture"])
        if amount > self._intent(ref)["amount"]:
            raise Refuse(400, "invalid_request_error", "amount_too_large", "More than is capturable.")
        intent = self._move(ref, "succeeded")
        intent["amount_received"] = amount
        intent["metadata"] |= _metadata(form)
        return dict(intent)

    def _cancel(self, form: dict[str, str], ref: str) -> dict[str, Any]:
        return dict(self._move(ref, "canceled"))

    def _refund(self, form: dict[str, str]) -> dict[str, Any]:
        intent, amount = self._intent(form["payment_intent"]), int(form["amount"])
        back = sum(r["amount"] for r in self.refunds if r["payment_intent"] == intent["id"])
        if amount > intent["amount_received"] - back:
            raise Refuse(400, "invalid_request_error", None, "Greater than the unrefunded amount.", param="amount")
        refund = {
            "id": f"re_{next(self._numbers)}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": _metadata(form),
            "status": "succeeded",
            "failure_reason": None,
        }
        self.refunds.append(refund)
        return dict(refund)

    def _list_refunds(self, form: dict[str, str]) -> dict[str, Any]:
        data = [r for r in reversed(self.refunds) if r["payment_intent"] == form["payment_intent"]]
        return {"object": "list", "data": data, "has_more": False, "url": "/v1/refunds"}

    def _send(self, handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _metadata(form: dict[str, str]) -> dict[str, str]:
    return {k[len("metadata[") : -1]: v for k, v in form.items() if k.startswith("metadata[")}
