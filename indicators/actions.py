"""Experiments: registered before they start, joined with consent, ended, and evaluated in public. They are never removed."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.history import because
from audit.saving import saved
from contracts.models import Contract
from indicators.models import Experiment, Participant
from parcours.models import Worker


@transaction.atomic
def register_experiment(
    *,
    by: User,
    organisation: Organisation,
    title: str,
    subject: str,
    hypothesis: str,
    outcome: str,
    comparison: str,
    registered_on: date,
    started_on: date,
    planned_end_on: date | None = None,
) -> Experiment:
    """Register an experiment, with its hypothesis and the outcome it will be judged on. Raises ValidationError when it
    had already started."""
    with because(_("Inscription d'une expérimentation"), user=by.pk):
        return saved(
            Experiment(
                organisation=organisation,
                title=title,
                subject=subject,
                hypothesis=hypothesis,
                outcome=outcome,
                comparison=comparison,
                registered_on=registered_on,
                started_on=started_on,
                planned_end_on=planned_end_on,
            )
        )


@transaction.atomic
def join_experiment(
    *,
    by: User,
    experiment: Experiment,
    worker: Worker,
    joined_on: date,
    consented_on: date | None,
    contract: Contract | None = None,
) -> Participant:
    """A person takes part, by a contract or by the organisation of her work. Without a date of consent, whether she agrees
    is unknown. Raises ValidationError for another person's contract, or outside the experiment's dates."""
    if contract is not None and contract.worker_id != worker.pk:
        raise ValidationError({"contract": _("Ce contrat est celui d'une autre personne.")})
    if joined_on < experiment.started_on or (experiment.ended_on and joined_on > experiment.ended_on):
        raise ValidationError({"joined_on": _("L'expérimentation n'est pas en cours ce jour-là.")})
    with because(_("Participation à une expérimentation"), user=by.pk):
        return saved(
            Participant(
                experiment=experiment, worker=worker, contract=contract, joined_on=joined_on, consented_on=consented_on
            )
        )


@transaction.atomic
def end_experiment(*, by: User, experiment: Experiment, ended_on: date) -> Experiment:
    """The experiment is over; its evaluation is awaited from that day (EXP-01)."""
    experiment.ended_on = ended_on
    with because(_("Fin d'une expérimentation"), user=by.pk):
        return saved(experiment)


@transaction.atomic
def publish_evaluation(*, by: User, experiment: Experiment, result: str, published_on: date) -> Experiment:
    """What came of it, success or not. Raises ValidationError while it runs, or without a result."""
    experiment.result, experiment.evaluation_published_on = result, published_on
    with because(_("Publication d'une évaluation"), user=by.pk):
        return saved(experiment)
