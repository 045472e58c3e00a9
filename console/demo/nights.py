# ruff: noqa: S608 - the only variable part is the list of validities, from the catalogue
"""The steps towards rights of the demonstration: the night opens them month after month, and counsellors act on them.

Set-based. What becomes of a step is drawn from its person, its right and its day: the same for every load.
"""

import json
from datetime import date

from django.db import connection

from rights import night
from rights.catalogue import rights

DICE = "mod(('x' || substr(md5(concat_ws('|', w.reference, s.\"right\", s.triggered_on, '{0}')), 1, 7))::bit(28)::int, {1})"
WHO = """FROM parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id
    WHERE p.id = s.pathway_id AND p.rights_diagnosed_on IS NOT NULL AND COALESCE(p.ended_on, 'infinity') >= {0} AND {0} <= %(day)s"""


def _moved(state: str, dated: str, after: str, fates: str) -> str:
    """Steps in `state` move, some days after `dated`, as the dice (0 to 99) say: SET clauses are in `fates`."""
    on = f"(s.{dated} + {after})"
    return f"UPDATE rights_rightstep s SET updated_by_id = w.counsellor_id, {fates.format(on=on)} " + (
        WHO.format(on) + f" AND s.state = '{state}' AND w.counsellor_id IS NOT NULL AND {DICE.format('acts', 100)} >= 8"
    )


FATE = DICE.format("fate", 100)
STUDY = _moved(
    "to_study",
    "triggered_on",
    f"5 + {DICE.format('asked', 36)}",
    f"""state = CASE WHEN {FATE} < 5 THEN 'declined' WHEN {FATE} < 11 THEN 'not_concerned' WHEN {FATE} < 13 THEN ''
        ELSE 'requested' END,
        closed_on = CASE WHEN {FATE} < 11 THEN {{on}} END, waiver_signed_on = CASE WHEN {FATE} < 3 THEN {{on}} END,
        requested_on = CASE WHEN {FATE} >= 13 THEN {{on}} END""",
)
OPEN = f"""UPDATE rights_rightstep s SET updated_by_id = w.counsellor_id,
    state = CASE WHEN {FATE} < 22 THEN 'refused' ELSE 'opened' END,
    refused_on = CASE WHEN {FATE} < 22 THEN o.on_ END, closed_on = CASE WHEN {FATE} < 22 THEN o.on_ END,
    opened_on = CASE WHEN {FATE} >= 22 THEN o.on_ END,
    expires_on = CASE WHEN {FATE} >= 22 THEN (o.on_ + make_interval(months => o.months) - interval '1 day')::date END
    FROM (SELECT s.id, s.requested_on + 6 + {DICE.format("answer", 50)} AS on_,
                 (%(validities)s::jsonb ->> s."right")::int AS months
          FROM rights_rightstep s JOIN parcours_pathway p ON p.id = s.pathway_id JOIN parcours_worker w ON w.id = p.worker_id
          WHERE s.state = 'requested' AND {DICE.format("silent", 100)} >= 6) o,
         parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id
    WHERE o.id = s.id AND p.id = s.pathway_id AND o.on_ <= %(day)s AND COALESCE(p.ended_on, 'infinity') >= o.on_"""
APPEAL = _moved("refused", "refused_on", "20", "state = 'appealed', appealed_on = {on}, closed_on = NULL") + (
    f" AND {DICE.format('appeal', 100)} < 40"
)
ANSWERED = _moved(
    "appealed", "appealed_on", "75", "state = 'opened', opened_on = {on}, closed_on = NULL, expires_on = NULL"
)


def live_month(day: date) -> None:
    """The steps as they stand at the end of a month: the night, then what counsellors did by then."""
    validities = {code: right.validity.months for code, right in rights().items() if right.validity}
    values: dict[str, date | str] = {"day": day, "validities": json.dumps(validities)}
    with connection.cursor() as cursor:
        # Nothing is committed yet, so the server has seen none of it: without these, it plans for empty tables.
        cursor.execute(
            "ANALYZE rights_rightstep, parcours_pathway, parcours_worker, contracts_contract, contracts_workedmonth"
        )
    night.refresh(day)
    with connection.cursor() as cursor:
        for statement in (STUDY, OPEN, APPEAL, ANSWERED):
            cursor.execute(statement, values)
