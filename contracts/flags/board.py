"""Telling people about flags: which ones, in words, with the figures, the articles and what may be decided."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, User
from contracts.models import Decision, Flag
from law.findings import rules, said, spoken
from parcours.models import Worker

URGENCY = ("-severity", "due_on", "id")  # the order of the board, and of its index

# Who takes each decision, for the card to say it.
WHO = {
    Decision.Kind.RENEW: gettext_lazy("la structure, avec la personne"),
    Decision.Kind.CONVERT: gettext_lazy("la direction de la structure, avec la personne"),
    Decision.Kind.END: gettext_lazy("la structure, avec la personne et son conseiller"),
    Decision.Kind.EXTEND_PASS: gettext_lazy("un prescripteur habilité, à la demande de la structure"),
    Decision.Kind.SUSPEND: gettext_lazy("la structure de la dernière embauche, ou un prescripteur habilité"),
    Decision.Kind.KEEP: gettext_lazy("la structure, avec la personne"),
    Decision.Kind.ARRANGE: gettext_lazy("la structure"),
}

# What the figures of the rules are called.
FIGURES = {
    "kind": gettext_lazy("Nature du contrat"),
    "started_on": gettext_lazy("Début du contrat"),
    "planned_end_on": gettext_lazy("Fin prévue"),
    "min_months": gettext_lazy("Durée minimale, en mois"),
    "max_months": gettext_lazy("Plafond, en mois"),
    "earliest_end_on": gettext_lazy("Fin au plus tôt"),
    "chain_started_on": gettext_lazy("Début des contrats qui se suivent"),
    "weekly_hours": gettext_lazy("Heures par semaine"),
    "min_hours": gettext_lazy("Minimum d'heures par semaine"),
    "number": gettext_lazy("Numéro du PASS IAE"),
    "hours": gettext_lazy("Heures comptées"),
    "cap": gettext_lazy("Plafond d'heures"),
    "window_start_on": gettext_lazy("Début de la période de 24 mois"),
    "entered_on": gettext_lazy("Entrée dans le parcours"),
    "of_age_on": gettext_lazy("Âge atteint le"),
    "min_age": gettext_lazy("Âge demandé"),
    "reason": gettext_lazy("Motif possible"),
    "suspended_on": gettext_lazy("Suspendu depuis le"),
    "months": gettext_lazy("Mois de suspension"),
    "host": gettext_lazy("Accueil"),
    "ended_on": gettext_lazy("Fin"),
}


@dataclass(frozen=True)
class Description:
    """What a card says: why, from which figures (name, value), by which articles, who decides.

    `decisions` are Decision kinds, the first one being the usual one.
    """

    title: str
    why: str
    next: str
    figures: list[tuple[str, str]]
    articles: tuple[str, ...]
    decisions: tuple[str, ...]
    who: str


def describe(flag: Flag) -> Description:
    """A flag in words; asks nothing of the database."""
    rule = rules()[flag.code]
    return Description(
        title=_(rule.title),
        why=said(rule.why, flag.facts, flag.due_on),
        next=said(rule.next, flag.facts, flag.due_on),
        figures=[(str(FIGURES[name]), spoken(name, value)) for name, value in flag.facts.items()],
        articles=rule.articles,
        decisions=rule.decisions,
        who=str(WHO[Decision.Kind(rule.decisions[0])]) if rule.decisions else "",
    )


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the board; None or empty means everything. Both days are included."""

    rule: str | None = None
    severity: int | None = None
    counsellor: User | None = None
    name: str = ""
    since: date | None = None
    until: date | None = None


def open_flags(organisations: QuerySet[Organisation] | list[Organisation], asked: Asked = Asked()) -> QuerySet[Flag]:
    """The open flags of some structures that answer what is asked, the most urgent first, ready to be shown."""
    wanted = {
        "code": asked.rule,
        "severity": asked.severity,
        "worker__counsellor": asked.counsellor,
        "due_on__gte": asked.since,
        "due_on__lte": asked.until,
        "worker__in": Worker.objects.named(asked.name) if asked.name.strip() else None,
    }
    return (
        Flag.objects.open()
        .filter(organisation__in=organisations, **{name: value for name, value in wanted.items() if value is not None})
        .select_related("worker__counsellor", "contract", "pass_iae", "organisation")
        .order_by(*URGENCY)
    )


@dataclass
class Day:
    """A day of the calendar: its most urgent flags, and how many it has in all."""

    flags: list[Flag]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.flags)


def calendar(flags: QuerySet[Flag], shown: int) -> dict[date, Day]:
    """Flags by due day, at most `shown` of each. One query, whatever their number."""
    numbered = flags.order_by("due_on", "-severity", "id").annotate(
        place=Window(RowNumber(), partition_by=F("due_on"), order_by=[F("severity").desc(), F("id").asc()]),
        that_day=Window(Count("id"), partition_by=F("due_on")),
    )
    days: dict[date, Day] = defaultdict(lambda: Day([], 0))
    for flag in numbered.filter(place__lte=shown):
        days[flag.due_on].flags.append(flag)
        days[flag.due_on].total = flag.that_day
    return dict(days)
