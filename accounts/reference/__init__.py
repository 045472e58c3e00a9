"""The territory as reference data: régions and départements come with the product, communes from INSEE's file.

Loading is an upsert in one transaction: twice changes nothing, an error writes nothing.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from accounts.models import Commune, Departement, Region

FEWEST_COMMUNES = 34_000  # France has some 34 900; fewer means a file cut in half
CURRENT = {"commune-actuelle", "COM"}


class ReferenceFileError(ValueError):
    """The file is not what it should be; the message says what, where and how to mend it, in French."""


@cache
def territory() -> dict[str, list[dict[str, Any]]]:
    """territory.yaml: `regions`, `departements`, and the communes of the demonstration."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (Path(__file__).parent / "territory.yaml").read_text(encoding="utf-8")
    )
    return found


def _upsert(model: Any, rows: Iterable[dict[str, Any]], fields: list[str]) -> None:
    model.objects.bulk_create(
        [model(**row) for row in rows],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=fields,
        batch_size=2000,
    )


@transaction.atomic
def load_territory() -> None:
    """Régions, départements and the demonstration's communes, from our own file."""
    entries = territory()
    _upsert(Region, entries["regions"], ["name"])
    _upsert(
        Departement,
        ({"code": d["code"], "name": d["name"], "region_id": d["region"]} for d in entries["departements"]),
        ["name", "region_id"],
    )
    _upsert(Commune, (_commune(c) for c in entries["communes"]), ["name", "departement_id", "postal_codes"])


def _commune(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": entry["code"],
        "name": entry["name"],
        "departement_id": entry["departement"],
        "postal_codes": entry["postal_codes"],
    }


def insee_code(text: str) -> str:
    """A commune's code with the zero a spreadsheet may have eaten: 1001 is 01001, 2A004 stays."""
    return text.strip().upper().zfill(5)


def read_communes(path: Path) -> Iterator[dict[str, Any]]:
    """Current communes of the COG: INSEE-like CSV (.csv, .csv.gz) or the JSON of the decoupage-administratif package.

    Raises ReferenceFileError naming the line or the missing column.
    """
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    text = raw.decode("utf-8-sig")
    if path.suffix == ".json":
        for number, entry in enumerate(json.loads(text), start=1):
            if not isinstance(entry, dict):
                raise ReferenceFileError(f"{path.name}, élément {number} : ce n'est pas une commune.")
            if entry.get("type") in list(CURRENT) and entry.get("departement"):
                if not all(isinstance(entry.get(name), str) for name in ("code", "nom", "departement")):
                    raise ReferenceFileError(f"{path.name}, élément {number} : code, nom ou département illisible.")
                yield _commune({**entry, "name": entry["nom"], "postal_codes": entry.get("codesPostaux", [])})
        return
    table = csv.DictReader(io.StringIO(text), delimiter=";" if text[:200].count(";") > text[:200].count(",") else ",")
    missing = {"code", "nom", "type", "departement", "codes_postaux"} - set(table.fieldnames or [])
    if missing:
        raise ReferenceFileError(
            f"{path.name}, ligne 1 : colonnes absentes : {', '.join(sorted(missing))}. Prenez le fichier des communes du COG."
        )
    for line in table:
        if line["type"] not in CURRENT:
            continue
        if not line["code"] or not line["departement"] or line["nom"] is None or line["codes_postaux"] is None:
            raise ReferenceFileError(
                f"{path.name}, ligne {table.line_num} : code ou département vide, ou ligne coupée."
            )
        yield _commune(
            {
                "code": insee_code(line["code"]),
                "name": line["nom"],
                "departement": line["departement"].zfill(2),
                "postal_codes": [code for code in line["codes_postaux"].split("|") if code],
            }
        )


@transaction.atomic
def load_communes(path: Path, fewest: int = FEWEST_COMMUNES) -> int:
    """Load the communes; returns how many. Raises ReferenceFileError when the file is short or names an unknown département."""
    known = set(Departement.objects.values_list("code", flat=True))
    rows = [row for row in read_communes(path) if row["departement_id"] in known]
    if len(rows) < fewest:
        raise ReferenceFileError(
            f"{path.name} : {len(rows)} communes lues, il en faut au moins {fewest}. Le fichier est sans doute incomplet."
        )
    _upsert(Commune, rows, ["name", "departement_id", "postal_codes"])
    return len(rows)
