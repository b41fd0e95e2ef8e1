"""claims say when they could be known

The rows of claims are made anew from the documents: `timeline migrate` does it next.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claim", sa.Column("known_class", sa.Integer(), nullable=True))
    op.add_column("claim", sa.Column("known_possibly", sa.BigInteger(), nullable=True))
    op.add_column("claim", sa.Column("known_surely", sa.BigInteger(), nullable=True))
    given = sa.text("known_class IS NOT NULL")
    moments = ["known_possibly", "known_surely"]
    op.create_index(
        "ix_claim_known",
        "claim",
        ["known_class", "ordinal", "position", *moments],
        sqlite_where=given,
        postgresql_where=given,
    )
    op.drop_index("ix_claim_figure", "claim")
    op.create_index("ix_claim_figure", "claim", ["measure", "scope", "unit", *moments])
    op.execute("UPDATE dataset SET rows_digest = ''")


def downgrade() -> None:
    raise NotImplementedError("the rows of 0006 are made by the program of that schema; use a backup")
