"""Writes the tables of docs/performance.md from what was measured: `python -m benchmarks.document`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.results import kept

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def taken(run: dict[str, Any]) -> str:
    """When, where and how loaded."""
    return f"{run['on']}, {run['machine']}, load {run['load']}"


def volumes(run: dict[str, Any]) -> list[str]:
    by_volume: dict[str, Any] = run["volumes"]
    names = list(by_volume)
    smallest, largest = by_volume[names[0]], by_volume[names[-1]]
    lines = [
        f"{taken(run)}, {run['times']} times each page. Median (p95) in milliseconds.",
        "",
    ]
    lines += [
        f"- {int(name):,} people: {', '.join(f'{count:,} {table}' for table, count in one['rows'].items())}"
        for name, one in by_volume.items()
    ]
    heads = [f"{int(name):,}" for name in names]
    lines += [
        "",
        f"| Page | Queries | HTML | {' | '.join(heads)} | Growth | ÷ bare SQL |",
        "|---" * (len(names) + 5) + "|",
    ]
    for what, last in largest["pages"].items():
        times = " | ".join(
            f"{by_volume[n]['pages'][what]['median']:.0f} ({by_volume[n]['pages'][what]['p95']:.0f})" for n in names
        )
        growth = last["median"] / smallest["pages"][what]["median"]
        lines.append(
            f"| {what} | {last['queries']} | {last['kilobytes']:.0f} kB | {times} | {growth:.2f} | {last['median'] / last['bare']:.0f} |"
        )
    return lines


def flags(run: dict[str, Any]) -> list[str]:
    return [
        f"{taken(run)}; {run['contracts']:,} contracts of {run['people']:,} people. The medians of"
        f" {run['rounds']} rounds.",
        "",
        "| What | Seconds | ÷ bare |",
        "|---|---|---|",
        *(f"| {what} | {seconds:.2f} | {seconds / run['bare']:.2f} |" for what, seconds in run["steps"].items()),
    ]


def rights(run: dict[str, Any]) -> list[str]:
    both = run["reading"] + run["writing"]
    return [
        f"{taken(run)}; {run['people']:,} people, {run['contracts']:,} contracts,"
        f" {run['opened']['opened']:,} steps. The medians of {run['rounds']} rounds.",
        "",
        "| What | Seconds | Beside |",
        "|---|---|---|",
        f"| reading what the night looks at, once, in bare SQL | {run['reading']:.2f} | |",
        f"| writing its steps again by one bare INSERT, with their history | {run['writing']:.2f} | |",
        f"| first night, every step opened | {run['first']:.2f} | {run['first'] / both:.2f} × reading and writing |",
        f"| night with nothing new | {run['again']:.2f} | {run['again'] / run['reading']:.1f} × reading |",
        f"| people one at a time, scaled | {run['one_by_one']:.0f} | {run['one_by_one'] / run['again']:.0f} × a night with nothing new |",
    ]


def indicators(run: dict[str, Any]) -> list[str]:
    lines = [
        f"{taken(run)}; one run of all sizes, one process.",
        "",
        "| People | Rows | Read rows | As known | Facts | Read facts | Compute | ÷ rows | ÷ facts | Write | Wider scopes | Again"
        " | For 1,000 people | ORM ÷ ours | Memory |",
        "|---" * 15 + "|",
    ]
    for one in run["sizes"]:
        spent = one["compute"]
        lines.append(
            f"| {one['workers']:,} | {one['rows']:,} | {one['read']:.2f} s | {one['as_known']:.2f} s | {one['units']:,} | {one['facts']:.1f} s | {spent:.1f} s"
            f" | {spent / one['read']:.0f} | {spent / one['facts']:.2f} | {one['write']:.1f} s | {one['wide']:.1f} s"
            f" | {one['again']:.1f} s | {spent / one['workers'] * 1000:.2f} s | {one['orm'] / spent:.0f} | {one['memory']:.0f} MB |"
        )
    return lines


def imports(run: dict[str, Any]) -> list[str]:
    lines = [
        f"{taken(run)}; the medians of {run['turns']} structures one after the other.",
        "",
        "| Lines | People | Contracts | Contracts ÷ bare COPY | Memory |",
        "|---|---|---|---|---|",
    ]
    for one in run["sizes"]:
        people, contracts = (one["lines"] / one[name] for name in ("people", "contracts"))
        lines.append(
            f"| {one['lines']:,} | {people:,.0f} a second | {contracts:,.0f} a second | {one['contracts'] / one['bare']:.1f}"
            f" | {one['memory']:.0f} MB |"
        )
    return lines


def load(run: dict[str, Any]) -> list[str]:
    lines = [
        f"{run['on']}, {run['machine']}, load {run['load_before']} before: {run['counsellors']} counsellors, {run['people']} people,"
        f" {run['seconds']:.0f} s each time. Milliseconds.",
        "",
        "| Run | Page | Times | p50 | p95 | Worst | Queries | Errors |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in run["runs"].items():
        title = f"{name} ({one['nights']})" if one.get("nights") else name
        for page, said in one["pages"].items():
            wrong = sum(times for error, times in one["errors"].items() if error.startswith(f"{page}:"))
            asked = "" if said["queries"] is None else said["queries"]
            lines.append(
                f"| {title} | {page} | {said['times']} | {said['p50']} | {said['p95']} | {said['worst']} | {asked} | {wrong} |"
            )
    return lines


def replica(run: dict[str, Any]) -> list[str]:
    return [
        f"{taken(run)}; {run['lines']:,} people, then their contracts.",
        "",
        "| Copied in | Size | Import | Behind, median | At worst | All there after |",
        "|---|---|---|---|---|---|",
        f"| {run['copied']:.1f} s | {run['megabytes']:.0f} MB | {run['import']:.1f} s | {run['behind'] / 1e3:.0f} kB"
        f" | {run['worst'] / 1e6:.0f} MB | {run['caught_up'] * 1000:.0f} ms |",
    ]


def partitions(run: dict[str, Any]) -> list[str]:
    ways: dict[str, dict[str, float]] = run["ways"]
    return [
        f"{taken(run)}; {run['rows']:,} follow-ups, {run['times']} times each question. Medians in milliseconds.",
        "",
        f"| Question | {' | '.join(ways)} |",
        "|---" * (len(ways) + 1) + "|",
        *(
            f"| {what} | {' | '.join(f'{one[what]:.1f}' for one in ways.values())} |"
            for what in next(iter(ways.values()))
        ),
    ]


TABLES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "volumes": volumes,
    "flags": flags,
    "rights": rights,
    "indicators": indicators,
    "imports": imports,
    "load": load,
    "replica": replica,
    "partitions": partitions,
}


def written(text: str) -> str:
    """The page with each table between its marks made anew; a run never made leaves its table as it is."""
    for name, table in TABLES.items():
        run = kept(name)
        if run is not None:
            between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
            made = "\n".join(table(run)) + "\n"
            text = between.sub(lambda marks, made=made: marks[1] + made + marks[2], text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
