"""documents are packed

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from app.packing import packed

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TOGETHER = 500

PLAIN = sa.table("plain_document", *map(sa.column, ("ordinal", "id", "document", "checked")))
DOCUMENTS = sa.table("document", *map(sa.column, ("ordinal", "id", "document", "checked")))


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.rename_table("document", "plain_document")
    if not is_sqlite:
        op.execute("ALTER TABLE plain_document RENAME CONSTRAINT pk_document TO pk_plain_document")
    op.create_table(
        "document",
        sa.Column("ordinal", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("checked", sa.LargeBinary(), nullable=True),
        # On SQLite rows lie in the order of a key that is one whole number.
        sa.PrimaryKeyConstraint("ordinal", *([] if is_sqlite else ["id"]), name=op.f("pk_document")),
    )
    for rows in _plain():
        op.get_bind().execute(
            DOCUMENTS.insert(),
            [
                {
                    "ordinal": row.ordinal,
                    "id": row.id,
                    "document": packed(row.document),
                    "checked": None if row.checked is None else packed(row.checked),
                }
                for row in rows
            ],
        )
    op.drop_table("plain_document")


def _plain() -> Iterator[list["sa.Row[tuple[int, str, str, str | None]]"]]:
    """All documents, some at a time."""
    after = -1
    while True:
        some = sa.select(PLAIN).where(PLAIN.c.ordinal > after).order_by(PLAIN.c.ordinal).limit(TOGETHER)
        rows = list(op.get_bind().execute(some).all())
        if not rows:
            return
        yield rows
        after = rows[-1].ordinal


def downgrade() -> None:
    raise NotImplementedError("a program of the schema 0005 cannot read packed documents; use a backup")
