"""Acts on what surrounds a contract or a PASS IAE: one address, one small form, one verb each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from contracts import actions, assignments, decisions, derogations, immersions, months
from contracts.models import Assignment, ContractDraft, Decision, Immersion, Suspension, WorkedMonth
from law.parameters_at import NotInForce
from parcours import passes
from parcours.models import PassIAE, PassProlongation, PassSuspension, Worker
from privacy import consents, requests, retention
from privacy.erasure import ask_erasure
from privacy.models import Consent, DataRequest, Keeping
from web.access import held, me
from web.forms import life as forms
from web.forms import privacy as privacy_forms
from web.writing import NO_RULE

P = Permission


@dataclass(frozen=True)
class Act:
    """`name` is how the verb calls its object; `dated`: it wants to know which day it is; `then`: the page, and what on it of
    what the verb gives, where it leads when that is not the person's."""

    title: Any
    model: Any
    name: str
    needs: Permission
    form: Any
    verb: Callable[..., Any]
    dated: bool = False
    then: tuple[str, str] | None = None


REQUEST, CONSENTS = ("data-request", "pk"), ("consents", "worker_id")
ACTS = {
    "signer-projet": Act(
        _("Signer le projet"), ContractDraft, "draft", P.DECIDE_CONTRACTS, forms.SignDraftForm, actions.sign_draft, True
    ),
    "abandonner-projet": Act(
        _("Abandonner le projet"), ContractDraft, "draft", P.DECIDE_CONTRACTS, forms.ReasonForm, actions.abandon_draft, True
    ),
    "informer": Act(
        _("Noter quand la personne a été informée"), Decision, "decision", P.DECIDE_CONTRACTS, forms.ToldForm,
        decisions.note_told, True,
    ),
    "retour": Act(
        _("Retour au travail"), Suspension, "suspension", P.DECIDE_CONTRACTS, forms.ResumeForm, actions.resume_contract, True
    ),
    "completer-mission": Act(
        _("Compléter la mise à disposition"), Assignment, "assignment", P.DECIDE_CONTRACTS, forms.CompleteAssignmentForm,
        assignments.change_assignment,
    ),
    "annuler-mission": Act(
        _("Annuler la mise à disposition"), Assignment, "assignment", P.DECIDE_CONTRACTS, forms.CancelForm,
        assignments.cancel_assignment,
    ),
    "regulariser": Act(
        _("Régulariser un mois clos"), WorkedMonth, "worked_month", P.DECIDE_CONTRACTS, forms.RegulariseForm,
        months.regularise, True,
    ),
    "derogation": Act(
        _("Enregistrer une dérogation"), Worker, "worker", P.DECIDE_CONTRACTS, forms.DerogationForm,
        derogations.record_derogation, True,
    ),
    "immersion": Act(
        _("Préparer une immersion"), Worker, "worker", P.WRITE_FOLLOW_UP, forms.ImmersionForm, immersions.plan_immersion
    ),
    "bilan-immersion": Act(
        _("Bilan de l'immersion"), Immersion, "immersion", P.WRITE_FOLLOW_UP, forms.ResultForm,
        immersions.complete_immersion,
    ),
    "annuler-immersion": Act(
        _("Annuler l'immersion"), Immersion, "immersion", P.WRITE_FOLLOW_UP, forms.CancelForm, immersions.cancel_immersion
    ),
    "suspendre-pass": Act(
        _("Suspendre le PASS IAE"), PassIAE, "pass_iae", P.WRITE_FOLLOW_UP, forms.SuspendPassForm, passes.suspend_pass, True
    ),
    "finir-suspension": Act(
        _("Fin de la suspension du PASS IAE"), PassSuspension, "suspension", P.WRITE_FOLLOW_UP, forms.EndSuspensionForm,
        passes.move_suspension_end,
    ),
    "retirer-suspension": Act(
        _("Retirer une suspension déclarée par erreur"), PassSuspension, "suspension", P.WRITE_FOLLOW_UP, forms.Confirm,
        passes.cancel_suspension,
    ),
    "prolonger-pass": Act(
        _("Demander une prolongation du PASS IAE"), PassIAE, "pass_iae", P.WRITE_FOLLOW_UP, forms.ProlongForm,
        passes.request_prolongation, True,
    ),
    "accepter-prolongation": Act(
        _("Prolongation acceptée"), PassProlongation, "prolongation", P.WRITE_FOLLOW_UP, forms.AcceptForm,
        passes.accept_prolongation,
    ),
    "refuser-prolongation": Act(
        _("Prolongation refusée"), PassProlongation, "prolongation", P.WRITE_FOLLOW_UP, forms.RefuseForm,
        passes.refuse_prolongation,
    ),
    "garder-dossier": Act(
        _("Garder le dossier au-delà de sa durée"), Worker, "worker", P.DECIDE_CONTRACTS, privacy_forms.KeepForm, retention.keep_file, True
    ),
    "ne-plus-garder": Act(
        _("Ne plus garder le dossier"), Keeping, "keeping", P.DECIDE_CONTRACTS, forms.Confirm, retention.stop_keeping, True
    ),
    "effacer": Act(
        _("Effacer la personne"), Worker, "worker", P.ERASE_FILES, privacy_forms.EraseForm, ask_erasure, True
    ),
    "demande": Act(
        _("Noter une demande sur ses données"), Worker, "worker", P.WRITE_FOLLOW_UP, privacy_forms.ReceiveForm,
        requests.receive, True, REQUEST,
    ),
    "identite": Act(
        _("Identité établie"), DataRequest, "request", P.PROTECT_DATA, privacy_forms.IdentityForm, requests.check_identity,
        True, REQUEST,
    ),
    "prolonger-demande": Act(
        _("Demander deux mois de plus"), DataRequest, "request", P.PROTECT_DATA, privacy_forms.ExtendForm, requests.extend,
        True, REQUEST,
    ),
    "repondre": Act(
        _("Répondre à la demande"), DataRequest, "request", P.PROTECT_DATA, privacy_forms.AnswerRequestForm, requests.answer,
        True, REQUEST,
    ),
    "demande-faite": Act(
        _("Noter ce qui est fait"), DataRequest, "request", P.WRITE_FOLLOW_UP, privacy_forms.DoneForm, requests.note_done,
        True, REQUEST,
    ),
    "retirer-accord": Act(
        _("Retirer un accord"), Consent, "consent", P.WRITE_FOLLOW_UP, privacy_forms.WithdrawForm, consents.withdraw, True,
        CONSENTS,
    ),
}  # fmt: skip


