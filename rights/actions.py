"""Verbs on rights: what a person tells, the steps she takes, what came of them."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts.models import Contract
from law import law_on
from law.dates import add_months
from law.portability import portability_months
from parcours.models import Pathway, Worker
from rights import night
from rights.catalogue import rights
from rights.models import Circumstance, RightStep
from rights.transitions import CLOSED, DATED, moves


@transaction.atomic
def tell_circumstance(
    *,
    by: User,
    worker: Worker,
    kind: str,
    since: date,
    today: date,
    until: date | None = None,
    label: str = "",
) -> Circumstance:
    """Keep what a person tells of her life; the steps it opens are there at once. Raises ValidationError."""
    row = saved(Circumstance(worker=worker, kind=kind, since=since, until=until, label=label, recorded_by=by))
    night.refresh(today, worker.pk)
    return row


@transaction.atomic
def end_circumstance(*, by: User, circumstance: Circumstance, until: date | None, today: date) -> Circumstance:
    """Say, or correct, the last day of a circumstance (the expiry of a title). Raises ValidationError."""
    circumstance.until = until
    circumstance.recorded_by = by
    saved(circumstance)
    night.refresh(today, circumstance.worker_id)
    return circumstance


def diagnose_rights(*, by: User, pathway: Pathway, on: date) -> Pathway:
    """Say that the person's rights were gone through with her that day. Raises ValidationError."""
    if on < pathway.started_on:
        raise ValidationError(
            {"on": _("Le parcours a commencé le %(day)s.") % {"day": f"{pathway.started_on:%d/%m/%Y}"}}
        )
    pathway.rights_diagnosed_on = on
    return saved(pathway)


def trigger_right(*, by: User | None, pathway: Pathway, right: str, triggered_on: date, trigger: str = "") -> RightStep:
    """Open a step by hand; when to act comes from the catalogue. Raises ValidationError when one is already under way."""
    entry = rights()[right]
    under_way = RightStep.objects.filter(
        pathway=pathway, right=right, state__in=("to_study", "requested", "appealed", "opened")
    )
    if not entry.each and (other := under_way.first()):
        raise ValidationError(
            {
                "right": _("Cette démarche est déjà suivie depuis le %(day)s : faites-la avancer.")
                % {"day": f"{other.triggered_on:%d/%m/%Y}"}
            }
        )
    return saved(
        RightStep(
            pathway=pathway,
            right=right,
            state="to_study",
            triggered_on=triggered_on,
            trigger=trigger,
            due_on=entry.due_on(triggered_on, pathway.worker.organisation.kind),
            updated_by=by,
        )
    )


@transaction.atomic
def move_step(
    *,
    by: User,
    step: RightStep,
    state: str,
    on: date,
    expires_on: date | None = None,
    note: str = "",
    waiver_signed: bool = False,
) -> RightStep:
    """Record what happened to a step on a day: requested, opened, refused, appealed, not concerned, declined…

    Without `expires_on`, the last day of a right that opens is the catalogue's. `waiver_signed`: the person, informed,
    signed that she declines. The step that this one renews is told. Raises ValidationError when the table of transitions
    has no such move, or when dates contradict each other.
    """
    step = RightStep.objects.select_for_update().get(pk=step.pk)
    if state not in moves(step.state):
        raise ValidationError(
            {
                "state": _("De « %(before)s », une démarche ne passe pas à « %(after)s ».")
                % {"before": step.get_state_display() or _("inconnu"), "after": _state_label(state)}
            }
        )
    step.state = state
    step.note = note or step.note
    step.updated_by = by
    step.closed_on = on if state in CLOSED else None
    step.waiver_signed_on = on if waiver_signed and state == "declined" else None
    if state in DATED:
        setattr(step, DATED[state], on)
    if state == "opened":
        step.expires_on = expires_on or _last_day(step, on)
    if state == "lapsed":
        step.expires_on = min(filter(None, (step.expires_on, on - timedelta(days=1))))
    saved(step)
    if state == "opened":
        _take_over(step, by)
        _serve_otherwise(step, by, on)
    return step


def _state_label(state: str) -> str:
    return RightStep(state=state).get_state_display()


def _last_day(step: RightStep, opened_on: date) -> date | None:
    """Last day of a right that opens: the catalogue's, or the months of the last contract for a kept health cover."""
    entry = rights()[step.right]
    if entry.lasts == "portability":
        contract = (
            Contract.objects.filter(worker=step.pathway.worker, started_on__lte=opened_on)
            .order_by("-started_on", "-id")
            .first()
        )
        if contract is None:
            return None
        last = contract.ended_on or contract.planned_end_on or opened_on
        return add_months(last, portability_months([(contract.started_on, last)], law_on(last)))
    return entry.last_day(opened_on, bool(step.pathway.worker.disabled_worker))


def _take_over(step: RightStep, by: User) -> None:
    """The right that this step renews goes on in it, if no day is missing between the two."""
    before = step.renewed_from
    if before is None or step.opened_on is None or before.expires_on is None:
        return
    if step.opened_on <= before.expires_on + timedelta(days=1):
        before.state, before.closed_on, before.updated_by = "renewed", step.opened_on, by
        saved(before)


def _serve_otherwise(step: RightStep, by: User, on: date) -> None:
    """The other way to be served by the same event is no concern any more: a health cover, or the waiver of it."""
    twins = {code for code, right in rights().items() if right.instead_of == step.right}
    twins.add(rights()[step.right].instead_of or "")
    for twin in RightStep.objects.filter(
        pathway=step.pathway, right__in=twins, cause=step.cause, state="to_study"
    ).exclude(cause=""):
        twin.state, twin.closed_on, twin.updated_by = "not_concerned", on, by
        saved(twin)
