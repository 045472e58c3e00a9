"""Verbs on the PASS IAE: what moves its end, and how many days are left.

`PassIAE.ended_on` counts everything recorded here, so a verb moves it by exactly the days it adds or takes back: a
suspended day is given back at the end, an accepted prolongation adds its days. Rules: R5132-1-3 and R5132-1-8 CT, and
the practice of the State's platform where the law is silent (law/parameters/pass_iae.yaml).
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import refuse_forbidden, saved
from law import law_on
from law.facts import ContractFacts, PassFacts, PersonFacts, Prolongation, Span, StructureFacts
from law.nomenclature import codes
from law.pass_iae import prolongation_findings, suspension_findings, suspension_last_day, suspension_length
from parcours.models import PassIAE, PassProlongation, PassSuspension, Worker

DAY = timedelta(days=1)
FIELDS = {  # the field of a form that each refusal of the law is about
    "SUSPENSION_EMPTY": "ended_on",
    "SUSPENSION_TOO_LONG": "ended_on",
    "SUSPENSION_REASON": "reason",
    "SUSPENSION_FUTURE": "started_on",
    "SUSPENSION_LATE": "started_on",
    "SUSPENSION_BEFORE_HIRE": "started_on",
    "SUSPENSION_OUTSIDE_PASS": "started_on",
    "PROLONGATION_REASON": "reason",
    "PROLONGATION_STRUCTURE": "reason",
    "PROLONGATION_PERSON": "reason",
    "PROLONGATION_REQUEST": "days",
    "PROLONGATION_CUMULATIVE": "days",
    "PROLONGATION_TOTAL": "days",
}


def _locked(pass_iae: PassIAE) -> PassIAE:
    """The PASS as it is now, kept from other writers until the transaction ends."""
    return PassIAE.objects.select_for_update().select_related("worker__organisation").get(pk=pass_iae.pk)


def _move_end(pass_iae: PassIAE, days: int) -> None:
    if days:
        pass_iae.ended_on += timedelta(days=days)
        saved(pass_iae)


def remaining_days(pass_iae: PassIAE, suspensions: Iterable[PassSuspension], today: date) -> int:
    """Days of the PASS still to live from today on, today included: those before its end that are not suspended."""
    start = max(pass_iae.started_on, today)
    left = max(0, (pass_iae.ended_on - start).days + 1)
    stopped = sum(
        max(0, (min(one.ended_on, pass_iae.ended_on) - max(one.started_on, start)).days + 1) for one in suspensions
    )
    return left - stopped


def pass_facts(pass_iae: PassIAE) -> PassFacts:
    """The PASS as the rules need it, with its suspensions, its granted prolongations and whether one waits."""
    prolongations = list(pass_iae.prolongations.all())
    return PassFacts(
        number=pass_iae.number,
        started_on=pass_iae.started_on,
        suspensions=tuple(Span(one.started_on, one.ended_on) for one in pass_iae.suspensions.all()),
        prolongations=tuple(
            Prolongation(one.reason, one.days) for one in prolongations if one.state == PassProlongation.State.ACCEPTED
        ),
        known_end_on=pass_iae.ended_on,
        pending=any(one.state == PassProlongation.State.REQUESTED for one in prolongations),
    )


@transaction.atomic
def suspend_pass(
    *,
    by: User,
    pass_iae: PassIAE,
    started_on: date,
    reason: str,
    today: date,
    ended_on: date | None = None,
    note: str = "",
) -> PassSuspension:
    """Suspend a PASS; without end, for the longest the platform allows, until a new hire ends it.

    Raises ValidationError when the reason is no longer given, the start is in the future, too old, outside the PASS or
    before the last hire, or the suspension too long.
    """
    pass_iae, law = _locked(pass_iae), law_on(started_on)
    hired_on = pass_iae.worker.contracts.filter(
        kind__in=codes("contract_kind", insertion=True), started_on__lte=today
    ).aggregate(day=Max("started_on"))["day"]
    found = suspension_findings(pass_facts(pass_iae), started_on, ended_on, reason, today, law, hired_on)
    refuse_forbidden(found, FIELDS)
    last = ended_on or suspension_last_day(started_on, law)
    row = saved(PassSuspension(pass_iae=pass_iae, started_on=started_on, ended_on=last, reason=reason, note=note))
    _move_end(pass_iae, row.days)
    return row


@transaction.atomic
def move_suspension_end(*, by: User, suspension: PassSuspension, ended_on: date) -> PassSuspension:
    """End a suspension another day; the PASS follows. Raises ValidationError when it would be too long or end before it starts."""
    pass_iae = _locked(suspension.pass_iae)
    suspension = PassSuspension.objects.get(pk=suspension.pk)
    law = law_on(suspension.started_on)
    refuse_forbidden(suspension_length(suspension.started_on, ended_on, law), FIELDS)
    before, suspension.ended_on = suspension.days, ended_on
    saved(suspension)
    _move_end(pass_iae, suspension.days - before)
    return suspension


@transaction.atomic
def cancel_suspension(*, by: User, suspension: PassSuspension) -> PassIAE:
    """Take back a suspension declared by mistake; the PASS ends as if it had never been. Its history is kept."""
    pass_iae = _locked(suspension.pass_iae)
    suspension = PassSuspension.objects.get(pk=suspension.pk)
    days = suspension.days
    suspension.delete()
    _move_end(pass_iae, -days)
    return pass_iae


@transaction.atomic
def resume_at_hire(*, worker: Worker, started_on: date) -> PassSuspension | None:
    """End the suspension a new hire falls in, on its eve (R5132-1-10 CT): nobody has to remember it.

    Returns the suspension ended, or None. A hire on the very first suspended day takes the suspension back.
    """
    row = (
        PassSuspension.objects.filter(pass_iae__worker=worker, started_on__lte=started_on, ended_on__gte=started_on)
        .select_related("pass_iae")
        .first()
    )
    if row is None:
        return None
    pass_iae, before = _locked(row.pass_iae), row.days
    if row.started_on == started_on:
        row.delete()
        _move_end(pass_iae, -before)
        return row
    row.ended_on = started_on - DAY
    saved(row)
    _move_end(pass_iae, row.days - before)
    return row


@transaction.atomic
def request_prolongation(
    *,
    by: User,
    pass_iae: PassIAE,
    reason: str,
    days: int,
    today: date,
    report: str = "",
    prescriber: str = "",
) -> PassProlongation:
    """Ask for more days. A reason that no prescriber judges is granted at once; the others wait for an answer.

    Raises ValidationError with the article when the law or the platform refuses it.
    """
    pass_iae = _locked(pass_iae)
    refuse_prolongation_beyond_limits(pass_iae=pass_iae, reason=reason, days=days, today=today)
    judged = reason in codes("prolongation_reason", prescriber=True)
    if judged and not report.strip():
        raise ValidationError(
            {"report": _("Le prescripteur décide sur un bilan : dites ce qui a été fait et pourquoi.")}
        )
    row = saved(
        PassProlongation(
            pass_iae=pass_iae,
            reason=reason,
            from_on=pass_iae.ended_on,
            days=days,
            report=report,
            prescriber=prescriber,
            requested_on=today,
            requested_by=by,
        )
    )
    return row if judged else _accepted(row, pass_iae, today)


def _accepted(row: PassProlongation, pass_iae: PassIAE, decided_on: date) -> PassProlongation:
    row.state, row.decided_on = PassProlongation.State.ACCEPTED, decided_on
    saved(row)
    _move_end(pass_iae, row.days)
    return row


def _awaited(prolongation: PassProlongation, decided_on: date) -> tuple[PassProlongation, PassIAE]:
    pass_iae = _locked(prolongation.pass_iae)
    row = PassProlongation.objects.get(pk=prolongation.pk)
    if row.state != PassProlongation.State.REQUESTED:
        raise ValidationError(_("Cette demande a déjà sa réponse."))
    if decided_on < row.requested_on:
        raise ValidationError({"decided_on": _("La réponse ne précède pas la demande.")})
    return row, pass_iae


@transaction.atomic
def accept_prolongation(
    *, by: User, prolongation: PassProlongation, decided_on: date, prescriber: str = ""
) -> PassProlongation:
    """Record that the prescriber granted it: the PASS ends as many days later."""
    row, pass_iae = _awaited(prolongation, decided_on)
    row.prescriber = prescriber or row.prescriber
    if not row.prescriber:
        raise ValidationError({"prescriber": _("Nommez le prescripteur qui a répondu.")})
    return _accepted(row, pass_iae, decided_on)


@transaction.atomic
def refuse_prolongation(
    *, by: User, prolongation: PassProlongation, decided_on: date, refusal_reason: str, refusal_note: str = ""
) -> PassProlongation:
    """Record that the prescriber refused, why, and what is proposed instead (a refusal is reasoned, R5132-1-8 CT)."""
    row, _pass = _awaited(prolongation, decided_on)
    if not refusal_reason:
        raise ValidationError({"refusal_reason": _("Un refus est motivé (R5132-1-8 CT) : choisissez le motif.")})
    row.state, row.decided_on = PassProlongation.State.REFUSED, decided_on
    row.refusal_reason, row.refusal_note = refusal_reason, refusal_note
    return saved(row)


def refuse_prolongation_beyond_limits(*, pass_iae: PassIAE, reason: str, days: int, today: date) -> None:
    """Raise ValidationError, with the article, when a prolongation may not be asked today (R5132-1-8 CT)."""
    if PassIAE.objects.filter(worker=pass_iae.worker_id, ended_on__gt=pass_iae.ended_on).exists():
        raise ValidationError(_("Seul le dernier PASS IAE de la personne se prolonge."))
    worker = pass_iae.worker
    person = PersonFacts(
        structure=StructureFacts(worker.organisation.kind),
        birth_date=worker.birth_date,
        disabled_worker=worker.disabled_worker,
        contracts=tuple(
            ContractFacts("PERMANENT_I", one.started_on)
            for one in worker.contracts.filter(kind="PERMANENT_I", ended_on__isnull=True)
        ),
    )
    found = prolongation_findings(pass_facts(pass_iae), reason, days, today, person, law_on(today))
    refuse_forbidden(found, FIELDS)
