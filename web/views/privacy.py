"""Personal data: files past their term, who read what, and what may be done with one person's data."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access import load, organisations
from accounts.members import contacts
from accounts.roles import Permission
from parcours.models import Worker
from privacy import retention
from privacy.copies import packed
from privacy.erasure import obstacles
from privacy.models import Consultation, Erasure, Keeping, Term
from web.access import held, me, needs
from web.keyset import keyset_page

PAGE = 60


@needs(Permission.DECIDE_CONTRACTS)
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """« Dossiers à effacer »: who, why, when; what is kept and why; what was erased."""
    today = timezone.localdate()
    rules = retention.rules(today)
    page = keyset_page(
        Term.objects.visible_to(request.user).select_related("worker__organisation"),
        by=("erase_on", "id"), after=request.GET.get("apres", ""), size=PAGE,
    )  # fmt: skip
    keepings = Keeping.objects.visible_to(request.user).filter(until__gte=today).select_related("worker", "decided_by")
    erasures = Erasure.objects.visible_to(request.user).select_related("organisation", "erased_by")
    context = {
        "page": page,
        "terms": [(term, rules.get(term.rule)) for term in page.rows],
        "keepings": keepings[:PAGE],
        "rules": rules.values(),
        "consultations": retention.consultations_rule(),
        "erasures": erasures[:20],
        "may_protect": Permission.PROTECT_DATA in held(request),
    }
    return render(request, "web/terms.html", context)


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """« Registre des traitements »: what is done with people's data, for whoever works here."""
    durations = {code: (rule.months, rule.source) for code, rule in retention.rules(timezone.localdate()).items()}
    consulted = retention.consultations_rule()
    durations["consultations"] = (consulted["months"], consulted["source"])
    entries = [(entry, *durations.get(entry["retention"], (None, ""))) for entry in retention.register()]
    context = {
        "entries": entries,
        "may_decide": Permission.DECIDE_CONTRACTS in held(request),
        "may_name": Permission.MANAGE_ORGANISATION in held(request),
        "contacts": contacts(organisations(request.user), timezone.localdate()).select_related("user", "organisation"),
        "may_answer": not held(request).isdisjoint({Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA}),
    }
    return render(request, "web/register.html", context)


@needs(Permission.PROTECT_DATA)
@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    """Who read which file, newest first."""
    return _consultations(request, None)


@needs(Permission.PROTECT_DATA)
@require_safe
def person(request: HttpRequest, worker_id: int) -> HttpResponse:
    """One person's data: who read them, and what may be done."""
    return _consultations(request, load(Worker.objects.visible_to(request.user, Permission.PROTECT_DATA), pk=worker_id))


@needs(Permission.WRITE_FOLLOW_UP)
@require_safe
def copy(request: HttpRequest, worker_id: int) -> FileResponse:
    """The copy of her data that a person asks for, as one archive."""
    rows = Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).select_related("organisation__commune")
    worker = load(rows, pk=worker_id)
    response = FileResponse(
        packed(by=me(request), worker=worker, today=timezone.localdate()),
        as_attachment=True,
        filename=f"donnees-{slugify(str(worker))}.zip",
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _consultations(request: HttpRequest, worker: Worker | None) -> HttpResponse:
    today = timezone.localdate()
    may = held(request)
    rows = Consultation.objects.visible_to(request.user).select_related("reader", "token", "worker", "opening")
    if (asked := request.GET.get("acces", "")).isdecimal():
        rows = rows.filter(opening=int(asked))
    page = keyset_page(
        rows.filter(worker=worker) if worker else rows,
        by=("-hour", "-id"), after=request.GET.get("apres", ""), size=PAGE,
    )  # fmt: skip
    context = {
        "page": page,
        "rows": page.rows,
        "worker": worker,
        "rule": retention.consultations_rule(),
        "may_read": Permission.SEE_PEOPLE in may,
        "may_follow": Permission.WRITE_FOLLOW_UP in may,
        "may_decide": Permission.DECIDE_CONTRACTS in may,
        "may_erase": Permission.ERASE_FILES in may,
        "keeping": worker and retention.kept(worker, today),
        "obstacles": obstacles(worker, today) if worker else [],
    }
    return render(request, "web/consultations.html", context)
