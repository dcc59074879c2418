"""Asking several carriers at once within one time limit, and what each of them said. No transaction is open here.

Whoever is late or fails is a message beside the others' rates.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import NamedTuple

import structlog

from agents.shipping.providers import CarrierProvider, CarrierTrouble, Rate, Rated, Shipment
from agents.shipping.providers.choose import Account, open_account
from db.errors import Refusal, Unavailable
from db.settings import Settings

log = structlog.get_logger()

AT_ONCE = 32  # questions under way in one process
GRACE = 0.5  # seconds beyond the longest limit of those that are asked


class Heard(NamedTuple):
    """What one account answered. `fault`: it is the carrier that failed, so that it may need a rest."""

    account: Account
    rates: list[Rate]
    messages: list[str]
    error: str | None
    fault: bool
    took_ms: int


class Carriers:
    """The way to every account. Opened anew for each use: credentials may have changed."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="carrier")

    def open(self, account: Account) -> CarrierProvider:
        return open_account(account, self._settings, self._clock)

    def rates(self, accounts: Sequence[Account], shipment: Shipment) -> list[Heard]:
        """An answer for each, in order; all within the longest of their limits."""
        if not accounts:
            return []
        started = time.monotonic()
        under_way = [self._pool.submit(self._ask, account, shipment) for account in accounts]
        wait(under_way, timeout=max(account.seconds for account in accounts) + GRACE)
        took = _ms(started)
        return [_came(one, account, took) for one, account in zip(under_way, accounts, strict=True)]

    def _ask(self, account: Account, shipment: Shipment) -> Heard:
        started = time.monotonic()
        try:
            rated = self.open(account).rates(shipment)
        except CarrierTrouble as trouble:
            return Heard(account, [], [], str(trouble), not trouble.is_ours, _ms(started))
        except (Refusal, Unavailable) as error:
            return Heard(account, [], [], str(error), False, _ms(started))
        except Exception:
            log.exception("a carrier's answer was not understood", account=account.code)
            said = f"{account.name} answered what was not understood."
            return Heard(account, [], [], said, True, _ms(started))
        return Heard(account, _sane(rated), rated.messages, None, False, _ms(started))


def _came(answer: Future[Heard], account: Account, took_ms: int) -> Heard:
    if answer.done() and not answer.cancelled():
        return answer.result()
    answer.cancel()
    said = f"{account.name} did not answer within {account.seconds:g} seconds."
    return Heard(account, [], [], said, True, took_ms)


def _sane(rated: Rated) -> list[Rate]:
    return [rate for rate in rated.rates if rate.amount >= 0 and rate.carrier and rate.service and rate.currency]


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