def person_of(row: Any) -> Worker:
    """The person an object is about, along the path its model names."""
    for step in type(row).organisation_path.split("__")[:-1]:
        row = getattr(row, step)
    return row  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, name: str, object_id: int) -> HttpResponse:
    wanted = ACTS.get(name)
    if wanted is None or wanted.needs not in held(request):
        raise Http404
    row = load(wanted.model.objects.visible_to(request.user, wanted.needs), pk=object_id)
    person, today = person_of(row), timezone.localdate()
    form = wanted.form(request.POST or None, about=row)
    if request.method == "POST" and form.is_valid():
        given = {name: term for name, term in form.cleaned_data.items() if term is not None}
        if wanted.verb is months.regularise:
            given = dict(form.cleaned_data)  # there, empty means unknown
        try:
            made = wanted.verb(
                by=me(request), **{wanted.name: row}, **({"today": today} if wanted.dated else {}), **given
            )
            if wanted.then:
                return redirect(wanted.then[0], getattr(made, wanted.then[1]))
            return redirect("worker", person.pk)
        except ValidationError as error:
            form.refuse(error)
        except NotInForce:
            form.add_error(None, NO_RULE)
    back, back_id = "worker", person.pk
    if wanted.then and row is not person:
        back, back_id = wanted.then[0], getattr(row, wanted.then[1])
    context = {"form": form, "title": f"{wanted.title} — {person}", "back": back, "back_id": back_id}
    return render(request, "web/form.html", context)
