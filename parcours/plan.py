"""Verbs on the plan of a pathway: strengths, objectives, actions, obstacles, engagement, reviews, the hours wished.

`said_by` is whose statement it is; `by` is who records it. `today` bounds every date: nothing is stated tomorrow.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import not_later, saved
from law import law_on
from law.crosswalk import crosswalk
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    HoursWish,
    Objective,
    Pathway,
    PlanAction,
    PlanReview,
    Strength,
    Worker,
)


def _within(field: str, day: date, pathway: Pathway, today: date) -> None:
    not_later(field, day, today)
    if day < pathway.started_on:
        raise ValidationError(
            {field: _("Le parcours a commencé le %(day)s.") % {"day": f"{pathway.started_on:%d/%m/%Y}"}}
        )


def add_strength(
    *, by: User, worker: Worker, kind: str, words: str, stated_on: date, today: date, said_by: str = "worker"
) -> Strength:
    """Keep what a person can lean on. Raises ValidationError when it is already there."""
    not_later("stated_on", stated_on, today)
    return saved(Strength(worker=worker, kind=kind, words=words, stated_on=stated_on, said_by=said_by, recorded_by=by))


def set_objective(
    *,
    by: User,
    pathway: Pathway,
    words: str,
    set_on: date,
    today: date,
    own_words: bool | None = None,
    theme: str = "",
    cosigned_on: date | None = None,
) -> Objective:
    """Write what the person wants; `cosigned_on` is the day she said « that is it », None until then."""
    _within("set_on", set_on, pathway, today)
    not_later("cosigned_on", cosigned_on, today)
    return saved(
        Objective(
            pathway=pathway,
            words=words,
            own_words=own_words,
            theme=theme,
            set_on=set_on,
            cosigned_on=cosigned_on,
            recorded_by=by,
        )
    )


def cosign_objective(*, by: User, objective: Objective, on: date, today: date) -> Objective:
    """The person says the objective is hers. Said once: the first day stands."""
    not_later("cosigned_on", on, today)
    if objective.cosigned_on is None:
        objective.cosigned_on = on
        saved(objective)
    return objective


def close_objective(*, by: User, objective: Objective, state: str, on: date, today: date) -> Objective:
    """Reached or set aside, or open again (`state="open"`)."""
    not_later("closed_on", on, today)
    objective.state = state
    objective.closed_on = None if state == "open" else on
    return saved(objective)


def add_action(
    *,
    by: User,
    pathway: Pathway,
    what: str,
    decided_on: date,
    today: date,
    objective: Objective | None = None,
    barrier: Barrier | None = None,
    theme: str = "",
    autonomy: str = "",
    provider: str = "internal",
    due_on: date | None = None,
) -> PlanAction:
    """Decide a step. The theme follows the obstacle, or else the objective, when it is not given.

    Raises ValidationError when the objective or the obstacle is another pathway's.
    """
    _within("decided_on", decided_on, pathway, today)
    for field, row in (("objective", objective), ("barrier", barrier)):
        if row is not None and row.pathway_id != pathway.pk:
            raise ValidationError({field: _("Ceci appartient à un autre parcours.")})
    return saved(
        PlanAction(
            pathway=pathway,
            what=what,
            objective=objective,
            barrier=barrier,
            theme=theme or (barrier.theme if barrier else "") or (objective.theme if objective else ""),
            autonomy=autonomy,
            provider=provider,
            decided_on=decided_on,
            due_on=due_on,
            state_on=decided_on,
            recorded_by=by,
        )
    )


def move_action(*, by: User, action: PlanAction, state: str, on: date, today: date) -> PlanAction:
    """Say where a step stands, from which day."""
    move(action, state, on, today)
    return action


def move(row: Any, state: str, on: date, today: date) -> None:
    """Bring a row to a state, from that day; said again, it is not written again."""
    not_later("state_on", on, today)
    if (row.state, row.state_on) != (state, on):
        row.state, row.state_on = state, on
        saved(row)


@transaction.atomic
def look_at_situation(
    *,
    by: User,
    pathway: Pathway,
    made_on: date,
    themes: Sequence[str],
    today: date,
    barriers: Sequence[str] = (),
    said_by: str = "worker",
) -> Diagnosis:
    """Go round the person's situation with her: `themes` are those talked about, `barriers` those where something stands
    in her way. A theme talked about and not named is clear; one not talked about stays unknown.

    A theme that already has an open obstacle gets no second one. Raises ValidationError.
    """
    _within("made_on", made_on, pathway, today)
    unseen = set(barriers) - set(themes)
    if unseen:
        raise ValidationError({"barriers": _("Un obstacle se note sur un thème abordé avec la personne.")})
    diagnosis = saved(Diagnosis(pathway=pathway, made_on=made_on, themes=list(themes), recorded_by=by))
    already = {barrier.theme for barrier, state in current_barriers(pathway) if state.state != "resolved"}
    for theme in barriers:
        if theme not in already:
            note_barrier(by=by, pathway=pathway, theme=theme, identified_on=made_on, said_by=said_by, today=today)
    return diagnosis


@transaction.atomic
def note_barrier(
    *,
    by: User,
    pathway: Pathway,
    theme: str,
    identified_on: date,
    said_by: str,
    today: date,
    situation: str = "",
    words: str = "",
) -> Barrier:
    """Note an obstacle, with its first state. Raises ValidationError when the situation is not one of the theme's."""
    _within("identified_on", identified_on, pathway, today)
    if situation and (theme not in crosswalk() or situation not in crosswalk()[theme].situations):
        raise ValidationError({"situation": _("Cette situation n'est pas de ce thème.")})
    barrier = saved(
        Barrier(
            pathway=pathway,
            theme=theme,
            situation=situation,
            words=words,
            identified_on=identified_on,
            said_by=said_by,
            recorded_by=by,
        )
    )
    saved(BarrierState(barrier=barrier, state="identified", since=identified_on, said_by=said_by, recorded_by=by))
    return barrier


