"""Experiments: registered before they start, joined with consent, ended, and evaluated in public. They are never removed.
Targets: voted by the structure for an indicator and a year, voted again, withdrawn; their history stays.
"""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.history import because
from audit.saving import saved
from contracts.models import Contract
from indicators.catalogue import definitions
from indicators.models import Experiment, Participant, Target
from indicators.report.targets import may_be_aimed_at
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
    if worker.organisation_id != experiment.organisation_id:
        raise ValidationError({"worker": _("Cette personne n'est pas dans la structure de l'expérimentation.")})
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


@transaction.atomic
def leave_experiment(*, by: User, participant: Participant, left_on: date) -> Participant:
    """A person no longer takes part, or withdraws her consent from that day. Raises ValidationError before she joined."""
    participant.left_on = left_on
    with because(_("Fin d'une participation à une expérimentation"), user=by.pk):
        return saved(participant)


@transaction.atomic
def record_consent(*, by: User, participant: Participant, consented_on: date) -> Participant:
    """The day a participant agreed, until then unknown."""
    participant.consented_on = consented_on
    with because(_("Accord d'un participant"), user=by.pk):
        return saved(participant)


@transaction.atomic
def vote_target(
    *, by: User, organisation: Organisation, indicator: str, year: int, value: Decimal, voted_on: date, voted_by: str
) -> Target:
    """The structure aims at a value for a year; voted again, the new target replaces the old one, which history keeps.

    `value` is in the unit of the indicator's values (0.6 for 60 %). Raises ValidationError for an unknown indicator, one
    that has no better way, or a share above 1.
    """
    definition = definitions().get(indicator)
    if definition is None:
        raise ValidationError({"indicator": _("Indicateur inconnu : choisissez-le dans la liste.")})
    if not may_be_aimed_at(definition):
        raise ValidationError(
            {"indicator": _("%(code)s n'a pas de sens meilleur que l'autre : il se lit, il ne se vise pas.") % {"code": indicator}}
        )  # fmt: skip
    if definition.unit == "percent" and value > 1:
        raise ValidationError({"value": _("Une part ne dépasse pas 100 % : donnez un nombre de 0 à 100.")})
    target = (
        Target.objects.select_for_update().filter(organisation=organisation, indicator=indicator, year=year).first()
    )
    target = target or Target(organisation=organisation, indicator=indicator, year=year)
    target.value, target.voted_on, target.voted_by = value, voted_on, voted_by
    with because(_("Vote d'une cible"), user=by.pk):
        return saved(target)


@transaction.atomic
def withdraw_target(*, by: User, target: Target) -> None:
    """The structure no longer aims at it; that it did stays in the history."""
    with because(_("Retrait d'une cible"), user=by.pk):
        target.delete()
