"""Verbs on what a person learns: trainings, their days, certificates, level of qualification."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import not_later, saved
from parcours.models import Pathway, Worker
from skills.models import Certificate, Qualification, Training, TrainingSession


def record_training(*, by: User, worker: Worker, today: date, **said: object) -> Training:
    """Keep a training, to come, under way or over. Raises ValidationError."""
    return change_training(by=by, training=Training(worker=worker), today=today, **said)


def change_training(*, by: User, training: Training, today: date, **said: object) -> Training:
    """Say more of a training: its end, its result, why it stopped. Raises ValidationError; an empty result is unknown."""
    for name, value in said.items():
        setattr(training, name, value)
    for name in ("result_on", "afest_reviewed_on", "afest_assessed_on"):
        not_later(name, getattr(training, name), today)
    return saved(training)


def record_training_day(
    *,
    by: User,
    training: Training,
    held_on: date,
    today: date,
    planned_hours: Decimal | None = None,
    attended_hours: Decimal | None = None,
    excused: bool = False,
) -> TrainingSession:
    """Keep a day of training; the same day again corrects it. Attended hours left empty are unknown, never zero.

    Raises ValidationError for a day outside the training, or attended before it came.
    """
    if attended_hours is not None:
        not_later("held_on", held_on, today)
    if held_on < training.started_on or (training.ended_on and held_on > training.ended_on):
        raise ValidationError({"held_on": _("Ce jour est hors des dates de la formation.")})
    row = training.sessions.filter(held_on=held_on).first() or TrainingSession(training=training, held_on=held_on)
    row.planned_hours, row.attended_hours, row.excused = planned_hours, attended_hours, excused
    return saved(row)


def record_certificate(
    *, by: User, worker: Worker, obtained_on: date, today: date, training: Training | None = None, **said: object
) -> Certificate:
    """Keep what a person may show. Raises ValidationError."""
    certificate = Certificate(worker=worker)
    return change_certificate(
        by=by, certificate=certificate, obtained_on=obtained_on, today=today, training=training, **said
    )


def change_certificate(
    *,
    by: User,
    certificate: Certificate,
    obtained_on: date,
    today: date,
    training: Training | None = None,
    **said: object,
) -> Certificate:
    """Put a certificate right. Raises ValidationError for a day to come, or the training of somebody else."""
    not_later("obtained_on", obtained_on, today)
    if training is not None and training.worker_id != certificate.worker_id:
        raise ValidationError({"training": _("Cette formation est celle d'une autre personne.")})
    for name, value in {"obtained_on": obtained_on, "training": training, **said}.items():
        setattr(certificate, name, value)
    return saved(certificate)


@transaction.atomic
def note_qualification(*, by: User, pathway: Pathway, entry_level: str = "", exit_level: str = "") -> Qualification:
    """Say the level of qualification at entry and at exit (COM-05); an empty one is unknown."""
    row = Qualification.objects.filter(pathway=pathway).first() or Qualification(pathway=pathway)
    row.entry_level, row.exit_level = entry_level, exit_level
    return saved(row)
