"""Verbs on follow-ups: one person or several at once, written once, corrected or cancelled by their author."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.history import because, reserved
from audit.saving import all_saved, not_later, saved
from parcours import attachments
from parcours.models import FollowUp, Pathway, PrivateNote

MOST_PEOPLE = 100
CORRECTABLE = ("kind", "outcome", "held_on", "minutes", "themes", "note", "next_step", "next_due_on")


def record_follow_up(*, by: User, pathway: Pathway, outcome: str = "present", **said: Any) -> FollowUp:
    """Log a follow-up of one person: `record_together` with her alone."""
    return record_together(by=by, attendance=[(pathway, outcome)], **said)[0]


def record_together(
    *,
    by: User,
    attendance: Sequence[tuple[Pathway, str]],
    kind: str,
    held_on: date,
    minutes: int,
    today: date,
    themes: Sequence[str] = (),
    note: str = "",
    private_note: str = "",
    next_step: str = "",
    next_due_on: date | None = None,
    files: Sequence[tuple[str, BinaryIO]] = (),
    sent_once: UUID | None = None,
) -> list[FollowUp]:
    """Log one event in the file of everyone concerned, with the presence of each: a row a pathway, in their order.

    The same `sent_once` key again doubles nothing: it gives the first rows back, corrected when what is sent has changed
    since (a form whose answer was lost is often completed before it is sent again). The cost does not grow with people.

    Raises ValidationError: nobody or too many, a day in the future or before a pathway, files for several people.
    """
    _refuse_what_cannot_be([pathway for pathway, _outcome in attendance], held_on, today)
    if files and len(attendance) > 1:
        raise ValidationError({"files": _("Une pièce jointe va dans le dossier d'une seule personne.")})
    checked = [attachments.examine(name, stream) for name, stream in files]
    said = {"kind": kind, "held_on": held_on, "minutes": minutes, "themes": list(dict.fromkeys(themes)), "note": note,
            "next_step": next_step, "next_due_on": next_due_on}  # fmt: skip
    together = (sent_once or uuid4()) if len(attendance) > 1 else None

    def rows(wanted: Sequence[tuple[Pathway, str]]) -> list[FollowUp]:
        return [
            FollowUp(pathway=pathway, author=by, outcome=outcome, together=together, sent_once=sent_once, **said)
            for pathway, outcome in wanted
        ]

    already = _already(by, attendance, sent_once)
    if not already:
        try:
            with transaction.atomic():
                written = all_saved(rows(attendance))
                _keep_private(written, private_note)
                for file in checked:
                    attachments.keep(by=by, follow_up=written[0], file=file)
                return written
        except ValidationError as refusal:
            # The same form, sent twice at the same moment: the other one won.
            if getattr(refusal, "code", "") != "follow_up_sent_once":
                raise
            already = _already(by, attendance, sent_once)
    with transaction.atomic():
        again = _again(by, attendance, already, rows, {**said, "private_note": private_note, "today": today})
        kept = set(again[0].attachments.values_list("sha256", flat=True)) if checked else set()
        for file in checked:
            if file.sha256 not in kept:
                attachments.keep(by=by, follow_up=again[0], file=file)
    return again


def _refuse_what_cannot_be(pathways: Sequence[Pathway], held_on: date, today: date) -> None:
    if not pathways:
        raise ValidationError({"people": _("Choisissez au moins une personne.")})
    if len(pathways) > MOST_PEOPLE:
        raise ValidationError({"people": _("Pas plus de %(n)s personnes à la fois.") % {"n": MOST_PEOPLE}})
    if len({pathway.pk for pathway in pathways}) < len(pathways):
        raise ValidationError({"people": _("La même personne est choisie deux fois.")})
    not_later("held_on", held_on, today)
    for pathway in pathways:
        if held_on < pathway.started_on:
            said = _("Le parcours a commencé le %(day)s.") % {"day": f"{pathway.started_on:%d/%m/%Y}"}
            raise ValidationError({"held_on": said if len(pathways) == 1 else f"{pathway.worker} : {said}"})


def _already(by: User, attendance: Sequence[tuple[Pathway, str]], key: UUID | None) -> dict[int, FollowUp]:
    """What was written with this key, by pathway."""
    if key is None:
        return {}
    pathways = [pathway.pk for pathway, _outcome in attendance]
    return {f.pathway_id: f for f in FollowUp.objects.filter(sent_once=key, author=by, pathway__in=pathways)}


def _again(
    by: User, attendance: Sequence[tuple[Pathway, str]], already: dict[int, FollowUp], rows: Any, said: dict[str, Any]
) -> list[FollowUp]:
    """The second sending of a form: what it adds is added, what it changes is corrected, the rest is left as it is."""
    reason = _("Envoyé de nouveau après une coupure")
    for pathway, outcome in attendance:
        known = already.get(pathway.pk)
        if known is None:
            already[pathway.pk] = all_saved(rows([(pathway, outcome)]))[0]
            _keep_private([already[pathway.pk]], said["private_note"])
        elif known.cancelled_at is None:
            correct_follow_up(by=by, follow_up=known, reason=reason, outcome=outcome, **said)
    return [already[pathway.pk] for pathway, _outcome in attendance]


def _keep_private(follow_ups: Sequence[FollowUp], text: str) -> None:
    if text:
        all_saved([PrivateNote(follow_up=follow_up, text=text) for follow_up in follow_ups])


@transaction.atomic
def correct_follow_up(
    *, by: User, follow_up: FollowUp, reason: str, today: date, private_note: str | None = None, **changes: Any
) -> FollowUp:
    """Put right what one wrote; what it said before stays in the history with the reason. Unchanged is not corrected.

    `changes` are among `CORRECTABLE`. Raises ValidationError when it is not the author's, or cancelled, or has no reason.
    """
    _refuse_what_is_not_hers(by, follow_up, reason)
    changed = {name: value for name, value in changes.items() if getattr(follow_up, name) != value}
    if unknown := set(changed) - set(CORRECTABLE):
        raise TypeError(f"not correctable: {sorted(unknown)}")
    if "held_on" in changed:
        _refuse_what_cannot_be([follow_up.pathway], changed["held_on"], today)
    with because(reserved(reason), user=by.pk):
        for name, value in changed.items():
            setattr(follow_up, name, value)
        if changed:
            saved(follow_up)
        if private_note is not None:
            _put_right_private(follow_up, private_note)
    return follow_up


def _put_right_private(follow_up: FollowUp, text: str) -> None:
    kept = PrivateNote.objects.filter(follow_up=follow_up).first()
    if kept and not text:
        kept.delete()
    elif kept and kept.text != text:
        kept.text = text
        saved(kept)
    elif not kept:
        _keep_private([follow_up], text)


def cancel_follow_up(*, by: User, follow_up: FollowUp, reason: str, at: datetime) -> FollowUp:
    """Say that a follow-up was written by mistake: it stays in the file, struck through, and counts for nothing."""
    _refuse_what_is_not_hers(by, follow_up, reason)
    follow_up.cancelled_at, follow_up.cancel_reason = at, reason
    with because(reserved(reason), user=by.pk):
        return saved(follow_up)


def _refuse_what_is_not_hers(by: User, follow_up: FollowUp, reason: str) -> None:
    if follow_up.author_id != by.pk:
        raise ValidationError(_("Seule la personne qui a écrit ce suivi peut le corriger ou l'annuler."))
    if follow_up.cancelled_at is not None:
        raise ValidationError(_("Ce suivi est annulé."))
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi.")})
