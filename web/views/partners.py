"""Partners: find a service, send a person, keep agreements, read a directory file, see what nobody could answer."""

import csv
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.models import Commune, Departement
from accounts.roles import Permission
from law.dates import add_months
from law.nomenclature import choices, label
from parcours.models import PlanAction, Worker
from partners import actions, needs, search
from partners.imports import UnreadableFile, read_directory
from partners.models import Agreement, DirectoryFile, Partner, Service, UnmetNeed
from privacy.consents import standing
from web.access import chosen_structure, held, me
from web.access import needs as page_needs
from web.forms.partners import AgreementForm, DirectoryForm, OrientForm, PartnerForm
from web.writing import form_page

PAGE = 25


def _person(request: HttpRequest, permission: Permission = Permission.SEE_PEOPLE) -> Worker | None:
    asked = request.GET.get("personne")
    rows = Worker.objects.visible_to(request.user, permission).select_related("commune__departement", "organisation")
    return load(rows, pk=asked) if asked else None


@page_needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.SEE_PEOPLE)
    person = _person(request)
    near = (person and person.commune) or structure.commune
    asked = {name: request.GET.get(name, "").strip() for name in ("theme", "departement", "q", "commune")}
    unknown_commune = False
    if asked["commune"]:
        communes = Commune.objects.select_related("departement")
        found = communes.filter(pk=asked["commune"]).first() or communes.filter(name__iexact=asked["commune"]).first()
        unknown_commune, near = found is None, found or near
    rows = search.services(
        request.user,
        theme=asked["theme"],
        departement=asked["departement"] or (near.departement_id if near else ""),
        near=near,
        text=asked["q"],
    )
    if unknown_commune:
        messages.warning(request, _("Cette commune n'est pas connue : la recherche se fait autour de la structure."))
    return render(
        request,
        "web/partners.html",
        {
            "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "person": person,
            "near": near,
            "asked": asked,
            "themes": choices("theme"),
            "departements": Departement.objects.all(),
            "own": Partner.objects.filter(organisation=structure),
            "agreements": Agreement.objects.visible_to(request.user).filter(organisation=structure).select_related("partner"),
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
            "may_import": Permission.IMPORT_FILES in held(request),
        },
    )  # fmt: skip


@page_needs(Permission.SEE_PEOPLE)
def show(request: HttpRequest, partner_id: int) -> HttpResponse:
    partner = load(Partner.objects.known_to(request.user).select_related("commune"), pk=partner_id)
    person = _person(request)
    return render(
        request,
        "web/partner.html",
        {
            "partner": partner,
            "person": person,
            "transmission": person and standing(person, request.user, "transmission", partner),
            "services": partner.services.all(),
            "agreements": Agreement.objects.visible_to(request.user).filter(partner=partner),
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
        },
    )


@page_needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.WRITE_FOLLOW_UP)
    form = PartnerForm(request.POST or None)
    return form_page(
        request, form, title=_("Ajouter un partenaire"), back="partners",
        save=lambda **said: actions.add_partner(
            by=me(request), organisation=structure, today=timezone.localdate(), **said
        ),
        then=lambda made: redirect("partner", made.pk),
    )  # fmt: skip


@page_needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, partner_id: int) -> HttpResponse:
    structure, mine = chosen_structure(request, Permission.WRITE_FOLLOW_UP)
    partner = load(Partner.objects.known_to(request.user), pk=partner_id)
    if partner.organisation_id:  # a structure's own partner agrees with that structure
        own = next((one for one in mine if one.pk == partner.organisation_id), None)
        if own is None:
            raise Http404
        structure = own
    form = AgreementForm(request.POST or None)
    title = _("Convention avec %(name)s") % {"name": partner}
    return form_page(
        request, form, title=title, back="partner", back_id=partner.pk,
        save=lambda **said: actions.agree(
            by=me(request), organisation=structure, partner=partner, today=timezone.localdate(), **said
        ),
    )  # fmt: skip


@page_needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def orient(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Send the person `?personne=` to this partner, for the service `?service=` when there is one."""
    person = _person(request, Permission.WRITE_FOLLOW_UP)
    pathway = person.pathways.first() if person else None
    if person is None or pathway is None:
        raise Http404
    partner = load(Partner.objects.known_to(request.user), pk=partner_id)
    asked = request.GET.get("service")
    service = load(Service.objects.filter(partner=partner), pk=asked) if asked else None
    theme = service.themes[0] if service and service.themes else ""
    mine = PlanAction.objects.visible_to(request.user).filter(pathway=pathway, state__in=["to_do", "doing"])
    form = OrientForm(request.POST or None, actions=mine, today=timezone.localdate(), theme=theme)
    title = _("Orienter %(person)s vers %(partner)s") % {"person": person, "partner": service or partner}
    said = standing(person, request.user, "transmission", partner)
    return form_page(
        request, form, title=title, back="plan", back_id=person.pk,
        notes=[_("Transmettre son dossier à ce partenaire : %(said)s.") % {"said": said}],
        save=lambda **said: actions.orient(
            by=me(request), pathway=pathway, partner=partner, service=service, today=timezone.localdate(), **said
        ),
    )  # fmt: skip


@page_needs(Permission.IMPORT_FILES)
@require_http_methods(["GET", "POST"])
def directory(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.IMPORT_FILES)
    form = DirectoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            read_directory(
                by=me(request),
                kind=form.cleaned_data["kind"],
                name=given.name,
                stream=given.file,
                organisation=structure,
            )
            return redirect("directory")
        except UnreadableFile as error:
            form.add_error("file", str(error))
        except ValidationError as error:
            form.refuse(error)
    files = DirectoryFile.objects.visible_to(request.user).filter(organisation=structure).prefetch_related("faults")
    return render(
        request,
        "web/directory.html",
        {"form": form, "files": files[:20], "structure": structure, "structures": structures},
    )


def _last_year(today: date) -> tuple[date, date]:
    return add_months(today, -12), today


@page_needs(Permission.SEE_PEOPLE)
def unmet(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_PEOPLE)
    rows = UnmetNeed.objects.visible_to(request.user).filter(pathway__worker__organisation=structure)
    span = _last_year(timezone.localdate())
    return render(
        request,
        "web/unmet_needs.html",
        {
            "structure": structure,
            "structures": structures,
            "counts": needs.by_commune(rows, *span),
            "shared": needs.to_share(rows, *span),
            "since": span[0],
        },
    )


@page_needs(Permission.SEE_PEOPLE)
def unmet_to_share(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.SEE_PEOPLE)
    rows = UnmetNeed.objects.visible_to(request.user).filter(pathway__worker__organisation=structure)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="besoins-sans-reponse.csv"'
    response.write("\ufeff")
    table = csv.writer(response, delimiter=";")
    table.writerow([_("Thème"), _("Département"), _("Personnes")])
    for theme, place, people in needs.to_share(rows, *_last_year(timezone.localdate())):
        table.writerow([label("theme", theme), place, people])
    return response
