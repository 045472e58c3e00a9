"""A person's rights: what is hers, what to do before when, what she tells of her life; one click a step."""

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from law.nomenclature import choices
from parcours.models import Worker
from privacy.requests import contested
from rights import actions
from rights.models import RightStep
from rights.reading import checklist
from rights.transitions import moves
from web.access import held, me, needs
from web.forms.fields import BootstrapMixin, DateInput
from web.writing import form_page


class StepForm(BootstrapMixin, forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("État"))
    on = forms.DateField(label=gettext_lazy("Le"), widget=DateInput)
    expires_on = forms.DateField(
        label=gettext_lazy("Dernier jour du droit"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("Si le droit s'ouvre. Vide : la durée habituelle, quand elle est connue."),
    )
    waiver_signed = forms.BooleanField(
        label=gettext_lazy("La personne, informée, a signé qu'elle ne demande pas ce droit"), required=False
    )
    note = forms.CharField(label=gettext_lazy("Précision"), required=False, max_length=300)

    def __init__(self, *args: object, step: RightStep, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(choices("right_state"))
        self.fields["state"].choices = [(code, labels[code]) for code in moves(step.state)]  # type: ignore[attr-defined]


class CircumstanceForm(BootstrapMixin, forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Situation"), choices=lambda: choices("circumstance"))
    since = forms.DateField(
        label=gettext_lazy("Depuis le"), widget=DateInput, help_text=gettext_lazy("Pour un enfant : sa naissance.")
    )
    until = forms.DateField(
        label=gettext_lazy("Jusqu'au"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("Pour un titre : son dernier jour."),
    )
    label = forms.CharField(label=gettext_lazy("Précision"), required=False, max_length=80)


@needs(Permission.SEE_PEOPLE)
def sheet(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user).select_related("organisation"), pk=worker_id)
    may_write = Permission.WRITE_FOLLOW_UP in held(request)
    context = {
        "sheet": checklist(worker, timezone.localdate(), request.user),
        "worker": worker,
        "may_write": may_write,
        "contested": contested(worker, request.user),
    }
    return render(request, "web/rights.html", context)


@needs(Permission.SEE_PEOPLE)
def printed(request: HttpRequest, worker_id: int) -> HttpResponse:
    """One page to print and to give to the person."""
    worker = load(Worker.objects.visible_to(request.user).select_related("organisation"), pk=worker_id)
    return render(
        request,
        "web/rights_checklist.html",
        {"sheet": checklist(worker, timezone.localdate(), request.user), "worker": worker},
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    today = timezone.localdate()
    form = CircumstanceForm(request.POST or None, initial={"since": today, "kind": request.GET.get("situation")})
    title = _("Noter une situation de %(name)s") % {"name": worker}
    return form_page(
        request, form, title=title, back="rights", back_id=worker.pk,
        save=lambda **said: actions.tell_circumstance(by=me(request), worker=worker, today=today, **said),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["POST"])
def diagnosed(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    actions.diagnose_rights(by=me(request), pathway=load(worker.pathways.open()), on=timezone.localdate())
    return redirect("rights", worker.pk)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, step_id: int) -> HttpResponse:
    """A move with its details; a button of the list posts the state alone, for today."""
    rows = RightStep.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).select_related("pathway__worker")
    step = load(rows.filter(readable=True), pk=step_id)  # type: ignore[misc]
    today: date = timezone.localdate()
    given = request.POST.copy() if request.method == "POST" else None
    if given is not None:
        given.setdefault("on", today.isoformat())
    form = StepForm(given, step=step, initial={"on": today, "expires_on": step.expires_on})
    return form_page(
        request, form, title=step.get_right_display(), back="rights", back_id=step.pathway.worker_id,
        save=lambda **said: actions.move_step(by=me(request), step=step, **said),
    )  # fmt: skip
