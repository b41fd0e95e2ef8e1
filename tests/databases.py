"""Databases for the tests, on whichever server the run is about, and a look into them that is the same for all."""

import re
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.migrate import migrate
from tests.postgres import LOCALES, UNSAFE, Server

TEMPLATE = "migrated"
OF_SEARCHES = re.compile("_words|^place_box|^word$")

Rows = list[tuple[Any, ...]]


class Databases(ABC):
    """Makes databases, each for one test or for several that only read."""

    @abstractmethod
    def migrated(self, folder: Path) -> str:
        """The address of a new database with our schema and no data."""

    @abstractmethod
    def unmigrated(self, folder: Path) -> str:
        """The address of a database as it is before it is migrated."""

    @abstractmethod
    def empty(self, address: str) -> None:
        """Take everything out of a database, as if it had never been migrated."""

    @abstractmethod
    def drop(self, address: str) -> None:
        """Remove a database that nobody needs any more."""

    def close(self) -> None:
        disconnect(*_ENGINES)


class SqliteDatabases(Databases):
    """Files, copied from one that was migrated."""

    def __init__(self, template: Path) -> None:
        self._template = template
        migrate(sqlite(template))

    def migrated(self, folder: Path) -> str:
        shutil.copy(self._template, folder / "timeline.db")
        return sqlite(folder / "timeline.db")

    def unmigrated(self, folder: Path) -> str:
        return sqlite(folder / "timeline.db")

    def empty(self, address: str) -> None:
        Path(make_url(address).database or "").unlink()

    def drop(self, address: str) -> None:
        """The folder goes with its files."""


class PostgresDatabases(Databases):
    """Databases on the one server of the run, made from one that was migrated."""

    def __init__(self, server: str) -> None:
        self._server = server

    def migrated(self, folder: Path) -> str:
        # Copying files takes a third of the time that the default takes, which logs every page.
        return self.create(f"TEMPLATE {TEMPLATE} STRATEGY file_copy")

    def unmigrated(self, folder: Path) -> str:
        return self.create("TEMPLATE template0 STRATEGY file_copy")

    def empty(self, address: str) -> None:
        execute(address, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    def drop(self, address: str) -> None:
        disconnect(address)
        self._administer(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")

    @property
    def locales(self) -> Path:
        """Where the server looks for the C library's locales."""
        return Path(str(make_url(self._server).query["host"])) / LOCALES

    def create(self, options: str) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self._administer(f"CREATE DATABASE {name} {options}")
        return self._address(name)

    def _administer(self, statement: str) -> None:
        with connected(self._address("postgres")) as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)

    def _address(self, database: str) -> str:
        return make_url(self._server).set(database=database).render_as_string(hide_password=False)


def start_postgres(folder: Path) -> Server:
    """A server with a database that is migrated, to be copied."""
    server = Server(folder, max_connections="500", **UNSAFE)
    server.initialise()
    server.start()
    with connected(server.address("postgres")) as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"CREATE DATABASE {TEMPLATE}")
    disconnect(server.address("postgres"))
    migrate(server.address(TEMPLATE))
    return server


def sqlite(path: Path) -> str:
    return f"sqlite:///{path}"


def is_sqlite(address: str) -> bool:
    return address.startswith("sqlite")


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection that nothing of the application has touched."""
    with _engine(address).connect() as connection:
        yield connection


_ENGINES: dict[str, Engine] = {}


def _engine(address: str) -> Engine:
    """Kept with its one connection: to start a process for each look into PostgreSQL would take most of the time."""
    if address not in _ENGINES:
        options: dict[str, Any] = {"poolclass": NullPool} if is_sqlite(address) else {"pool_size": 1}
        _ENGINES[address] = create_engine(address, **options)
    return _ENGINES[address]


def disconnect(*addresses: str) -> None:
    for address in addresses:
        if address in _ENGINES:
            _ENGINES.pop(address).dispose()


def rows(address: str, query: str) -> Rows:
    with connected(address) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def execute(address: str, *statements: str) -> None:
    with connected(address) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def dump(address: str) -> dict[str, Rows]:
    """The rows of each table, in order, but for those of searches, which triggers fill from other tables."""
    with connected(address) as connection:
        names = sorted(name for name in inspect(connection).get_table_names() if not OF_SEARCHES.search(name))
        found = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"') for name in names}
        return {name: sorted(map(tuple, each), key=repr) for name, each in found.items()}


def schema(address: str) -> Rows:
    """What the tables and indexes are, in the database's own words."""
    return rows(address, _SQLITE_SCHEMA if is_sqlite(address) else _POSTGRES_SCHEMA)


_SQLITE_SCHEMA = "SELECT name, sql FROM sqlite_master ORDER BY name"
_POSTGRES_SCHEMA = """
SELECT table_name, column_name, data_type, character_maximum_length::text, collation_name, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexname, indexdef, '', '', '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""
