"""Pickups and scan forms through EasyPost. Source: docs.easypost.com, "Pickups" and "ScanForms".

A pickup is made with what it would cost, and booked by buying one of its rates: one that was made and not bought is
nothing. It carries our key as its reference, so that it is found again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.shipping.providers import (
    NEVER_SOLD,
    CarrierTrouble,
    Manifest,
    ManifestAnswer,
    Pickup,
    PickupAnswer,
    PickupAsk,
    Voiding,
    VoidStatus,
)
from agents.shipping.providers.easypost_errors import code_of, sentence_of, surely_not_begun, trouble_of
from agents.shipping.providers.easypost_shapes import address
from db.money import parse_decimal

NAME = "EasyPost"
LOOKED_THROUGH = 100  # pickups, the newest first, for one whose answer was lost
GARBAGE = f"{NAME} answered what cannot be read."
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class EasyPostFloor:
    """`client` is the library's, `load` reads a PDF from an address of EasyPost's as base64."""

    def __init__(self, client: Any, load: Callable[[str], str]) -> None:
        self._client, self._load = client, load

    def pickup(self, key: str, ask: PickupAsk) -> Pickup:
        """Raises CarrierTrouble while nothing was booked."""
        from easypost.errors.api.api_error import ApiError

        planned = self._planned(key, ask)
        try:
            offers = list(planned.pickup_rates or [])
            if not offers:
                message = f"{NAME} found nobody who would fetch it then."
                return Pickup(status=PickupAnswer.refused, ref=planned.id, code="no_rates", message=message)
            best = min(offers, key=lambda o: parse_decimal(str(o.rate), str(o.currency)))
        except _UNREADABLE as error:
            raise CarrierTrouble(GARBAGE, surely_not_begun=True) from error
        ref = str(planned.id)
        try:
            return _booked(self._client.pickup.buy(ref, carrier=best.carrier, service=best.service))
        except ApiError as error:
            if surely_not_begun(error):
                raise trouble_of(error) from error
            if 400 <= (error.http_status or 500) < 500 and error.http_status != 408:
                return Pickup(status=PickupAnswer.refused, ref=ref, code=code_of(error), message=sentence_of(error))
            return Pickup(status=PickupAnswer.unknown, ref=ref, code=code_of(error), message=sentence_of(error))
        except _UNREADABLE:
            return Pickup(status=PickupAnswer.unknown, ref=ref, code="garbage", message=GARBAGE)

    def look_up_pickup(self, key: str, ref: str) -> Pickup:
        from easypost.errors.api.api_error import ApiError

        try:
            if ref:
                return _booked(self._client.pickup.retrieve(ref))
            known = self._client.pickup.all(page_size=LOOKED_THROUGH)["pickups"]
            found = next((each for each in known if each.reference == key), None)
        except ApiError as error:
            if error.http_status == 404:
                return _never()
            return Pickup(status=PickupAnswer.unknown, code=code_of(error), message=sentence_of(error))
        except _UNREADABLE:
            return Pickup(status=PickupAnswer.unknown, code="garbage", message=GARBAGE)
        return _never() if found is None else _booked(found)

    def cancel_pickup(self, ref: str) -> Voiding:
        from easypost.errors.api.api_error import ApiError

        try:
            told = self._client.pickup.cancel(ref)
            if str(told.status) == "canceled":
                return Voiding(status=VoidStatus.granted)
            return Voiding(status=VoidStatus.unknown, code=str(told.status), message=f"{NAME} says: {told.status}.")
        except ApiError as error:
            if surely_not_begun(error) or (error.http_status or 500) >= 500:
                return Voiding(status=VoidStatus.unknown, code=code_of(error), message=sentence_of(error))
            return Voiding(status=VoidStatus.refused, code=code_of(error), message=sentence_of(error))
        except _UNREADABLE:
            return Voiding(status=VoidStatus.unknown, code="garbage", message=GARBAGE)

    def manifest(self, labels: list[str]) -> Manifest:
        from easypost.errors.api.api_error import ApiError

        try:
            return self._form(self._client.scan_form.create(shipments=[{"id": label} for label in labels]))
        except ApiError as error:
            if surely_not_begun(error):
                raise trouble_of(error) from error
            if 400 <= (error.http_status or 500) < 500 and error.http_status != 408:
                return Manifest(status=ManifestAnswer.refused, message=sentence_of(error))
            return Manifest(status=ManifestAnswer.unknown, message=sentence_of(error))
        except _UNREADABLE:
            return Manifest(status=ManifestAnswer.unknown, message=GARBAGE)

    def look_up_manifest(self, labels: list[str]) -> Manifest:
        """By the first label's shipment, which names the form that it is on."""
        from easypost.errors.api.api_error import ApiError

        try:
            form = self._client.shipment.retrieve(labels[0]).to_dict().get("scan_form")
            if not form:
                return Manifest(status=ManifestAnswer.refused, message=f"{NAME} has no form of these parcels.")
            return self._form(self._client.scan_form.retrieve(form["id"]))
        except ApiError as error:
            if error.http_status == 404:
                return Manifest(status=ManifestAnswer.refused, message=f"{NAME} knows no such shipment.")
            return Manifest(status=ManifestAnswer.unknown, message=sentence_of(error))
        except _UNREADABLE:
            return Manifest(status=ManifestAnswer.unknown, message=GARBAGE)

    def _planned(self, key: str, ask: PickupAsk) -> Any:
        """A pickup that is not booked yet; whatever fails here, nobody comes."""
        from easypost.errors.api.api_error import ApiError

        shipments = [{"id": label} for label in ask.labels]
        try:
            what = {"shipment": shipments[0]}
            if len(shipments) > 1:
                what = {"batch": self._client.batch.create(shipments=shipments)}
            return self._client.pickup.create(
                **what,
                address=address(ask.address),
                reference=key,
                min_datetime=ask.earliest.isoformat(),
                max_datetime=ask.latest.isoformat(),
                instructions=ask.note,
                is_account_address=False,
            )
        except ApiError as error:
            trouble = trouble_of(error)
            raise CarrierTrouble(trouble.sentence, surely_not_begun=True, is_ours=trouble.is_ours) from error
        except _UNREADABLE as error:
            raise CarrierTrouble(GARBAGE, surely_not_begun=True) from error

    def _form(self, made: Any) -> Manifest:
        """A form as a manifest; one whose paper cannot be loaded now is looked up again."""
        ref, url = str(made.id), str(made.form_url or "")
        if str(made.to_dict().get("status") or "created") == "failed":
            return Manifest(status=ManifestAnswer.refused, ref=ref, message=str(made.message or "No form was made."))
        try:
            document = self._load(url) if url else ""
        except OSError:
            return Manifest(status=ManifestAnswer.unknown, ref=ref, message="The form is made, and cannot be loaded.")
        return Manifest(
            status=ManifestAnswer.made,
            ref=ref,
            document=document,
            tracking_numbers=[str(code) for code in made.tracking_codes or []],
            message=str(made.message or ""),
        )


def _never() -> Pickup:
    return Pickup(status=PickupAnswer.refused, code=NEVER_SOLD, message=f"{NAME} has booked no such pickup.")


def _booked(told: Any) -> Pickup:
    """What EasyPost says of a pickup. Its price is that of the rate whose service was bought."""
    status, ref = str(told.status or ""), str(told.id)
    if status != "scheduled":
        return Pickup(status=PickupAnswer.refused, ref=ref, code=NEVER_SOLD, message=f"{NAME} says: {status or 'no'}.")
    paid = min((parse_decimal(str(r.rate), str(r.currency)) for r in told.pickup_rates or []), default=0)
    currency = str(told.pickup_rates[0].currency) if told.pickup_rates else ""
    return Pickup(
        status=PickupAnswer.booked, confirmation=str(told.confirmation or ""), ref=ref, amount=paid, currency=currency
    )
