"""Reading what is released: nine dimensions, one table at a time with its map, evolution, and the plan.

Nothing here asks the database anything but who reads and the released tables (releases.reading).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.roles import Permission
from disclosure.audience import Audience
from indicators.catalogue import DIMENSIONS, Definition, definitions
from indicators.plan import PlanClause, plan
from releases import exports, observatoire, reading, words
from releases.catalogue import catalogue
from releases.reading import Cell, Edition, Table
from web import drawings
from web.access import chosen_structure, needs
from web.views.federation import federation_of

ROWS = 60
PEOPLE = "people"


@dataclass(frozen=True)
class Said:
    """A category of a cell in words."""

    label: str
    value: str
    margin: str
    np: bool


@dataclass(frozen=True)
class Line:
    """A table at one place: its base as published, and a figure a category."""

    table: Table
    names: list[str]
    anchor: str
    base: str
    said: list[Said]

    @property
    def np(self) -> bool:
        return any(one.np for one in self.said)


def said(table: Table, cell: Cell) -> Said:
    label = table.categories.get(cell.category, cell.category)
    return Said(label, words.figure(cell, table.unit), words.margin(cell, table.unit), cell.marker == "np")


def lines(edition: Edition, table: Table, cells: Sequence[Cell]) -> list[Line]:
    """The cells of a table, a line a place, in the order of the words of its places."""
    found: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        found.setdefault(tuple(cell.coordinates.get(name, "") for name in table.margin), []).append(cell)
    order = list(words.categories(edition, table))
    by_name = {"structure", "department", "region"}
    made = []
    for place, of in found.items():
        names = words.place(edition, dict(zip(table.margin, place, strict=True)))
        base = "np" if of[0].base is None else words.measured(Decimal(of[0].base), "personnes")
        ordered = sorted(of, key=lambda cell: order.index(cell.category))
        where = [
            (0, name) if dimension in by_name and code != "?" else words.rank(dimension, code)
            for dimension, code, name in zip(table.margin, place, names, strict=True)
        ]
        made.append((where, Line(table, names, "-".join(place), base, [said(table, cell) for cell in ordered])))
    return [line for _where, line in sorted(made, key=lambda pair: pair[0])]


def edition_of(request: HttpRequest, issue_id: int) -> tuple[Edition, list[Edition]]:
    """The edition asked and those one may choose from. 404 when it is not among them."""
    found = reading.editions(federation_of(request).pk)
    for edition in found:
        if edition.id == issue_id:
            return edition, found
    raise Http404


def blocks(
    edition: Edition, tables: Sequence[Table], cells_of: dict[int, list[Cell]]
) -> list[tuple[str, str, list[Line]]]:
    """(code, label, lines) of each dimension that has tables, people first."""
    names = [(PEOPLE, "Personnes accompagnées"), *((one.code, one.label) for one in DIMENSIONS)]
    found = []
    for code, label in names:
        mine = [
            line for table in tables if table.dimension == code for line in lines(edition, table, cells_of[table.id])
        ]
        if mine:
            found.append((code, label, mine))
    return found


def by_table(tables: Sequence[Table]) -> dict[int, list[Cell]]:
    return {table.id: cells for table, cells in reading.cells_by_table(tables)}


@needs(Permission.SEE_RELEASES)
def show(request: HttpRequest, issue_id: int) -> HttpResponse:
    edition, editions = edition_of(request, issue_id)
    whole = [table for table in reading.tables(edition) if not table.margin]
    return render(request, "web/federation/edition.html", {
        "edition": edition, "editions": editions, "blocks": blocks(edition, whole, by_table(whole)),
        "not_published": words.NOT_PUBLISHED, "note": edition.note.splitlines(), "formats": exports.FORMATS.values(),
    })  # fmt: skip


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


def _region_of(edition: Edition, margin: Sequence[str], coordinates: dict[str, str]) -> str:
    """The région a place lies in, as the edition says where structures are."""
    if "region" in margin:
        return coordinates.get("region", "")
    if "structure" in margin:
        return str(edition.places.get(coordinates.get("structure", ""), {}).get("region", ""))
    return next(
        (str(at["region"]) for at in edition.places.values() if at.get("department") == coordinates.get("department")), ""
    )  # fmt: skip


@needs(Permission.SEE_RELEASES)
def table(request: HttpRequest, issue_id: int, code: str) -> HttpResponse:
    """One table: told apart as asked (`par`), one région alone (`region`), its map and its evolution for a category (`mod`)."""
    edition, editions = edition_of(request, issue_id)
    offered = {"×".join(one.margin): one for one in reading.tables(edition) if one.code == code}
    if not offered:
        raise Http404
    by = request.GET.get("par", "")
    if not by or by not in offered:
        by = next((name for name in ("region", "kind", "") if name in offered), next(iter(offered)))
    chosen = offered[by]
    labels = words.categories(edition, chosen)
    category = request.GET.get("mod", "")
    if category not in labels:
        category = next(iter(labels))
    asked = request.GET.get("region", "")
    region = asked if asked in edition.labels.get("region", {}) else ""
    cells = by_table([offered[name] for name in dict.fromkeys(("", by, "region")) if name in offered])
    rows = cells[chosen.id]
    if region and {"region", "department", "structure"} & set(chosen.margin):
        rows = [cell for cell in rows if _region_of(edition, chosen.margin, cell.coordinates) == region]
    page: Page[Line] = Paginator(lines(edition, chosen, rows), ROWS).get_page(request.GET.get("page"))
    whole = lines(edition, offered[""], cells[offered[""].id])[0] if "" in offered else None
    return render(request, "web/federation/table.html", {
        "edition": edition, "editions": editions, "table": chosen, "page": page, "whole": whole, "region": region,
        "region_name": edition.labels.get("region", {}).get(region, ""), "headers": [words.DIMENSIONS[d] for d in chosen.margin],
        "choices": [Choice(name, words.breakdown(one.margin), name == by) for name, one in offered.items() if name],
        "categories": [Choice(name, label, name == category) for name, label in labels.items()],
        "formats": exports.FORMATS.values(), "by": by, "category": category, "category_name": labels[category] if len(labels) > 1 else "", "np": any(line.np or line.base == "np" for line in page),
        "map": _map(request, edition, offered, cells, category), "not_published": words.NOT_PUBLISHED,
        "dimension": next((d.label for d in DIMENSIONS if d.code == chosen.dimension), "Personnes accompagnées"),
        "definition": definitions().get(code), **_evolution(edition, chosen, category, region),
        "regions": sorted(
            (Choice(key, label, key == region) for key, label in edition.labels.get("region", {}).items()),
            key=lambda one: one.label,
        ),
    })  # fmt: skip


def _map(
    request: HttpRequest, edition: Edition, offered: dict[str, Table], cells: dict[int, list[Cell]], category: str
) -> drawings.TileMap | None:
    if "region" not in offered:
        return None
    drawn = offered["region"]
    found = {cell.coordinates["region"]: cell for cell in cells[drawn.id] if cell.category == category}
    here = reverse("edition-table", args=[edition.id, drawn.code])
    below = "department" if "department" in offered else "region×kind" if "region×kind" in offered else "region"
    links = {code: f"{here}?par={below}&region={code}&mod={category}#tableau" for code in found}
    title = f"{drawn.title}, {drawn.categories[category]}, {edition.label}, par région"
    return drawings.tile_map(found, edition.labels.get("region", {}), drawn.unit, links, title)


def _evolution(edition: Edition, table: Table, category: str, region: str) -> dict[str, Any]:
    """The whole, or the région asked, over the periods of the same rhythm."""
    where = {"region": region} if region else {}
    points = reading.evolution(edition.federation, table.code, where, category, year=edition.is_year)
    series = [(point.edition.label, point.cell) for point in points]
    return {
        "evolution": drawings.evolution(series, table.unit),
        "steps": list(reversed(words.steps(table, series))),
        "least": words.least_change(edition),
    }


@needs(Permission.SEE_RELEASES)
def clauses(request: HttpRequest, issue_id: int) -> HttpResponse:
    """The plan clause by clause, with the national figure of each indicator that is released."""
    edition, editions = edition_of(request, issue_id)
    measures = {one.code: one.source.indicator for one in catalogue(edition.catalogue).tables if one.source.indicator}
    whole = [one for one in reading.tables(edition) if not one.margin and one.code in measures]
    cells = by_table(whole)
    figures = {measures[one.code]: lines(edition, one, cells[one.id])[0] for one in whole if cells[one.id]}

    def told(clause: PlanClause) -> tuple[PlanClause, list[tuple[Definition, Line]], list[Definition]]:
        found = [(one, figures[one.code]) for one in clause.measured_by if one.code in figures]
        return clause, found, [one for one in clause.measured_by if one.code not in figures]

    sections = [
        (section, [(group, [told(clause) for clause in group.clauses]) for group in section.groups])
        for section in plan()
    ]
    released = len(figures)
    context = {"edition": edition, "editions": editions, "sections": sections, "released": released,
               "not_published": words.NOT_PUBLISHED}  # fmt: skip
    return render(request, "web/federation/plan.html", context)


@needs(Permission.SEE_INDICATORS)
def landmarks(request: HttpRequest) -> HttpResponse:
    """For structures: what is released, under the structure rule, of the structures of their kind. No structure is named."""
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    federation = structure.affiliated_to
    found = [] if federation is None else reading.editions(federation, Audience.PEERS)
    asked = request.GET.get("edition", "")
    edition = next((one for one in found if str(one.id) == asked), found[0] if found else None)
    context: dict[str, Any] = {"structure": structure, "structures": structures, "edition": edition, "editions": found,
                               "not_published": words.NOT_PUBLISHED}  # fmt: skip
    if edition is not None:
        tables = reading.tables(edition)
        here = "kind" if structure.kind in edition.labels.get("kind", {}) else ""
        of_kind = [one for one in tables if one.margin == ((here,) if here else ())]
        cells = by_table(of_kind)
        mine = {
            one.id: [cell for cell in cells[one.id] if not here or cell.coordinates["kind"] == structure.kind]
            for one in of_kind
        }
        context |= {"blocks": blocks(edition, of_kind, mine), "of_kind": bool(here), "note": edition.note.splitlines()}
    return render(request, "web/federation/landmarks.html", context)


@needs(Permission.SEE_RELEASES)
def report(request: HttpRequest, year: int) -> HttpResponse:
    """The Observatoire of a year, as a PDF."""
    federation = federation_of(request)
    try:
        pdf = observatoire.printed(federation.pk, federation.name, year)
    except observatoire.Absent as absent:
        raise Http404 from absent
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="observatoire-{year}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs(Permission.SEE_RELEASES)
def take_away(request: HttpRequest, issue_id: int, format: str) -> HttpResponse:
    """An edition as a file, or one of its tables (`?tableau=`): the same bytes whoever asks."""
    edition, _editions = edition_of(request, issue_id)
    if format not in exports.FORMATS:
        raise Http404
    code = request.GET.get("tableau", "")
    if code and code not in {one.code for one in reading.tables(edition)}:
        raise Http404
    return as_file(edition, format, [code] if code else None)


def as_file(edition: Edition, format: str, codes: Sequence[str] | None = None) -> HttpResponse:
    response = HttpResponse(exports.export(edition, format, codes), content_type=exports.FORMATS[format].media)
    response["Content-Disposition"] = f'attachment; filename="{exports.name_of(edition, format)}"'
    response["Cache-Control"] = "private, no-store"
    return response
