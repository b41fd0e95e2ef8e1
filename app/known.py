"""What could be known at a moment: only what sources that were published by then support.

A source whose time of publication is known to the day counts as possibly known from the start of that day on, and
as surely known from its end; one without a date is never counted. Titles, summaries and dates of events are the
editors' own, of today: what is left out is what later sources support.
"""

import json
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Exists,
    FromClause,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from app import dates
from app.errors import InvalidParameters, ParameterFault
from app.filters import DateQuery, KnownQuery
from app.models.citation import citations, supports
from app.models.event import LAGS, events, first_ordinal, participations, statuses
from app.models.place import places
from app.models.source import sources
from app.ranges import Ranges
from app.statements import parameter, prepared

Members = dict[str, Any]
Part = tuple[str, str | None, str | None]
"""What a passage supports, the id of that, and of an actor the role."""

_HAPPENED = ("occurred", "ongoing")

EXAMPLE = "2023-09-20T10:00Z"


@dataclass(frozen=True, slots=True)
class Known:
    """A moment, in seconds since 1970, and whether what only may have been published by then counts."""

    instant: int
    certainty: Literal["possible", "certain"]

    def published(self) -> ColumnElement[bool]:
        """Sources that were published by then."""
        return sources.c[self.column] <= self._instant

    @property
    def column(self) -> str:
        """The moment of a source, and of what it tells of, that counts."""
        return "known_surely" if self.certainty == "certain" else "known_possibly"

    @property
    def shape(self) -> Hashable:
        """What its conditions and ranges look like, whatever the moment."""
        return self.certainty

    @property
    def parameters(self) -> dict[str, int]:
        """The moment, and the bounds of the ranges, by the names that conditions have for them."""
        bounds = {f"known_before_{index}": first_ordinal(self.instant - lag + 1) for index, lag in enumerate(LAGS)}
        return {"known_instant": self.instant, **bounds}

    @property
    def _instant(self) -> BindParameter[int]:
        return parameter("known_instant", self.instant)

    def ranges(self, part: Table) -> Ranges:
        """Ranges of ordinals that hold all events, or claims, that could be known, one for each class of lags.

        What could be known then began earlier by the least lag of its class: of each class hardly more is walked than
        is found.
        """
        bounds = self.parameters
        found = [
            and_(part.c.known_class == index + 1, part.c.ordinal < parameter(name, bounds[name]))
            for index, name in enumerate(f"known_before_{index}" for index, _ in enumerate(LAGS))
        ]
        return Ranges([part.c.known_class == 0, *found])

    def last(self, connection: Connection) -> int:
        """The ordinal of the last event that could be known, or of a later one; 0 where there is none."""
        statement = prepared(connection, "last known", self._last)
        return statement.run(connection, self.parameters).scalar() or 0

    def _last(self) -> Select[Any]:
        """Of each class one row is looked up."""
        greatest = select(func.max(events.c.ordinal).label("last"))
        greatest = greatest.with_hint(events, "INDEXED BY ix_event_known", "sqlite")
        lasts = self.ranges(events).union(lambda within: greatest.where(*within))
        return select(func.max(lasts.c.last))

    def condition(self, part: Table) -> ColumnElement[bool]:
        """Events that a source published by then tells of, or claims that one carries."""
        return part.c[self.column] <= self._instant

    def status_condition(self, values: Collection[str]) -> ColumnElement[bool]:
        """Events whose last status that could be known is one of these, or whose only one is."""
        later = statuses.alias()
        has_changed = exists().where(statuses.c.ordinal == events.c.ordinal).correlate(events)
        last = (
            exists()
            .where(
                statuses.c.ordinal == events.c.ordinal,
                self._status_then(statuses.c.status).in_(values),
                self._status_known(statuses),
                not_(
                    exists().where(
                        later.c.ordinal == statuses.c.ordinal,
                        later.c.position > statuses.c.position,
                        self._status_known(later),
                    )
                ),
            )
            .correlate(events)
        )
        only = and_(self._status_then(events.c.status).in_(values), not_(has_changed))
        if "unconfirmed" not in values:
            return or_(only, last)
        any_known = exists().where(statuses.c.ordinal == events.c.ordinal, self._status_known(statuses))
        nothing_known = and_(has_changed, not_(any_known.correlate(events)))
        return or_(only, last, nothing_known)

    def related(self) -> dict[Table, ColumnElement[bool]]:
        """What has to hold of rows that belong to an event for them to have been known."""
        return {
            citations: self._of_then(citations),
            supports: self._of_then(supports),
            participations: self._part_known(
                participations.c.ordinal,
                and_(
                    supports.c.what == "role",
                    supports.c.target == participations.c.actor + "/" + participations.c.role,
                ),
            ),
            places: self.place_condition(),
        }

    def place_condition(self) -> ColumnElement[bool]:
        """Events whose place could be known."""
        return self._part_known(events.c.ordinal, supports.c.what == "place")

    def _part_known(self, ordinal: Any, is_part: ColumnElement[bool]) -> ColumnElement[bool]:
        """A part with passages of its own goes by them; one without goes with its event."""
        cited = exists().where(supports.c.ordinal == ordinal, is_part)
        by_then = self._supported(ordinal, is_part)
        outer = (events, participations)
        return or_(not_(cited.correlate(*outer)), by_then.correlate(*outer))

    def _status_then(self, status: ColumnElement[str]) -> ColumnElement[str]:
        """Nothing has occurred, and nothing goes on, before its own start."""
        too_early = and_(status.in_(_HAPPENED), events.c.utc_start > self._instant)
        then: ColumnElement[str] = case((too_early, literal("unconfirmed")), else_=status)
        return then

    def _of_then(self, part: Table) -> ColumnElement[bool]:
        """Rows whose source was published by then: each is looked up, since a list of all of those would be long."""
        return exists().where(sources.c.number == part.c.source, self.published()).correlate(part)

    def _status_known(self, status: FromClause) -> ColumnElement[bool]:
        """One of several statuses counts where a source published by then supports it."""
        at = cast(status.c.position, String)
        return self._supported(status.c.ordinal, and_(supports.c.what == "status", supports.c.target == at))

    def _supported(self, ordinal: Any, what: ColumnElement[bool]) -> Exists:
        return exists().where(
            supports.c.ordinal == ordinal, what, sources.c.number == supports.c.source, self.published()
        )


