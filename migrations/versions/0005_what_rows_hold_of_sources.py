"""rows name sources by numbers; events say when they could be known

The rows that name sources, and those of the sources, are made anew from the documents. Those of events stay until
then, so that their documents stay in their places too.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
PAIR = sa.String(161).with_variant(sa.String(161, collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("support")
    op.drop_table("citation")
    op.execute("DELETE FROM resource_text WHERE seq IN (SELECT seq FROM source)")
    op.drop_table("source")
    _create_sources()
    _create_citations()
    _create_supports()
    _date_events()
    _widen_durations()
    op.execute("UPDATE dataset SET rows_digest = ''")


def _create_sources() -> None:
    op.create_table(
        "source",
        # On SQLite the key of the table itself.
        sa.Column("number", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("origin", KEY, nullable=True),
        sa.Column("known_possibly", sa.BigInteger(), nullable=True),
        sa.Column("known_surely", sa.BigInteger(), nullable=True),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_source_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_source_seq_revision")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_source")),
    )
    op.create_index("ix_source_id", "source", ["id"], unique=True)
    op.create_index("ix_source_dataset", "source", ["dataset", "id"])
    _create_partial_index("ix_source_origin", "source", "origin")


def _create_partial_index(name: str, table: str, *columns: str) -> None:
    given = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(name, table, list(columns), sqlite_where=given, postgresql_where=given)


def _create_part(name: str, key: "list[sa.Column[object]]", *columns: "sa.Column[object] | sa.Constraint") -> None:
    """A table of parts of events, with keys as in 0003."""
    id = [] if op.get_bind().dialect.name == "sqlite" else ["event"]
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
        sa.Column("source", SEQUENCE, nullable=False),
        sa.Column("origin", SEQUENCE, nullable=True),
        sa.Column("checked", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.number"], name=op.f("fk_citation_source_source")),
    )
    _create_partial_index("ix_citation_checked", "citation", "checked", "ordinal", "position")
    op.create_index("ix_citation_source", "citation", ["source", "ordinal", "position"])


def _create_supports() -> None:
    _create_part(
        "support",
        [
            sa.Column("what", sa.String(), nullable=False),
            sa.Column("target", PAIR, nullable=False),
            sa.Column("source", SEQUENCE, autoincrement=False, nullable=False),
        ],
        sa.Column("origin", SEQUENCE, nullable=True),
    )


def _date_events() -> None:
    op.add_column("event", sa.Column("known_class", sa.Integer(), nullable=True))
    op.add_column("event", sa.Column("known_possibly", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("known_surely", sa.BigInteger(), nullable=True))
    _create_partial_index("ix_event_known", "event", "known_class", "ordinal", "known_possibly", "known_surely")


def _widen_durations() -> None:
    """With all that questions of time look at; nothing stands where it would say what another bound says."""
    op.drop_index("ix_event_duration", "event")
    bounds = [f"{clock}_{bound}" for clock in ("utc", "local") for bound in ("latest_start", "earliest_end")]
    for name in bounds:
        # SQLite cannot make a column nullable.
        op.drop_column("event", name)
        op.add_column("event", sa.Column(name, sa.BigInteger(), nullable=True))
    ends = ["duration_class", "ordinal", "utc_end", "local_start", "local_end"]
    op.create_index("ix_event_duration", "event", [*ends, *bounds, "known_possibly", "known_surely"])


def downgrade() -> None:
    raise NotImplementedError("the tables of 0004 are filled by the program of that schema; use a backup")
