"""Finding contracts among those one may see: what a reader may ask of the list, the same at every door.

Names are found without accents or case, words in any order; when none holds what was typed, those that resemble it.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from contracts import life
from contracts.models import Contract, Derogation
from parcours.models.worker import ALIKE, PlainText, resemblance

NO_END = date.max  # sorts contracts without term after all the others
SORTS: dict[str, tuple[str, ...]] = {
    "fin": ("end_on", "id"),
    "debut": ("-started_on", "-id"),
    "nom": ("worker__name_key", "-started_on", "-id"),
}


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the list; None, False or empty means everything. Both days are included.

    `ends_since` and `ends_until` bound the effective end, or the planned one of a contract that is not over.
    """

    kind: str = ""
    state: life.State | None = None
    counsellor: User | None = None
    ends_since: date | None = None
    ends_until: date | None = None
    unsigned: bool = False
    lifted: bool = False
    name: str = ""


def told(rows: QuerySet[Contract], today: date) -> QuerySet[Contract]:
    """The rows with `end_on`, the day they end (NO_END without term), and `lifted`: a derogation covers the person today."""
    theirs = Q(worker=OuterRef("worker")) | Q(worker__isnull=True, organisation=OuterRef("worker__organisation"))
    granted = Derogation.objects.filter(theirs, started_on__lte=today, ended_on__gte=today)
    return rows.annotate(end_on=Coalesce("ended_on", "planned_end_on", Value(NO_END)), lifted=Exists(granted))


def listed(rows: QuerySet[Contract], asked: Asked, today: date) -> tuple[QuerySet[Contract], bool]:
    """The rows that answer what is asked, in no order yet, and whether names only resemble what was typed.

    One query when a name is typed, none otherwise.
    """
    found = told(rows, today)
    wanted = {
        "kind": asked.kind or None,
        "worker__counsellor": asked.counsellor,
        "end_on__gte": asked.ends_since,
        "end_on__lte": asked.ends_until if asked.ends_until else NO_END - date.resolution if asked.ends_since else None,
        "signed_on__isnull": True if asked.unsigned else None,
        "lifted": True if asked.lifted else None,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if asked.state is not None:
        found = found.filter(life.in_state(asked.state, today))
    return named(found, asked.name)


def named(rows: QuerySet[Contract], text: str) -> tuple[QuerySet[Contract], bool]:
    """The contracts of the people whose name holds every word of a text; when there is none, of those it resembles."""
    words = text.split()
    if not words:
        return rows, False
    holding = rows
    for word in words:
        holding = holding.filter(worker__name_key__contains=PlainText(Value(word)))
    if holding.exists():
        return holding, False
    return rows.annotate(alike=resemblance(text, "worker__name_key")).filter(alike__gte=ALIKE), True
