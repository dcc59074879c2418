"""Words that request shapes share, and the documented shape of an agent's answer, read from its message."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, create_model

from agents.contract import Undo
from serve.undo import WayBack

C = TypeVar("C", bound=msgspec.Struct)

# No control characters: they have no place in names and codes, and NUL cannot be stored.
_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_CODE = r"^[A-Za-z0-9_.\-]+$"
_SKU = r"^[A-Za-z0-9_.:+\-]+$"
_EMAIL = r"^[^@\s\x00-\x1f,;<>]+@[^@\s\x00-\x1f,;<>]+$"
_CURRENCY = r"^[A-Z]{3}$"
_HS_CODE = r"^[0-9]{6,12}$"
_COUNTRY = r"^[A-Z]{2}$"
_CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_SOMETHING = r"\S"

WANTED = {
    _PRINTABLE: "Use printable characters, and no line breaks.",
    _CODE: "Use letters of the English alphabet, digits, dots, dashes and underscores.",
    _SKU: "Use letters of the English alphabet, digits, and any of . _ : + -",
    _EMAIL: "An e-mail address, such as ada@example.com.",
    _CURRENCY: "A currency is three capital letters, such as EUR.",
    _COUNTRY: "A country is two capital letters, such as GB.",
    _HS_CODE: "A code of the Harmonized System is six to twelve digits without dots, such as 691200.",
    _CLOCK: "A time of day is hours and minutes, such as 08:30; 24:00 is the end of a day.",
    _SOMETHING: "It cannot be empty.",
}
"""What a person is told who wrote something else than a pattern allows."""


class Ask(BaseModel):
    """Base of request bodies: what is not known is an error rather than ignored."""

    model_config = ConfigDict(extra="forbid")


Code = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=_CODE)]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_SKU)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_SOMETHING)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_PRINTABLE)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTABLE)]
Lot = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=_EMAIL)]
Currency = Annotated[str, StringConstraints(pattern=_CURRENCY)]
Clock = Annotated[str, StringConstraints(pattern=_CLOCK)]
HsCode = Annotated[str, StringConstraints(pattern=_HS_CODE)]
Country = Annotated[str, StringConstraints(pattern=_COUNTRY)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
QuantityOrNone = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Amount = Annotated[int, Field(strict=True, ge=0, le=10**12, description="Minor units of the currency")]
Ppm = Annotated[int, Field(strict=True, ge=0, le=1_000_000, description="Parts per million: 200000 is 20 %")]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1, description="The version you saw")]
Grams = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Millimetres = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53, description="What JSON readers keep exact")]
Scalar = str | bool | Whole | float | None


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is out of range") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class Address(Ask):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"name": "Ada King", "line1": "12 Mill Lane", "city": "York", "postcode": "YO1 7EP",
                        "country": "GB"}
        },
    )  # fmt: skip
    name: Name | None = None
    company: Name | None = None
    line1: Name | None = None
    line2: Name | None = None
    city: Name | None = None
    region: Name | None = None
    postcode: Name | None = None
    country: Country | None = None
    phone: Name | None = None


def message(kind: type[C], body: BaseModel | None = None, **more: Any) -> C:
    """The message that a request body says; `more` is what the path and headers say. Null is the same as unset."""
    told = body.model_dump(exclude_none=True) if body is not None else {}
    return msgspec.convert({**told, **more}, type=kind)


@cache
@cache
def answer_shape(state: type[msgspec.Struct], name: str | None = None) -> type[BaseModel]:
    """The shape of a message as a pydantic model, for the documentation alone: one model, however often it is named."""
    columns: dict[str, Any] = {f.name: (_documented(f.type), ...) for f in msgspec.structs.fields(state)}
    return create_model(name or state.__name__, __doc__=state.__doc__, **columns)


def _documented(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return answer_shape(hint)
    if get_origin(hint) is list:
        return list[_documented(get_args(hint)[0])]  # type: ignore[misc]
    if hint == Undo | None:
        return WayBack | None
    if isinstance(hint, UnionType) and {type(None)} < set(get_args(hint)):
        (one, *more) = (arg for arg in get_args(hint) if arg is not type(None))
        return hint if more else _documented(one) | None
    return hint
