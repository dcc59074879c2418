"""Every flow there is."""

from __future__ import annotations

from coordinator.flows.flow import FlowSpec
from coordinator.flows.recall import RECALL_ORDER

FLOWS: dict[str, FlowSpec] = {flow.name: flow for flow in (RECALL_ORDER,)}