def move_barrier(*, by: User, barrier: Barrier, state: str, since: date, said_by: str, today: date) -> BarrierState:
    """Say where an obstacle stands from a day on; the same day and speaker twice corrects the first one.

    Raises ValidationError before the obstacle was identified or after today.
    """
    not_later("since", since, today)
    if since < barrier.identified_on:
        raise ValidationError(
            {"since": _("L'obstacle a été repéré le %(day)s.") % {"day": f"{barrier.identified_on:%d/%m/%Y}"}}
        )
    row = barrier.states.filter(since=since, said_by=said_by).first()
    if row is None:
        row = BarrierState(barrier=barrier, since=since, said_by=said_by)
    row.state, row.recorded_by = state, by
    return saved(row)


def current_barriers(pathway: Pathway) -> list[tuple[Barrier, BarrierState]]:
    """The obstacles of a pathway with their last state, oldest first. One query."""
    states = (
        BarrierState.objects.filter(barrier__pathway=pathway)
        .select_related("barrier")
        .order_by("barrier_id", "-since", "-id")
        .distinct("barrier_id")
    )
    return sorted(((state.barrier, state) for state in states), key=lambda pair: (pair[0].identified_on, pair[0].pk))


@transaction.atomic
def propose_engagement(
    *, by: User, pathway: Pathway, worker_commits: str, structure_commits: str, proposed_on: date, today: date
) -> EngagementContract:
    """Propose a new version of the mutual engagement contract; the former ones stay as they were signed."""
    _within("proposed_on", proposed_on, pathway, today)
    Pathway.objects.select_for_update().get(pk=pathway.pk)  # two proposals at once are two versions
    last = pathway.engagements.aggregate(last=Max("version"))["last"] or 0
    return saved(
        EngagementContract(
            pathway=pathway,
            version=last + 1,
            worker_commits=worker_commits,
            structure_commits=structure_commits,
            proposed_on=proposed_on,
            recorded_by=by,
        )
    )


def sign_engagement(
    *,
    by: User,
    engagement: EngagementContract,
    today: date,
    signed_worker_on: date | None = None,
    signed_structure_on: date | None = None,
) -> EngagementContract:
    """Note the signatures; a date already known is kept when none is given."""
    not_later("signed_worker_on", signed_worker_on, today)
    not_later("signed_structure_on", signed_structure_on, today)
    engagement.signed_worker_on = signed_worker_on or engagement.signed_worker_on
    engagement.signed_structure_on = signed_structure_on or engagement.signed_structure_on
    return saved(engagement)


def next_review(held_on: date) -> date:
    """The day the next review is due when nobody names one."""
    return held_on + timedelta(days=law_on(held_on).whole("plan.review_days"))


@transaction.atomic
def review_plan(
    *,
    by: User,
    pathway: Pathway,
    held_on: date,
    today: date,
    worker_present: bool | None = None,
    worker_words: str = "",
    summary: str = "",
    signed_worker_on: date | None = None,
    next_on: date | None = None,
) -> PlanReview:
    """Review the plan and plan the next review. `pathway.plan_reviewed_on` follows when the person was there (ENG-03)."""
    _within("held_on", held_on, pathway, today)
    not_later("signed_worker_on", signed_worker_on, today)
    review = saved(
        PlanReview(
            pathway=pathway,
            held_on=held_on,
            worker_present=worker_present,
            worker_words=worker_words,
            summary=summary,
            signed_worker_on=signed_worker_on,
            next_on=next_on or next_review(held_on),
            author=by,
        )
    )
    if worker_present and (pathway.plan_reviewed_on is None or pathway.plan_reviewed_on < held_on):
        pathway.plan_reviewed_on = held_on
        saved(pathway)
    return review


def wish_hours(
    *,
    by: User,
    worker: Worker,
    weekly_hours: Decimal,
    stated_on: date,
    today: date,
    available: bool | None = None,
    held_back_by: str = "",
) -> HoursWish:
    """Note the hours the person says she wants. The same day twice corrects what was noted."""
    not_later("stated_on", stated_on, today)
    wish = worker.hours_wishes.filter(stated_on=stated_on).first() or HoursWish(worker=worker, stated_on=stated_on)
    wish.weekly_hours, wish.available, wish.held_back_by, wish.recorded_by = weekly_hours, available, held_back_by, by
    return saved(wish)
