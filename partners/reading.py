"""Reading a data·inclusion file one element at a time: a JSON list or page (`items`), JSON lines, or CSV.

Nothing is held but one element: a file of the whole country is read in constant memory.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

CHUNK = 64 * 1024
LONGEST = 2 * 1024 * 1024  # characters of one element; a longer one is no element of this schema
Element = dict[str, Any]


class UnreadableFile(ValueError):
    """The file cannot be read at all; the message says why, in French."""


def elements(stream: BinaryIO) -> Iterator[tuple[int, Element | str]]:
    """(rank from 1, element) for each element; a text instead of an element says why it cannot be read.

    Raises UnreadableFile when the file is none of the known forms, or stops in the middle.
    """
    text = _text(stream)
    head = ""
    while not head.strip():
        piece = next(text, None)
        if piece is None:
            raise UnreadableFile("Le fichier est vide.")
        head += piece
    first = head.lstrip()[0]
    lines = head.lstrip().startswith("{") and "\n{" in head.replace("\r\n", "\n")
    if first == "{" and lines:
        yield from _json_lines(_chain(head, text))
    elif first in "[{":
        yield from _json_list(head, text)
    else:
        yield from _csv(_chain(head, text))


def _text(stream: BinaryIO) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    while piece := stream.read(CHUNK):
        try:
            yield decoder.decode(piece)
        except UnicodeDecodeError:
            raise UnreadableFile("Le fichier n'est pas en UTF-8 : enregistrez-le dans ce codage.") from None
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableFile("Le fichier s'arrête au milieu d'un caractère.") from None


def _chain(head: str, rest: Iterator[str]) -> Iterator[str]:
    yield head
    yield from rest


def _json_list(head: str, rest: Iterator[str]) -> Iterator[tuple[int, Element | str]]:
    while "[" not in head:
        piece = next(rest, None)
        if piece is None:
            raise UnreadableFile("Une liste d'éléments est attendue ([…], ou « items » : […]).")
        head += piece
    buffer = head[head.index("[") + 1 :]
    decoder, rank = json.JSONDecoder(), 0
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        if buffer:
            try:
                found, end = decoder.raw_decode(buffer)
            except json.JSONDecodeError as error:
                if len(buffer) > LONGEST:
                    raise UnreadableFile(f"L'élément {rank + 1} n'est pas du JSON lisible ({error.msg}).") from None
            else:
                rank += 1
                yield rank, found if isinstance(found, dict) else "Un objet est attendu."
                buffer = buffer[end:]
                continue
        piece = next(rest, None)
        if piece is None:
            raise UnreadableFile(f"Le fichier s'arrête après l'élément {rank} : il est coupé, ou n'est pas du JSON.")
        buffer += piece


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    kept = ""
    for piece in pieces:
        *whole, kept = (kept + piece).split("\n")
        yield from (line + "\n" for line in whole)
    if kept:
        yield kept


def _json_lines(pieces: Iterator[str]) -> Iterator[tuple[int, Element | str]]:
    rank = 0
    for line in _lines(pieces):
        if not line.strip():
            continue
        rank += 1
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            yield rank, f"Cette ligne n'est pas du JSON lisible ({error.msg})."
        else:
            yield rank, found if isinstance(found, dict) else "Un objet est attendu."


def _csv(pieces: Iterator[str]) -> Iterator[tuple[int, Element | str]]:
    lines = _lines(pieces)
    header = next(lines, "")
    separator = ";" if header.count(";") > header.count(",") else ","
    names = next(csv.reader(io.StringIO(header), delimiter=separator), [])
    if "id" not in names:
        raise UnreadableFile("La première ligne du CSV doit nommer les champs du schéma data·inclusion, dont « id ».")
    for rank, cells in enumerate(csv.reader(lines, delimiter=separator), start=1):
        if len(cells) != len(names):
            yield rank, f"{len(cells)} cellules pour {len(names)} colonnes."
        else:
            yield rank, dict(zip(names, cells, strict=True))
