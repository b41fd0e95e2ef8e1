"""From results to Markdown: pure functions, one for each table of `docs/performance.md`."""

import re
from collections.abc import Callable
from statistics import median
from typing import Any

from bench import bars, results
from bench.asked import PEERS

MARKED = re.compile(r"(<!-- measured: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
LABELS = {**{peer.name: peer.label for peer in PEERS}, "raw": "SQLite called in one process, without HTTP"}
AGAINST = ("bare", "plain", "datasette", "datasette, tuned", "roapi")
NOT_YET = "Not measured yet.\n"
FILLED = " (filled)"
MEGABYTE = bars.MEGABYTE
DOCS = results.DOCS


def table(titles: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    ruled = ["---", *["---:"] * (len(titles) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in [titles, ruled, *rows])


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 1 else f"{value:.2f}"


def machine(whole: dict[str, Any]) -> str:
    """What it was measured on, and the commands."""
    found, parts = whole["machine"], whole["parts"]
    if found is None:
        return NOT_YET
    packages = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    commands = dict.fromkeys(command for part in parts.values() for command in part["commands"])
    return (
        f"{found['cores']} cores ({found['processor']}), {found['memory']} GiB of memory, {found['system']}, "
        f"Python {found['python']}, SQLite {found['sqlite']}; {packages}.\n\n"
        "```sh\n" + "".join(f"{command}\n" for command in commands) + "```\n"
    )


def peers(whole: dict[str, Any]) -> str:
    """Rates of all peers, and how the project's compare with them."""
    part = whole["parts"].get("peers")
    if part is None:
        return NOT_YET
    rows = []
    for name, found in part["found"].items():
        rates = found["rates"]
        spread = f"{number(min(rates))}–{number(max(rates))}"
        rows.append([LABELS[name], number(median(rates)), spread, number(found["p50"]), number(found["p99"])])
    ratios = []
    for one in ("cached", "uncached"):
        for other in filter(part["found"].__contains__, AGAINST):
            found = bars.ratio(part, one, other)
            spread = f"{number(found.least)}–{number(found.most)}"
            ratios.append([f"{one} ÷ {other}", number(found.middle), spread])
    return (
        f"{_events(part)}, {part['connections']} connections, medians of {part['rounds']} rounds of "
        f"{part['seconds']} s for each in turn; from the least to the most of the rounds in the third column.\n\n"
        + table(["", "requests a second", "spread", "p50, ms", "p99, ms"], rows)
        + "\n"
        + table(["ratio of rates", "median", "spread"], ratios)
    )


def sizes(whole: dict[str, Any]) -> str:
    """What depends on the number of events; a dash where it was not measured."""
    part = whole["parts"].get("sizes")
    if part is None:
        return NOT_YET
    return table(
        [
            "events",
            "p50, ms",
            "p99, ms",
            "start, s",
            "memory: fresh",
            "used",
            "used, with cache",
            "on disk",
            "÷ document",
        ],
        [_size_row(size, row) for size, row in part["found"].items()],
    )


def _events(part: dict[str, Any]) -> str:
    return f"{part['events']:,} events{FILLED if part.get('filled') else ''}"


def _size_row(size: str, row: dict[str, Any]) -> list[str]:
    cells = [number(median(row[name])) if name in row else "–" for name in ("p50", "p99", "start")]
    for name in ("fresh", "used", "used_with_cache"):
        cells.append(_memory(row[name]) if name in row else "–")
    disk = [f"{row['disk']:,.0f}", number(row["disk"] / row["document"])] if "disk" in row else ["–", "–"]
    return [f"{int(size):,}{FILLED if row.get('filled') else ''}", *cells, *disk]


def _memory(found: dict[str, int]) -> str:
    return f"{number(found['pss'] / MEGABYTE)} ({number(found['rss'] / MEGABYTE)})"


def worst(whole: dict[str, Any]) -> str:
    """All cases in the order they were asked, and the most expensive one by name."""
    part = whole["parts"].get("worst")
    if part is None:
        return NOT_YET
    most = max(part["found"], key=lambda case: case["p99"])
    rows = [
        [f"{case['parameter']}: {case['values']}", number(case["p50"]), number(case["p99"]), _refused(case)]
        for case in part["found"]
    ]
    return (
        f"{_events(part)}. The worst is **{most['parameter']}: {most['values']}**, with a 99th percentile of "
        f"{number(most['p99'])} ms.\n\n" + table(["question", "p50, ms", "p99, ms", "refused"], rows)
    )


def _refused(case: dict[str, Any]) -> str:
    return f"{case['refused']} of {case['requests']}" if case["refused"] else ""


def imports(whole: dict[str, Any]) -> str:
    """The import beside its rows alone."""
    part = whole["parts"].get("import")
    if part is None:
        return NOT_YET
    found, rows = part["found"], part["found"]["rewrite"]
    lines = [
        ["the import", found["seconds"], number(found["peak_pss"] / MEGABYTE)],
        [f"its {rows['rows']:,} rows by `executemany`", rows["seconds"], number(rows["peak_pss"] / MEGABYTE)],
    ]
    cells = [[name, f"{seconds:,.1f}", number(part["events"] / seconds * 60), peak] for name, seconds, peak in lines]
    return f"{part['events']:,} events.\n\n" + table(["", "seconds", "events a minute", "peak memory, MB"], cells)


def reached(whole: dict[str, Any]) -> str:
    """The bars, and whether each is reached."""
    rows = []
    for bar in bars.BARS:
        value = bar.value(whole["parts"])
        wanted = " ".join(filter(None, [bar.sense, f"{bar.limit:,g}", bar.unit]))
        verdict = "not measured" if value is None else "reached" if bars.is_reached(bar, value) else "**missed**"
        rows.append([bar.name, wanted, "–" if value is None else number(value), verdict])
    return table(["", "wanted", "found", ""], rows)


SECTIONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "bars": reached,
    "machine": machine,
    "peers": peers,
    "sizes": sizes,
    "worst": worst,
    "imports": imports,
}


def written(page: str, whole: dict[str, Any]) -> str:
    """The page with everything between its markers made from the results."""
    return MARKED.sub(lambda match: f"{match[1]}\n{SECTIONS[match[2]](whole)}\n{match[3]}", page)


def main() -> None:
    """Write the page from the results that are kept, where only its words have changed."""
    page = DOCS / "performance.md"
    page.write_text(
        written(page.read_text(encoding="utf-8"), results.read(DOCS / "performance.json")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
