"""The grid of worked months: one month for everybody with hours and pay, or six months of hours."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import load, organisations
from accounts.roles import Permission
from contracts import months as worked
from contracts.months import Cell, Key, Line
from law.dates import add_months
from web.access import chosen_structure, me, needs
from web.templatetags.components import decimal

WIDE = 6


def _month(text: str, today: date) -> date:
    """A month asked for as 2026-02; the one before today when the text is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return add_months(today.replace(day=1), -1)


def _name(what: str, key: Key) -> str:
    return f"{what}-{key[0]}-{key[1] or 0}-{key[2]:%Y%m}"


def _read(text: str) -> Decimal | None:
    """A number as typed in French; empty is unknown. Raises InvalidOperation."""
    plain = text.strip().replace(",", ".").replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    number = Decimal(plain) if plain else None
    if number is not None and not number.is_finite():
        raise InvalidOperation
    return number


def _cells(posted: QueryDict, lines: list[Line], months: list[date]) -> tuple[list[Cell], dict[Key, list[str]]]:
    """The cells of what was posted, and those that are no numbers."""
    cells: list[Cell] = []
    errors: dict[Key, list[str]] = {}
    for line in lines:
        for month in months:
            key = line.key(month)
            hours, pay = posted.get(_name("h", key)), posted.get(_name("p", key))
            if hours is None:
                continue
            try:
                cells.append(Cell(key, _read(hours), _read(pay or ""), pay_typed=pay is not None))
            except InvalidOperation:
                errors[key] = [_("Un nombre est attendu, par exemple 104,5.")]
    return cells, errors


def _rows(lines: list[Line], months: list[date], posted: QueryDict | None, errors: dict[Key, list[str]]) -> list[Any]:
    """What the template draws: each line with its cells, holding what was typed rather than what is kept."""
    drawn = []
    for line in lines:
        cells = []
        for month in months:
            key, row = line.key(month), line.rows.get(month)
            kept_hours = "" if row is None or row.paid_hours is None else decimal(row.paid_hours)
            kept_pay = "" if row is None or row.gross_pay is None else decimal(row.gross_pay)
            hours, pay = _name("h", key), _name("p", key)
            cells.append(
                {
                    "row": row,
                    "open": line.runs_in(month) and not (row and row.closed),
                    "closed": bool(row and row.closed),
                    "hours_name": hours,
                    "pay_name": pay,
                    "hours": posted.get(hours, kept_hours) if posted else kept_hours,
                    "pay": posted.get(pay, kept_pay) if posted else kept_pay,
                    "errors": errors.get(key, []),
                    "month": month,
                }
            )
        drawn.append({"line": line, "cells": cells})
    return drawn


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def grid(request: HttpRequest) -> HttpResponse:
    structure, mine = chosen_structure(request, Permission.DECIDE_CONTRACTS)
    today = timezone.localdate()
    last = _month(request.GET.get("mois", ""), today)
    wide = request.GET.get("vue") == "six"
    months = [add_months(last, -n) for n in reversed(range(WIDE))] if wide else [last]
    lines = worked.grid(structure, months)
    errors: dict[Key, list[str]] = {}
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        cells, errors = _cells(posted, lines, months)
        try:
            seen = datetime.fromisoformat(posted.get("seen_at", ""))
        except ValueError:
            seen = None
        if not errors:
            errors = worked.record_cells(by=me(request), lines=lines, cells=cells, seen_at=seen)
        if not errors:
            messages.success(request, _("Enregistré."))
            return redirect(request.get_full_path())
    context = {
        "structure": structure,
        "structures": mine,
        "month": last,
        "months": months,
        "wide": wide,
        "rows": _rows(lines, months, posted, errors),
        "errors": errors,
        "before": add_months(last, -1),
        "after": add_months(last, 1),
        "seen_at": timezone.now().isoformat(),
        "over": add_months(last, 1) <= today,
    }
    return render(request, "web/months.html", context)


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["POST"])
def close(request: HttpRequest) -> HttpResponse:
    mine = organisations(request.user, Permission.DECIDE_CONTRACTS).filter(nature="structure")
    structure, today = load(mine, pk=request.POST.get("structure")), timezone.localdate()
    month = _month(request.POST.get("mois", ""), today)
    try:
        done = worked.close_month(by=me(request), organisation=structure, month=month, today=today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = ngettext("%(n)s ligne close.", "%(n)s lignes closes.", done.closed) % {"n": done.closed}
        if done.missing:
            names = ", ".join(str(line.contract.worker) for line in done.missing[:5])
            said += " " + _("Heures encore inconnues pour %(n)s : %(names)s…") % {
                "n": len(done.missing),
                "names": names,
            }
        messages.success(request, said)
    return redirect(f"{reverse('months')}?structure={structure.pk}&mois={month:%Y-%m}")
