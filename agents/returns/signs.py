"""What may be read off a return that is not as it should be. Pure functions; each says why, with its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from db.money import format_money
from db.return_signals import SignalKind
from db.returns import SHOPS_FAULT, Grade

FEWEST_BACK = 5  # units, before a customer's rate says anything
RATE_AT_LEAST = 300_000
TIMES_THE_MEAN = 2
LATE_PPM = 700_000  # of the window that had passed when it was asked for
TIMES_THE_VALUE = 2  # of what a unit of the shop is worth on average
LIGHT_PPM = 500_000  # of what the counted units weigh


class Sign(NamedTuple):
    kind: SignalKind
    why: str
    facts: dict[str, Any]
    line_no: int = 0
    sku: str | None = None
    about: str = ""


def many_returns(*, back: int, bought: int, rate_ppm: int, mean_ppm: int) -> Sign | None:
    """`rate_ppm` is the customer's share, drawn towards the shop's mean."""
    if back < FEWEST_BACK or rate_ppm < max(RATE_AT_LEAST, TIMES_THE_MEAN * mean_ppm):
        return None
    why = f"{back} of {bought} units bought came back: {percent(rate_ppm)} drawn towards the shop's {percent(mean_ppm)}"
    facts = {"back": back, "bought": bought, "rate_ppm": rate_ppm, "mean_ppm": mean_ppm}
    return Sign(SignalKind.many_returns, why, facts)


def wardrobing(
    *, grade: str, reason: str, passed_ppm: int | None, unit: int, mean_unit: int, currency: str
) -> Sign | None:
    """Worn though nothing was wrong with it, given back late in its window, and dear: all three of them."""
    worn = grade == Grade.damaged and reason not in SHOPS_FAULT
    if not worn or passed_ppm is None or passed_ppm < LATE_PPM or not 0 < TIMES_THE_VALUE * mean_unit <= unit:
        return None
    why = (
        f"it came back worn, after {percent(passed_ppm)} of its window, and a unit was {format_money(unit, currency)} "
        f"where the shop's are {format_money(mean_unit, currency)}"
    )
    facts = {"passed_ppm": passed_ppm, "unit": unit, "mean_unit": mean_unit, "currency": currency}
    return Sign(SignalKind.wardrobing, why, facts)


def too_few(*, said: int, missing: int) -> Sign | None:
    if not missing:
        return None
    return Sign(SignalKind.empty_box, f"{missing} of {said} units were not there", {"said": said, "missing": missing})


def too_light(*, grams: int | None, expected: int | None) -> Sign | None:
    """`expected` is what the units that were to be inside weigh, without their box; None where nobody knows."""
    if grams is None or not expected or grams * 1_000_000 >= expected * LIGHT_PPM:
        return None
    why = f"the parcel weighed {grams} g, and what was to be in it weighs {expected} g"
    return Sign(SignalKind.empty_box, why, {"grams": grams, "expected_grams": expected}, about="weight")


def other_serial(*, sku: str, serial: str, line_no: int) -> Sign:
    why = f"{serial} of {sku} was never sent with this order"
    return Sign(SignalKind.serial_mismatch, why, {"serial": serial}, line_no, sku, serial)


def percent(ppm: int) -> str:
    return f"{ppm / 10_000:.1f} %"
