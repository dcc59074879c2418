"""A supplier's scorecard over HTTP: each number with the filters of the list whose rows make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median, pstdev
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import Numeric, and_, cast, func, select, true
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.deliveries import DAY
from db.errors import Invalid, NotFound
from db.inbound import ReceiptStatus
from db.inspection import InspectionMethod, Verdict
from db.money import MILLION, half_up
from db.promises import CONFIRMED, FIRST, JUDGED, ON_TIME, PROMISES, WAS_SENT, Timing
from db.purchasing import PurchaseLine, PurchaseOrder
from db.suppliers import Supplier
from serve import filters
from serve.deliveries import LIST as DELIVERIES
from serve.edge import edge_of
from serve.fields import Field, Kind, field, fields, parse
from serve.inspections import INSPECTIONS
from serve.listing import Listing
from serve.receipts import RECEIPTS
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Code

routes = Routes("purchasing")

SCORED = timedelta(days=365)  # when nobody says since when
DAY_IS_OVER = timedelta(days=1)  # after a promised moment its day is over at every node
Told = dict[str, str]

LIST = Listing(
    "SupplierPromise",
    PROMISES,
    {
        **fields(PurchaseOrder, "supplier number node"),
        **fields(PurchaseLine, "purchase_id line_no sku ordered received closed_short"),
        "sent_at": field(PurchaseOrder.sent_at),
        "promised_at": field(CONFIRMED.at),
        "in_time": field(CONFIRMED.in_time, nullable=False),
        "timing": field(CONFIRMED.timing, choices=Timing, nullable=True),
        "otif": field(CONFIRMED.otif, nullable=False),
        "first_promised_at": field(FIRST.at, nullable=True),
        "first_in_time": field(FIRST.in_time, nullable=False),
        "first_timing": field(FIRST.timing, choices=Timing, nullable=True),
        "first_otif": field(FIRST.otif, nullable=False),
    },
    sortable=("number", "sent_at", "supplier", "sku"),
    sort="-number",
    key=("purchase_id", "line_no"),
    where=WAS_SENT,
)


@dataclass(eq=False)
class NoTime(Invalid):
    field: str
    since: datetime
    until: datetime

    def __str__(self) -> str:
        return (
            f"From {self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M} UTC is no time that is over. A promise "
            "is judged a day after its moment at the earliest."
        )


class ScoreNumber(BaseModel):
    """`filters` are the list's own: as many rows fit them as `value` says, or their `sum_of` adds up to it."""

    value: int
    list: str = Described(description="Path of the list below /api/v1", examples=["supplier-promises"])
    filters: dict[str, str]
    sum_of: str | None = Described(description="A column; null: rows are counted")


class ScoreShare(BaseModel):
    part: ScoreNumber
    whole: ScoreNumber
    ppm: int | None = Described(description="Parts per million; null of nothing")


class PromiseScore(BaseModel):
    """Lines whose promised date lies in the time. Early ones are on time; cancelled ones are in no share."""

    on_time: ScoreShare = Described(description="Lines of which all that came had come by the promised day")
    in_full: ScoreShare = Described(description="Units that had come by the promised day, of those that were ordered")
    otif: ScoreShare = Described(description="Lines of which every unit had come by the promised day")
    early: ScoreNumber = Described(description="On time, and before the promised day")
    on_day: ScoreNumber
    late: ScoreNumber
    outstanding: ScoreNumber = Described(description="Some units are still to come")
    missed: ScoreNumber = Described(description="Given up before anything came")
    cancelled: ScoreNumber


class DefectScore(BaseModel):
    units: ScoreShare = Described(description="Damaged, wrong or rejected when first looked at, of what was received")
    lots: ScoreShare = Described(description="Rejected by their sample, of those that a sample has judged")


class LeadTimeScore(BaseModel):
    """Of lines whose last unit came in the time: days from the sending of the order."""

    deliveries: ScoreNumber
    mean_days: float | None
    spread_days: float | None = Described(description="Standard deviation")
    shortest_days: float | None
    median_days: float | None
    longest_days: float | None


class Scorecard(BaseModel):
    supplier: str
    since: datetime
    until: datetime = Described(description="A day ago at the latest, so that each promised day is over")
    confirmed: PromiseScore = Described(description="Against the date that stands now")
    first: PromiseScore = Described(description="Against the first date that the supplier confirmed")
    defects: DefectScore
    lead_time: LeadTimeScore


class Asked(NamedTuple):
    """Of the rows that are looked at, those that fit `filters` too: counted, or one of their columns added up."""

    filters: Told
    sum_of: str | None = None


@dataclass(frozen=True)
class Rows:
    """Rows of a list that a part of the scorecard is about."""

    path: str
    listing: Listing
    filters: Told

    def where(self, asked: Told) -> list[Any]:
        return filters.conditions(self.listing.filterable, asked.items())

    @property
    def whole(self) -> list[Any]:
        own = self.listing.where
        return [*self.where(self.filters), *([] if own is None else [own])]

    def numbers(self, session: Session, asked: Mapping[str, Asked]) -> dict[str, dict[str, Any]]:
        """Each number with what opens its rows, all of them in one reading."""
        columns = []
        for name, (more, sum_of) in asked.items():
            fit = and_(true(), *self.where(more))
            known = self.listing.columns
            found = func.count() if sum_of is None else func.coalesce(func.sum(known[sum_of].column).filter(fit), 0)
            columns.append((found.filter(fit) if sum_of is None else found).label(name))
        row = session.execute(select(*columns).select_from(self.listing.source).where(*self.whole)).one()
        return {
            name: {"value": int(value), "list": self.path, "filters": self.filters | more, "sum_of": sum_of}
            for (name, (more, sum_of)), value in zip(asked.items(), row, strict=True)
        }


