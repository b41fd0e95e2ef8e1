"""Runs migrations in one transaction that takes the write lock first, so that several runs at once wait in line
and a migration that fails leaves nothing half applied."""

import re
from typing import Literal

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import app.models
from app.config import Settings
from app.db import writer_engine
from app.migrate import MIGRATION_LOCK

assert app.models.KINDS, "the tables have to be known before they are compared"

SEARCHES = ("ix_event_text_search", "ix_resource_text_search", "ix_place_point")


def plain_type(kind: str, item: object, _: object) -> str | Literal[False]:
    """Migrations name SQLAlchemy's own types: SQLModel's text type is a plain String on every database we use."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def is_described(_: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Whether the models describe it: searches of text and points are made by migrations alone."""
    made_here = kind == "table" and re.search("^word$|_words|^place_box", name or "")
    return not (made_here or (kind == "index" and name in SEARCHES))


def run() -> None:
    address = context.config.attributes.get("database_url") or Settings().database_url
    engine = writer_engine(address)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=SQLModel.metadata,
                render_as_batch=True,
                transactional_ddl=True,
                render_item=plain_type,
                include_object=is_described,
            )
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                context.run_migrations()
    finally:
        engine.dispose()


run()
