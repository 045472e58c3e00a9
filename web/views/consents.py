"""« Accords »: what a person agreed to or not, each in the words she was shown; the sheet to sign."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import load, permissions
from accounts.roles import Permission
from parcours.models import Attachment, Worker
from partners.models import Orientation, Partner
from privacy import catalogue, consents
from privacy.letters import consent_form
from web.access import held, me, needs
from web.forms.privacy import ConsentForm
from web.views.papers import as_pdf


def _asked(
    request: HttpRequest, worker_id: int, purpose: str, permission: Permission
) -> tuple[Worker, catalogue.Purpose, Partner | None]:
    """The person, what she is asked, and the partner `?partenaire=` that the words name. 404 for what is asked elsewhere."""
    rows = Worker.objects.visible_to(request.user, permission).select_related("organisation__commune")
    worker, known, named = load(rows, pk=worker_id), catalogue.consents().get(purpose), request.GET.get("partenaire")
    if known is None or known.kept_in:
        raise Http404
    partners = Partner.objects.known_to(request.user)
    return worker, known, load(partners, pk=named) if known.partner and named else None


def _which_partner(request: HttpRequest, worker: Worker) -> HttpResponse:
    messages.info(request, _("Dites d'abord à quel partenaire : le texte le nomme."))
    return redirect("consents", worker.pk)


@needs(Permission.SEE_PEOPLE)
@require_safe
def show(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user).select_related("organisation"), pk=worker_id)
    sent = Orientation.objects.visible_to(request.user).filter(pathway__worker=worker)
    context = {
        "worker": worker,
        "register": consents.register(worker, request.user, timezone.localdate()),
        "partners": Partner.objects.filter(pk__in=sent.values("partner")).order_by("name", "pk"),
        "may_write": Permission.WRITE_FOLLOW_UP in permissions(request.user, worker.organisation),
        "may_steer": Permission.SEE_INDICATORS in held(request),
    }
    return render(request, "web/consents.html", context)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, worker_id: int, purpose: str) -> HttpResponse:
    """The words to read together, and what she answers: nothing is chosen before she does."""
    worker, known, partner = _asked(request, worker_id, purpose, Permission.WRITE_FOLLOW_UP)
    if known.partner and partner is None:
        return _which_partner(request, worker)
    today = timezone.localdate()
    papers = Attachment.objects.visible_to(request.user).filter(follow_up__pathway__worker=worker)
    form = ConsentForm(request.POST or None, papers=papers, initial={"said_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            consents.answer(
                by=me(request), worker=worker, purpose=known.code, partner=partner, today=today, **form.cleaned_data
            )
            return redirect("consents", worker.pk)
        except ValidationError as error:
            form.refuse(error)
    words = consents.wording(known, worker, today, partner)
    return render(
        request,
        "web/consent.html",
        {"form": form, "worker": worker, "purpose": known, "words": words, "partner": partner},
    )


@needs(Permission.SEE_PEOPLE)
@require_safe
def form(request: HttpRequest, worker_id: int, purpose: str) -> HttpResponse:
    """The same words on a sheet, to sign."""
    worker, known, partner = _asked(request, worker_id, purpose, Permission.SEE_PEOPLE)
    if known.partner and partner is None:
        return _which_partner(request, worker)
    try:
        return as_pdf(consent_form(worker, known, partner, timezone.localdate()), f"accord-{known.code}")
    except ValidationError as unprintable:
        messages.error(request, " ".join(unprintable.messages))
        return redirect("consents", worker.pk)
