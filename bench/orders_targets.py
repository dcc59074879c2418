"""What the bench must show, and whether it did."""

from __future__ import annotations

from typing import Any

FLASH_SECONDS = 2.0


def targets(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each target with what it asks for and what was found."""
    rate = {(c["what"], c["good"], c["callers"]): c["orders_per_second"] for c in found["cells"]}
    late = {(c["what"], c["good"], c["callers"]): c["p99"] for c in found["cells"]}
    random = max(v for (what, good, _), v in rate.items() if what == "pgbench" and good == "1,000")
    hot = rate["pgbench", "hot", 32]
    flat = [abs(rate["agent", "hot", n] / rate["agent", "1,000", n] - 1) for n in (32, 128)]
    sales = found["flash"]
    fair = all(s["placed"] == 200 and s["refused"] == 200 and not s["failed"] for s in sales)
    sold_in = sorted(s["seconds"] for s in sales)[len(sales) // 2]
    told = [
        _at_least("agent, 128 callers, 1,000 goods, to pgbench's best", 1.5, rate["agent", "1,000", 128] / random),
        _at_least("agent, 128 callers, hot good, to pgbench at 32", 8.0, rate["agent", "hot", 128] / hot),
        _at_least("HTTP, 32 callers, hot good, to pgbench at 32", 1.5, rate["HTTP", "hot", 32] / hot),
        _at_least("HTTP, 32 callers, 1,000 goods, to pgbench's best", 0.4, rate["HTTP", "1,000", 32] / random),
        _at_least("HTTP, 128 callers, hot good, to pgbench at 32", 3.0, rate["HTTP", "hot", 128] / hot),
        _at_least("HTTP, 128 callers, 1,000 goods, to pgbench's best", 0.8, rate["HTTP", "1,000", 128] / random),
        _at_most("hot and 1,000 goods apart (agent, 32 and 128 callers)", 0.15, max(flat)),
        _at_most(
            "p99 of HTTP at 8 callers, to pgbench's", 10.0, late["HTTP", "1,000", 8] / late["pgbench", "1,000", 8]
        ),
        _at_most("units oversold", 0, sum(found["oversold"].values())),
        {"target": "flash sale: 200 sold, 200 refused, no error", "wanted": True, "found": fair, "ok": fair},
        _at_most("flash sale, seconds", FLASH_SECONDS, sold_in),
    ]
    clean = all(found["audits"].values())
    return [*told, {"target": "the audit finds nothing", "wanted": True, "found": clean, "ok": clean}]


def _at_least(target: str, wanted: float, found: float) -> dict[str, Any]:
    return {"target": target, "wanted": f"at least {wanted}", "found": round(found, 2), "ok": found >= wanted}


def _at_most(target: str, wanted: float, found: float) -> dict[str, Any]:
    return {"target": target, "wanted": f"at most {wanted}", "found": round(found, 3), "ok": found <= wanted}
