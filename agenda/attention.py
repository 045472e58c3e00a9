"""Who needs someone today, and why, in words, the most urgent first.

One statement gathers every reason of every open pathway; the rest is grouping. Thresholds are dated parameters of `law`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from law import law_on
from law.findings import night_rules
from law.nomenclature import label
from rights.catalogue import rights

RIGHT_ENDS_SOON = 60  # days

_STATEMENT = """
WITH people AS MATERIALIZED (
    SELECT t.id AS pathway_id, t.started_on, t.plan_reviewed_on, t.phase, w.id AS worker_id, w.first_name, w.last_name,
           w.name_key, w.counsellor_id, o.name AS structure
    FROM parcours_pathway t JOIN parcours_worker w ON w.id = t.worker_id
    JOIN accounts_organisation o ON o.id = w.organisation_id
    WHERE t.ended_on IS NULL AND t.started_on <= %(today)s AND w.organisation_id = ANY(%(organisations)s)
      AND (%(counsellor)s::bigint IS NULL OR w.counsellor_id = %(counsellor)s)
), seen AS (
    SELECT p.*, f.held_on, f.next_step, f.next_due_on
    FROM people p LEFT JOIN LATERAL (
        SELECT held_on, next_step, next_due_on FROM parcours_followup f WHERE f.pathway_id = p.pathway_id
        ORDER BY held_on DESC, id DESC LIMIT 1) f ON true
), reasons AS (
    SELECT worker_id, 'silence' AS reason, CASE WHEN held_on IS NULL THEN 4 ELSE 3 END AS urgency,
           COALESCE(held_on, started_on) + %(silence)s AS due_on, '' AS detail
    FROM seen WHERE COALESCE(held_on, started_on) + %(silence)s < %(today)s
    UNION ALL
    SELECT worker_id, 'next_step', 4, next_due_on, next_step FROM seen WHERE next_due_on < %(today)s
    UNION ALL
    SELECT worker_id, 'plan', 2, COALESCE(plan_reviewed_on, started_on) + %(review)s, ''
    FROM seen WHERE COALESCE(plan_reviewed_on, started_on) + %(review)s < %(today)s
    UNION ALL
    SELECT p.worker_id, 'right_late', 3, r.due_on, r.right
    FROM people p JOIN rights_rightstep r ON r.pathway_id = p.pathway_id
    WHERE r.state IN ('to_study', 'requested') AND r.due_on < %(today)s
    UNION ALL
    SELECT p.worker_id, 'right_ends', CASE WHEN r.expires_on < %(today)s THEN 5 ELSE 3 END, r.expires_on, r.right
    FROM people p JOIN rights_rightstep r ON r.pathway_id = p.pathway_id
    WHERE r.state IN ('opened', 'renewed') AND r.closed_on IS NULL AND r.expires_on <= %(right_soon)s
    UNION ALL
    SELECT p.worker_id, 'flag', f.severity, f.due_on, f.code
    FROM people p JOIN contracts_flag f ON f.worker_id = p.worker_id
    WHERE f.closed_on IS NULL AND f.severity >= 2 AND f.code <> ALL(%(formal)s)
)
SELECT s.worker_id, s.pathway_id, s.first_name, s.last_name, s.structure, s.phase, s.held_on,
       r.reason, r.urgency, r.due_on, r.detail
FROM (SELECT *, max(urgency) OVER person AS most, min(due_on) OVER person AS first
      FROM reasons WINDOW person AS (PARTITION BY worker_id)) r
JOIN seen s USING (worker_id)
ORDER BY r.most DESC, r.first, s.name_key, s.worker_id, r.urgency DESC, r.due_on, r.reason, r.detail
"""

# Papers for HR: they wait on the board of deadlines, not on the counsellor's list.
FORMAL = ["CONTRACT_UNSIGNED", "WEEKLY_HOURS_MIN", "CDDI_MIN"]


@dataclass(frozen=True)
class Reason:
    """One reason to act. `urgency` goes from 1 (to foresee) to 5 (past due)."""

    code: str
    urgency: int
    due_on: date
    text: str


@dataclass(frozen=True)
class Person:
    worker_id: int
    pathway_id: int
    name: str
    structure: str
    phase: str
    last_seen_on: date | None
    reasons: list[Reason] = field(default_factory=list)

    @property
    def urgency(self) -> int:
        return max(reason.urgency for reason in self.reasons)


def needing_attention(*, organisations: Iterable[int], today: date, counsellor: User | None = None) -> list[Person]:
    """People with an open pathway who need someone, the most urgent first. One query.

    `counsellor` limits to the people she follows.
    """
    law = law_on(today)
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {
                "today": today,
                "organisations": list(organisations),
                "counsellor": counsellor.pk if counsellor else None,
                "silence": law.whole("follow_up.silence_days"),
                "review": law.whole("plan.review_days"),
                "right_soon": today + timedelta(days=RIGHT_ENDS_SOON),
                "formal": FORMAL,
            },
        )
        rows = cursor.fetchall()
    people = []
    for _worker_id, group in groupby(rows, key=lambda row: row[0]):
        lines = list(group)
        worker_id, pathway_id, first, last, structure, phase, seen = lines[0][:7]
        reasons = [_reason(code, urgency, due, detail, today, seen) for *_who, code, urgency, due, detail in lines]
        people.append(
            Person(worker_id, pathway_id, f"{first} {last}", structure, label("pathway_phase", phase), seen, reasons)
        )
    return people


def _reason(code: str, urgency: int, due_on: date, detail: str, today: date, seen: date | None) -> Reason:
    return Reason(code, urgency, due_on, _say(code, due_on, detail, today, seen))


def _say(code: str, due_on: date, detail: str, today: date, seen: date | None) -> str:
    day: dict[str, Any] = {"day": f"{due_on:%d/%m/%Y}", "what": detail}
    if code == "silence":
        if seen is None:
            return _("Aucun suivi depuis l'entrée dans le parcours")
        days = (today - seen).days
        return ngettext("Pas de suivi depuis %(n)s jour", "Pas de suivi depuis %(n)s jours", days) % {"n": days}
    if code == "next_step":
        what = detail or _("Étape prévue")
        return _("%(what)s : prévu pour le %(day)s") % {**day, "what": what}
    if code == "plan":
        return _("Bilan du plan à refaire depuis le %(day)s") % day
    if code in {"right_late", "right_ends"}:
        day["what"] = rights()[detail].label
        if code == "right_late":
            return _("%(what)s : démarche à faire avant le %(day)s") % day
        if due_on < today:
            return _("%(what)s : droit expiré le %(day)s") % day
        return _("%(what)s : à renouveler avant le %(day)s") % day
    return _("%(what)s : %(day)s") % {**day, "what": _(night_rules()[detail].title)}
