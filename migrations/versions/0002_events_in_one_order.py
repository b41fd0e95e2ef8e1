"""events in one order, with indexes for every filter

The tables that are derived from documents are made anew; the documents themselves stay where they are.

Revision ID: 0002
Revises: 0001
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
PAIR = sa.String(161).with_variant(sa.String(161, collation="C"), "postgresql")
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

DERIVED = ("support", "tag", "status", "participation", "claim", "citation", "event", "source", "place", "actor")
"""Tables whose rows are made of documents, children first."""

# Words are cut before they are stored: the tokenizer has only to split at spaces, and takes all beyond ASCII as
# letters. Nothing is ranked and no phrase is looked for: neither positions nor sizes are kept.
SQLITE_SEARCH = """
CREATE VIRTUAL TABLE {text}_words USING fts5(
    search, content='{text}', content_rowid='{key}', tokenize='ascii', detail='none', columnsize=0
);
CREATE TRIGGER {text}_inserted AFTER INSERT ON {text} BEGIN
    INSERT INTO {text}_words (rowid, search) VALUES (new.{key}, new.search);
END;
CREATE TRIGGER {text}_deleted AFTER DELETE ON {text} BEGIN
    INSERT INTO {text}_words ({text}_words, rowid, search) VALUES ('delete', old.{key}, old.search);
END;
"""
# Every word that was ever stored: FTS5 can list its own only by reading where each of them occurs.
SQLITE_VOCABULARY = """
CREATE TABLE word (word VARCHAR NOT NULL PRIMARY KEY) WITHOUT ROWID;
"""
SQLITE_BOXES = """
CREATE VIRTUAL TABLE place_box USING rtree(seq, west, east, south, north, +place TEXT);
CREATE TRIGGER place_inserted AFTER INSERT ON place WHEN new.longitude IS NOT NULL BEGIN
    INSERT INTO place_box VALUES (new.seq, new.longitude, new.longitude, new.latitude, new.latitude, new.id);
END;
CREATE TRIGGER place_deleted AFTER DELETE ON place BEGIN
    DELETE FROM place_box WHERE seq = old.seq;
END;
CREATE TRIGGER place_updated AFTER UPDATE ON place BEGIN
    DELETE FROM place_box WHERE seq = old.seq;
    INSERT INTO place_box SELECT new.seq, new.longitude, new.longitude, new.latitude, new.latitude, new.id
        WHERE new.longitude IS NOT NULL;