_TIME: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{what}{filters.MOVES}",
        "schema": {"type": "string", "format": "date-time"},
    }
    for name, what in (
        ("since", "The first moment that counts, a year before `until` when it is not said"),
        ("until", "The first moment that does not count any more, a day ago when it is not said"),
    )
]


@routes.get("/supplier-promises", access=Scope.read_purchasing, answer=LIST.list_shape(LIST.row_shape()),
            extra=LIST.operation())  # fmt: skip
def list_supplier_promises(request: Request) -> Response:
    """List lines of orders that suppliers have: what was promised of each, and what had come by then."""
    return LIST.answer(request)


@routes.get("/suppliers/{supplier}/scorecard", access=Scope.read_purchasing, answer=Scorecard,
            extra={"parameters": _TIME})  # fmt: skip
def read_scorecard(request: Request, supplier: Code) -> Response:
    """Show how well a supplier keeps its promises, and how good what it sends is."""
    edge = edge_of(request)
    since, until = chosen_time(request.query_params.multi_items(), edge.clock())
    with edge.database.reading() as session:
        if session.get(Supplier, supplier) is None:
            raise NotFound("supplier", supplier)

        def rows(path: str, listing: Listing, at: str, **more: str) -> Rows:
            within = {f"{at}_gteq": _written(since), f"{at}_lt": _written(until)}
            return Rows(path, listing, {"supplier_eq": supplier, **within, **more})

        promises = ("supplier-promises", LIST)
        sampled = {"method_eq": InspectionMethod.sample.value, "verdict_null": "false"}
        told = {
            "supplier": supplier,
            "since": since,
            "until": until,
            "confirmed": _promises(session, rows(*promises, "promised_at"), ""),
            "first": _promises(session, rows(*promises, "first_promised_at"), "first_"),
            "defects": _defects(
                session,
                rows("receipts", RECEIPTS, "received_at", status_eq=ReceiptStatus.booked.value),
                rows("inspections", INSPECTIONS, "verdict_at", **sampled),
            ),
            "lead_time": _lead_time(session, rows("deliveries", DELIVERIES, "received_at")),
        }
    return json_answer(told)


def chosen_time(
    given: Sequence[tuple[str, str]], now: datetime, *, scored: timedelta = SCORED
) -> tuple[datetime, datetime]:
    """From when until when, to the second. Raises UnknownFilter, BadValue, NoTime."""
    moment = Field(func.now(), Kind.moment)
    said: dict[str, datetime] = {}
    for name, text in given:
        if name not in ("since", "until"):
            raise filters.UnknownFilter(name[:80], ["since", "until"])
        said[name] = parse(name, moment, text, now)
    until = min(said.get("until", now), now - DAY_IS_OVER).replace(microsecond=0)
    since = said["since"].replace(microsecond=0) if "since" in said else until - scored
    if since >= until:
        raise NoTime("since" if "since" in said else "until", since, until)
    return since, until


def _promises(session: Session, rows: Rows, which: str) -> dict[str, Any]:
    judged = {f"{which}timing_in": ",".join(JUDGED)}
    found = rows.numbers(
        session,
        {
            **{timing.value: Asked({f"{which}timing_eq": timing.value}) for timing in Timing},
            "lines": Asked(judged),
            "on_time": Asked({f"{which}timing_in": ",".join(ON_TIME)}),
            "ordered": Asked(judged, "ordered"),
            "in_time": Asked(judged, f"{which}in_time"),
            "otif": Asked(judged | {f"{which}otif_eq": "true"}),
        },
    )
    return {
        **{timing.value: found[timing.value] for timing in Timing},
        "on_time": _share(found["on_time"], found["lines"]),
        "in_full": _share(found["in_time"], found["ordered"]),
        "otif": _share(found["otif"], found["lines"]),
    }


def _defects(session: Session, came: Rows, sampled: Rows) -> dict[str, Any]:
    units = came.numbers(session, {"rejected": Asked({"rejected_gt": "0"}, "rejected"), "units": Asked({}, "units")})
    lots = sampled.numbers(session, {"rejected": Asked({"verdict_eq": Verdict.rejected.value}), "judged": Asked({})})
    return {"units": _share(units["rejected"], units["units"]), "lots": _share(lots["rejected"], lots["judged"])}


def _lead_time(session: Session, rows: Rows) -> dict[str, Any]:
    took = func.greatest(0, func.extract("epoch", PurchaseLine.received_at - PurchaseOrder.sent_at)) / DAY
    days = [
        float(each)
        for each in session.scalars(select(cast(took, Numeric)).select_from(rows.listing.source).where(*rows.whole))
    ]

    def said(reckon: Any) -> float | None:
        return round(reckon(days), 1) if days else None

    return {
        **rows.numbers(session, {"deliveries": Asked({})}),
        "mean_days": said(fmean),
        "spread_days": said(pstdev),
        "shortest_days": said(min),
        "median_days": said(median),
        "longest_days": said(max),
    }


def _share(part: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    of = whole["value"]
    return {"part": part, "whole": whole, "ppm": half_up(part["value"] * MILLION, of) if of else None}


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
