"""A dataset of ties and odd characters: whatever two databases could sort, compare or fold in ways of their own."""

import json
from pathlib import Path
from typing import Any

IDS = ("a", "a-1", "a-b", "a-c", "a1", "aa", "ab", "ab-c", "abc", "b", "b-10", "b-2", "b-9", "z", "0", "00", "1a", "9")
"""Hyphens and digits, which the collations of languages pass over or put elsewhere."""

NAMES = (
    "Ärzte", "Arzt", "arzt", "ÄRZTE", "Arzte", "Ångström", "Zebra", "zebra", "Émile", "Emile", "émile", "Straße",
    "STRASSE", "Łódź", "İstanbul", "ısı", "ﬀ", "Ⅳ", "a b", "a-b", "ab", "a_b", "a%b", "a\\b", "O'Brien", 'say "yes"',
    "中文", "Баку", "Степанакерт", "😀", "e\u0301", "é", "ǆ", "ß", "ſ", "١٢", "--", "[x]", "{y}", "$1", ":name", "?",
    "a;b",
)  # fmt: skip
"""Cases, accents in both forms, ligatures, other scripts, signs of patterns and of parameters."""

TIMES = ("2023-09-20", "2023-09-20", "2023-09", "2023", "2023-09-20T13:00", "2023-09-20/2023-09-21", "2023-09-20/..",
         "0001", "9999-12-31", "2023-09~")  # fmt: skip


def write(folder: Path, edition: int) -> None:
    """The dataset's files; each edition differs from the one before in something of every kind."""
    contents = {
        "dataset": _dataset(edition),
        "sources": [_source(index, edition) for index in range(len(IDS))],
        "actors": [_actor(index, edition) for index in range(len(IDS))],
        "places": [_place(index, edition) for index in range(len(IDS) - edition)],
        "events": [_event(index, edition) for index in range(len(NAMES) - edition)],
        "merged": [{"kind": "event", "id": f"e-{len(NAMES) - 1}", "merged_into": "a"}] if edition else [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        # JSON is YAML too.
        (folder / f"{name}.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _dataset(edition: int) -> dict[str, Any]:
    terms = [{"id": id, "label": NAMES[index]} for index, id in enumerate(IDS)]
    return {
        "id": "odd", "title": f"Odd {edition}", "description": "Ties.", "licence": "CC0-1.0", "timezone": "Asia/Baku",
        "responsible": list(NAMES[:3]), "types": terms, "roles": terms,
    }  # fmt: skip


def _source(index: int, edition: int) -> dict[str, Any]:
    record = {"id": IDS[index], "kind": "webpage", "title": NAMES[-1 - index], "authors": [NAMES[index]]}
    published = ("2023-09-20", "2023-09-20T13:00Z", "2023-09~")[index % 4] if index % 4 < 3 else None
    return record | ({"published": published} if published else {}) | ({"origin": "a"} if index % 3 == 2 else {})


def _actor(index: int, edition: int) -> dict[str, Any]:
    name = NAMES[index + edition]
    record = {"id": IDS[index], "kind": ("person", "state", "media")[index % 3], "name": name}
    return record | {"names": [{"name": NAMES[-1 - index], "language": "de"}]}


def _place(index: int, edition: int) -> dict[str, Any]:
    record = {"id": IDS[index], "kind": ("site", "city")[index % 2], "name": NAMES[index + 3]}
    authority = {"name": "Survey", "id": str(index)}
    return record | {
        "latitude": 40 + index / 7,
        "longitude": 179.6 + index / 100 + edition / 30,
        "authority": authority,
    }


def _event(index: int, edition: int) -> dict[str, Any]:
    id, name = IDS[index % len(IDS)], NAMES[index]
    status = ("occurred", "planned", "unconfirmed")[index % 3]
    return {
        "id": f"e-{index}" if index >= len(IDS) else id,
        "when": TIMES[index % len(TIMES)],
        "type": IDS[index % 5],
        "title": name,
        "summary": f"{NAMES[-1 - index]} {name} {edition if index % 4 == 0 else ''}".strip(),
        "status": status,
        "status_history": [{"status": each, "cites": [{"source": id}]} for each in ("planned", status)][index % 2 :],
        **({"place": IDS[index % 13]} if index % 4 else {}),
        "actors": [{"actor": each, "role": IDS[index % 7]} for each in sorted({id, IDS[-1 - index % len(IDS)]})],
        "cites": [{"source": each} for each in sorted({id, "a", "b"})],
        "claims": [_claim(index, number) for number in range(index % 4)],
        "tags": sorted({IDS[index % 6], IDS[index % 11]}),
    }


def _claim(index: int, number: int) -> dict[str, Any]:
    low = 10 * number
    figure = {
        "measure": IDS[index % 3], "comparator": "between", "low": low, "high": low + index, "unit": "people",
        "scope": NAMES[(index + number) % 9],
    }  # fmt: skip
    return {
        "id": IDS[number],
        "kind": "figure",
        "speaker": IDS[(index + number) % len(IDS)],
        "says": NAMES[number],
        "figure": figure,
        "cites": [{"source": IDS[(index * number) % len(IDS)]}],
        **({"responds_to": IDS[number - 1]} if number else {}),
    }
