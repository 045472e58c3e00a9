"""The head of every paper: who the structure is, who signs for it. One more set of texts a structure may change."""

from accounts.models import Organisation
from documents.models import LETTERHEAD, Wording
from documents.papers.shape import Text

CODE = LETTERHEAD
TEXTS = {
    "address": Text("Adresse de la structure", "", most=300),
    "contact": Text("Téléphone, adresse e-mail, site", "", most=200),
    "signatory": Text("Nom de la personne qui signe", "", most=120),
    "signatory_title": Text("Sa fonction", "", most=120),
    "place": Text("Fait à", "", most=80),
    "insurer": Text("Organisme de la complémentaire santé et de la prévoyance", "", most=200),
    "foot": Text("Ligne de bas de page", "", most=200),
}


def heading(organisation: Organisation, said: Wording | None) -> dict[str, str]:
    """The head of its papers: what the structure wrote of it, else what is known without."""
    known = standard(organisation)
    return known | {
        name: (said.texts.get(name) if said else "") or known.get(name, "") or text.standard
        for name, text in TEXTS.items()
    }


def standard(organisation: Organisation) -> dict[str, str]:
    """What is known of the structure without anyone writing a letterhead."""
    return {
        "name": organisation.name,
        "kind": organisation.get_kind_display(),
        "siret": organisation.siret or "",
        "place": organisation.commune.name if organisation.commune else "",
    }
