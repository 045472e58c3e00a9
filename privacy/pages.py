"""What a page of a person's file is called where it is told who read it: to directors, and in the copy the person is given."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# By the name of its address. A form to write in was opened; whether something was written, the history says.
TITLES: dict[str, Any] = {
    # the file and its parts
    "worker": _("Dossier"), "worker-correct": _("Identité et coordonnées"), "plan": _("Plan"), "plan-add": _("Plan"),
    "plan-objective": _("Plan : un objectif"), "plan-action": _("Plan : une action"), "plan-barrier": _("Plan : un obstacle"),
    "plan-engagement": _("Contrat d'engagement"), "orientation": _("Orientation"), "unmet-need": _("Besoin sans réponse"),
    "follow-up": _("Suivi"), "follow-up-create": _("Formulaire de suivi"), "follow-up-correct": _("Suivi"),
    "follow-up-cancel": _("Suivi"), "piece": _("Pièce jointe"), "piece-add": _("Pièce jointe"), "piece-remove": _("Pièce jointe"),
    "rights": _("Droits"), "rights-checklist": _("Liste de ses droits"), "rights-diagnosed": _("Droits"),
    "right-step": _("Une démarche"), "circumstance-create": _("Situation"),
    "skills": _("Compétences"), "assessment-create": _("Évaluation"), "award-create": _("Badge"), "award-revoke": _("Badge"),
    "training": _("Formation"), "training-create": _("Formation"), "training-day": _("Formation"),
    "certificate": _("Certificat"), "certificate-create": _("Certificat"), "qualification": _("Niveau de formation"),
    "exit-create": _("Sortie"), "exit-call": _("Nouvelles après la sortie"), "seat-leave": _("Mandat"),
    "participant-consent": _("Expérimentation"), "participant-leave": _("Expérimentation"),
    # her contracts
    "contract": _("Contrat"), "contract-create": _("Nouveau contrat"), "contract-change": _("Contrat"),
    "contract-decide": _("Décision"), "contract-renew": _("Renouvellement"), "assign": _("Mise à disposition"),
    "decide": _("Décision"), "act": _("Acte"),
    # who meets her
    "appointment-create": _("Rendez-vous"), "appointment-move": _("Rendez-vous"), "appointment-cancel": _("Rendez-vous"),
    "snooze": _("Rappel à reporter"), "wake": _("Rappel à reporter"),
    # papers, and her rights over her data
    "paper": _("Document"), "paper-preview": _("Aperçu d'un document"), "paper-issue": _("Document"),
    "person-data": _("Données personnelles"), "subject-access": _("Copie du dossier"),
    "data-request": _("Demande de la personne"), "request-letter": _("Lettre sur une demande"), "consents": _("Accords"),
    "consent": _("Accord"), "consent-form": _("Accord à signer"),
    # lists, noted only when the platform's team reads them
    "workers": _("Liste des salariés"), "follow-ups": _("Liste des suivis"), "exits": _("Sorties"),
    "contracts": _("Liste des contrats"), "contract-drafts": _("Projets de contrats"), "deadlines": _("Échéances"),
    "deadlines-month": _("Échéances du mois"), "partners": _("Partenaires"), "partner": _("Partenaire"),
    "unmet-needs": _("Besoins sans réponse"), "participation": _("Participation"),
    "api-workers-detail": _("Dossier, par l'API"),
}  # fmt: skip


def titled(page: str) -> str:
    """What people call a page, by the name of its address."""
    if page.startswith("api-"):
        return str(TITLES.get(page) or _("Une ligne du dossier, par l'API"))
    return str(TITLES.get(page, page))
