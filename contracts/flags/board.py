"""Telling people about flags: in words, with the figures, the articles and what may be decided."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts.models import Flag
from law.findings import rules
from law.nomenclature import label


@dataclass(frozen=True)
class Description:
    """What a card says. `decisions` are Decision kinds, the first one being the usual one."""

    title: str
    why: str
    articles: tuple[str, ...]
    decisions: tuple[str, ...]


def _spoken(name: str, value: object) -> str:
    """A fact as one says it: 2026-07-14 is 14/07/2026, a contract kind is its label, 26.5 is 26,5."""
    if name == "kind":
        return label("contract_kind", str(value))
    if value is None:
        return _("inconnue")
    if name.endswith("_on"):
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return str(value)


def describe(flag: Flag) -> Description:
    """A flag in words; asks nothing of the database."""
    rule = rules()[flag.code]
    facts = {name: _spoken(name, value) for name, value in flag.facts.items()}
    why = rule.why.format(**{**facts, "due_on": f"{flag.due_on:%d/%m/%Y}"})
    return Description(_(rule.title), why, rule.articles, rule.decisions)


def open_flags(organisations: QuerySet[Organisation]) -> QuerySet[Flag]:
    """The open flags of some structures, the most urgent first, ready to be shown (one query)."""
    return (
        Flag.objects.open()
        .filter(organisation__in=organisations)
        .select_related("worker", "contract", "pass_iae", "organisation")
        .order_by("-severity", "due_on", "id")
    )
