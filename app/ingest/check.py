"""What no single record can tell: references, ids used twice, vocabulary, and dates in their time zones."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app import dates
from app.errors import nearest, shown
from app.ingest.cites import citation_id, cites
from app.ingest.faults import Fault, Steps
from app.ingest.files import Folder, Placed
from app.models.revision import Kind
from app.records import ActorRecord, EventRecord, Record, Resource, SourceRecord

RESERVED_EVENT_IDS = {"summary"}
"""Words that stand where an event's id stands in the interface."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds: the dataset of each id by kind, the ids that were withdrawn or merged, and what the
    origin of a source and the whole of an actor is."""

    datasets: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)
    retired: Mapping[Kind, Collection[str]] = field(default_factory=dict)
    parents: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)

    def outside_of(self, kind: Kind, given: Collection[str]) -> set[str]:
        """The ids that datasets define which are not given anew."""
        return {id for id, dataset in self.datasets.get(kind, {}).items() if dataset not in given}

    def parents_outside_of(self, kind: Kind, given: Collection[str]) -> dict[str, str]:
        ids = self.outside_of(kind, given)
        return {id: parent for id, parent in self.parents.get(kind, {}).items() if id in ids}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the records of one dataset may name. Those with faults, and those that only the database holds, are known
    by their id alone."""

    folder: Folder
    sources: Mapping[str, SourceRecord | None]
    actors: Mapping[str, ActorRecord | None]
    places: Collection[str]
    claims: Collection[tuple[str, str]]
    events: Collection[str]
    faulty_events: Collection[str]
    origins: Mapping[str, str]
    wholes: Mapping[str, str]


def check(folders: Iterable[Folder], known: Known) -> list[Fault]:
    """Every fault of the folders, by themselves and taken together with what the database already holds."""
    folders = list(folders)
    faults = [fault for folder in folders for fault in folder.faults]
    faults += _ids(folders, known)
    for folder in folders:
        scope = _scope(folder, folders, known)
        faults += _merged(folder, known)
        for name, terms in (("types", folder.dataset.record.types), ("roles", folder.dataset.record.roles)):
            faults += _once(folder.dataset, (name,), [term.id for term in terms])
        for source in folder.sources:
            faults += _source(source, scope)
        for actor in folder.actors:
            faults += _actor(actor, scope)
        for event in folder.events:
            faults += _event(event, scope)
    return faults


def _scope(folder: Folder, folders: list[Folder], known: Known) -> _Scope:
    given = {each.dataset.record.id for each in folders}
    named = [(kind, placed.record.id) for each in folders for kind, placed in each.named()]

    def ids(kind: Kind) -> set[str]:
        return known.outside_of(kind, given) | {id for each, id in named if each == kind}

    def parents(kind: Kind, own: Mapping[str, str | None]) -> dict[str, str]:
        return known.parents_outside_of(kind, given) | {id: parent for id, parent in own.items() if parent}

    sources = {placed.record.id: placed.record for each in folders for placed in each.sources}
    actors = {placed.record.id: placed.record for each in folders for placed in each.actors}
    return _Scope(
        folder,
        dict.fromkeys(ids("source")) | sources,
        dict.fromkeys(ids("actor")) | actors,
        ids("place"),
        {(placed.record.id, claim.id) for placed in folder.events for claim in placed.record.claims},
        {placed.record.id for kind, placed in folder.named() if kind == "event"},
        {placed.record.id for kind, placed in folder.faulty if kind == "event"},
        parents("source", {id: each.origin for id, each in sources.items()}),
        parents("actor", {id: each.part_of for id, each in actors.items()}),
    )


def _ids(folders: list[Folder], known: Known) -> Iterator[Fault]:
    """Ids are permanent, never used again, and belong to one dataset."""
    first: dict[tuple[Kind, str], Placed[Resource]] = {}
    for folder in folders:
        for kind, placed in folder.named():
            id = placed.record.id
            owner = known.datasets.get(kind, {}).get(id, folder.dataset.record.id)
            earlier = first.setdefault((kind, id), placed)
            if earlier is not placed:
                line = earlier.positions[(*earlier.steps, "id")][0]
                yield placed.fault(("id",), f"{id} stands already at {earlier.file}:{line}; choose another id")
            elif owner != folder.dataset.record.id:
                yield placed.fault(
                    ("id",), f"{id} is defined by the dataset {owner}; refer to it, or choose another id"
                )
            elif id in known.retired.get(kind, ()):
                yield placed.fault(("id",), f"{id} was withdrawn, and ids are never used again; choose another id")
            elif kind == "event" and id in RESERVED_EVENT_IDS:
                yield placed.fault(("id",), f"{id} is a word of the interface; choose another id")


def _merged(folder: Folder, known: Known) -> Iterator[Fault]:
    """A merged id is gone for good, and leads to a resource of the same dataset that stands."""
    standing = {(kind, placed.record.id) for kind, placed in folder.named()}
    seen: set[tuple[Kind, str]] = set()
    for placed in folder.merged:
        record = placed.record
        same = [id for kind, id in standing if kind == record.kind]
        yield from _named(placed, ("merged_into",), record.merged_into, same, record.kind)
        owner = known.datasets.get(record.kind, {}).get(record.id, folder.dataset.record.id)
        if owner != folder.dataset.record.id:
            yield placed.fault(("id",), f"{record.id} is defined by the dataset {owner}, which alone can merge it")
        if (record.kind, record.id) in standing:
            yield placed.fault(("id",), f"{record.id} still stands in the files; remove its record, or this entry")
        if (record.kind, record.id) in seen:
            yield placed.fault(("id",), f"{record.id} is merged a second time; write it once")
        seen.add((record.kind, record.id))


