"""How long files stay: the rules (`retention.yaml`), the files past their term, what keeps one longer.

The whole file goes when the last of its terms is past: an accompaniment and the contracts it led to are one life.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.history import because
from audit.saving import saved
from law.dates import add_months
from parcours.models import Worker
from privacy.models import Keeping, Term


@dataclass(frozen=True)
class Rule:
    """A duration of retention in force on a day, and where it comes from."""

    code: str
    label: str
    counted_from: str
    obligation: bool
    months: int
    source: str
    confirmed: bool


@cache
def _written() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "retention.yaml").read_text(encoding="utf-8"))
    return read


def rules(on: date) -> dict[str, Rule]:
    """The rules in force on a day, by code."""
    found = {}
    for said in _written()["rules"]:
        value = [value for value in said["values"] if value["since"] <= on][-1]
        found[said["code"]] = Rule(
            said["code"], said["label"], said["from"], said["obligation"],
            value["months"], value["source"], value["confirmed"],
        )  # fmt: skip
    return found


@cache
def register() -> tuple[dict[str, str], ...]:
    """The register of processing (`register.yaml`): what is done with people's data, on what ground, for how long."""
    return tuple(yaml.safe_load((Path(__file__).parent / "register.yaml").read_text(encoding="utf-8")))


def grace() -> timedelta:
    return timedelta(days=_written()["grace_days"])


def consultations_rule() -> dict[str, Any]:
    """How long the traces of those who work here are kept (`privacy.traces`)."""
    return dict(_written()["consultations"])


# Each person who is no longer here: her last contact, the end of her last contract, and when each term is reached.
_GONE = """
    SELECT id, last_contact, contract_end FROM (
        SELECT w.id,
            COALESCE(GREATEST(
                (SELECT max(GREATEST(p.started_on, p.ended_on)) FROM parcours_pathway p WHERE p.worker_id = w.id),
                (SELECT max(f.held_on) FROM parcours_followup f JOIN parcours_pathway p ON p.id = f.pathway_id
                 WHERE p.worker_id = w.id AND f.cancelled_at IS NULL),
                (SELECT max(c.answered_on) FROM parcours_exitcall c JOIN parcours_exit e ON e.id = c.exit_id
                 JOIN parcours_pathway p ON p.id = e.pathway_id WHERE p.worker_id = w.id),
                (SELECT max(a.starts_at)::date FROM agenda_appointment a WHERE a.worker_id = w.id AND a.cancelled_at IS NULL)
            ), w.created_at::date) AS last_contact,
            (SELECT max(COALESCE(c.ended_on, c.planned_end_on, 'infinity')) FROM contracts_contract c
             WHERE c.worker_id = w.id) AS contract_end
        FROM parcours_worker w
        WHERE (%(worker)s::bigint IS NULL OR w.id = %(worker)s)
          AND NOT EXISTS (SELECT 1 FROM parcours_pathway p WHERE p.worker_id = w.id AND p.ended_on IS NULL)
    ) life WHERE contract_end IS NULL OR contract_end < %(day)s"""

_DUE = f"""
    WITH gone AS ({_GONE}), terms AS (
        SELECT id, 'accompaniment' AS rule, (last_contact + make_interval(months => %(accompaniment)s))::date AS reached_on
        FROM gone
        UNION ALL
        SELECT id, 'employment', (contract_end + make_interval(months => %(employment)s))::date
        FROM gone WHERE contract_end IS NOT NULL
    ), last AS (
        SELECT DISTINCT ON (id) id, rule, reached_on FROM terms ORDER BY id, reached_on DESC, rule
    )
    SELECT id, rule, reached_on FROM last WHERE reached_on <= %(day)s
      AND NOT EXISTS (SELECT 1 FROM privacy_keeping k
                      WHERE k.worker_id = last.id AND %(day)s BETWEEN k.since AND k.until)"""  # noqa: S608 - constants

_TELL = f"""
    WITH due AS ({_DUE}), back AS (
        DELETE FROM privacy_term WHERE worker_id NOT IN (SELECT id FROM due)
    )
    INSERT INTO privacy_term (worker_id, rule, reached_on, told_on, erase_on)
    SELECT id, rule, reached_on, %(day)s::date, %(day)s::date + %(grace)s FROM due
    ON CONFLICT (worker_id) DO NOTHING
    RETURNING worker_id"""  # noqa: S608 - constants


@transaction.atomic
def tell(day: date) -> list[int]:
    """Note the files that reach their term, and drop those whose term moved or that are kept. Who is new: their numbers.

    One statement, however many people; run again, it notes nobody new.
    """
    known = rules(day)
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            {"day": day, "worker": None, "grace": grace().days, **{code: rule.months for code, rule in known.items()}},
        )
        return [row[0] for row in cursor.fetchall()]


def obligations(worker: Worker, today: date) -> list[tuple[Rule, date]]:
    """What the law still makes the employer keep of a person who has left, and until when."""
    with connection.cursor() as cursor:
        cursor.execute(_GONE, {"worker": worker.pk, "day": today})
        found = cursor.fetchone()
    if found is None:
        return []
    ends = {"last_contact": found[1], "contract_end": found[2]}
    kept = []
    for rule in rules(today).values():
        start = ends[rule.counted_from]
        if rule.obligation and start and (until := add_months(start, rule.months)) > today:
            kept.append((rule, until))
    return kept


def keep_file(*, by: User, worker: Worker, reason: str, until: date, today: date) -> Keeping:
    """Keep a file past its term, until a day, and say why. Its notice is withdrawn. Raises ValidationError."""
    if until <= today:
        raise ValidationError({"until": _("Cette date est passée : dites jusqu'à quand garder le dossier.")})
    with transaction.atomic(), because(_("conservation décidée"), user=by.pk):
        row = saved(Keeping(worker=worker, reason=reason.strip(), since=today, until=until, decided_by=by))
        Term.objects.filter(worker=worker).delete()
    return row


def stop_keeping(*, by: User, keeping: Keeping, today: date) -> Keeping:
    """Keep a file no longer: it is told again, with its grace, if its term is past."""
    keeping.until = max(keeping.since, today - timedelta(days=1))
    with transaction.atomic(), because(_("conservation levée"), user=by.pk):
        return saved(keeping)


def kept(worker: Worker, today: date) -> Keeping | None:
    """What keeps a file today."""
    return Keeping.objects.filter(worker=worker, since__lte=today, until__gte=today).first()
