"""What an error of Stripe's library means: declined, unknown, or surely never begun.

Source: docs.stripe.com/error-low-level and docs.stripe.com/api/idempotent_requests. Stripe keeps the
first answer under an idempotency key, a 500 too; rate limits, rejected keys and requests that collide
with another of the same key come before that, so nothing was done and nothing is kept.
"""

from __future__ import annotations

import ssl
from typing import Any

from agents.payments.providers import Outcome, Status
from db.errors import KeyReused, Unavailable


def outcome_of(error: Any, key: str) -> Outcome:
    """The outcome that a `stripe.StripeError` stands for.

    Raises KeyReused, Unavailable when nothing was done and trying again may help, and the error itself
    when we wrote a request that Stripe cannot read: that is our bug.
    """
    import stripe

    if isinstance(error, stripe.CardError):
        return _declined(error)
    if isinstance(error, stripe.IdempotencyError):
        raise KeyReused(key) from error
    if isinstance(error, stripe.InvalidRequestError):
        if (error.code or "").startswith("parameter_"):
            raise error
        return _declined(error)
    if isinstance(error, stripe.RateLimitError):
        wait = str((error.headers or {}).get("retry-after", ""))
        raise Unavailable(
            "Stripe asks us to slow down.", retry_after=float(wait) if wait.isdecimal() else 1.0
        ) from error
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        raise Unavailable("Stripe does not accept our API key for this.", retry_after=60.0) from error
    if isinstance(error, stripe.APIConnectionError):
        if _never_sent(error.__cause__):
            raise Unavailable("Stripe cannot be reached.", retry_after=5.0) from error
        return Outcome(Status.unknown, code="no_answer", message="Stripe did not answer.")
    return Outcome(Status.unknown, code=f"http_{error.http_status}", message="Stripe failed to answer.")


def _declined(error: Any) -> Outcome:
    """`decline_code` is the bank's reason where it gave one, such as insufficient_funds."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    facts = body.get("error") or {}
    intent = facts.get("payment_intent") or {}
    return Outcome(
        Status.declined,
        provider_ref=str(intent.get("id") or ""),
        code=str(facts.get("decline_code") or error.code or "invalid_request"),
        message=str(error.user_message or ""),
    )


def _never_sent(cause: BaseException | None) -> bool:
    """Whether the connection failed before a request could be written to it.

    The library tries once (no retries of its own): after a retry, "refused" would say nothing about the
    try before it.
    """
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import NewConnectionError

    if isinstance(cause, ConnectTimeout):
        return True
    if not isinstance(cause, NoConnection) or not cause.args:
        return False
    reason = getattr(cause.args[0], "reason", None)
    if isinstance(reason, NewConnectionError):
        return True
    return any(isinstance(arg, ssl.SSLCertVerificationError) for arg in getattr(reason, "args", ()))
