"""Rows of the demo shop's books as they are written down: what every kind of row has in common."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cli.demo.catalogue import SEED
from cli.demo.past import PastOrder
from cli.demo.stamps import Stamps

TOLD = timedelta(days=21)  # of the last weeks everything is kept: each step of the floor, each mail
SHOP = "system:demo shop"
Row = dict[str, Any]
Tables = dict[str, list[Row]]


class Pen:
    """Fills `tables`. One for all who write, so that the same past gives the same rows."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rng = random.Random(SEED + 2)  # noqa: S311 - a believable shop, no secret
        self.stamps = Stamps(self.rng)
        self.tables: Tables = defaultdict(list)

    def add(self, table: str, **row: Any) -> None:
        self.tables[table].append(row)

    def told(
        self, ident: UUID, at: datetime, actor: str, before: str | None, after: str, why: str | None, *,
        kind: str = "order", detail: Row | None = None,
    ) -> None:  # fmt: skip
        self.add(
            "transitions", subject=f"{kind}:{ident}", at=at, actor=actor, from_status=before, to_status=after, why=why,
            detail=detail, request_id="",
        )  # fmt: skip

    def mail(self, order: PastOrder, template: str, about: UUID, at: datetime, title: str, body: str) -> None:
        self.add(
            "notifications", id=self.stamps.id(at), key=f"{template}:{about}", subject=f"order:{order.id}",
            template=template, recipient=order.shopper.email, title=title, body=body, state="kept", attempts=1,
            edition=1, created_at=at,
        )  # fmt: skip

    def is_recent(self, at: datetime) -> bool:
        return self.now - at < TOLD
