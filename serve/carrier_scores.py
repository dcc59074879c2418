"""How well carriers do over HTTP: every parcel with what became of it, scorecards made of them, and drift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.carrier_parcels import JUDGED, PARCELS, Came
from db.carrier_rules import CarrierDrift, DriftState
from db.errors import NotFound
from db.money import MILLION, half_up
from db.shipping import Label, RateCard, TransitModel
from serve import filters
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.scorecard import ScoreNumber, ScoreShare, chosen_time
from serve.shapes import Code

routes = Routes("shipping")
C = PARCELS.c

SCORED = timedelta(days=180)  # when nobody says since when
PROMISED = (50, 80, 90, 95)
LANES = 300
NORMAL_95 = 1.959964  # quantile of the normal distribution for 95 of 100

CARRIER_PARCELS = Listing(
    "CarrierParcel",
    PARCELS,
    {
        **{
            name: field(C[name], nullable=False)
            for name in (
                "label_id", "parcel_id", "order_id", "carrier", "service", "node", "country", "weight_grams", "amount",
                "currency", "tracking_number", "sent_at", "explored", "lost",
            )
        },
        **{
            name: field(C[name], nullable=True)
            for name in ("choice_id", "arrived_at", "late_from", "due_days", "days", "late_ppm", "co2_grams",
                         "kept_50", "kept_80", "kept_90", "kept_95")
        },
        "came": field(C.came, choices=Came, nullable=False),
    },
    sortable=("sent_at", "late_ppm", "amount", "label_id"),
    sort="-sent_at",
    key=("label_id",),
)  # fmt: skip
DRIFTS = Listing(
    "CarrierDrift",
    CarrierDrift,
    fields(
        CarrierDrift,
        "id carrier service direction state noticed_at updated_at began_on parcels late late_meant statistic threshold "
        "why ended_at",
        state=DriftState,
    ),
    sortable=("noticed_at", "statistic"),
    sort="-noticed_at",
    key=("id",),
)
CarrierDriftRow = DRIFTS.row_shape()


class PromiseKept(BaseModel):
    """Parcels that came by the day that was told, before they left, to be kept in `of` of 100."""

    of: int
    kept: ScoreShare


class ChanceBin(BaseModel):
    """Parcels whose chance to be late was told to lie in a range: what was meant, and what came of it."""

    from_ppm: int
    to_ppm: int
    parcels: ScoreNumber
    late: int
    meant_ppm: int
    was_ppm: int


class CarrierLane(BaseModel):
    """From a node to a country. `days`: what its parcels took, for half, and for nine of ten of those that came.

    `promises` are the days that would be told today for 50, 80, 90 and 95 of 100, learned from `seen` parcels of its
    own and from all others; null while nothing was learned.
    """

    node: str
    country: str
    parcels: ScoreNumber
    on_time: ScoreShare
    low_ppm: int | None
    high_ppm: int | None
    days_50: int | None
    days_90: int | None
    promises: list[int] | None
    seen: int


class CarrierMonth(BaseModel):
    month: str = Described(examples=["2026-03"])
    parcels: int
    on_time: ScoreShare


class CarrierCost(BaseModel):
    currency: str
    parcels: int
    amount: int
    each: int = Described(description="Of one parcel, rounded")


class ServiceScore(BaseModel):
    """`on_time` is of parcels of which it is known, overdue ones among the late. From `low_ppm` to `high_ppm` lies what
    is behind it in 95 of 100 cases (Wilson 1927). `meant_ppm` is the mean chance to be late that was told before."""

    carrier: str
    service: str
    parcels: ScoreNumber
    on_time: ScoreShare
    low_ppm: int | None
    high_ppm: int | None
    overdue: ScoreNumber
    foreseen: ScoreNumber = Described(description="Judged parcels with a chance that was told")
    meant_ppm: int | None
    was_ppm: int | None = Described(description="Late ones of those")
    promises: list[PromiseKept]
    bins: list[ChanceBin]
    lost: ScoreShare
    explored: ScoreNumber
    days_50: int | None
    days_90: int | None
    cost: list[CarrierCost]
    co2_grams: int | None = Described(description="Of one parcel, where it is known")
    learned: list[int] | None = Described(description="Days that would be told today for 50, 80, 90 and 95 of 100")
    months: list[CarrierMonth]
    lanes: list[CarrierLane]
    drifts: list[CarrierDriftRow]  # type: ignore[valid-type]


class CarrierScorecard(BaseModel):
    """`carrier` null: of all carriers, and without lanes."""

    carrier: str | None
    since: datetime
    until: datetime
    services: list[ServiceScore]


_TIME: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{what}{filters.MOVES}",
        "schema": {"type": "string", "format": "date-time"},
    }
    for name, what in (
        ("since", "Parcels that left from then on, half a year before `until` when it is not said"),
        ("until", "Parcels that left before, a day ago when it is not said"),
    )
]


@routes.get("/carrier-parcels", access=Scope.read_shipping,
            answer=CARRIER_PARCELS.list_shape(CARRIER_PARCELS.row_shape()),
            extra=CARRIER_PARCELS.operation())  # fmt: skip
def list_carrier_parcels(request: Request) -> Response:
    """List parcels that left: what was foreseen of each, and when it came."""
    return CARRIER_PARCELS.answer(request)


@routes.get("/carrier-drifts", access=Scope.read_shipping, answer=DRIFTS.list_shape(CarrierDriftRow),
            extra=DRIFTS.operation())  # fmt: skip
def list_carrier_drifts(request: Request) -> Response:
    """List services whose deliveries departed from what was foreseen of them, with the figures that say so."""
    return DRIFTS.answer(request)


@routes.get("/carriers/scorecards", access=Scope.read_shipping, answer=CarrierScorecard,
            extra={"parameters": _TIME})  # fmt: skip
def read_carrier_scorecards(request: Request) -> Response:
    """Show how well every service of every carrier does, without its lanes."""
    return json_answer(_card(request, None))


@routes.get("/carriers/{carrier}/scorecard", access=Scope.read_shipping, answer=CarrierScorecard,
            extra={"parameters": _TIME})  # fmt: skip
def read_carrier_scorecard(request: Request, carrier: Code) -> Response:
    """Show how well a carrier keeps what is foreseen of it: on time, promises, losses, cost, lane by lane."""
    return json_answer(_card(request, carrier))


def _card(request: Request, carrier: str | None) -> dict[str, Any]:
    edge = edge_of(request)
    since, until = chosen_time(request.query_params.multi_items(), edge.clock(), scored=SCORED)
    with edge.database.reading() as session:
        if carrier is not None and not _is_known(session, carrier):
            raise NotFound("carrier", carrier)
        found = Found(session, carrier, since, until)
        return {"carrier": carrier, "since": since, "until": until, "services": found.services()}


def _is_known(session: Session, carrier: str) -> bool:
    cards = select(RateCard.id).where(RateCard.carrier == carrier).limit(1)
    labels = select(Label.id).where(Label.carrier == carrier).limit(1)
    return session.scalar(cards) is not None or session.scalar(labels) is not None


class Found:
    """All that the scorecards of a time are made of, asked in few questions."""

    def __init__(self, session: Session, carrier: str | None, since: datetime, until: datetime) -> None:
        self.carrier = carrier
        self.within = {"sent_at_gteq": _written(since), "sent_at_lt": _written(until)}
        where = [C.sent_at >= since, C.sent_at < until, *([] if carrier is None else [C.carrier == carrier])]
        month = func.to_char(C.sent_on, "YYYY-MM").label("month")
        by = (C.carrier, C.service, C.node, C.country, month, C.came, C.days, C.lost)
        counted = session.execute(
            select(
                *by,
                func.count().label("parcels"),
                func.count(C.late_ppm).label("foreseen"),
                func.coalesce(func.sum(C.late_ppm), 0).label("meant"),
                func.count().filter(C.explored).label("explored"),
                *(func.count().filter(C[f"kept_{of}"]).label(f"kept_{of}") for of in PROMISED),
                func.count(C.kept_50).label("told"),
            )
            .where(*where)
            .group_by(*by)
        ).mappings()
        self.rows: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for row in counted:
            self.rows[row["carrier"], row["service"]].append(dict(row))
        self.money: dict[tuple[str, str], list[Any]] = defaultdict(list)
        cost = select(C.carrier, C.service, C.currency, func.count(), func.sum(C.amount), func.avg(C.co2_grams)).where(
            *where
        )
        for name, service, *rest in session.execute(cost.group_by(C.carrier, C.service, C.currency)):
            self.money[name, service].append(rest)
        tenth = cast(func.least(C.late_ppm // 100_000, 9), Integer).label("tenth")
        chances = select(
            C.carrier, C.service, tenth, func.count(), func.count().filter(C.came != Came.in_time.value),
            func.avg(C.late_ppm),
        ).where(*where, C.late_ppm.is_not(None), C.came.in_([c.value for c in JUDGED]))  # fmt: skip
        self.chances: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for name, service, *rest in session.execute(chances.group_by(C.carrier, C.service, tenth).order_by(tenth)):
            self.chances[name, service].append(rest)
        self.drifts: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in DRIFTS.page(session, [("state_eq", "open"), ("limit", "200")])["data"]:
            self.drifts[row["carrier"], row["service"]].append(row)
        body = session.scalar(select(TransitModel.body).order_by(TransitModel.learned_at.desc()).limit(1)) or {}
        self.learned = {tuple(row["key"]): row for row in body.get("promised", [])}

    def services(self) -> list[dict[str, Any]]:
        return [self._service(key, rows) for key, rows in sorted(self.rows.items())]

    def _service(self, key: tuple[str, str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        of = {"carrier_eq": key[0], "service_eq": key[1], **self.within}
        name = f"{key[0]} {key[1]}"
        judged = [r for r in rows if r["came"] in JUDGED]
        foreseen, meant = _sum(judged, "foreseen"), _sum(judged, "meant")
        late = sum(each[2] for each in self.chances[key])
        costs = self.money[key]
        carbon = [float(avg) for *_, avg in costs if avg is not None]
        return {
            "carrier": key[0],
            "service": key[1],
            "parcels": _number(_sum(rows), of),
            **self._on_time(judged, of),
            "overdue": _number(_sum([r for r in rows if r["came"] == Came.overdue]), of | {"came_eq": "overdue"}),
            "foreseen": _number(foreseen, of | {"came_in": ",".join(JUDGED), "late_ppm_null": "false"}),
            "meant_ppm": half_up(int(meant), foreseen) if foreseen else None,
            "was_ppm": half_up(late * MILLION, foreseen) if foreseen else None,
            "promises": [_kept(rows, each, of) for each in PROMISED],
            "bins": [_bin(*each, of=of) for each in self.chances[key]],
            "lost": _share(
                _number(_sum([r for r in rows if r["lost"]]), of | {"lost_eq": "true"}), _number(_sum(rows), of)
            ),
            "explored": _number(_sum(rows, "explored"), of | {"explored_eq": "true"}),
            **_days(rows),
            "cost": [
                {"currency": currency, "parcels": count, "amount": int(amount), "each": half_up(int(amount), count)}
                for currency, count, amount, _ in sorted(costs)
            ],
            "co2_grams": round(carbon[0]) if carbon else None,
            "learned": self.learned.get((name,), {}).get("promises"),
            "months": [
                {
                    "month": month,
                    "parcels": _sum(group),
                    "on_time": self._on_time(_judged(group), _in_month(of, month))["on_time"],
                }
                for month, group in _grouped(rows, "month")
            ],
            "lanes": [] if self.carrier is None else self._lanes(name, rows, of),
            "drifts": self.drifts[key],
        }

    def _on_time(self, judged: Sequence[Mapping[str, Any]], of: dict[str, str]) -> dict[str, Any]:
        good, whole = _sum([r for r in judged if r["came"] == Came.in_time]), _sum(judged)
        low, high = wilson(good, whole)
        share = _share(
            _number(good, of | {"came_eq": Came.in_time.value}), _number(whole, of | {"came_in": ",".join(JUDGED)})
        )
        return {"on_time": share, "low_ppm": low, "high_ppm": high}

    def _lanes(self, name: str, rows: Sequence[Mapping[str, Any]], of: dict[str, str]) -> list[dict[str, Any]]:
        found = []
        for (node, country), group in _grouped(rows, "node", "country"):
            here = of | {"node_eq": node, "country_eq": country}
            learned = self.learned.get((name, country, node), {})
            found.append(
                {
                    "node": node,
                    "country": country,
                    "parcels": _number(_sum(group), here),
                    **self._on_time(_judged(group), here),
                    **_days(group),
                    "promises": learned.get("promises"),
                    "seen": learned.get("seen", 0),
                }
            )
        return sorted(found, key=lambda lane: -lane["parcels"]["value"])[:LANES]


def wilson(good: int, whole: int) -> tuple[int | None, int | None]:
    """The 95 % interval of a share in parts per million (Wilson 1927, JASA 22); (None, None) of nothing."""
    if not whole:
        return None, None
    share, z = good / whole, NORMAL_95
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return max(0, round((centre - half) * MILLION)), min(MILLION, round((centre + half) * MILLION))


def quantile(counts: Mapping[int, int], share: float) -> int | None:
    """The first day by which so many of them had come."""
    whole, so_far = sum(counts.values()), 0
    for day in sorted(counts):
        so_far += counts[day]
        if so_far >= share * whole:
            return day
    return None


def _days(rows: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        if row["days"] is not None:
            counts[row["days"]] += row["parcels"]
    return {"days_50": quantile(counts, 0.5), "days_90": quantile(counts, 0.9)}


def _kept(rows: Sequence[Mapping[str, Any]], each: int, of: dict[str, str]) -> dict[str, Any]:
    name = f"kept_{each}"
    kept = _number(_sum(rows, name), of | {f"{name}_eq": "true"})
    return {"of": each, "kept": _share(kept, _number(_sum(rows, "told"), of | {f"{name}_null": "false"}))}


def _bin(tenth: int, parcels: int, late: int, meant: Any, *, of: dict[str, str]) -> dict[str, Any]:
    low, high = tenth * 100_000, (tenth + 1) * 100_000
    told = {"late_ppm_gteq": str(low), "late_ppm_lt": str(high + (tenth == 9)), "came_in": ",".join(JUDGED)}
    return {
        "from_ppm": low, "to_ppm": high, "parcels": _number(parcels, of | told), "late": late,
        "meant_ppm": round(meant), "was_ppm": half_up(late * MILLION, parcels),
    }  # fmt: skip


def _judged(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [r for r in rows if r["came"] in JUDGED]


def _grouped(rows: Iterable[Mapping[str, Any]], *names: str) -> list[tuple[Any, list[Mapping[str, Any]]]]:
    found: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[names[0]] if len(names) == 1 else tuple(row[n] for n in names)].append(row)
    return sorted(found.items())


def _in_month(of: dict[str, str], month: str) -> dict[str, str]:
    """The filters, no wider than a month (UTC) such as 2026-03. Moments in RFC 3339 of one zone sort as text."""
    year, number = int(month[:4]), int(month[5:])
    start, end = datetime(year, number, 1, tzinfo=UTC), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return of | {
        "sent_at_gteq": max(of["sent_at_gteq"], _written(start)),
        "sent_at_lt": min(of["sent_at_lt"], _written(end)),
    }


def _sum(rows: Iterable[Mapping[str, Any]], name: str = "parcels") -> int:
    return sum(int(r[name]) for r in rows)


def _number(value: int, told: dict[str, str]) -> dict[str, Any]:
    return {"value": value, "list": "carrier-parcels", "filters": told, "sum_of": None}


def _share(part: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    of = whole["value"]
    return {"part": part, "whole": whole, "ppm": half_up(part["value"] * MILLION, of) if of else None}


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
