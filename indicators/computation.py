"""From facts known at K to immutable values. Nothing here reads a clock: K is an argument.

The same call with the same K writes nothing the second time; a fact learnt later gives a new row at a later K.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Organisation
from indicators import facts
from indicators.catalogue import Definition, definitions
from indicators.measures import MEASURES, Counts, Measure
from indicators.measures.shape import rounded
from indicators.models import Value
from indicators.periods import Period, local_day, periods_on
from law import law_on
from law.nomenclature import nomenclatures

CHUNK = 25  # structures computed together: their facts fit in memory, and a killed worker loses little
SEMI_FINAL_DAYS, FINAL_DAYS = 120, 400

COLUMNS = (
    "count(*) AS units",
    "sum(amount) AS k",
    "sum(weight) FILTER (WHERE amount IS NOT NULL) AS known",
    "sum(weight) AS eligible",
    "sum(covered) AS covered",
    "sum(to_cover) AS to_cover",
    "encode(sha256(convert_to(string_agg(concat_ws('|', worker_id, item, weight, COALESCE(amount::text, '?'), reason,"
    " detail), E'\\n' ORDER BY worker_id, item), 'UTF8')), 'hex') AS inputs",
)
CONTENT = ("k", "known", "eligible", "value", "low", "high", "coverage", "status", "parameters", "inputs")
NO_UNIT = hashlib.sha256(b"").hexdigest()


def status_on(day: date, period: Period) -> str:
    """How settled a figure is (§2.1): provisional, semi-final 120 days after the period, final after 400."""
    age = (day - period.end).days
    if age >= FINAL_DAYS:
        return Value.Status.FINAL
    return Value.Status.SEMI_FINAL if age >= SEMI_FINAL_DAYS else Value.Status.PROVISIONAL


def coverage_of(definition: Definition, counts: Counts) -> str:
    """Rule M with the sheet's own thresholds, on the worse of its two coverages. Nobody concerned is not « covered »."""
    rates = [
        Fraction(part) / Fraction(whole)
        for part, whole in ((counts.known, counts.eligible), (counts.covered, counts.to_cover))
        if whole
    ]
    if not rates:
        return Value.Coverage.EMPTY
    worst = min(rates)
    if worst >= Fraction(definition.plain_from):
        return Value.Coverage.EMPTY if not counts.eligible else Value.Coverage.FULL
    return Value.Coverage.PARTIAL if worst >= Fraction(definition.published_from) else Value.Coverage.INSUFFICIENT


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


def _aggregates(measure: Measure) -> str:
    columns = ", ".join([*COLUMNS, *(f"{sql} AS {name}" for name, sql in measure.also.items())])
    return f"SELECT organisation_id, period_no, {columns} FROM ({measure.units}) units GROUP BY 1, 2"  # noqa: S608


