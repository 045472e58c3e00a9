"""Follow-ups: logging one in four clicks for one or several people, finding, correcting, handing over a piece."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Greatest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load, permissions
from accounts.roles import Permission
from audit.history import changes_of
from law.nomenclature import choices, codes, label
from parcours import attachments, follow_ups
from parcours.follow_up_templates import Template, templates
from parcours.models import Attachment, FollowUp, FollowUpTemplate, Pathway, Worker
from parcours.models.follow_up import FollowUpQuerySet
from parcours.models.worker import ALIKE, resemblance
from web.access import held, me, needs
from web.forms.follow_up import CancelForm, CorrectionForm, DetachForm, FollowUpForm, PieceForm
from web.keyset import keyset_page
from web.writing import form_page

SUGGESTED = 8
PAGE = 30


@dataclass(frozen=True)
class Candidate:
    """Someone who may be chosen, chosen or not, with her presence."""

    worker: Worker
    chosen: bool
    outcome: str


def reachable(request: HttpRequest) -> QuerySet[Worker]:
    return Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP)


def candidates(request: HttpRequest, given: Any, first: Worker | None = None) -> list[Candidate]:
    """Those already chosen, then those whose name resembles `q`, or those one met last. Three queries at most."""
    wanted = {int(pk) for pk in given.getlist("people") if pk.isdigit()}
    chosen = list(reachable(request).filter(pk__in=wanted)) if wanted else []
    if first and first.pk not in wanted and not given.getlist("people"):
        chosen.insert(0, first)
    text, rows = (
        given.get("q", "").strip(),
        reachable(request).filter(Exists(Pathway.objects.filter(worker=OuterRef("pk")))),
    )
    if text:
        holds = Q(pk__in=reachable(request).named(text).values("pk"))  # type: ignore[attr-defined]
        rows = rows.annotate(
            alike=Greatest(resemblance(text, "name_key"), Case(When(holds, then=1.0), default=0.0))
        ).filter(alike__gte=ALIKE)
        rows = rows.order_by("-alike", "name_key")
    else:
        latest = FollowUp.objects.filter(author=me(request)).order_by("-id").values("pathway__worker")[:60]
        met = [row["pathway__worker"] for row in latest]
        order = list(dict.fromkeys(met))[:SUGGESTED]
        rows = rows.filter(pk__in=order) if order else rows.filter(counsellor=me(request)).order_by("name_key")
    found = [worker for worker in rows[: SUGGESTED + len(chosen)] if worker not in chosen]
    if not text and met:
        found.sort(key=lambda worker: order.index(worker.pk))
    return [
        *(Candidate(worker, True, given.get(f"presence-{worker.pk}", "present")) for worker in chosen),
        *(Candidate(worker, False, "present") for worker in found[:SUGGESTED]),
    ]


@needs(Permission.WRITE_FOLLOW_UP)
def people(request: HttpRequest) -> HttpResponse:
    """The part of the form that says who, again for what was typed."""
    return render(request, "web/partials/people.html", picker(request, candidates(request, request.GET)))


def picker(request: HttpRequest, found: list[Candidate]) -> dict[str, Any]:
    return {"candidates": found, "presences": choices("follow_up_outcome")}


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, worker_id: int | None = None) -> HttpResponse:
    worker = load(reachable(request), pk=worker_id) if worker_id else None
    today, user = timezone.localdate(), me(request)
    given = request.POST if request.method == "POST" else None
    if given is None:
        last = FollowUp.objects.filter(author=user).order_by("-id").values_list("kind", flat=True).first()
    else:
        last = given.get("kind")
    initial = {"kind": request.GET.get("nature", last or "entretien_individuel")}
    models = templates(FollowUpTemplate.objects.visible_to(user)) if not given else []
    asked = next((model for model in models if model.key == request.GET.get("modele")), None)
    if asked:
        initial |= fills(asked, today)
    form = FollowUpForm(given, request.FILES or None, today=today, last_kind=last or "", initial=initial)
    fragment = bool(getattr(request, "htmx", False))
    if given is not None and "search" not in given and form.is_valid():
        try:
            written = record(request, form, worker)
        except ValidationError as error:
            form.refuse(error)
        else:
            first = written[0].pathway.worker
            if not fragment:
                return redirect("worker", first.pk)
            context = {"written": written, "worker": first, "draft": draft(worker)}
            return render(request, "web/partials/follow_up_done.html", context)
    template = "web/partials/follow_up_form.html" if fragment else "web/follow_up.html"
    context = {
        "form": form, "worker": worker, "draft": draft(worker), "search": given.get("q", "") if given else "",
        "models": [(model, json.dumps(fills(model, today), default=str)) for model in models],
        **picker(request, candidates(request, given or request.GET, worker)),
    }  # fmt: skip
    return render(request, template, context)


def draft(worker: Worker | None) -> str:
    return f"suivi-{worker.pk}" if worker else "suivi"


def fills(model: Template, today: Any) -> dict[str, Any]:
    """What a template puts in the form."""
    said = {"kind": model.kind, "minutes": model.minutes, "themes": list(model.themes), "note": model.note,
            "next_step": model.next_step}  # fmt: skip
    if model.next_in_days is not None:
        said["next_due_on"] = today + timedelta(days=model.next_in_days)
    return {name: value for name, value in said.items() if value}


def record(request: HttpRequest, form: FollowUpForm, worker: Worker | None) -> list[FollowUp]:
    """One domain call with who was chosen, each in her last pathway."""
    values, file = dict(form.cleaned_data), form.cleaned_data["file"]
    del values["file"]
    ids = [int(pk) for pk in request.POST.getlist("people") if pk.isdigit()] or ([worker.pk] if worker else [])
    rows = (
        Pathway.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP)
        .filter(worker__in=ids, started_on__lte=values["held_on"])
        .select_related("worker")
        .order_by("worker_id", "-started_on")
        .distinct("worker_id")
    )
    found = {pathway.worker_id: pathway for pathway in rows}
    if set(ids) - set(found):
        raise ValidationError(
            {"held_on": _("À cette date, une des personnes n'avait pas de parcours dans la structure.")}
        )
    return follow_ups.record_together(
        by=me(request),
        attendance=[(found[pk], request.POST.get(f"presence-{pk}", "present")) for pk in dict.fromkeys(ids)],
        today=timezone.localdate(),
        files=[(file.name, file)] if file else [],
        **values,
    )


@needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponse:
    """Follow-ups one may see, found by their words, among what one may read of them."""
    rows = visible(request)
    text, kind, theme = (request.GET.get(name, "").strip() for name in ("q", "nature", "theme"))
    if text:
        rows = rows.saying(text)
    if kind:
        rows = rows.filter(kind=kind)
    if theme:
        rows = rows.about(theme)
    page = keyset_page(rows, by=("-held_on", "-id"), after=request.GET.get("apres", ""), size=PAGE)
    context = {"page": page, "text": text, "kind": kind, "theme": theme, "kinds": choices("follow_up_kind"),
               "themes": choices("theme"), "may_write": Permission.WRITE_FOLLOW_UP in held(request)}  # fmt: skip
    return render(request, "web/follow_ups.html", context)


def visible(request: HttpRequest) -> FollowUpQuerySet:
    return FollowUp.objects.visible_to(request.user).select_related("author", "pathway__worker__organisation")


@needs(Permission.SEE_PEOPLE)
def show(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    follow_up = load(visible(request), pk=follow_up_id)
    held = permissions(request.user, follow_up.pathway.worker.organisation)
    trusted = follow_up.author_id == me(request).pk or Permission.SEE_SENSITIVE in held
    # What was said when it was about health or justice stays as reserved as the day it was said.
    changes = [
        (event, why)
        for event, why in changes_of(follow_up)
        if trusted or not {*event.themes} & {*codes("theme", sensitive=True)}
    ]
    context = {
        "follow_up": follow_up,
        "worker": follow_up.pathway.worker,
        "themes": [label("theme", code) for code in follow_up.shown_themes],
        "pieces": Attachment.objects.visible_to(request.user).filter(follow_up=follow_up),
        "changes": changes if follow_up.readable else [],
        "others": visible(request).filter(together=follow_up.together).exclude(pk=follow_up.pk)
        if follow_up.together
        else [],
        "may_attach": follow_up.readable and follow_up.cancelled_at is None and Permission.WRITE_FOLLOW_UP in held,
        "mine": follow_up.author_id == me(request).pk and follow_up.cancelled_at is None,
    }
    return render(request, "web/follow_up_show.html", context)


def own(request: HttpRequest, follow_up_id: int) -> FollowUp:
    """One's own, or 404."""
    return load(visible(request).filter(author=me(request), cancelled_at__isnull=True), pk=follow_up_id)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    follow_up, today = own(request, follow_up_id), timezone.localdate()
    names = (*follow_ups.CORRECTABLE, "own_note")
    initial = {("private_note" if n == "own_note" else n): getattr(follow_up, n) for n in names}
    form = CorrectionForm(request.POST or None, today=today, last_kind=follow_up.kind, initial=initial)
    if follow_up.minutes not in dict(form.fields["minutes"].choices):  # type: ignore[attr-defined]
        form.fields["minutes"].choices = [*form.fields["minutes"].choices, (follow_up.minutes, str(follow_up.minutes))]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            follow_ups.correct_follow_up(by=me(request), follow_up=follow_up, today=today, **form.cleaned_data)
            return redirect("follow-up", follow_up.pk)
        except ValidationError as error:
            form.refuse(error)
    return render(
        request,
        "web/follow_up_correct.html",
        {"form": form, "follow_up": follow_up, "worker": follow_up.pathway.worker},
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    follow_up = own(request, follow_up_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        follow_ups.cancel_follow_up(by=me(request), follow_up=follow_up, at=timezone.now(), **form.cleaned_data)
        return redirect("follow-up", follow_up.pk)
    title = f"{_('Annuler')} : {follow_up}"
    return render(
        request, "web/form.html", {"form": form, "title": title, "back": "follow-up", "back_id": follow_up.pk}
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """Add a file to a follow-up already written, by whoever may read it."""
    rows = FollowUp.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).filter(readable=True)  # type: ignore[misc]
    follow_up, by = load(rows.standing().select_related("pathway__worker"), pk=follow_up_id), me(request)
    form = PieceForm(request.POST or None, request.FILES or None)

    def keep(file: Any) -> Attachment:
        try:
            return attachments.attach(by=by, follow_up=follow_up, name=file.name, stream=file)
        except ValidationError as error:
            raise ValidationError({"file": error.messages}) from error

    title = f"{_('Ajouter une pièce')} : {follow_up} — {follow_up.pathway.worker}"
    return form_page(request, form, title=title, back="follow-up", back_id=follow_up.pk, save=keep)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def detach(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """Take away a file of a follow-up one wrote: its content is erased."""
    rows = Attachment.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).filter(follow_up__author=me(request))
    kept, by = load(rows, pk=attachment_id), me(request)
    return form_page(
        request, DetachForm(request.POST or None), title=f"{_('Retirer')} « {kept} »", back="follow-up",
        back_id=kept.follow_up_id, save=lambda reason: attachments.remove(by=by, attachment=kept, reason=reason),
    )  # fmt: skip


@needs(Permission.SEE_PEOPLE)
def piece(request: HttpRequest, attachment_id: int) -> HttpResponse | FileResponse:
    """Hand a file over, to be saved and never run here."""
    kept = load(Attachment.objects.visible_to(request.user), pk=attachment_id)
    if not kept.served:
        raise Http404
    return FileResponse(
        kept.content.open("rb"),
        as_attachment=True,
        filename=kept.name,
        content_type=kept.media_type,
        headers=attachments.HEADERS,
    )
