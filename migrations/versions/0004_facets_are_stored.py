"""facets of datasets are stored

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "facet",
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "name", name=op.f("pk_facet")),
    )
    # They are counted where the rows are made anew, which `timeline migrate` does next.
    op.execute("UPDATE dataset SET rows_digest = ''")


def downgrade() -> None:
    op.drop_table("facet")
