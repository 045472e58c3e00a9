"""The directory from data·inclusion files: streamed, checked element by element, and run twice changes nothing.

A required field that is missing or wrong refuses the element; an optional one that is wrong is left empty and reported.
Schema: data-inclusion-schema v1 (structure.json, service.json).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Commune, Departement, Organisation, User
from law.crosswalk import theme_of_topic, themes_of_topics
from partners.models import DirectoryFault, DirectoryFile, Partner, Service
from partners.reading import Element, UnreadableFile, elements

BATCH = 500
KEPT_FAULTS = 2000  # of one file; more would be the same fault told again
NETWORK_KINDS = {
    "ccas-cias": "local_authority", "communes": "local_authority", "departements": "local_authority",
    "maisons-des-solidarites": "local_authority", "regions": "local_authority", "cms": "local_authority",
    "france-travail": "public_service", "caf": "public_service", "cpam": "public_service", "mdph": "public_service",
    "mutualite-sociale-agricole": "public_service", "france-service": "public_service", "spip": "public_service",
    "emmaus": "civil_society", "croix-rouge": "civil_society", "restos-du-coeur": "civil_society",
    "secours-populaire": "civil_society", "banques-alimentaires": "civil_society", "wimoov": "civil_society",
    "aci": "siae", "ai": "siae", "ei": "siae", "eiti": "siae", "etti": "siae", "geiq": "siae", "coorace": "siae",
}  # fmt: skip


@dataclass
class _Faults:
    """What is wrong in the element being read."""

    rank: int
    found: list[DirectoryFault] = field(default_factory=list)
    refused: bool = False

    def note(self, column: str, value: object, message: str, refuses: bool = False) -> None:
        self.found.append(DirectoryFault(line=self.rank, column=column, value=str(value)[:250], message=message))
        self.refused = self.refused or refuses


@dataclass
class _Reader:
    """Cleans the fields of one element; an empty text is the same as nothing."""

    element: Element
    faults: _Faults

    def text(self, name: str, most: int, required: bool = False, least: int = 0) -> str:
        value = self.element.get(name)
        said = "" if value is None else str(value).strip()
        if not said and required:
            self.faults.note(name, "", _("Ce champ est obligatoire."), refuses=True)
        elif said and not least <= len(said) <= most:
            message = _("%(least)s à %(most)s caractères sont attendus.") % {"least": least, "most": most}
            self.faults.note(name, said, message, refuses=required)
            return said[:most]
        return said

    def matching(self, name: str, pattern: str, message: str) -> str:
        said = self.text(name, 250)
        if said and not re.fullmatch(pattern, said):
            self.faults.note(name, said, message)
            return ""
        return said

    def day(self, name: str) -> date | None:
        said = self.text(name, 40, required=True)
        try:
            return date.fromisoformat(said[:10]) if said else None
        except ValueError:
            self.faults.note(name, said, _("Une date AAAA-MM-JJ est attendue."), refuses=True)
            return None

    def many(self, name: str) -> list[str]:
        """A list; in CSV a JSON list or values set apart by commas."""
        value = self.element.get(name)
        if isinstance(value, str):
            said = value.strip().strip("{}")
            try:
                value = json.loads(value) if value.strip().startswith("[") else [v for v in said.split(",") if v]
            except json.JSONDecodeError:
                value = None
                self.faults.note(name, said, _("Une liste est attendue."))
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.faults.note(name, value, _("Une liste de textes est attendue."))
            return []
        return sorted({item.strip() for item in value if item.strip()})

    def point(self) -> tuple[float | None, float | None]:
        """(latitude, longitude); both zero is nowhere."""
        try:
            found = [float(self.element.get(name) or 0) for name in ("latitude", "longitude")]
        except (TypeError, ValueError, OverflowError):
            self.faults.note("latitude", self.element.get("latitude"), _("Des degrés décimaux sont attendus."))
            return None, None
        if found == [0.0, 0.0]:
            return None, None
        if not (-90 <= found[0] <= 90 and -180 <= found[1] <= 180):
            self.faults.note("latitude", found, _("Ces coordonnées ne sont pas sur la Terre."))
            return None, None
        return found[0], found[1]


@dataclass(frozen=True)
class _Territory:
    communes: frozenset[str]
    departements: frozenset[str]

    def place(self, reader: _Reader) -> dict[str, Any]:
        insee = reader.matching("code_insee", r"\w{5}", _("Un code commune de l'INSEE compte 5 caractères."))
        postal = reader.matching("code_postal", r"\d{5}", _("Un code postal compte 5 chiffres."))
        known = [code for code in (insee[:3], insee[:2]) if code in self.departements] if insee else []
        if not known and postal:
            known = [code for code in (postal[:3], postal[:2]) if code in self.departements]
        latitude, longitude = reader.point()
        address = [reader.text(name, 200) for name in ("adresse", "complement_adresse")]
        return {
            "commune_id": insee if insee in self.communes else None,
            "departement_id": known[0] if known else None,
            "city": reader.text("commune", 150),
            "postal_code": postal,
            "address": ", ".join(part for part in address if part),
            "latitude": latitude,
            "longitude": longitude,
        }


def _contact(reader: _Reader) -> dict[str, Any]:
    mail = reader.matching("courriel", r"[^@\s]+@[^@\s]+\.[^@\s]+", _("Ce n'est pas une adresse e-mail."))
    return {"phone": reader.text("telephone", 100), "email": mail}


def _identity(reader: _Reader) -> dict[str, Any]:
    return {
        "source": reader.text("source", 100, required=True),
        "source_id": reader.text("id", 250, required=True),
        "name": reader.text("nom", 150, required=True, least=3),
        "updated_on": reader.day("date_maj"),
    }


def _partner(reader: _Reader, territory: _Territory) -> dict[str, Any]:
    networks = reader.many("reseaux_porteurs")
    kinds = sorted({NETWORK_KINDS[name] for name in networks if name in NETWORK_KINDS})
    return {
        **_identity(reader),
        **_contact(reader),
        **territory.place(reader),
        "siret": reader.matching("siret", r"\d{14}", _("Un SIRET compte 14 chiffres.")),
        "description": reader.text("description", 10_000),
        "website": reader.text("site_web", 2083),
        "opening_hours": reader.text("horaires_accueil", 500),
        "networks": networks,
        "kind": kinds[0] if len(kinds) == 1 else "",
    }


def _service(reader: _Reader, territory: _Territory) -> dict[str, Any]:
    topics = reader.many("thematiques")
    for topic in topics:
        if theme_of_topic(topic) is None:
            reader.faults.note("thematiques", topic, _("Thématique inconnue du schéma : elle n'est rangée nulle part."))
    ways = reader.many("modes_accueil")
    paragraphs = [reader.text(name, 10_000) for name in ("conditions_acces", "publics_precisions")]
    return {
        **_identity(reader),
        **_contact(reader),
        **territory.place(reader),
        "structure": reader.text("structure_id", 250, required=True),
        "description": reader.text("description", 10_000, required=True, least=5),
        "kind": reader.text("type", 32),
        "topics": topics,
        "themes": themes_of_topics(topics),
        "publics": reader.many("publics"),
        "conditions": "\n".join(part for part in paragraphs if part),
        "fee": reader.text("frais", 32),
        "fee_details": reader.text("frais_precisions", 10_000),
        "how": reader.text("mobilisation_precisions", 10_000),
        "link": reader.text("lien_mobilisation", 2083) or reader.text("lien_source", 2083),
        "contact": reader.text("contact_nom_prenom", 200),
        "zones": [zone for zone in reader.many("zone_eligibilite") if len(zone) <= 9],
        "remote": "a-distance" in ways if ways else None,
    }


def read_directory(
    *,
    by: User | None,
    kind: str,
    name: str,
    stream: BinaryIO,
    organisation: Organisation | None = None,
) -> DirectoryFile:
    """Read a file of structures or services into the directory: the common one, or an organisation's own.

    One transaction: a file that cannot be read to its end writes nothing. Raises UnreadableFile.
    """
    hashed = _Hashing(stream)
    with transaction.atomic():
        file = DirectoryFile.objects.create(
            organisation=organisation, name=name[:255], kind=kind, sha256="", read_by=by
        )
        _read(file, hashed)
        file.sha256 = hashed.digest.hexdigest()
        file.save()
    return file


class _Hashing:
    """A stream that hashes what is read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.stream.read(size)
        self.digest.update(piece)
        return piece


