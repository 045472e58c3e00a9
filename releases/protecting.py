"""From a frozen snapshot to the ledger: every figure drawn once, with what is displayed and its margin of error."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import numpy as np
from django.db import connection

from disclosure.audience import Audience
from disclosure.catalogue import Margin, Measure, Statistic
from disclosure.policy import Policy
from disclosure.policy import policy as policy_of
from disclosure.population import Population
from disclosure.protection import Block, Former, Issue, protect
from disclosure.ptable import ptable
from releases import snapshot
from releases.margins import count_error, mean_error, rate_error
from releases.models import PUBLISHED_STATES, LedgerCell, Release
from releases.periods import period_code
from releases.secrets import secret_of

NOT_PUBLISHED, BEYOND = "np", "beyond"
COLUMNS = ("release_id", "audience", "table", "margin", "place", "category", "fingerprint", "base", "number", "value",
           "error", "marker")  # fmt: skip


@dataclass(frozen=True)
class Protected:
    """A snapshot with what would be published of it, audience by audience, and what a correction corrects."""

    population: Population
    issues: dict[Audience, Issue]
    former: dict[Audience, Former]


def margin_name(margin: Margin) -> str:
    return "×".join(margin)


def place_name(margin: Margin, labels: tuple[str, ...]) -> str:
    return "|".join(f"{name}={label}" for name, label in zip(margin, labels, strict=True))


def former_release(release: Release) -> Release | None:
    """The published release this one corrects."""
    return Release.objects.filter(
        federation=release.federation_id,
        period_start=release.period_start,
        period_end=release.period_end,
        revision=release.revision - 1,
        state__in=PUBLISHED_STATES,
    ).first()


def protected(release: Release) -> Protected:
    """Protect the snapshot of a release for each audience.

    Raises ValueError when the snapshot is not the one frozen, ImproperlyConfigured without the key it was prepared under.
    """
    people, former = _snapshots(release)
    issues = {
        audience: protect(
            people,
            [table.statistic(audience) for table in snapshot.tables_of(release)],
            policy=policy_of(release.policy),
            secret=secret_of(release.period_end.year, release.key_id),
            period=period_code(release.period),
            revision=release.revision,
            audience=audience,
            former=former.get(audience),
        )
        for audience in Audience
    }
    return Protected(people, issues, former)


def kept(release: Release) -> Protected:
    """What the ledger holds of a release, beside the snapshot it was drawn from. Raises ValueError as `protected` does."""
    people, former = _snapshots(release)
    return Protected(people, {audience: ledger_issue(release, audience, people) for audience in Audience}, former)


def _snapshots(release: Release) -> tuple[Population, dict[Audience, Former]]:
    """The people of a release, and of the one it corrects with what was published of it, on the same labels."""
    corrected = former_release(release)
    labels = snapshot.labels_of(*filter(None, (release, corrected)))
    people, digest = snapshot.population(release, labels)
    if digest != release.snapshot_sha256:
        raise ValueError("the snapshot is not the one that was frozen")
    if corrected is None:
        return people, {}
    if corrected.key_id != release.key_id:
        raise ValueError("a correction is drawn under the key of the release it corrects")
    before, _digest = snapshot.population(corrected, labels)
    return people, {audience: Former(before, ledger_issue(corrected, audience, before)) for audience in Audience}


def ledger_issue(release: Release, audience: Audience, population: Population) -> Issue:
    """What was published, as an issue again, on the labels of a population. A place it did not know is « np »."""
    labels = {name: column.labels for name, column in population.dimensions.items()}
    code_of = {name: {label: code for code, label in enumerate(column)} for name, column in labels.items()}
    cells: dict[tuple[str, str], list[Any]] = {}
    rows = LedgerCell.objects.filter(release=release, audience=audience.value).order_by("table", "margin", "id")
    for key, group in groupby(rows.iterator(chunk_size=20_000), key=lambda row: (row.table, row.margin)):
        cells[key] = list(group)
    blocks = []
    for table in sorted(snapshot.tables_of(release), key=lambda each: each.code):
        statistic = table.statistic(audience)
        for margin in sorted(statistic.margins):
            found = cells.get((table.code, margin_name(margin)), [])
            blocks.append(_block(statistic, margin, labels, code_of, found))
    table_sha = ptable_of(release).sha256
    return Issue(period_code(release.period), release.revision, audience, release.policy, table_sha,
                 release.key_id, labels, tuple(blocks))  # fmt: skip


def ptable_of(release: Release) -> Any:
    rules = policy_of(release.policy)
    return ptable(rules.noise_spread, rules.noise_variance)


def _block(
    statistic: Statistic,
    margin: Margin,
    labels: dict[str, tuple[str, ...]],
    code_of: dict[str, dict[str, int]],
    cells: list[LedgerCell],
) -> Block:
    shape = tuple(len(labels[name]) for name in margin)
    size = int(np.prod(shape)) if margin else 1
    coordinates = (
        np.stack(np.unravel_index(np.arange(size), shape), axis=1) if margin else np.zeros((1, 0), dtype=np.int64)
    )
    columns = columns_of(statistic)
    base, values = np.full(size, np.nan), np.full((size, len(columns)), np.nan)
    fingerprints = np.zeros((size, 2), dtype=np.uint64)
    for cell in cells:
        codes = tuple(code_of[name][label] for name, label in coordinates_of(cell.place).items())
        row = int(np.ravel_multi_index(codes, shape)) if margin else 0
        base[row] = np.nan if cell.base is None else cell.base
        fingerprints[row] = np.frombuffer(bytes(cell.fingerprint), dtype="<u8")
        if cell.category:
            values[row, columns.index(cell.category)] = _raw(statistic, cell)
    return Block(statistic, margin, coordinates.astype(np.int64), fingerprints, base, columns, values)


def coordinates_of(place: str) -> dict[str, str]:
    """{dimension: label} of a place's name."""
    return dict(part.split("=", 1) for part in place.split("|")) if place else {}


