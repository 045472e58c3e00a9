"""CSV, XLSX and Parquet. Nothing of the moment or of the machine goes into a file."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from releases.exports.lines import HEADER, Line, plain
from releases.reading import Edition

EPOCH = (1980, 1, 1, 0, 0, 0)
NUMBERS = {"base", "nombre"}
DECIMALS = {"valeur", "marge_95"}


def as_csv(_edition: Edition, lines: list[Line], _metadata: dict[str, object]) -> bytes:
    """UTF-8, comma, decimal point."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for line in lines:
        writer.writerow([plain(cell) if not isinstance(cell, str) else cell for cell in line.flat()])
    return text.getvalue().encode()


def as_xlsx(edition: Edition, lines: list[Line], metadata: dict[str, object]) -> bytes:
    """Two sheets: the figures, and the note with what columns mean."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Chiffres")
    sheet.append(list(HEADER))
    for line in lines:
        sheet.append([cell if isinstance(cell, str | int) or cell is None else float(cell) for cell in line.flat()])
    about = book.create_sheet("Note")
    for remark in edition.note.splitlines():
        about.append([remark])
    about.append([])
    for name, meaning in HEADER.items():
        about.append([name, meaning])
    about.append([])
    for name in ("libelle", "revision", "connu_au", "publie_le", "catalogue", "politique"):
        about.append([name, str(metadata[name])])
    made = io.BytesIO()
    book.save(made)
    return _still(made.getvalue(), f"{edition.published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def _still(archive: bytes, day: str) -> bytes:
    """The same workbook without the clock: entries dated alike, created and modified when the edition came out."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in sorted(source.namelist()):
            content = source.read(entry)
            if entry == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", day.encode(), content)
            info = zipfile.ZipInfo(entry, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, content)
    return kept.getvalue()


def as_parquet(_edition: Edition, lines: list[Line], metadata: dict[str, object]) -> bytes:
    """Typed columns; the metadata is in the schema, under « parcours »."""
    columns = list(zip(*(line.flat() for line in lines), strict=True)) if lines else [()] * len(HEADER)
    types = {**dict.fromkeys(NUMBERS, pa.int32()), **dict.fromkeys(DECIMALS, pa.decimal128(16, 4))}
    fields = [pa.field(name, types.get(name, pa.string())) for name in HEADER]
    kept = {"parcours": json.dumps(metadata, ensure_ascii=False, sort_keys=True)}
    table = pa.Table.from_arrays(
        [pa.array(column, type=field.type) for column, field in zip(columns, fields, strict=True)],
        schema=pa.schema(fields, metadata=kept),
    )
    made = io.BytesIO()
    pq.write_table(table, made, compression="zstd", version="2.6")
    return made.getvalue()
