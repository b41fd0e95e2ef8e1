"""The page that shows the results: made from them and from nothing else."""

from typing import Any

from app.config import ROOT
from bench import report, results

MACHINE = {
    "cores": 2,
    "memory": 8,
    "processor": "A processor",
    "system": "Linux",
    "python": "3.11.7",
    "sqlite": "3.40.1",
    "packages": {"fastapi": "1.0", "roapi": "0.12.7"},
}
RATES = {
    "bare": [10_000, 12_000, 11_000],
    "cached": [9_000, 11_400, 10_450],
    "served": [8_000, 8_200, 8_100],
    "uncached": [2_000, 2_400, 2_200],
    "plain": [100, 110, 90],
    "datasette": [250, 300, 275],
    "datasette, tuned": [500, 600, 550],
    "roapi": [300, 280, 290],
    "raw": [4_000, 4_100, 4_200],
}
RESULTS: dict[str, Any] = {
    "machine": MACHINE,
    "parts": {
        "peers": {
            "commands": ["python -m bench --only peers"],
            "events": 1_000_000,
            "rounds": 3,
            "seconds": 5,
            "connections": 8,
            "found": {name: {"rates": rates, "p50": 0.8, "p99": 12.25} for name, rates in RATES.items()},
        },
        "sizes": {
            "commands": ["python -m bench"],
            "events": 1_000_000,
            "found": {
                "10000": {"p50": [1.0, 1.1, 0.9], "p99": [2.0, 2.1, 1.9]},
                "1000000": {
                    "p50": [1.2, 1.3, 1.1],
                    "p99": [3.0, 3.1, 2.9],
                    "start": [1.2, 1.4, 1.3],
                    "fresh": {"rss": 90_000_000, "pss": 80_000_000},
                    "used": {"rss": 100_000_000, "pss": 95_000_000},
                    "used_with_cache": {"rss": 160_000_000, "pss": 150_400_000},
                    "disk": 6000.4,
                    "document": 2500.1,
                    "filled": False,
                },
                "10000000": {"p50": [1.3], "p99": [3.5], "filled": True},
            },
        },
        "worst": {
            "commands": ["python -m bench"],
            "events": 1_000_000,
            "found": [
                {"parameter": "q", "values": "a", "p50": 20.5, "p99": 301.2, "requests": 120, "refused": 0},
                {"parameter": "near", "values": "far", "p50": 2.0, "p99": 4.0, "requests": 120, "refused": 3},
            ],
        },
        "import": {
            "commands": ["python -m bench"],
            "events": 1_000_000,
            "found": {
                "seconds": 180.5,
                "peak_pss": 200_400_000,
                "rewrite": {"seconds": 60.0, "rows": 9_000_000, "peak_pss": 60_400_000},
            },
        },
    },
}

