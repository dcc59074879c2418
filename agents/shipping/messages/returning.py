"""Labels of returns that carriers sell: what is carried out outside, and given back."""

from __future__ import annotations

from uuid import UUID

from agents.contract import Task


class CarryOutReturnLabel(Task, frozen=True, kw_only=True):
    purchase_id: UUID


class GiveReturnLabelBack(Task, frozen=True, kw_only=True):
    label_id: UUID
