"""Query parameters: one field each, with its description, its example, and the condition that it sets.

A path takes the parameters of one of these classes and refuses all others.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.conditions import (
    Bbox,
    Digits,
    Ids,
    MostValues,
    Near,
    Several,
    Where,
    Words,
    among,
    any_kind_of,
    any_of,
    carried_by,
    cited_from,
    equal_to,
    of_events,
    with_words,
)
from app.models.actor import ActorKind, actors
from app.models.base import Line
from app.models.citation import CheckResult, citations
from app.models.claim import ClaimKind, Stance, claims
from app.models.dataset import MOST_FACET_VALUES
from app.models.event import EventStatus, event_texts, events, participations, tags
from app.models.place import PlaceKind, places
from app.models.revision import Kind, resource_texts
from app.models.source import SourceKind, sources
from app.points import in_box, parameters_of_box, parameters_of_circle, within_distance


class Query(BaseModel):
    """The parameters of one path. What is not a field here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormatQuery(Query):
    """What every path that answers from the data takes."""

    format: Annotated[
        str | None,
        Field(
            max_length=40,
            description="Format of the answer. Goes before the `Accept` header.",
            examples=["json"],
        ),
    ] = None


class OneQuery(FormatQuery):
    """What every path that answers with documents takes."""

    fields: Annotated[
        Annotated[tuple[Annotated[str, Field(pattern="^[a-z_]+$", max_length=40)], ...], MostValues, Several] | None,
        Field(
            description="Only these top-level members of each document, and its id, separated by commas. The others, "
            "which the schema calls required, are then absent.",
            examples=["id"],
        ),
    ] = None


class PageQuery(FormatQuery):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=500, description="Items on one page.", examples=[50]), Digits] = 50
    cursor: Annotated[
        str | None,
        Field(
            max_length=1000,
            description="Where the next page begins: taken from `links.next`, never made by hand. "
            "It goes with the filters and the order that it was made for.",
        ),
    ] = None


class ListQuery(PageQuery, OneQuery):
    """What every list of documents takes."""


Certainty = Annotated[
    Literal["possible", "certain"] | None,
    Field(
        description="`possible` (the default) includes events that only may fall into the interval, because their "
        "date is known to the month only or is approximate, and with `known_at` sources that only may have been "
        "published by then; `certain` leaves them out.",
        examples=["certain"],
    ),
]


class KnownQuery(Query):
    known_at: Annotated[
        str | None,
        Field(
            max_length=100,
            description="A moment with an offset or `Z` (write the `+` of an offset as `%2B`): only what sources "
            "published by then support, with the status of that moment. A time of publication that is known to the "
            "day counts from the start of that day; with `certainty=certain`, from its end. Titles, summaries and "
            "dates are the editors' own, of today.",
            examples=["2023-09-20T10:00Z"],
        ),
    ] = None
    certainty: Certainty = None


class DateQuery(Query):
    """The parameters that ask when something happened; together they make one interval."""

    date: Annotated[
        str | None,
        Field(
            max_length=100,
            description="A day, month, year, minute or second, or two of them with a slash between them (EDTF). "
            "Without `tz` it is that day on the clocks of the place where the event happened.",
            examples=["2023-09-20"],
        ),
    ] = None
    from_: Annotated[
        str | None,
        Field(
            alias="from",
            max_length=100,
            description="The first day, month, year or moment. A value with an offset or `Z` is an instant; "
            "write the `+` of an offset as `%2B`.",
            examples=["2023-09-19"],
        ),
    ] = None
    to: Annotated[
        str | None,
        Field(
            max_length=100,
            description="The last day, month, year or moment, which is included whole.",
            examples=["2023-09-21"],
        ),
    ] = None
    tz: Annotated[
        str | None,
        Field(
            max_length=100,
            description="IANA time zone in which `date`, `from` and `to` are meant: that day in Paris, wherever "
            "the event happened.",
            examples=["Europe/Paris"],
        ),
    ] = None
    match: Annotated[
        Literal["overlap", "within", "starts"] | None,
        Field(
            description="How an event has to stand to the interval: `overlap` (the default) shares a moment with it, "
            "`within` lies in it whole, `starts` begins in it.",
            examples=["within"],
        ),
    ] = None
    certainty: Certainty = None


