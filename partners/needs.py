"""Unmet needs by theme and territory: whole for the structure, and what of it may leave the structure.

What leaves is one table by département and theme, of people, without totals: no cell can be found by subtraction, and a cell
under the threshold is left out. Nothing goes to the federation.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from law import law_on
from law.nomenclature import choices
from partners.models import UnmetNeed


@dataclass(frozen=True)
class NeedCount:
    """People whose need of a theme found no answer in a place. `place` is a name, empty when unknown."""

    theme: str
    place: str
    people: int
    still: int


def _counts(rows: QuerySet[UnmetNeed], *place: str) -> list[dict[str, Any]]:
    people = Count("pathway__worker", distinct=True)
    return list(rows.values("theme", *place).annotate(people=people).order_by("theme", "-people", *place))


def by_commune(rows: QuerySet[UnmetNeed], since: date, until: date) -> list[NeedCount]:
    """For the structure itself: by theme (in the order of the list) and commune; `still` are those without answer yet."""
    noted = rows.filter(noted_on__range=(since, until))
    still = {
        (row["theme"], row["commune"]): row["people"] for row in _counts(noted.filter(answered_on=None), "commune")
    }
    order = [code for code, _label in choices("theme")]
    found = [
        NeedCount(row["theme"], row["commune__name"] or "", row["people"], still.get((row["theme"], row["commune"]), 0))
        for row in _counts(noted, "commune", "commune__name")
    ]
    return sorted(found, key=lambda count: (order.index(count.theme), -count.people, count.place))


def to_share(rows: QuerySet[UnmetNeed], since: date, until: date) -> list[tuple[str, str, int]]:
    """(theme, département, people) of the cells large enough to leave the structure."""
    fewest = law_on(until).whole("unmet_need.shared_from")
    noted = rows.filter(noted_on__range=(since, until), commune__isnull=False)
    return [
        (row["theme"], row["commune__departement__name"], row["people"])
        for row in _counts(noted, "commune__departement__name")
        if row["people"] >= fewest
    ]
