"""Migrations: bringing a database to the schema of this program. Apart, because Alembic is slow to import."""

import sqlite3

import alembic.command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from app.addresses import parse_url, sqlite_file
from app.config import ROOT
from app.db import cause, file_size, require_folder, use_write_ahead_log
from app.errors import Unavailable, Unmigrated
from app.reader import require_ready

MIGRATION_LOCK = 0x7469_6D65


def alembic_config(address: str) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["database_url"] = address
    return config


def migrate(address: str) -> None:
    """Bring the database to the schema of this program; safe beside other runs of itself.

    `Unavailable` where it cannot be written, is corrupt, another program's, or of a later version of this one.
    """
    path = sqlite_file(parse_url(address))
    if path is None or file_size(path):
        try:
            require_ready(address)
        except Unmigrated:
            pass
        else:
            return
    try:
        if path is not None:
            require_folder(path)
            use_write_ahead_log(path)
        alembic.command.upgrade(alembic_config(address), "head")
    except CommandError as error:
        raise Unavailable(f"the database cannot be migrated: {error}", "name another database") from error
    except (sqlite3.OperationalError, OperationalError) as error:
        where = path or "the database server"
        raise Unavailable(f"{where} cannot be written: {cause(error)}", "see to it and run this again") from error
