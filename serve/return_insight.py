"""What comes back, of what and why, over HTTP: lists of what was sent and returned, and rates made of them.

Each number has the filters of the list whose rows make it. Amounts are minor units of `currency`; rates count units of
orders in any currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Date, Float, cast, func, literal, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.money import MILLION, half_up, minor_digits
from db.returned_goods import RETURNED, SENT
from db.returns import ReturnReason, ReturnStatus
from serve import filters
from serve.edge import edge_of
from serve.fields import BadValue, field
from serve.listing import Listing
from serve.requests import json_answer
from serve.return_rates import HORIZON, PRIOR, between, curve, expected, shrunk
from serve.routing import Routes
from serve.scopes import Scope
from serve.scorecard import ScoreNumber, chosen_time

routes = Routes("returns")
S, R = SENT.c, RETURNED.c

TIME = timedelta(days=365)  # when nobody says since when
MOST_ROWS = 200
_NULLABLE = ("size", "category", "supplier", "carrier")
_PLAIN = ("order_id", "line_no", "order_number", "currency", "sku", "title", "sent_at", "month")
_MONEY = ("worth", "fee", "refunded", "leg", "net")

SHIPPED_LINES = Listing(
    "ShippedLine",
    SENT,
    {
        **{name: field(S[name], nullable=False) for name in (*_PLAIN, "units", "came", "refunded")},
        **{name: field(S[name], nullable=True) for name in _NULLABLE},
    },
    sortable=("sent_at", "units", "came", "refunded", "order_number"),
    sort="-sent_at",
    key=("order_id", "line_no"),
)
RETURN_LINES = Listing(
    "ReturnedLine",
    RETURNED,
    {
        **{
            name: field(R[name], nullable=False)
            for name in (*_PLAIN, "return_id", "return_number", "asked_at", "units", "came", "sellable", *_MONEY,
                         "days", "exchanged")
        },
        "status": field(R.status, choices=ReturnStatus, nullable=False),
        "reason": field(R.reason, choices=ReturnReason, nullable=False),
        **{name: field(R[name], nullable=True) for name in _NULLABLE},
    },
    sortable=("asked_at", "sent_at", "came", "net", "days"),
    sort="-asked_at",
    key=("return_id", "line_no"),
)  # fmt: skip


class By(StrEnum):
    """What rates are told by."""

    sku = "sku"
    size = "size"
    category = "category"
    supplier = "supplier"
    carrier = "carrier"
    reason = "reason"
    month = "month"  # in which the units left


class ReturnInsightRow(BaseModel):
    """`key` null: what has none. Of `exposed` units' worth of what was sent it is known whether it comes back: a unit
    counts by how much of all returns is asked for within its age. `expected_ppm` is `came` of that, between `low_ppm`
    and `high_ppm` in 95 of 100 cases (Wilson), and `shrunk_ppm` the same drawn towards the rate of all by `prior`
    units, so that a few do not lead a ranking. `net` is what went back and what the way home cost."""

    key: str | None
    title: str | None = Described(description="Of a SKU, as it was sold last")
    shipped: ScoreNumber
    came: ScoreNumber
    so_far_ppm: int | None
    exposed: int
    expected_ppm: int | None
    low_ppm: int | None
    high_ppm: int | None
    shrunk_ppm: int
    worth: int
    fees: int
    refunded: ScoreNumber
    leg: int = Described(description="What labels cost the shop, less what customers paid for them")
    net: ScoreNumber


class ReturnInsight(BaseModel):
    """Rows are in the order of `shrunk_ppm`, those of months in that of time. `learned` is from how many units that
    came back it is known how long that takes."""

    by: By
    since: datetime
    until: datetime
    currency: str
    currencies: list[str] = Described(description="In which anything was sent, the most used first")
    horizon_days: int
    prior: int
    learned: int
    half_after_days: int | None = Described(description="Within so many days half of what comes back was asked for")
    total: ReturnInsightRow
    rows: list[ReturnInsightRow]
    left_out: int = Described(description="Rows beyond the first 200")


_ASKED: list[dict[str, Any]] = [
    {
        "name": "by", "in": "query", "required": False, "description": "What rates are told by",
        "schema": {"type": "string", "enum": [b.value for b in By], "default": "sku"},
    },
    {
        "name": "currency", "in": "query", "required": False,
        "description": "Of the amounts; the one in which most was sent when it is not said",
        "schema": {"type": "string"},
    },
    *(
        {
            "name": name, "in": "query", "required": False, "description": f"{what}{filters.MOVES}",
            "schema": {"type": "string", "format": "date-time"},
        }
        for name, what in (
            ("since", "Units that left from then on, a year before `until` when it is not said"),
            ("until", "Units that left before, a day ago when it is not said"),
        )
    ),
]  # fmt: skip


@routes.get("/shipped-lines", access=Scope.read_orders, answer=SHIPPED_LINES.list_shape(SHIPPED_LINES.row_shape()),
            extra=SHIPPED_LINES.operation())  # fmt: skip
def list_shipped_lines(request: Request) -> Response:
    """List lines of orders of which units have left, with how many came back."""
    return SHIPPED_LINES.answer(request)


@routes.get("/return-lines", access=Scope.read_orders, answer=RETURN_LINES.list_shape(RETURN_LINES.row_shape()),
            extra=RETURN_LINES.operation())  # fmt: skip
def list_return_lines(request: Request) -> Response:
    """List lines of returns with why they came, what they were, how long it took and what they cost."""
    return RETURN_LINES.answer(request)


@routes.get("/return-insight", access=Scope.read_orders, answer=ReturnInsight, extra={"parameters": _ASKED})
def read_return_insight(request: Request) -> Response:
    """Show how much of what was sent comes back, by SKU, size, category, supplier, carrier, reason or month."""
    edge = edge_of(request)
    given = request.query_params.multi_items()
    named = {name: value for name, value in given if name in ("by", "currency")}
    try:
        by = By(named.get("by", By.sku))
    except ValueError:
        raise BadValue("by", named["by"], f"one of {', '.join(By)}") from None
    since, until = chosen_time([g for g in given if g[0] not in named], edge.clock(), scored=TIME)
    if "currency" in named:
        minor_digits(named["currency"])
    with edge.database.reading() as session:
        return json_answer(Found(session, by, since, until, now=edge.clock(), currency=named.get("currency")).told())


class Found:
    """Asked in a few questions, each of which reads all lines of the time once."""

    def __init__(
        self, session: Session, by: By, since: datetime, until: datetime, *, now: datetime, currency: str | None
    ) -> None:
        self.session, self.by, self.since, self.until = session, by, since, until
        self.within = {"sent_at_gteq": _written(since), "sent_at_lt": _written(until)}
        units = func.sum(S.units)
        used = select(S.currency).where(S.sent_at >= since, S.sent_at < until)
        self.currencies = list(session.scalars(used.group_by(S.currency).order_by(units.desc(), S.currency)))
        self.currency = currency or (self.currencies[0] if self.currencies else "EUR")
        self.lags = self._lags(now)
        self.curve = curve(self.lags)
        self.today = now.date()

    def _lags(self, now: datetime) -> dict[int, int]:
        """How many units of old parcels came after so many days."""
        old = select(R.days, func.sum(R.came)).where(R.sent_at < now - timedelta(days=HORIZON)).group_by(R.days)
        return {int(days): int(units) for days, units in self.session.execute(old)}

    def told(self) -> dict[str, Any]:
        whole = self._sent(None)
        sent = whole if self.by is By.reason else self._sent(S[self.by])
        money = self._returned(None)
        back = self._returned(R[self.by])
        every = _Sums(*whole.get(None, (0, 0.0, None)), money.get(None, _NOTHING))
        overall = expected(every.back["came"], every.exposed) or 0
        of = self.within
        keys = back.keys() if self.by is By.reason else sent.keys() | back.keys()
        rows = [
            self._row(key, _Sums(*sent.get(None if self.by is By.reason else key, (0, 0.0, None)),
                                 back.get(key, _NOTHING)), of, overall)
            for key in keys
        ]  # fmt: skip
        if self.by is By.month:
            rows.sort(key=lambda row: row["key"])
        else:
            rows.sort(key=lambda row: (-row["shrunk_ppm"], -row["came"]["value"], str(row["key"])))
        half = next((age for age, share in enumerate(self.curve) if share >= 0.5), None)
        return {
            "by": self.by,
            "since": self.since,
            "until": self.until,
            "currency": self.currency,
            "currencies": self.currencies,
            "horizon_days": HORIZON,
            "prior": PRIOR,
            "learned": sum(self.lags.values()),
            "half_after_days": half,
            "total": self._row(None, every, of, overall, total=True),
            "rows": rows[:MOST_ROWS],
            "left_out": max(0, len(rows) - MOST_ROWS),
        }

    def _sent(self, key: ColumnElement[Any] | None) -> dict[str | None, tuple[int, float, str | None]]:
        """By key: units that left, what they count by their age, and a title."""
        shown = func.unnest(literal(self.curve, ARRAY(Float))).table_valued(
            "share", with_ordinality="place", name="curve"
        )
        shown = shown.render_derived()
        age = func.least(literal(self.today, Date) - S.sent_on, HORIZON)
        columns = (
            func.coalesce(func.sum(S.units), 0),
            func.coalesce(func.sum(S.units * shown.c.share), 0.0),
            func.max(S.title),
        )
        wanted = select(*columns, *([] if key is None else [key])).select_from(SENT)
        wanted = wanted.join(shown, shown.c.place == func.greatest(age, 0) + 1)
        wanted = wanted.where(S.sent_at >= self.since, S.sent_at < self.until)
        rows = self.session.execute(wanted if key is None else wanted.group_by(key))
        return {row[3] if key is not None else None: (int(row[0]), float(row[1]), row[2]) for row in rows}

    def _returned(self, key: ColumnElement[Any] | None) -> dict[str | None, dict[str, int]]:
        """By key: units that came, and the money of those in the chosen currency."""
        ours = R.currency == self.currency
        sums = [func.coalesce(func.sum(R.came), 0).label("came")]
        sums += [cast(func.coalesce(func.sum(R[name]).filter(ours), 0), BigInteger).label(name) for name in _MONEY]
        wanted = select(*sums, *([] if key is None else [key.label("key")]))
        wanted = wanted.where(R.sent_at >= self.since, R.sent_at < self.until)
        rows = self.session.execute(wanted if key is None else wanted.group_by(key)).mappings()
        return {row.get("key"): {name: int(row[name]) for name in ("came", *_MONEY)} for row in rows}

    def _row(
        self, key: str | None, sums: _Sums, of: Mapping[str, str], overall: int, *, total: bool = False
    ) -> dict[str, Any]:
        mine = {} if total else {f"{self.by}_null": "true"} if key is None else {f"{self.by}_eq": key}
        sent = {**of, **({} if self.by is By.reason else mine)}
        back, in_money = {**of, **mine}, {**of, **mine, "currency_eq": self.currency}
        came, low_high = sums.back["came"], between(sums.back["came"], sums.exposed)
        return {
            "key": key,
            "title": sums.title if self.by is By.sku and not total else None,
            "shipped": _number(sums.units, "shipped-lines", sent, "units"),
            "came": _number(came, "return-lines", back, "came"),
            "so_far_ppm": half_up(came * MILLION, sums.units) if sums.units else None,
            "exposed": round(sums.exposed),
            "expected_ppm": expected(came, sums.exposed),
            "low_ppm": low_high[0],
            "high_ppm": low_high[1],
            "shrunk_ppm": shrunk(came, sums.exposed, 0 if self.by is By.reason else overall),
            "worth": sums.back["worth"],
            "fees": sums.back["fee"],
            "refunded": _number(sums.back["refunded"], "return-lines", in_money, "refunded"),
            "leg": sums.back["leg"],
            "net": _number(sums.back["net"], "return-lines", in_money, "net"),
        }


class _Sums:
    def __init__(self, units: int, exposed: float, title: str | None, back: Mapping[str, int]) -> None:
        self.units, self.exposed, self.title, self.back = units, exposed, title, back


_NOTHING: dict[str, int] = dict.fromkeys(("came", *_MONEY), 0)


def _number(value: int, path: str, of: Mapping[str, str], sum_of: str) -> dict[str, Any]:
    return {"value": value, "list": path, "filters": dict(of), "sum_of": sum_of}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
