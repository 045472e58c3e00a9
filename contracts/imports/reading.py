"""Any file into lines, streamed: CSV of every encoding and delimiter seen, Excel, JSON arrays. No Django.

A file that cannot be trusted (empty, binary, cut) raises Unreadable with words for the user, and nothing of it is used.
"""

import codecs
import csv
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import python_calamine

CHUNK = 1 << 16
MAX_ELEMENT = 1 << 20  # characters of one JSON object
MAX_EXCEL = 30 << 20  # bytes: a workbook is read whole
MAX_UNZIPPED = 400 << 20  # bytes: what its parts may weigh once unzipped
DELIMITERS = ";,\t|¦"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DAMAGED = "Le classeur Excel est abîmé ou protégé : enregistrez-le de nouveau, ou en CSV."
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Unreadable(ValueError):
    """The file as a whole is refused; the message says why and how to mend it."""


@dataclass(frozen=True)
class Line:
    """One record: where it starts in the file, its cells by header (JSON: by key), and what lies beyond the last header.

    Empty cells are '' or left out.
    """

    number: int
    cells: dict[str, str]
    beyond: str = ""


@dataclass(frozen=True)
class Source:
    """A readable file: its headers (of the first record for JSON) and its lines, read as they are asked for.

    `table`: a record takes a line or little more.
    """

    headers: list[str]
    lines: Iterator[Line]
    table: bool = True


def read(path: Path) -> Source:
    """Open a file whatever it is. Raises Unreadable; the lines may raise it too when the end turns out to be cut."""
    with path.open("rb") as file:
        head = file.read(8192)
    if not head.strip():
        raise Unreadable("Le fichier est vide. Exportez-le de nouveau depuis le logiciel d'origine.")
    if head.startswith((ZIP, OLE)):
        return _workbook(path, zipped=head.startswith(ZIP))  # the old .xls is not
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace") as file:
        first = file.read(4096).lstrip()
    return _json(path, encoding) if first[:1] in {"[", "{"} else _table(path, encoding)


def _encoding(path: Path) -> str:
    """utf-8-sig, utf-16 or cp1252, decided on the whole file: its first accent may come late. A zero byte: binary."""
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        position, encoding = 0, "utf-8-sig"
        while chunk := file.read(1 << 20):
            if b"\0" in chunk:
                raise Unreadable("Le fichier est binaire : attendus un CSV, un classeur Excel ou un JSON.")
            if encoding == "utf-8-sig":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = "cp1252"
            position += len(chunk)
        pending = decoder.getstate()[0]
    if encoding == "utf-8-sig" and pending and position > len(pending):
        raise Unreadable("Le fichier est coupé : il s'arrête au milieu d'une lettre. Exportez-le de nouveau.")
    return encoding