def columns_of(statistic: Statistic) -> tuple[str, ...]:
    match statistic.measure:
        case Measure.COUNT:
            return ()
        case Measure.SHARE:
            return statistic.categories
        case Measure.MEAN:
            return ("mean",)
        case Measure.QUANTILES:
            return ("p25", "p50", "p75")
        case Measure.SURVIVAL:
            return ("median",)


def _raw(statistic: Statistic, cell: LedgerCell) -> float:
    if cell.marker == BEYOND:
        return math.inf
    drawn = cell.number if statistic.measure == Measure.SHARE else cell.value
    return math.nan if drawn is None else float(drawn)


# What is displayed ---------------------------------------------------------------------------------------------------


def figures(issue: Issue, policy: Policy) -> Iterator[tuple[Any, ...]]:
    """(table, margin, place, category, fingerprint, base, number, value, error, marker), cell by cell."""
    off = _up(count_error(policy), 1)
    for block in issue.blocks:
        statistic, margin = block.statistic, margin_name(block.margin)
        for row, labels in enumerate(block.places(issue.labels)):
            place, seal = place_name(block.margin, labels), block.fingerprints[row].astype("<u8").tobytes()
            size = block.base[row]
            base = None if math.isnan(size) else int(size)
            if statistic.measure == Measure.COUNT:
                shown = (base, Decimal(base), off, "") if base is not None else (None, None, None, NOT_PUBLISHED)
                yield (statistic.code, margin, place, "", seal, base, *shown)
                continue
            for column, category in enumerate(block.columns):
                drawn = float(block.values[row, column])
                yield (statistic.code, margin, place, category, seal, base, *_shown(statistic, drawn, size, policy))


def _shown(statistic: Statistic, drawn: float, base: float, policy: Policy) -> tuple[Any, ...]:
    """(number, value, error, marker) of a drawn figure."""
    if math.isnan(drawn):
        return None, None, None, NOT_PUBLISHED
    if math.isinf(drawn):
        return None, None, None, BEYOND
    if statistic.measure == Measure.SHARE:
        rate = _decimal(100 * drawn / base, 1)
        return int(drawn), rate, _up(rate_error(drawn, base, policy), 1), ""
    if statistic.measure == Measure.MEAN:
        return None, _decimal(drawn, 4), _up(mean_error(statistic, drawn, base, policy), 2), ""
    return None, _decimal(drawn, 4), None, ""


def _decimal(number: float, digits: int) -> Decimal:
    return Decimal(f"{number:.{digits}f}")


def _up(number: float, digits: int) -> Decimal:
    scale = 10**digits
    return _decimal(math.ceil(number * scale - 1e-9) / scale, digits)


def keep(release: Release, issues: dict[Audience, Issue]) -> int:
    """Append the figures to the ledger, by COPY. Returns how many."""
    policy = policy_of(release.policy)
    names = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    written = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {LedgerCell._meta.db_table} ({names}) FROM STDIN") as copy:
        for audience, issue in issues.items():
            for figure in figures(issue, policy):
                copy.write_row((release.pk, audience.value, *figure))
                written += 1
    return written
