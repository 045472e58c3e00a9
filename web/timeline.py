"""The life of a person in the structure: facts of every kind in one list, newest first."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.access import Principal
from contracts.models import Decision
from parcours.models import FollowUp, Worker
from rights.models import RightStep
from web.templatetags.components import decimal


@dataclass(frozen=True)
class Moment:
    """One line. `kind` picks the mark at its left; The ids are those of the page it opens."""

    on: date
    kind: str
    title: str
    detail: str = ""
    contract_id: int | None = None
    follow_up_id: int | None = None


def moments(worker: Worker, most: int | None, reader: Principal) -> list[Moment]:
    """At most `most` + 1 moments (the extra one says there are more); all when None. Eight queries, however many facts."""
    limit = None if most is None else most + 1
    found: list[Moment] = []
    for f in (
        FollowUp.objects.visible_to(reader)
        .filter(pathway__worker=worker)
        .select_related("author")
        .order_by("-held_on", "-id")[:limit]
    ):
        said = [f"{f.minutes} min", str(f.author)]
        if f.outcome != "present":
            said.insert(0, f.get_outcome_display())
        if f.cancelled_at:
            text = _("annulé : %(why)s") % {"why": f.cancel_reason}
        elif not f.readable:
            text = " · ".join([*said, _("contenu réservé")])
        else:
            text = " · ".join(said) + (f" — {f.shown_note}" if f.shown_note else "")
            if f.shown_next_step:
                due = f" ({f.next_due_on:%d/%m/%Y})" if f.next_due_on else ""
                text += _(" → %(step)s") % {"step": f.shown_next_step} + due
        found.append(Moment(f.held_on, "follow_up", f.get_kind_display(), text, follow_up_id=f.pk))
    for c in worker.contracts.order_by("-started_on")[:limit]:
        end = f"{c.planned_end_on:%d/%m/%Y}" if c.planned_end_on else _("sans terme")
        hours = _("%(n)s h par semaine") % {"n": decimal(c.weekly_hours)} if c.weekly_hours else _("heures inconnues")
        found.append(
            Moment(c.started_on, "contract", str(c.get_kind_display() or _("Contrat")), f"→ {end} · {hours}", c.pk)
        )
        if c.ended_on:
            found.append(Moment(c.ended_on, "contract", _("Fin de contrat"), c.get_end_reason_display(), c.pk))
    for d in Decision.objects.filter(worker=worker).select_related("decided_by")[:limit]:
        told = (
            _("personne informée le %(day)s") % {"day": f"{d.notified_on:%d/%m/%Y}"}
            if d.notified_on
            else _("information inconnue")
        )
        found.append(
            Moment(d.recorded_at.date(), "decision", d.get_kind_display(), f"{d.decided_by} · {told}", d.contract_id)
        )
    for p in worker.passes.all()[:limit]:
        found.append(
            Moment(
                p.started_on, "pass", f"PASS IAE {p}", _("valable jusqu'au %(day)s") % {"day": f"{p.ended_on:%d/%m/%Y}"}
            )
        )
    for t in worker.trainings.all()[:limit]:
        found.append(Moment(t.started_on, "training", t.title, t.get_result_display() or _("résultat inconnu")))
    for s in RightStep.objects.filter(pathway__worker=worker, opened_on__isnull=False)[:limit]:
        found.append(Moment(s.opened_on or s.triggered_on, "right", s.get_right_display(), _("droit ouvert")))
    for pathway in worker.pathways.select_related("exit"):
        found.append(Moment(pathway.started_on, "pathway", _("Entrée dans le parcours")))
        if pathway.ended_on:
            left = getattr(pathway, "exit", None)
            outcome = left.get_outcome_display() if left and left.outcome else _("situation inconnue")
            found.append(Moment(pathway.ended_on, "pathway", _("Sortie du parcours"), outcome))
    found.sort(key=lambda moment: moment.on, reverse=True)
    return found[:limit]
