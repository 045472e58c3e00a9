"""Any file into lines, streamed: CSV of every encoding and delimiter seen, Excel, JSON arrays. No Django.

A file that cannot be trusted (empty, binary, cut) raises Unreadable with words for the user, and nothing of it is used.
"""

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import python_calamine

CHUNK = 1 << 16
MAX_ELEMENT = 1 << 20  # characters of one JSON object
MAX_EXCEL = 30 << 20  # bytes: a workbook is read whole
DELIMITERS = ";,\t|¦"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Unreadable(ValueError):
    """The file as a whole is refused; the message says why and how to mend it."""


@dataclass(frozen=True)
class Line:
    """One record: where it starts in the file, and its cells by header (JSON: by key). Empty cells are ''."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Source:
    """A readable file: its headers (of the first record for JSON) and its lines, read as they are asked for."""

    headers: list[str]
    lines: Iterator[Line]


def read(path: Path) -> Source:
    """Open a file whatever it is. Raises Unreadable; the lines may raise it too when the end turns out to be cut."""
    with path.open("rb") as file:
        head = file.read(8192)
    if not head.strip():
        raise Unreadable("Le fichier est vide. Exportez-le de nouveau depuis le logiciel d'origine.")
    if head.startswith((ZIP, OLE)):
        return _workbook(path)
    if b"\0" in head and not head.startswith(UTF_16):
        raise Unreadable("Le fichier est binaire : attendus un CSV, un classeur Excel ou un JSON.")
    encoding = _encoding(path)
    with path.open(encoding=encoding) as file:
        first = file.read(4096).lstrip()
    return _json(path, encoding) if first[:1] in {"[", "{"} else _table(path, encoding)


def _encoding(path: Path) -> str:
    """utf-8-sig, utf-16 or cp1252, decided on the whole file: its first accent may come late."""
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        position = 0
        while chunk := file.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return "cp1252"
            position += len(chunk)
        pending = decoder.getstate()[0]
    if pending and position > len(pending):
        raise Unreadable("Le fichier est coupé : il s'arrête au milieu d'une lettre. Exportez-le de nouveau.")
    return "utf-8-sig"


def _table(path: Path, encoding: str) -> Source:
    file = path.open(encoding=encoding, newline="", errors="replace" if encoding == "cp1252" else "strict")
    sample = file.read(CHUNK)
    first = next((line for line in sample.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    rows = _rows(reader, file)
    headers = [header.strip() for header in next(rows)[1]]
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
                raise Unreadable(
                    f"Ligne {start} : guillemet jamais refermé ou fichier coupé ({error}). Exportez-le de nouveau."
                ) from error
            if any(cell.strip() for cell in row):
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
    cells = row + [""] * (len(headers) - len(row))
    return Line(number, {header: cell.strip() for header, cell in zip(headers, cells, strict=False) if header})


def _workbook(path: Path) -> Source:
    if path.stat().st_size > MAX_EXCEL:
        raise Unreadable("Le classeur dépasse 30 Mo : enregistrez la feuille en CSV.")
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:  # the library raises its own errors for each kind of damage
        raise Unreadable("Le classeur Excel est abîmé ou protégé : enregistrez-le de nouveau, ou en CSV.") from error
    written = [(n, [_excel(cell) for cell in row]) for n, row in enumerate(rows, 1)]
    filled = [(n, row) for n, row in written if any(row)]
    if not filled:
        raise Unreadable("La première feuille du classeur est vide.")
    headers = [header.strip() for header in filled[0][1]]
    return Source(headers, (_line(number, row, headers) for number, row in filled[1:]))


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

    return Source(list(first.cells), everything())


def _json_lines(path: Path, encoding: str) -> Iterator[Line]:
    """Objects of a top-level array, one at a time, with the line each starts on."""
    decoder = json.JSONDecoder()
    with path.open(encoding=encoding) as file:
        buffer, line, opened, ended = "", 1, False, False
        while True:
            stripped = buffer.lstrip(" \t\r\n," if opened else " \t\r\n")
            line += buffer.count("\n", 0, len(buffer) - len(stripped))
            buffer = stripped
            if not opened and buffer[:1] == "[":
                opened, buffer = True, buffer[1:]
                continue
            if not opened and buffer:
                raise Unreadable("Ligne 1 : le JSON doit être une liste d'enregistrements ([ … ]).")
            if opened and buffer[:1] == "]":
                return
            try:
                if buffer[:1] not in {"", "{"}:
                    raise Unreadable(f"Ligne {line} : un enregistrement JSON ({{ … }}) est attendu.")
                value, end = decoder.raw_decode(buffer)
            except json.JSONDecodeError as error:
                if ended:
                    raise Unreadable(
                        f"Ligne {line + buffer.count(chr(10))} : le fichier JSON est coupé ou abîmé. Exportez-le de nouveau."
                    ) from error
                more = file.read(CHUNK)
                ended = not more
                if len(buffer) > MAX_ELEMENT:
                    raise Unreadable(f"Ligne {line} : enregistrement JSON abîmé ou trop long.") from error
                buffer += more
                continue
            yield Line(line, _flat(value))
            line += buffer.count("\n", 0, end)
            buffer = buffer[end:]


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
