"""Carriers through EasyPost: a shipment is made with its rates, and one of them is bought, once.

EasyPost takes no idempotency keys for labels. A shipment is the key: it can be bought one time, whatever is sent
twice, and asked afterwards whether it was. Source: docs.easypost.com, "Shipments", "Errors" and "Shipping Refund".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

from agents.outside import EVERYWHERE, fetch
from agents.shipping.messages import PricePart
from agents.shipping.providers import (
    NEVER_SOLD,
    Ability,
    CarrierTrouble,
    Manifest,
    Pickup,
    PickupAsk,
    Rate,
    Rated,
    Sale,
    SaleStatus,
    Scan,
    Shipment,
    Voiding,
    VoidStatus,
)
from agents.shipping.providers.easypost_errors import code_of, sentence_of, surely_not_begun, trouble_of
from agents.shipping.providers.easypost_floor import EasyPostFloor
from agents.shipping.providers.easypost_shapes import shipment_params
from db.money import parse_decimal

T = TypeVar("T")
NAME = "EasyPost"
API = "https://api.easypost.com/v2"
LABEL_HOSTS = (".easypost.com", ".amazonaws.com")  # where labels are kept
LARGEST_LABEL = 5_000_000  # bytes
_REFUNDS = {
    "submitted": VoidStatus.pending,
    "refunded": VoidStatus.granted,
    "not_applicable": VoidStatus.granted,  # the carrier bills what it scans, so nothing was paid
}  # else refused
_SCANS = {
    "in_transit": "in_transit",
    "available_for_pickup": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "return_to_sender": "exception",
    "failure": "exception",
    "cancelled": "exception",
    "error": "exception",
}  # what is not here says nothing yet
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class EasyPostCarrier:
    """A `CarrierProvider`. `accounts` are ids of EasyPost's carrier accounts, empty for all; `base_url` leads
    elsewhere than to EasyPost in tests. Makes its connection when first used."""

    abilities = frozenset(Ability)

    def __init__(
        self,
        api_key: str,
        *,
        live: bool,
        seconds: float,
        base_url: str | None = None,
        accounts: Sequence[str] = (),
    ) -> None:
        self._api_key, self._live, self._seconds = api_key, live, seconds
        self._base_url, self._accounts = base_url, list(accounts)

    @cached_property
    def _client(self) -> Any:
        from easypost.easypost_client import EasyPostClient
        from requests.adapters import HTTPAdapter

        if not self._api_key:
            raise CarrierTrouble("The account has no API key. Put it in.", surely_not_begun=True, is_ours=True)
        api = f"{self._base_url}/v2" if self._base_url else API
        client = EasyPostClient(self._api_key, api_base=api, timeout=self._seconds)  # type: ignore[arg-type]
        # The library repeats what failed three times, which would take four times the time limit.
        client._requests_session.mount(api.removesuffix("/v2"), HTTPAdapter(max_retries=0))
        return client

    def rates(self, shipment: Shipment) -> Rated:
        params = shipment_params(shipment) | ({"carrier_accounts": self._accounts} if self._accounts else {})
        found = self._question(lambda: self._client.shipment.create(**params))
        return _readable(lambda: self._rated(found))

    def buy(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        from easypost.errors.api.api_error import ApiError

        ident, _, rate_id = rate.ref.partition("/")
        try:
            bought = self._client.shipment.buy(ident, rate={"id": rate_id})
        except ApiError as error:
            return self._not_bought(error, key, shipment, rate)
        except _UNREADABLE:
            return Sale(status=SaleStatus.unknown, code="garbage", message=f"{NAME} answered what cannot be read.")
        sale = self._sale(bought)
        if sale.status is SaleStatus.refused:  # it said yes, and shows no label: not an answer to build on
            return Sale(status=SaleStatus.unknown, code="garbage", message=sale.message)
        return sale

    def look_up(self, key: str, shipment: Shipment, rate: Rate) -> Sale:  # noqa: ARG002 - the shipment is the key
        from easypost.errors.api.api_error import ApiError

        try:
            found = self._client.shipment.retrieve(rate.ref.partition("/")[0])
        except ApiError as error:
            if error.http_status == 404:
                return Sale(status=SaleStatus.refused, code=NEVER_SOLD, message=f"{NAME} has no such shipment.")
            return Sale(status=SaleStatus.unknown, code=code_of(error), message=sentence_of(error))
        except _UNREADABLE:
            return Sale(status=SaleStatus.unknown, code="garbage", message=f"{NAME} answered what cannot be read.")
        return self._sale(found)

    def void(self, key: str, label: str) -> Voiding:  # noqa: ARG002 - the shipment is the key
        from easypost.errors.api.api_error import ApiError

        try:
            now = _refund_status(self._client.shipment.retrieve(label))
            if now not in _REFUNDS:
                now = _refund_status(self._client.shipment.refund(label))
        except ApiError as error:
            if surely_not_begun(error) or (error.http_status or 500) >= 500:
                return Voiding(status=VoidStatus.unknown, code=code_of(error), message=sentence_of(error))
            return Voiding(status=VoidStatus.refused, code=code_of(error), message=sentence_of(error))
        except _UNREADABLE:
            return Voiding(status=VoidStatus.unknown, code="garbage", message=f"{NAME} answered what cannot be read.")
        return Voiding(status=_REFUNDS.get(now, VoidStatus.refused), code=now, message=f"{NAME} says: {now or 'no'}.")

    def return_label(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        return self.buy(key, shipment, rate)

    def track(self, tracking_number: str, carrier: str) -> list[Scan]:
        found = self._question(lambda: self._client.tracker.create(tracking_code=tracking_number, carrier=carrier))
        return _readable(lambda: [scan for detail in found.tracking_details or [] for scan in _scan(detail)])

    def pickup(self, key: str, ask: PickupAsk) -> Pickup:
        return self._floor.pickup(key, ask)

    def look_up_pickup(self, key: str, ref: str) -> Pickup:
        return self._floor.look_up_pickup(key, ref)

    def cancel_pickup(self, key: str, ref: str) -> Voiding:  # noqa: ARG002 - EasyPost knows it by its own word
        return self._floor.cancel_pickup(ref)

    def manifest(self, key: str, labels: list[str]) -> Manifest:  # noqa: ARG002 - a label is on one form only
        return self._floor.manifest(labels)

    def look_up_manifest(self, key: str, labels: list[str]) -> Manifest:  # noqa: ARG002 - a label is on one form only
        return self._floor.look_up_manifest(labels)

    @cached_property
    def _floor(self) -> EasyPostFloor:
        return EasyPostFloor(self._client, self._document)

    def _question(self, ask: Callable[[], T]) -> T:
        from easypost.errors.api.api_error import ApiError

        try:
            return ask()
        except ApiError as error:
            raise trouble_of(error) from error
        except _UNREADABLE as error:
            raise CarrierTrouble(f"{NAME} answered what cannot be read.") from error

    def _rated(self, found: Any) -> Rated:
        if found.mode != ("production" if self._live else "test"):
            mine, theirs = ("live", "test") if self._live else ("test", "live")
            raise CarrierTrouble(
                f"The account is for {mine} and its key for {theirs}. Put in the other key.", is_ours=True
            )
        rates = [
            Rate(
                carrier=str(rate.carrier).lower(),
                service=str(rate.service).lower(),
                amount=parse_decimal(str(rate.rate), str(rate.currency)),
                currency=str(rate.currency),
                transit_days=rate.delivery_days if isinstance(rate.delivery_days, int) else None,
                parts=[PricePart("base", parse_decimal(str(rate.rate), str(rate.currency)), f"{NAME}, all in one")],
                ref=f"{found.id}/{rate.id}",
            )
            for rate in found.rates
        ]
        return Rated(rates=rates, messages=[f"{m.carrier}: {m.message}"[:300] for m in found.messages or []])

    def _not_bought(self, error: Any, key: str, shipment: Shipment, rate: Rate) -> Sale:
        """What a refusal to sell means. Raises CarrierTrouble when nothing was begun and others may be asked."""
        if surely_not_begun(error):
            raise trouble_of(error) from error
        code, sentence = code_of(error), sentence_of(error)
        if "POSTAGE.EXISTS" in code:
            return self.look_up(key, shipment, rate)
        if not 400 <= (error.http_status or 500) < 500 or error.http_status == 408:
            return Sale(status=SaleStatus.unknown, code=code, message=sentence)
        status = SaleStatus.expired if "RATE" in code else SaleStatus.refused
        return Sale(status=status, code=code, message=sentence)

    def _sale(self, found: Any) -> Sale:
        """A shipment as a sale. One whose label is not there yet, or cannot be loaded, is looked up again later."""
        try:
            if not found.to_dict().get("postage_label"):
                return Sale(status=SaleStatus.refused, code=NEVER_SOLD, message=f"{NAME} has sold no label of it.")
            paid, label = found.selected_rate, found.postage_label.to_dict()
            url = label.get("label_zpl_url") or label["label_url"]
            text, format = self._load(str(url))
            amount = parse_decimal(str(paid.rate), str(paid.currency))
            return Sale(
                status=SaleStatus.sold,
                ref=str(found.id),
                tracking_number=str(found.tracking_code),
                amount=amount,
                currency=str(paid.currency),
                parts=[PricePart("base", amount, f"{NAME}, all in one")],
                label=text,
                format=format,
            )
        except OSError:
            return Sale(status=SaleStatus.unknown, code="label", message="It is sold, and its label cannot be loaded.")
        except _UNREADABLE:
            return Sale(status=SaleStatus.unknown, code="garbage", message=f"{NAME} answered what cannot be read.")

    def _load(self, url: str) -> tuple[str, str]:
        """A label's text and format. Raises ValueError for an address that no label of EasyPost's is at."""
        read = self._fetch(url)
        if read.startswith(b"%PDF"):
            return base64.b64encode(read).decode(), "pdf"
        text = read.decode()
        if "^XA" not in text:
            raise ValueError("no label")
        return text, "zpl"

    def _document(self, url: str) -> str:
        """A PDF in base64. Raises ValueError, OSError."""
        read = self._fetch(url)
        if not read.startswith(b"%PDF"):
            raise ValueError("no PDF")
        return base64.b64encode(read).decode()

    def _fetch(self, url: str) -> bytes:
        target, home = urlsplit(url), urlsplit(self._base_url or "")
        ours = bool(home.hostname) and (target.scheme, target.netloc) == (home.scheme, home.netloc)
        if not ours and not (target.scheme == "https" and f".{target.hostname}".endswith(LABEL_HOSTS)):
            raise ValueError("a label elsewhere")
        return fetch(url, networks=EVERYWHERE if ours else (), seconds=self._seconds, largest=LARGEST_LABEL)


def _readable(read: Callable[[], T]) -> T:
    """Raises CarrierTrouble for an answer that is not what it should be."""
    try:
        return read()
    except _UNREADABLE as error:
        raise CarrierTrouble(f"{NAME} answered what cannot be read.") from error


def _refund_status(found: Any) -> str:
    return str(found.to_dict().get("refund_status") or "")


def _scan(detail: Any) -> list[Scan]:
    """Nothing for a status that says nothing. The event's identity leaves free text out, which carriers reword."""
    told = detail.to_dict()
    status = _SCANS.get(str(told["status"]))
    if status is None:
        return []
    at = datetime.fromisoformat(str(told["datetime"]))
    said = (str(told["datetime"]), str(told["status"]), str(told.get("status_detail") or ""))
    where = told.get("tracking_location") or {}
    place = ", ".join(str(where[part]) for part in ("city", "state", "country") if where.get(part))
    return [
        Scan(
            event_id=hashlib.sha256("|".join(said).encode()).hexdigest()[:24],
            status=status,
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            place=place or None,
            code=str(told.get("status_detail") or ""),
            text=str(told.get("message") or ""),
        )
    ]
