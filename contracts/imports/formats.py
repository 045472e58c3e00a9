"""Which file is which, and which column means what. Detection is by headers, never by the file's name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.imports import values
from contracts.imports.reading import Line, Unreadable
from contracts.imports.values import Faulty, plain

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # no database text holds a zero byte or half a character


SHORT = values.text(64)


@dataclass(frozen=True)
class Column:
    """A column: the field it fills, its headers (the first one is ours), how its cells are understood."""

    field: str
    headers: tuple[str, ...]
    parse: Callable[[str], Any] = SHORT
    required: bool = False


@dataclass(frozen=True)
class Format:
    """`target` names what the lines describe; `signature` the headers that tell the format from the others."""

    code: str
    label: str
    target: str
    signature: frozenset[str]
    columns: tuple[Column, ...]
    refusal: str = ""  # for formats that are recognised and whose lines are not importable: why


@dataclass(frozen=True)
class Fault:
    line: int
    column: str
    value: str
    message: str
    remedy: str


def column(field: str, *headers: str, parse: Callable[[str], Any] = SHORT, required: bool = False) -> Column:
    return Column(field, headers, parse, required)


name, phone, address, city = values.text(100), values.text(40), values.text(250), values.text(120)
hours = values.hours(Decimal(48), "heures par semaine", above_zero=True)
month_hours = values.hours(Decimal(310), "heures par mois")
month_days = values.days(31)
pay = values.number(Decimal(9_999_999), 2, "euros")
hourly = values.number(Decimal(999), 4, "euros de l'heure", above_zero=True)

WHO = (
    column("worker_reference", "Matricule", "Identifiant", "Identifiant salarié", "N° salarié"),
    column("last_name", "Nom", "Nom d'usage", "Nom de famille", parse=name),
    column("first_name", "Prénom", parse=name),
    column("birth_date", "Date de naissance", "Né le", "Née le", parse=values.day),
)

FORMATS = (
    Format(
        "workers", "Parcours — personnes", "workers", frozenset({"nom", "prenom"}),
        (
            column("reference", "Matricule", "Identifiant", "Identifiant salarié", "N° salarié"),
            column("first_name", "Prénom", parse=name, required=True),
            column("last_name", "Nom", "Nom d'usage", "Nom de famille", parse=name, required=True),
            column("birth_date", "Date de naissance", "Né le", "Née le", parse=values.day),
            column("sex", "Sexe", "Civilité", "Genre", parse=values.sex),
            column("phone", "Téléphone", "Tél", "Portable", parse=phone),
            column("email", "E-mail", "Email", "Courriel", "Adresse e-mail", parse=values.email),
            column("address", "Adresse", parse=address),
            column("postal_code", "Code postal", "CP", parse=values.postal_code),
            column("city", "Ville", "Commune", parse=city),
            column("education_level", "Niveau de formation", "Niveau", parse=values.one_of("education_level")),
            column("disabled_worker", "RQTH", parse=values.yes_no),
            column("rsa", "RSA", "Bénéficiaire du RSA", parse=values.yes_no),
            column("started_on", "Entrée", "Date d'entrée", "Entrée dans le parcours", parse=values.day),
        ),
    ),
    Format(
        "contracts", "Parcours — contrats", "contracts", frozenset({"nature", "debut"}),
        (
            *WHO,
            column("reference", "Numéro de contrat", "N° contrat", "Contrat"),
            column("kind", "Nature", "Type de contrat", parse=values.one_of("contract_kind")),
            column("signed_on", "Signé le", "Date de signature", parse=values.day),
            column("handed_on", "Remis le", "Contrat remis le", "Date de remise", parse=values.day),
            column("rights_information_on", "Information remise le", "Information écrite remise le", parse=values.day),
            column("started_on", "Début", "Date de début", "Date d'embauche", parse=values.day, required=True),
            column("planned_end_on", "Fin prévue", "Date de fin prévue", "Date de fin", parse=values.end_day),
            column("ended_on", "Fin effective", "Date de fin effective", "Date de sortie", parse=values.end_day),
            column("end_reason", "Motif de fin", parse=values.one_of("end_reason")),
            column("weekly_hours", "Heures hebdomadaires", "Heures par semaine", parse=hours),
            column("hourly_gross", "Salaire horaire brut", "Taux horaire", parse=hourly),
            column("rome_code", "Code ROME", "ROME", parse=values.rome),
            column("renews", "Renouvelle", "Contrat renouvelé"),
        ),
    ),
    Format(
        "months", "Parcours — mois travaillés", "months", frozenset({"mois", "heures payees"}),
        (
            *WHO,
            column("contract_reference", "Numéro de contrat", "N° contrat", "Contrat", required=True),
            column("month", "Mois", "Période", parse=values.month, required=True),
            column("paid_hours", "Heures payées", "Heures", parse=month_hours),
            column("gross_pay", "Salaire brut", "Brut", parse=pay),
            column("paid_days", "Jours payés", "Jours", parse=month_days),
            column("closed", "Clos", "Mois clos", parse=values.yes_no),
            column("client_name", "Client", "Utilisateur", parse=values.text(200)),
            column("client_kind", "Genre de client", "Type de client", parse=values.one_of("client_kind")),
        ),
    ),
    Format(
        "minima", "Parcours — minima conventionnels", "minima", frozenset({"minimum horaire", "a compter du"}),
        (
            column("rome_code", "Code ROME", "ROME", "Emploi", parse=values.rome_beginning),
            column("hourly_gross", "Minimum horaire", "Minimum horaire brut", parse=hourly, required=True),
            column("since", "À compter du", "Depuis le", parse=values.day, required=True),
            column("source", "Convention", "Convention collective", "Accord", parse=values.text(200), required=True),
        ),
    ),
    Format(
        "carnet_beneficiaires", "Carnet de bord — bénéficiaires", "workers",
        frozenset({"identifiant dans le si", "prenom", "nom", "situation"}),
        (
            column("reference", "Identifiant dans le SI", required=True),
            column("first_name", "Prénom", parse=name, required=True),
            column("last_name", "Nom", parse=name, required=True),
            column("birth_date", "Date de naissance", parse=values.day, required=True),
            column("phone", "Téléphone", parse=phone),
            column("email", "Email", parse=values.email),
            column("address", "Adresse", parse=address),
            column("postal_code", "Code postal", parse=values.postal_code),
            column("city", "Ville", parse=city),
            column("rsa", "Droits RSA", parse=values.rsa_right),
            column("disabled_worker", "RQTH", parse=values.yes_no),
            column("education_level", "Niveau de formation", parse=values.carnet_level),
            column("counsellors", "Accompagnateurs", parse=values.text(500)),
        ),
    ),
    Format(
        "carnet_reorientation", "Carnet de bord — réorientation", "counsellors",
        frozenset({"accompagnateurs a ajouter", "accompagnateurs a supprimer"}),
        (
            column("first_name", "Prénom", parse=name, required=True),
            column("last_name", "Nom", parse=name, required=True),
            column("birth_date", "Date de naissance", parse=values.day, required=True),
            column("added", "Accompagnateurs à ajouter", parse=values.text(500)),
            column("removed", "Accompagnateurs à supprimer", parse=values.text(500)),
            column("structures", "Structures à rattacher", parse=values.text(500)),
        ),
    ),
    Format(
        "carnet_professionnels", "Carnet de bord — professionnels", "none", frozenset({"courriel", "nom", "fonction"}),
        (column("email", "Courriel", required=True),),
        refusal="Un compte ne s'importe pas : la personne qui administre la structure l'ouvre.",
    ),
    Format(
        "carnet_structures", "Carnet de bord — structures", "none", frozenset({"nom", "siret", "courriel responsable"}),
        (column("name", "Nom", parse=values.text(250), required=True),),
        refusal="Une structure ne s'importe pas : elle est créée par l'équipe de la fédération.",
    ),
    Format(
        "emplois_candidats", "Les Emplois — candidats", "workers", frozenset({"pk", "prenom", "nom", "birthdate"}),
        (
            column("emplois_id", "pk", parse=values.whole, required=True),
            column("first_name", "prenom", parse=name, required=True),
            column("last_name", "nom", parse=name, required=True),
            column("birth_date", "birthdate", parse=values.day),
            column("postal_code", "code_postal", parse=values.postal_code),
            column("city", "ville", parse=city),
            column("education_level", "education_level", parse=values.one_of("education_level")),
            column("rsa", "has_rsa_allocation", parse=values.yes_no),
            column("disabled_worker", "rqth_employee", parse=values.yes_no),
        ),
    ),
    Format(
        "emplois_approvals", "Les Emplois — PASS IAE", "passes", frozenset({"number", "start at", "end at", "user"}),
        (
            column("worker_emplois_id", "user", parse=values.whole, required=True),
            column("number", "number", parse=values.pass_number, required=True),
            column("started_on", "start_at", parse=values.day, required=True),
            column("ended_on", "end_at", parse=values.day, required=True),
            column("origin", "origin", parse=values.text(16)),
        ),
    ),
    Format(
        "emplois_contracts", "Les Emplois — contrats", "contracts", frozenset({"company", "job seeker", "start date"}),
        (
            column("worker_emplois_id", "job_seeker", parse=values.whole, required=True),
            column("company", "company", parse=values.whole),
            column("reference", "pk", parse=values.emplois_contract, required=True),
            column("started_on", "start_date", parse=values.day, required=True),
            column("planned_end_on", "end_date", parse=values.end_day),
        ),
    ),
)  # fmt: skip


def _spoken(candidate: Format, headers: list[str]) -> set[str]:
    """The headers of a file as a format names them: a synonym counts as our own header."""
    read = {plain(header) for header in headers}
    return read | {plain(c.headers[0]) for c in candidate.columns if any(plain(name) in read for name in c.headers)}


def recognise(headers: list[str]) -> tuple[Format, dict[str, Column], list[str]]:
    """The format of a file, its columns by header, and the headers nobody reads. Raises Unreadable, saying what is
    expected and what was found."""
    fitting = [candidate for candidate in FORMATS if candidate.signature <= _spoken(candidate, headers)]
    if not fitting:
        expected = " ; ".join(f"{f.label} ({', '.join(sorted(f.signature))})" for f in FORMATS[:3])
        found = ", ".join(headers[:12]) or "aucune"
        raise Unreadable(f"Format inconnu. Colonnes lues : {found}. Attendues, par exemple : {expected}.")
    chosen = max(reversed(fitting), key=lambda candidate: len(candidate.signature))
    read = _columns_by_header(chosen, headers)
    missing = [c.headers[0] for c in chosen.columns if c.required and c not in read.values()]
    if missing:
        raise Unreadable(
            f"{chosen.label} : colonne obligatoire absente : {', '.join(missing)}. Colonnes lues : {', '.join(headers[:12])}."
        )
    return chosen, read, [header for header in headers if header and header not in read]


def _columns_by_header(chosen: Format, headers: list[str]) -> dict[str, Column]:
    """The columns of a file by header. Of two headers for one column, the one the format names first is read.

    A column that the headers do not show keeps its own name: a JSON record may have keys that the first one had not.
    """
    found: dict[str, Column] = {}
    written = {plain(header): header for header in reversed(headers) if header}
    for one in chosen.columns:
        header = next((written[plain(name)] for name in one.headers if plain(name) in written), None)
        if header is not None:
            found[header] = one
        elif not one.required:
            found[one.headers[0]] = one
    return found


def understand(line: Line, columns: dict[str, Column]) -> tuple[dict[str, Any], list[Fault]]:
    """The values of a line by field, empty cells left out, and what is wrong in it."""
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    if line.beyond:
        remedy = "Un séparateur est de trop : mettez la cellule qui le contient entre guillemets."
        faults.append(Fault(line.number, "", line.beyond, "Plus de cellules que de colonnes", remedy))
    unstorable = UNSTORABLE.search("".join(line.cells.values()))
    for header, one in columns.items():
        cell = line.cells.get(header, "")
        if not cell:
            if one.required:
                faults.append(Fault(line.number, header, "", "Cellule obligatoire vide", "Renseignez cette cellule."))
            continue
        try:
            if unstorable and UNSTORABLE.search(cell):
                raise Faulty("Caractère illisible", "Retapez cette cellule.")
            value = one.parse(cell)
        except Faulty as fault:
            faults.append(Fault(line.number, header, cell, fault.message, fault.remedy))
            continue
        if value is not None:
            found[one.field] = value
    return found, faults
