"""What a figure may be about: a structure, its group, its kind, its territory, or all structures together.

A wider scope adds up its structures, so a person who works in two of them counts twice: totals are worker × structure.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation

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


def places(organisation_ids: Iterable[int] | None = None) -> list[Place]:
    """The structures (all when None) and where they are, by id. One query."""
    structures = Organisation.objects.structures().select_related("commune__departement", "group")
    if organisation_ids is not None:
        structures = structures.filter(id__in=list(organisation_ids))
    return [
        Place(
            id=row.pk,
            kind=row.kind,
            departement=row.commune.departement_id if row.commune else "",
            region=row.commune.departement.region_id if row.commune else "",
            group=row.group_id if row.group and row.group.nature == Organisation.Nature.GROUP else None,
            closed_on=row.closed_on,
        )
        for row in structures.order_by("id")
    ]


def members(found: Iterable[Place]) -> dict[tuple[str, int | None], list[Place]]:
    """Each wider scope with its structures, in order."""
    by_scope: dict[tuple[str, int | None], list[Place]] = defaultdict(list)
    for place in found:
        for scope in place.scopes():
            by_scope[scope].append(place)
    return dict(sorted(by_scope.items(), key=lambda item: item[0][0]))
