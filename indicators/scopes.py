"""What a figure may be about: a structure, its group, its kind, its territory, or all structures together.

A wider scope adds up its structures, so a person who works in two of them counts twice: totals are worker × structure.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Organisation
from audit.history import DELETED

WHOLE = "whole"


def structure(organisation_id: int) -> str:
    return f"structure:{organisation_id}"


def group(organisation_id: int) -> str:
    return f"group:{organisation_id}"


def kind(code: str) -> str:
    return f"kind:{code}"


def departement(code: str) -> str:
    return f"departement:{code}"


def region(code: str, kind_code: str = "") -> str:
    """A region, or one kind of structure in a region."""
    return f"region:{code}" + (f"/kind:{kind_code}" if kind_code else "")


@dataclass(frozen=True)
class Place:
    """A structure with what says which scopes it belongs to."""

    id: int
    kind: str
    departement: str
    region: str
    group: int | None
    closed_on: date | None

    def scopes(self) -> list[tuple[str, int | None]]:
        """The wider scopes it adds to, each with its organisation when it has one (a group)."""
        found: list[tuple[str, int | None]] = [(WHOLE, None), (kind(self.kind), None)]
        if self.departement:
            found += [
                (departement(self.departement), None),
                (region(self.region), None),
                (region(self.region, self.kind), None),
            ]
        if self.group:
            found.append((group(self.group), self.group))
        return found

    def open_in(self, start: date) -> bool:
        return self.closed_on is None or self.closed_on >= start


def places(known_at: datetime, organisation_ids: Iterable[int] | None = None) -> list[Place]:
    """The structures (all when None) and where they are, as known at K and by id. One query."""
    events = Organisation.pgh_event_model.objects.exclude(pgh_label=DELETED)  # type: ignore[attr-defined]
    states = events.filter(nature=Organisation.Nature.STRUCTURE)
    if organisation_ids is not None:
        states = states.filter(pgh_obj__in=list(organisation_ids))
    found: dict[int, Any] = {}
    for state in states.select_related("commune__departement", "group").order_by("pgh_obj", "pgh_id"):
        if state.pgh_created_at <= known_at or state.pgh_obj_id not in found:  # its first state was always so
            found[state.pgh_obj_id] = state
    return [
        Place(
            id=pk,
            kind=state.kind,
            departement=state.commune.departement_id if state.commune else "",
            region=state.commune.departement.region_id if state.commune else "",
            group=state.group_id if state.group and state.group.nature == Organisation.Nature.GROUP else None,
            closed_on=state.closed_on,
        )
        for pk, state in found.items()
    ]


def members(found: Iterable[Place]) -> dict[tuple[str, int | None], list[Place]]:
    """Each wider scope with its structures, in order."""
    by_scope: dict[tuple[str, int | None], list[Place]] = defaultdict(list)
    for place in found:
        for scope in place.scopes():
            by_scope[scope].append(place)
    return dict(sorted(by_scope.items(), key=lambda item: item[0][0]))