def _counted(cursor: CursorWrapper, named: dict[str, Any], measure: Measure) -> dict[tuple[int, int], dict[str, Any]]:
    cursor.execute(_aggregates(measure), named)
    names = [column.name for column in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return {(row["organisation_id"], row["period_no"]): row for row in rows}


def _stored(number: Fraction | None) -> Decimal | None:
    """As kept in the database: 10 decimals, half up."""
    return None if number is None else rounded(number)


def compute(
    organisation_ids: Iterable[int],
    periods: Sequence[Period],
    known_at: datetime,
    codes: Sequence[str] | None = None,
) -> list[Value]:
    """The indicators of some structures over some periods as known at K, in one SQL pass each. Saves nothing.

    Ordered by structure, indicator and period; a structure where nobody is concerned has its row too.
    """
    asked = sorted(set(organisation_ids))
    chosen = [definition for definition in definitions().values() if codes is None or definition.code in codes]
    found: list[Value] = []
    with facts.known(asked, periods, known_at) as (cursor, named):
        for definition in chosen:
            measure = MEASURES[definition.code]
            counted = _counted(cursor, named, measure)
            for number, period in enumerate(periods):
                parameters = parameters_of(definition, period)
                for organisation_id in asked:
                    row = counted.get((organisation_id, number), {})
                    found.append(_value(definition, organisation_id, period, known_at, row, parameters))
    return sorted(found, key=lambda v: (v.organisation_id, v.indicator, v.period_start, v.period_end))


def _value(
    definition: Definition,
    organisation_id: int,
    period: Period,
    known_at: datetime,
    row: dict[str, Any],
    parameters: str,
) -> Value:
    measure = MEASURES[definition.code]
    counts = _counts(row, measure)
    figure = measure.finish(counts)
    return Value(
        organisation_id=organisation_id,
        indicator=definition.code,
        method=definition.method,
        period_start=period.start,
        period_end=period.end,
        known_at=known_at,
        k=counts.k if measure.additive else None,
        known=counts.known,
        eligible=counts.eligible,
        value=_stored(figure.value),
        low=_stored(figure.low),
        high=_stored(figure.high),
        coverage=coverage_of(definition, counts),
        status=status_on(local_day(known_at), period),
        parts=figure.parts,
        parameters=parameters,
        inputs=row.get("inputs") or NO_UNIT,
    )


def _counts(row: dict[str, Any], measure: Measure) -> Counts:
    zero = Decimal(0)
    known = row.get("known") or zero
    return Counts(
        k=row.get("k") if known else None,
        known=known,
        eligible=row.get("eligible") or zero,
        covered=row.get("covered") or zero,
        to_cover=row.get("to_cover") or zero,
        also={name: row.get(name) for name in measure.also},
    )


def content(value: Value) -> tuple[Any, ...]:
    """All that makes a value another one than the last known: everything but its knowledge date."""
    return (*(getattr(value, name) for name in CONTENT), json.dumps(value.parts, sort_keys=True))


def _about(value: Value) -> tuple[Any, ...]:
    return value.organisation_id, value.indicator, value.method, value.period_start, value.period_end


def save(values: Sequence[Value]) -> int:
    """Keep the values, all of one K, that differ from the last one known before. Returns how many rows were written.

    Structures are locked in order, so two workers at once write what one would.
    """
    if not values:
        return 0
    organisation_ids = sorted({value.organisation_id for value in values})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('indicators.values'), o::int) FROM unnest(%s::bigint[]) o",
                [organisation_ids],
            )
        known_before = (
            Value.objects.filter(organisation__in=organisation_ids, known_at__lte=values[0].known_at)
            .order_by("organisation_id", "indicator", "method", "period_start", "period_end", "-known_at")
            .distinct("organisation_id", "indicator", "method", "period_start", "period_end")
        )
        last = {_about(value): content(value) for value in known_before}
        rows = [value for value in values if last.get(_about(value)) != content(value)]
        Value.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def measured_structures(day: date) -> list[int]:
    """Ids of the structures to measure: those open during at least one of the periods complete on a day."""
    first = periods_on(day)[0].start
    structures = Organisation.objects.structures()
    still_open = structures.filter(closed_on__isnull=True) | structures.filter(closed_on__gte=first)
    return list(still_open.order_by("id").values_list("id", flat=True))


def chunks(organisation_ids: Sequence[int], size: int = CHUNK) -> Iterator[list[int]]:
    ordered = sorted(organisation_ids)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def compute_all(known_at: datetime, organisations: Iterable[int] | None = None) -> int:
    """Compute and keep all indicators of all structures (or some) as known at K, for the periods complete by then.

    Returns how many rows were written.
    """
    day = local_day(known_at)
    ids = measured_structures(day) if organisations is None else list(organisations)
    return sum(save(compute(chunk, periods_on(day), known_at)) for chunk in chunks(ids))


def unknowns(organisation_id: int, code: str, period: Period, known_at: datetime) -> list[tuple[int, str]]:
    """Who is unknown in a figure, and why, in French: (worker id, reason), for those entitled to see people.

    One line a person and reason. Raises KeyError for an unknown indicator.
    """
    definition, measure = definitions()[code], MEASURES[code]
    with facts.known([organisation_id], [period], known_at) as (cursor, named):
        cursor.execute(
            f"SELECT DISTINCT worker_id, reason FROM ({measure.units}) units"  # noqa: S608
            " WHERE reason IS NOT NULL ORDER BY 1, 2",
            named,
        )
        return [(worker_id, definition.unknowns[reason]) for worker_id, reason in cursor.fetchall()]
