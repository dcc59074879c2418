"""Rate cards to begin with: three made-up carriers, in the order of size that such services cost."""

from __future__ import annotations

from agents.shipping.messages import PutRateCard, RateRow

_HOME = ("DE", "AT", "GB")
_EUROPE = ("FR", "NL", "BE", "LU", "ES", "IT", "PT", "IE", "DK", "SE", "FI", "PL", "CZ", "CH", "NO")

# carrier, service, days, {up to grams: (home, Europe, anywhere else or None)} in cents
_CARDS: tuple[tuple[str, str, int, dict[int, tuple[int, int, int | None]]], ...] = (
    (
        "parcelpost", "standard", 3,
        {1_000: (390, 890, 1690), 2_000: (450, 990, 2190), 5_000: (590, 1290, 3490),
         10_000: (790, 1690, 5290), 31_500: (1390, 2490, None)},
    ),
    (
        "swiftway", "express", 1,
        {1_000: (990, 2190, 4490), 5_000: (1290, 2890, 6290), 10_000: (1590, 3590, 8990),
         30_000: (2290, 4990, None)},
    ),
    ("greenroute", "saver", 5, {2_000: (390, 790, None), 10_000: (690, 1490, None), 25_000: (1190, 2290, None)}),
)  # fmt: skip


def standard_rate_cards(currency: str = "EUR") -> list[PutRateCard]:
    """One card a service; the same figures in any currency with two decimals."""
    return [
        PutRateCard(carrier=carrier, service=service, currency=currency, transit_days=days, rates=_rows(brackets))
        for carrier, service, days, brackets in _CARDS
    ]


def _rows(brackets: dict[int, tuple[int, int, int | None]]) -> list[RateRow]:
    rows = []
    for grams, (home, europe, elsewhere) in brackets.items():
        rows += [RateRow(country=c, max_weight_grams=grams, amount=home) for c in _HOME]
        rows += [RateRow(country=c, max_weight_grams=grams, amount=europe) for c in _EUROPE]
        if elsewhere is not None:
            rows.append(RateRow(country="*", max_weight_grams=grams, amount=elsewhere))
    return rows
