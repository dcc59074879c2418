"""`uv run python -m tests.serve.matrix`: who may do what, from the description of the API, into docs/permissions.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.session import Database
from serve.app import create_app
from serve.scopes import FIRST_ROLES, Scope

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"

# What a caller needs on top of the operation's own scope, because more is read than what it is named after.
BEYOND: dict[str, tuple[Scope, ...]] = {
    "export_customer": (Scope.read_orders, Scope.read_payments, Scope.read_shipping, Scope.read_notifications),
    "read_shipment_values": (Scope.read_fulfilment,),
    "preview_orders_bulk": (Scope.read_orders,),
    "start_orders_bulk": (Scope.read_orders,),
    "preview_products_bulk": (Scope.read_catalog,),
    "start_products_bulk": (Scope.read_catalog,),
}

# Operations for everybody who is signed in, by how they begin: what bounds each, and the test that proves it.
BOUNDED = {
    "/api/v1/attention": ("the lists that the caller may read", "test_nobody_is_told_what_they_may_not_see"),
    "/api/v1/bulk": (
        "one's own, and those that one could have done",
        "test_anothers_action_is_seen_by_who_could_have_done_it_and_by_nobody_else",
    ),
    "/api/v1/events": (
        "events of nouns that the caller may read",
        "test_each_role_hears_of_what_it_may_read_and_of_nothing_else",
    ),
    "/api/v1/exports/": ("as the list", "test_lists_of_the_caller_are_exported_as_far_as_they_see_them"),
    "/api/v1/import-runs": (
        "kinds that the caller may write; others' files: and read",
        "test_scopes_bound_it_from_upload_to_the_last_row",
    ),
    "/api/v1/inbox": ("one's own", "test_people_see_their_own_notices_and_how_many_are_unread"),
    "/api/v1/me": ("oneself", "test_who_signs_in_gets_a_cookie_that_scripts_cannot_read_and_learns_their_scopes"),
    "/api/v1/return-door": (
        "a customer who proved that one order is theirs: its returns alone",
        "test_a_session_reaches_its_own_order_and_nothing_else",
    ),
    "/api/v1/scopes": ("no data", "test_each_role_reaches_what_the_matrix_says_and_is_told_what_it_lacks_elsewhere"),
    "/api/v1/search": ("kinds that the caller may read", "test_each_role_finds_what_it_may_read_and_nothing_else"),
    "/api/v1/session": ("oneself", "test_signing_out_ends_the_session_at_once_even_for_who_kept_the_cookie"),
    "/api/v1/views": (
        "one's own, and shared ones of lists that the caller may read",
        "test_sharing_needs_its_scope_and_others_may_look_and_not_touch",
    ),
}
PUBLIC = {
    "/api/v1/session": "signing in",
    "/api/v1/return-door/code": "asking for a code by mail",
    "/api/v1/return-door/session": "the code proves it",
    "/api/v1/return-door/session/link": "the link in a mail proves it",
    "/api/v1/webhooks/{provider}": "signed by the provider",
    "/api/v1/tracking/{carrier}": "signed by the carrier",
    "/api/v1/openapi.json": "no data",
    "/api/v1/docs": "no data",
    "/health/live": "probes",
    "/health/ready": "probes",
    "/metrics": "this machine, or `read_runtime`",
}


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    noun: str
    scope: str | None
    public: bool
    at_door: bool = False

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({self.scope} if self.scope else ()) | {s.value for s in BEYOND.get(self.name, ())}

    @property
    def bounded_by(self) -> tuple[str, str]:
        """Raises LookupError for an operation that nobody has decided on."""
        found = [way for start, way in BOUNDED.items() if self.path.startswith(start)]
        if len(found) != 1:
            raise LookupError(
                f"{self.method} {self.path} is for everybody who is signed in. Say in BOUNDED what bounds it."
            )
        return found[0]

    def decision(self) -> str:
        if self.public:
            return f"nobody has to sign in: {PUBLIC[self.path]}"
        if self.at_door:
            return f"not for staff: {self.bounded_by[0]}"
        return ", ".join(f"`{s}`" for s in sorted(self.needs)) or f"signed in: {self.bounded_by[0]}"

    def is_for(self, role: str) -> bool:
        return self.public or (not self.at_door and self.needs <= FIRST_ROLES[role])


def operations(description: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of the description of the API, in its order."""
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            yield Operation(
                told["operationId"],
                method.upper(),
                path,
                told["tags"][0],
                told.get("x-scope"),
                "x-public" in told,
                "x-at-door" in told,
            )


INTRO = """# Who may do what

Every operation of the API, the scopes it takes, and the roles that a new company starts with. Roles are data: change
them, or make others, under Users and roles. An API key holds the scopes it was given, as far as whoever it belongs to
holds them. Written by `uv run python -m tests.serve.matrix` from the description of the API; a test fails when an
operation is not decided on here, and [another](../tests/serve/test_matrix.py) asks each of them as each role, and with
each scope alone.
"""


def page(description: dict[str, Any]) -> str:
    roles = list(FIRST_ROLES)
    nouns: dict[str, list[Operation]] = {}
    for operation in operations(description):
        nouns.setdefault(operation.noun, []).append(operation)
    lines = [INTRO]
    for noun, of_noun in sorted(nouns.items()):
        lines += [
            f"## {noun.capitalize()}\n",
            f"| operation | needs | {' | '.join(roles)} |",
            f"|---|---|{'---|' * len(roles)}",
        ]
        for o in of_noun:
            may = " | ".join("✓" if o.is_for(role) else "" for role in roles)
            lines.append(f"| `{o.method} {o.path}` | {o.decision()} | {may} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    nobody = Database("postgresql://nobody@127.0.0.1:1/nothing")
    PAGE.write_text(page(create_app(nobody, None).openapi()))  # type: ignore[arg-type]
