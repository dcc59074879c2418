"""Versions of the terms by which it is reckoned what becomes of units that came back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from agents.returns.messages.dispositions import AddDispositionTerms, DispositionRuleAsk, DispositionTermsState
from agents.returns.refusals import BadReturnField, BadRule
from agents.stock.rules import check_words
from db.errors import NotFound
from db.money import minor_digits
from db.return_dispositions import DispositionRule, DispositionTerms, GoodsChoice, next_terms
from db.returns import Grade
from db.session import Transaction
from db.suppliers import Supplier

MOST_RULES = 300
FIELDS = DispositionRuleAsk.__struct_fields__
GRADES = (Grade.sellable, Grade.damaged, Grade.not_as_described)


def add_terms(tx: Transaction, ask: AddDispositionTerms) -> DispositionTermsState:
    """Raises BadRule, BadReturnField, NotFound."""
    check_terms(ask.rules)
    check_words("note", ask.note, needed=False)
    vendors = sorted(set(ask.vendors))
    known = set(tx.scalars(select(Supplier.code).where(Supplier.code.in_(vendors))))
    if strangers := [code for code in vendors if code not in known]:
        raise NotFound("supplier", strangers[0])
    made = DispositionTerms(
        version=next_terms(tx), vendors=vendors, note=ask.note, created_by=tx.who.actor, created_at=tx.now
    )
    tx.add(made)
    tx.flush()
    for no, rule in enumerate(ask.rules, start=1):
        tx.add(DispositionRule(version=made.version, no=no, **{name: getattr(rule, name) for name in FIELDS}))
    return DispositionTermsState(
        version=made.version, created_at=made.created_at, rules=len(ask.rules), vendors=vendors
    )


def check_terms(rules: Sequence[DispositionRuleAsk]) -> None:
    """Raises BadRule, BadReturnField."""
    if not 0 < len(rules) <= MOST_RULES:
        raise BadReturnField("rules", f"there are 1 to {MOST_RULES} of them")
    for no, rule in enumerate(rules, start=1):
        if rule.grade not in GRADES:
            raise BadRule(no, "grade", f"it is one of {', '.join(GRADES)}")
        if rule.choice not in list(GoodsChoice):
            raise BadRule(no, "choice", f"it is one of {', '.join(GoodsChoice)}")
        if rule.choice == GoodsChoice.restock and rule.grade != Grade.sellable:
            raise BadRule(no, "choice", "only what is as new goes on sale again")
        for name in ("share_ppm", "chance_ppm", "cost_ppm"):
            if not 0 <= getattr(rule, name) <= 1_000_000:
                raise BadRule(no, name, "it is a number from 0 to 1000000")
        for name in ("cost_amount", "freight_amount"):
            if getattr(rule, name) < 0 or (getattr(rule, name) > 0 and rule.currency is None):
                raise BadRule(no, name, "it is not below zero, and above zero it has a currency")
        if rule.currency is not None:
            minor_digits(rule.currency)
