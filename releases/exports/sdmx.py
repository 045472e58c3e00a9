"""SDMX-CSV 2.0: one observation a line, dimensions first, « _T » for a total, the status of a value that is not published."""

import csv
import io

from releases.exports.lines import DIMENSIONS, Line, plain
from releases.periods import period_code
from releases.reading import Edition

AGENCY, FLOW = "PARCOURS", "DF_RELEASES"
NAMES = {"region": "REGION", "department": "DEPARTMENT", "kind": "STRUCTURE_KIND", "structure": "ESTABLISHMENT",
         "sex": "SEX", "age": "AGE", "level": "EDUCATION"}  # fmt: skip
HEADER = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "INDICATOR", "FREQ", "TIME_PERIOD", *(NAMES[name] for name in DIMENSIONS),
    "CATEGORY", "OBS_VALUE", "OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "BASE", "NUMBER", "MARGIN_95", "REVISION",
)  # fmt: skip
TOTAL = "_T"
# Code lists CL_OBS_STATUS and CL_CONF_STATUS: a normal value, a missing one that is not for publication.
NORMAL, MISSING, FREE, CONFIDENTIAL = "A", "M", "F", "N"


def time_period(edition: Edition) -> str:
    """« 2025 » or « 2025-Q3 »."""
    return period_code(edition.period).replace("T", "Q")


def as_sdmx(edition: Edition, lines: list[Line], _metadata: dict[str, object]) -> bytes:
    """UTF-8, comma, decimal point; « beyond » has no value and is not confidential."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    flow = f"{AGENCY}:{FLOW}({edition.catalogue.replace('-', '.')})"
    frequency = "A" if edition.is_year else "Q"
    for line in lines:
        hidden = line.marker == "np"
        writer.writerow(
            [
                "dataflow", flow, "I", line.table, frequency, time_period(edition),
                *(code or TOTAL for code in line.coordinates), line.category or TOTAL, plain(line.value),
                NORMAL if line.value is not None else MISSING, CONFIDENTIAL if hidden else FREE, line.unit.upper(),
                plain(line.base), plain(line.number), plain(line.error), edition.revision,
            ]
        )  # fmt: skip
    return text.getvalue().encode()
