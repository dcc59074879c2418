"""What choosing carriers is worth on real tariffs and deliveries.

    uv run python -m bench.carriers --data DIR

1. Prices: the retail tariff of a postal service (USPS, Notice 123), put in as rate cards; each of its prices is to be
   exactly what the card asks, and a gram more is to cost the next bracket.

Prints a table; the last line is one JSON object with figures, targets and `ok`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import carriers_rates


def main() -> int:
    parser = argparse.ArgumentParser(description="Prices of carriers.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    options = parser.parse_args()
    prices = carriers_rates.measured(options.data)
    print(f"prices of the tariff that are exactly the card's: {prices['equal']:,} of {prices['prices']:,}")
    print(f"… and a gram above each bracket the next one's:   {prices['equal_steps']:,} of {prices['steps']:,}")
    ok = prices["equal"] == prices["prices"] > 0 and prices["equal_steps"] == prices["steps"] > 0
    print(json.dumps({"prices": prices, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
