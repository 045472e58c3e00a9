"""Who needs someone today, and why, in words, the most urgent first.

One statement gathers every reason of every person; the rest is grouping. Thresholds are dated parameters of `law`. A reason
put off (`agenda.models.Snooze`) is set apart until its day, and never longer than `snooze.past_due_days` past its due day.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.sealed_fields import opened
from law import law_on
from law.findings import night_rules
from law.nomenclature import codes, label
from parcours.models.after_exit import ExitCall
from rights.catalogue import named, sensitive_rights

# The right of a step as its reader may know it: empty when it speaks of health or of the right to stay (`rights.models.step`).
_RIGHT = """CASE WHEN r.right = ANY(%(reserved)s::varchar[]) AND p.organisation_id <> ALL(%(trusted)s)
                     AND (r.updated_by_id = %(reader)s) IS NOT TRUE THEN '' ELSE r.right END"""

# `people` are those of the list; at volume each branch of `reasons` reads an index by person (docs/performance.md).
_STATEMENT = """
WITH people AS MATERIALIZED (
    SELECT t.id AS pathway_id, t.started_on, t.ended_on, t.plan_reviewed_on, t.phase, w.id AS worker_id, w.first_name,
           w.last_name, w.name_key, o.name AS structure, w.organisation_id
    FROM parcours_worker w JOIN accounts_organisation o ON o.id = w.organisation_id
    JOIN LATERAL (
        SELECT * FROM parcours_pathway t WHERE t.worker_id = w.id AND t.started_on <= %(today)s
        ORDER BY t.started_on DESC LIMIT 1) t ON true
    WHERE w.organisation_id = ANY(%(organisations)s)
      AND (%(worker)s::bigint IS NULL OR w.id = %(worker)s)
      AND (%(counsellor)s::bigint IS NULL OR w.counsellor_id = %(counsellor)s OR w.id = ANY(ARRAY(
          SELECT worker_id FROM agenda_appointment WHERE counsellor_id = %(counsellor)s AND cancelled_at IS NULL
             AND starts_at >= %(noted_from)s AND starts_at < %(tomorrow)s)) OR w.id = ANY(%(also)s))
), followed AS (
    SELECT p.*, seen.held_on, planned.id AS follow_up_id, planned.next_due_on,
           CASE WHEN planned.themes && %(sensitive)s::varchar[] AND p.organisation_id <> ALL(%(trusted)s)
                     AND planned.author_id IS DISTINCT FROM %(reader)s THEN '' ELSE planned.next_step END AS next_step
    FROM people p LEFT JOIN LATERAL (
        SELECT held_on FROM parcours_followup f WHERE f.pathway_id = p.pathway_id AND f.cancelled_at IS NULL
           AND f.outcome = 'present' ORDER BY held_on DESC, id DESC LIMIT 1) seen ON true
    LEFT JOIN LATERAL (
        SELECT id, next_step, next_due_on, themes, author_id FROM parcours_followup f
        WHERE f.pathway_id = p.pathway_id AND f.cancelled_at IS NULL AND (f.outcome = 'present' OR f.next_due_on IS NOT NULL)
        ORDER BY held_on DESC, id DESC LIMIT 1) planned ON true
    WHERE p.ended_on IS NULL
), reasons AS (
    SELECT worker_id, 'silence' AS reason, 0::bigint AS subject, CASE WHEN held_on IS NULL THEN 4 ELSE 3 END AS urgency,
           COALESCE(held_on, started_on) + %(silence)s AS due_on, '' AS detail
    FROM followed WHERE COALESCE(held_on, started_on) + %(silence)s < %(today)s
    UNION ALL
    SELECT worker_id, 'next_step', follow_up_id, CASE WHEN next_due_on < %(today)s THEN 4 ELSE 3 END, next_due_on, next_step
    FROM followed WHERE next_due_on <= %(today)s
    UNION ALL
    SELECT worker_id, 'plan', 0, 2, COALESCE(plan_reviewed_on, started_on) + %(review)s, ''
    FROM followed WHERE COALESCE(plan_reviewed_on, started_on) + %(review)s < %(today)s
    UNION ALL
    SELECT p.worker_id, 'right_late', r.id, 3, r.due_on, json_build_array({right}, r.id, '')::text
    FROM followed p JOIN rights_rightstep r ON r.pathway_id = p.pathway_id
    LEFT JOIN rights_rightstep old ON old.id = r.renewed_from_id
    WHERE r.state IN ('to_study', 'requested') AND r.due_on < %(today)s
      AND (old.id IS NULL OR old.state NOT IN ('opened', 'renewed') OR old.closed_on IS NOT NULL
           OR old.expires_on IS NULL OR old.expires_on > %(right_soon)s)
    UNION ALL
    SELECT p.worker_id, 'right_ends', r.id,
           CASE WHEN r.expires_on < %(today)s THEN 5 WHEN n.state IN ('requested', 'appealed') THEN 2 ELSE 3 END, r.expires_on,
           json_build_array({right}, COALESCE(n.id, r.id), COALESCE(n.state, ''))::text
    FROM followed p JOIN rights_rightstep r ON r.pathway_id = p.pathway_id
    LEFT JOIN rights_rightstep n ON n.renewed_from_id = r.id AND n.state IN ('to_study', 'requested', 'appealed')
    WHERE r.state IN ('opened', 'renewed') AND r.closed_on IS NULL AND r.expires_on <= %(right_soon)s
    UNION ALL
    SELECT p.worker_id, 'flag', f.id, f.severity, f.due_on, f.code
    FROM followed p JOIN contracts_flag f ON f.worker_id = p.worker_id
    WHERE f.closed_on IS NULL AND f.severity >= 2 AND f.code <> ALL(%(formal)s)
    UNION ALL
    SELECT p.worker_id, 'exit_call', c.id, CASE WHEN c.due_on + %(silence)s < %(today)s THEN 4 ELSE 3 END, c.due_on,
           c.months::text
    FROM people p JOIN parcours_exit e ON e.pathway_id = p.pathway_id JOIN parcours_exitcall c ON c.exit_id = e.id
    WHERE c.answer = '' AND c.due_on BETWEEN %(asked_from)s AND %(today)s
    UNION ALL
    SELECT p.worker_id, CASE WHEN a.starts_at >= %(midnight)s THEN 'appointment' ELSE 'to_note' END, a.id, 3,
           (a.starts_at AT TIME ZONE %(zone)s)::date,
           json_build_array(a.kind, to_char(a.starts_at AT TIME ZONE %(zone)s, 'HH24:MI'), a.place)::text
    FROM people p JOIN agenda_appointment a ON a.worker_id = p.worker_id
    WHERE a.cancelled_at IS NULL AND a.starts_at >= %(noted_from)s AND a.starts_at < %(tomorrow)s
      AND NOT EXISTS (SELECT FROM parcours_followup f WHERE f.pathway_id = p.pathway_id AND f.cancelled_at IS NULL
                      AND f.held_on = (a.starts_at AT TIME ZONE %(zone)s)::date)
    {more}
), told AS (
    SELECT r.*, s.id AS snooze_id, LEAST(s.until, r.due_on + %(past_due)s) AS back_on,
           s.id IS NULL OR LEAST(s.until, r.due_on + %(past_due)s) <= %(today)s AS live
    FROM reasons r LEFT JOIN agenda_snooze s ON s.worker_id = r.worker_id AND s.fact = r.reason
         AND s.subject = r.subject AND s.due_on = r.due_on
)
SELECT p.worker_id, p.pathway_id, p.first_name, p.last_name, p.structure, p.phase, s.held_on,
       r.reason, r.subject, r.urgency, r.due_on, r.detail, r.snooze_id, r.back_on, r.live
