"""The dashboard on paper: the same words as the page, pressed as a PDF. Nothing is kept: it is made again when asked."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Organisation
from documents import press
from documents.papers import letterhead
from indicators.report import Board, Line


def dashboard_pdf(structure: Organisation, board: Board, at: datetime, today: date) -> bytes:
    """The PDF of a dashboard as known at a time. The same figures on the same day give the same bytes."""
    heading = letterhead.standard(structure)
    facts = {
        "title": _("Qualité de l'emploi — %(name)s") % {"name": structure},
        "issued_on": today,
        "letterhead": {**{name: text.standard for name, text in letterhead.TEXTS.items()}, **heading},
        "texts": {},
        "hidden": [],
        "paper": {
            "known_at": f"{timezone.localtime(min(board.known_at or at, at)):%d/%m/%Y}",
            "dimensions": [
                {**_titled(block.lead), "label": block.dimension.label, "others": [
                    {"code": line.sheet.definition.code, "label": line.sheet.definition.label,
                     "headline": line.reading.headline, "coverage": line.reading.value.get_coverage_display()}
                    for line in block.others if line.reading
                ]}
                for block in board.blocks
            ],
        },
    }  # fmt: skip
    return press.pressed("indicators", press.printable(facts))


def _titled(line: Line) -> dict[str, Any]:
    definition, reading = line.sheet.definition, line.reading
    lead = None
    if reading is not None:
        told = [
            line.trend_words,
            _("intervalle à 95 %% : %(ends)s") % {"ends": reading.interval} if reading.interval else "",
            reading.coverage_words,
            _("fourchette : %(ends)s") % {"ends": reading.bounds} if reading.bounds and reading.published else "",
            line.range_words if reading.value.eligible else "",
            _("cible %(year)s : %(said)s") % {"year": line.target.year, "said": line.target_words}
            if line.target
            else "",
        ]
        lead = {"period": reading.period.label, "headline": reading.headline, "facts": [capfirst(t) for t in told if t]}
    return {
        "code": definition.code, "title": definition.label, "formula": capfirst(definition.formula),
        "method": str(definition.method), "caution": definition.caution, "lead": lead,
    }  # fmt: skip
