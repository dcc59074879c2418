"""What a credit note gives back beside what is owed. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.purchasing.matching import Difference, Tolerance, let_through, money
from db.claims import NOTHING, Claim
from db.money import half_up


class GivenBack(NamedTuple):
    """A line of a credit note; without units an amount off the price."""

    line_no: int
    sku: str
    quantity: int
    total: int


class Beside(NamedTuple):
    """Amounts of no line: of the credit note, and of charges what invoices ask for less what was given back before."""

    charges: int
    other: int
    charges_billed: int


def differences_of_credit(
    lines: Sequence[GivenBack], claims: dict[int, Claim], beside: Beside, *, currency: str, tolerance: Tolerance
) -> list[Difference]:
    """Less than is owed is let through as far as an invoice may ask for more; what nobody has asked for never is."""
    found: list[Difference] = []
    for line in lines:
        claim = claims.get(line.line_no, NOTHING)
        found += _of_units(line, claim, currency, tolerance) if line.quantity else _of_price(line, claim, currency)
    return [*found, *_of_the_rest(beside, currency)]


def beyond_what_was_billed(
    lines: Sequence[GivenBack], claims: dict[int, Claim], beside: Beside, currency: str
) -> list[str]:
    """What would be given back twice, in words: no more units and no more money than were ever asked for."""
    said = []
    for no in sorted({line.line_no for line in lines}):
        claim, of = claims.get(no, NOTHING), [line for line in lines if line.line_no == no]
        units, total = sum(line.quantity for line in of), sum(line.total for line in of)
        before = claim.credited_total + claim.credited_price
        if claim.credited + units > claim.billed or before + total > claim.billed_total:
            said.append(
                f"Of {of[0].sku} {claim.billed} units for {money(claim.billed_total, currency)} were billed, and "
                f"{claim.credited} units and {money(before, currency)} were given back before: {units} and "
                f"{money(total, currency)} more are too much."
            )
    if beside.charges > max(0, beside.charges_billed):
        billed, asked = money(beside.charges_billed, currency), money(beside.charges, currency)
        said.append(f"Of charges {billed} are left that were billed and not given back; {asked} are too much.")
    return said


def _of_units(line: GivenBack, claim: Claim, currency: str, tolerance: Tolerance) -> Iterator[Difference]:
    if (over := line.quantity - claim.owed_units) > 0:
        why = (
            f"{line.quantity} given back; of {claim.billed} billed {claim.kept} were kept and {claim.credited} given "
            f"back before: {over} more than are owed."
        )
        yield Difference(
            "quantity", line.line_no, line.sku, line.quantity, claim.owed_units, over, 0, within=False, why=why
        )
    # The running sum is rounded and not the part, as where the units were billed.
    net = claim.billed_total - claim.credited_price
    before, after = (
        half_up(net * units, claim.billed or 1) for units in (claim.credited, claim.credited + line.quantity)
    )
    if (short := (expected := after - before) - line.total) != 0:
        allowed = let_through(expected, tolerance)
        why = (
            f"{money(line.total, currency)} given back; {line.quantity} of {claim.billed} billed for "
            f"{money(net, currency)} are {money(expected, currency)}: {money(abs(short), currency)} "
            f"{'less' if short > 0 else 'more'}, up to {money(allowed, currency)} less is let through."
        )
        yield Difference(
            "price", line.line_no, line.sku, line.total, expected, -short, allowed, within=short <= allowed, why=why
        )


def _of_price(line: GivenBack, claim: Claim, currency: str) -> Iterator[Difference]:
    owed = max(0, claim.discount + claim.too_much - claim.credited_price)
    if (over := line.total - owed) > 0:
        why = (
            f"{money(line.total, currency)} off the price; {money(max(0, claim.too_much), currency)} was billed too "
            f"much, {money(claim.discount, currency)} was asked back as a discount and "
            f"{money(claim.credited_price, currency)} given back before: {money(over, currency)} more than that."
        )
        yield Difference("amount", line.line_no, line.sku, line.total, owed, over, 0, within=False, why=why)


def _of_the_rest(beside: Beside, currency: str) -> Iterator[Difference]:
    if (over := beside.charges - max(0, beside.charges_billed)) > 0:
        why = (
            f"{money(beside.charges, currency)} of charges given back; {money(beside.charges_billed, currency)} were "
            f"billed and not given back before: {money(over, currency)} more."
        )
        yield Difference("charges", None, None, beside.charges, beside.charges_billed, over, 0, within=False, why=why)
    if beside.other:
        why = f"{money(beside.other, currency)} is of no line: nobody has asked for it."
        yield Difference("other", None, None, beside.other, 0, beside.other, 0, within=True, why=why)
