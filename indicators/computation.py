"""From facts known at K to immutable values. Nothing here reads a clock: K is an argument.

The same call with the same K writes nothing the second time; a fact learnt later gives a new row at a later K.
Structures are measured from facts (`compute`); wider scopes are sums of their structures' cells (indicators.gathering).
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Organisation
from indicators import facts, scopes
from indicators.catalogue import EQUITY_PARENTS, Definition, definitions
from indicators.measures import DERIVED, MEASURES, Counts, Measure, cells
from indicators.measures.shape import Cube, added, rounded
from indicators.models import Value
from indicators.periods import Period, local_day, measured, periods_on
from law import law_on
from law.nomenclature import nomenclatures

CHUNK = 25  # structures computed together: their facts fit in memory, and a killed worker loses little
SEMI_FINAL_DAYS, FINAL_DAYS = 120, 400
REPORTING = Fraction(60, 100)  # share of a scope's structures that must report (rule M)

# How a person is told apart from another, from her file: an expression over fact_worker `d` and fact_period `p`.
TOLD = {
    "sex": "COALESCE(NULLIF(d.sex, ''), '?')",
    "age": "CASE WHEN d.birth_date IS NULL THEN '?' WHEN d.birth_date + interval '26 years' > p.p1 THEN '-26'"
    " WHEN d.birth_date + interval '50 years' > p.p1 THEN '26-49' ELSE '50+' END",
    "qualification": "COALESCE(d.qualification::text, '?')",
    "disability": "CASE d.disabled WHEN true THEN 'yes' WHEN false THEN 'no' ELSE '?' END",
    "minima": "CASE d.rsa WHEN true THEN 'yes' WHEN false THEN 'no' ELSE '?' END",
}
UNIT = "concat_ws('|', worker_id, item, weight, COALESCE(amount::text, '?'), reason, detail) AS unit"
COLUMNS = (
    "count(*) AS units",
    "sum(amount) AS k",
    "sum(weight) FILTER (WHERE amount IS NOT NULL) AS known",
    "sum(weight) AS eligible",
    "sum(covered) AS covered",
    "sum(to_cover) AS to_cover",
    "encode(sha256(convert_to(string_agg(unit, E'\\n' ORDER BY u.worker_id, item, unit), 'UTF8')), 'hex') AS inputs",
)
CONTENT = (
    "k", "known", "eligible", "value", "interval_low", "interval_high", "low", "high", "coverage", "status", "reporting",
    "members", "parameters", "inputs",
)  # fmt: skip
QUANTUM = Decimal("0.0001")  # of the counts of a value, as its columns keep them
NO_UNIT = hashlib.sha256(b"").hexdigest()
Counted = dict[tuple[int, int], tuple[Cube, str]]


def status_on(day: date, period: Period) -> str:
    """How settled a figure is (§2.1): provisional, semi-final 120 days after the period, final after 400."""
    age = (day - period.end).days
    if age >= FINAL_DAYS:
        return Value.Status.FINAL
    return Value.Status.SEMI_FINAL if age >= SEMI_FINAL_DAYS else Value.Status.PROVISIONAL


def coverage_of(definition: Definition, counts: Counts, reporting: Fraction | None = None) -> str:
    """Rule M with the sheet's own thresholds, on the worse of its two coverages, and of the structures that report.

    Nobody concerned is not « covered ».
    """
    worst = counts.coverage
    if worst is None:
        return Value.Coverage.EMPTY
    if worst < Fraction(definition.published_from) or (reporting is not None and reporting < REPORTING):
        return Value.Coverage.INSUFFICIENT
    if not counts.eligible:
        return Value.Coverage.EMPTY
    if MEASURES[definition.code].enough(counts) < definition.least:
        return Value.Coverage.FEW
    return Value.Coverage.FULL if worst >= Fraction(definition.plain_from) else Value.Coverage.PARTIAL


def parameters_of(definition: Definition, period: Period) -> str:
    """Fingerprint of the law the figure rests on: parameters in force on the period's first and last days, and codes."""
    text = []
    for day in (period.start, period.end):
        for key in definition.parameters:
            try:
                text.append(law_on(day).fingerprint([key]))
            except LookupError:
                text.append(f"{key}=?")
    for name in definition.nomenclatures:
        text.append(json.dumps(nomenclatures()[name], sort_keys=True, ensure_ascii=False))
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def _aggregates(measure: Measure, told_by: Sequence[str]) -> str:
    """One pass over the units: counts, sums and spreads of each cell of each structure and period.

    OFFSET 0 has PostgreSQL work out each column of a unit once, rather than at each place that reads it.
    """
    told = [
        TOLD[name] if name in TOLD and name not in measure.own else f"COALESCE(u.\"{name}\", '?')" for name in told_by
    ]
    columns = [
        *(f"{sql} AS told_{n}" for n, sql in enumerate(told)),
        *COLUMNS,
        *(f"{sql} AS sum_{n}" for n, sql in enumerate(measure.sums.values())),
        *(f"array_agg({sql}) FILTER (WHERE ({sql}) IS NOT NULL) AS spread_{n}"
          for n, sql in enumerate(measure.spreads.values())),
    ]  # fmt: skip
    groups = ", ".join(str(n) for n in range(1, 3 + len(told)))
    return (
        f"SELECT u.organisation_id, u.period_no, {', '.join(columns)} "  # noqa: S608
        f"FROM (SELECT *, {UNIT} FROM ({measure.units}) unit_ OFFSET 0) u"
        " JOIN fact_period p USING (period_no) LEFT JOIN fact_worker d ON d.worker_id = u.worker_id"
        f" GROUP BY {groups}"
    )


