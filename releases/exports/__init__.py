"""An edition as a file: CSV, XLSX, Parquet or SDMX-CSV, with its metadata.

A file depends on the edition and the tables chosen, never on who asks, when, or in which order: same edition, same bytes.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from releases import reading
from releases.exports import files, sdmx
from releases.exports.lines import HEADER, Line, lines
from releases.reading import Edition


@dataclass(frozen=True)
class Format:
    code: str
    label: str
    suffix: str
    media: str
    write: Callable[[Edition, list[Line], dict[str, object]], bytes]


FORMATS = {
    each.code: each
    for each in (
        Format("csv", "CSV", "csv", "text/csv; charset=utf-8", files.as_csv),
        Format(
            "xlsx", "Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", files.as_xlsx
        ),
        Format("parquet", "Parquet", "parquet", "application/vnd.apache.parquet", files.as_parquet),
        Format("sdmx", "SDMX-CSV", "csv", "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8", sdmx.as_sdmx),
        Format(
            "metadata", "Métadonnées", "json", "application/json",
            lambda _edition, _lines, metadata: json.dumps(metadata, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        ),
    )
}  # fmt: skip


def export(edition: Edition, format_code: str, codes: Iterable[str] | None = None) -> bytes:
    """The edition (or some of its tables, by code) as bytes. Raises KeyError for an unknown format."""
    chosen = None if codes is None else set(codes)
    tables = [table for table in reading.tables(edition) if chosen is None or table.code in chosen]
    tables.sort(key=lambda table: (table.code, table.margin))
    written = FORMATS[format_code].write
    return written(edition, lines(edition, tables), metadata(edition, tables))


def name_of(edition: Edition, format_code: str) -> str:
    """The file's name: « parcours-2025-r1-federation.csv »."""
    kind = FORMATS[format_code]
    stem = f"parcours-{sdmx.time_period(edition)}-r{edition.revision}-{edition.audience}"
    return f"{stem}{'-' + kind.code if kind.code in ('sdmx', 'metadata') else ''}.{kind.suffix}"


def metadata(edition: Edition, tables: list[reading.Table]) -> dict[str, object]:
    """What goes with the figures: period, method, note, and what each table and column is."""
    return {
        "audience": edition.audience,
        "periode": [edition.period_start.isoformat(), edition.period_end.isoformat()],
        "libelle": edition.label,
        "revision": edition.revision,
        "connu_au": edition.known_at.isoformat(),
        "publie_le": edition.published_at.isoformat(),
        "catalogue": edition.catalogue,
        "politique": edition.policy,
        "table_de_bruit_sha256": edition.ptable_sha256,
        "note": edition.note.splitlines(),
        "colonnes": dict(HEADER.items()),
        "tableaux": {
            table.code: {"titre": table.title, "mesure": table.measure, "unite": table.unit, "base": table.of,
                         "modalites": table.categories}
            for table in tables
        },
        "modalites": edition.labels,
    }  # fmt: skip


__all__ = ["FORMATS", "Format", "export", "metadata", "name_of"]
