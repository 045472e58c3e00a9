# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""What a snapshot keeps of a person: one value for each attribute of the catalogue, from the facts known at K.

Each source is a SELECT of (worker_id, value); no row, or a null, is unknown. People are those in a pathway for a day at
least of the period.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from audit.history import known_at_sql
from contracts.models import Immersion
from indicators import facts
from indicators.measures import MEASURES
from indicators.periods import Period
from releases.catalogue import NO, YES, Source, Table

UNKNOWN = "?"
# The codes a person is told by, in their order.
SEXES = (UNKNOWN, "F", "M")
AGES = ("-26", "26-49", "50+", UNKNOWN)
LEVELS = ("1", "2", "3", "4", UNKNOWN)
Row = tuple[int, int, str, str, str, dict[str, Any]]  # record, structure, sex, age, level, values by attribute

PEOPLE = """
SELECT e.worker_id, e.organisation_id,
    COALESCE(NULLIF(d.sex, ''), '?') AS sex,
    CASE WHEN d.birth_date IS NULL THEN '?' WHEN d.birth_date + interval '26 years' > p.p1 THEN '-26'
        WHEN d.birth_date + interval '50 years' > p.p1 THEN '26-49' ELSE '50+' END AS age,
    COALESCE(d.qualification::text, '?') AS level
FROM fact_presence e JOIN fact_period p USING (period_no) JOIN fact_worker d USING (worker_id)
WHERE e.days > 0 ORDER BY e.worker_id
"""


def _yes(condition: str) -> str:
    return f"CASE WHEN {condition} THEN '{YES}' WHEN NOT ({condition}) THEN '{NO}' END"


SOURCES: dict[str, str] = {
    "present": f"SELECT worker_id, {_yes('pathway_id IS NOT NULL')} FROM fact_presence WHERE days > 0",
    "entered": f"SELECT worker_id, {_yes('last_entry >= p.p0')} FROM fact_presence JOIN fact_period p USING (period_no)"
    " WHERE days > 0",
    "rsa": f"SELECT worker_id, {_yes('rsa')} FROM fact_worker",
    "rqth": f"SELECT worker_id, {_yes('disabled')} FROM fact_worker",
    "hours": "SELECT worker_id, CASE WHEN NOT bool_or(m.missing) THEN sum(m.hours) END"
    " FROM fact_span s JOIN fact_person_month m USING (month) GROUP BY worker_id",
    "contract": "SELECT m.worker_id, CASE c.securing WHEN 2 THEN 'permanent' WHEN 1 THEN 'fixed_term' WHEN 0 THEN 'assignment' END"
    " FROM fact_period p JOIN fact_main m ON m.at = p.p1 AND m.sure JOIN fact_contract c USING (contract_id)",
    "exit": "SELECT worker_id, CASE WHEN class IN ('durable', 'transition', 'positive', 'other') THEN class END"
    " FROM fact_leaver WHERE in_scope",
    "employer": "SELECT worker_id, outcome FROM fact_leaver WHERE in_scope AND class = 'durable'",
    # an ended pathway is a duration, one that goes on is censored: its length is negative
    "length": "SELECT DISTINCT ON (w.worker_id) w.worker_id, round((least(w.until, p.p1) - w.started_on + 1) / 30.4375, 2)"
    " * CASE WHEN w.until <= p.p1 THEN 1 ELSE -1 END"
    " FROM fact_pathway w JOIN fact_period p ON w.started_on <= p.p1 AND w.until >= p.p0"
    " ORDER BY w.worker_id, w.started_on DESC, w.pathway_id DESC",
    "immersion": "SELECT e.worker_id, CASE WHEN i.worker_id IS NULL THEN '" + NO + "' ELSE '" + YES + "' END"
    " FROM fact_presence e LEFT JOIN (SELECT DISTINCT r.worker_id FROM ("
    + known_at_sql(Immersion, "worker_id IN (SELECT worker_id FROM fact_worker)")
    + ") r JOIN fact_period p ON r.started_on <= p.p1 AND r.ended_on >= p.p0) i USING (worker_id) WHERE e.days > 0",
}  # fmt: skip

RULES = {
    "all": f"CASE WHEN sum(u.amount) >= sum(u.weight) THEN '{YES}' ELSE '{NO}' END",
    "any": f"CASE WHEN sum(u.amount) > 0 THEN '{YES}' ELSE '{NO}' END",
    # units that are months, in their order: the sheet's mean of twelve monthly rates is of no one person
    "last": f"CASE WHEN (array_agg(u.amount ORDER BY u.item DESC))[1] > 0 THEN '{YES}' ELSE '{NO}' END",
    "mean": "sum(u.amount) / sum(u.weight)",
    "sum": "sum(u.amount)",
}


def source_sql(source: Source) -> str:
    """The SELECT of (worker_id, value) of a source. Raises KeyError for an unknown one."""
    if not source.indicator:
        return SOURCES[source.fact]
    return (
        f"SELECT u.worker_id, {RULES[source.rule]} FROM ({MEASURES[source.indicator].units}) u"
        " WHERE u.worker_id IS NOT NULL AND u.amount IS NOT NULL AND u.weight > 0 GROUP BY u.worker_id"
    )


def people(
    organisation_ids: Sequence[int], period: Period, known_at: datetime, tables: Sequence[Table]
) -> Iterator[tuple[int, int, dict[str, str], dict[str, Any]]]:
    """(worker, structure, dimensions told by the person, values by attribute), in the order of workers.

    Amounts are floats, categories are texts; an unknown is absent.
    """
    with facts.known(organisation_ids, [period], known_at) as (cursor, named):
        values: dict[int, dict[str, Any]] = {}
        for table in sorted({t.attribute: t for t in tables if t.attribute}.values(), key=lambda t: t.attribute):
            for worker_id, value in _valued(cursor, named, table):
                values.setdefault(worker_id, {})[table.attribute] = value
        cursor.execute(PEOPLE, named)
        rows = cursor.fetchall()
    for worker_id, organisation_id, sex, age, level in rows:
        yield worker_id, organisation_id, {"sex": sex, "age": age, "level": level}, values.get(worker_id, {})


def _valued(cursor: CursorWrapper, named: dict[str, Any], table: Table) -> Iterator[tuple[int, Any]]:
    cursor.execute(source_sql(table.source), named)
    allowed = set(table.labels)
    for worker_id, value in cursor.fetchall():
        if value is None or (table.counts_labels and value not in allowed):
            continue
        yield worker_id, value if table.counts_labels else float(value)