FROM (SELECT *, max(urgency) FILTER (WHERE live) OVER person AS most, min(due_on) FILTER (WHERE live) OVER person AS first
      FROM told WINDOW person AS (PARTITION BY worker_id)) r
JOIN people p USING (worker_id) LEFT JOIN followed s USING (worker_id)
ORDER BY r.most DESC NULLS LAST, r.first, p.name_key, p.worker_id, r.urgency DESC, r.due_on, r.reason, r.detail
"""


@dataclass(frozen=True)
class More:
    """Reasons of a domain above this one: a SELECT of (worker_id, code, subject, urgency, due_on, detail) over `people`, and
    how one is said, from its due day, its detail and today."""

    sql: str
    say: Callable[[date, str, date], str]


MORE: dict[str, More] = {}  # by code, declared when the domains start

RIGHTS = {"right_late", "right_ends"}
# Papers for HR: they wait on the board of deadlines, not on the counsellor's list.
FORMAL = ["CONTRACT_UNSIGNED", "WEEKLY_HOURS_MIN", "CDDI_MIN"]


@dataclass(frozen=True)
class Reason:
    """One reason to act. `urgency` goes from 1 (to foresee) to 5 (past due).

    `code`, `subject` (the row it comes from, 0 for the pathway) and `due_on` name the fact. `back_on` is the day it comes
    back when it is put off, else None. `act_on` is the row to act upon: of a right that ends, its renewal when there is one; 0 for one that
    the reader may not know.
    """

    code: str
    urgency: int
    due_on: date
    text: str
    subject: int = 0
    snooze_id: int | None = None
    back_on: date | None = None
    act_on: int = 0


@dataclass(frozen=True)
class Person:
    worker_id: int
    pathway_id: int
    name: str
    structure: str
    phase: str
    last_seen_on: date | None
    reasons: list[Reason] = field(default_factory=list)
    put_off: list[Reason] = field(default_factory=list)

    @property
    def urgency(self) -> int:
        return max((reason.urgency for reason in self.reasons), default=1)


@dataclass(frozen=True)
class Day:
    """`people` need someone now, the most urgent first; `waiting` are those all of whose reasons are put off."""

    people: list[Person]
    waiting: list[Person]


def the_day(
    *,
    organisations: Iterable[int],
    today: date,
    counsellor: User | None = None,
    reader: User | None = None,
    trusted: Iterable[int] = (),
    worker_id: int | None = None,
    also: Iterable[int] = (),
) -> Day:
    """Who needs someone in these organisations. One query, whatever their number.

    `counsellor` limits to the people she follows or has an appointment with, and to those of `also`; `worker_id` to one
    person. What follow-ups say about health or justice, and which rights speak of health or of the right to stay, is told where
    `trusted` holds the organisation, and to `reader` when she wrote it.
    """
    law = law_on(today)
    midnight = datetime.combine(today, time(), timezone.get_default_timezone())
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT.replace("{right}", _RIGHT).replace(
                "{more}", "\n".join(f"UNION ALL {more.sql}" for more in MORE.values())
            ),
            {
                "today": today,
                "organisations": list(organisations),
                "trusted": list(trusted),
                "reader": reader.pk if reader else None,
                "sensitive": codes("theme", sensitive=True),
                "reserved": sensitive_rights(),
                "counsellor": counsellor.pk if counsellor else None,
                "worker": worker_id,
                "also": list(also),
                "silence": law.whole("follow_up.silence_days"),
                "review": law.whole("plan.review_days"),
                "right_soon": today + timedelta(days=law.whole("right.ends_soon_days")),
                "asked_from": today - timedelta(days=law.whole("exit.asked_days")),
                "past_due": law.whole("snooze.past_due_days"),
                "midnight": midnight,
                "tomorrow": datetime.combine(today + timedelta(days=1), time(), timezone.get_default_timezone()),
                "noted_from": midnight - timedelta(days=law.whole("appointment.to_note_days")),
                "zone": timezone.get_default_timezone_name(),
                "formal": FORMAL,
            },
        )
        rows = cursor.fetchall()
    day = Day([], [])
    for _worker_id, group in groupby(rows, key=lambda row: row[0]):
        lines = list(group)
        worker_id, pathway_id, first, last, structure, phase, seen = lines[0][:7]
        person = Person(worker_id, pathway_id, f"{first} {last}", structure, label("pathway_phase", phase), seen)
        for code, subject, urgency, due, detail, snooze_id, back_on, live in (line[7:] for line in lines):
            text = _say(code, due, detail, today, seen)
            act_on = _acted_on(detail) if code in RIGHTS else subject
            reason = Reason(code, urgency, due, text, subject, snooze_id, None if live else back_on, act_on)
            (person.reasons if live else person.put_off).append(reason)
        (day.people if person.reasons else day.waiting).append(person)
    return day


def _acted_on(detail: str) -> int:
    right, step, _renewal = json.loads(detail)
    return int(step) if right else 0


def _say(code: str, due_on: date, detail: str, today: date, seen: date | None) -> str:
    if code in MORE:
        return MORE[code].say(due_on, detail, today)
    day: dict[str, Any] = {"day": f"{due_on:%d/%m/%Y}", "what": detail}
    if code == "silence":
        if seen is None:
            return _("Aucun suivi depuis l'entrée dans le parcours")
        days = (today - seen).days
        return ngettext("Pas de suivi depuis %(n)s jour", "Pas de suivi depuis %(n)s jours", days) % {"n": days}
    if code == "next_step":
        what = opened(detail, "follow_up.next_step") or _("Étape prévue")
        if due_on == today:
            return _("%(what)s : prévu pour aujourd'hui") % {"what": what}
        return _("%(what)s : prévu pour le %(day)s") % {**day, "what": what}
    if code == "plan":
        return _("Bilan du plan à refaire depuis le %(day)s") % day
    if code in RIGHTS:
        right, _id, renewal = json.loads(detail)
        day["what"] = named(right)
        if code == "right_late":
            return _("%(what)s : démarche à faire avant le %(day)s") % day
        if due_on < today:
            return _("%(what)s : droit expiré le %(day)s") % day
        if renewal in {"requested", "appealed"}:
            return _("%(what)s : renouvellement demandé, droit ouvert jusqu'au %(day)s") % day
        return _("%(what)s : à renouveler avant le %(day)s") % day
    if code in {"appointment", "to_note"}:
        kind, hour, place = json.loads(detail)
        day |= {"what": label("follow_up_kind", kind), "hour": hour}
        if code == "to_note":
            return _("%(what)s du %(day)s : à noter") % day
        return _("%(what)s aujourd'hui à %(hour)s") % day + (f", {place}" if place else "")
    if code == "exit_call":
        day["what"] = ExitCall.Months(int(detail)).label
        return _("Nouvelles à prendre %(what)s après la sortie (vers le %(day)s)") % day
    return _("%(what)s : %(day)s") % {**day, "what": _(night_rules()[detail].title)}
