"""Deciding: an alert of the board leads to a decision recorded at the clock's time, and the decision to its act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts import flags
from contracts.flags import Description, describe
from contracts.models import Contract, Decision, Flag
from contracts.models.decision import last_day_on_time
from parcours.actions import move_to_phase
from parcours.models import Pathway, Worker

__all__ = ["Plan", "answer", "answer_together", "decide", "last_day_on_time", "plan"]


@transaction.atomic
def decide(
    *,
    by: User,
    worker: Worker,
    kind: str,
    reason: str,
    notified_on: date | None,
    at: datetime,
    contract: Contract | None = None,
    rule: str = "CONTRACT_END",
    due_on: date | None = None,
    sent_once: UUID | None = None,
) -> Decision:
    """Record what is decided about a person's alert. `at` is the clock's, so back-dating changes nothing.

    A decision about a contract answers its planned end unless told otherwise. Ending with an exit plan moves the
    pathway to the preparation of the exit. The same `sent_once` key twice gives the first decision back. The person's
    flags follow at once.

    Raises ValidationError when the worker would have been told in the future.
    """
    if sent_once is not None:
        Worker.objects.select_for_update().get(pk=worker.pk)  # a second sending waits for the first
        already = Decision.objects.filter(sent_once=sent_once, decided_by=by, worker=worker).first()
        if already:
            return already
    today = timezone.localtime(at).date()
    if notified_on is not None and notified_on > today:
        raise ValidationError({"notified_on": _("Cette date est dans l'avenir.")})
    decision = saved(
        Decision(
            worker=worker,
            contract=contract,
            rule=rule,
            due_on=due_on or (contract.planned_end_on if contract else None),
            kind=kind,
            reason=reason,
            decided_by=by,
            notified_on=notified_on,
            recorded_at=at,
            sent_once=sent_once,
        )
    )
    if kind == Decision.Kind.END:
        for pathway in Pathway.objects.open().filter(worker=worker).exclude(phase__in=["sortie", "suite"]):
            move_to_phase(by=by, pathway=pathway, phase="preparation_sortie")
    flags.refresh(today, worker_id=worker.pk)
    return decision


def answer(
    *,
    by: User,
    flag: Flag,
    kind: str,
    reason: str,
    notified_on: date | None,
    at: datetime,
    sent_once: UUID | None = None,
) -> Decision:
    """Decide about an open flag, in one of the ways its rule offers. Raises ValidationError otherwise."""
    already = Decision.objects.filter(sent_once=sent_once, decided_by=by).first() if sent_once else None
    if already:
        return already
    if refusal := _refused(flag, describe(flag), kind):
        raise ValidationError(refusal)
    return decide(
        by=by,
        worker=flag.worker,
        contract=flag.contract,
        rule=flag.code,
        due_on=flag.due_on,
        kind=kind,
        reason=reason,
        notified_on=notified_on,
        at=at,
        sent_once=sent_once,
    )


def _refused(flag: Flag, said: Description, kind: str) -> str:
    if flag.closed_on is not None:
        return _("Cette alerte est close depuis le %(day)s : il n'y a plus rien à décider.") % {
            "day": f"{flag.closed_on:%d/%m/%Y}"
        }
    if kind not in said.decisions:
        return _("Cette alerte n'appelle pas cette décision.")
    return ""


@dataclass(frozen=True)
class Plan:
    """What a decision would do about a flag: its effect, or why it is refused."""

    flag: Flag
    said: Description
    effect: str
    refusal: str


def plan(chosen: Sequence[Flag], kind: str) -> list[Plan]:
    """What deciding the same for several flags would do, written nowhere. One query."""
    before: dict[tuple[int, int | None, str, date | None], Decision] = {
        (d.worker_id, d.contract_id, d.rule, d.due_on): d
        for d in Decision.objects.filter(kind=kind, worker__in={flag.worker_id for flag in chosen})
    }
    plans = []
    for flag in chosen:
        said = describe(flag)
        refusal = _refused(flag, said, kind)
        same = before.get((flag.worker_id, flag.contract_id, flag.code, flag.due_on))
        if same and not refusal:
            refusal = _("Déjà décidé le %(day)s.") % {"day": f"{timezone.localtime(same.recorded_at):%d/%m/%Y}"}
        plans.append(Plan(flag, said, _effect(flag, kind), refusal))
    return plans


def _effect(flag: Flag, kind: str) -> str:
    """What follows from a decision, in a sentence."""
    end = f"{flag.contract.planned_end_on:%d/%m/%Y}" if flag.contract and flag.contract.planned_end_on else ""
    return {
        Decision.Kind.RENEW: _("Le renouvellement du contrat qui finit le %(end)s restera à préparer et à signer."),
        Decision.Kind.CONVERT: _("Le CDI qui suit le contrat finissant le %(end)s restera à préparer et à signer."),
        Decision.Kind.END: _("Le parcours passe en préparation de la sortie ; le contrat finit le %(end)s."),
        Decision.Kind.EXTEND_PASS: _("La demande de prolongation du PASS IAE restera à faire."),
        Decision.Kind.SUSPEND: _("La suspension restera à enregistrer."),
    }[Decision.Kind(kind)] % {"end": end}


@transaction.atomic
def answer_together(
    *, by: User, flags: Sequence[Flag], kind: str, reason: str, notified_on: date | None, at: datetime, sent_once: UUID
) -> list[Decision]:
    """Decide the same for several flags: all those the plan does not refuse, or none. Twice is once.

    Raises ValidationError when the workers would have been told in the future.
    """
    keys = {flag.pk: uuid5(sent_once, str(flag.pk)) for flag in flags}
    done = list(Decision.objects.filter(decided_by=by, sent_once__in=keys.values()))
    if done:
        return done
    return [
        answer(
            by=by, flag=one.flag, kind=kind, reason=reason, notified_on=notified_on, at=at, sent_once=keys[one.flag.pk]
        )
        for one in plan(flags, kind)
        if not one.refusal
    ]
