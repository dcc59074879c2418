"""Every check there is, and how to run them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from db.audit.carriers import CARRIER_CHECKS
from db.audit.check import Check, Result
from db.audit.desk import DESK_CHECKS
from db.audit.docks import DOCK_CHECKS
from db.audit.fulfilment import FULFILMENT_CHECKS
from db.audit.gate import GATE_CHECKS
from db.audit.history import HISTORY_CHECKS
from db.audit.inbound import INBOUND_CHECKS
from db.audit.orders import ORDER_CHECKS
from db.audit.parcels import PARCEL_CHECKS
from db.audit.payments import PAYMENT_CHECKS
from db.audit.promising import PROMISING_CHECKS
from db.audit.purchasing import PURCHASE_CHECKS
from db.audit.putaway import PUTAWAY_CHECKS
from db.audit.return_goods import RETURN_GOODS_CHECKS
from db.audit.returns import RETURN_CHECKS
from db.audit.routing import ROUTING_CHECKS
from db.audit.runtime import RUNTIME_CHECKS
from db.audit.stock import STOCK_CHECKS
from db.audit.waves import WAVE_CHECKS
from db.audit.webhooks import WEBHOOK_CHECKS
from db.session import plain

CHECKS: tuple[Check, ...] = (
    *STOCK_CHECKS,
    *ORDER_CHECKS,
    *FULFILMENT_CHECKS,
    *PAYMENT_CHECKS,
    *HISTORY_CHECKS,
    *RUNTIME_CHECKS,
    *DESK_CHECKS,
    *WEBHOOK_CHECKS,
    *PURCHASE_CHECKS,
    *INBOUND_CHECKS,
    *DOCK_CHECKS,
    *PUTAWAY_CHECKS,
    *RETURN_CHECKS,
    *RETURN_GOODS_CHECKS,
    *PROMISING_CHECKS,
    *ROUTING_CHECKS,
    *CARRIER_CHECKS,
    *PARCEL_CHECKS,
    *GATE_CHECKS,
    *WAVE_CHECKS,
)

LONGEST_CHECK_SECONDS = 600


def run(session: Session, *, limit: int = 5, checks: Sequence[Check] = CHECKS) -> list[Result]:
    """Run the checks in one session and say what each found, the healthy ones too; `limit` rows of each are shown.

    Use a session of one moment (`Database.reading`): writers go on meanwhile and are not waited for.
    """
    session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_CHECK_SECONDS}s'"))
    return [_result(session, check, limit) for check in checks]


def _result(session: Session, check: Check, limit: int) -> Result:
    counted = "SELECT count(*) OVER () AS violations, found.* FROM found LIMIT :limit"
    statement = text(f"WITH found AS ({check.sql}) {counted}").bindparams(
        *(bindparam(name, type_=ARRAY(Text)) for name in check.params)
    )
    rows = [dict(r._mapping) for r in session.execute(statement, {**check.params, "limit": limit})]
    violations = int(rows[0]["violations"]) if rows else 0
    shown = [{k: plain(v) for k, v in row.items() if k != "violations"} for row in rows]
    return Result(check.name, check.what, violations, shown)
