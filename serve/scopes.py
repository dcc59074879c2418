"""What may be allowed: one vocabulary for roles, API keys, routes and the message of a refused call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from db.errors import Forbidden, Invalid
from db.people import Role
from db.session import Transaction


class Scope(StrEnum):
    read_catalog = "read_catalog"
    write_catalog = "write_catalog"
    read_stock = "read_stock"
    write_stock = "write_stock"
    judge_goods = "judge_goods"  # what was received may be sold, or goes back: apart from who unloads it
    read_purchasing = "read_purchasing"
    write_purchasing = "write_purchasing"  # up to which total one may approve is a limit of the role
    accept_differences = "accept_differences"  # pay an invoice that asks for more than was ordered
    read_orders = "read_orders"
    write_orders = "write_orders"
    read_fulfilment = "read_fulfilment"
    write_fulfilment = "write_fulfilment"
    read_shipping = "read_shipping"
    write_shipping = "write_shipping"
    read_payments = "read_payments"
    write_payments = "write_payments"
    refund_payments = "refund_payments"  # money out: apart, so that who sells need not be who gives back
    read_customers = "read_customers"
    write_customers = "write_customers"
    read_notifications = "read_notifications"
    write_notifications = "write_notifications"
    read_webhooks = "read_webhooks"
    write_webhooks = "write_webhooks"  # sends what its holder may read to any address in the world
    read_settings = "read_settings"
    write_settings = "write_settings"
    read_people = "read_people"
    write_people = "write_people"
    read_audit = "read_audit"
    write_audit = "write_audit"  # in the vocabulary for symmetry; no route has it: the log is append-only
    share_views = "share_views"  # views of lists that everybody sees; one's own need nothing
    read_runtime = "read_runtime"
    write_runtime = "write_runtime"


ALL_SCOPES = frozenset(s.value for s in Scope)
_NOT_FOR_MANAGERS = {"write_people", "write_runtime", "write_audit", "write_settings", "write_webhooks"}

FIRST_ROLES: dict[str, frozenset[str]] = {
    "admin": ALL_SCOPES,
    "manager": frozenset(ALL_SCOPES - _NOT_FOR_MANAGERS),
    "warehouse": frozenset(
        {"read_catalog", "read_stock", "write_stock", "read_orders", "read_fulfilment", "write_fulfilment"}
        | {"read_shipping", "write_shipping", "read_purchasing"}
    ),
    "quality": frozenset({"read_catalog", "read_stock", "judge_goods", "read_purchasing"}),
    "support": frozenset(
        {"read_catalog", "read_stock", "read_orders", "write_orders", "read_fulfilment", "read_shipping"}
        | {"read_payments", "read_customers", "write_customers", "read_notifications", "write_notifications"}
    ),
    "analyst": frozenset(
        {"read_catalog", "read_stock", "read_orders", "read_fulfilment", "read_shipping", "read_payments"}
        | {"read_customers", "read_notifications", "read_purchasing"}
    ),
}
"""What a new company starts with; from then on roles are data. `admin` is locked and always holds everything."""


@dataclass(eq=False)
class MissingScope(Forbidden):
    scope: str

    def __str__(self) -> str:
        return f"This needs the scope {self.scope}, which you do not hold."


@dataclass(eq=False)
class GrantsMoreThanHeld(Forbidden):
    missing: list[str]

    def __str__(self) -> str:
        return f"Nobody can grant what they do not hold. You lack: {', '.join(self.missing)}."


@dataclass(eq=False)
class UnknownScopes(Invalid):
    unknown: list[str]
    known: list[str]

    def __str__(self) -> str:
        return f"There is no scope {', '.join(self.unknown)}."


def check_scopes(wanted: Iterable[str], *, held: frozenset[str]) -> list[str]:
    """The scopes in order, once each, when they exist and the one who grants them holds them all.

    Raises:
        UnknownScopes, GrantsMoreThanHeld
    """
    scopes = sorted(set(wanted))
    if unknown := [s for s in scopes if s not in ALL_SCOPES]:
        raise UnknownScopes(unknown, sorted(ALL_SCOPES))
    if missing := [s for s in scopes if s not in held]:
        raise GrantsMoreThanHeld(missing)
    return scopes


def ensure_roles(tx: Transaction) -> None:
    """Create the first roles where they are missing, and bring `admin` to this release's vocabulary."""
    for name, scopes in FIRST_ROLES.items():
        role = tx.get(Role, name)
        if role is None:
            tx.add(Role(name=name, scopes=sorted(scopes), locked=name == "admin", created_at=tx.now))
        elif role.locked and set(role.scopes) != scopes:
            role.scopes = sorted(scopes)
    tx.flush()
