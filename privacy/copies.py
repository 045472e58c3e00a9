"""The copy of a person's data that the person may ask for (GDPR art. 15): as JSON, as a paper, with pieces and papers.

It is made from the models, so a new table is in it. It holds what its maker may read; what she may not is counted, and asked of
the person's counsellor or of the author of a private note. Names of other people are masked.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import override

from accounts.members import contacts
from accounts.models import Membership, Organisation, User
from accounts.policies import Model
from contracts.models import Assignment, Immersion
from documents import press
from documents.actions import content_of
from documents.models import Export, Paper
from documents.papers import letterhead
from lawbook.models import Consequence
from notifications.models import Notice
from parcours.models import Attachment, PassProlongation, Worker
from privacy import reach
from privacy.models import Consultation
from skills.models import Training

SOMEONE = "[une autre personne]"
# Copies of what is told elsewhere in the file, for those who work.
LEFT_OUT = {Notice, Consequence}
# What tells nothing to a person: keys, fingerprints, what the programs need.
TECHNICAL = {
    "id", "uuid", "sent_once", "together", "sha256", "facts", "facts_sha256", "file_sha256", "press", "credential",
    "content", "file", "size", "seen_by", "subject", "subject_id", "key", "wording", "letterhead", "token",
}  # fmt: skip
# Fields that name someone else.
OTHERS = {
    (Assignment, "client_name"), (Immersion, "tutor"), (Immersion, "prescriber"), (PassProlongation, "prescriber"),
    (Training, "afest_trainer"),
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """What one table holds of the person: each row as (label, value) pairs."""

    title: str
    rows: list[list[tuple[str, Any]]]


@dataclass
class Copy:
    worker: Worker
    made_on: date
    tables: list[Table] = field(default_factory=list)
    withheld: list[tuple[str, int]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)


class _Mask:
    """Hides the names of the others of the structure in what was written about the person."""

    def __init__(self, worker: Worker) -> None:
        where = [pk for pk in (worker.organisation_id, worker.organisation.group_id) if pk]
        staff = Membership.objects.filter(organisation__in=where).values_list("user__first_name", "user__last_name")
        others = Worker.objects.filter(organisation=worker.organisation_id).exclude(pk=worker.pk)
        names = {*staff, *others.values_list("first_name", "last_name")} - {(worker.first_name, worker.last_name)}
        said = [
            rf"{re.escape(a)}\s+{re.escape(b)}"
            for first, last in names
            if first and last
            for a, b in ((first, last), (last, first))
        ]
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(said)})(?!\w)", re.IGNORECASE) if said else None

    def __call__(self, text: str) -> str:
        return self.pattern.sub(SOMEONE, text) if self.pattern else text


def gathered(*, by: User, worker: Worker, today: date) -> Copy:
    """All that is written of a person, as this user may read it. In French, whoever asks."""
    with override("fr"):
        copy, mask = Copy(worker, today), _Mask(worker)
        where = Organisation.objects.filter(pk=worker.organisation_id)
        copy.contacts = [f"{one.user} ({one.user.email})" for one in contacts(where, today).select_related("user")]
        for model, ids in reach.rows_of([worker.pk]).items():
            if model in LEFT_OUT:
                continue
            every = model._base_manager.filter(pk__in=ids)
            rows: Any = model._default_manager
            rows = every if model is Consultation else rows.visible_to(by).filter(pk__in=ids)
            if joined := _references(model):
                rows = rows.select_related(*joined)
            shown = list(rows.order_by("pk"))
            told = [_told(row, mask) for row in shown]
            if told:
                copy.tables.append(Table(str(model._meta.verbose_name_plural), told))
            if (hidden := every.count() - sum(getattr(row, "readable", True) for row in shown)) > 0:
                copy.withheld.append((str(model._meta.verbose_name_plural), hidden))
        exports = Export.objects.filter(organisation=worker.organisation_id, started_at__gte=worker.created_at).count()
        if exports:
            said = [[("listes de la structure exportées depuis l'arrivée de la personne", exports)]]
            copy.tables.append(Table("exports", said))
        return copy


def _references(model: Model) -> list[str]:
    return [f.name for f in _fields(model) if f.is_relation and f.related_model not in {User, *reach.ties()}]


def _fields(model: Model) -> list[Any]:
    return [
        f
        for f in model._meta.concrete_fields
        if f.name not in TECHNICAL and not f.generated and f.related_model not in reach.ties()
    ]


def _told(row: models.Model, mask: _Mask) -> list[tuple[str, Any]]:
    return [(_label(f), as_told(row, f, mask)) for f in _fields(type(row))]


def _label(column: Any) -> str:
    return "écrit le" if column.name == "created_at" else str(column.verbose_name)


def as_told(row: models.Model, column: Any, mask: Callable[[str], str] = str) -> Any:
    """A value as one says it in French: codes by their name, days as days, staff without theirs."""
    if column.related_model is User:
        of_the_team = isinstance(row, Consultation) and row.opening_id
        who = "l'équipe technique de Parcours" if of_the_team else "un membre de la structure"
        return who if getattr(row, column.attname) else None
    value = getattr(row, f"shown_{column.name}", getattr(row, column.name))
    if (type(row), column.name) in OTHERS:
        return SOMEONE if value else None
    if column.choices and value not in {None, ""}:
        return str(getattr(row, f"get_{column.name}_display")())
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f").replace(".", ",")
    if isinstance(value, str):
        return mask(value) or None
    return value


def as_json(copy: Copy) -> str:
    """The copy as one text: tables, rows, and each value under its French name."""
    told: Mapping[str, Any] = {
        "personne": str(copy.worker),
        "structure": copy.worker.organisation.name,
        "fait_le": copy.made_on.isoformat(),
        "référents pour vos données": copy.contacts,
        "tables": {table.title: [dict(row) for row in table.rows] for table in copy.tables},
        "à demander": dict(copy.withheld),
        "manques": copy.missing,
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def as_paper(copy: Copy) -> bytes:
    """The copy to read. Raises ValidationError when a letter cannot be printed."""
    tables = [
        {
            "title": table.title,
            "rows": [[[label, str(v)] for label, v in row if v not in (None, "", [], {})] for row in table.rows],
        }
        for table in copy.tables
    ]
    facts = {
        "title": f"Copie de vos données — {copy.worker}",
        "issued_on": copy.made_on,
        "letterhead": dict.fromkeys(letterhead.TEXTS, "") | letterhead.standard(copy.worker.organisation),
        "texts": {},
        "hidden": [],
        "paper": {
            "tables": tables,
            "withheld": [list(one) for one in copy.withheld],
            "contacts": copy.contacts,
            "name": str(copy.worker),
        },
    }
    return press.pressed("subject_access", press.printable(facts))


def packed(*, by: User, worker: Worker, today: date) -> IO[bytes]:
    """The whole copy in one archive: `donnees.json`, `dossier.pdf`, the pieces and the papers this user may read."""
    copy = gathered(by=by, worker=worker, today=today)
    file = SpooledTemporaryFile(max_size=1 << 24)  # noqa: SIM115 - closed by who sends it
    with override("fr"), ZipFile(file, "w", ZIP_DEFLATED) as archive:
        pieces = Attachment.objects.visible_to(by).filter(follow_up__pathway__worker=worker)
        for piece in pieces:
            if not piece.served:
                continue
            try:
                with piece.content.open("rb") as stream:
                    archive.writestr(f"pieces/{piece.pk}-{piece.name}", stream.read())
            except OSError:
                copy.missing.append(f"Pièce jointe « {piece.name} »")
        for paper in Paper.objects.visible_to(by).filter(worker=worker):
            try:
                archive.writestr(f"documents/{paper.pk}-{slugify(paper.title)}.pdf", content_of(paper))
            except ValidationError:
                copy.missing.append(f"Document « {paper.title} »")
        try:
            archive.writestr("dossier.pdf", as_paper(copy))
        except ValidationError as unprintable:
            copy.missing += unprintable.messages
        archive.writestr("donnees.json", as_json(copy))
    file.seek(0)
    return file
