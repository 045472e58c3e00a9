"""The law as people read it: parameters by theme, each with its dated values, their sources and whether they were read."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from law.parameters_at import NotInForce, Parameter, ParameterValue, parameters
from lawbook.models import AddedValue

THEMES = {
    "contracts": _("Contrats"),
    "trial": _("Essai et visite médicale"),
    "weekly_hours": _("Heures par semaine"),
    "smic": _("SMIC"),
    "association_intermediaire": _("Association intermédiaire"),
    "cdi_inclusion": _("CDI inclusion"),
    "pass_iae": _("PASS IAE"),
    "pmsmp": _("Immersions"),
    "rights": _("Droits"),
    "clocks": _("Compteurs de droits"),
    "exits": _("Sorties"),
    "fte": _("Équivalents temps plein"),
    "representation": _("Représentation du personnel"),
    "structures": _("Structures"),
    "plan": _("Plan d'accompagnement"),
    "flags": _("Alertes"),
    "day": _("Suivi du jour"),
    "indicators": _("Indicateurs"),
}
ORIGINS = {"law": _("Loi"), "platform": _("Plateforme de l'État"), "house": _("Règle de Parcours")}


@dataclass(frozen=True)
class Line:
    """A value as shown; `added` is the row of an administrator, None for a value of the files."""

    since: date
    value: str
    source: str
    note: str
    confirmed: bool
    in_force: bool
    added: AddedValue | None


def shown(value: ParameterValue) -> str:
    """12.31 is « 12,31 », true is « oui »."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value).replace(".", ",") if not isinstance(value, str) else value


def lines(parameter: Parameter, rows: list[AddedValue], today: date) -> list[Line]:
    """The dated values of a parameter, the newest first."""
    added = {row.since: row for row in rows if row.key == parameter.key and row.withdrawn_at is None}
    try:
        now = parameter.on(today)
    except NotInForce:
        now = None
    return [
        Line(
            since=value.since,
            value=shown(value.value),
            source=value.source,
            note=value.note,
            confirmed=parameter.confirmed if value.confirmed is None else value.confirmed,
            in_force=value is now,
            added=added.get(value.since),
        )
        for value in reversed(parameter.values)
    ]


def by_theme(today: date) -> list[tuple[str, list[tuple[Parameter, list[Line]]]]]:
    """(theme, its parameters with their lines), in the order of THEMES. One query besides the law's own."""
    rows = list(AddedValue.objects.filter(withdrawn_at__isnull=True))
    known = parameters().values()
    themes = [*THEMES, *sorted({parameter.theme for parameter in known} - set(THEMES))]
    found = []
    for theme in themes:
        held = [(one, lines(one, rows, today)) for one in known if one.theme == theme]
        if held:
            found.append((str(THEMES.get(theme, theme)), held))
    return found
