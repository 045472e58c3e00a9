"""Contributions of members: read with what is wrong line by line, refused when replayed, merged into the snapshot.

The protocol is docs/contributions.md: a line of header, a line a person, a line of signature, each a JSON object.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Organisation
from audit.saving import saved
from disclosure.keys import blinded
from indicators.periods import Period, local_day
from releases import facts
from releases.catalogue import CURRENT, Table, catalogue
from releases.models import Contribution, ContributorKey
from releases.periods import period_code, period_written
from releases.secrets import secret_of

FORMAT = "parcours-contribution/1"
HEADER = ("format", "member", "period", "catalogue", "sequence", "structures")
PERSON = ("structure", "record", "sex", "age", "level", "values")
TOLD = {"sex": facts.SEXES, "age": facts.AGES, "level": facts.LEVELS}
MOST_BYTES = 64 * 1024 * 1024
MOST_FAULTS = 20
MOST_TOLD = 60
LAST_NUMBER = 2**31 - 1  # of a PositiveIntegerField


def told(found: Any) -> str:
    """What a file holds, as a message may repeat it: short, and in characters that can be written."""
    text = str(found).encode("utf-8", errors="replace").decode()
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"


class Faults:
    """What is wrong in a file, where, and how to mend it; the first twenty."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, line: int, field: str, what: str) -> None:
        if len(self.found) < MOST_FAULTS:
            where = _("Ligne %(line)d, « %(field)s »") if field else _("Ligne %(line)d")
            self.found.append(f"{where % {'line': line, 'field': field}} : {what}")

    def stop(self) -> None:
        """Raises ValidationError when there is any."""
        if self.found:
            raise ValidationError({"file": self.found})


# A member makes a file --------------------------------------------------------------------------------------------


def make(*, member: Organisation, period: Period, sequence: int, known_at: datetime, key: Ed25519PrivateKey) -> bytes:
    """The signed file of a member (a structure, or a group with its structures) for a period as known at K."""
    if not member.siret:
        raise ValidationError(_("L'adhérent n'a pas de SIRET : le saisir d'abord."))
    structures = _of(member)
    sirets = dict(structures.exclude(siret=None).values_list("pk", "siret"))
    if len(sirets) < structures.count():
        raise ValidationError(_("Une structure de l'adhérent n'a pas de SIRET : le saisir d'abord."))
    secret = secret_of(period.end.year).of_people()
    tables = catalogue(CURRENT).of(year=period.is_civil_year)
    header = {"format": FORMAT, "member": member.siret, "period": period_code(period), "catalogue": CURRENT,
              "sequence": sequence, "structures": sorted(sirets.values())}  # fmt: skip
    lines = [header]
    for worker_id, organisation_id, told, values in facts.people(sorted(sirets), period, known_at, tables):
        record = f"{blinded(secret, f'here|{worker_id}'):016x}"
        lines.append({"structure": sirets[organisation_id], "record": record, **told, "values": values})
    lines[1:] = sorted(lines[1:], key=lambda line: line["record"])  # type: ignore[arg-type,return-value]
    body = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines).encode()
    signature = base64.b64encode(key.sign(body)).decode()
    return body + json.dumps({"signature": signature}).encode() + b"\n"


