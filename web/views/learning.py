"""What a person learns: trainings and their days, certificates, level of qualification; a badge taken back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from parcours.models import Worker
from skills import awards, learning
from skills.models import Award, Certificate, Qualification, Training
from web.access import me, needs
from web.forms.skills import CertificateForm, QualificationForm, RevokeForm, TrainingDayForm, TrainingForm
from web.writing import form_page

WRITE = Permission.WRITE_FOLLOW_UP


def _worker(request: HttpRequest, worker_id: int) -> Worker:
    return load(Worker.objects.visible_to(request.user, WRITE), pk=worker_id)


def _about(worker: Worker) -> dict[str, Any]:
    return {"back": "skills", "back_id": worker.pk}


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def add_training(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker, by, today = _worker(request, worker_id), me(request), timezone.localdate()
    return form_page(
        request, TrainingForm(request.POST or None), title=_("Formation de %(name)s") % {"name": worker}, **_about(worker),
        save=lambda **said: learning.record_training(by=by, worker=worker, today=today, **said),
    )  # fmt: skip


def _training(request: HttpRequest, training_id: int) -> Training:
    return load(Training.objects.visible_to(request.user, WRITE).select_related("worker"), pk=training_id)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def change_training(request: HttpRequest, training_id: int) -> HttpResponse:
    training, by, today = _training(request, training_id), me(request), timezone.localdate()
    return form_page(
        request, TrainingForm(request.POST or None, instance=training), title=f"{training} — {training.worker}",
        **_about(training.worker),
        save=lambda **said: learning.change_training(by=by, training=training, today=today, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def add_day(request: HttpRequest, training_id: int) -> HttpResponse:
    training, by, today = _training(request, training_id), me(request), timezone.localdate()
    form = TrainingDayForm(request.POST or None, initial={"held_on": today})
    return form_page(
        request, form, title=f"{_('Jour de formation')} — {training}", **_about(training.worker),
        save=lambda **said: learning.record_training_day(by=by, training=training, today=today, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def add_certificate(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker, by, today = _worker(request, worker_id), me(request), timezone.localdate()
    form = CertificateForm(request.POST or None, worker=worker)
    return form_page(
        request, form, title=_("Certificat de %(name)s") % {"name": worker}, **_about(worker),
        save=lambda **said: learning.record_certificate(by=by, worker=worker, today=today, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def change_certificate(request: HttpRequest, certificate_id: int) -> HttpResponse:
    rows = Certificate.objects.visible_to(request.user, WRITE).select_related("worker")
    certificate, by, today = load(rows, pk=certificate_id), me(request), timezone.localdate()
    form = CertificateForm(request.POST or None, instance=certificate, worker=certificate.worker)
    return form_page(
        request, form, title=f"{certificate} — {certificate.worker}", **_about(certificate.worker),
        save=lambda **said: learning.change_certificate(by=by, certificate=certificate, today=today, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def qualify(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker, by = _worker(request, worker_id), me(request)
    pathway = worker.pathways.first()
    if pathway is None:
        raise Http404
    form = QualificationForm(request.POST or None, instance=Qualification.objects.filter(pathway=pathway).first())
    return form_page(
        request, form, title=_("Niveau de qualification de %(name)s") % {"name": worker}, **_about(worker),
        save=lambda **said: learning.note_qualification(by=by, pathway=pathway, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, award_id: int) -> HttpResponse:
    """Take a badge back: anyone who checks it learns at once that it no longer stands."""
    rows = Award.objects.visible_to(request.user, WRITE).filter(revoked_on=None).select_related("worker", "badge")
    award, by, today = load(rows, pk=award_id), me(request), timezone.localdate()
    return form_page(
        request, RevokeForm(request.POST or None), title=f"{_('Retirer le badge')} « {award} » — {award.worker}",
        **_about(award.worker),
        save=lambda **said: awards.revoke_badge(by=by, award=award, on=today, **said),
    )  # fmt: skip
