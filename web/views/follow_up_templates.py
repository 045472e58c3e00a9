"""Templates of follow-ups of a structure: written once, they fill the form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import load
from accounts.roles import Permission
from law.nomenclature import label
from parcours.follow_up_templates import change_template, drop_template, shipped, write_template
from parcours.models import FollowUpTemplate
from web.access import chosen_structure, me, needs
from web.forms.follow_up import TemplateForm
from web.writing import form_page

WRITE = Permission.WRITE_FOLLOW_UP
SAID = ("title", "kind", "minutes", "themes", "note", "next_step", "next_in_days")


@needs(WRITE)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, WRITE)
    context = {
        "structure": structure,
        "structures": structures,
        "own": FollowUpTemplate.objects.visible_to(request.user).filter(organisation=structure),
        "shipped": [(model.title, label("follow_up_kind", model.kind)) for model in shipped()],
    }
    return render(request, "web/follow_up_templates.html", context)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, WRITE)
    by = me(request)
    return form_page(
        request, TemplateForm(request.POST or None), title=_("Nouveau modèle de suivi"), back="follow-up-templates",
        save=lambda **said: write_template(by=by, organisation=structure, **said),
    )  # fmt: skip


def _one(request: HttpRequest, template_id: int) -> FollowUpTemplate:
    return load(FollowUpTemplate.objects.visible_to(request.user), pk=template_id)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, template_id: int) -> HttpResponse:
    template, by = _one(request, template_id), me(request)
    form = TemplateForm(request.POST or None, initial={name: getattr(template, name) for name in SAID})
    return form_page(
        request, form, title=template.title, back="follow-up-templates",
        save=lambda **said: change_template(by=by, template=template, **said),
    )  # fmt: skip


@needs(WRITE)
@require_POST
def drop(request: HttpRequest, template_id: int) -> HttpResponse:
    drop_template(by=me(request), template=_one(request, template_id))
    return redirect("follow-up-templates")
