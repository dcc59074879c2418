"""Amounts as Stripe writes them: minor units, but not always those of ISO 4217.

Source: docs.stripe.com/currencies (zero-decimal and three-decimal currencies, special cases). An amount
that Stripe cannot express is refused: rounding it here would charge something else than the order says.
"""

from __future__ import annotations

from agents.payments.providers import AmountNotChargeable
from db.money import minor_digits

NAME = "Stripe"

# Unlike ISO 4217, MGA has no decimals here, while ISK and UGX are sent with two that have to be 00.
_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# The last digit of three decimals has to be 0: 5.124 KWD cannot be charged, 5.120 can.
_STEP = dict.fromkeys(_THREE_DECIMALS, 10) | {"ISK": 100, "UGX": 100}


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units as Stripe's. Raises AmountNotChargeable, and UnknownCurrency."""
    ours, theirs = 10 ** minor_digits(currency), 10 ** _digits(currency)
    step = _STEP.get(currency, 1)
    wire, rest = divmod(amount * theirs, ours)
    if rest or wire % step:
        raise AmountNotChargeable(NAME, amount, currency, max(1, step * ours // theirs))
    return int(wire)


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in our minor units; Stripe writes the currency in lower case."""
    currency = currency.upper()
    return int(amount * 10 ** minor_digits(currency) // 10 ** _digits(currency))


def _digits(currency: str) -> int:
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2