END;
"""
POSTGRESQL_SEARCH = """
CREATE INDEX ix_{text}_search ON {text} USING gin (array_to_tsvector(string_to_array(search, ' ')));
"""
POSTGRESQL_BOXES = """
CREATE INDEX ix_place_point ON place USING gist (point(longitude, latitude));
"""


def upgrade() -> None:
    for name in DERIVED:
        op.drop_table(name)
    op.add_column("dataset", sa.Column("counts", sa.String(), nullable=False, server_default="{}"))
    _create_tables()
    _create_searches()
    # The rows are made anew from the documents: `timeline migrate` does it next.
    op.execute("UPDATE dataset SET rows_digest = ''")


def _create_tables() -> None:
    op.create_table(
        "resource_text",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_resource_text")),
    )
    op.create_table(
        "actor",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("part_of", KEY, nullable=True),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_actor_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_actor_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
    )
    op.create_index("ix_actor_dataset", "actor", ["dataset", "id"])
    op.create_index("ix_actor_kind", "actor", ["kind", "id"])
    op.create_index("ix_actor_part_of", "actor", ["part_of"])

    op.create_table(
        "place",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.Column("z", sa.Float(), nullable=True),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_place_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_place_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index("ix_place_dataset", "place", ["dataset", "id"])
    op.create_index("ix_place_kind", "place", ["kind", "id"])

    op.create_table(
        "source",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("origin", KEY, nullable=True),
        sa.Column("known_possibly", sa.BigInteger(), nullable=True),
        sa.Column("known_surely", sa.BigInteger(), nullable=True),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_source_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_source_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_index("ix_source_dataset", "source", ["dataset", "id"])
    op.create_index(
        "ix_source_known_possibly",
        "source",
        ["known_possibly"],
        sqlite_where=sa.text("known_possibly IS NOT NULL"),
        postgresql_where=sa.text("known_possibly IS NOT NULL"),
    )
    op.create_index(
        "ix_source_known_surely",
        "source",
        ["known_surely"],
        sqlite_where=sa.text("known_surely IS NOT NULL"),
        postgresql_where=sa.text("known_surely IS NOT NULL"),
    )
    op.create_index(
        "ix_source_origin",
        "source",
        ["origin"],
        sqlite_where=sa.text("origin IS NOT NULL"),
        postgresql_where=sa.text("origin IS NOT NULL"),
    )

    op.create_table(
        "event",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("place", KEY, nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("duration_class", sa.Integer(), nullable=False),
        sa.Column("utc_start", sa.BigInteger(), nullable=False),
        sa.Column("utc_end", sa.BigInteger(), nullable=False),
        sa.Column("utc_latest_start", sa.BigInteger(), nullable=False),
        sa.Column("utc_earliest_end", sa.BigInteger(), nullable=False),
        sa.Column("local_start", sa.BigInteger(), nullable=False),
        sa.Column("local_end", sa.BigInteger(), nullable=False),
        sa.Column("local_latest_start", sa.BigInteger(), nullable=False),
        sa.Column("local_earliest_end", sa.BigInteger(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_event_dataset_dataset")),
        sa.ForeignKeyConstraint(["place"], ["place.id"], name=op.f("fk_event_place_place")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_event_seq_revision")),
        sa.PrimaryKeyConstraint("ordinal", "id", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name="uq_event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_dataset", "event", ["dataset", "ordinal"])
    op.create_index("ix_event_duration", "event", ["duration_class", "ordinal", "utc_end", "local_start", "local_end"])
    op.create_index("ix_event_place", "event", ["place", "ordinal"])
    op.create_index("ix_event_status", "event", ["status", "ordinal"])
    op.create_index("ix_event_type", "event", ["type", "ordinal"])

    op.create_table(
        "checked_event",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_checked_event_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", name=op.f("pk_checked_event")),
    )
    op.create_table(
        "citation",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("checked", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_citation_ordinal_event_event")
        ),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name=op.f("fk_citation_source_source")),
        sa.PrimaryKeyConstraint("ordinal", "event", "position", name=op.f("pk_citation")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_citation_checked",
        "citation",
        ["checked", "ordinal", "position"],
        sqlite_where=sa.text("checked IS NOT NULL"),
        postgresql_where=sa.text("checked IS NOT NULL"),
    )
    op.create_index("ix_citation_source", "citation", ["source", "ordinal", "position"])

    op.create_table(
        "claim",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("stance", KEY, nullable=False),
        sa.Column("speaker", KEY, nullable=True),
        sa.Column("measure", KEY, nullable=True),
        sa.Column("scope", SORTED, nullable=True),
        sa.Column("unit", SORTED, nullable=True),
        sa.Column("answered_event", KEY, nullable=True),
        sa.Column("answered_claim", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_claim_ordinal_event_event")
        ),
        sa.ForeignKeyConstraint(["speaker"], ["actor.id"], name=op.f("fk_claim_speaker_actor")),
        sa.PrimaryKeyConstraint("ordinal", "event", "position", name=op.f("pk_claim")),
        sa.UniqueConstraint("event", "id", name="uq_claim_event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_claim_answered",
        "claim",
        ["answered_event", "answered_claim"],
        sqlite_where=sa.text("answered_event IS NOT NULL"),
        postgresql_where=sa.text("answered_event IS NOT NULL"),
    )
    op.create_index("ix_claim_figure", "claim", ["measure", "scope", "unit"])
    op.create_index("ix_claim_kind", "claim", ["kind", "ordinal", "position"])
    op.create_index("ix_claim_measure", "claim", ["measure", "ordinal", "position"])
    op.create_index("ix_claim_speaker", "claim", ["speaker", "ordinal", "position"])
    op.create_index("ix_claim_stance", "claim", ["stance", "ordinal", "position"])

    op.create_table(
        "event_text",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_event_text_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", name=op.f("pk_event_text")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "participation",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_participation_actor_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_participation_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", "actor", "role", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_participation_actor", "participation", ["actor", "ordinal", "role"])
    op.create_index("ix_participation_role", "participation", ["role", "ordinal", "actor"])

    op.create_table(
        "status",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_status_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", "position", name=op.f("pk_status")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "support",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("target", PAIR, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("origin", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_support_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", "what", "target", "source", name=op.f("pk_support")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tag",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("tag", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal", "event"], ["event.ordinal", "event.id"], name=op.f("fk_tag_ordinal_event_event")
        ),
        sa.PrimaryKeyConstraint("ordinal", "event", "tag", name=op.f("pk_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tag_tag", "tag", ["tag", "ordinal"])


def _create_searches() -> None:
    """What SQLAlchemy has no words for: searches of text, and of points."""
    if op.get_bind().dialect.name == "postgresql":
        statements = [POSTGRESQL_SEARCH.format(text=text) for text in ("event_text", "resource_text")]
        statements.append(POSTGRESQL_BOXES)
    else:
        whole = SQLITE_VOCABULARY + SQLITE_SEARCH.format(text="event_text", key="ordinal")
        whole += SQLITE_SEARCH.format(text="resource_text", key="seq") + SQLITE_BOXES
        # A trigger holds semicolons of its own; statements end where a line does.
        statements = re.split(r";\n+(?=CREATE|\Z)", whole.strip() + "\n")
    for statement in filter(None, map(str.strip, statements)):
        op.execute(sa.text(statement))


def downgrade() -> None:
    raise NotImplementedError("the tables of 0001 are filled by the program of that schema; use a backup")
