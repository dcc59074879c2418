"""What to do about a parcel in trouble: every action with what it is expected to cost, and the cheapest.

Pure functions; amounts are minor units of the order's currency, chances parts per million. Costs are told beside a
parcel that simply arrives, so that nothing costs nothing. While the customer waits:

    wait     lateness + P(does not arrive) · (making whole − what a claim brings)
    contact  as wait, with a better chance and the effort of a letter
    reship   goods + postage − P(does not arrive) · claim − goods that come back
    refund   what was paid − P(does not arrive) · claim − goods that come back

Making whole is the cheaper of sending again and paying back. Once the customer has been helped, what is left is between
us and the carrier: a claim costs its effort and brings P(it pays) · its amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.parcels.messages import Option
from db.money import format_money, half_up
from db.parcel_exceptions import ExceptionAction, ExceptionKind

MILLION = 1_000_000
_K, _A = ExceptionKind, ExceptionAction

# How likely it still arrives, and that a claim is paid, before anything was learned: ten parcels' worth of a guess that
# leans to what carriers publish of their own searches. Own parcels and claims soon weigh more.
ARRIVES = {
    _K.late: 950_000,
    _K.held: 750_000,
    _K.silent: 600_000,
    _K.failed: 850_000,
    _K.damaged: 0,
    _K.returned: 20_000,
    _K.lost: 50_000,
    _K.other: 500_000,
}
CLAIM_PAYS = {_K.lost: 700_000, _K.damaged: 500_000, _K.silent: 500_000, _K.returned: 100_000}
COMES_BACK = {_K.returned: 900_000}  # the goods, fit for sale
PRIOR = 10
LETTER_HELPS = 500_000  # of the parcels that would not arrive, where the customer can do something about it
DECIDED = (_K.lost, _K.damaged, _K.returned)  # for these waiting only puts off what has to be done
CUSTOMER_CAN_HELP = (_K.failed, _K.held, _K.returned)


@dataclass(frozen=True)
class Learned:
    """Of so many (`of`), this many turned out well."""

    good: int = 0
    of: int = 0

    def chance(self, prior: int) -> int:
        return half_up(self.good * MILLION + prior * PRIOR, self.of + PRIOR)


@dataclass(frozen=True)
class Case:
    """A parcel in trouble. `short` is why it cannot be sent again, None where it can; `refundable` is what is left of
    what was captured; `late_cost` is what the policy says that a late parcel costs, nothing when it is late already."""

    kind: ExceptionKind
    currency: str
    value: int  # what the customer paid for the goods in it
    cost: int  # what they cost us
    postage: int
    late_cost: int
    refundable: int
    claim_limit: int | None
    effort: int
    short: str | None = None
    helped: str | None = None  # how the customer was helped already
    claimed: bool = False
    claimable: bool = True  # the last day for it is not over
    arrived: Learned = Learned()
    paid: Learned = Learned()


def propose(case: Case) -> list[Option]:
    """Every action, the cheapest possible first; one that cannot be done says why and comes last."""
    options = _with_carrier(case) if case.helped else _for_customer(case)
    return sorted(options, key=lambda o: (o.refused is not None, o.expected, o.action))


def claim_amount(value: int, limit: int | None) -> int:
    return value if limit is None else min(value, limit)


def _for_customer(case: Case) -> list[Option]:
    arrives = case.arrived.chance(ARRIVES[case.kind])
    missing = MILLION - arrives
    brings = _claim_brings(case)
    again = case.cost + case.postage
    back = half_up(case.cost * COMES_BACK.get(case.kind, 0), MILLION)
    whole = min(again, case.value) if case.short is None else case.value
    options = [
        _wait(case, missing, whole, brings),
        _reship(case, missing, brings, back),
        _refund(case, missing, brings, back),
    ]
    if case.kind in CUSTOMER_CAN_HELP:
        left = half_up(missing * (MILLION - LETTER_HELPS), MILLION)
        parts = [
            _part("a letter", case.effort),
            _part("lateness", case.late_cost),
            _part("making whole, if it does not arrive", whole, left),
            _part("a claim, if it does not arrive", -brings, left),
        ]
        options.append(
            _option(_A.contact, parts, f"it arrives in {_percent(MILLION - left)}, with the customer's help")
        )
    return options


def _wait(case: Case, missing: int, whole: int, brings: int) -> Option:
    parts = [
        _part("lateness", case.late_cost),
        _part("making whole, if it does not arrive", whole, missing),
        _part("a claim, if it does not arrive", -brings, missing),
    ]
    refused = "it does not come by itself any more" if case.kind in DECIDED else None
    return _option(_A.wait, parts, f"it still arrives in {_percent(MILLION - missing)} of such cases", refused=refused)


def _reship(case: Case, missing: int, brings: int, back: int) -> Option:
    parts = [
        _part("the goods", case.cost),
        _part("postage", case.postage),
        _part("a claim, if it does not arrive", -brings, missing),
        _part("goods that come back", -back),
    ]
    return _option(_A.reship, parts, "the customer gets the goods soon", refused=case.short)


def _refund(case: Case, missing: int, brings: int, back: int) -> Option:
    amount = min(case.value, case.refundable)
    refused = None if amount > 0 else "nothing is left of what was captured"
    parts = [
        _part("what was paid for the goods", amount),
        _part("a claim, if it does not arrive", -brings, missing),
        _part("goods that come back", -back),
    ]
    return _option(_A.refund, parts, "the customer gets the money", refused=refused)


def _with_carrier(case: Case) -> list[Option]:
    amount = claim_amount(case.value, case.claim_limit)
    chance = case.paid.chance(CLAIM_PAYS.get(case.kind, 0))
    refused = None
    if case.claimed:
        refused = "it is claimed already"
    elif amount == 0 or chance == 0:
        refused = "the carrier is not liable"
    elif not case.claimable:
        refused = "the last day for a claim is over"
    parts = [_part("a letter", case.effort), _part("what the carrier pays", -amount, chance)]
    why = f"the carrier pays in {_percent(chance)} of such cases, at most {format_money(amount, case.currency)}"
    close = _option(_A.close, [], f"the customer was helped: {case.helped}")
    return [_option(_A.claim, parts, why, refused=refused), close]


def _claim_brings(case: Case) -> int:
    """What a claim would bring, if the parcel proves to be lost."""
    if case.claimed or not case.claimable:
        return 0
    chance = case.paid.chance(CLAIM_PAYS.get(case.kind, CLAIM_PAYS[_K.lost]))
    return max(0, half_up(claim_amount(case.value, case.claim_limit) * chance, MILLION) - case.effort)


def _part(what: str, amount: int, chance: int = MILLION) -> dict[str, Any]:
    return {"what": what, "amount": amount, "chance_ppm": chance}


def _option(
    action: ExceptionAction, parts: Sequence[Mapping[str, Any]], why: str, *, refused: str | None = None
) -> Option:
    counted = [dict(part) for part in parts if part["amount"]]
    expected = sum(half_up(part["amount"] * part["chance_ppm"], MILLION) for part in counted)
    return Option(action=action.value, expected=expected, parts=counted, why=why, refused=refused)


def _percent(ppm: int) -> str:
    return f"{half_up(ppm, 10_000)} %"
