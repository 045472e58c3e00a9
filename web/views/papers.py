"""Papers: look at one before it is issued, issue it, open it, adapt its texts."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load
from accounts.roles import Permission
from documents import actions
from documents.models import LETTERHEAD, Paper
from documents.papers import KINDS, PaperKind, sections_of, texts_of
from web.access import chosen_structure, me, needs
from web.forms.fields import BootstrapMixin


def _subject(request: HttpRequest, kind: str, subject_id: int, issuing: bool) -> tuple[PaperKind, Any]:
    """The kind of paper and what it speaks of, if the reader may."""
    if kind not in KINDS:
        raise Http404
    paper = KINDS[kind]
    rows: Any = paper.about._default_manager
    return paper, load(rows.visible_to(request.user, paper.issued_with if issuing else paper.seen_with), pk=subject_id)


def _back(subject: Any) -> str:
    worker, contract = actions.worker_of(subject)
    page = reverse("contract", args=[contract.pk]) if contract else reverse("worker", args=[worker.pk])
    return f"{page}#documents"


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """A paper shown in the browser, kept by nobody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slugify(name)}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(request: HttpRequest, subject: Any, error: ValidationError) -> HttpResponse:
    for message in error.messages:
        messages.error(request, message)
    return redirect(_back(subject))


@needs(Permission.SEE_PEOPLE)
def show(request: HttpRequest, paper_id: int) -> HttpResponse:
    paper = load(Paper.objects.visible_to(request.user), pk=paper_id)
    return as_pdf(actions.content_of(paper), paper.title)


@needs(Permission.SEE_PEOPLE)
def preview(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    paper, subject = _subject(request, kind, subject_id, issuing=False)
    try:
        content = actions.previewed(kind=paper, subject=subject, today=timezone.localdate())
    except ValidationError as error:
        return _refused(request, subject, error)
    return as_pdf(content, paper.label)


@needs(Permission.SEE_PEOPLE)
@require_POST
def issue(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    paper, subject = _subject(request, kind, subject_id, issuing=True)
    try:
        issued = actions.issue(by=me(request), kind=paper, subject=subject, today=timezone.localdate())
    except ValidationError as error:
        return _refused(request, subject, error)
    messages.success(request, _("Document émis : %(title)s.") % {"title": issued.title})
    return redirect(_back(subject))


class WordingForm(BootstrapMixin, forms.Form):
    """The texts of a kind of paper, each with its standard as a start; the sections it may leave out."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.texts, sections = texts_of(kind), sections_of(kind)
        super().__init__(*args, **kwargs)
        for name, text in self.texts.items():
            self.fields[name] = forms.CharField(
                label=text.label,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2 if text.most <= 300 else 5}),
                help_text="" if kind == LETTERHEAD else _("{salarie} et {structure} sont remplacés par les noms."),
            )
        if sections:
            self.fields["hidden"] = forms.MultipleChoiceField(
                label=_("Rubriques à ne pas imprimer"),
                choices=list(sections.items()),
                required=False,
                widget=forms.SelectMultiple(attrs={"size": len(sections)}),
            )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")


@needs(Permission.MANAGE_ORGANISATION)
def wordings(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.MANAGE_ORGANISATION)
    current = actions.latest(structure)
    kinds = [(LETTERHEAD, _("En-tête et signature"), current.get(LETTERHEAD))]
    kinds += [(code, kind.label, current.get(code)) for code, kind in KINDS.items()]
    context = {"structure": structure, "structures": structures, "kinds": kinds}
    return render(request, "web/wordings.html", context)


@needs(Permission.MANAGE_ORGANISATION)
@require_http_methods(["GET", "POST"])
def adapt(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS and kind != LETTERHEAD:
        raise Http404
    structure, _structures = chosen_structure(request, Permission.MANAGE_ORGANISATION)
    current = actions.latest(structure).get(kind)
    said = current.texts if current else {}
    start: dict[str, Any] = {name: said.get(name, text.standard) for name, text in texts_of(kind).items()}
    start |= {"hidden": current.hidden if current else [], "version": current.version if current else 0}
    form = WordingForm(request.POST or None, kind=kind, initial=start)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        version, hidden = values.pop("version"), values.pop("hidden", [])
        try:
            actions.adapt(
                by=me(request), organisation=structure, kind=kind, texts=values, hidden=hidden, version=version
            )
            messages.success(request, _("Modèle enregistré : les prochains documents le suivront."))
            return redirect(f"{reverse('wordings')}?structure={structure.pk}")
        except ValidationError as error:
            form.refuse(error)
    label = _("En-tête et signature") if kind == LETTERHEAD else KINDS[kind].label
    title = f"{label} — {structure}"
    return render(request, "web/form.html", {"form": form, "title": title, "back": "wordings"})