def known(query: KnownQuery) -> Known | None:
    """The moment that a question names; `InvalidParameters` where it is none."""
    if query.known_at is None:
        if query.certainty is not None and not isinstance(query, DateQuery):
            raise InvalidParameters([ParameterFault("certainty", "says nothing without known_at; add it")])
        return None
    try:
        moment = dates.question(query.known_at)
    except dates.DateError as error:
        raise InvalidParameters([ParameterFault("known_at", str(error), EXAMPLE)]) from error
    if moment.clock != "instant" or "/" in query.known_at:
        detail = "has to be one moment with an offset or Z, since a publication is known everywhere at once"
        raise InvalidParameters([ParameterFault("known_at", detail, EXAMPLE)])
    return Known(moment.start, query.certainty or "possible")


def as_known(connection: Connection, documents: Sequence[str | bytes], known: Known) -> list[bytes | None]:
    """Documents of events as they could be known; None for an event of which nothing could."""
    contents = [json.loads(document) for document in documents]
    cited = {citation["source"]["id"] for content in contents for citation in content["citations"]}
    found = select(sources.c.id).where(sources.c.id.in_(cited), known.published())
    # They may be nearly all that there are, which SQLite would rather read whole.
    published = set(connection.scalars(found.with_hint(sources, "INDEXED BY ix_source_id", "sqlite")))
    return [_reduced(content, published, known.instant) for content in contents]


def _reduced(content: Members, published: set[str], instant: int) -> bytes | None:
    citations = [each for each in content["citations"] if each["source"]["id"] in published]
    supported = {_part(support) for each in citations for support in each["supports"]}
    ever = {_part(support) for each in content["citations"] for support in each["supports"]}
    if not citations:
        return None
    ids = {each["id"] for each in citations}
    claims = [_with_ids(each, ids) for each in content["claims"] if ("claim", each["id"], None) in supported]
    changes = [_with_ids(each, ids) for each in content["status_history"]]
    history = [each for each in changes if each["citations"]]
    # Of a status that changed, and of which nothing was published yet, nobody could say which it was.
    unknown = "unconfirmed" if changes else content["status"]
    reduced = content | {
        "status": _then(history[-1]["status"] if history else unknown, content, instant),
        "place": None if _is_later(("place", None, None), ever, supported) else content["place"],
        "actors": [
            each for each in content["actors"] if not _is_later(("role", each["id"], each["role"]), ever, supported)
        ],
        "claims": [_without_later_answer(each, content, claims) for each in claims],
        "citations": citations,
        "status_history": history,
    }
    return json.dumps(reduced, ensure_ascii=False, separators=(",", ":")).encode()


def _part(support: Members) -> Part:
    return support["what"], support["id"], support["role"]


def _then(status: str, content: Members, instant: int) -> str:
    """Nothing has occurred, and nothing goes on, before its own start."""
    if status not in _HAPPENED:
        return status
    # Not from the member `start`: on the first day of the year 1 it lies in a year that no question may name.
    time = dates.resolve(content["time"]["edtf"], content["time"]["timezone"])
    return "unconfirmed" if time.utc.start > instant else status


def _is_later(part: Part, ever: set[Part], by_then: set[Part]) -> bool:
    """Whether a part has passages of its own and none of them was published; else it goes with the event."""
    return part in ever and part not in by_then


def _with_ids(part: Members, ids: set[str]) -> Members:
    return part | {"citations": [id for id in part["citations"] if id in ids]}


def _without_later_answer(claim: Members, content: Members, claims: list[Members]) -> Members:
    """A claim does not point at one of its own event that nobody could know of."""
    answered = claim["responds_to"]
    if answered and answered["event"] == content["id"] and answered["claim"] not in {each["id"] for each in claims}:
        return claim | {"responds_to": None}
    return claim
