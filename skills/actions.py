"""Verbs on skills."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import not_later, saved
from parcours.models import Worker
from skills.models import Assessment, Skill


def assess(
    *, by: User, worker: Worker, skill: Skill, level: int, assessed_on: date, assessed_by: str, **also: object
) -> Assessment:
    """Record the level at which a skill was seen at work, through whose eyes. Raises ValidationError."""
    return saved(
        Assessment(
            worker=worker,
            skill=skill,
            level=level,
            assessed_on=assessed_on,
            assessed_by=assessed_by,
            author=by,
            **also,
        )
    )


@transaction.atomic
def assess_together(
    *,
    by: User,
    worker: Worker,
    skill: Skill,
    assessed_on: date,
    today: date,
    levels: Mapping[str, int | None],
    context: str = "",
    evidence: str = "",
    words: str = "",
    validated: bool = False,
    supervisor_signs: bool = False,
    worker_signs: bool = False,
) -> list[Assessment]:
    """One skill in one situation, the supervisor's eyes and the worker's side by side, on one scale; each signs.

    `levels` by whose eyes (`supervisor`, `worker`); None did not look. Raises ValidationError when nobody did, or when the
    day is in the future; all or nothing is written.
    """
    not_later("assessed_on", assessed_on, today)
    looked = {eyes: level for eyes, level in levels.items() if level}
    if not looked:
        raise ValidationError(_("Choisissez au moins un niveau : le regard de l'encadrant ou celui de la personne."))
    signed = assessed_on if worker_signs else None
    rows = []
    for eyes, level in looked.items():
        own = eyes == Assessment.By.WORKER
        rows.append(
            assess(
                by=by,
                worker=worker,
                skill=skill,
                level=level,
                assessed_on=assessed_on,
                assessed_by=eyes,
                context=context,
                evidence="" if own else evidence,
                words=words if own else "",
                validated=validated and not own,
                signed_on=signed if own else assessed_on if supervisor_signs else None,
                worker_signed_on=signed,
            )
        )
    return rows