class EventFilters(KnownQuery, DateQuery):
    type: Annotated[
        Ids | None,
        any_of(events, "type"),
        Field(description="Types of event, from the dataset's list.", examples=["ceasefire"]),
    ] = None
    status: Annotated[
        Annotated[tuple[EventStatus, ...], MostValues, Several] | None,
        any_kind_of(events, "status"),
        Field(description="Whether it happened (IPTC event occurrence status).", examples=["occurred"]),
    ] = None
    actor: Annotated[
        Ids | None,
        any_of(participations, "actor"),
        Field(description="Actors that take part.", examples=["russian-peacekeeping-contingent"]),
    ] = None
    role: Annotated[
        Ids | None,
        any_of(participations, "role"),
        Field(
            description="Roles in which an actor takes part; with `actor`, the role of that actor.",
            examples=["mediator"],
        ),
    ] = None
    place: Annotated[
        Ids | None,
        any_of(events, "place"),
        Field(description="Places where it happened.", examples=["yevlakh"]),
    ] = None
    bbox: Annotated[
        Bbox | None,
        Where(events, in_box, parameters=parameters_of_box),
        Field(
            description="west,south,east,north in degrees (WGS 84): events whose place has its point in this box. "
            "West greater than east crosses the antimeridian.",
            examples=["46.5,39.5,47.5,40.7"],
        ),
    ] = None
    near: Annotated[
        Near | None,
        Where(places, within_distance, parameters=parameters_of_circle),
        Field(
            description="longitude,latitude,metres: events whose place has its point within that distance.",
            examples=["47.15,40.62,20000"],
        ),
    ] = None
    source: Annotated[
        Ids | None,
        cited_from(),
        Field(description="Sources that are cited.", examples=["tass-1678507"]),
    ] = None
    tag: Annotated[Ids | None, any_of(tags, "tag"), Field(description="Tags.", examples=["peacekeepers"])] = None
    dataset: Annotated[
        Ids | None, any_of(events, "dataset"), Field(description="Datasets.", examples=["karabakh-2023"])
    ] = None
    q: Annotated[
        Words | None,
        with_words(event_texts),
        Field(
            description="Words in title, summary, place, actors, claims and tags, at most eight, all of which have to "
            "occur; one of four letters or more also finds longer ones that begin with it. Case and accents do not "
            "matter.",
            examples=["ceasefire"],
        ),
    ] = None


class EventQuery(EventFilters, ListQuery):
    sort: Annotated[
        Literal["start", "-start"],
        Field(
            description="By the instant of the start: `start` earliest first, `-start` latest first.",
            examples=["-start"],
        ),
    ] = "start"


class SummaryQuery(EventFilters, FormatQuery):
    limit: Annotated[
        int, Field(ge=1, le=MOST_FACET_VALUES, description="Values of each count.", examples=[50]), Digits
    ] = 50


class AsOfQuery(Query):
    as_of: Annotated[
        str | None,
        Field(
            max_length=100,
            description="The document as it was recorded here then: a place in the log of all changes (`seq`), or a "
            "moment with an offset or `Z` (write `+` as `%2B`). Results of checks are not part of the record.",
            examples=["100"],
        ),
    ] = None


class OneResourceQuery(OneQuery, AsOfQuery):
    """What one actor, place or source takes."""


class OneEventQuery(OneResourceQuery, KnownQuery):
    """What one event takes."""


class ClaimQuery(KnownQuery, DateQuery, ListQuery):
    """The dates are those of the events that the claims are about."""

    speaker: Annotated[
        Ids | None,
        any_of(claims, "speaker"),
        Field(description="Actors who say it.", examples=["nikol-pashinyan"]),
    ] = None
    kind: Annotated[
        Annotated[tuple[ClaimKind, ...], MostValues, Several] | None,
        any_kind_of(claims, "kind"),
        Field(description="What sort of statement.", examples=["denial"]),
    ] = None
    stance: Annotated[
        Annotated[tuple[Stance, ...], MostValues, Several] | None,
        any_kind_of(claims, "stance"),
        Field(description="How the speaker stands to what is claimed.", examples=["denies"]),
    ] = None
    measure: Annotated[
        Ids | None,
        any_of(claims, "measure"),
        Field(description="What a figure counts.", examples=["killed"]),
    ] = None
    event: Annotated[
        Ids | None,
        of_events(claims),
        Field(description="Events that the claims are about.", examples=["ceasefire-takes-effect"]),
    ] = None
    source: Annotated[
        Ids | None,
        carried_by(),
        Field(description="Sources that carry the claim.", examples=["tass-1678507"]),
    ] = None


class EventFiguresQuery(KnownQuery, FormatQuery):
    """What the figures of one event take."""


