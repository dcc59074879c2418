"""Which provider an account is at, and what each needs: the one place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from agents.shipping.providers import CarrierProvider
from agents.shipping.providers.builtin import OPTIONS, TestCarrier
from agents.shipping.providers.easypost_carrier import EasyPostCarrier
from agents.shipping.refusals import BadAccount
from db.carriers import PROVIDERS, AccountMode
from db.sealing import unseal
from db.settings import Settings


class Account(NamedTuple):
    """An account as its provider is made from it; `sealed` are its credentials."""

    code: str
    name: str
    provider: str
    mode: str
    seconds: float  # how long an answer may take
    options: Mapping[str, Any]
    sealed: str | None


def open_account(account: Account, settings: Settings, clock: Callable[[], datetime]) -> CarrierProvider:
    """Raises BadAccount for an unknown provider, NoSecretsKey and Unavailable for credentials that cannot be opened."""
    if account.provider == "test":
        return TestCarrier(account.options, seconds=account.seconds, clock=clock)
    if account.provider == "easypost":
        keys = unseal(account.sealed, settings) if account.sealed else {}
        return EasyPostCarrier(
            keys.get("api_key", ""),
            live=account.mode == AccountMode.live,
            seconds=account.seconds,
            base_url=settings.easypost_url,
            accounts=account.options.get("carrier_accounts") or [],
        )
    raise BadAccount(f"There is no provider {account.provider!r}. Use one of: {', '.join(PROVIDERS)}.")


def check_options(provider: str, mode: str, options: Mapping[str, Any]) -> None:
    """Raises BadAccount for what the provider would not understand."""
    if provider == "test":
        if mode == AccountMode.live:
            raise BadAccount("The test carrier carries nothing: its account is for tests.")
        for name, value in options.items():
            if name == "carrier":
                continue
            known = OPTIONS.get(name)
            if known is None or value not in set(known):
                choices = ", ".join(known) if known else ", ".join([*OPTIONS, "carrier"])
                raise BadAccount(f"The test carrier knows no {name} {value!r}. Use one of: {choices}.")
    elif unknown := sorted(set(options) - {"carrier_accounts"}):
        raise BadAccount(f"{provider} knows no option {unknown[0]!r}. It takes carrier_accounts, a list of ids.")
