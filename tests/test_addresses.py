"""Addresses of several servers: both ways of writing them, and where reads and writes go. Others are in test_db.py."""

from typing import Any

import pytest

from app.addresses import LINE, of_primary, parse_url, to_read, to_write
from app.db import libpq_version, writer_engine
from app.engines import reader_engine
from app.errors import Unavailable

SEVERAL = [
    ("one:5432,two:5433", "one,two", "5432,5433", "ports"),
    ("one,two", "one,two", ",", "the port that is the usual one"),
    ("one,two:5433,three", "one,two,three", ",5433,", "a port for one"),
    ("10.0.0.1:1,[::1]:2", "10.0.0.1,::1", "1,2", "numbers for names"),
    ("%2Ftmp%2Fa,%2Ftmp%2Fb", "/tmp/a,/tmp/b", ",", "sockets"),
]


def parameters(address: str) -> dict[str, Any]:
    """What libpq is told."""
    url = parse_url(address)
    _, found = url.get_dialect()().create_connect_args(url)
    return dict(found)


@pytest.mark.parametrize(("hosts", "names", "ports"), [pytest.param(*each, id=why) for *each, why in SEVERAL])
def test_several_hosts_are_read_as_libpq_reads_them(hosts: str, names: str, ports: str) -> None:
    for user in ("", "someone@", "someone:p%40ss%2Fword@"):
        found = parameters(f"postgresql://{user}{hosts}/timeline?sslmode=require")
        assert (found["host"], found["port"]) == (names, ports)
        assert (found["dbname"], found["sslmode"]) == ("timeline", "require")
        assert found.get("user") == ("someone" if user else None)
        assert found.get("password") == ("p@ss/word" if ":" in user else None)


def test_several_hosts_may_stand_in_the_query_too() -> None:
    for query in ("host=one:1&host=two:2", "host=one,two&port=1,2"):
        found = parameters(f"postgresql://someone@/timeline?{query}")
        assert (found["host"], found["port"]) == ("one,two", "1,2")


SECRET = "hunter2"
FAULTS = [
    ("one,,two/name", "one of the hosts in the database address cannot be read", "a host without a name"),
    ("one:a,two/name", "one of the hosts in the database address cannot be read", "a port that is no number"),
    ("one,two:999999/name", "one of the hosts in the database address cannot be read", "a port beyond all"),
    ("one,::1/name", "one of the hosts in the database address cannot be read", "colons without brackets"),
    ("one,two/name?host=three", "the database address names its hosts twice", "hosts in two places"),
    ("/name?host=one:1&host=two:2&port=3", "the database address cannot be read", "ports in two places"),
]


@pytest.mark.parametrize(("rest", "message"), [pytest.param(*each, id=why) for *each, why in FAULTS])
def test_hosts_that_cannot_be_read_are_refused_without_telling_the_password(rest: str, message: str) -> None:
    with pytest.raises(Unavailable) as caught:
        parse_url(f"postgresql://someone:{SECRET}@{rest}")
    assert str(caught.value).startswith(f"{message}; write ")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_option_that_libpq_does_not_know_is_refused_without_its_value() -> None:
    for engine in (reader_engine, writer_engine):
        with pytest.raises(Unavailable) as caught:
            engine(f"postgresql://one/name?passwort={SECRET}")
        assert str(caught.value) == (
            'the database address has an invalid connection option "passwort"; leave it out, or write it right'
        )


def test_of_several_hosts_a_standby_is_read_and_the_primary_is_written() -> None:
    several, one = parse_url("postgresql://one,two/name"), parse_url("postgresql://one/name")
    to_standby = {"target_session_attrs": "prefer-standby", "load_balance_hosts": "random"}
    assert to_read(several, libpq_version()) == LINE | to_standby
    assert to_read(one, libpq_version()) == LINE
    assert to_read(several, 150_000) == LINE | {"target_session_attrs": "prefer-standby"}
    for url in (several, one):
        assert to_write(url) == LINE | {"target_session_attrs": "read-write"}


def test_what_the_address_says_goes_first_but_for_where_to_write() -> None:
    url = parse_url("postgresql://one,two/name?target_session_attrs=any&connect_timeout=9&load_balance_hosts=disable")
    assert to_read(url, libpq_version()).keys().isdisjoint(url.query)
    assert to_write(url)["target_session_attrs"] == "read-write"
    assert "connect_timeout" not in to_write(url)


def test_what_was_written_last_is_read_from_the_primary() -> None:
    assert parameters(of_primary("postgresql://u:p@one:1,two:2/name?target_session_attrs=any")) == {
        "user": "u",
        "password": "p",
        "host": "one,two",
        "port": "1,2",
        "dbname": "name",
        "target_session_attrs": "read-write",
    }
    for address in ("postgresql://u:p@one/name", "sqlite:///timeline.db"):
        assert of_primary(address) == address
