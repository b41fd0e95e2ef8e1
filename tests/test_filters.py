"""Every filter of every list, against the complete documents filtered in Python."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from app import filters
from tests.api.support import Document, items, keys, matching, publish
from tests.conftest import Ask, Workshop
from tests.databases import Databases

Holds = Callable[[Document], bool]


def actors_of(event: Document) -> set[str]:
    return {each["id"] for each in event["actors"]}


def roles_of(event: Document) -> set[str]:
    return {each["role"] for each in event["actors"]}


def sources_of(document: Document) -> set[str]:
    return {each["source"]["id"] for each in document["citations"]}


def speaker_of(claim: Document) -> str | None:
    return claim["speaker"] and str(claim["speaker"]["id"])


def measure_of(claim: Document) -> str | None:
    return claim["figure"] and str(claim["figure"]["measure"])


def place_of(event: Document) -> str | None:
    return event["place"] and str(event["place"]["id"])


FILTERS: list[tuple[str, str, Holds]] = [
    ("/events", "type=ceasefire", lambda each: each["type"] == "ceasefire"),
    ("/events", "type=ceasefire,talks", lambda each: each["type"] in {"ceasefire", "talks"}),
    ("/events", "type=ceasefire,no-such-type", lambda each: each["type"] == "ceasefire"),
    ("/events", "status=unconfirmed", lambda each: each["status"] == "unconfirmed"),
    ("/events", "status=unconfirmed,planned", lambda each: each["status"] in {"unconfirmed", "planned"}),
    ("/events", "actor=nikol-pashinyan", lambda each: "nikol-pashinyan" in actors_of(each)),
    ("/events", "actor=armenia,ilham-aliyev", lambda each: bool(actors_of(each) & {"armenia", "ilham-aliyev"})),
    ("/events", "role=mediator", lambda each: "mediator" in roles_of(each)),
    ("/events", "role=mediator,escort", lambda each: bool(roles_of(each) & {"mediator", "escort"})),
    ("/events", "place=yevlakh", lambda each: place_of(each) == "yevlakh"),
    ("/events", "place=yevlakh,stepanakert", lambda each: place_of(each) in {"yevlakh", "stepanakert"}),
    ("/events", "source=tass-1678507", lambda each: "tass-1678507" in sources_of(each)),
    ("/events", "tag=peacekeepers", lambda each: "peacekeepers" in each["tags"]),
    ("/events", "tag=peacekeepers,background", lambda each: bool({"peacekeepers", "background"} & {*each["tags"]})),
    (
        "/events",
        "type=ceasefire&tag=peacekeepers&source=archynewsy-2023-09-20",
        lambda each: (
            each["type"] == "ceasefire"
            and "peacekeepers" in each["tags"]
            and "archynewsy-2023-09-20" in sources_of(each)
        ),
    ),
    ("/claims", "speaker=nikol-pashinyan", lambda each: speaker_of(each) == "nikol-pashinyan"),
    (
        "/claims",
        "speaker=nikol-pashinyan,ilham-aliyev",
        lambda each: speaker_of(each) in {"nikol-pashinyan", "ilham-aliyev"},
    ),
    ("/claims", "kind=denial", lambda each: each["kind"] == "denial"),
    ("/claims", "kind=denial,blame", lambda each: each["kind"] in {"denial", "blame"}),
    ("/claims", "stance=denies", lambda each: each["stance"] == "denies"),
    ("/claims", "stance=denies,confirms", lambda each: each["stance"] in {"denies", "confirms"}),
    ("/claims", "measure=killed", lambda each: measure_of(each) == "killed"),
    ("/claims", "measure=killed,duration", lambda each: measure_of(each) in {"killed", "duration"}),
    ("/claims", "event=ceasefire-takes-effect", lambda each: each["event"]["id"] == "ceasefire-takes-effect"),
    ("/claims", "source=nowina-2023-09-20", lambda each: "nowina-2023-09-20" in sources_of(each)),
    (
        "/claims",
        "kind=figure&source=archynewsy-2023-09-20&measure=killed",
        lambda each: measure_of(each) == "killed" and "archynewsy-2023-09-20" in sources_of(each),
    ),
    ("/citations", "source=nowina-2023-09-20", lambda each: each["source"]["id"] == "nowina-2023-09-20"),
    (
        "/citations",
        "source=nowina-2023-09-20,tass-1678507",
        lambda each: each["source"]["id"] in {"nowina-2023-09-20", "tass-1678507"},
    ),
    ("/citations", "event=ceasefire-takes-effect", lambda each: each["event"]["id"] == "ceasefire-takes-effect"),
    ("/actors", "kind=person", lambda each: each["kind"] == "person"),
    ("/actors", "kind=person,state", lambda each: each["kind"] in {"person", "state"}),
    ("/places", "kind=city", lambda each: each["kind"] == "city"),
    ("/places", "kind=city,village", lambda each: each["kind"] in {"city", "village"}),
    ("/sources", "kind=document", lambda each: each["kind"] == "document"),
    ("/sources", "kind=document,post", lambda each: each["kind"] in {"document", "post"}),
]


@pytest.mark.parametrize(("path", "query", "holds"), FILTERS, ids=[f"{path}?{query}" for path, query, _ in FILTERS])
def test_a_filter_finds_what_its_documents_say(ask: Ask, path: str, query: str, holds: Holds) -> None:
    everything = items(ask, f"{path}?limit=500")
    found = items(ask, f"{path}?limit=500&{query}")
    assert keys(found) == matching(everything, holds)
    assert found == [each for each in everything if holds(each)]  # and each of them is complete


def test_every_filter_has_a_trial() -> None:
    tried = {(path, pair.partition("=")[0]) for path, query, _ in FILTERS for pair in query.split("&")}
    tried |= {(path, name) for path, name, *_ in WORDS}
    tried |= {("/events", name) for name in ("bbox", "near")}
    tried |= {(path, "dataset") for path in ("/events", "/actors", "/places", "/sources")}
    dates = {"date", "from", "to", "tz", "match", "certainty"}  # in test_intervals
    dates |= {"known_at", "checked"}  # in tests/api/test_known_at and tests/ingest/test_verify
    common = {"format", "fields", "limit", "cursor", "sort"}  # in tests/api/test_answers
    lists: dict[str, type[filters.Query]] = {
        "/events": filters.EventQuery,
        "/claims": filters.ClaimQuery,
        "/citations": filters.CitationQuery,
        "/actors": filters.ActorQuery,
        "/places": filters.PlaceQuery,
        "/sources": filters.SourceQuery,
    }
    all_filters = {
        (path, field.alias or name) for path, query in lists.items() for name, field in query.model_fields.items()
    }
    assert {pair for pair in all_filters if pair[1] not in dates | common} == tried


def test_an_actor_and_a_role_have_to_be_of_the_same_participation(ask: Ask) -> None:
    everything = items(ask, "/events?limit=500")
    crossed = set()
    for actor in ("russian-peacekeeping-contingent", "azerbaijan", "armenia"):
        for role in ("mediator", "party", "affected", "addressee"):
            found = keys(items(ask, f"/events?limit=500&actor={actor}&role={role}"))
            assert found == keys(
                event
                for event in everything
                if any((each["id"], each["role"]) == (actor, role) for each in event["actors"])
            )
            crossed |= {
                event["id"] for event in everything if actor in actors_of(event) and role in roles_of(event)
            } - set(found)
    assert crossed  # events that would be found if the two were asked of different actors


def test_a_source_of_claims_is_one_that_carries_the_claim_and_not_only_its_event(ask: Ask) -> None:
    found = items(ask, "/claims?limit=500&source=tass-1678507")
    events = {event["id"]: event for event in items(ask, "/events?limit=500")}
    beside = [
        claim
        for event in events.values()
        if "tass-1678507" in sources_of(event)
        for claim in event["claims"]
        if (event["id"], claim["id"]) not in {(each["event"]["id"], each["id"]) for each in found}
    ]
    assert found
    assert beside


# Words


def words(texts: Iterable[str | None]) -> list[str]:
    """The oracle's own idea of words: letters and digits, lower case, without accents."""
    whole = " ".join(text for text in texts if text).casefold().replace("ə", "e").replace("ı", "i")
    bare = "".join(each for each in unicodedata.normalize("NFD", whole) if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", bare)


def texts_of(path: str, document: Document) -> list[str | None]:
    names = [each["name"] for each in document.get("names", [])]
    match path:
        case "/events":
            place = document["place"]["name"] if document["place"] else None
            actors = [each["name"] for each in document["actors"]]
            claims = [each["text"] for each in document["claims"]]
            return [document["title"], document["summary"], place, *actors, *claims, *document["tags"]]
        case "/actors":
            return [document["name"], *names, document["description"]]
        case "/places":
            return [document["name"], *names, document["note"]]
        case _:
            return [document["title"], document["publisher"], *document["authors"], document["note"]]


WORDS = [
    ("/events", "q", "ceasefire"),
    ("/events", "q", "CEASEFIRE"),
    ("/events", "q", "cease"),  # the beginning of a word
    ("/events", "q", "ceasefire peacekeepers"),
    ("/events", "q", "Russian Azerbaijan"),
    ("/events", "q", "13:00"),
    ("/events", "q", "Karabakh's"),
    ("/actors", "q", "ministry"),
    ("/actors", "q", "ministry defence"),
    ("/places", "q", "Xankəndi"),
    ("/places", "q", "xankendi"),
    ("/places", "q", "DAGLIQ qarabag"),  # Dağlıq Qarabağ
    ("/places", "q", "KHANKENDI"),
    ("/sources", "q", "ceasefire"),
    ("/sources", "q", "Russia’s"),
    ("/sources", "q", "Russia's proposal"),
]


@pytest.mark.parametrize(("path", "name", "text"), WORDS)
def test_words_are_found_and_longer_ones_that_begin_with_four_letters(
    ask: Ask, path: str, name: str, text: str
) -> None:
    def holds(document: Document) -> bool:
        there = words(texts_of(path, document))
        return all(
            any(each == word or (len(word) >= 4 and each.startswith(word)) for each in there) for word in words([text])
        )

    everything = items(ask, f"{path}?limit=500")
    answer = ask(path, params={name: text, "limit": "500"})
    assert keys(answer.json()["items"]) == matching(everything, holds)


TITLES = {
    "kings-men": "The king's men",
    "post-war": "A post-war order",
    "half-past": "At 12:30 sharp",
    "languages": "C++ and C# in the U.S. Army",
    "accents": "Łódź, São Paulo, Xankəndi, Ağdərə, Straße, Ðorđe, naïve café, ŞUŞA",
    "percent": "A rise of 100% in under_scored words",
    "quotes": "He said \"no\" and 'never'",
    "cyrillic": "Степанакерт и Ереван",
    "armenian": "Ստեփանակերտ",
}


@pytest.fixture(scope="module")
def titled(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """Events with words in their titles that are hard to find."""
    workshop = Workshop(tmp_path_factory.mktemp("titled"), databases)
    yield publish(workshop, [{"id": id, "when": "2023", "title": title} for id, title in TITLES.items()])
    workshop.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("king's", ["kings-men"]),
        ("KING’S", ["kings-men"]),  # with a typographic apostrophe
        ("post-war", ["post-war"]),
        ("postwar", []),  # another word
        ("12:30", ["half-past"]),
        ("c++", ["languages"]),  # the word c, and not the beginning of café
        ("c++ army", ["languages"]),
        ("U.S.", ["languages"]),  # the words u and s, which do not begin under scored
        ("sho", []),  # three letters find only themselves
        ("shar", ["half-past"]),  # four find longer words
        ("u.s. army", ["languages"]),
        ("lodz", ["accents"]),
        ("Łódź", ["accents"]),
        ("sao paulo", ["accents"]),
        ("Xankendi", ["accents"]),
        ("AGDERE", ["accents"]),
        ("strasse", ["accents"]),
        ("STRASSE", ["accents"]),
        ("dorde", ["accents"]),
        ("cafe\u0301", ["accents"]),  # e and a combining accent
        ("şuşa", ["accents"]),
        ("100%", ["percent"]),
        ("under_scored", ["percent"]),
        ("undersscored", []),  # _ stands for no letter
        ('"no"', ["quotes"]),
        ("'never'", ["quotes"]),
        ("said no never", ["quotes"]),
        ("степанакерт", ["cyrillic"]),
        ("ԵՐԵՎԱՆ", []),
        ("ՍՏԵՓԱՆԱԿԵՐՏ", ["armenian"]),
        ("ever", []),  # in the middle of a word
        ("men%", ["kings-men"]),
        ("something", list(TITLES)),  # in every summary
        ("a b c d e f g h", []),  # eight words
    ],
)
def test_odd_words_are_found(titled: Workshop, text: str, found: list[str]) -> None:
    answer = titled.ask("/events", params={"q": text})
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json()["items"]] == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no word"),
        ("%", "holds no word"),
        ("_", "holds no word"),
        ("'\"", "holds no word"),
        ("\u0301", "holds no word"),  # an accent on nothing
        ("a\0b", "holds no word"),
        ("a b c d e f g h i", "has 9 words; at most 8"),
        ("a" * 201, "has 201 characters; at most 200"),
    ],
)
def test_words_that_cannot_be_looked_for_are_refused(ask: Ask, text: str, reason: str) -> None:
    for path in ("/events", "/actors", "/places", "/sources"):
        answer = ask(path, params={"q": text})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["parameter"] == "q"
        assert reason in error["detail"]
        assert ask(path, params={"q": error["allowed"]}).status_code == 200


