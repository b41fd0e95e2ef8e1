"""The most expensive questions that the interface allows: of every parameter of `/events`, and of what goes with it.

Each case has several values, and each of them is asked from the start of the list, from its end, and from cursors deep
inside it. Nothing is cached.
"""

import http.client
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from app.api.question import written
from app.cursors import Position, encode
from bench.data import Sample
from bench.servers import Server
from bench.synthetic import FIRST_DAY

REQUESTS = 100
"""Of each case, where there is time: the 99th percentile is then the second slowest of them."""
SECONDS = 200
"""For all cases together. Each may take an equal part of what is left; fewer requests are made of one that is slow."""
LEAST = 5
"""So many requests are made whatever they take."""
PATIENCE = 10
"""Seconds after which no answer is awaited, which counts as a refusal."""
TIMED_OUT = 0
NONE = "there-is-none"

Parameters = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """Questions that differ in one parameter's values; `path` is asked with each of them."""

    parameter: str
    values: str
    questions: list[Parameters]
    path: str = "/events"


def cases(found: Sample, days: list[date]) -> list[Case]:
    """What is asked: the parameter, its values in words, and the questions."""
    whole = {"from": str(FIRST_DAY), "to": str(days[-1] + timedelta(days=800))}
    return [
        Case("(none)", "all events", [{}]),
        Case("limit", "500", [{"limit": "500"}]),
        Case("fields", "the id, of 500 events", [{"limit": "500", "fields": "id"}]),
        *_dates(days, whole),
        *_lists(found),
        *_points(),
        *_words(found),
        *_known(days, whole),
        *_together(found, whole),
        *_summaries(found, days, whole),
        *_parts(found, days, whole),
    ]


