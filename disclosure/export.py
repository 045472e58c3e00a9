"""An issue as bytes: one canonical CSV, the same whoever exports it. « np » says not published, and never why."""

import csv
import io
import math

from disclosure.protection import Issue

NOT_PUBLISHED = "np"
HEADER = ("statistic", "margin", "place", "category", "value")
BEYOND = "beyond"  # a survival median not reached within the table


def written(value: float) -> str:
    """A figure as text: a whole number without a point, « np » for what is not published."""
    if math.isnan(value):
        return NOT_PUBLISHED
    if math.isinf(value):
        return BEYOND
    return f"{value:.0f}" if value == int(value) else f"{value:.6f}".rstrip("0")


def lines(issue: Issue) -> list[tuple[str, str, str, str, str]]:
    """(statistic, margin, place, category, value), in the order of their text. The base has an empty category."""
    found = []
    for block in issue.blocks:
        margin = "×".join(block.margin) or "total"
        for row, place in enumerate(block.places(issue.labels)):
            where = "×".join(place) or "total"
            found.append((block.statistic.code, margin, where, "", written(block.base[row])))
            found += [
                (block.statistic.code, margin, where, name, written(block.values[row, column]))
                for column, name in enumerate(block.columns)
            ]
    return sorted(found)


def as_csv(issue: Issue) -> bytes:
    """The issue as UTF-8 CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(lines(issue))
    return text.getvalue().encode()
