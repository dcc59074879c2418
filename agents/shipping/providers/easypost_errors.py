"""What an error of EasyPost's library means: refused, unknown, or surely never begun.

Source: docs.easypost.com/guides/errors-guide. Errors of 4xx say that nothing was done; of 5xx nothing is known. The
library wraps what `requests` raised, so that the cause is the error's context.
"""

from __future__ import annotations

from typing import Any

from agents.shipping.providers import CarrierTrouble

UNAUTHORISED, PAYMENT, FORBIDDEN, TOO_MANY = 401, 402, 403, 429


def code_of(error: Any) -> str:
    return str(error.code or (f"http_{error.http_status}" if error.http_status else "no_answer"))


def sentence_of(error: Any) -> str:
    """For people; what the library says of connections names an address to write to, which helps nobody here."""
    if not error.http_status:
        return "EasyPost did not answer."
    if error.http_status >= 500:
        return "EasyPost failed to answer."
    return f"EasyPost says: {str(error.message)[:300]}"


def surely_not_begun(error: Any) -> bool:
    """Whether nothing was done, so that asking again or elsewhere is safe."""
    if error.http_status in (UNAUTHORISED, FORBIDDEN, TOO_MANY):
        return True
    return not error.http_status and _never_sent(error.__context__)


def trouble_of(error: Any) -> CarrierTrouble:
    begun = not surely_not_begun(error)
    if error.http_status in (UNAUTHORISED, FORBIDDEN):
        return CarrierTrouble("EasyPost does not accept the account's key.", surely_not_begun=True, is_ours=True)
    if error.http_status == TOO_MANY:
        return CarrierTrouble("EasyPost asks us to slow down.", surely_not_begun=True)
    if not begun:
        return CarrierTrouble("EasyPost cannot be reached.", surely_not_begun=True)
    ours = bool(error.http_status) and 400 <= error.http_status < 500
    return CarrierTrouble(sentence_of(error), surely_not_begun=ours, is_ours=ours)


def _never_sent(cause: BaseException | None) -> bool:
    """Whether the connection failed before a request could be written to it."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import NewConnectionError

    if isinstance(cause, ConnectTimeout):
        return True
    if not isinstance(cause, NoConnection) or not cause.args:
        return False
    return isinstance(getattr(cause.args[0], "reason", None), NewConnectionError)