def _dates(days: list[date], whole: Parameters) -> Iterator[Case]:
    some = days[:: max(1, len(days) // 10)]
    yield Case("date", "a day", [{"date": str(day)} for day in some])
    yield Case("date", "a month", [{"date": f"{day:%Y-%m}"} for day in some])
    yield Case("date", "a year", [{"date": f"{day:%Y}"} for day in some])
    yield Case("from, to", "the whole time", [whole])
    yield Case("from", "almost all, or almost nothing", [{"from": str(days[0])}, {"from": str(days[-1])}])
    yield Case("to", "almost all, or almost nothing", [{"to": str(days[0])}, {"to": str(days[-1])}])
    yield Case("tz", "a day in Paris", [{"date": str(day), "tz": "Europe/Paris"} for day in some])
    for match in ("within", "starts"):
        yield Case("match", f"{match} the whole time", [whole | {"match": match}])
        yield Case("match", f"{match} a day", [{"date": str(day), "match": match} for day in some])
    yield Case("certainty", "certain, the whole time", [whole | {"certainty": "certain"}])
    yield Case("certainty", "certain, a day", [{"date": str(day), "certainty": "certain"} for day in some])


def _lists(found: Sample) -> Iterator[Case]:
    """Parameters that take up to a hundred values."""
    for name in ("type", "actor", "role", "place", "source", "tag", "dataset"):
        common = found.commonest(name, 100)
        filled = (common + [f"{NONE}-{number}" for number in range(100)])[:100]
        yield Case(name, "100, as many of them in use as there are", [{name: ",".join(filled)}])
        if common:
            yield Case(name, "the commonest", [{name: common[0]}])
            yield Case(name, "one of the rarest", [{name: found.rarest(name)}])
        yield Case(name, "one that nothing has", [{name: NONE}])
    yield Case("status", "the commonest", [{"status": found.commonest("status", 1)[0]}])
    yield Case("status", "one that nothing has", [{"status": "postponed"}])
    actors, roles = ",".join(found.commonest("actor", 100)), found.commonest("role", 2)
    yield Case("actor, role", "100 actors in one role", [{"actor": actors, "role": role} for role in roles])


def _points() -> Iterator[Case]:
    yield Case("bbox", "the world", [{"bbox": "-180,-90,180,90"}])
    yield Case("bbox", "half of it, across the antimeridian", [{"bbox": "60,-90,-60,90"}])
    yield Case("bbox", "an empty sea", [{"bbox": "-150,-50,-140,-40"}])
    yield Case("near", "half of the Earth's circumference", [{"near": "45,35,20037508"}])
    yield Case("near", "a thousand kilometres", [{"near": "45,35,1000000"}])
    yield Case("near", "nothing there", [{"near": "-145,-45,1000"}])


def _words(found: Sample) -> Iterator[Case]:
    words = found.commonest("word", 400)
    beginnings = {length: _beginnings(found, length) for length in (1, 2, 3, 4)}
    rare = [word for word in words[200:] if len(word) > 3][:8]
    for length, some in beginnings.items():
        yield Case("q", f"what most words begin with, of {length} letters", [{"q": each} for each in some])
    yield Case("q", "what many numbers begin with", [{"q": each} for each in ("1000", "5000", "3100")])
    yield Case("q", "the commonest words", [{"q": word} for word in words[:3]])
    yield Case("q", "the 8 commonest words together", [{"q": " ".join(words[:8])}])
    yield Case("q", "8 beginnings of four letters", [{"q": " ".join(_beginnings(found, 4, 8))}])
    yield Case("q", "8 words that are never together", [{"q": " ".join(rare)}])
    yield Case("q", "a common and a rare word", [{"q": f"{words[0]} {word}"} for word in words[-3:]])
    yield Case("q", "a word that nothing has", [{"q": "qqxz"}])


def _beginnings(found: Sample, length: int, count: int = 3) -> list[str]:
    """So many first letters that most different words begin with."""
    counted = Counter(word[:length] for word in found.values["word"] if len(word) > length)
    return [beginning for beginning, _ in counted.most_common(count)]


def _known(days: list[date], whole: Parameters) -> Iterator[Case]:
    moments = [f"{day}T12:00Z" for day in (days[0], days[len(days) // 2], days[-1])]
    yield Case("known_at", "early, amid and late", [{"known_at": moment} for moment in moments])
    yield Case("known_at", "500 events", [{"known_at": moment, "limit": "500"} for moment in moments])
    yield Case("known_at", "before everything", [{"known_at": "1950-01-01T00:00Z"}])
    certain = whole | {"certainty": "certain"}
    yield Case("known_at", "with certainty, the whole time", [certain | {"known_at": each} for each in moments])


def _together(found: Sample, whole: Parameters) -> Iterator[Case]:
    everything = whole | {
        "actor": ",".join(found.commonest("actor", 100)),
        "type": ",".join(found.commonest("type", 100)),
        "bbox": "-180,-90,180,90",
        "near": "45,35,20037508",
        "status": found.commonest("status", 1)[0],
        "q": found.commonest("word", 1)[0],
    }
    yield Case("all together", "each as wide as it goes", [everything])
    yield Case("all together", "and a source that is cited once", [everything | {"source": found.rarest("source")}])
    pair = {"actor": found.commonest("actor", 1)[0], "place": found.rarest("place")}
    yield Case("actor, place", "the commonest actor, a rare place", [pair])
    yield Case("actor, q", "the commonest actor, a rare word", [pair | {"q": found.commonest("word", 400)[-1]}])


def _summaries(found: Sample, days: list[date], whole: Parameters) -> Iterator[Case]:
    path = "/events/summary"
    year = f"{days[len(days) // 2]:%Y}"
    some = days[:: max(1, len(days) // 5)]
    yield Case("summary", "all events", [{}], path)
    yield Case("summary", "all events, 500 values", [{"limit": "500"}], path)
    yield Case("summary", "one dataset", [{"dataset": found.commonest("dataset", 1)[0], "limit": "500"}], path)
    yield Case("summary", "the whole time, 500 values", [whole | {"limit": "500"}], path)
    yield Case("summary", "a year", [{"date": year}], path)
    yield Case("summary", "a month", [{"date": f"{day:%Y-%m}"} for day in some], path)
    yield Case("summary", "a day", [{"date": str(day)} for day in some], path)
    for name in ("actor", "place", "source", "tag"):
        chosen = found.commonest(name, 100)[::10]
        yield Case("summary", f"one {name}, ten of them", [{name: each} for each in chosen], path)
    yield Case("summary", "the commonest beginning", [{"q": _beginnings(found, 4)[0]}], path)
    moment = {"known_at": f"{days[-1]}T00:00Z"}
    yield Case("summary", "known_at", [moment], path)
    yield Case("summary", "known_at, a month", [moment | {"date": f"{day:%Y-%m}"} for day in some], path)


def _parts(found: Sample, days: list[date], whole: Parameters) -> Iterator[Case]:
    """Lists of what events consist of."""
    source = {"source": found.commonest("source", 1)[0]}
    moments = [{"known_at": f"{day}T12:00Z"} for day in (days[0], days[len(days) // 2], days[-1])]
    year = {"date": f"{days[len(days) // 2]:%Y}"}
    for path in ("/claims", "/figures"):
        yield Case(path[1:], "all", [{}], path)
        yield Case(path[1:], "a year", [year], path)
        yield Case(path[1:], "the whole time, with certainty", [whole | {"certainty": "certain"}], path)
        yield Case(path[1:], "the commonest source", [source], path)
        yield Case(path[1:], "known_at", moments, path)
    yield Case("citations", "all", [{}], "/citations")
    yield Case("citations", "the commonest source", [source], "/citations")


def paths(case: Case, positions: list[Position]) -> Iterator[str]:
    """Addresses without end: every question from the start, from the end, and from deep inside, in turn."""
    while True:
        for question in case.questions:
            yield _address(case.path, question)
            if case.path == "/events":
                backwards = question | {"sort": "-start"}
                yield _address(case.path, backwards)
                for place, position in enumerate(positions):
                    yield _address(case.path, _from(position, backwards if place % 2 else question))


def _from(position: Position, question: Parameters) -> Parameters:
    """The question with the cursor that leads on from this place in its list."""
    shaping = {"limit", "fields"}
    asked = ((name, value) for name, value in question.items() if name not in shaping)
    return question | {"cursor": encode(position, written("/events", asked))}


def _address(path: str, parameters: Parameters) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def measure(
    server: Server, found: Sample, days: list[date], tell: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Of each case its name, the latencies in milliseconds, and how many answers were refusals; told one by one."""
    positions = found.positions[:: max(1, len(found.positions) // 10)]
    asked, measured = cases(found, days), []
    end = time.monotonic() + SECONDS
    for number, case in enumerate(asked):
        share = (end - time.monotonic()) / (len(asked) - number)
        row = _measure(server, case, positions, share)
        measured.append(row)
        told = f"p99 {row['p99']} ms of {row['requests']} requests, {row['refused']} refused"
        tell(f"{number + 1}/{len(asked)} {case.parameter}: {case.values}: {told}")
    return measured


def _connected(server: Server) -> http.client.HTTPConnection:
    """A connection to a server that is free: what it was asked last may keep it beyond our patience."""
    address = server.address.removeprefix("http://")
    patient = http.client.HTTPConnection(address, timeout=6 * PATIENCE)
    _ask(patient, "/live")
    patient.close()
    return http.client.HTTPConnection(address, timeout=PATIENCE)


def _ask(connection: http.client.HTTPConnection, path: str) -> int:
    """The status of the answer."""
    connection.request("GET", path)
    try:
        answer = connection.getresponse()
        answer.read()
    except TimeoutError:
        return TIMED_OUT
    return answer.status


def _measure(server: Server, case: Case, positions: list[Position], seconds: float) -> dict[str, Any]:
    connection = _connected(server)
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    begun = time.monotonic()
    for path in islice(paths(case, positions), REQUESTS):
        if len(latencies) >= LEAST and time.monotonic() - begun > seconds:
            break
        started = time.perf_counter()
        status = _ask(connection, path)
        latencies.append((time.perf_counter() - started) * 1e3)
        statuses[status] += 1
        if status == TIMED_OUT:
            break
        if status == 422 and "cursor=" in path and statuses[200]:
            raise RuntimeError(f"a cursor is not taken: {path}")
    connection.close()
    ordered = sorted(latencies)
    return {
        "parameter": case.parameter,
        "values": case.values,
        "p50": round(ordered[len(ordered) // 2], 2),
        "p99": round(ordered[math.ceil(len(ordered) * 0.99) - 1], 2),
        "requests": len(ordered),
        "refused": len(ordered) - statuses[200],
    }
