"""The structure's own indicators: the dashboard in nine dimensions, the sheet of each with what it rests on, who is unknown."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import permissions
from accounts.models import Organisation
from accounts.roles import Permission
from documents.exports.sheets import PIECES, TYPES
from indicators import report
from indicators.catalogue import BREAKDOWNS, DIMENSIONS, Definition, definitions
from indicators.computation import unknowns
from indicators.models import Target
from indicators.periods import Period, end_of, local_day
from indicators.report import statement
from indicators.standard import Beside
from parcours.models import Worker
from web import drawings
from web.access import chosen_structure, needs
from web.dashboard_paper import dashboard_pdf

DIRECTIONS = {
    "higher": gettext_lazy("plus haut est mieux"),
    "lower": gettext_lazy("plus bas est mieux"),
    "neutral": gettext_lazy("ni plus haut ni plus bas n'est mieux : il se lit, il ne se vise pas"),
    "closer_to_one": gettext_lazy("plus près de 1 est mieux"),
    "up_to_target": gettext_lazy("plus haut est mieux, jusqu'à la cible de la structure"),
}
FORMATS = ("csv", "xlsx", "json")


def knowledge(request: HttpRequest) -> tuple[datetime, date | None]:
    """The instant figures are read as known at: the end of the day asked (`?au=2026-06-30`), else now."""
    asked, now = request.GET.get("au", ""), timezone.now()
    if not asked:
        return now, None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        messages.error(
            request, _("« %(day)s » n'est pas une date : choisissez-la dans le calendrier.") % {"day": asked}
        )
        return now, None
    return (end_of(day), day) if day < local_day(now) else (now, None)


def _sent(request: HttpRequest, found: statement.Statement, name: str, at: datetime) -> HttpResponseBase | None:
    """The figures as the file asked (`?format=`), or None when the page is asked."""
    format = request.GET.get("format", "")
    if format not in FORMATS:
        return None
    response: HttpResponseBase
    if format == "json":
        response = JsonResponse({"known_at": at, "rows": found.rows}, json_dumps_params={"ensure_ascii": False})
    else:
        response = StreamingHttpResponse(PIECES[format](found.titles, found.lines()), content_type=TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{name}-{local_day(at)}.{format}"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs(Permission.SEE_INDICATORS)
def dashboard(request: HttpRequest) -> HttpResponseBase:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    at, day = knowledge(request)
    board = report.board(structure, at)
    if file := _sent(request, statement.of_board(structure, board.lines), "indicateurs", at):
        return file
    drawn = {line.sheet.definition.code: _strip(line) for line in (block.lead for block in board.blocks)}
    blocks = [
        (block, drawn[block.lead.sheet.definition.code], drawings.sparkline(block.lead.sheet)) for block in board.blocks
    ]
    context = {"structure": structure, "structures": structures, "board": board, "blocks": blocks, "day": day,
               "formats": FORMATS, "today": local_day(timezone.now()), "pdf": reverse("indicators-pdf")}  # fmt: skip
    return render(request, "web/indicators.html", context)


@needs(Permission.SEE_INDICATORS)
def dashboard_paper(request: HttpRequest) -> HttpResponse:
    """The dashboard as a PDF."""
    structure, _all = chosen_structure(request, Permission.SEE_INDICATORS)
    at, _day = knowledge(request)
    content = dashboard_pdf(structure, report.board(structure, at), at, timezone.localdate())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="indicateurs-{local_day(at)}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _strip(line: report.Line) -> drawings.Strip | None:
    target = line.target.value if line.target else None
    return drawings.strip(line.reading, line.range, target) if line.reading else None


@dataclass(frozen=True)
class Breakdown:
    """A table of cells by one or two breakdowns, and the choice it comes from."""

    choices: list[tuple[str, str]]
    by: tuple[str, ...]
    rows: list[tuple[list[str], report.Reading]]


@needs(Permission.SEE_INDICATORS)
def sheet(request: HttpRequest, code: str) -> HttpResponseBase:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    if code not in definitions():
        raise Http404
    at, day = knowledge(request)
    found = report.sheet(structure, code, at)
    if file := _sent(request, statement.of_sheet(structure, found), f"indicateur-{code.lower()}", at):
        return file
    definition, reading = found.definition, found.latest
    context: dict[str, Any] = {
        "structure": structure, "structures": structures, "sheet": found, "reading": reading, "day": day,
        "today": local_day(timezone.now()), "formats": FORMATS, "spark": drawings.sparkline(found),
        "dimension": next((d for d in DIMENSIONS if code[:3] in d.families), None),
        "companions": [definitions()[one] for one in definition.companions if one in definitions()],
        "direction": DIRECTIONS[definition.direction], "series": [*reversed(found.years), *reversed(found.quarters)],
        "may_see_people": _may_see_people(request, structure),
    }  # fmt: skip
    if reading is not None:
        context |= _drill(request, structure, found, reading, at)
    return render(request, "web/indicator.html", context)


def _drill(
    request: HttpRequest, structure: Organisation, sheet: report.Sheet, reading: report.Reading, at: datetime
) -> dict[str, Any]:
    """What a figure is made of: components, curve, matrix, funnel, breakdowns, vintages, law."""
    value, definition = reading.value, reading.definition
    kind = report.of_kind(structure, [reading], at, cells=True).get((definition.code, reading.period))
    target = Target.objects.filter(
        organisation=structure, indicator=definition.code, year=reading.period.end.year
    ).first()
    found = report.funnel_in(reading, kind)
    line = report.Line(sheet, reading, report.trend_of(sheet), report.range_in(kind), target)
    triangle = report.revisions(value.scope, definition.code, until=at)
    moved = report.mean_absolute_revision(triangle)
    curve, steps = None, report.curve_of(value)
    if steps is not None:
        draw = drawings.incidence_curve if definition.code == "PER-01" else drawings.survival_curve
        curve = draw(steps, report.last_day(value))
    return {
        "strip": _strip(line),
        "line": line,
        "unknown": value.eligible - value.known,
        "uncovered": reading.uncovered,
        "alike": _alike(definition, report.alike(reading, kind)),
        "parts": report.parts_of(definition, value.parts, reading.small),
        "served": report.served(value.parts) if definition.code == "EQU-03" else [],
        "rules": list(report.rules_of(definition, reading.period)),
        "curve": curve,
        "matrix": drawings.matrix(report.transitions(value)) if definition.code == "SEC-03" else None,
        "matrix_columns": drawings.matrix_columns() if definition.code == "SEC-03" else None,
        "funnel": drawings.funnel_plot(found) if found else None,
        "breakdown": _breakdown(request, structure, reading),
        "triangle": [
            (period, [_vintage(definition, row) for row in rows])
            for period, rows in sorted(triangle.items(), reverse=True)
            if len(rows) > 1
        ],
        "moved": _difference(definition, moved) if moved is not None else "",
        "target": target,
    }


def _alike(definition: Definition, found: Beside | None) -> str:
    """« 50,0 % à public égal (sexe, minima sociaux), 44,0 % tel quel ; … »; empty when nothing compares."""
    if found is None or found.standardised is None or found.observed_over_expected is None:
        return ""
    return _("%(alike)s à public égal (%(by)s), %(crude)s tel quel ; observé sur attendu : %(ratio)s") % {
        "by": ", ".join(BREAKDOWNS[name] for name in report.case_mix(definition)),
        "alike": report.shown(found.standardised, "percent"), "crude": report.shown(found.crude, "percent"),
        "ratio": report.shown(found.observed_over_expected, "ratio"),
    }  # fmt: skip


@dataclass(frozen=True)
class Vintage:
    """A figure as known at a time, and by how much it moved."""

    known_at: datetime
    said: str
    moved: str
    notable: bool


def _vintage(definition: Definition, row: report.Revision) -> Vintage:
    moved = ""
    if row.change and row.reading.published and not row.reading.small:
        moved = ("+" if row.change > 0 else "−") + _difference(definition, abs(row.change))
    return Vintage(row.known_at, row.reading.headline, moved, bool(moved) and row.notable)


def _difference(definition: Definition, size: Decimal) -> str:
    said = report.shown(size, definition.unit)
    return _("%(n)s points") % {"n": said.removesuffix(" %")} if definition.unit == "percent" else said


def _breakdown(request: HttpRequest, structure: Organisation, reading: report.Reading) -> Breakdown:
    """Domains of barriers tell of health and justice: only for those who may read what is written of them."""
    sensitive = Permission.SEE_SENSITIVE in permissions(request.user, structure)
    definition = reading.definition
    told = [name for name in definition.breakdowns if name in definition.cells and (sensitive or name != "domain")]
    by = tuple(dict.fromkeys(name for name in request.GET.getlist("par") if name in told))[: report.MOST_CROSSED]
    by = by or tuple(told[:1])
    rows = [
        ([report.cell_label(name, cell.breakdown[name]) for name in by], cell.reading(reading.value))
        for cell in (report.broken_down(reading.value, by) if by else [])
    ]
    return Breakdown([(name, BREAKDOWNS[name]) for name in told], by, rows)


def _may_see_people(request: HttpRequest, structure: Organisation) -> bool:
    return Permission.SEE_PEOPLE in permissions(request.user, structure)


@needs(Permission.SEE_INDICATORS)
def unknown_people(request: HttpRequest, code: str) -> HttpResponse:
    """Who is unknown in the last figure of an indicator, and what to do about it: for those who may see people."""
    structure, _all = chosen_structure(request, Permission.SEE_INDICATORS)
    if code not in definitions():
        raise Http404
    if not _may_see_people(request, structure):
        raise Http404
    at, day = knowledge(request)
    reading = report.sheet(structure, code, at).latest
    people: list[tuple[Worker, list[str]]] = []
    if reading is not None:
        people = _people(structure, code, reading.period, reading.value.known_at)
    context = {
        "structure": structure,
        "definition": definitions()[code],
        "reading": reading,
        "people": people,
        "day": day,
    }
    return render(request, "web/indicator_unknowns.html", context)


def _people(structure: Organisation, code: str, period: Period, at: datetime) -> list[tuple[Worker, list[str]]]:
    reasons: dict[int, list[str]] = {}
    for worker_id, reason in unknowns(structure.pk, code, period, at):
        reasons.setdefault(worker_id, []).append(reason)
    workers = Worker.objects.filter(pk__in=reasons, organisation=structure).order_by("last_name", "first_name", "pk")
    return [(worker, reasons[worker.pk]) for worker in workers]
