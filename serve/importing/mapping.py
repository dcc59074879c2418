"""Which of their columns is which of ours: what is suggested, what is allowed, and the rows read by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import Invalid
from serve.importing.columns import GROUPED_BY, KINDS, by_name
from serve.importing.presets import BY_NAME, Preset, recognise
from serve.importing.sheet import Row

Mapping_ = dict[str, dict[str, str]]

# Names that other systems use, without letters' case, spaces and signs.
_ALSO = {
    "order": ("ordernumber", "orderid", "orderno", "reference", "ordername"),
    "placed_at": ("date", "orderdate", "createdat", "created", "purchasedate"),
    "unit_price": ("price", "itemprice", "lineitemprice"),
    "quantity": ("qty", "units", "onhand", "stock", "amount", "lineitemquantity"),
    "sku": ("itemsku", "productsku", "variantsku", "lineitemsku", "articlenumber", "sellersku"),
    "title": ("productname", "itemname", "lineitemname", "producttitle"),
    "name": ("fullname", "customername", "shippingname", "recipient"),
    "email": ("mail", "emailaddress", "customeremail", "buyeremail"),
    "postal_code": ("zip", "zipcode", "postcode", "shippingzip"),
    "country": ("countrycode", "shippingcountry", "shipcountry"),
    "region": ("state", "province", "county"),
    "city": ("town", "shippingcity"),
    "line1": ("address", "address1", "street", "shippingaddress1"),
    "line2": ("address2", "shippingaddress2"),
    "barcode": ("ean", "upc", "gtin", "isbn"),
    "weight_grams": ("grams", "weight", "weightg"),
    "external_ref": ("customerid", "customernumber", "id"),
    "node": ("location", "warehouse", "store"),
    "brand": ("vendor", "manufacturer"),
    "phone": ("telephone", "phonenumber", "mobile"),
    "description": ("bodyhtml", "productdescription"),
}


@dataclass(eq=False)
class BadMapping(Invalid):
    column: str
    why: str

    def __str__(self) -> str:
        return self.why


def suggest(kind: str, heading: Sequence[str]) -> tuple[Preset | None, Mapping_]:
    """A preset that knows the file, and where each of our columns probably comes from."""
    preset = recognise(kind, heading)
    if preset is not None:
        return preset, {name: {"preset": preset.name} for name in preset.columns}
    plain = {_plain(theirs): theirs for theirs in reversed(heading)}
    found: Mapping_ = {}
    taken: set[str] = set()
    for also in (False, True):
        for column in KINDS[kind]:
            names = _ALSO.get(column.name, ()) if also else (_plain(column.name),)
            theirs = next((plain[n] for n in names if n in plain and plain[n] not in taken), None)
            if theirs is not None and column.name not in found:
                found[column.name] = {"take": theirs}
                taken.add(theirs)
    return None, found


def check(kind: str, mapping: Mapping[str, Mapping[str, str]], heading: Sequence[str]) -> None:
    """Raises BadMapping."""
    known = by_name(kind)
    for ours, source in mapping.items():
        if ours not in known:
            raise BadMapping(ours[:80], f"The import of {kind} has no column {ours[:80]}.")
        (how, what), *more = source.items() or [("", "")]
        if more or how not in ("take", "value", "preset"):
            raise BadMapping(ours, f"Say for {ours} either take, value or preset.")
        if how == "take" and what not in heading:
            raise BadMapping(ours, f"The file has no column {what[:80]!r} to take {ours} from.")
        if how == "preset" and (what not in BY_NAME or ours not in BY_NAME[what].columns or BY_NAME[what].kind != kind):
            raise BadMapping(ours, f"No preset {what[:80]} reads {ours}.")


def missing(kind: str, mapping: Mapping[str, Any]) -> list[str]:
    """Columns that every row needs and nothing fills."""
    lacks = [c.name for c in KINDS[kind] if c.required and c.name not in mapping]
    if kind == "products" and "price" in mapping and "currency" not in mapping:
        lacks.append("currency")
    return lacks


def key_columns(kind: str, mapping: Mapping[str, Mapping[str, str]], heading: Sequence[str]) -> list[str]:
    """Their columns that tell which rows are one thing; none: each row is one by itself."""
    found: list[str] = []
    for ours in GROUPED_BY.get(kind, ()):
        source = mapping.get(ours, {})
        if "take" in source:
            found.append(source["take"])
        elif "preset" in source:
            found += [name for name in BY_NAME[source["preset"]].key if name in heading]
    return list(dict.fromkeys(found))


def read_rows(
    mapping: Mapping[str, Mapping[str, str]], heading: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> list[Row]:
    """Rows of one thing by our columns; a row that a preset leaves out has no cells."""
    theirs = [dict(zip(heading, given, strict=False)) for _, given in rows]
    presets = {source["preset"] for source in mapping.values() if "preset" in source}
    read = {name: BY_NAME[name].read(theirs) for name in presets}
    found = []
    for n, (number, _) in enumerate(rows):
        cells = {}
        left_out = any(not read[name][n] for name in presets)
        for ours, source in mapping.items() if not left_out else ():
            if "take" in source:
                text = theirs[n].get(source["take"], "")
            elif "value" in source:
                text = source["value"]
            else:
                text = read[source["preset"]][n].get(ours, "")
            if text.strip():
                cells[ours] = text.strip()
        found.append(Row(number, cells))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
