"""The plan of a person: strengths first, then what she wants, what is done for it, and what stands in the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, permissions
from accounts.roles import Permission
from law.crosswalk import situation_label
from law.nomenclature import choices
from parcours import plan, wording
from parcours.models import (
    Barrier,
    BarrierState,
    EngagementContract,
    Objective,
    Pathway,
    PlanAction,
    PlanReview,
    Worker,
)
from parcours.models.sensitive import SENSITIVE_THEMES
from participation import actions as participation
from partners import actions as partners
from partners.models import Orientation, UnmetNeed
from privacy.requests import contested
from web.access import held, me, needs
from web.forms import plan as forms

Verb = Callable[..., Any]


@dataclass(frozen=True)
class Writing:
    """What may be added to a plan: its title, its form, its verb, and whether the verb is about the person."""

    title: Any
    form: type[forms.PlanForm]
    verb: Verb
    of_worker: bool = False


WRITINGS = {
    "point-d-appui": Writing(gettext_lazy("Noter un point d'appui"), forms.StrengthForm, plan.add_strength, True),
    "objectif": Writing(gettext_lazy("Noter ce que veut la personne"), forms.ObjectiveForm, plan.set_objective),
    "action": Writing(gettext_lazy("Décider d'une action"), forms.ActionForm, plan.add_action),
    "situation": Writing(gettext_lazy("Faire le tour de la situation"), forms.SituationForm, plan.look_at_situation),
    "obstacle": Writing(gettext_lazy("Noter un obstacle"), forms.BarrierForm, plan.note_barrier),
    "engagement": Writing(gettext_lazy("Proposer un contrat d'engagement"), forms.EngagementForm, plan.propose_engagement),
    "bilan": Writing(gettext_lazy("Faire un bilan"), forms.ReviewForm, plan.review_plan),
    "heures": Writing(gettext_lazy("Noter les heures souhaitées"), forms.WishForm, plan.wish_hours, True),
    "citoyennete": Writing(
        gettext_lazy("Noter une action citoyenne déclarée"), forms.CivicForm, participation.state_civic_action, True
    ),
    "vote": Writing(gettext_lazy("Aider à s'inscrire pour voter"), forms.VoterForm, participation.help_to_register, True),
    "association": Writing(
        gettext_lazy("Noter une adhésion à l'association"), forms.MemberForm, participation.join_association, True
    ),
    "sans-solution": Writing(gettext_lazy("Pas de solution ici"), forms.UnmetForm, partners.note_unmet_need),
}  # fmt: skip


def _plan_of(request: HttpRequest, worker_id: int, permission: Permission) -> tuple[Worker, Pathway]:
    worker = load(Worker.objects.visible_to(request.user, permission).select_related("organisation"), pk=worker_id)
    pathway = worker.pathways.first()
    if pathway is None:
        raise Http404
    return worker, pathway


@needs(Permission.SEE_PEOPLE)
def show(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker, pathway = _plan_of(request, worker_id, Permission.SEE_PEOPLE)
    today = timezone.localdate()
    objectives = list(Objective.objects.visible_to(request.user).filter(pathway=pathway))
    actions = list(
        PlanAction.objects.visible_to(request.user).filter(pathway=pathway).prefetch_related("orientations__partner")
    )
    states = BarrierState.objects.visible_to(request.user).filter(barrier__pathway=pathway)
    barriers: dict[int, dict[str, Any]] = {}
    for state in states.select_related("barrier"):
        row = barriers.setdefault(state.barrier_id, {"barrier": state.barrier, "states": []})
        row["states"].append(state)
    for row in barriers.values():
        row["last"] = row["states"][-1]
        row["situation"] = situation_label(row["barrier"].situation) if row["barrier"].situation else ""
    # Of themes kept for counsellors the others are told nothing: neither clear, nor unknown.
    trusted = Permission.SEE_SENSITIVE in permissions(request.user, worker.organisation)
    told = [(code, name) for code, name in choices("theme") if trusted or code not in SENSITIVE_THEMES]
    looked = {theme for diagnosis in pathway.diagnoses.all() for theme in diagnosis.themes}
    looked |= {row["barrier"].theme for row in barriers.values()}
    kept = {objective.pk for objective in objectives}
    reviews = list(PlanReview.objects.visible_to(request.user).filter(pathway=pathway).select_related("author")[:4])
    return render(
        request,
        "web/plan.html",
        {
            "worker": worker,
            "contested": contested(worker, request.user),
            "pathway": pathway,
            "today": today,
            "strengths": worker.strengths.all(),
            "objectives": [(o, [a for a in actions if a.objective_id == o.pk]) for o in objectives],
            "other_actions": [a for a in actions if a.objective_id not in kept],
            "barriers": sorted(barriers.values(), key=lambda row: (row["last"].state == "resolved", row["barrier"].pk)),
            "unknown_themes": [name for code, name in told if code not in looked],
            "clear_themes": [
                name for code, name in told
                if code in looked and code not in {row["barrier"].theme for row in barriers.values()}
            ],
            "reserved_themes": [name for code, name in choices("theme") if (code, name) not in told],
            "engagements": pathway.engagements.all(),
            "reviews": reviews,
            "next_review": reviews[0].next_on if reviews else plan.next_review(pathway.started_on),
            "wish": worker.hours_wishes.first(),
            "orientations": Orientation.objects.visible_to(request.user).filter(pathway=pathway).select_related("partner", "service"),
            "needs": UnmetNeed.objects.visible_to(request.user).filter(pathway=pathway),
            "civic": worker.civic_statements.first(),
            "member": worker.association_memberships.filter(ended_on=None).exists(),
            "voter": worker.voter_helps.first(),
            "seats": worker.seats.filter(ended_on=None).select_related("body"),
            "barrier_states": choices("barrier_state"),
            "orientation_states": choices("orientation_state"),
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
        },
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, worker_id: int, what: str) -> HttpResponse:
    worker, pathway = _plan_of(request, worker_id, Permission.WRITE_FOLLOW_UP)
    if what not in WRITINGS:
        raise Http404
    writing, today = WRITINGS[what], timezone.localdate()
    form = writing.form(request.POST or None, pathway=pathway, principal=request.user, today=today)
    if request.method == "POST" and form.is_valid():
        about = {"worker": worker} if writing.of_worker else {"pathway": pathway}
        try:
            writing.verb(by=me(request), today=today, **about, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("C'est noté."))
            return redirect("plan", worker.pk)
    title = f"{writing.title} — {worker}"
    return render(request, "web/form.html", {"form": form, "title": title, "back": "plan", "back_id": worker.pk})


def _move(request: HttpRequest, rows: Any, pk: int, moves: dict[str, Callable[[Any, date], Any]]) -> HttpResponse:
    """One click on one row of a plan: the named move, or a refusal said above the page."""
    row = load(rows.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=pk)
    move = moves.get(request.POST.get("to", ""))
    if move is None:
        raise Http404
    try:
        move(row, timezone.localdate())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    barrier = getattr(row, "barrier", None) if isinstance(row, BarrierState) else None
    pathway = barrier.pathway if barrier else row.pathway
    return redirect(f"{reverse('plan', args=[pathway.worker_id])}#{row._meta.model_name}-{row.pk}")


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def move_objective(request: HttpRequest, objective_id: int) -> HttpResponse:
    by = me(request)
    moves: dict[str, Callable[[Any, date], Any]] = {
        code: lambda row, day, code=code: plan.close_objective(by=by, objective=row, state=code, on=day, today=day)  # type: ignore[misc]
        for code, _label in choices("objective_state")
    }
    moves["hers"] = lambda row, day: plan.cosign_objective(by=by, objective=row, on=day, today=day)
    return _move(request, Objective.objects, objective_id, moves)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def move_action(request: HttpRequest, action_id: int) -> HttpResponse:
    by = me(request)
    moves: dict[str, Callable[[Any, date], Any]] = {
        code: lambda row, day, code=code: plan.move_action(by=by, action=row, state=code, on=day, today=day)  # type: ignore[misc]
        for code, _label in choices("action_state")
    }
    return _move(request, PlanAction.objects, action_id, moves)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def move_barrier(request: HttpRequest, barrier_id: int) -> HttpResponse:
    """`to` is the state and, after a colon, who says it: « resolved:worker » is « levé, dit par la personne »."""
    by = me(request)
    moves: dict[str, Callable[[Any, date], Any]] = {
        f"{code}:{voice}": lambda row, day, code=code, voice=voice: plan.move_barrier(  # type: ignore[misc]
            by=by, barrier=row, state=code, since=day, said_by=voice, today=day
        )
        for code, _label in choices("barrier_state")
        for voice in ("worker", "counsellor")
    }
    return _move(request, Barrier.objects, barrier_id, moves)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def sign_engagement(request: HttpRequest, engagement_id: int) -> HttpResponse:
    by = me(request)
    moves: dict[str, Callable[[Any, date], Any]] = {
        who: lambda row, day, who=who: plan.sign_engagement(  # type: ignore[misc]
            by=by, engagement=row, today=day, **{f"signed_{who}_on": day}
        )
        for who in ("worker", "structure")
    }
    return _move(request, EngagementContract.objects, engagement_id, moves)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def move_orientation(request: HttpRequest, orientation_id: int) -> HttpResponse:
    by = me(request)
    moves: dict[str, Callable[[Any, date], Any]] = {
        code: lambda row, day, code=code: partners.move_orientation(  # type: ignore[misc]
            by=by, orientation=row, state=code, on=day, today=day
        )
        for code, _label in choices("orientation_state")
    }
    return _move(request, Orientation.objects, orientation_id, moves)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def answer_need(request: HttpRequest, need_id: int) -> HttpResponse:
    by = me(request)
    found = {"answered": lambda row, day: partners.answer_need(by=by, need=row, answered_on=day, today=day)}
    return _move(request, UnmetNeed.objects, need_id, found)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def words(request: HttpRequest) -> HttpResponse:
    """Other words for those just typed, or nothing. The text is read, and not kept."""
    text = " ".join(str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken")
    return render(request, "web/partials/words.html", {"suggestions": wording.suggestions(text)})
