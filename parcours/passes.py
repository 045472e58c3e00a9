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
from audit.saving import saved
from law import law_on
from law.dates import add_months, last_day
from law.nomenclature import codes, nomenclatures
from law.pass_iae import prolongation_remaining, suspension_last_day
from parcours.models import PassIAE, PassProlongation, PassSuspension, Worker

DAY = timedelta(days=1)


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


def _refuse_length(started_on: date, ended_on: date, longest: date) -> None:
    if ended_on < started_on:
        raise ValidationError({"ended_on": _("La fin de la suspension précède son début.")})
    if ended_on > longest:
        raise ValidationError(
            {"ended_on": _("Une suspension finit au plus tard le %(day)s (36 mois).") % {"day": f"{longest:%d/%m/%Y}"}}
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
    if reason not in codes("pass_suspension_reason", current=True):
        raise ValidationError({"reason": _("Ce motif n'est plus accepté : choisissez-en un de la liste.")})
    if started_on > today:
        raise ValidationError({"started_on": _("Une suspension se déclare une fois commencée, pas à l'avance.")})
    if (today - started_on).days > law.whole("suspension.retroactivity_days"):
        raise ValidationError(
            {
                "started_on": _("Une suspension se déclare au plus tard %(n)s jours après son début.")
                % {"n": law.whole("suspension.retroactivity_days")}
            }
        )
    if not pass_iae.started_on <= started_on <= pass_iae.ended_on:
        raise ValidationError(
            {
                "started_on": _("Le PASS IAE va du %(start)s au %(end)s : il ne se suspend qu'entre ces jours.")
                % {"start": f"{pass_iae.started_on:%d/%m/%Y}", "end": f"{pass_iae.ended_on:%d/%m/%Y}"}
            }
        )
    hired_on = pass_iae.worker.contracts.filter(
        kind__in=codes("contract_kind", insertion=True), started_on__lte=today
    ).aggregate(day=Max("started_on"))["day"]
    if hired_on is not None and started_on < hired_on:
        raise ValidationError(
            {
                "started_on": _("La dernière embauche est du %(day)s : la suspension ne peut commencer avant.")
                % {"day": f"{hired_on:%d/%m/%Y}"}
            }
        )
    longest = suspension_last_day(started_on, law)
    last = ended_on or longest
    _refuse_length(started_on, last, longest)
    row = saved(PassSuspension(pass_iae=pass_iae, started_on=started_on, ended_on=last, reason=reason, note=note))
    _move_end(pass_iae, row.days)
    return row


@transaction.atomic
def move_suspension_end(*, by: User, suspension: PassSuspension, ended_on: date) -> PassSuspension:
    """End a suspension another day; the PASS follows. Raises ValidationError when it would be too long or end before it starts."""
    pass_iae = _locked(suspension.pass_iae)
    suspension = PassSuspension.objects.get(pk=suspension.pk)
    longest = suspension_last_day(suspension.started_on, law_on(suspension.started_on))
    _refuse_length(suspension.started_on, ended_on, longest)
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
    """Raise ValidationError, with the article, when a prolongation may not be asked today (domain.md §1.12)."""
    law = law_on(today)
    entry = next((one for one in nomenclatures()["prolongation_reason"] if one["code"] == reason), None)
    if entry is None:
        raise ValidationError({"reason": _("Choisissez un motif de la liste.")})
    article = entry["article"]
    kind = pass_iae.worker.organisation.kind
    if kind not in entry["structures"]:
        raise ValidationError(
            {
                "reason": _("Ce motif n'est pas ouvert à une structure %(kind)s (%(article)s).")
                % {"kind": kind, "article": article}
            }
        )
    cumulative = f"prolongation.{reason}.cumulative_days"
    if reason == "health_context" and not law.knows(cumulative):
        raise ValidationError({"reason": _("Ce motif n'est plus accepté depuis le 01/12/2021.")})
    if PassIAE.objects.filter(worker=pass_iae.worker_id, ended_on__gt=pass_iae.ended_on).exists():
        raise ValidationError(_("Seul le dernier PASS IAE de la personne se prolonge."))
    if pass_iae.suspensions.filter(started_on__lte=today, ended_on__gte=today).exists():
        raise ValidationError(_("Le PASS IAE est suspendu : il se prolonge une fois la suspension finie."))
    opens = add_months(pass_iae.ended_on, -law.whole("prolongation.opens_months_before_end"))
    closes = add_months(pass_iae.ended_on, law.whole("prolongation.closes_months_after_end"))
    if not opens <= today <= closes:
        raise ValidationError(
            _("Une prolongation de ce PASS IAE se demande du %(opens)s au %(closes)s.")
            % {"opens": f"{opens:%d/%m/%Y}", "closes": f"{closes:%d/%m/%Y}"}
        )
    per_request = f"prolongation.{reason}.per_request_days"
    most = law.whole(per_request if law.knows(per_request) else "prolongation.per_request_days")
    if not 1 <= days <= most:
        raise ValidationError(
            {"days": _("Une demande compte de 1 à %(most)s jours (%(article)s).") % {"most": most, "article": article}}
        )
    accepted = pass_iae.prolongations.filter(state=PassProlongation.State.ACCEPTED)
    used = sum(one.days for one in accepted)
    if law.knows(cumulative):
        left = prolongation_remaining(reason, used, law)
        if days > left:
            raise ValidationError(
                {
                    "days": _(
                        "Il reste %(left)s jours de prolongation possibles pour ce motif : %(used)s sont déjà pris (%(article)s)."
                    )
                    % {"left": left, "used": used, "article": article}
                }
            )
    total = f"prolongation.{reason}.total_months"
    if law.knows(total):
        suspended = sum(one.days for one in pass_iae.suspensions.all())
        end = last_day(pass_iae.started_on, law.whole(total)) + timedelta(days=suspended)
        if pass_iae.ended_on + timedelta(days=days) > end:
            raise ValidationError(
                {
                    "days": _("Le parcours ne peut aller au-delà du %(day)s : %(months)s mois en tout (%(article)s).")
                    % {"day": f"{end:%d/%m/%Y}", "months": law.whole(total), "article": article}
                }
            )
    _refuse_wrong_public(pass_iae.worker, reason, pass_iae.ended_on, article)


def _refuse_wrong_public(worker: Worker, reason: str, day: date, article: str) -> None:
    """What is known of the person contradicts the reason; what is unknown contradicts nothing."""
    born = worker.birth_date
    age = None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if reason == "rqth" and worker.disabled_worker is False:
        raise ValidationError(
            {"reason": _("La fiche de la personne dit qu'elle n'a pas de RQTH (%(article)s).") % {"article": article}}
        )
    if reason == "senior" and age is not None and age < 50:
        raise ValidationError(
            {"reason": _("La personne n'aura pas 50 ans à la fin du PASS IAE (%(article)s).") % {"article": article}}
        )
    if reason == "senior_cdi" and not worker.contracts.filter(kind="PERMANENT_I", ended_on__isnull=True).exists():
        raise ValidationError(
            {"reason": _("Aucun CDI inclusion en cours n'est enregistré (%(article)s).") % {"article": article}}
        )
