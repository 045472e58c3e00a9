"""Rows as CSV or XLSX, written as they are read: memory does not grow with the list.

CSV is what French spreadsheets open at once: UTF-8 with its mark, semicolons, decimal commas, days as 31/12/2026.
No text is ever a formula: a leading sign that a spreadsheet would run is set apart (CSV) or typed as text (XLSX).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
RUN = ("=", "+", "-", "@", "\t", "\r")
BATCH = 500  # lines sent at once
MOST = 1_000_000  # lines in a sheet; a spreadsheet holds 1 048 576
PIECE = 64 * 1024


def text_cell(text: str) -> str:
    """A text no spreadsheet will run."""
    return "'" + text if text.startswith(RUN) else text


def _said(value: Any) -> Any:
    """What both formats say alike: yes and no in French, lists in one cell, moments at the clock of the site."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return value


def _csv_cell(value: Any) -> str:
    value = _said(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, (Decimal, float)):
        return f"{value:f}".replace(".", ",")
    return str(value) if isinstance(value, int) else text_cell(str(value))


def csv_pieces(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    table.writerow(titles)
    for number, row in enumerate(rows, start=1):
        table.writerow([_csv_cell(value) for value in row])
        if number % BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_pieces(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file is a zip: it is written to disk as the rows come, then sent."""
    book = Workbook(write_only=True)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % MOST == 0:
            sheet = _sheet(book, titles)
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    if sheet is None:
        _sheet(book, titles)
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _sheet(book: Workbook, titles: Sequence[str]) -> Any:
    sheet: Any = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(list(titles))
    return sheet


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    value = _said(value)
    if not isinstance(value, str):
        return value
    value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not value.startswith(RUN):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


PIECES = {"csv": csv_pieces, "xlsx": xlsx_pieces}