class FigureQuery(KnownQuery, DateQuery, PageQuery):
    """The dates are those of the events that the figures are given of."""

    measure: Annotated[
        Ids | None,
        any_of(claims, "measure"),
        Field(description="What is counted or measured.", examples=["killed"]),
    ] = None
    scope: Annotated[
        Line | None,
        equal_to(claims, "scope"),
        Field(
            description="Whom or what, where and when the figures cover: one scope, exactly as a group has it.",
            examples=["The war of 2020 over Nagorno-Karabakh"],
        ),
    ] = None
    speaker: Annotated[
        Ids | None,
        any_of(claims, "speaker"),
        Field(description="Actors who give the figure.", examples=["russia-ministry-of-defence"]),
    ] = None
    source: Annotated[
        Ids | None,
        carried_by(),
        Field(description="Sources that carry the figure.", examples=["nowina-2023-09-20"]),
    ] = None
    event: Annotated[
        Ids | None,
        of_events(claims),
        Field(description="Events that the figures are given of.", examples=["azerbaijan-offensive"]),
    ] = None
    dataset: Annotated[
        Ids | None, any_of(events, "dataset"), Field(description="Datasets.", examples=["karabakh-2023"])
    ] = None
    cursor: Annotated[
        str | None,
        Field(
            # A scope may be as long as a line, and a cursor holds it.
            max_length=20_000,
            description="Where the next page begins: taken from `links.next`, never made by hand. "
            "It goes with the filters that it was made for.",
        ),
    ] = None


class CoverageQuery(FormatQuery):
    limit: Annotated[int, Field(ge=1, le=500, description="Items of each list.", examples=[50]), Digits] = 50


class CitationQuery(ListQuery):
    source: Annotated[
        Ids | None,
        cited_from(),
        Field(description="Sources that are cited.", examples=["tass-1678507"]),
    ] = None
    event: Annotated[
        Ids | None,
        of_events(citations),
        Field(description="Events that cite them.", examples=["ceasefire-takes-effect"]),
    ] = None
    checked: Annotated[
        Annotated[tuple[CheckResult, ...], MostValues, Several] | None,
        any_kind_of(citations, "checked"),
        Field(description="What the last check of the passage against its text found.", examples=["verified"]),
    ] = None


class ActorQuery(ListQuery):
    q: Annotated[
        Words | None,
        with_words(resource_texts),
        Field(description="Words in names and description.", examples=["defence"]),
    ] = None
    kind: Annotated[
        Annotated[tuple[ActorKind, ...], MostValues, Several] | None,
        any_kind_of(actors, "kind"),
        Field(description="What sort of actor.", examples=["person"]),
    ] = None
    dataset: Annotated[
        Ids | None, any_of(actors, "dataset"), Field(description="Datasets.", examples=["karabakh-2023"])
    ] = None


class PlaceQuery(ListQuery):
    q: Annotated[
        Words | None, with_words(resource_texts), Field(description="Words in names and note.", examples=["khankendi"])
    ] = None
    kind: Annotated[
        Annotated[tuple[PlaceKind, ...], MostValues, Several] | None,
        any_kind_of(places, "kind"),
        Field(description="What sort of place.", examples=["city"]),
    ] = None
    dataset: Annotated[
        Ids | None, any_of(places, "dataset"), Field(description="Datasets.", examples=["karabakh-2023"])
    ] = None


class SourceQuery(ListQuery):
    q: Annotated[
        Words | None,
        with_words(resource_texts),
        Field(description="Words in title, publisher, authors and note.", examples=["ceasefire"]),
    ] = None
    kind: Annotated[
        Annotated[tuple[SourceKind, ...], MostValues, Several] | None,
        among(sources, "kind"),
        Field(description="Item types of CSL.", examples=["webpage"]),
    ] = None
    dataset: Annotated[
        Ids | None, any_of(sources, "dataset"), Field(description="Datasets.", examples=["karabakh-2023"])
    ] = None


class ChangesQuery(FormatQuery):
    since: Annotated[
        int,
        Field(
            ge=0,
            description="The changes after this place in the log (`seq`); 0 for all that there ever were.",
            examples=[0],
        ),
        Digits,
    ] = 0
    limit: Annotated[int, Field(ge=1, le=500, description="Changes on one page.", examples=[50]), Digits] = 50
    wait: Annotated[
        int,
        Field(
            ge=0,
            le=30,
            description="Seconds to wait for a change where there is none yet; answered as soon as there is one.",
            examples=[30],
        ),
        Digits,
    ] = 0
    dataset: Annotated[Ids | None, Field(description="Changes in these datasets.", examples=["karabakh-2023"])] = None
    kind: Annotated[
        Annotated[tuple[Kind, ...], MostValues, Several] | None,
        Field(description="Changes of these kinds of resource.", examples=["event"]),
    ] = None


class ExportQuery(Query):
    version: Annotated[
        int | None,
        Field(ge=1, description="The number of the version; the newest where it is left out.", examples=[1]),
        Digits,
    ] = None
