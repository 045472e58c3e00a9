"""Experiments: registered before they start, who takes part, what they are compared with, what came of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load, permissions
from accounts.roles import Permission
from indicators import actions, report
from indicators.models import Experiment, Participant
from parcours.models import Worker
from web.access import chosen_structure, me, needs
from web.forms.indicators import DayForm, EvaluationForm, ExperimentForm, JoinForm
from web.writing import form_page


@needs(Permission.SEE_INDICATORS)
def index(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    rows = Experiment.objects.visible_to(request.user).filter(organisation=structure)
    counted: Any = rows.annotate(
        people=Count("participants"), agreed=Count("participants", filter=Q(participants__consented_on__isnull=False))
    )
    covered = report.sheet(structure, "EXP-01", timezone.now())
    parts = report.parts_of(covered.definition, covered.latest.value.parts) if covered.latest else []
    return render(request, "web/experiments.html", {
        "structure": structure, "structures": structures, "experiments": counted, "covered": covered.latest, "parts": parts,
        "may_write": Permission.STEER in permissions(request.user, structure),
        "today": timezone.localdate(),
    })  # fmt: skip


_form = partial(form_page, back="experiment")


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.STEER)
    by, today = me(request), timezone.localdate()
    return form_page(
        request, ExperimentForm(request.POST or None, initial={"started_on": today}), title=_("Inscrire une expérimentation"),
        save=lambda **values: actions.register_experiment(by=by, organisation=structure, registered_on=today, **values),
        back="experiments", then=lambda row: redirect("experiment", row.pk),
    )  # fmt: skip


@needs(Permission.SEE_INDICATORS)
def show(request: HttpRequest, experiment_id: int) -> HttpResponse:
    rows = Experiment.objects.visible_to(request.user).select_related("organisation")
    experiment = load(rows, pk=experiment_id)
    people = Participant.objects.visible_to(request.user).filter(experiment=experiment).select_related("worker")
    structure = experiment.organisation
    steers = Permission.STEER in permissions(request.user, structure)
    return render(request, "web/experiment.html", {
        "experiment": experiment, "structure": structure, "people": people, "may_write": steers,
        "sees_people": Permission.SEE_PEOPLE in permissions(request.user, structure),
    })  # fmt: skip


def _mine(request: HttpRequest, experiment_id: int) -> Experiment:
    return load(Experiment.objects.visible_to(request.user, Permission.STEER), pk=experiment_id)


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, experiment_id: int) -> HttpResponse:
    experiment, by = _mine(request, experiment_id), me(request)
    workers = Worker.objects.visible_to(request.user).filter(organisation=experiment.organisation_id)
    form = JoinForm(request.POST or None, workers=workers, initial={"joined_on": timezone.localdate()})
    return _form(
        request, form, title=_("Noter une participation : %(title)s") % {"title": experiment},
        save=lambda **values: actions.join_experiment(by=by, experiment=experiment, **values),
        back_id=experiment.pk,
    )  # fmt: skip


def _dated(request: HttpRequest, experiment_id: int, title: str, save: Callable[..., Any]) -> HttpResponse:
    """What is told by a day alone."""
    form = DayForm(request.POST or None, initial={"on": timezone.localdate()})
    return _form(request, form, title=title, save=save, back_id=experiment_id)


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, experiment_id: int) -> HttpResponse:
    experiment, by = _mine(request, experiment_id), me(request)
    return _dated(
        request, experiment.pk, _("Fin de l'expérimentation : %(title)s") % {"title": experiment},
        lambda on: actions.end_experiment(by=by, experiment=experiment, ended_on=on),
    )  # fmt: skip


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def evaluate(request: HttpRequest, experiment_id: int) -> HttpResponse:
    experiment, by = _mine(request, experiment_id), me(request)
    form = EvaluationForm(
        request.POST or None, initial={"published_on": timezone.localdate(), "result": experiment.result}
    )
    return _form(
        request, form, title=_("Évaluation : %(title)s") % {"title": experiment},
        save=lambda **values: actions.publish_evaluation(by=by, experiment=experiment, **values),
        back_id=experiment.pk,
    )  # fmt: skip


def _participant(request: HttpRequest, participant_id: int) -> Participant:
    rows = Participant.objects.visible_to(request.user, Permission.STEER).select_related("worker", "experiment")
    return load(rows, pk=participant_id)


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, participant_id: int) -> HttpResponse:
    participant, by = _participant(request, participant_id), me(request)
    return _dated(
        request, participant.experiment_id, _("Accord de %(name)s") % {"name": participant.worker},
        lambda on: actions.record_consent(by=by, participant=participant, consented_on=on),
    )  # fmt: skip


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, participant_id: int) -> HttpResponse:
    participant, by = _participant(request, participant_id), me(request)
    return _dated(
        request, participant.experiment_id, _("Fin de participation de %(name)s") % {"name": participant.worker},
        lambda on: actions.leave_experiment(by=by, participant=participant, left_on=on),
    )  # fmt: skip