def _counted(
    cursor: CursorWrapper, named: dict[str, Any], definition: Definition, periods: Sequence[Period]
) -> Counted:
    """The cube of each structure and period, with the fingerprint of the facts it was made of."""
    measure, told_by = MEASURES[definition.code], definition.cells
    cursor.execute(_aggregates(measure, told_by), named)
    found: dict[tuple[int, int], Cube] = defaultdict(dict)
    digests: dict[tuple[int, int], list[str]] = defaultdict(list)
    first_sum = 2 + len(told_by) + len(COLUMNS)
    first_spread = first_sum + len(measure.sums)
    for row in cursor.fetchall():
        key = tuple(row[2 : 2 + len(told_by)])
        units, k, known, eligible, covered, to_cover, inputs = row[2 + len(told_by) : first_sum]
        zero = Decimal(0)
        scale = measure.scale(periods[row[1]])
        k, known, eligible = (_shared(number, scale) for number in (k, known, eligible))
        counts = Counts(units, k, known or zero, eligible or zero, covered or zero, to_cover or zero)
        counts.sums.update({name: n for name, n in zip(measure.sums, row[first_sum:first_spread], strict=True) if n})
        counts.spreads = {
            name: Counter(values) for name, values in zip(measure.spreads, row[first_spread:], strict=True) if values
        }
        found[row[0], row[1]][key] = counts
        digests[row[0], row[1]].append(f"{'|'.join(key)}={inputs}")
    return {
        at: (cube, hashlib.sha256("\n".join(sorted(digests[at])).encode()).hexdigest()) for at, cube in found.items()
    }


def _shared(number: Decimal | None, scale: int) -> Decimal | None:
    return number if number is None or scale == 1 else rounded(Fraction(number) / scale, 20)


def _kept(number: Decimal) -> Decimal:
    """As the columns keep it, so that a figure read back equals the one just computed."""
    return number.quantize(QUANTUM, ROUND_HALF_UP)


def stored(number: Fraction | None) -> Decimal | None:
    """As kept in the database: 10 decimals, half up."""
    return None if number is None else rounded(number)


def compute(
    organisation_ids: Iterable[int],
    periods: Sequence[Period],
    known_at: datetime,
    codes: Sequence[str] | None = None,
    *,
    nightly: bool = False,
) -> list[Value]:
    """The indicators of some structures over some periods as known at K, in one SQL pass each. Saves nothing.

    Ordered by structure, indicator and period; a structure where nobody is concerned has its row too. `nightly` leaves
    out the periods that are not of an indicator's rhythm.
    """
    asked = sorted(set(organisation_ids))
    chosen = [definition for definition in definitions().values() if codes is None or definition.code in codes]
    found: list[Value] = []
    with facts.known(asked, periods, known_at) as (cursor, named):
        reporting = facts.reporting(cursor)
        counted: dict[str, Counted] = {}
        for definition in chosen:
            if definition.code in DERIVED:
                for code in EQUITY_PARENTS:
                    if code not in counted:
                        counted[code] = _counted(cursor, named, definitions()[code], periods)
                counted[definition.code] = _derived(definition, counted)
            elif definition.code not in counted:
                counted[definition.code] = _counted(cursor, named, definition, periods)
        for definition in chosen:
            for period in measured(definition.rhythm, definition.span, periods, nightly):
                number = periods.index(period)
                parameters = parameters_of(definition, period)
                for organisation_id in asked:
                    cube, inputs = counted[definition.code].get((organisation_id, number), ({}, NO_UNIT))
                    found.append(
                        valued(
                            definition,
                            period,
                            known_at,
                            cube,
                            scope=scopes.structure(organisation_id),
                            organisation_id=organisation_id,
                            reporting=int((organisation_id, number) in reporting),
                            members=1,
                            parameters=parameters,
                            inputs=inputs,
                        )
                    )
    return sorted(found, key=lambda v: (v.organisation_id or 0, v.indicator, v.period_start, v.period_end))