# Places on the sphere

POINTS: dict[str, tuple[float, float]] = {
    "baku": (49.89, 40.38),
    "yevlakh": (47.15, 40.62),
    "fiji": (178.44, -18.14),
    "samoa": (-171.77, -13.83),
    "line": (180.0, -16.0),
    "pole": (0.0, 90.0),
    "null-island": (0.0, 0.0),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """An event at each of POINTS, one at a place without a point, and one without a place."""
    places = "\n".join(
        f"- {{id: {id}, kind: site, name: {id}, longitude: {longitude}, latitude: {latitude}, note: rough}}"
        for id, (longitude, latitude) in POINTS.items()
    )
    events: list[Document] = [{"id": f"at-{id}", "when": "2023", "place": id} for id in [*POINTS, "somewhere"]]
    events.append({"id": "nowhere", "when": "2023"})
    workshop = Workshop(tmp_path_factory.mktemp("mapped"), databases)
    yield publish(workshop, events, places=f"{places}\n- {{id: somewhere, kind: site, name: Somewhere}}\n")
    workshop.close()


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula, on a sphere of the Earth's mean radius."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(math.radians, each)) for each in (one, other))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(min(1, math.sqrt(h)))


def found_at(workshop: Workshop, **parameters: str) -> set[str]:
    answer = workshop.ask("/events", params=parameters)
    assert answer.status_code == 200, answer.text
    return {each["id"].removeprefix("at-") for each in answer.json()["items"]}


@pytest.mark.parametrize("id", POINTS)
@pytest.mark.parametrize("other", POINTS)
def test_near_is_a_distance_along_the_sphere(mapped: Workshop, id: str, other: str) -> None:
    longitude, latitude = POINTS[id]
    distance = metres(POINTS[id], POINTS[other])
    for reach in (distance * 0.999 - 1, distance * 1.001 + 1):
        expected = {name for name, point in POINTS.items() if metres(POINTS[id], point) <= reach}
        if 0 <= reach <= 20_037_508:
            assert found_at(mapped, near=f"{longitude},{latitude},{reach:.3f}") == expected


def test_near_reaches_the_whole_globe_and_the_point_alone(mapped: Workshop) -> None:
    assert found_at(mapped, near="-130,-40,20037508") == set(POINTS)
    assert found_at(mapped, near="49.89,40.38,0") == {"baku"}


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ("-180,-90,180,90", set(POINTS)),
        ("47,40,50,41", {"baku", "yevlakh"}),
        ("47.15,40.62,47.15,40.62", {"yevlakh"}),  # the edges belong to it
        ("47.2,40,50,41", {"baku"}),
        ("177,-19,-171,-13", {"fiji", "samoa", "line"}),  # across the antimeridian
        ("-171,-19,177,-13", set()),  # the other way round
        ("179,-20,180,0", {"line"}),
        ("-10,-10,10,10", {"null-island"}),
        ("50,-90,49,90", set(POINTS) - {"baku"}),  # almost round the globe
        ("0,0,0,90", {"null-island", "pole"}),
    ],
)
def test_a_box_holds_its_points(mapped: Workshop, box: str, found: set[str]) -> None:
    west, south, east, north = map(float, box.split(","))
    assert found == {
        id
        for id, (longitude, latitude) in POINTS.items()
        if south <= latitude <= north and ((longitude - west) % 360 <= (east - west) % 360 or east - west == 360)
    }
    assert found_at(mapped, bbox=box) == found


