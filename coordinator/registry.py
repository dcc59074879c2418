"""Every agent there is: its class, how its work is spread, how far it may grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.agent import Agent


# On a busy machine taking orders goes first and what follows from them second: a sale that was not taken is lost, a
# fulfilment that opens some seconds later is not. At 10 a process still gets a tenth of what one at 0 gets.
GIVES_WAY = 10


@dataclass(frozen=True)
class AgentSpec:
    """`minimum` 0 starts the agent on its first message and stops it after `idle_seconds` without one."""

    name: str
    path: str  # module:Class, imported only where it runs
    partition: str  # what messages are spread over replicas by
    minimum: int = 0
    maximum: int = 2
    idle_seconds: int = 300
    memory_mb: int = 150
    niceness: int = GIVES_WAY  # 0 for what a customer at the checkout waits for
    at_once: int = 1  # calls in work at a time, each in a transaction of its own: while PostgreSQL writes for one, the
    # agent thinks about the next


AGENTS: tuple[AgentSpec, ...] = (
    AgentSpec(
        "orders", "agents.orders.agent:OrdersAgent", partition="order", minimum=1, maximum=4, niceness=0, at_once=2
    ),
    AgentSpec("inventory", "agents.inventory.agent:InventoryAgent", partition="node", minimum=1, maximum=4),
    AgentSpec("payments", "agents.payments.agent:PaymentsAgent", partition="order", minimum=1, maximum=4),
    AgentSpec("fulfilment", "agents.fulfilment.agent:FulfilmentAgent", partition="order", minimum=1, maximum=4),
    AgentSpec("shipping", "agents.shipping.agent:ShippingAgent", partition="parcel", maximum=2),
    AgentSpec("parcels", "agents.parcels.agent:ParcelsAgent", partition="parcel", maximum=2),
    AgentSpec("returns", "agents.returns.agent:ReturnsAgent", partition="order", maximum=2),
    AgentSpec("catalog", "agents.catalog.agent:CatalogAgent", partition="product", maximum=2),
    AgentSpec("customers", "agents.customers.agent:CustomersAgent", partition="customer", maximum=2),
    AgentSpec("purchasing", "agents.purchasing.agent:PurchasingAgent", partition="purchase", maximum=2),
    AgentSpec("inbound", "agents.inbound.agent:InboundAgent", partition="purchase", maximum=4),
    AgentSpec("promising", "agents.promising.agent:PromisingAgent", partition="sku", maximum=4),
    AgentSpec("planning", "agents.planning.agent:PlanningAgent", partition="plan", maximum=1, memory_mb=400),
    AgentSpec("notifications", "agents.notifications.agent:NotificationsAgent", partition="subject", maximum=2),
    AgentSpec("notices", "agents.notices.agent:NoticesAgent", partition="person", maximum=1),
    AgentSpec("bulk", "agents.bulk.agent:BulkAgent", partition="job", maximum=2),
    AgentSpec("webhooks", "agents.webhooks.agent:WebhooksAgent", partition="webhook", maximum=2),
)

BY_NAME = {spec.name: spec for spec in AGENTS}


def sized(specs: Iterable[AgentSpec], asked: Iterable[tuple[str, int]]) -> tuple[AgentSpec, ...]:
    """The agents with at least so many replicas as somebody asked for.

    Raises:
        KeyError: there is no such agent.
    """
    least = dict(asked)
    if unknown := least.keys() - {spec.name for spec in specs}:
        raise KeyError(f"BACKOFFICE_MINIMUM_REPLICAS names {', '.join(sorted(unknown))}; no agent is called so")
    wanted = {spec.name: least.get(spec.name, spec.minimum) for spec in specs}
    return tuple(replace(s, minimum=wanted[s.name], maximum=max(s.maximum, wanted[s.name])) for s in specs)


def load(spec: AgentSpec) -> type[Agent]:
    module, _, name = spec.path.partition(":")
    agent: type[Agent] = getattr(import_module(module), name)
    return agent


@cache
def subscriptions(specs: tuple[AgentSpec, ...] = AGENTS) -> tuple[tuple[str, str], ...]:
    """(message kind, agent) for every event that an agent handles, read from the handlers themselves."""
    from agents.contract import Event

    return tuple(
        (kind, spec.name)
        for spec in specs
        for kind, handler in sorted(load(spec).handlers.items())
        if issubclass(handler.message, Event)
    )
