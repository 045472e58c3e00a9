"""Files in: drop one, look at what it would do, confirm."""

import csv

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import load, organisations
from accounts.models import Organisation
from accounts.roles import Permission
from contracts import imports
from contracts.models import ImportedFile
from documents.exports import text_cell
from web.access import me, needs
from web.forms.fields import BootstrapMixin

PAGE = 50


class UploadForm(BootstrapMixin, forms.Form):
    organisation = forms.ModelChoiceField(label=_("Structure"), queryset=Organisation.objects.none(), empty_label=None)
    file = forms.FileField(
        label=_("Fichier"),
        allow_empty_file=True,  # the importer says why an empty file is of no use
        help_text=_("CSV ou Excel de Parcours, JSON des Emplois de l'inclusion, CSV du Carnet de bord."),
    )

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        mine = organisations(request.user, Permission.IMPORT_FILES).filter(nature="structure")
        self.fields["organisation"].queryset = mine  # type: ignore[attr-defined]


@needs(Permission.IMPORT_FILES)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, request=request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            file = imports.receive(
                by=me(request), organisation=form.cleaned_data["organisation"], name=given.name, stream=given.file
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            if file.state == ImportedFile.State.RECEIVED:
                imports.preview(file)
            return redirect("import", file.pk)
    rows = ImportedFile.objects.visible_to(request.user).select_related("organisation", "uploaded_by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "web/imports.html", {"form": form, "page": page})


@needs(Permission.IMPORT_FILES)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, file_id: int) -> HttpResponse:
    file = load(ImportedFile.objects.visible_to(request.user).select_related("organisation"), pk=file_id)
    if request.method == "POST" and file.state in {ImportedFile.State.PREVIEWED, ImportedFile.State.RECEIVED}:
        imports.commit(by=me(request), file=file)
        return redirect("import", file.pk)
    faults = Paginator(file.faults.all(), PAGE).get_page(request.GET.get("page"))
    return render(request, "web/import.html", {"file": file, "page": faults})


@needs(Permission.IMPORT_FILES)
def faults(request: HttpRequest, file_id: int) -> HttpResponse:
    file = load(ImportedFile.objects.visible_to(request.user), pk=file_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="erreurs-{file.pk}.csv"'
    response.write("\ufeff")
    table = csv.writer(response, delimiter=";")
    table.writerow(["Ligne", "Colonne", "Valeur", "Erreur", "Comment corriger"])
    for fault in file.faults.all():
        cells = [fault.column, fault.value, fault.message, fault.remedy]
        table.writerow([fault.line, *(text_cell(cell) for cell in cells)])
    return response
