"""Deciding: an alert of the board leads to a decision recorded at the clock's time, and the decision to its act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import not_later, saved
from contracts import flags
from contracts.flags import Description, describe
from contracts.models import Contract, ContractDraft, Decision, Flag
from contracts.models.decision import last_day_on_time
from contracts.renewals import Proposal, prepare, proposed
from parcours.actions import move_to_phase
from parcours.models import Pathway, Worker

__all__ = ["Plan", "Together", "answer", "answer_together", "decide", "last_day_on_time", "note_told", "plan"]


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
    not_later("notified_on", notified_on, today)
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


@transaction.atomic
def note_told(*, by: User, decision: Decision, notified_on: date, today: date) -> Decision:
    """Note the day a worker was told of a decision, when it was not known yet. The person's flags follow at once.

    Raises ValidationError when the day is known already or to come.
    """
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    if decision.notified_on is not None:
        raise ValidationError(
            _("L'information de la personne est déjà notée, le %(day)s.") % {"day": f"{decision.notified_on:%d/%m/%Y}"}
        )
    not_later("notified_on", notified_on, today)
    decision.notified_on = notified_on
    saved(decision)
    flags.refresh(today, worker_id=decision.worker_id)
    return decision


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
    """What a decision would do about a flag: its effect, or why it is refused. `renewal` is the draft it would make."""

    flag: Flag
    said: Description
    effect: str
    refusal: str
    renewal: Proposal | None = None


def plan(chosen: Sequence[Flag], kind: str, *, today: date, ends: Mapping[int, date] | None = None) -> list[Plan]:
    """What deciding the same for several flags would do, written nowhere. As many queries for one as for a hundred.

    To renew proposes a draft a person, as long as her contract unless `ends` (by flag id) says until when; what the law
    forbids is refused with its articles.
    """
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
    return _with_renewals(plans, today, ends or {}) if kind == Decision.Kind.RENEW else plans


def _with_renewals(plans: Sequence[Plan], today: date, ends: Mapping[int, date]) -> list[Plan]:
    """The plans with the renewal each would prepare, and the refusals of the law."""
    contracts = [one.flag.contract for one in plans if one.flag.contract and not _cannot_renew(one)]
    asked = {one.flag.contract_id: ends[one.flag.pk] for one in plans if one.flag.contract_id and one.flag.pk in ends}
    renewals = proposed(contracts, today=today, ends=asked)
    found = []
    for one in plans:
        refusal = _cannot_renew(one)
        renewal = None if refusal or one.flag.contract_id is None else renewals[one.flag.contract_id]
        if renewal is not None:
            refusal = " ".join(renewal.refusals)
        found.append(
            replace(one, refusal=refusal, renewal=renewal, effect=renewal.said if renewal and not refusal else "")
        )
    return found


def _cannot_renew(plan: Plan) -> str:
    if not plan.refusal and plan.flag.code != "CONTRACT_END":
        return _("Cette alerte ne dit pas une fin de contrat : répondez-y depuis sa carte.")
    return plan.refusal


def _effect(flag: Flag, kind: str) -> str:
    """What follows from a decision, in a sentence."""
    end = f"{flag.contract.planned_end_on:%d/%m/%Y}" if flag.contract and flag.contract.planned_end_on else ""
    return {
        Decision.Kind.RENEW: "",
        Decision.Kind.CONVERT: _("Le CDI qui suit le contrat finissant le %(end)s restera à préparer et à signer."),
        Decision.Kind.END: _("Le parcours passe en préparation de la sortie ; le contrat finit le %(end)s."),
        Decision.Kind.EXTEND_PASS: _("La demande de prolongation du PASS IAE restera à faire."),
        Decision.Kind.SUSPEND: _("La suspension restera à enregistrer."),
        Decision.Kind.KEEP: _("Rien ne change ; l'alerte se ferme une fois la personne informée."),
        Decision.Kind.ARRANGE: _("L'alerte se fermera quand ce qui manque sera noté."),
    }[Decision.Kind(kind)] % {"end": end}


@dataclass(frozen=True)
class Together:
    """What was decided at once: the decisions, the drafts made for those to renew, and what was left out with why."""

    decisions: list[Decision]
    drafts: list[ContractDraft]
    refused: list[Plan]


@transaction.atomic
def answer_together(
    *,
    by: User,
    flags: Sequence[Flag],
    kind: str,
    reason: str,
    notified_on: date | None,
    at: datetime,
    sent_once: UUID,
    ends: Mapping[int, date] | None = None,
    seen: int | None = None,
) -> Together:
    """Decide the same for several flags, and prepare the renewals: all those the plan does not refuse, or none.

    The same `sent_once` twice gives the first answer back. `seen` is how many the person was shown as possible: another
    number now, and nothing is written. Raises ValidationError then, and when the workers would have been told in the
    future.
    """
    # One sending at a time about a person: a second one finds what the first wrote.
    list(Worker.objects.select_for_update().filter(pk__in={f.worker_id for f in flags}).order_by("pk").values("pk"))
    keys = {flag.pk: uuid5(sent_once, str(flag.pk)) for flag in flags}
    done = list(Decision.objects.filter(decided_by=by, sent_once__in=keys.values()).order_by("id"))
    if done:
        days = {timezone.localtime(decision.recorded_at).date() for decision in done}
        made = ContractDraft.objects.filter(
            renews__in=[d.contract_id for d in done if d.kind == Decision.Kind.RENEW],
            prepared_by=by,
            prepared_on__in=days,
        )
        return Together(done, list(made.order_by("id")), [])
    today = timezone.localtime(at).date()
    plans = plan(flags, kind, today=today, ends=ends)
    possible = [one for one in plans if not one.refusal]
    if seen is not None and seen != len(possible):
        raise ValidationError(
            _("Ce qui est possible a changé depuis l'aperçu : rien n'est enregistré. Relisez, puis enregistrez.")
        )
    told: dict[str, Any] = {"kind": kind, "reason": reason, "notified_on": notified_on, "at": at}
    decided = [answer(by=by, flag=one.flag, sent_once=keys[one.flag.pk], **told) for one in possible]
    renewals = [one.renewal for one in possible if one.renewal]
    drafts = [prepare(by=by, proposal=renewal, today=today) for renewal in renewals]
    return Together(decided, drafts, [one for one in plans if one.refusal])
