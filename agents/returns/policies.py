"""Versions of the return policy."""

from __future__ import annotations

from agents.returns.messages.policies import AddReturnPolicy, ReturnPolicyState, ReturnRuleAsk
from agents.returns.refusals import InThePast
from agents.returns.rules import check_rules
from agents.stock.rules import check_words
from db.return_policies import ReturnPolicy, ReturnRule, next_version
from db.session import Transaction

RULE_FIELDS = ReturnRuleAsk.__struct_fields__


def add_policy(tx: Transaction, ask: AddReturnPolicy) -> ReturnPolicyState:
    """Raises BadRule, NoCatchAll, InThePast."""
    check_rules(ask.rules)
    check_words("note", ask.note, needed=False)
    valid_from = ask.valid_from or tx.now
    if valid_from < tx.now:
        raise InThePast(valid_from.isoformat())
    policy = ReturnPolicy(
        version=next_version(tx),
        valid_from=valid_from,
        note=ask.note,
        created_by=tx.who.actor,
        created_at=tx.now,
    )
    tx.add(policy)
    tx.flush()
    for no, rule in enumerate(ask.rules, start=1):
        tx.add(ReturnRule(version=policy.version, no=no, **{name: getattr(rule, name) for name in RULE_FIELDS}))
    return ReturnPolicyState(version=policy.version, valid_from=policy.valid_from, rules=len(ask.rules))
