"""Which provider a name stands for: the one place that knows all of them."""

from __future__ import annotations

import secrets
from functools import cache

from agents.payments.providers import PaymentProvider
from agents.payments.providers.builtin import TestProvider
from agents.payments.providers.stripe_provider import StripeProvider
from agents.payments.refusals import ProviderNotSetUp, UnknownProvider
from db.settings import Settings

CALLED = ("test", "stripe")
BOOKED = ("external", "manual")  # the money moves elsewhere, and we write it down


@cache
def choose(name: str, settings: Settings) -> PaymentProvider:
    """Raises UnknownProvider, and ProviderNotSetUp for one that this installation does not use."""
    if name == "test":
        return _test(settings)
    if name == "stripe":
        return _stripe(settings)
    raise UnknownProvider(name, [*CALLED, *BOOKED])


def _test(settings: Settings) -> PaymentProvider:
    if (settings.stripe_key or "").startswith(("sk_live_", "rk_live_")):
        # Anybody who may place an order could otherwise pay it with a word.
        raise ProviderNotSetUp("The test provider", "this installation takes real money through Stripe")
    # Without a secret nobody can sign for the provider, so no webhook of it is believed.
    return TestProvider(settings.test_provider_secret or secrets.token_hex(32))


def _stripe(settings: Settings) -> PaymentProvider:
    if not settings.stripe_key or not settings.stripe_webhook_secret:
        raise ProviderNotSetUp("Stripe", "set BACKOFFICE_STRIPE_KEY")
    return StripeProvider(settings.stripe_key, settings.stripe_webhook_secret, base_url=settings.stripe_url)
