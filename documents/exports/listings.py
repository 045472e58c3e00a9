"""The columns of each list, once for both formats and both doors. Notes, health and justice are in none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal
from accounts.roles import Permission
from contracts.models import Assignment, Contract, Flag, Immersion, WorkedMonth
from law.findings import rules
from law.nomenclature import label
from parcours.models import FollowUp, Worker
from rights.catalogue import named, sensitive_rights
from rights.models import RightStep


@dataclass(frozen=True)
class Column:
    """A title, where its value is read (a lookup from the row), and how it is said when it is a code."""

    title: Any
    source: str
    said: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Listing:
    """One list. Its rows are those of `model.visible_to`; the filters are the door's."""

    code: str
    title: Any
    model: Any
    columns: tuple[Column, ...]

    @property
    def seen_with(self) -> Permission:
        return Permission(self.model.seen_with)

    def rows(self, principal: Principal) -> QuerySet[Model]:
        """All the rows the principal may see, in a stable order."""
        found: QuerySet[Model] = self.model._default_manager.visible_to(principal).order_by("pk")
        return found


def coded(title: Any, source: str, nomenclature: str) -> Column:
    return Column(title, source, partial(_label, nomenclature))


def _label(nomenclature: str, code: Any) -> Any:
    if isinstance(code, list):
        return [label(nomenclature, one) for one in code]
    return label(nomenclature, code) if code else code


def _person(path: str) -> tuple[Column, ...]:
    return (
        Column(_("Structure"), f"{path}organisation__name"),
        Column(_("Identifiant"), f"{path}reference"),
        Column(_("Nom"), f"{path}last_name"),
        Column(_("Prénom"), f"{path}first_name"),
    )


def _right(code: str) -> str:
    """A right that speaks of health or of the right to stay is not named in a file."""
    return named("" if code in sensitive_rights() else code)


def _rule(code: str) -> str:
    return rules()[code].title if code in rules() else code


LISTINGS: dict[str, Listing] = {
    listing.code: listing
    for listing in (
        Listing(
            "workers", _("Salariés"), Worker,
            (
                *_person(""), Column(_("Date de naissance"), "birth_date"), Column(_("Sexe"), "sex"),
                Column(_("Adresse e-mail"), "email"), Column(_("Téléphone"), "phone"), Column(_("Adresse"), "address"),
                Column(_("Code postal"), "postal_code"), Column(_("Ville"), "city"),
                coded(_("Niveau de formation"), "education_level", "education_level"),
                Column(_("Bénéficiaire du RSA"), "rsa"), Column(_("Conseiller : nom"), "counsellor__last_name"),
                Column(_("Conseiller : prénom"), "counsellor__first_name"),
            ),
        ),
        Listing(
            "contracts", _("Contrats"), Contract,
            (
                *_person("worker__"), Column(_("Numéro"), "reference"), coded(_("Nature"), "kind", "contract_kind"),
                Column(_("Signé le"), "signed_on"), Column(_("Début"), "started_on"),
                Column(_("Fin prévue"), "planned_end_on"), Column(_("Fin effective"), "ended_on"),
                coded(_("Motif de fin"), "end_reason", "end_reason"), Column(_("Heures par semaine"), "weekly_hours"),
                Column(_("Salaire horaire brut"), "hourly_gross"), Column(_("Code ROME"), "rome_code"),
            ),
        ),
        Listing(
            "flags", _("Échéances à décider"), Flag,
            (
                *_person("worker__"), Column(_("Échéance"), "due_on"), Column(_("Règle"), "code", _rule),
                Column(_("Gravité"), "severity", lambda level: str(Flag.Severity(level).label)),
                Column(_("Contrat"), "contract__reference"), Column(_("Ouverte le"), "opened_on"),
                Column(_("Close le"), "closed_on"),
            ),
        ),
        Listing(
            "worked-months", _("Mois travaillés"), WorkedMonth,
            (
                *_person("contract__worker__"), Column(_("Contrat"), "contract__reference"), Column(_("Mois"), "month"),
                Column(_("Client"), "assignment__client_name"), Column(_("Heures payées"), "paid_hours"),
                Column(_("Salaire brut"), "gross_pay"), Column(_("Mois clos"), "closed"),
            ),
        ),
        Listing(
            "follow-ups", _("Suivis"), FollowUp,
            (
                *_person("pathway__worker__"), Column(_("Date"), "held_on"),
                coded(_("Nature"), "kind", "follow_up_kind"), coded(_("Thèmes"), "shown_themes", "theme"),
                Column(_("Durée en minutes"), "minutes"), coded(_("Présence"), "outcome", "follow_up_outcome"),
                Column(_("Prochaine étape"), "shown_next_step"), Column(_("Pour le"), "next_due_on"),
                Column(_("Annulé le"), "cancelled_at"), Column(_("Auteur : nom"), "author__last_name"), Column(_("Auteur : prénom"), "author__first_name"),
            ),
        ),
        Listing(
            "right-steps", _("Droits"), RightStep,
            (
                *_person("pathway__worker__"), Column(_("Droit"), "right", _right),
                coded(_("État"), "state", "right_state"), Column(_("Déclenché le"), "triggered_on"),
                Column(_("À faire avant le"), "due_on"), Column(_("Demandé le"), "requested_on"),
                Column(_("Ouvert le"), "opened_on"), Column(_("Dernier jour"), "expires_on"),
                Column(_("Clos le"), "closed_on"),
            ),
        ),
        Listing(
            "assignments", _("Mises à disposition et missions"), Assignment,
            (
                *_person("contract__worker__"), Column(_("Contrat"), "contract__reference"),
                Column(_("Client"), "client_name"), coded(_("Genre de client"), "client_kind", "client_kind"),
                Column(_("Début"), "started_on"), Column(_("Fin"), "ended_on"), Column(_("Lieu"), "place"),
            ),
        ),
        Listing(
            "immersions", _("Immersions"), Immersion,
            (
                *_person("worker__"), Column(_("Structure d'accueil"), "host_name"),
                coded(_("Objet"), "object", "pmsmp_object"), Column(_("Début"), "started_on"),
                Column(_("Fin"), "ended_on"), Column(_("Heures"), "hours"),
                coded(_("Résultat"), "result", "pmsmp_result"), Column(_("Annulée le"), "cancelled_on"),
            ),
        ),
    )
}  # fmt: skip
