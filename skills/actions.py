"""Verbs on skills."""

from datetime import date

from accounts.models import User
from audit.saving import saved
from parcours.models import Worker
from skills.models import Assessment, Skill


def assess(
    *, by: User, worker: Worker, skill: Skill, level: int, assessed_on: date, assessed_by: str, context: str = ""
) -> Assessment:
    """Record the level at which a skill was seen at work, through whose eyes. Raises ValidationError."""
    return saved(
        Assessment(
            worker=worker,
            skill=skill,
            level=level,
            assessed_on=assessed_on,
            assessed_by=assessed_by,
            context=context,
            author=by,
        )
    )
