"""What choosing carriers is worth on real tariffs and deliveries.

    uv run python -m bench.carriers --data DIR [--quick]

1. Prices: the retail tariff of a postal service (USPS, Notice 123), put in as rate cards; each of its prices is to be
   exactly what the card asks, and a gram more is to cost the next bracket.
2. Promises: deliveries of a marketplace in time order, learned anew each week from what was known then
   (`bench.carriers_transit`). Promised days are to lose less (pinball) than the marketplace's own date and than
   quantiles of the lane, of all its deliveries or the last 90 days'; and chances to be late are to be meant better than
   the lane's share so far (Brier).
3. Choice: three services simulated on those lanes (`bench.carriers_choice`); choosing by expected cost is to be cheaper
   than always the cheapest and always the fastest.
4. Speed: 1,000 parcels rated, scored by what was learned, steered by rules and chosen a second, on the cores there are,
   with one process for each as replicas of the agent are.

Prints a table; the last line is one JSON object with figures, targets and `ok`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import carriers_choice, carriers_rates, carriers_transit

PARCELS_A_SECOND = 1000


def main() -> int:
    parser = argparse.ArgumentParser(description="Prices, promises and choices of carriers.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--quick", action="store_true", help="deliveries of the first two months after the cut alone")
    options = parser.parse_args()
    prices = carriers_rates.measured(options.data)
    promises = carriers_transit.measured(options.data, quick=options.quick)
    choices = carriers_choice.measured(options.data, quick=options.quick)
    _print_prices(prices)
    _print_promises(promises)
    _print_choices(choices)
    missed = [*_missed_prices(prices), *_missed_promises(promises), *_missed_choices(choices)]
    for sentence in missed:
        print(f"missed: {sentence}")
    told = {
        "prices": prices,
        "promises": promises,
        "choices": choices,
        "targets": {
            "prices": "all are equal",
            "promises": "pinball below the marketplace's date and the lane's quantiles; Brier below the lane's share",
            "choices": "cheaper than always the cheapest and always the fastest",
            "parcels_a_second": PARCELS_A_SECOND,
        },
        "missed": missed,
        "ok": not missed,
    }
    print(json.dumps(told))
    return 1 if missed else 0


def _print_prices(found: dict[str, Any]) -> None:
    print(f"prices of the tariff that are exactly the card's: {found['equal']:,} of {found['prices']:,}")
    print(f"… and a gram above each bracket the next one's:   {found['equal_steps']:,} of {found['steps']:,}")


def _missed_prices(found: dict[str, Any]) -> list[str]:
    same = found["equal"] == found["prices"] > 0 and found["equal_steps"] == found["steps"] > 0
    return [] if same else ["not every price of the tariff is the card's"]


def _print_promises(found: dict[str, Any]) -> None:
    print(f"\n{found['orders']:,} deliveries after the cut; pinball loss in days")
    print(f"{'promise':>8}{'meant':>8}{'kept':>8}{'days':>7}" + "".join(f"{n:>13}" for n in _rivals(found)))
    for promise, row in found["promises"].items():
        told = "".join(f"{row['pinball'][n]:13.3f}" for n in _rivals(found))
        print(f"{promise:>8}{row['meant']:8.3f}{row['kept']:8.3f}{row['days']:7.1f}{told}")
    own, late = found["estimate"], found["late"]
    print(f"the marketplace's date is kept in {own['kept']:.3f} and {own['days']:.1f} days away")
    print(f"late on it: {late['share']:.3f}, meant {late['meant']:.3f}; Brier {late['brier']:.4f}, by lane "
          f"{late['brier_naive']:.4f}")  # fmt: skip
    for part in late["bins"]:
        print(f"  meant {part['meant']:.3f}  was {part['was']:.3f}  of {part['orders']}")


def _rivals(found: dict[str, Any]) -> list[str]:
    return list(next(iter(found["promises"].values()))["pinball"])


def _missed_promises(found: dict[str, Any]) -> list[str]:
    missed = [
        f"the promise of {promise} loses {row['pinball']['ours']}, {name} {loss}"
        for promise, row in found["promises"].items()
        for name, loss in row["pinball"].items()
        if name != "ours" and loss <= row["pinball"]["ours"]
    ]
    if found["late"]["brier"] >= found["late"]["brier_naive"]:
        missed.append("the lane's share of late ones is as good as our chance to be late")
    return missed


def _print_choices(found: dict[str, Any]) -> None:
    print(f"\n{found['orders']:,} orders sent by three services; cost of an order with lateness")
    for late_cost, policies in found["policies"].items():
        for name, row in policies.items():
            late = f"   late {row['late']:.3f}" if "late" in row else ""
            print(f"late costs {int(late_cost) / 100:5.2f}   {name:15}{row['cost']:8.2f}{late}")
    speed = found["parcels_a_second"]
    print(f"{speed['all']:,.0f} parcels rated, scored and chosen a second on {speed['cores']:.0f} cores; "
          f"{speed['one']:,.0f} by one process")  # fmt: skip


def _missed_choices(found: dict[str, Any]) -> list[str]:
    missed = [
        f"with lateness at {late_cost}, {name} costs {policies[name]['cost']}, ours {policies['expected cost']['cost']}"
        for late_cost, policies in found["policies"].items()
        for name in ("cheapest", "fastest")
        if policies[name]["cost"] <= policies["expected cost"]["cost"]
    ]
    if found["parcels_a_second"]["all"] < PARCELS_A_SECOND:
        missed.append(f"{found['parcels_a_second']['all']} parcels a second")
    return missed


if __name__ == "__main__":
    sys.exit(main())
