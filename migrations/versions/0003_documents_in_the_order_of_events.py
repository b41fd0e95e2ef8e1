"""documents in the order of events, apart from the log; keys of an event's parts without the event's id on SQLite

The rows that are made of documents are made anew: `timeline migrate` does it next. A later migration that takes away
the rows of events has to move their documents behind those of all events first, as here.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
PAIR = sa.String(161).with_variant(sa.String(161, collation="C"), "postgresql")
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEHIND = 7 << 60

REMADE = ("support", "tag", "status", "participation", "claim", "citation")
EMPTIED = ("event_text", "event", "resource_text", "source", "place", "actor")
"""Both children first."""


def upgrade() -> None:
    op.drop_table("checked_event")
    for name in REMADE:
        op.drop_table(name)
    for name in EMPTIED:
        op.execute(f"DELETE FROM {name}")
    _move_documents()
    _create_citations()
    _create_claims()
    _create_other_parts()
    op.execute("UPDATE dataset SET rows_digest = ''")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _move_documents() -> None:
    op.create_table(
        "document",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("checked", sa.Text(), nullable=True),
        # On SQLite rows lie in the order of a key that is one whole number.
        sa.PrimaryKeyConstraint("ordinal", *([] if _is_sqlite() else ["id"]), name=op.f("pk_document")),
    )
    op.execute(f"INSERT INTO document (ordinal, id, document) SELECT seq + {BEHIND}, id, document FROM revision")
    op.add_column("revision", sa.Column("ordinal", SEQUENCE, nullable=False, server_default="0"))
    op.execute(f"UPDATE revision SET ordinal = seq + {BEHIND}")
    op.drop_column("revision", "document")


def _create_part(name: str, key: "list[sa.Column[object]]", *columns: "sa.Column[object] | sa.Constraint") -> None:
    """A table of parts of events, in their order and then by `key`.

    No two events have one ordinal, so SQLite's keys, which stand in every index, do without the event's id; a
    distributed PostgreSQL wants it there. The key comes first: SQLite 3.40 mistakes columns when it checks itself.
    """
    id = [] if _is_sqlite() else ["event"]
    op.create_table(
        name,
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        *key,
        sa.Column("event", KEY, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f(f"fk_{name}_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", *id, *(column.name for column in key), name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _create_citations() -> None:
    _create_part(
        "citation",
        [sa.Column("position", sa.Integer(), autoincrement=False, nullable=False)],
        sa.Column("source", KEY, nullable=False),
        sa.Column("checked", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name=op.f("fk_citation_source_source")),
    )
    _create_partial_index("ix_citation_checked", "citation", "checked", "ordinal", "position")
    op.create_index("ix_citation_source", "citation", ["source", "ordinal", "position"])


def _create_partial_index(name: str, table: str, *columns: str) -> None:
    given = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(name, table, list(columns), sqlite_where=given, postgresql_where=given)


def _create_claims() -> None:
    _create_part(
        "claim",
        [sa.Column("position", sa.Integer(), autoincrement=False, nullable=False)],
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("stance", KEY, nullable=False),
        sa.Column("speaker", KEY, nullable=True),
        sa.Column("measure", KEY, nullable=True),
        sa.Column("scope", SORTED, nullable=True),
        sa.Column("unit", SORTED, nullable=True),
        sa.Column("answered_event", KEY, nullable=True),
        sa.Column("answered_claim", KEY, nullable=True),
        sa.ForeignKeyConstraint(["speaker"], ["actor.id"], name=op.f("fk_claim_speaker_actor")),
        sa.UniqueConstraint("event", "id", name="uq_claim_event_id"),
    )
    _create_partial_index("ix_claim_answered", "claim", "answered_event", "answered_claim")
    op.create_index("ix_claim_figure", "claim", ["measure", "scope", "unit"])
    for name in ("kind", "measure", "speaker", "stance"):
        op.create_index(f"ix_claim_{name}", "claim", [name, "ordinal", "position"])


def _create_other_parts() -> None:
    _create_part(
        "participation",
        [sa.Column("actor", KEY, nullable=False), sa.Column("role", KEY, nullable=False)],
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_participation_actor_actor")),
    )
    op.create_index("ix_participation_actor", "participation", ["actor", "ordinal", "role"])
    op.create_index("ix_participation_role", "participation", ["role", "ordinal", "actor"])
    _create_part(
        "status",
        [sa.Column("position", sa.Integer(), autoincrement=False, nullable=False)],
        sa.Column("status", sa.String(), nullable=False),
    )
    _create_part(
        "support",
        [
            sa.Column("what", sa.String(), nullable=False),
            sa.Column("target", PAIR, nullable=False),
            sa.Column("source", KEY, nullable=False),
        ],
        sa.Column("origin", KEY, nullable=True),
    )
    _create_part("tag", [sa.Column("tag", KEY, nullable=False)])
    op.create_index("ix_tag_tag", "tag", ["tag", "ordinal"])


def downgrade() -> None:
    raise NotImplementedError("the tables of 0002 are filled by the program of that schema; use a backup")