def test_a_box_and_a_circle_both_have_to_hold(mapped: Workshop) -> None:
    assert found_at(mapped, bbox="40,40,60,41", near="47,40.5,50000") == {"yevlakh"}
    assert found_at(mapped, bbox="40,40,60,41", place="yevlakh,fiji") == {"yevlakh"}


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        ("bbox", "1,2,3", "4 numbers"),
        ("bbox", "1,2,3,4,5", "4 numbers"),
        ("bbox", "1,2,3,x", "4 numbers"),
        ("bbox", "1,2,3,", "4 numbers"),
        ("bbox", "1,2,3,nan", "4 numbers"),
        ("bbox", "1,2,3,inf", "4 numbers"),
        ("bbox", "1,2,3,4e0", "4 numbers"),
        ("bbox", "1, 2,3,4", "4 numbers"),
        ("bbox", "1,2,3,٤", "4 numbers"),  # an Arabic digit
        ("bbox", "-180.1,0,0,1", "west is -180.1 and out of range; it runs from -180 to 180"),
        ("bbox", "0,0,180.00000001,1", "east is 180.00000001 and out of range"),
        ("bbox", "0,-91,0,1", "south is -91 and out of range; it runs from -90 to 90"),
        ("bbox", "0,0,0,91", "north is 91"),
        ("bbox", "0,2,1,1", "south lies north of north"),
        ("near", "1,2", "3 numbers"),
        ("near", "181,0,1", "longitude is 181"),
        ("near", "0,91,1", "latitude is 91"),
        ("near", "0,0,-1", "the distance in metres is -1 and out of range; it runs from 0 to 20037508"),
        ("near", "0,0,20037509", "the distance in metres is 20037509"),
    ],
)
def test_a_box_or_circle_that_is_none_is_refused(ask: Ask, parameter: str, value: str, reason: str) -> None:
    answer = ask("/events", params={parameter: value})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert reason in error["detail"]
    assert ask("/events", params={parameter: error["allowed"]}).status_code == 200


