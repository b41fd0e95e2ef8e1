"""first schema

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
PAIR = sa.String(161).with_variant(sa.String(161, collation="C"), "postgresql")
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "passage_check",
        sa.Column("source", KEY, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "text", "start", "end", "sha256", name=op.f("pk_passage_check")),
    )
    op.create_table(
        "revision",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index("ix_revision_dataset", ["dataset", "seq"], unique=False)
        batch_op.create_index("ix_revision_resource", ["kind", "id", "number"], unique=True)

    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", SEQUENCE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state")),
    )
    op.create_table(
        "dataset",
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("files_digest", sa.String(), nullable=False),
        sa.Column("rows_digest", sa.String(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_dataset_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
    )
    op.create_table(
        "actor",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part_of", KEY, nullable=True),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_actor_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_actor_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
    )
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actor_dataset"), ["dataset"], unique=False)
        batch_op.create_index(batch_op.f("ix_actor_part_of"), ["part_of"], unique=False)

    op.create_table(
        "dataset_version",
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_dataset_version_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_dataset_version_seq_revision")),
        sa.PrimaryKeyConstraint("dataset", "number", name=op.f("pk_dataset_version")),
    )
    op.create_table(
        "place",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
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
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_dataset"), ["dataset"], unique=False)

    op.create_table(
        "source",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", KEY, nullable=True),
        sa.Column("known_possibly", sa.BigInteger(), nullable=True),
        sa.Column("known_surely", sa.BigInteger(), nullable=True),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_source_dataset_dataset")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_source_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_dataset"), ["dataset"], unique=False)
        batch_op.create_index(batch_op.f("ix_source_origin"), ["origin"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("place", KEY, nullable=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("utc_start", sa.BigInteger(), nullable=False),
        sa.Column("utc_end", sa.BigInteger(), nullable=False),
        sa.Column("utc_latest_start", sa.BigInteger(), nullable=False),
        sa.Column("utc_earliest_end", sa.BigInteger(), nullable=False),
        sa.Column("local_start", sa.BigInteger(), nullable=False),
        sa.Column("local_end", sa.BigInteger(), nullable=False),
        sa.Column("local_latest_start", sa.BigInteger(), nullable=False),
        sa.Column("local_earliest_end", sa.BigInteger(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.Column("checked_document", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["dataset.id"], name=op.f("fk_event_dataset_dataset")),
        sa.ForeignKeyConstraint(["place"], ["place.id"], name=op.f("fk_event_place_place")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_event_seq_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_dataset"), ["dataset"], unique=False)
        batch_op.create_index("ix_event_local", ["local_start"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_place"), ["place"], unique=False)
        batch_op.create_index("ix_event_start", ["utc_start", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_type"), ["type"], unique=False)

    op.create_table(
        "citation",
        sa.Column("event", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("checked", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_citation_event_event")),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name=op.f("fk_citation_source_source")),
        sa.PrimaryKeyConstraint("event", "id", name=op.f("pk_citation")),
    )
    with op.batch_alter_table("citation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_citation_checked"), ["checked"], unique=False)
        batch_op.create_index(batch_op.f("ix_citation_source"), ["source"], unique=False)

    op.create_table(
        "claim",
        sa.Column("event", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("speaker", KEY, nullable=True),
        sa.Column("measure", KEY, nullable=True),
        sa.Column("scope", SORTED, nullable=True),
        sa.Column("unit", SORTED, nullable=True),
        sa.Column("answered_event", KEY, nullable=True),
        sa.Column("answered_claim", KEY, nullable=True),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_claim_event_event")),
        sa.ForeignKeyConstraint(["speaker"], ["actor.id"], name=op.f("fk_claim_speaker_actor")),
        sa.PrimaryKeyConstraint("event", "id", name=op.f("pk_claim")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_claim_answered_event_answered_claim"), ["answered_event", "answered_claim"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_claim_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_measure_scope_unit"), ["measure", "scope", "unit"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_speaker"), ["speaker"], unique=False)

    op.create_table(
        "participation",
        sa.Column("event", KEY, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_participation_actor_actor")),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_participation_event_event")),
        sa.PrimaryKeyConstraint("event", "actor", "role", name=op.f("pk_participation")),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index("ix_participation_actor", ["actor", "role", "event"], unique=False)

    op.create_table(
        "status",
        sa.Column("event", KEY, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_status_event_event")),
        sa.PrimaryKeyConstraint("event", "position", name=op.f("pk_status")),
    )
    op.create_table(
        "tag",
        sa.Column("event", KEY, nullable=False),
        sa.Column("tag", KEY, nullable=False),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_tag_event_event")),
        sa.PrimaryKeyConstraint("event", "tag", name=op.f("pk_tag")),
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index("ix_tag_tag", ["tag", "event"], unique=False)

    op.create_table(
        "support",
        sa.Column("event", KEY, nullable=False),
        sa.Column("citation", KEY, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("target", PAIR, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("origin", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["event", "citation"], ["citation.event", "citation.id"], name=op.f("fk_support_event_citation_citation")
        ),
        sa.PrimaryKeyConstraint("event", "citation", "what", "target", name=op.f("pk_support")),
    )
    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_origin"), ["origin"], unique=False)
        batch_op.create_index("ix_support_target", ["event", "what", "target"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.drop_index("ix_support_target")
        batch_op.drop_index(batch_op.f("ix_support_origin"))

    op.drop_table("support")
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.drop_index("ix_tag_tag")

    op.drop_table("tag")
    op.drop_table("status")
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.drop_index("ix_participation_actor")

    op.drop_table("participation")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_speaker"))
        batch_op.drop_index(batch_op.f("ix_claim_measure_scope_unit"))
        batch_op.drop_index(batch_op.f("ix_claim_kind"))
        batch_op.drop_index(batch_op.f("ix_claim_answered_event_answered_claim"))

    op.drop_table("claim")
    with op.batch_alter_table("citation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_citation_source"))
        batch_op.drop_index(batch_op.f("ix_citation_checked"))

    op.drop_table("citation")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_type"))
        batch_op.drop_index("ix_event_start")
        batch_op.drop_index(batch_op.f("ix_event_place"))
        batch_op.drop_index("ix_event_local")
        batch_op.drop_index(batch_op.f("ix_event_dataset"))

    op.drop_table("event")
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_origin"))
        batch_op.drop_index(batch_op.f("ix_source_dataset"))

    op.drop_table("source")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_dataset"))

    op.drop_table("place")
    op.drop_table("dataset_version")
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actor_part_of"))
        batch_op.drop_index(batch_op.f("ix_actor_dataset"))

    op.drop_table("actor")
    op.drop_table("dataset")
    op.drop_table("state")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index("ix_revision_resource")
        batch_op.drop_index("ix_revision_dataset")

    op.drop_table("revision")
    op.drop_table("passage_check")
