"""Verbs on rights steps."""

from datetime import date, timedelta

from accounts.models import User
from audit.saving import saved
from parcours.models import Pathway
from rights.catalogue import rights
from rights.models import RightStep


def trigger_right(*, by: User | None, pathway: Pathway, right: str, triggered_on: date, trigger: str = "") -> RightStep:
    """Open a step towards a right; what to do before when comes from the catalogue. Raises ValidationError."""
    entry = rights()[right]
    return saved(
        RightStep(
            pathway=pathway,
            right=right,
            state="to_study",
            triggered_on=triggered_on,
            trigger=trigger or entry.trigger,
            due_on=triggered_on + timedelta(days=entry.due_days),
            updated_by=by,
        )
    )


def move_step(
    *, by: User, step: RightStep, state: str, on: date, expires_on: date | None = None, note: str = ""
) -> RightStep:
    """Record what happened to a step on a day: requested, opened, refused, not concerned, declined by the person…

    Raises ValidationError when the dates contradict each other.
    """
    step.state = state
    step.note = note or step.note
    step.updated_by = by
    if state == "requested":
        step.requested_on = on
    elif state in {"opened", "renewed"}:
        step.opened_on = on
        step.expires_on = expires_on
    elif state in {"refused", "not_concerned", "declined", "lapsed"}:
        step.closed_on = on
    return saved(step)