# Datasets


def test_a_dataset_finds_what_it_defines(workshop: Workshop) -> None:
    for name in ("dataset", "sources", "actors", "places", "events/all"):
        content = (workshop.seeds / "trial" / f"{name}.yaml").read_text(encoding="utf-8")
        for id in ("trial", "gazette", "anna", "ministry", "square", "first-meeting", "second-meeting"):
            content = re.sub(rf"\b{id}\b", f"other-{id}", content)
        workshop.write(f"{name}.yaml", content, dataset="other-trial")
    workshop.ingest()
    for path in ("/events", "/actors", "/places", "/sources"):
        everything = items(workshop.ask, path)
        for dataset in ("trial", "other-trial"):
            found = items(workshop.ask, f"{path}?dataset={dataset}")
            assert keys(found) == matching(everything, lambda each, dataset=dataset: each["dataset"] == dataset)  # type: ignore[misc]
        assert items(workshop.ask, f"{path}?dataset=trial,other-trial") == everything
        assert items(workshop.ask, f"{path}?dataset=none-such") == []


# What a value may be


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "does not have the form"),
        ("a,", "does not have the form"),
        (",a", "does not have the form"),
        ("a,,b", "does not have the form"),
        ("A", "lower-case words joined by hyphens"),
        ("a b", "lower-case words joined by hyphens"),
        ("a--b", "does not have the form"),
        ("a\0", "does not have the form"),
        ("a\n", "does not have the form"),  # $ would match before it in Python
        ("é", "does not have the form"),
        ("a" * 81, "has 81 characters; at most 80 are allowed"),
        (",".join(["a"] * 101), "has 101 values; at most 100 are taken"),
    ],
)
@pytest.mark.parametrize("name", ["type", "actor", "role", "place", "source", "tag", "dataset"])
def test_ids_that_cannot_be_are_refused(ask: Ask, name: str, value: str, reason: str) -> None:
    answer = ask("/events", params={name: value})
    assert answer.status_code == 422
    errors: list[dict[str, Any]] = answer.json()["errors"]
    assert {error["parameter"] for error in errors} == {name}
    assert reason in errors[0]["detail"]


def test_a_hundred_values_are_taken_and_each_may_be_the_longest(ask: Ask) -> None:
    values = [*("a" * 80 for _ in range(99)), "ceasefire"]
    assert keys(items(ask, f"/events?type={','.join(values)}")) == keys(items(ask, "/events?type=ceasefire"))


@pytest.mark.parametrize(
    ("path", "name", "nearest"),
    [
        ("/events", "status", "occurred"),
        ("/claims", "kind", "denial"),
        ("/claims", "stance", "asserts"),
        ("/actors", "kind", "person"),
        ("/places", "kind", "village"),
        ("/sources", "kind", "webpage"),
    ],
)
def test_a_word_of_a_closed_list_is_refused_with_the_list_and_the_nearest(
    ask: Ask, path: str, name: str, nearest: str
) -> None:
    (error,) = ask(f"{path}?{name}={nearest}x").json()["errors"]
    assert f"did you mean {nearest}?" in error["detail"]
    assert ask(f"{path}?{name}={error['allowed']}").status_code == 200
    (error,) = ask(f"{path}?{name}={','.join([nearest] * 101)}").json()["errors"]
    assert error["detail"] == "has 101 values; at most 100 are taken"
