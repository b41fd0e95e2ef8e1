"""Addresses of databases: which can be used, and to which of several servers reads and writes go.

Several servers of PostgreSQL, a primary and its standbys, stand in one address, in libpq's own form (PostgreSQL 18,
32.1.1.2) or in SQLAlchemy's: `postgresql://user@one:5432,two:5432/name` or `…@/name?host=one:5432&host=two:5432`.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.errors import Unavailable, shown

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
EXAMPLE = "write TIMELINE_DATABASE_URL like sqlite:///timeline.db or postgresql://user@host/name"
EXAMPLE_OF_SEVERAL = "write several hosts like postgresql://user@one:5432,two:5432/name"

LINE = {
    # The least that libpq takes; what does not answer in that time is passed over for the next host.
    "connect_timeout": "2",
    # A host that lost its power says no goodbye. One that is idle is noticed after about ten seconds, one that takes
    # no data after five: less than a short fault of the network would cost more than it saves, and a server that only
    # thinks for long is never taken for dead, as its kernel goes on answering.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
LIBPQ_THAT_BALANCES = 160_000

_SEVERAL = re.compile(r"(postgresql(?:\+psycopg)?://(?:[^/?]*@)?)([^/?@]*,[^/?@]*)(.*)", re.DOTALL)
_HOST = re.compile(r"(?:\[([0-9a-f:.%]+)\]|([^\[\]:]+))(?::(\d{1,5}))?", re.IGNORECASE)


def parse_url(address: str) -> URL:
    """The address of a database; `Unavailable` where it is none that can be used here. Passwords are never told."""
    try:
        url = _read(address)
        _require_consistent_hosts(url)
    except (ArgumentError, ValueError):
        # Without the cause, which may quote a part of the address that was meant as the password.
        raise Unavailable("the database address cannot be read", EXAMPLE) from None
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:") or "\0" in url.database:
            raise Unavailable("the database address names no file", EXAMPLE)
        if url.host or url.query:
            raise Unavailable("the address of an SQLite database names a file and nothing else", EXAMPLE)
    return url


def _read(address: str) -> URL:
    found = _SEVERAL.fullmatch(address)
    url = make_url(found[1] + found[3] if found else address)
    if url.drivername not in DRIVERS:
        raise Unavailable(f"databases of the kind {shown(url.drivername)} are not supported", EXAMPLE)
    if found is None:
        return url
    if not url.query.keys().isdisjoint(("host", "port")):
        raise Unavailable("the database address names its hosts twice", EXAMPLE_OF_SEVERAL)
    hosts = [_HOST.fullmatch(each) for each in found[2].split(",")]
    if not all(hosts):
        raise Unavailable("one of the hosts in the database address cannot be read", EXAMPLE_OF_SEVERAL)
    names = ",".join(unquote(each[1] or each[2]) for each in hosts if each)
    return url.update_query_dict({"host": names, "port": ",".join(each[3] or "" for each in hosts if each)})


def _require_consistent_hosts(url: URL) -> None:
    if url.get_backend_name() == "postgresql":
        url.get_dialect()().create_connect_args(url)


def sqlite_file(url: URL) -> Path | None:
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def to_read(url: URL, libpq: int) -> dict[str, Any]:
    """How to connect for reading: of several hosts to a standby, any of them, and else to what there is.

    Parameters of libpq (whose version `libpq` is); what the address itself says goes before them.
    """
    settings = LINE
    if has_several_hosts(url):
        # A single host would be connected to twice where it is no standby.
        settings = settings | {"target_session_attrs": "prefer-standby"}
        settings |= {"load_balance_hosts": "random"} if libpq >= LIBPQ_THAT_BALANCES else {}
    return {name: value for name, value in settings.items() if name not in url.query}


def to_write(url: URL) -> dict[str, Any]:
    """How to connect for writing: to the one host that takes writes, whatever else the address says."""
    settings = {name: value for name, value in LINE.items() if name not in url.query}
    return settings | {"target_session_attrs": "read-write"}


def of_primary(address: str) -> str:
    """The address for reading what was written last, which a standby may not have yet."""
    url = parse_url(address)
    if not has_several_hosts(url):
        return address
    return url.update_query_dict({"target_session_attrs": "read-write"}).render_as_string(hide_password=False)


def has_several_hosts(url: URL) -> bool:
    _, parameters = url.get_dialect()().create_connect_args(url)
    return "," in str(parameters.get("host", "")) or "," in str(parameters.get("hostaddr", ""))
