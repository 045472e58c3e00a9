"""A person's skills: seen at work by two pairs of eyes, over time; trainings, certificates, badges."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import load, organisations
from accounts.roles import Permission
from parcours.models import Worker
from privacy.requests import contested
from skills import actions, awards
from skills.models import Assessment, Badge, Skill
from skills.portfolio import portfolio
from skills.search import search
from web.access import held, me, needs
from web.forms.fields import BootstrapMixin, DateInput
from web.skill_line import skill_line
from web.writing import form_page

LEVELS = [("", gettext_lazy("Pas regardé")), *Assessment.Level.choices]


class AssessmentForm(BootstrapMixin, forms.Form):
    supervisor = forms.TypedChoiceField(
        label=gettext_lazy("Regard de l'encadrant"), choices=LEVELS, coerce=int, empty_value=None, required=False
    )
    worker = forms.TypedChoiceField(
        label=gettext_lazy("Regard de la personne"), choices=LEVELS, coerce=int, empty_value=None, required=False
    )
    assessed_on = forms.DateField(label=gettext_lazy("Le"), widget=DateInput)
    context = forms.CharField(label=gettext_lazy("Situation de travail"), required=False, max_length=200)
    evidence = forms.CharField(
        label=gettext_lazy("Ce qui le montre"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Un fait vu ou un travail fait."),
    )
    words = forms.CharField(label=gettext_lazy("Les mots de la personne"), required=False, max_length=300)
    validated = forms.BooleanField(label=gettext_lazy("La compétence est validée"), required=False)
    supervisor_signs = forms.BooleanField(label=gettext_lazy("L'encadrant signe"), required=False)
    worker_signs = forms.BooleanField(label=gettext_lazy("La personne a lu et signe"), required=False)


class AwardForm(BootstrapMixin, forms.Form):
    badge = forms.ModelChoiceField(label=gettext_lazy("Badge"), queryset=Badge.objects.none())
    awarded_on = forms.DateField(label=gettext_lazy("Remis le"), widget=DateInput)
    evidence = forms.CharField(
        label=gettext_lazy("Ce qui le montre"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Toute personne à qui le badge est montré peut le lire : n'y nommez personne."),
    )


@needs(Permission.SEE_PEOPLE)
def sheet(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user).select_related("organisation"), pk=worker_id)
    found = portfolio(worker)
    return render(
        request,
        "web/skills.html",
        {
            "worker": worker,
            "contested": contested(worker, request.user),
            "portfolio": found,
            "skills": [(story, skill_line(story)) for story in found.skills],
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
        },
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def assess(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Choose a skill (searched, or one already seen), then the two looks on one scale."""
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    text = request.GET.get("q", "").strip()
    if not request.GET.get("competence"):
        seen = Skill.objects.filter(assessments__worker=worker).distinct()
        found = search(text, principal=request.user) if text else []
        return render(request, "web/skill_choice.html", {"worker": worker, "text": text, "found": found, "seen": seen})
    mine = organisations(request.user, Permission.WRITE_FOLLOW_UP)
    skill = load(Skill.objects.offered(mine), pk=request.GET["competence"])
    today = timezone.localdate()
    form = AssessmentForm(request.POST or None, initial={"assessed_on": today})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        levels = {"supervisor": values.pop("supervisor"), "worker": values.pop("worker")}
        try:
            actions.assess_together(by=me(request), worker=worker, skill=skill, today=today, levels=levels, **values)
            return redirect("skills", worker.pk)
        except ValidationError as error:
            form.refuse(error)
    return render(request, "web/form.html", {"form": form, "title": skill, "back": "skills", "back_id": worker.pk})


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    today = timezone.localdate()
    form = AwardForm(request.POST or None, initial={"awarded_on": today})
    form.fields["badge"].queryset = Badge.objects.filter(organisation=worker.organisation_id, closed_on=None)  # type: ignore[attr-defined]
    title = _("Remettre un badge à %(name)s") % {"name": worker}
    return form_page(
        request, form, title=title, back="skills", back_id=worker.pk,
        save=lambda **said: awards.give_badge(by=me(request), worker=worker, today=today, **said),
    )  # fmt: skip
