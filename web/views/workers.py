"""People: the list, one person's page, a welcome, an exit."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load, organisations
from accounts.roles import Permission
from contracts.flags import describe
from parcours import actions
from parcours.models import Pathway, Worker
from web.access import held, me, needs
from web.contract_line import contract_line
from web.downloads import asked_format, sent_as
from web.forms.worker import CorrectForm, ExitForm, WelcomeForm
from web.openings import told_to
from web.person_file import person_file
from web.timeline import moments
from web.writing import form_page

PAGE = 40
MOMENTS = 30


@needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponseBase:
    text = request.GET.get("q", "").strip()
    state = request.GET.get("etat", "ouverts")
    in_pathway = Exists(Pathway.objects.open().filter(worker=OuterRef("pk")))
    rows: QuerySet[Worker] = Worker.objects.visible_to(request.user).annotate(in_pathway=in_pathway)
    if text:
        rows = rows.named(text)  # type: ignore[attr-defined]
    if state != "tous":
        rows = rows.filter(in_pathway) if state == "ouverts" else rows.exclude(in_pathway)
    if request.GET.get("qui") == "moi":
        rows = rows.filter(counsellor=me(request))
    if format := asked_format(request):
        return sent_as(request, format, "workers", rows)
    page = Paginator(rows.select_related("organisation", "counsellor"), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "web/workers.html", {"page": page, "text": text, "state": state, "who": request.GET.get("qui")}
    )


@needs(Permission.SEE_PEOPLE)
def show(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user).select_related("organisation", "counsellor"), pk=worker_id)
    most = None if request.GET.get("tout") == "1" else MOMENTS
    today, one_more = timezone.localdate(), most and most + 1  # the extra one says that there are more
    file = person_file(worker, today, request.user, one_more)
    if me(request).openings:
        file.steps.clear()  # rights tell of health and of the right to stay
    told = moments(worker, file, request.user, one_more)
    return render(
        request,
        "web/worker.html",
        {
            "worker": worker,
            "file": file,
            "pathway": file.pathway,
            "today": today,
            "contract_line": contract_line(file.contracts, today),
            "flags": [(flag, describe(flag)) for flag in told_to(me(request), file.flags)],
            "moments": told[:most],
            "more": most is not None and len(told) > most,
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
            "may_protect": Permission.PROTECT_DATA in held(request),
            "may_decide": Permission.DECIDE_CONTRACTS in held(request),
        },
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    structures = list(organisations(request.user, Permission.WRITE_FOLLOW_UP).filter(nature="structure"))
    form = WelcomeForm(request.POST or None, structures=structures, initial={"started_on": timezone.localdate()})
    return form_page(
        request, form, title=_("Accueillir une personne"), back="workers",
        save=lambda **said: actions.welcome_worker(by=me(request), **said),
        then=lambda pathway: redirect("worker", pathway.worker_id),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Who she is and how to reach her."""
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    name = str(worker)
    form = CorrectForm(request.POST or None, instance=worker)
    return form_page(
        request, form, title=_("Corriger l'identité et les coordonnées de %(name)s") % {"name": name}, back="worker",
        back_id=worker.pk, save=lambda **said: actions.correct_worker(by=me(request), worker=worker, **said),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    pathway = load(worker.pathways.filter(ended_on__isnull=True))
    form = ExitForm(request.POST or None, initial={"exited_on": timezone.localdate()})
    title = _("Sortie de parcours de %(name)s") % {"name": worker}
    return form_page(
        request, form, title=title, back="worker", back_id=worker.pk,
        save=lambda **said: actions.record_exit(by=me(request), pathway=pathway, **said),
    )  # fmt: skip