def _read(file: DirectoryFile, stream: Any) -> None:
    territory = _Territory(
        frozenset(Commune.objects.values_list("pk", flat=True)),
        frozenset(Departement.objects.values_list("pk", flat=True)),
    )
    clean = _partner if file.kind == DirectoryFile.Kind.STRUCTURES else _service
    write = _write_partners if file.kind == DirectoryFile.Kind.STRUCTURES else _write_services
    kept_faults, seen = 0, set[str]()
    for batch in _batches(_cleaned(elements(stream), clean, territory, seen)):
        faults = [faults for _values, faults in batch]
        write(file, [(values, fault) for values, fault in batch if not fault.refused])
        file.faulty += sum(fault.refused for fault in faults)
        told = [fault for group in faults for fault in group.found][: KEPT_FAULTS - kept_faults]
        for fault in told:
            fault.file = file
        DirectoryFault.objects.bulk_create(told)
        kept_faults += len(told)


_Row = tuple[dict[str, Any], _Faults]


def _cleaned(
    found: Iterator[tuple[int, Element | str]],
    clean: Callable[[_Reader, _Territory], dict[str, Any]],
    territory: _Territory,
    seen: set[str],
) -> Iterator[_Row]:
    for rank, element in found:
        faults = _Faults(rank)
        if isinstance(element, str):
            faults.note("", "", element, refuses=True)
            yield {}, faults
            continue
        values = clean(_Reader(element, faults), territory)
        if not faults.refused and values["source_id"] in seen:
            faults.note(
                "id", values["source_id"], _("Cet identifiant est déjà plus haut dans le fichier."), refuses=True
            )
        if not faults.refused:
            seen.add(values["source_id"])
        yield values, faults


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _write_partners(file: DirectoryFile, rows: list[_Row]) -> None:
    ids = [values["source_id"] for values, _faults in rows]
    already = {row.source_id: row for row in Partner.objects.filter(organisation=file.organisation, source_id__in=ids)}
    pairs = [(already.get(values["source_id"]), values) for values, _faults in rows]
    _upsert(file, Partner, [(row, {**values, "organisation": file.organisation}) for row, values in pairs])


