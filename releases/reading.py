"""Reading what was released: for the pages of the federation, the API, the exports and the Observatoire.

Every question here is asked under the database role of the federation, which can read the released tables and nothing else
(releases.role): a mistake in a query is refused by PostgreSQL, not only by a review. Answers are plain values, never a lazy
query. A withdrawn release is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from disclosure.audience import Audience
from indicators.periods import Period
from releases.models import Issue, ReleasedCell, ReleasedTable, Withdrawal
from releases.role import released_only


@dataclass(frozen=True)
class Cell:
    """One figure as displayed. `value` is None when it is not published (`marker` « np ») or lies beyond the table
    (« beyond »). `base` is the published number of people it is about, `number` the published count behind a rate, `error`
    what is to be added and taken away for 95 %. Units are the table's."""

    coordinates: dict[str, str]
    category: str
    base: int | None
    number: int | None
    value: Decimal | None
    error: Decimal | None
    marker: str

    @property
    def published(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class Table:
    """A table of an issue at one margin, without its cells. `categories` gives the labels, in their order."""

    id: int
    issue: int
    code: str
    margin: tuple[str, ...]
    title: str
    dimension: str
    observatoire: tuple[str, ...]
    measure: str
    unit: str
    of: str
    categories: dict[str, str]


@dataclass(frozen=True)
class Edition:
    """A release for one audience: its period, its note, the words of its codes, and where structures are."""

    id: int
    federation: int
    release: int
    audience: str
    label: str
    period_start: date
    period_end: date
    revision: int
    known_at: datetime
    published_at: datetime
    catalogue: str
    policy: str
    ptable_sha256: str
    labels: dict[str, dict[str, str]]
    places: dict[str, dict[str, str]]
    note: str

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)

    @property
    def is_year(self) -> bool:
        return self.period.is_civil_year


@dataclass(frozen=True)
class Point:
    """A cell in one edition: a point of its evolution."""

    edition: Edition
    cell: Cell


@dataclass(frozen=True)
class Change:
    """From one point to the next: the difference and its margin. `clear` when it goes beyond the margin: only then does it
    mean anything."""

    difference: Decimal
    error: Decimal | None
    clear: bool


def editions(federation: int, audience: Audience = Audience.FEDERATION) -> list[Edition]:
    """The editions an audience may read, the newest period first; of each period, the last revision first."""
    with released_only():
        return [_edition(issue) for issue in _issues(federation, audience)]


def edition(pk: int, federation: int, audience: Audience = Audience.FEDERATION) -> Edition | None:
    """One edition, or None when this audience may not read it."""
    with released_only():
        issue = _issues(federation, audience).filter(pk=pk).first()
        return None if issue is None else _edition(issue)


def latest(federation: int, audience: Audience = Audience.FEDERATION, *, year: bool | None = None) -> Edition | None:
    """The last revision of the newest period (a civil year, a quarter, or either)."""
    found = [each for each in editions(federation, audience) if year is None or each.is_year == year]
    return found[0] if found else None


def withdrawn(federation: int) -> list[tuple[str, int, datetime, str]]:
    """(period, revision, day, reason) of the releases taken back."""
    with released_only():
        issues = Issue.objects.filter(federation=federation, audience=Audience.FEDERATION.value)
        taken_back = Withdrawal.objects.values_list("release_id", "withdrawn_at", "reason")
        reasons = {release: (day, reason) for release, day, reason in taken_back}
        return [
            (issue.label, issue.revision, *reasons[issue.release_id]) for issue in issues if issue.release_id in reasons
        ]


def tables(of: Edition) -> list[Table]:
    """All the tables of an edition, by code and margin."""
    with released_only():
        return [_table(row) for row in ReleasedTable.objects.filter(issue=of.id)]


def table(of: Edition, code: str, margin: Sequence[str] = ()) -> Table | None:
    """A table of an edition at a margin, or None."""
    with released_only():
        row = ReleasedTable.objects.filter(issue=of.id, code=code, margin="×".join(margin)).first()
        return None if row is None else _table(row)


