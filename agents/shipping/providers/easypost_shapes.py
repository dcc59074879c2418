"""A shipment as EasyPost wants it: ounces, inches and decimal strings. Pure."""

from __future__ import annotations

from math import ceil
from typing import Any

from agents.shipping.providers import Address, Customs, Shipment
from db.money import to_decimal_string

GRAMS_AN_OUNCE = 28.349523125  # exact, by the international avoirdupois pound
MM_AN_INCH = 25.4


def shipment_params(shipment: Shipment) -> dict[str, Any]:
    # EasyPost turns the addresses of a return round by itself ("Returns" in its documentation).
    sender, to = (shipment.to, shipment.sender) if shipment.is_return else (shipment.sender, shipment.to)
    params: dict[str, Any] = {
        "to_address": address(to),
        "from_address": address(sender),
        "parcel": _parcel(shipment),
        "reference": shipment.reference,
        "is_return": shipment.is_return,
        "options": {"label_format": "PDF" if shipment.is_return else "ZPL", "print_custom_1": shipment.reference},
    }
    if shipment.customs is not None:
        params["customs_info"] = _customs(shipment.customs)
        params["options"]["incoterm"] = shipment.customs.incoterm
    return params


def address(at: Address) -> dict[str, str]:
    told = {
        "name": at.name,
        "company": at.company,
        "street1": at.line1,
        "street2": at.line2,
        "city": at.city,
        "state": at.region,
        "zip": at.postcode,
        "country": at.country,
        "phone": at.phone,
        "email": at.email,
    }
    return {name: value for name, value in told.items() if value}


def _parcel(shipment: Shipment) -> dict[str, float]:
    """Rounded up to a tenth: a parcel declared too light costs a correction later."""
    parcel = {"weight": max(_tenth(shipment.weight_grams / GRAMS_AN_OUNCE), 0.1)}
    if all(shipment.sides_mm):
        length, width, height = sorted(shipment.sides_mm, reverse=True)
        sides = {"length": length, "width": width, "height": height}
        parcel |= {name: _tenth(side / MM_AN_INCH) for name, side in sides.items()}
    return parcel


def _tenth(value: float) -> float:
    return ceil(round(value * 10, 6)) / 10


def _customs(customs: Customs) -> dict[str, Any]:
    return {
        "contents_type": customs.contents,
        "customs_certify": bool(customs.signer),
        "customs_signer": customs.signer,
        "restriction_type": "none",
        "non_delivery_option": "return",
        "customs_items": [
            {
                "description": item.title,
                "quantity": item.quantity,
                "value": to_decimal_string(item.value * item.quantity, item.currency),
                "currency": item.currency,
                "weight": max(_tenth(item.weight_grams * item.quantity / GRAMS_AN_OUNCE), 0.1),
                "hs_tariff_number": item.hs_code,
                "origin_country": item.origin,
                "code": item.sku,
            }
            for item in customs.items
        ],
    }
