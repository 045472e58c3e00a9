"""The life of a person in the structure: facts of every kind in one list, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.access import Principal
from contracts.models import Contract, Decision
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker
from web.openings import reason_for
from web.person_file import PersonFile
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


def moments(worker: Worker, file: PersonFile, reader: Principal, most: int | None) -> list[Moment]:
    """At most `most` moments; all when None. One question, for what may be read of her follow-ups."""
    follow_ups = FollowUp.objects.visible_to(reader).filter(pathway__worker=worker).select_related("author")
    found = [
        *(_followed(row) for row in follow_ups.order_by("-held_on", "-id")[:most]),
        *(moment for row in file.contracts for moment in _contract(row, reader)),
        *(_decided(row) for row in file.decisions),
        *(_pass(one.row) for one in file.passes),
        *(
            Moment(t.started_on, "training", t.title, t.get_result_display() or _("résultat inconnu"))
            for t in file.trainings
        ),
        *(Moment(s.opened_on, "right", s.shown_name, _("droit ouvert")) for s in file.steps if s.opened_on),
        *(moment for row in file.pathways for moment in _pathway(row, file.exits.get(row.pk))),
    ]
    found.sort(key=lambda moment: moment.on, reverse=True)
    return found[:most]


def _followed(f: FollowUp) -> Moment:
    said = [f"{f.minutes} min", str(f.author)]
    if f.outcome != "present":
        said.insert(0, f.get_outcome_display())
    if f.cancelled_at:
        text = _("annulé : %(why)s") % {"why": f.shown_cancel_reason if f.readable else _("contenu réservé")}
    elif not f.readable:
        text = " · ".join([*said, _("contenu réservé")])
    else:
        text = " · ".join(said) + (f" — {f.shown_note}" if f.shown_note else "")
        if f.shown_next_step:
            due = f" ({f.next_due_on:%d/%m/%Y})" if f.next_due_on else ""
            text += _(" → %(step)s") % {"step": f.shown_next_step} + due
    return Moment(f.held_on, "follow_up", f.get_kind_display(), text, follow_up_id=f.pk)


def _contract(c: Contract, reader: Principal) -> Iterator[Moment]:
    end = f"{c.planned_end_on:%d/%m/%Y}" if c.planned_end_on else _("sans terme")
    hours = _("%(n)s h par semaine") % {"n": decimal(c.weekly_hours)} if c.weekly_hours else _("heures inconnues")
    yield Moment(c.started_on, "contract", str(c.get_kind_display() or _("Contrat")), f"→ {end} · {hours}", c.pk)
    if c.ended_on:
        yield Moment(c.ended_on, "contract", _("Fin de contrat"), reason_for(reader, c.get_end_reason_display()), c.pk)


def _decided(d: Decision) -> Moment:
    told = (
        _("personne informée le %(day)s") % {"day": f"{d.notified_on:%d/%m/%Y}"}
        if d.notified_on
        else _("information inconnue")
    )
    return Moment(d.recorded_at.date(), "decision", d.get_kind_display(), f"{d.decided_by} · {told}", d.contract_id)


def _pass(p: PassIAE) -> Moment:
    until = _("valable jusqu'au %(day)s") % {"day": f"{p.ended_on:%d/%m/%Y}"}
    return Moment(p.started_on, "pass", f"PASS IAE {p}", until)


def _pathway(pathway: Pathway, left: Exit | None) -> Iterator[Moment]:
    yield Moment(pathway.started_on, "pathway", _("Entrée dans le parcours"))
    if pathway.ended_on:
        outcome = left.get_outcome_display() if left and left.outcome else _("situation inconnue")
        yield Moment(pathway.ended_on, "pathway", _("Sortie du parcours"), outcome)