def _source(source: Placed[SourceRecord], scope: _Scope) -> Iterator[Fault]:
    record = source.record
    yield from _named(source, ("origin",), record.origin, scope.sources, "source")
    yield from _not_circular(source, ("origin",), record.id, scope.origins)
    zone = record.timezone or scope.folder.dataset.record.timezone
    yield from _dated(source, ("published",), record.published, zone)


def _actor(actor: Placed[ActorRecord], scope: _Scope) -> Iterator[Fault]:
    record = actor.record
    yield from _named(actor, ("part_of",), record.part_of, scope.actors, "actor")
    yield from _not_circular(actor, ("part_of",), record.id, scope.wholes)


def _event(event: Placed[EventRecord], scope: _Scope) -> Iterator[Fault]:
    record, dataset = event.record, scope.folder.dataset.record
    zone = record.timezone or dataset.timezone
    yield from _dated(event, ("when",), record.when, zone)
    yield from _named(event, ("type",), record.type, scope.folder.types, "type")
    yield from _named(event, ("place",), record.place, scope.places, "place")
    roles = scope.folder.roles
    for index, participant in enumerate(record.actors):
        yield from _named(event, ("actors", index, "actor"), participant.actor, scope.actors, "actor")
        yield from _named(event, ("actors", index, "role"), participant.role, roles, "role")
    yield from _once(event, ("actors",), [f"{each.actor} as {each.role}" for each in record.actors])
    yield from _once(event, ("tags",), record.tags)
    yield from _once(event, ("relations",), [f"{each.kind} {each.to}" for each in record.relations])
    yield from _once(event, ("claims",), [claim.id for claim in record.claims])
    for index, change in enumerate(record.status_history):
        yield from _dated(event, ("status_history", index, "since"), change.since, zone)
    for index, relation in enumerate(record.relations):
        steps = ("relations", index, "to")
        yield from _named(event, steps, relation.to, scope.events, "event")
        if relation.to == record.id:
            yield event.fault(steps, "names the event itself; name another event")
    yield from _claims(event, scope, zone)
    yield from _citations(event, scope)


def _claims(event: Placed[EventRecord], scope: _Scope, zone: str) -> Iterator[Fault]:
    for index, claim in enumerate(event.record.claims):
        steps: Steps = ("claims", index)
        yield from _named(event, (*steps, "speaker"), claim.speaker, scope.actors, "actor")
        yield from _dated(event, (*steps, "said"), claim.said, zone)
        if claim.responds_to is not None:
            answered = answered_claim(event.record.id, claim.responds_to)
            known = None if answered[0] in scope.faulty_events else {"/".join(each) for each in scope.claims}
            yield from _named(event, (*steps, "responds_to"), "/".join(answered), known, "claim")
            if answered == (event.record.id, claim.id):
                yield event.fault((*steps, "responds_to"), "names the claim itself; name the one it answers")


def answered_claim(event: str, reference: str) -> tuple[str, str]:
    """The event and the claim that `responds_to` names: `claim` in the same event, or `event/claim`."""
    other, separator, claim = reference.rpartition("/")
    return (other if separator else event), claim


def _citations(event: Placed[EventRecord], scope: _Scope) -> Iterator[Fault]:
    first: dict[str, object] = {}
    for cite in cites(event.record):
        record = cite.record
        yield from _named(event, (*cite.steps, "source"), record.source, scope.sources, "source")
        source = scope.sources.get(record.source)
        if source and record.at:
            if source.capture is None:
                message = f"{source.id} has no capture, so there is no text to count in; add one or remove `at`"
                yield event.fault((*cite.steps, "at"), message)
            elif record.at.end > source.capture.length:
                message = f"lies beyond the {source.capture.length} characters of {source.capture.name}"
                yield event.fault((*cite.steps, "at", "end"), f"{message}; take it from `timeline cite`")
        id = citation_id(record)
        if first.setdefault(id, record) != record:
            message = f"{id} names another citation of this event too; give one of them an `id` of its own"
            yield event.fault(cite.steps, message)


def _named(
    placed: Placed[Record], steps: Steps, id: str | None, known: Collection[str] | None, noun: str
) -> Iterator[Fault]:
    """A fault where there is no such thing; where it is not known what there is, there is none."""
    if id is not None and known is not None and id not in known:
        yield placed.fault(steps, f"there is no {noun} {shown(id)}; define it or name another{nearest(id, known)}")


def _not_circular(placed: Placed[Resource], steps: Steps, id: str, parents: Mapping[str, str]) -> Iterator[Fault]:
    message = circle(id, parents)
    if message:
        yield placed.fault(steps, message)


def circle(id: str, parents: Mapping[str, str]) -> str | None:
    """What is wrong where something is a part of itself, or the origin of itself."""
    path = {id: None}
    parent = parents.get(id)
    while parent is not None and parent not in path:
        path[parent] = None
        parent = parents.get(parent)
    return f"goes in a circle: {' → '.join([*path, id])}; break it somewhere" if parent == id else None


def _once(placed: Placed[Resource], steps: Steps, values: list[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield placed.fault((*steps, index), f"{value} stands here a second time; write it once")
        seen.add(value)


def _dated(placed: Placed[Resource], steps: Steps, edtf: str | None, zone: str) -> Iterator[Fault]:
    """A date may be written well and still not exist on the clocks of its zone."""
    if edtf is not None:
        try:
            dates.resolve(edtf, zone)
        except dates.DateError as error:
            yield placed.fault(steps, str(error))
