"""What is kept from channels, and who gets units that come: what people set."""

from __future__ import annotations

from agents.promising.messages import (
    ChannelBufferState,
    FillPolicyState,
    PriorityClass,
    PutChannelBuffer,
    PutFillPolicy,
    RemoveChannelBuffer,
    RemoveFillPolicy,
)
from agents.promising.refusals import BadPromising
from agents.stock.goods import need_node, need_skus
from agents.stock.rules import check_words
from db.errors import NotFound
from db.promising import ANY, MILLION, ChannelBuffer, FillPolicy, Ranking
from db.session import Transaction, check_version

MOST_UNITS = 1_000_000
MOST_CLASSES = 20
CLASS_OF = ("customer", "order", "class")
MOST_PASSED, MOST_DAYS = 1000, 1000


def put_buffer(tx: Transaction, ask: PutChannelBuffer) -> ChannelBufferState:
    """Raises BadPromising, NotFound, StaleVersion."""
    check_words("channel", ask.channel)
    if ask.sku != ANY:
        need_skus(tx, [ask.sku])
    if ask.node != ANY:
        need_node(tx, ask.node)
    if not 0 <= ask.units <= MOST_UNITS:
        raise BadPromising("units", f"a number from 0 to {MOST_UNITS}")
    if not 0 <= ask.ppm <= MILLION:
        raise BadPromising("ppm", f"a number from 0 to {MILLION}, of what lies there")
    key = (ask.channel, ask.sku, ask.node)
    row = tx.get(ChannelBuffer, key, with_for_update=True, populate_existing=True)
    created = row is None
    if row is None:
        if ask.version is not None:
            raise NotFound("channel buffer", "/".join(key))
        row = ChannelBuffer(channel=ask.channel, sku=ask.sku, node=ask.node, version=1)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="channel buffer", id="/".join(key))
    row.units, row.ppm, row.updated_at = ask.units, ask.ppm, tx.now
    tx.flush()
    return _buffer(row, created=created)


def remove_buffer(tx: Transaction, ask: RemoveChannelBuffer) -> ChannelBufferState:
    key = (ask.channel, ask.sku, ask.node)
    row = tx.get(ChannelBuffer, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("channel buffer", "/".join(key))
    check_version(row, ask.version, kind="channel buffer", id="/".join(key))
    tx.delete(row)
    return _buffer(row, removed=True)


def _buffer(row: ChannelBuffer, *, created: bool = False, removed: bool = False) -> ChannelBufferState:
    return ChannelBufferState(
        channel=row.channel, sku=row.sku, node=row.node, units=row.units, ppm=row.ppm, version=row.version,
        created=created, removed=removed,
    )  # fmt: skip


def put_policy(tx: Transaction, ask: PutFillPolicy) -> FillPolicyState:
    """Raises BadPromising, NotFound, StaleVersion. What was given stays given."""
    if ask.node != ANY:
        need_node(tx, ask.node)
    _check(ask)
    row = tx.get(FillPolicy, ask.node, with_for_update=True, populate_existing=True)
    created = row is None
    if row is None:
        if ask.version is not None:
            raise NotFound("fill policy", ask.node)
        row = FillPolicy(node=ask.node, version=1)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="fill policy", id=ask.node)
    row.ranking = list(ask.ranking)
    row.classes = [{"of": c.of, "tag": c.tag} for c in ask.classes]
    row.most_passed, row.most_days, row.updated_at = ask.most_passed, ask.most_days, tx.now
    tx.flush()
    return policy_state(row, created=created)


def remove_policy(tx: Transaction, ask: RemoveFillPolicy) -> FillPolicyState:
    row = tx.get(FillPolicy, ask.node, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("fill policy", ask.node)
    check_version(row, ask.version, kind="fill policy", id=ask.node)
    tx.delete(row)
    return policy_state(row, removed=True)


def policy_state(row: FillPolicy, *, created: bool = False, removed: bool = False) -> FillPolicyState:
    return FillPolicyState(
        node=row.node,
        ranking=row.ranking,
        classes=[PriorityClass(tag=c["tag"], of=c["of"]) for c in row.classes],
        most_passed=row.most_passed,
        most_days=row.most_days,
        version=row.version,
        created=created,
        removed=removed,
    )


def _check(ask: PutFillPolicy) -> None:
    unknown = [name for name in ask.ranking if name not in list(Ranking)]
    if unknown or not ask.ranking:
        raise BadPromising(
            "ranking", f"one or more of {', '.join(Ranking)}, the one that decides first before the others"
        )
    if len(set(ask.ranking)) < len(ask.ranking):
        raise BadPromising("ranking", "each at most once")
    if Ranking.share in ask.ranking[:-1] and set(ask.ranking[ask.ranking.index(Ranking.share) :]) & {
        Ranking.complete,
        Ranking.priority,
    }:
        raise BadPromising("ranking", "who shares is decided before: put share after priority and complete")
    if Ranking.priority in ask.ranking and not ask.classes:
        raise BadPromising("classes", "name the tags that come first, or leave priority out of the ranking")
    if len(ask.classes) > MOST_CLASSES:
        raise BadPromising("classes", f"{MOST_CLASSES} at most")
    for one in ask.classes:
        check_words("tag", one.tag)
        if one.of not in CLASS_OF:
            raise BadPromising(
                "classes", f"it is a tag of the customer or the order, or a customer's class: {one.of!r}"
            )
    if not 0 <= ask.most_passed <= MOST_PASSED:
        raise BadPromising("most_passed", f"a number from 0 to {MOST_PASSED}: how often one may be passed over")
    if ask.most_days is not None and not 0 < ask.most_days <= MOST_DAYS:
        raise BadPromising("most_days", f"a number from 1 to {MOST_DAYS}")