def cells(of: Table | Sequence[Table]) -> list[Cell]:
    """The cells of a table (or of several, in their order), in the order of their places and categories."""
    asked = [of] if isinstance(of, Table) else list(of)
    rank = {each.id: number for number, each in enumerate(asked)}
    with released_only():
        rows = list(ReleasedCell.objects.filter(table__in=list(rank)).order_by("table", "place", "category"))
    return [_cell(row) for row in sorted(rows, key=lambda row: rank[row.table_id])]


def cells_by_table(of: Sequence[Table]) -> list[tuple[Table, list[Cell]]]:
    """Each table with its cells, in one question."""
    found: dict[int, list[Cell]] = {each.id: [] for each in of}
    with released_only():
        for row in ReleasedCell.objects.filter(table__in=list(found)).order_by("table", "place", "category"):
            found[row.table_id].append(_cell(row))
    return [(each, found[each.id]) for each in of]


def evolution(
    federation: int,
    code: str,
    coordinates: dict[str, str],
    category: str = "",
    audience: Audience = Audience.FEDERATION,
    *,
    year: bool = True,
) -> list[Point]:
    """A cell over time, oldest first: the last revision of each civil year, or of each quarter."""
    chosen: dict[tuple[date, date], Edition] = {}
    for each in editions(federation, audience):
        if each.is_year == year:
            chosen.setdefault((each.period_start, each.period_end), each)
    by_id = {each.id: each for each in chosen.values()}
    with released_only():
        rows = list(
            ReleasedCell.objects.filter(
                table__issue__in=list(by_id), table__code=code, coordinates=coordinates, category=category
            ).select_related("table")
        )
    points = [Point(by_id[row.table.issue_id], _cell(row)) for row in rows]
    return sorted(points, key=lambda point: point.edition.period_end)


def change(before: Cell, after: Cell) -> Change | None:
    """What changed between two published figures, or None when one of them is not published."""
    if before.value is None or after.value is None:
        return None
    error = None
    if before.error is not None and after.error is not None:
        error = ((before.error**2 + after.error**2).sqrt()).quantize(Decimal("0.1"))
    difference = after.value - before.value
    return Change(difference, error, error is not None and abs(difference) > error)


def issues_for(federations: Sequence[int]) -> QuerySet[Issue]:
    """The editions of some federations that are read, whatever their audience; to be read within `released_only`."""
    return Issue.objects.filter(federation__in=federations).exclude(
        release_id__in=Withdrawal.objects.values("release_id")
    )


def tables_for(federations: Sequence[int]) -> QuerySet[ReleasedTable]:
    """Their tables; to be read within `released_only`."""
    return ReleasedTable.objects.filter(issue__in=issues_for(federations))


def cells_for(federations: Sequence[int]) -> QuerySet[ReleasedCell]:
    """Their figures; to be read within `released_only`."""
    return ReleasedCell.objects.filter(table__in=tables_for(federations)).select_related("table")


def _issues(federation: int, audience: Audience) -> QuerySet[Issue]:
    taken_back = Withdrawal.objects.values("release_id")
    return Issue.objects.filter(federation=federation, audience=audience.value).exclude(release_id__in=taken_back)


def _edition(row: Issue) -> Edition:
    return Edition(
        row.pk, row.federation, row.release_id, row.audience, row.label, row.period_start, row.period_end, row.revision, row.known_at,
        row.published_at, row.catalogue, row.policy, row.ptable_sha256, row.labels, row.places, row.note,
    )  # fmt: skip


def _table(row: ReleasedTable) -> Table:
    margin = tuple(row.margin.split("×")) if row.margin else ()
    return Table(
        row.pk, row.issue_id, row.code, margin, row.title, row.dimension, tuple(row.observatoire), row.measure, row.unit,
        row.of, row.categories,
    )  # fmt: skip


def _cell(row: ReleasedCell) -> Cell:
    return Cell(row.coordinates, row.category, row.base, row.number, row.value, row.error, row.marker)
