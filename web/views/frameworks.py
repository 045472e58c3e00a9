"""The skills a structure speaks of: the common frameworks, its own with its words, and the badges it gives."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import load, organisations
from accounts.models import Organisation
from accounts.roles import Permission
from skills import awards, frameworks
from skills.models import Badge, Framework, IssuerKey, Skill
from skills.search import closest
from web.access import chosen_structure, held, me, needs
from web.forms.skills import BadgeForm, FrameworkForm, SkillFileForm, SkillForm, SkillWordsForm
from web.writing import form_page

WRITE = Permission.WRITE_FOLLOW_UP
PAGE = 50


def _mine(request: HttpRequest) -> Any:
    return organisations(request.user, WRITE)


@needs(WRITE)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Frameworks and badges, with the way to write one's own."""
    structure, structures = chosen_structure(request, WRITE)
    offered = Framework.objects.filter(organisation=None) | Framework.objects.filter(organisation=structure)
    context = {
        "structure": structure,
        "structures": structures,
        "frameworks": offered.annotate(n=Count("skills")).order_by("organisation_id", "code", "version"),
        "badges": Badge.objects.visible_to(request.user, WRITE).filter(organisation=structure).annotate(given=Count("awards")),
        "key": IssuerKey.objects.filter(organisation=structure, retired_on=None).first(),
        "may_manage": Permission.MANAGE_ORGANISATION in held(request),
    }  # fmt: skip
    return render(request, "web/frameworks.html", context)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, WRITE)
    by = me(request)
    return form_page(
        request, FrameworkForm(request.POST or None), title=_("Référentiel de la structure"), back="frameworks",
        save=lambda **said: frameworks.create_framework(by=by, organisation=structure, **said),
        then=lambda made: redirect("framework", made.pk),
    )  # fmt: skip


@needs(WRITE)
@require_safe
def show(request: HttpRequest, framework_id: int) -> HttpResponse:
    framework = load(Framework.objects.offered(_mine(request)), pk=framework_id)
    text = request.GET.get("q", "").strip()
    rows = Skill.objects.filter(framework=framework)
    page: Any = closest(rows, text, PAGE) if text else Paginator(rows, PAGE).get_page(request.GET.get("page"))
    own = framework.organisation_id is not None
    context = {"framework": framework, "text": text, "page": page, "own": own}
    return render(request, "web/framework.html", context)


def _own(request: HttpRequest, framework_id: int) -> Framework:
    return load(Framework.objects.filter(organisation__in=_mine(request)), pk=framework_id)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def add_skill(request: HttpRequest, framework_id: int) -> HttpResponse:
    framework, by = _own(request, framework_id), me(request)
    return form_page(
        request, SkillForm(request.POST or None), title=f"{_('Nouvelle compétence')} — {framework}", back="framework",
        back_id=framework.pk, save=lambda **said: frameworks.add_skill(by=by, framework=framework, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def read_file(request: HttpRequest, framework_id: int) -> HttpResponse:
    framework, by = _own(request, framework_id), me(request)
    form = SkillFileForm(request.POST or None, request.FILES or None)

    def read(file: Any) -> None:
        read = frameworks.read_skills(by=by, framework=framework, stream=file.file)
        said = ngettext("%(n)s compétence lue.", "%(n)s compétences lues.", read)
        messages.success(request, said % {"n": read})

    title = f"{_('Lire un fichier de compétences')} — {framework}"
    return form_page(request, form, title=title, back="framework", back_id=framework.pk, save=read)


def _skill(request: HttpRequest, skill_id: int) -> Skill:
    rows = Skill.objects.filter(framework__organisation__in=_mine(request)).select_related("framework")
    return load(rows, pk=skill_id)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def reword(request: HttpRequest, skill_id: int) -> HttpResponse:
    skill, by = _skill(request, skill_id), me(request)
    form = SkillWordsForm(request.POST or None, initial={"label": skill.label})
    return form_page(
        request, form, title=f"{_('Reformuler')} — {skill.code}", back="framework", back_id=skill.framework_id,
        save=lambda **said: frameworks.reword_skill(by=by, skill=skill, **said),
    )  # fmt: skip


@needs(WRITE)
@require_POST
def remove(request: HttpRequest, skill_id: int) -> HttpResponse:
    skill = _skill(request, skill_id)
    try:
        frameworks.remove_skill(by=me(request), skill=skill)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("framework", skill.framework_id)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def create_badge(request: HttpRequest) -> HttpResponse:
    """A badge of the structure, on the skill `?competence=` when there is one."""
    structure, _all = chosen_structure(request, WRITE)
    asked = request.GET.get("competence")
    skill = load(Skill.objects.offered(_mine(request)), pk=asked) if asked else None
    by = me(request)
    form = BadgeForm(request.POST or None, initial={"name": skill.label if skill else ""})
    return form_page(
        request, form, title=_("Nouveau badge"), back="frameworks",
        save=lambda **said: awards.create_badge(by=by, organisation=structure, skill=skill, **said),
    )  # fmt: skip


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def change_badge(request: HttpRequest, badge_id: int) -> HttpResponse:
    badge, by = load(Badge.objects.visible_to(request.user, WRITE), pk=badge_id), me(request)
    initial = {"name": badge.name, "description": badge.description, "criteria": badge.criteria}
    return form_page(
        request, BadgeForm(request.POST or None, initial=initial), title=badge.name, back="frameworks",
        save=lambda **said: awards.change_badge(by=by, badge=badge, **said),
    )  # fmt: skip


@needs(WRITE)
@require_POST
def close_badge(request: HttpRequest, badge_id: int) -> HttpResponse:
    badge = load(Badge.objects.visible_to(request.user, WRITE), pk=badge_id)
    awards.close_badge(by=me(request), badge=badge, on=timezone.localdate())
    messages.success(
        request, _("« %(badge)s » n'est plus remis ; ceux déjà remis tiennent toujours.") % {"badge": badge}
    )
    return redirect("frameworks")


@needs(Permission.MANAGE_ORGANISATION)
@require_POST
def renew_key(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """A new key signs the next badges; the former one still verifies those it signed."""
    mine = organisations(request.user, Permission.MANAGE_ORGANISATION).filter(nature=Organisation.Nature.STRUCTURE)
    awards.renew_key(by=me(request), organisation=load(mine, pk=organisation_id), on=timezone.localdate())
    messages.success(request, _("Nouvelle clé en service. Les badges déjà remis se vérifient toujours."))
    return redirect("organisation")
