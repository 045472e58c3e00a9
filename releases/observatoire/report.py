"""What the report of a year says, and its PDF."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.press import pressed, printable
from indicators.periods import local_day
from releases import reading, words
from releases.observatoire import pictures
from releases.observatoire.reference import REFERENCES, Reference
from releases.reading import Cell, Edition, Table

MOST_ROWS = 40


class Absent(LookupError):
    """No release of that year may be read; the message says it in French."""


def printed(federation: int, name: str, year: int) -> bytes:
    """The PDF of the report: the same release, the same bytes. Raises Absent."""
    return pressed("observatoire", printable(facts(federation, name, year)))


def facts(federation: int, name: str, year: int) -> dict[str, Any]:
    """All the report says, in French. Raises Absent when the year has no published release."""
    edition = next((one for one in reading.editions(federation) if one.is_year and one.period_end.year == year), None)
    if edition is None:
        raise Absent(_("Aucune publication de l'année %(year)d ne peut se lire.") % {"year": year})
    with override("fr"):
        tables = reading.cells_by_table(reading.tables(edition))
        chapters = [_chapter(reference, edition, tables) for reference in REFERENCES]
        return {
            "issued_on": local_day(edition.published_at).isoformat(),
            "title": f"Observatoire {year}",
            "federation": name,
            "year": str(year),
            "kinds": [f"{code} : {label}" for code, label in sorted(edition.labels.get("kind", {}).items())],
            "note": edition.note.splitlines(),
            "not_published": str(words.NOT_PUBLISHED),
            "chapters": chapters,
            "missing": [(one["code"], one["title"], one["lacks"]) for one in chapters if not one["tables"]],
            "partial": [
                (one["code"], one["title"], one["lacks"]) for one in chapters if one["tables"] and one["lacks"]
            ],
            "sources": f"Publication {edition.label}, révision {edition.revision}, politique {edition.policy}, "
            f"catalogue {edition.catalogue}, table de bruit {edition.ptable_sha256[:12]}.",
        }


def _chapter(reference: Reference, edition: Edition, tables: Sequence[tuple[Table, list[Cell]]]) -> dict[str, Any]:
    if reference.code == "T1":
        made = _structures(edition)
        drawn: list[pictures.Picture | None] = []
    else:
        mine = [(table, cells) for table, cells in tables if reference.code in table.observatoire]
        told = [(table, cells) for table, cells in mine if table.margin in reference.margins and cells]
        told.sort(key=lambda pair: (pair[0].code, reference.margins.index(pair[0].margin)))
        made = [_table(edition, list(of)) for _code, of in groupby(told, key=lambda pair: pair[0].code)]
        drawn = [_bars(reference, edition, mine), _map(reference, edition, mine)]
    return {
        "code": reference.code,
        "title": reference.title,
        "lacks": reference.lacks,
        "tables": [one for one in made if one["rows"]],
        "pictures": [{"svg": one.svg, "alt": one.alt, "caption": one.caption} for one in drawn if one is not None],
    }


def _structures(edition: Edition) -> list[dict[str, Any]]:
    """Structures are no secret: they are counted as they are named in the edition."""
    kinds = edition.labels.get("kind", {})
    count = Counter((place["region"], place["kind"]) for place in edition.places.values())
    present = [kind for kind in kinds if any(kind == other for _region, other in count)]
    rows = []
    for region, label in sorted(edition.labels.get("region", {}).items(), key=lambda pair: pair[1]):
        numbers = [count[region, kind] for kind in present]
        if sum(numbers):
            rows.append([label, *map(str, numbers), str(sum(numbers))])
    total = [sum(count[region, kind] for region in edition.labels.get("region", {})) for kind in present]
    rows.append(["Ensemble", *map(str, total), str(sum(total))])
    return [{"title": "Structures de l'année, par région et par type", "of": "",
             "header": ["Région", *present, "Ensemble"], "rows": rows}]  # fmt: skip


def _rows(edition: Edition, table: Table, cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    found: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        found.setdefault(tuple(cell.coordinates.get(name, "") for name in table.margin), []).append(cell)
    order = list(words.categories(edition, table))
    places = sorted(
        found, key=lambda place: [words.rank(name, code) for name, code in zip(table.margin, place, strict=True)]
    )
    return [
        (
            " · ".join(words.place(edition, dict(zip(table.margin, place, strict=True)))) or "Ensemble",
            sorted(found[place], key=lambda cell: order.index(cell.category)),
        )
        for place in places
    ][:MOST_ROWS]


def _table(edition: Edition, told: Sequence[tuple[Table, list[Cell]]]) -> dict[str, Any]:
    """A released table at several margins, one under the other."""
    first = told[0][0]
    counted = first.measure == "count"
    figures = [first.unit.capitalize()] if counted else list(words.categories(edition, first).values())
    apart = [words.breakdown(table.margin) for table, _cells in told if table.margin]
    header = [" ; ".join(apart) or "Ensemble", *([] if counted else ["Base"]), *figures]
    rows = []
    for table, cells in told:
        for name, of in _rows(edition, table, cells):
            base = "np" if of[0].base is None else words.number(Decimal(of[0].base))
            said = [f"{words.figure(cell, table.unit)} {words.margin(cell, table.unit)}".strip() for cell in of]
            rows.append([name, *([] if counted else [base]), *said])
    return {"title": first.title, "of": first.of, "header": header, "rows": rows}


def _drawn(
    reference: Reference, margin: str, mine: Sequence[tuple[Table, list[Cell]]]
) -> tuple[Table, list[Cell]] | None:
    return next(((t, c) for t, c in mine if t.code == reference.drawn and t.margin == (margin,)), None)


def _bars(reference: Reference, edition: Edition, mine: Sequence[tuple[Table, list[Cell]]]) -> pictures.Picture | None:
    found = _drawn(reference, "kind", mine)
    if found is None or ("region",) in reference.margins:
        return None
    table, cells = found
    first = next(iter(words.categories(edition, table)))
    named = [
        (cell.coordinates["kind"], cell)
        for _name, of in _rows(edition, table, cells)
        for cell in of
        if cell.category == first
    ]
    return pictures.bars(named, table.unit, _caption(edition, table, "par type de structure"))


def _map(reference: Reference, edition: Edition, mine: Sequence[tuple[Table, list[Cell]]]) -> pictures.Picture | None:
    found = _drawn(reference, "region", mine)
    if found is None or reference.code not in {"T2", "T6", "T16"}:
        return None
    table, cells = found
    first = next(iter(words.categories(edition, table)))
    here = {cell.coordinates["region"]: cell for cell in cells if cell.category == first}
    return pictures.tiles(here, edition.labels.get("region", {}), table.unit, _caption(edition, table, "par région"))


def _caption(edition: Edition, table: Table, by: str) -> str:
    first = next(iter(words.categories(edition, table).values()))
    return f"{table.title}, {by}" if first == table.title else f"{table.title} : {first.lower()}, {by}"
