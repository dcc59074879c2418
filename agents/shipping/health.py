"""Who may be asked now: an account that fails rests, for all replicas, and none is asked more often than it allows.

A circuit breaker whose state is a row: it outlives the process, holds for every replica, and people can see it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from db.carriers import CarrierAccount, CarrierHealth
from db.session import Transaction

REST_AFTER = 3  # failures in a row
FIRST_REST = timedelta(seconds=30)  # doubled with each further failure
LONGEST_REST = timedelta(minutes=10)


def rest_after(failures: int) -> timedelta | None:
    """How long an account rests after so many failures in a row. Pure."""
    if failures < REST_AFTER:
        return None
    doubled: int = 2 ** min(failures - REST_AFTER, 16)
    return min(FIRST_REST * doubled, LONGEST_REST)


def take_turn(tx: Transaction, account: CarrierAccount) -> str | None:
    """Count a call, or say why the account is not asked. After its rest one call tries it, and the others wait on."""
    health = _locked(tx, account.code)
    if health.rests_until is not None and health.rests_until > tx.now:
        until = f"{health.rests_until:%H:%M:%S} UTC"
        return f"{account.name} failed {health.failures} times in a row and is not asked before {until}: {health.error}"
    minute = tx.now.replace(second=0, microsecond=0)
    if health.minute != minute:
        health.minute, health.calls = minute, 0
    if account.calls_per_minute is not None and health.calls >= account.calls_per_minute:
        return f"{account.name} allows {account.calls_per_minute} calls a minute, and they are used up."
    health.calls += 1
    if health.failures >= REST_AFTER:
        health.rests_until = tx.now + FIRST_REST
    tx.flush()
    return None


def book(tx: Transaction, account: str, *, error: str | None, fault: bool) -> None:
    """What came of a call. An answer ends a rest; an error that is ours leaves it as it is."""
    health = _locked(tx, account)
    if error is None:
        health.failures, health.rests_until, health.answered_at, health.error = 0, None, tx.now, None
    else:
        health.error, health.failed_at = error[:500], tx.now
        if fault:
            health.failures += 1
            rest = rest_after(health.failures)
            health.rests_until = tx.now + rest if rest else None
    tx.flush()


def _locked(tx: Transaction, account: str) -> CarrierHealth:
    tx.execute(insert(CarrierHealth).values(account=account).on_conflict_do_nothing())
    return tx.scalars(
        select(CarrierHealth)
        .where(CarrierHealth.account == account)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
