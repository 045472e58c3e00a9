"""The counsellors' days: workshops, appointments to come, what is reserved, what is put off, a few pieces."""

import struct
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

from django.core.files.base import ContentFile

from agenda.attention import the_day
from agenda.models import Appointment, Snooze
from console.demo.story import PARIS, Setting
from parcours.models import Attachment, FollowUp, FollowUpTemplate, Pathway, PrivateNote

WORKSHOPS = ("Atelier CV", "Atelier numérique : ses comptes en ligne", "Découverte de la médiathèque")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    header = struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\xc0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PIECES = (("attestation.pdf", "application/pdf", PDF), ("photo du chantier.png", "image/png", _png()))


def tell_days(random: Random, settings: Sequence[Setting], today: date) -> None:
    """Give each structure its days. Deterministic; a statement a kind of row for each structure."""
    for setting in settings:
        pathways = list(
            Pathway.objects.filter(worker__organisation=setting.organisation, ended_on__isnull=True)
            .filter(started_on__lte=today - timedelta(days=15))
            .select_related("worker")
            .order_by("id")[:40]
        )
        if len(pathways) < 6:
            continue
        _workshops(random, setting, pathways, today)
        _reserved(random, setting, pathways, today)
        _appointments(random, setting, pathways, today)
        _put_off(random, setting, today)
        FollowUpTemplate.objects.create(
            organisation=setting.organisation, title="Point du vendredi", kind="suivi_poste", minutes=15,
            note="La semaine au travail :\nCe qui a été appris :", next_step="Point du vendredi", next_in_days=7,
        )  # fmt: skip


def _workshops(random: Random, setting: Setting, pathways: list[Pathway], today: date) -> None:
    rows = []
    for title in WORKSHOPS:
        day, key = today - timedelta(days=random.randrange(2, 14)), UUID(int=random.getrandbits(128), version=4)
        for pathway in random.sample(pathways, min(8, len(pathways))):
            rows.append(
                FollowUp(
                    pathway=pathway, author=setting.counsellors[0], kind="atelier_collectif", held_on=day, minutes=120,
                    outcome=random.choice(("present", "present", "present", "present", "excused", "absent")),
                    themes=["numerique" if "numérique" in title else "recherche_emploi"], note=title, together=key,
                )
            )  # fmt: skip
    FollowUp.objects.bulk_create(rows)


def _reserved(random: Random, setting: Setting, pathways: list[Pathway], today: date) -> None:
    said = (("sante", "Rendez-vous chez le médecin traitant, transport à prévoir.", "Vérifier le transport"),
            ("justice", "Convocation déplacée, horaires revus avec l'encadrant.", "Prévenir l'encadrant"))  # fmt: skip
    rows = [
        FollowUp(
            pathway=pathway, author=pathway.worker.counsellor or setting.counsellors[0], kind="entretien_individuel",
            held_on=today - timedelta(days=random.randrange(1, 12)), minutes=30, themes=[theme], note=note, next_step=step,
            next_due_on=today + timedelta(days=random.randrange(0, 10)),
        )
        for pathway, (theme, note, step) in zip(random.sample(pathways, 4), said * 2, strict=True)
    ]  # fmt: skip
    written = FollowUp.objects.bulk_create(rows)
    PrivateNote.objects.bulk_create([PrivateNote(follow_up=written[0], text="Y aller en douceur la prochaine fois.")])
    pieces = []
    for follow_up, (name, kind, content) in zip(written[1:], PIECES, strict=False):
        piece = Attachment(
            follow_up=follow_up, name=name, media_type=kind, size=len(content), sha256=sha256(content).hexdigest()
        )
        piece.content.save(f"demo-{follow_up.pk}", ContentFile(content), save=False)
        pieces.append(piece)
    Attachment.objects.bulk_create(pieces)


def _appointments(random: Random, setting: Setting, pathways: list[Pathway], today: date) -> None:
    places = ("Bureau", "Chantier", "Mission locale", "Mairie", "")
    rows = []
    for number, pathway in enumerate(random.sample(pathways, min(14, len(pathways)))):
        counsellor = pathway.worker.counsellor or setting.counsellors[0]
        day = today + timedelta(days=(-1, 0, 0, 0, 1, 1, 2, 3, 3, 6, 7, 9, 15, 21)[number])
        rows.append(
            Appointment(
                worker=pathway.worker, counsellor=counsellor, minutes=random.choice((30, 45, 60)), place=random.choice(places),
                kind=random.choice(("entretien_individuel", "bilan", "visite_chantier", "tripartite")),
                starts_at=datetime.combine(day, time(9 + number % 8, random.choice((0, 30))), PARIS),
            )
        )  # fmt: skip
    Appointment.objects.bulk_create(rows)


def _put_off(random: Random, setting: Setting, today: date) -> None:
    """Three facts wait, each with its reason."""
    day = the_day(organisations=[setting.organisation.pk], today=today)
    waiting = [
        (person, reason)
        for person in day.people
        for reason in person.reasons
        if reason.code in {"silence", "right_late"} and today - timedelta(days=20) < reason.due_on
    ]
    reasons = ("En congé jusqu'à lundi", "Dossier déposé, réponse attendue", "En immersion cette semaine")
    Snooze.objects.bulk_create(
        Snooze(
            worker_id=person.worker_id, fact=reason.code, subject=reason.subject, due_on=reason.due_on, snoozed_on=today,
            until=today + timedelta(days=random.randrange(2, 8)), reason=why, snoozed_by=setting.counsellors[0],
        )
        for (person, reason), why in zip(waiting, reasons, strict=False)
    )  # fmt: skip