BARS = """\
|  | wanted | found |  |
| --- | ---: | ---: | ---: |
| cached ÷ Uvicorn alone | at least 0.9 | 0.95 | reached |
| uncached ÷ FastAPI + SQLModel, the plain way | at least 4 | 21.8 | reached |
| uncached ÷ roapi | at least 3 | 7.59 | reached |
| uncached ÷ Datasette | at least 5 | 8 | reached |
| uncached ÷ Datasette, tuned | at least 5 | 4 | **missed** |
| median latency, uncached: largest ÷ smallest size | at most 1.5 | 1.3 | reached |
| 99th percentile of the worst allowed question | at most 300 ms | 301 | **missed** |
| import | at least 300,000 events a minute | 332,410 | reached |
| peak memory of the import | at most 250 MB | 200 | reached |
| bytes on disk ÷ bytes of the documents | at most 2.5 | 2.4 | reached |
| start to first answer | at most 1.5 s | 1.3 | reached |
| memory of a worker after 1,000 different requests | at most 130 MB | 95 | reached |
"""
PEERS = """\
1,000,000 events, 8 connections, medians of 3 rounds of 5 s for each in turn; from the least to the most of the rounds \
in the third column.

|  | requests a second | spread | p50, ms | p99, ms |
| --- | ---: | ---: | ---: | ---: |
| Uvicorn alone, the same bytes | 11,000 | 10,000–12,000 | 0.80 | 12.2 |
| this project, one address again and again | 10,450 | 9,000–11,400 | 0.80 | 12.2 |
| the same by `timeline serve` as it is | 8,100 | 8,000–8,200 | 0.80 | 12.2 |
| this project, cache off, another day each time | 2,200 | 2,000–2,400 | 0.80 | 12.2 |
| FastAPI + SQLModel, the plain way | 100 | 90–110 | 0.80 | 12.2 |
| Datasette, canned query | 275 | 250–300 | 0.80 | 12.2 |
| Datasette, tuned | 550 | 500–600 | 0.80 | 12.2 |
| roapi, table in memory, REST | 290 | 280–300 | 0.80 | 12.2 |
| SQLite called in one process, without HTTP | 4,100 | 4,000–4,200 | 0.80 | 12.2 |

| ratio of rates | median | spread |
| --- | ---: | ---: |
| cached ÷ bare | 0.95 | 0.90–0.95 |
| cached ÷ plain | 104 | 90–116 |
| cached ÷ datasette | 38 | 36–38 |
| cached ÷ datasette, tuned | 19 | 18–19 |
| cached ÷ roapi | 36 | 30–40.7 |
| uncached ÷ bare | 0.20 | 0.20–0.20 |
| uncached ÷ plain | 21.8 | 20–24.4 |
| uncached ÷ datasette | 8 | 8–8 |
| uncached ÷ datasette, tuned | 4 | 4–4 |
| uncached ÷ roapi | 7.59 | 6.67–8.57 |
"""
SIZES = """\
| events | p50, ms | p99, ms | start, s | memory: fresh | used | used, with cache | on disk | ÷ document |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 10,000 | 1 | 2 | – | – | – | – | – | – |
| 1,000,000 | 1.2 | 3 | 1.3 | 80 (90) | 95 (100) | 150 (160) | 6,000 | 2.4 |
| 10,000,000 (filled) | 1.3 | 3.5 | – | – | – | – | – | – |
"""
WORST = """\
1,000,000 events. The worst is **q: a**, with a 99th percentile of 301 ms.

| question | p50, ms | p99, ms | refused |
| --- | ---: | ---: | ---: |
| q: a | 20.5 | 301 |  |
| near: far | 2 | 4 | 3 of 120 |
"""
IMPORTS = """\
1,000,000 events.

|  | seconds | events a minute | peak memory, MB |
| --- | ---: | ---: | ---: |
| the import | 180.5 | 332,410 | 200 |
| its 9,000,000 rows by `executemany` | 60.0 | 1,000,000 | 60.4 |
"""
MADE_ON = """\
2 cores (A processor), 8 GiB of memory, Linux, Python 3.11.7, SQLite 3.40.1; fastapi 1.0, roapi 0.12.7.

```sh
python -m bench --only peers
python -m bench
```
"""


def test_every_table_is_made_from_the_results() -> None:
    made = {name: section(RESULTS) for name, section in report.SECTIONS.items()}
    assert made == {
        "bars": BARS,
        "peers": PEERS,
        "sizes": SIZES,
        "worst": WORST,
        "imports": IMPORTS,
        "machine": MADE_ON,
    }


def test_what_was_not_measured_is_said_to_be_so() -> None:
    nothing: dict[str, Any] = {"machine": None, "parts": {}}
    for name, section in report.SECTIONS.items():
        assert "not measured" in section(nothing).lower(), name


def test_only_what_stands_between_markers_is_written_anew() -> None:
    page = "Before.\n\n<!-- measured: sizes -->\nold\n<!-- end -->\n\nAfter.\n"
    once = report.written(page, RESULTS)
    assert once == f"Before.\n\n<!-- measured: sizes -->\n\n{SIZES}\n<!-- end -->\n\nAfter.\n"
    assert report.written(once, RESULTS) == once


def test_the_page_shows_the_results_that_are_kept_beside_it() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    kept = results.read(ROOT / "docs" / "performance.json")
    assert page == report.written(page, kept), "run: uv run --group bench python -m bench.report"
    assert [match[1] for match in report.MARKED.findall(page)] == list(report.SECTIONS)
