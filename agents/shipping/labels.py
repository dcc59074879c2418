"""A shipping label in ZPL II, 4 × 6 inches at 203 dpi: addresses, service, and the tracking number as Code 128.

The printer draws the barcode itself (^BC), so no picture travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class LabelText(NamedTuple):
    tracking_number: str
    carrier: str
    service: str
    to: Mapping[str, object]
    sender: str  # the node's name
    reference: str  # order, fulfilment and number of the parcel
    weight_grams: int


_STREET = ("name", "company", "line1", "line2", "street", "address1", "address2")
_TOWN = ("postal_code", "postcode", "zip", "city", "region", "state")
_LINES = 6  # of an address fit the label


def address_lines(address: Mapping[str, object]) -> list[str]:
    """An address as printed: name and street a line each, the town in one, the country last."""
    lines = [str(address[k]).strip() for k in _STREET if address.get(k)]
    town = " ".join(str(address[k]).strip() for k in _TOWN if address.get(k))
    return [line for line in (*lines, town, str(address.get("country") or "").upper()) if line][:_LINES]


def field(text: str) -> str:
    """A text as field data under ^FH: what ZPL would take for a command is written in hexadecimal."""
    plain = "".join(c for c in text if c.isprintable())[:60]
    return "".join(f"_{ord(c):02X}" if c in "^~\\_" else c for c in plain)


def zpl(label: LabelText) -> str:
    """Dots are 1/8 mm; ^CI28 makes the fields UTF-8."""
    address = "".join(
        f"^FO40,{250 + 48 * n}^A0N,40,40^FH^FD{field(line)}^FS\n" for n, line in enumerate(address_lines(label.to))
    )
    return (
        "^XA\n^CI28\n^PW812\n^LL1218\n"
        f"^FO40,40^A0N,56,56^FH^FD{field(label.carrier.upper())}^FS\n"
        f"^FO40,110^A0N,36,36^FH^FD{field(label.service)}^FS\n"
        f"^FO560,40^A0N,36,36^FD{label.weight_grams / 1000:.2f} kg^FS\n"
        f"^FO40,170^A0N,28,28^FH^FDFrom: {field(label.sender)}^FS\n"
        "^FO40,220^GB732,3,3^FS\n"
        f"{address}"
        "^FO40,560^GB732,3,3^FS\n"
        f"^FO60,620^BY3,3,260^BCN,260,Y,N,N^FD{field(label.tracking_number)}^FS\n"
        f"^FO40,1000^A0N,30,30^FH^FD{field(label.reference)}^FS\n"
        "^XZ\n"
    )
