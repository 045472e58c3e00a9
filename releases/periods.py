"""Periods as people write them: « 2025 », « 2025-T3 »."""

import re
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from indicators.periods import Period
from law.dates import add_months

WRITTEN = re.compile(r"((?:19|20)[0-9]{2})(?:-?T([1-4]))?")


def period_written(text: str) -> Period:
    """The civil year or the quarter a text names. Raises ValidationError."""
    match = WRITTEN.fullmatch(text.strip().upper())
    if match is None:
        raise ValidationError(
            {"period": _("« %(text)s » n'est pas une période : écrire 2025 ou 2025-T3.") % {"text": text}}
        )
    year, quarter = int(match[1]), match[2]
    if quarter is None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    start = date(year, 3 * int(quarter) - 2, 1)
    return Period(start, add_months(start, 3) - timedelta(days=1))


def period_code(period: Period) -> str:
    """The text that names a civil year or a quarter: what the noise of a period is keyed on."""
    if period.is_civil_year:
        return str(period.end.year)
    return f"{period.end.year}-T{(period.start.month + 2) // 3}"