def _derived(definition: Definition, counted: dict[str, Counted]) -> Counted:
    """An indicator made of the cells of others (EQU-03)."""
    found: Counted = {}
    for at in sorted({at for code in EQUITY_PARENTS for at in counted[code]}):
        parents = {code: counted[code].get(at, ({}, NO_UNIT)) for code in EQUITY_PARENTS}
        cube = DERIVED[definition.code]({code: cube for code, (cube, _inputs) in parents.items()})
        text = "\n".join(f"{code}={inputs}" for code, (_cube, inputs) in parents.items())
        found[at] = (cube, hashlib.sha256(text.encode()).hexdigest())
    return found


def valued(
    definition: Definition,
    period: Period,
    known_at: datetime,
    cube: Cube,
    *,
    scope: str,
    organisation_id: int | None,
    reporting: int,
    members: int,
    parameters: str,
    inputs: str,
) -> Value:
    """The value of a cube: what its cells add up to, finished by the indicator's measure."""
    measure = MEASURES[definition.code]
    counts = added(cube.values())
    figure = measure.finish(counts, period)
    wide = not scope.startswith("structure:")
    low, high = figure.interval or (None, None)
    return Value(
        indicator=definition.code,
        method=definition.method,
        scope=scope,
        organisation_id=organisation_id,
        period_start=period.start,
        period_end=period.end,
        known_at=known_at,
        k=_kept(counts.k) if measure.additive and counts.known and counts.k is not None else None,
        known=_kept(counts.known),
        eligible=_kept(counts.eligible),
        value=stored(figure.value),
        interval_low=low,
        interval_high=high,
        low=stored(figure.low),
        high=stored(figure.high),
        coverage=coverage_of(definition, counts, Fraction(reporting, members) if wide and members else None),
        status=status_on(local_day(known_at), period),
        reporting=reporting,
        members=members,
        parts=figure.parts,
        cells=cells.encoded(definition.cells, cube),
        parameters=parameters,
        inputs=inputs,
    )


def content(value: Value) -> tuple[Any, ...]:
    """All that makes a value another one than the last known. Its cells follow from its inputs, method and parameters."""
    return (*(getattr(value, name) for name in CONTENT), json.dumps(value.parts, sort_keys=True))


def about(value: Value) -> tuple[Any, ...]:
    return value.scope, value.indicator, value.method, value.period_start, value.period_end


def save(values: Sequence[Value]) -> int:
    """Keep the values, all of one K, that differ from the last one known before. Returns how many rows were written.

    Scopes are locked in order, so two workers at once write what one would.
    """
    if not values:
        return 0
    scope_names = sorted({value.scope for value in values})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('indicators.values'), hashtext(s)) FROM unnest(%s::text[]) s",
                [scope_names],
            )
        known_before = (
            Value.objects.filter(
                scope__in=scope_names,
                indicator__in={value.indicator for value in values},
                period_end__in={value.period_end for value in values},
                known_at__lte=values[0].known_at,
            )
            .defer("cells")
            .order_by("scope", "indicator", "method", "period_start", "period_end", "-known_at")
            .distinct("scope", "indicator", "method", "period_start", "period_end")
        )
        last = {about(value): content(value) for value in known_before}
        rows = [value for value in values if last.get(about(value)) != content(value)]
        _copy(rows)
    return len(rows)


def _copy(rows: Sequence[Value]) -> None:
    """COPY is several times quicker than INSERT for the hundreds of thousands of rows of a first night."""
    columns = [field for field in Value._meta.concrete_fields if not field.primary_key]
    names = ", ".join(connection.ops.quote_name(field.attname) for field in columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {Value._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                [
                    json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
                    for field in columns
                    for value in [getattr(row, field.attname)]
                ]
            )


def measured_structures(day: date) -> list[int]:
    """Ids of the structures to measure: those open during at least one of the periods complete on a day."""
    first = min(period.start for period in periods_on(day))
    structures = Organisation.objects.structures()
    still_open = structures.filter(closed_on__isnull=True) | structures.filter(closed_on__gte=first)
    return list(still_open.order_by("id").values_list("id", flat=True))


def chunks(organisation_ids: Sequence[int], size: int = CHUNK) -> Iterator[list[int]]:
    ordered = sorted(organisation_ids)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def unknowns(organisation_id: int, code: str, period: Period, known_at: datetime) -> list[tuple[int, str]]:
    """Who is unknown in a figure, and why, in French: (worker id, reason), for those entitled to see people.

    One line a person and reason. Raises KeyError for an unknown indicator.
    """
    definition, measure = definitions()[code], MEASURES[code]
    with facts.known([organisation_id], [period], known_at) as (cursor, named):
        cursor.execute(
            f"SELECT DISTINCT worker_id, reason FROM ({measure.units}) units"  # noqa: S608
            " WHERE reason IS NOT NULL AND worker_id IS NOT NULL ORDER BY 1, 2",
            named,
        )
        return [(worker_id, definition.unknowns[reason]) for worker_id, reason in cursor.fetchall()]