def _write_services(file: DirectoryFile, rows: list[_Row]) -> None:
    named = {values["structure"] for values, _faults in rows}
    partners = {
        row.source_id: row for row in Partner.objects.filter(organisation=file.organisation, source_id__in=named)
    }
    ids = [values["source_id"] for values, _faults in rows]
    already = {
        row.source_id: row for row in Service.objects.filter(partner__organisation=file.organisation, source_id__in=ids)
    }
    pairs = []
    for values, faults in rows:
        structure = values.pop("structure")
        partner = partners.get(structure)
        if partner is None:
            message = _("Structure inconnue : lisez d'abord le fichier des structures.")
            faults.note("structure_id", structure, message, refuses=True)
            continue
        pairs.append((already.get(values["source_id"]), {**values, "partner": partner}))
    _upsert(file, Service, pairs)


def _upsert(file: DirectoryFile, model: Any, pairs: list[tuple[Any, dict[str, Any]]]) -> None:
    """Add, change or leave alone. A row of the directory that is more recent than the file is left alone."""
    new, changed, names = [], [], set()
    for row, values in pairs:
        if row is None:
            new.append(model(**values))
            continue
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not differing or row.updated_on > values["updated_on"]:
            file.unchanged += 1
            continue
        for name, value in differing.items():
            setattr(row, name, value)
        names |= set(differing)
        changed.append(row)
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(
            changed, sorted(name.removesuffix("_id") if name in FOREIGN else name for name in names)
        )
    file.created += len(new)
    file.changed += len(changed)


FOREIGN = {"commune_id", "departement_id"}
__all__ = ["UnreadableFile", "read_directory"]
