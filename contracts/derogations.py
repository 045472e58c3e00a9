"""Derogations: who lifted which limit of the law, for whom, for which days."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import saved
from contracts import flags
from contracts.models import Derogation
from law import law_on
from law.dates import add_months, last_day
from law.nomenclature import codes, nomenclatures
from parcours.models import Worker


def article_of(kind: str) -> str:
    """The article a kind of derogation rests on; empty for an unknown kind."""
    return next((str(one["article"]) for one in nomenclatures()["derogation_kind"] if one["code"] == kind), "")


def in_force(worker: Worker, day: date, *, lifts: str) -> QuerySet[Derogation]:
    """The derogations that lift a limit (ceiling, weekly_hours, private_hours) for a person on a day. One query."""
    theirs = Q(worker=worker) | Q(worker__isnull=True, organisation=worker.organisation_id)
    return Derogation.objects.filter(
        theirs, kind__in=codes("derogation_kind", lifts=lifts), started_on__lte=day, ended_on__gte=day
    )


@transaction.atomic
def record_derogation(
    *,
    by: User,
    kind: str,
    started_on: date,
    ended_on: date,
    today: date,
    worker: Worker | None = None,
    organisation: Organisation | None = None,
    **fields: object,
) -> Derogation:
    """Keep a derogation, for a person or for a structure. The flags of the person follow at once,
    those of a structure with the night.

    Raises ValidationError, with the article, when the kind is not open to the structure, lasts too long, or (cumul of two
    jobs) comes before the fourth month of the pathway.
    """
    structure = worker.organisation if worker else organisation
    if structure is None:
        raise ValidationError(_("Dites pour quelle personne ou quelle structure."))
    entry = next((one for one in nomenclatures()["derogation_kind"] if one["code"] == kind), None)
    if entry is None:
        raise ValidationError({"kind": _("Choisissez une dérogation de la liste.")})
    article = entry["article"]
    if entry["structures"] and structure.kind not in entry["structures"]:
        raise ValidationError(
            {
                "kind": _("Cette dérogation n'est pas ouverte à une structure %(kind)s (%(article)s).")
                % {"kind": structure.kind, "article": article}
            }
        )
    law = law_on(started_on)
    most = law.whole(entry["most"]) if "most" in entry and law.knows(entry["most"]) else None
    if kind == "ai_480_hours":
        most = 12 * law.whole("ai.derogation_max_years")
    if most is not None and ended_on > last_day(started_on, most):
        raise ValidationError(
            {
                "ended_on": _("Cette dérogation dure au plus %(months)s mois : jusqu'au %(day)s (%(article)s).")
                % {"months": most, "day": f"{last_day(started_on, most):%d/%m/%Y}", "article": article}
            }
        )
    if kind == "hours_cumulation" and worker is not None:
        _after_four_months(worker, started_on, law.whole("derog.cumul.min_months_in_pathway"), article)
    row = saved(
        Derogation(organisation=structure, worker=worker, kind=kind, started_on=started_on, ended_on=ended_on, **fields)
    )
    if worker is not None:
        flags.refresh(today, worker_id=worker.pk)
    return row


def _after_four_months(worker: Worker, day: date, months: int, article: str) -> None:
    pathway = worker.pathways.filter(started_on__lte=day).first()
    if pathway is not None and day < add_months(pathway.started_on, months):
        earliest = add_months(pathway.started_on, months)
        raise ValidationError(
            {
                "started_on": _(
                    "Possible à partir du %(day)s : %(months)s mois après l'entrée dans le parcours (%(article)s)."
                )
                % {"day": f"{earliest:%d/%m/%Y}", "months": months, "article": article}
            }
        )
