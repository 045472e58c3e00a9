# ruff: noqa: S608 - the statements are made of constants of this module; every value is a parameter
"""Telling facts: each open flag becomes a notice to the people it concerns, once at each threshold.

What was told is a row, unique by person, flag, severity and rung: run twice, in parallel or after missed nights, a fact
is told once, at the threshold it has reached. A flag that is closed (decided, or the person was hired again) is told to
nobody any more.
"""

import json
from datetime import date, timedelta

from django.db import connection, transaction

from accounts.roles import Permission, Role, roles_with
from contracts.models import Flag

# Who is told, besides the person's own counsellor who is told everything: each role from which severity on.
FROM_SEVERITY = {Role.HR: Flag.Severity.INFO, Role.DIRECTOR: Flag.Severity.OVERDUE}
KEPT_DAYS = 8  # what was not sent within a week is no news
LOCK = 480_031  # one telling at a time; the second waits and then finds nothing to tell

_TELL = """
    WITH members AS (
        SELECT o.id AS organisation_id, m.user_id, m.role, COALESCE(p.least_severity, 1) AS least
        FROM accounts_organisation o
        JOIN accounts_membership m ON m.organisation_id IN (o.id, o.group_id)
             AND m.started_on <= %(day)s AND (m.ended_on IS NULL OR m.ended_on >= %(day)s) AND m.role = ANY(%(seeing)s)
        JOIN accounts_user u ON u.id = m.user_id AND u.is_active
        LEFT JOIN notifications_preference p ON p.user_id = u.id
    ), concerned AS (
        SELECT f.id AS flag_id, f.organisation_id, f.severity, f.rung, m.user_id, m.least
        FROM contracts_flag f
        JOIN parcours_worker w ON w.id = f.worker_id
        JOIN members m ON m.organisation_id = f.organisation_id
        WHERE f.closed_on IS NULL
          AND (m.user_id = w.counsellor_id OR f.severity >= (%(from_severity)s::jsonb ->> m.role)::int)
    ), orphans AS (
        SELECT f.id AS flag_id, f.organisation_id, f.severity, f.rung, m.user_id, m.least
        FROM contracts_flag f JOIN members m ON m.organisation_id = f.organisation_id AND m.role = %(director)s
        WHERE f.closed_on IS NULL AND NOT EXISTS (SELECT 1 FROM concerned c WHERE c.flag_id = f.id)
    ), told AS (
        INSERT INTO notifications_notice (recipient_id, organisation_id, flag_id, severity, rung, told_on)
        SELECT DISTINCT user_id, organisation_id, flag_id, severity, rung, %(day)s::date
        FROM (SELECT * FROM concerned UNION ALL SELECT * FROM orphans) c WHERE severity >= least
        ON CONFLICT DO NOTHING RETURNING 1
    ) SELECT count(*) FROM told"""

# What was told and not yet sent, of a flag `f` still open.
_WAITING = """n.digest_id IS NULL AND n.read_at IS NULL AND n.told_on BETWEEN %(since)s AND %(day)s
      AND f.id = n.flag_id AND f.closed_on IS NULL"""

_MESSAGES = f"""
    WITH made AS (
        INSERT INTO notifications_digest (recipient_id, organisation_id, day)
        SELECT DISTINCT n.recipient_id, CASE WHEN p.by_structure THEN n.organisation_id END, %(day)s::date
        FROM notifications_notice n CROSS JOIN contracts_flag f
        JOIN accounts_user u ON u.id = n.recipient_id AND u.is_active
        LEFT JOIN notifications_preference p ON p.user_id = n.recipient_id
        WHERE {_WAITING}
          AND (COALESCE(p.frequency, 'daily') = 'daily'
               OR p.frequency = 'weekly' AND NOT EXISTS (
                   SELECT 1 FROM notifications_digest d
                   WHERE d.recipient_id = n.recipient_id AND d.day >= %(monday)s AND d.day < %(day)s))
        ON CONFLICT DO NOTHING RETURNING id
    ) SELECT id FROM made ORDER BY id"""

_FILL = f"""
    UPDATE notifications_notice n SET digest_id = d.id FROM notifications_digest d, contracts_flag f
    WHERE d.id = ANY(%(made)s) AND d.recipient_id = n.recipient_id
      AND (d.organisation_id IS NULL OR d.organisation_id = n.organisation_id) AND {_WAITING}"""


@transaction.atomic
def tell(day: date) -> int:
    """Write the notices that the open flags of the day call for; how many were new. Two statements, whoever is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(
            _TELL,
            {
                "day": day,
                "seeing": [role.value for role in roles_with(Permission.SEE_CONTRACTS)],
                "from_severity": json.dumps({role.value: int(least) for role, least in FROM_SEVERITY.items()}),
                "director": Role.DIRECTOR.value,
            },
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def gather(day: date) -> list[int]:
    """Put what was told and not yet sent into one message a person (a structure, when she asked so). Ids of messages.

    A person has at most one message a day, or a week: from Monday on, the first night that runs sends it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        monday = day - timedelta(days=day.weekday())
        values = {"day": day, "since": day - timedelta(days=KEPT_DAYS - 1), "monday": monday}
        # Of a first night PostgreSQL knows no count: it would compare each notice with each message.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_MESSAGES, values)
        made = [row[0] for row in cursor.fetchall()]
        cursor.execute(_FILL, {**values, "made": made})
        cursor.execute("SET LOCAL enable_nestloop = on")
        return made