def _table(path: Path, encoding: str) -> Source:
    file = path.open(encoding=encoding, newline="", errors="replace" if encoding == "cp1252" else "strict")
    try:
        sample = file.read(CHUNK)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "Le fichier est coupé : il s'arrête au milieu d'une lettre. Exportez-le de nouveau."
        ) from error
    first = next((line for line in sample.splitlines() if line.strip()), "")
    declared = re.fullmatch(r"sep=(.)", first.strip(" "), re.IGNORECASE)  # Excel's own first line
    delimiter = declared[1] if declared else max(DELIMITERS, key=first.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    rows = _rows(reader, file)
    if declared:
        next(rows)
    headers = [header.strip() for header in next(rows, (1, []))[1]]
    twice = sorted({header for header in headers if header and headers.count(header) > 1})
    if twice:
        raise Unreadable(f"Ligne 1 : colonne en double : {', '.join(twice)}. Gardez-en une seule.")
    return Source(headers, _table_lines(rows, headers, _ends_with_newline(path)))


def _rows(reader: Any, file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line each starts on."""
    with file:
        start = 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "expected after" in str(error):
                    raise Unreadable(
                        f"Ligne {start} : guillemet mal placé. Doublez les guillemets dans une cellule, ou retirez-les."
                    ) from error
                raise Unreadable(
                    f"Ligne {start} : guillemet jamais refermé ou fichier coupé. Exportez-le de nouveau."
                ) from error
            except UnicodeDecodeError as error:
                raise Unreadable(
                    f"Ligne {start} : le fichier est coupé au milieu d'une lettre. Exportez-le de nouveau."
                ) from error
            if any(map(str.strip, row)):
                yield start, row
            start = reader.line_num + 1


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        return file.read().replace(b"\0", b"").endswith((b"\n", b"\r"))


def _table_lines(rows: Iterator[tuple[int, list[str]]], headers: list[str], complete: bool) -> Iterator[Line]:
    """Lines of a table. A last line that is short and not ended by a newline means that the file was cut."""
    held: tuple[int, list[str]] | None = None
    for number, row in rows:
        if held is not None:
            yield _line(*held, headers)
        held = number, row
    if held is None:
        return
    if len(held[1]) < len(headers) and not complete:
        raise Unreadable(
            f"Ligne {held[0]} : le fichier est coupé ({len(held[1])} cellules sur {len(headers)}). Exportez-le de nouveau."
        )
    yield _line(*held, headers)


def _line(number: int, row: list[str], headers: list[str]) -> Line:
    cells = dict(zip(headers, map(str.strip, row), strict=False))
    beyond = "" if len(row) <= len(headers) else " ".join(row[len(headers) :]).strip()
    return Line(number, cells, beyond)


def _workbook(path: Path, *, zipped: bool) -> Source:
    """The first sheet that holds something."""
    if path.stat().st_size > MAX_EXCEL or (zipped and _unzipped(path) > MAX_UNZIPPED):
        raise Unreadable("Le classeur est trop lourd (30 Mo au plus) : enregistrez la feuille en CSV.")
    rows = _filled_rows(path)
    try:
        headers = [header.strip() for header in next(rows)[1]]
    except StopIteration:
        raise Unreadable("Le classeur est vide.") from None
    return Source(headers, (_line(number, row, headers) for number, row in rows))


def _unzipped(path: Path) -> int:
    """What the parts of a workbook say they weigh. Raises Unreadable when they cannot be listed."""
    try:
        with zipfile.ZipFile(path) as parts:
            return sum(part.file_size for part in parts.infolist())
    except Exception as error:  # zipfile raises half a dozen kinds, by what is damaged
        raise Unreadable(DAMAGED) from error


def _filled_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for index in range(len(book.sheet_names)):
            found = False
            for number, row in enumerate(book.get_sheet_by_index(index).iter_rows(), 1):
                cells = [_excel(cell) for cell in row]
                if any(cells):
                    found = True
                    yield number, cells
            if found:
                return
    except Exception as error:  # the library raises its own errors for each kind of damage
        raise Unreadable(DAMAGED) from error


def _excel(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _json(path: Path, encoding: str) -> Source:
    lines = _json_lines(path, encoding)
    try:
        first = next(lines)
    except StopIteration:
        raise Unreadable("Le fichier JSON ne contient aucun enregistrement.") from None

    def everything() -> Iterator[Line]:
        yield first
        yield from lines

    return Source(list(first.cells), everything(), table=False)


def _json_lines(path: Path, encoding: str) -> Iterator[Line]:
    """Objects of a top-level array, one at a time, with the line each starts on."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)  # a number stays as it was written
    blank = re.compile(r"[ \t\r\n]*")
    with path.open(encoding=encoding) as file:
        text, at, line, ended, state = "", 0, 1, False, "start"
        while True:
            past = blank.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing at worst
            line += text.count("\n", at, past)
            at = past
            sign = text[at : at + 1]
            if sign and state == "end":
                raise Unreadable(
                    f"Ligne {line} : le fichier continue après la fin de la liste. Une seule liste par fichier."
                )
            if sign and state == "start":
                if sign != "[":
                    raise Unreadable("Ligne 1 : le JSON doit être une liste d'enregistrements ([ … ]).")
                at, state = at + 1, "list"
                continue
            if sign == "]":
                at, state = at + 1, "end"
                continue
            if sign == "," and state == "between":
                at, state = at + 1, "list"
                continue
            if sign and (sign != "{" or state == "between"):
                raise Unreadable(f"Ligne {line} : un enregistrement JSON ({{ … }}) est attendu.")
            if sign:
                try:
                    value, end = decoder.raw_decode(text, at)
                except RecursionError as error:
                    raise Unreadable(f"Ligne {line} : enregistrement JSON abîmé ou trop long.") from error
                except json.JSONDecodeError as error:
                    if ended or len(text) - at > MAX_ELEMENT:
                        broken = line + text.count("\n", at, error.pos)
                        raise Unreadable(
                            f"Ligne {broken} : le fichier JSON est coupé ou abîmé. Exportez-le de nouveau."
                        ) from error
                else:
                    yield Line(line, _flat(value))
                    line += text.count("\n", at, end)
                    at, state = end, "between"
                    continue
            elif ended:
                if state == "end":
                    return
                raise Unreadable(f"Ligne {line} : le fichier JSON est coupé ou abîmé. Exportez-le de nouveau.")
            try:
                more = file.read(CHUNK)
            except UnicodeDecodeError as error:
                raise Unreadable(
                    f"Ligne {line} : le fichier JSON est coupé ou abîmé. Exportez-le de nouveau."
                ) from error
            ended = not more
            text, at = text[at:] + more, 0


def _flat(value: dict[str, Any]) -> dict[str, str]:
    """A JSON object as cells: a fixture's `fields` come beside its `pk` and `model`."""
    fields = value.get("fields")
    merged = {**value, **fields} if isinstance(fields, dict) else value
    return {key: _json_cell(cell) for key, cell in merged.items() if key != "fields"}


def _json_cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    return cell.strip() if isinstance(cell, str) else str(cell)
