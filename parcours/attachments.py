"""Files kept with a follow-up: what they are is read in their content, and their name is only a text.

Stored under a random name outside static files, never opened by the server, handed over by one view that forbids running
them. A scanner of malicious files may be plugged in (`ATTACHMENT_SCANNER`): until it has answered, nobody gets the file.
"""

import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from audit.history import because, reserved
from audit.saving import saved
from jobs.actions import enqueue
from parcours.models import Attachment, FollowUp

Scanner = Callable[[BinaryIO], bool]  # True when nothing was found; raises when it cannot tell

# Media type → extension it is handed over with.
ACCEPTED = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
SYNONYMS = {".jpeg": ".jpg", ".heif": ".heic"}
# Control characters, marks that reverse the reading order (« gpj.exe » read backwards), characters no system likes in a name.
UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff<>:"/\\|?*]')
NAME_LENGTH = 150


@dataclass(frozen=True)
class Examined:
    """A file that may be kept."""

    name: str
    media_type: str
    size: int
    sha256: str
    stream: BinaryIO


def examine(name: str, stream: BinaryIO) -> Examined:
    """Look at a file's size and content. Raises ValidationError on `files`: empty, too big, or of no accepted type."""
    digest, size, most = hashlib.sha256(), 0, settings.ATTACHMENT_MAX_BYTES
    stream.seek(0)
    while (chunk := stream.read(1 << 16)) and size <= most:
        digest.update(chunk)
        size += len(chunk)
    told = clean_name(name)
    if size == 0:
        raise ValidationError({"files": _("« %(name)s » est vide.") % {"name": told}})
    if size > most:
        raise ValidationError(
            {"files": _("« %(name)s » dépasse %(n)s Mo : allégez-le.") % {"name": told, "n": most >> 20}}
        )
    media_type = recognise(stream)
    if media_type is None:
        raise ValidationError(
            {
                "files": _(
                    "« %(name)s » n'est pas d'un type accepté : PDF, image (PNG, JPEG, WebP, HEIC) ou document sans macro "
                    "(DOCX, XLSX, ODT, ODS)."
                )
                % {"name": told}
            }
        )
    return Examined(with_extension(told, ACCEPTED[media_type]), media_type, size, digest.hexdigest(), stream)


def clean_name(name: str) -> str:
    """The last part of a name, as a text: no path, no invisible character, no leading dot."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    return UNFIT.sub("", last).strip(" .")[-NAME_LENGTH:] or "piece"


def with_extension(name: str, extension: str) -> str:
    """The name ending as its content asks: « photo.exe » that is a PNG is « photo.exe.png »."""
    suffix = PurePosixPath(name).suffix.lower()
    if SYNONYMS.get(suffix, suffix) == extension:
        return name
    return name[: NAME_LENGTH - len(extension)] + extension


def recognise(stream: BinaryIO) -> str | None:
    """The media type of an accepted file, from its first bytes or, for documents, from what the archive holds."""
    stream.seek(0)
    head = stream.read(32)
    stream.seek(0)
    if head.startswith((b"%PDF-1.", b"%PDF-2.")):
        return "application/pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1"}:
        return "image/heic"
    if head.startswith(b"PK\x03\x04"):
        return _document(stream)
    return None


def _document(stream: BinaryIO) -> str | None:
    """An office document without macros. Only the table of contents is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(stream) as archive:
            held = set(archive.namelist())
            macros = any(
                "vbaproject" in name.lower() or name.lower().startswith(("basic/", "scripts/")) for name in held
            )
            declared = archive.open("mimetype").read(100).decode("ascii", "replace") if "mimetype" in held else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return None
    finally:
        stream.seek(0)
    if macros:
        return None
    if declared in ACCEPTED and declared.startswith("application/vnd.oasis."):
        return declared
    if "[Content_Types].xml" in held and "word/document.xml" in held:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    if "[Content_Types].xml" in held and "xl/workbook.xml" in held:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return None


def attach(*, by: User, follow_up: FollowUp, name: str, stream: BinaryIO) -> Attachment:
    """Add a file to a follow-up. Raises ValidationError."""
    if follow_up.cancelled_at is not None:
        raise ValidationError(_("Ce suivi est annulé."))
    return keep(by=by, follow_up=follow_up, file=examine(name, stream))


@transaction.atomic
def keep(*, by: User, follow_up: FollowUp, file: Examined) -> Attachment:
    """Store an examined file and ask for its scan when a scanner is plugged in. Raises ValidationError."""
    scanned = bool(settings.ATTACHMENT_SCANNER)
    row = Attachment(
        follow_up=follow_up,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        scan=Attachment.Scan.PENDING if scanned else Attachment.Scan.UNSCANNED,
    )
    file.stream.seek(0)
    row.content.save(uuid4().hex, File(file.stream), save=False)
    try:
        with because(_("pièce jointe"), user=by.pk):
            saved(row)
    except ValidationError:
        row.content.delete(save=False)
        raise
    if scanned:
        enqueue("parcours.scan_attachment", key=f"scan:{row.pk}", arguments={"attachment_id": row.pk})
    return row


# What a door says when it hands a file over to be saved: do not guess what it is, run nothing of it, keep no copy.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def remove(*, by: User, attachment: Attachment, reason: str) -> None:
    """Take a file away: its content is erased, the history keeps that it was there. Raises ValidationError."""
    if attachment.follow_up.author_id != by.pk:
        raise ValidationError(_("Seule la personne qui a écrit ce suivi peut en retirer une pièce."))
    with transaction.atomic(), because(reserved(reason or _("pièce retirée")), user=by.pk):
        attachment.delete()
        transaction.on_commit(lambda: attachment.content.storage.delete(str(attachment.content.name)))


def scan(attachment_id: int) -> dict[str, Any]:
    """Have the scanner look at a file that waits. A refused file loses its content. Raises what the scanner raises."""
    row = Attachment.objects.select_for_update().filter(pk=attachment_id, scan=Attachment.Scan.PENDING).first()
    if row is None:
        return {"scanned": 0}
    scanner: Scanner = import_string(settings.ATTACHMENT_SCANNER)
    with row.content.open("rb") as stream:
        clean = scanner(stream.file)
    row.scan = Attachment.Scan.CLEAN if clean else Attachment.Scan.INFECTED
    row.save(update_fields=["scan"])
    if not clean:
        name = str(row.content.name)
        transaction.on_commit(lambda: row.content.storage.delete(name))
    return {"scanned": 1, "infected": int(not clean)}
