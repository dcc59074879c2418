"""Finding a thing by what is known of it: whole as scanned or pasted, then by its beginning, then by likeness.

Only the third step needs the extension pg_trgm. On a PostgreSQL without it words are still found inside
names, but misspelt ones are not; `forgives_typos` says which it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.orm import Session

from db.base import metadata

LONGEST = 100
SIMILAR_FROM = 4  # characters: shorter words are like everything
LIKENESS = 0.45  # of the query to the most similar part of a name; one letter in eight wrong gives about 0.6


@dataclass(frozen=True)
class Source:
    """One kind of thing. `exact` and `begins` are columns with an index; `names` are those one may misspell.

    `about` is a line for people; `order` is which of equals come first. All of it is SQL of this file.
    """

    kind: str
    table: str
    ident: str
    title: str
    about: str
    order: str
    exact: tuple[str, ...]
    begins: tuple[str, ...]
    names: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()  # columns that are kept in lower case
    where: str = "true"


SOURCES = (
    Source(
        "order", "orders t", "t.id::text", "t.number", "concat_ws(' · ', t.email, t.channel, t.status)",
        "t.created_at DESC, t.id DESC", ("number", "external_ref", "email"), ("number", "external_ref", "email"),
    ),
    Source(
        "sku", "variants t JOIN products p ON p.id = t.product_id", "t.sku", "t.sku",
        "concat_ws(' · ', p.title, t.barcode, t.status)", "t.sku",
        ("sku", "barcode"), ("sku", "barcode"), ("sku", "title"),
    ),
    Source(
        "product", "products t", "t.id::text", "t.title", "concat_ws(' · ', t.brand, t.category, t.status)", "t.title",
        ("handle", "title"), ("handle",), ("title",), lower=("handle",),
    ),
    Source(
        "customer", "customers t", "t.id::text", "coalesce(t.name, t.email, t.external_ref)",
        "concat_ws(' · ', t.email, t.phone)", "t.created_at DESC, t.id DESC", ("email", "external_ref", "phone"),
        ("email", "external_ref"), ("name",), lower=("email",), where="t.erased_at IS NULL",
    ),
    Source(
        "supplier", "suppliers t", "t.code", "t.name",
        "concat_ws(' · ', t.code, t.email, CASE WHEN NOT t.active THEN 'switched off' END)", "t.rank, t.code",
        ("code", "name", "email"), ("code", "name"), ("name",),
    ),
    Source(
        "tracking", "labels t JOIN orders o ON o.id = t.order_id", "t.order_id::text", "t.tracking_number",
        "concat_ws(' · ', t.carrier, 'order ' || o.number, t.state)", "t.created_at DESC, t.id DESC",
        ("tracking_number",), ("tracking_number",),
    ),
    Source(
        "fulfilment", "fulfilments t JOIN orders o ON o.id = t.order_id", "t.id::text", "t.number",
        "concat_ws(' · ', 'order ' || o.number, t.node, t.status)", "t.created_at DESC, t.id DESC",
        ("number",), ("number",),
    ),
    Source(
        "bin", "bins t", "t.node || '/' || t.code", "t.code", "concat_ws(' · ', t.node, t.type)", "t.node, t.code",
        ("code",), ("code",),
    ),
)  # fmt: skip
KINDS = tuple(s.kind for s in SOURCES)


@dataclass(frozen=True)
class Hit:
    """`how` is exact, prefix, part or similar; `field` and `value` are what matched."""

    kind: str
    id: str
    title: str
    about: str
    field: str
    value: str
    how: str


def forgives_typos(session: Session) -> bool:
    return session.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")) is not None


def find(session: Session, asked: str, *, kinds: Collection[str] = KINDS, limit: int = 20) -> list[Hit]:
    """The best hits among the kinds, each thing once: whole values, then beginnings, then likenesses.

    What is there whole is not misspelt, so likeness is asked only when nothing is; and only when beginnings
    left room for it.
    """
    said = asked.strip().removeprefix("#")[:LONGEST]
    sources = [s for s in SOURCES if s.kind in kinds]
    found: dict[tuple[str, str], Hit] = {}
    if not said or not sources:
        return []
    values = {
        "q": said, "lower": said.lower(), "upper": said.upper(), "begin": f"{_literal(said)}%",
        "begin_lower": f"{_literal(said.lower())}%", "begin_upper": f"{_literal(said.upper())}%",
        "part": f"%{_literal(said)}%", "limit": limit,
    }  # fmt: skip

    def step(statement: str) -> None:
        if statement and len(found) < limit:
            for row in session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement}):
                hit = Hit(*row[:7])
                found.setdefault((hit.kind, hit.id), hit)

    step(_exact(sources))
    whole = bool(found)
    step(_begins(sources))
    if not whole and len(said) >= SIMILAR_FROM:
        if forgives_typos(session):
            session.execute(text(f"SET LOCAL pg_trgm.word_similarity_threshold = {LIKENESS}"))
            step(_similar(sources))
        else:
            step(_parts(sources))
    return list(found.values())[:limit]


def _literal(said: str) -> str:
    """For LIKE, where the two wildcards and the backslash mean something."""
    return said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _select(source: Source, column: str, how: str, condition: str, rank: str = "0") -> str:
    return (
        f"(SELECT '{source.kind}', {source.ident}, {source.title}, {source.about}, '{column}', t.{column}, "  # noqa: S608 - constants of this file
        f"'{how}', {rank}::float AS rank FROM {source.table} WHERE {source.where} AND {condition} "
        f"ORDER BY rank DESC, {source.order} LIMIT :limit)"
    )


def _exact(sources: list[Source]) -> str:
    parts = []
    for s in sources:
        for column in s.exact:
            said = "= :lower" if column in s.lower else "IN (:q, :lower, :upper)"
            parts.append(_select(s, column, "exact", f"t.{column} {said}"))
    return " UNION ALL ".join(parts)


def _begins(sources: list[Source]) -> str:
    parts = []
    for s in sources:
        for column in s.begins:
            said = [":begin_lower"] if column in s.lower else [":begin", ":begin_lower", ":begin_upper"]
            condition = " OR ".join(f"t.{column} LIKE {pattern}" for pattern in said)
            parts.append(_select(s, column, "prefix", f"({condition})"))
    return " UNION ALL ".join(parts)


def _parts(sources: list[Source]) -> str:
    return " UNION ALL ".join(
        _select(s, column, "part", f"t.{column} ILIKE :part") for s in sources for column in s.names
    )


def _similar(sources: list[Source]) -> str:
    """Also what has the words inside, which likeness alone would rank behind."""
    parts = []
    for s in sources:
        for column in s.names:
            rank = f"(t.{column} ILIKE :part)::int + word_similarity(:q, t.{column})"
            how = f"CASE WHEN t.{column} ILIKE :part THEN 'part' ELSE 'similar' END"
            condition = f"(t.{column} ILIKE :part OR :q <% t.{column})"
            parts.append(_select(s, column, "HOW", condition, rank).replace("'HOW'", how))
    # Alone in its parentheses a part may not be ordered a second time.
    return "SELECT * FROM (" + " UNION ALL ".join(parts) + ") AS found ORDER BY rank DESC" if parts else ""  # noqa: S608


# The indexes of the third step: of the columns in `names`, where the extension is.

_TRIGRAMS = (
    ("ix_variants_like", "variants", "sku gin_trgm_ops, title gin_trgm_ops"),
    ("ix_products_like", "products", "title gin_trgm_ops"),
    ("ix_customers_like", "customers", "name gin_trgm_ops"),
)


def add_trigrams(connection: Connection) -> bool:
    """Install the extension and its indexes, where the server has it and lets us; says whether it is there."""
    has = "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"
    if connection.scalar(text(has)) is None:
        savepoint = connection.begin_nested()
        try:
            connection.execute(text("CREATE EXTENSION pg_trgm"))
        except Exception:  # not on this server, or not for us: words are found, misspelt ones are not
            savepoint.rollback()
            return False
        savepoint.commit()
    for name, table, columns in _TRIGRAMS:
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin ({columns})"))
    return True


@event.listens_for(metadata, "after_create")
def _with_trigrams(_: MetaData, connection: Connection, **__: Any) -> None:
    add_trigrams(connection)