def public_half(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _of(member: Organisation) -> Any:
    return Organisation.objects.structures().filter(Q(pk=member.pk) | Q(group=member.pk))


# The federation's installation receives it --------------------------------------------------------------------------


def register(*, organisation: Organisation, public_key: str, at: datetime) -> ContributorKey:
    """Accept what a member signs with this key. Raises ValidationError when it is no Ed25519 public key."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
    except ValueError as wrong:
        raise ValidationError(
            {"public_key": _("Une clé publique Ed25519 fait 32 octets, écrits en base64.")}
        ) from wrong
    return saved(ContributorKey(organisation=organisation, public_key=public_key, registered_at=at))


@transaction.atomic
def receive(*, organisation: Organisation, content: bytes, at: datetime) -> Contribution:
    """Keep a member's file. Raises ValidationError with what is wrong, line by line: a signature that is not a registered
    key's, a line that is not as the protocol says, a file or a number already received. Nothing is half-kept."""
    if len(content) > MOST_BYTES:
        raise ValidationError({"file": _("Ce fichier dépasse 64 Mo.")})
    body, _newline, last = content.rstrip(b"\n").rpartition(b"\n")
    key = _signed(organisation, body + b"\n", last)
    lines = body.decode("utf-8", errors="replace").split("\n")
    header = _header(organisation, lines[0], at)
    period = period_written(header["period"])
    inside = {row.siret: row.pk for row in _of(organisation).filter(siret__in=header["structures"])}
    people = _people(lines[1:], inside, catalogue(header["catalogue"]).of(year=period.is_civil_year))
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    same = Contribution.objects.filter(organisation=organisation, period_start=period.start, period_end=period.end)
    last_sent = same.order_by("-sequence").values_list("sequence", flat=True).first()
    if last_sent is not None and header["sequence"] <= last_sent:
        raise ValidationError(
            {"file": _("Ligne 1, « sequence » : le n° %(last)d a déjà été reçu pour %(period)s. Envoyer le n° %(next)d.")
             % {"last": last_sent, "period": header["period"], "next": last_sent + 1}}
        )  # fmt: skip
    return saved(
        Contribution(
            organisation=organisation,
            key=key,
            period_start=period.start,
            period_end=period.end,
            sequence=header["sequence"],
            catalogue=header["catalogue"],
            structures=sorted(inside.values()),
            people=people,
            count=len(people),
            sha256=hashlib.sha256(content).hexdigest(),
            received_at=at,
        )
    )


def _signed(organisation: Organisation, body: bytes, last: bytes) -> ContributorKey:
    try:
        signature = base64.b64decode(
            (_object(last.decode("utf-8", errors="replace")) or {})["signature"], validate=True
        )
    except (ValueError, KeyError, TypeError) as wrong:
        raise ValidationError({"file": _('La dernière ligne doit être la signature : {"signature": "…"}.')}) from wrong
    for key in ContributorKey.objects.filter(organisation=organisation, revoked_at=None):
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key)).verify(signature, body)
        except InvalidSignature:
            continue
        return key
    raise ValidationError(
        {"file": _("La signature n'est celle d'aucune clé enregistrée pour cet adhérent, ou le fichier a été modifié.")}
    )


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object of a line; None when it is none, nests without end, or holds what JSON does not know (NaN)."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _header(organisation: Organisation, text: str, at: datetime) -> dict[str, Any]:
    faults, header = Faults(), _object(text)
    if header is None or set(header) != set(HEADER):
        faults.add(1, "", _("l'en-tête doit porter exactement %(names)s.") % {"names": ", ".join(HEADER)})
        faults.stop()
    assert header is not None
    if header["format"] != FORMAT:
        faults.add(
            1, "format", _("« %(found)s » au lieu de « %(due)s ».") % {"found": told(header["format"]), "due": FORMAT}
        )
    if header["member"] != organisation.siret:
        faults.add(
            1,
            "member",
            _("ce n'est pas le SIRET de l'adhérent qui envoie (%(siret)s).") % {"siret": organisation.siret},
        )
    if header["catalogue"] != CURRENT:
        faults.add(
            1, "catalogue", _("le catalogue en vigueur est %(due)s : mettre à jour l'installation.") % {"due": CURRENT}
        )
    if type(header["sequence"]) is not int or not 1 <= header["sequence"] <= LAST_NUMBER:
        faults.add(1, "sequence", _("un numéro d'envoi est un entier, de 1 à %(most)d.") % {"most": LAST_NUMBER})
    if not isinstance(header["period"], str):
        faults.add(1, "period", _("un texte attendu : « 2025 » ou « 2025-T3 »."))
    else:
        try:
            if period_written(header["period"]).end >= local_day(at):
                faults.add(1, "period", _("cette période n'est pas terminée."))
        except ValidationError as wrong:
            faults.add(1, "period", " ".join(wrong.messages))
    structures = header["structures"]
    if not isinstance(structures, list) or not structures:
        faults.add(1, "structures", _("la liste des SIRET des structures est vide."))
    elif not all(isinstance(siret, str) for siret in structures):
        faults.add(1, "structures", _("une liste de SIRET attendue, chacun écrit entre guillemets."))
    else:
        known = set(_of(organisation).values_list("siret", flat=True))
        for siret in structures:
            if siret not in known:
                faults.add(
                    1, "structures", _("%(siret)s n'est pas une structure de cet adhérent.") % {"siret": told(siret)}
                )
    faults.stop()
    return header


def _people(lines: Sequence[str], inside: dict[str | None, int], tables: Iterable[Table]) -> list[list[Any]]:
    """The rows of a file: [record, structure, sex, age, level, values]."""
    faults, rows, seen = Faults(), [], set()
    of_attribute = {table.attribute: table for table in tables if table.attribute}
    for number, text in enumerate(lines, start=2):
        person = _object(text)
        if person is None or set(person) != set(PERSON):
            faults.add(number, "", _("une personne doit porter exactement %(names)s.") % {"names": ", ".join(PERSON)})
            continue
        structure = person["structure"] if isinstance(person["structure"], str) else ""
        if structure not in inside:
            faults.add(number, "structure", _("ce SIRET n'est pas dans l'en-tête."))
        record = person["record"]
        if not isinstance(record, str) or len(record) != 16 or set(record) - set("0123456789abcdef"):
            faults.add(number, "record", _("16 chiffres hexadécimaux attendus : la clé masquée de la personne."))
        elif record in seen:
            faults.add(number, "record", _("cette personne figure déjà dans le fichier."))
        seen.add(str(record))
        for name, allowed in TOLD.items():
            if person[name] not in allowed:  # a tuple: whatever JSON holds may be compared
                faults.add(
                    number,
                    name,
                    _("« %(found)s » n'est pas parmi %(due)s.")
                    % {"found": told(person[name]), "due": ", ".join(allowed)},
                )
        if not isinstance(person["values"], dict):
            faults.add(number, "values", _("un objet attendu."))
            continue
        for name, value in person["values"].items():
            _value(faults, number, name, value, of_attribute.get(name))
        rows.append([record, inside.get(structure), *(person[name] for name in TOLD), person["values"]])
    faults.stop()
    return rows


def _value(faults: Faults, number: int, name: str, value: Any, table: Table | None) -> None:
    field = f"values.{told(name)}"
    if table is None:
        faults.add(number, field, _("cette donnée n'est pas au catalogue : la retirer."))
    elif table.counts_labels:
        if value not in table.labels:
            faults.add(
                number,
                field,
                _("« %(found)s » n'est pas parmi %(due)s.") % {"found": told(value), "due": ", ".join(table.labels)},
            )
    elif isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e7:  # nor infinite (1e999)
        faults.add(number, field, _("un nombre attendu."))
