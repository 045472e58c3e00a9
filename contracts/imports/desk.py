"""The desk where files are given in: received once, looked at, then written in one transaction."""

import gc
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, TypeVar

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import Organisation, User
from audit.files import room
from audit.history import because
from contracts.imports.formats import UNSTORABLE, Column, Fault, Format, recognise, understand
from contracts.imports.reading import Line, Unreadable, read
from contracts.imports.writers import WRITERS
from contracts.imports.writing import Numbered
from contracts.models import FaultyLine, ImportedFile

T = TypeVar("T")
BATCH = 5000
KEPT_FAULTS = 50_000  # faults kept with their words; the count is exact beyond
MOST_LINES = 1_000_000  # of a table: what is remembered of each line to find it described twice takes 0.2 kB
CHUNK = 1 << 20
WITHDRAWN = "Une personne de la structure a été effacée : déposez de nouveau un fichier sans elle."


class _DryRun(Exception):
    """Ends a preview: everything it wrote is undone."""


def receive(*, by: User | None, organisation: Organisation, name: str, stream: BinaryIO) -> ImportedFile:
    """Keep a file, streamed to disk; the same content given again is the same row.

    An empty, binary, unknown or oversized file is a row in state REFUSED with the reason, and its content is not kept: this
    raises nothing but, when the disk is full, ValidationError. A refused file given again is judged again: the importer may
    have learnt, the limit may have moved.
    """
    with room(), NamedTemporaryFile(dir=_folder()) as draft:
        digest, size, lines = hashlib.sha256(), 0, 0
        while (chunk := stream.read(CHUNK)) and size <= settings.IMPORT_MAX_BYTES:
            digest.update(chunk)
            size += len(chunk)
            lines += chunk.count(b"\n")
            draft.write(chunk)
        draft.flush()
        known = ImportedFile.objects.filter(organisation=organisation, sha256=digest.hexdigest()).first()
        if known is not None and known.state != ImportedFile.State.REFUSED:
            return known
        row = known or ImportedFile(organisation=organisation, sha256=digest.hexdigest(), size=size, uploaded_by=by)
        row.name = _storable(name)[-255:]
        row.state, row.refusal = ImportedFile.State.RECEIVED, ""
        try:
            if size > settings.IMPORT_MAX_BYTES:
                raise Unreadable(f"Le fichier dépasse {settings.IMPORT_MAX_BYTES >> 20} Mo : découpez-le.")
            source = read(Path(draft.name))
            form, _columns, ignored = recognise(source.headers)
            row.ignored = [_storable(header) for header in ignored]
            row.format = form.label[:32]
            if source.table and lines > MOST_LINES:
                raise Unreadable(f"Le fichier compte plus de {MOST_LINES} lignes : découpez-le.")
        except Unreadable as unreadable:
            row.state, row.refusal = ImportedFile.State.REFUSED, _storable(str(unreadable))
        else:
            draft.seek(0)
            suffix = Path(row.name).suffix[:10] if Path(row.name).suffix[1:].isalnum() else ""
            row.content.save(f"{digest.hexdigest()[:20]}{suffix}", File(draft), save=False)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # the same file, given twice at the same moment
            row.content.delete(save=False)
            return ImportedFile.objects.get(organisation=organisation, sha256=digest.hexdigest())
        return row


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def preview(file: ImportedFile) -> ImportedFile:
    """Say what a file would do: everything is done in a transaction that is undone. Imported files are left alone."""
    if file.state in {ImportedFile.State.IMPORTED, ImportedFile.State.REFUSED}:
        return file
    done = _Done()
    try:
        with transaction.atomic():
            done = _write(file)
            raise _DryRun
    except _DryRun:
        return _keep(file, ImportedFile.State.PREVIEWED, done)
    except Unreadable as unreadable:
        return _refuse(file, unreadable)


def commit(*, by: User | None, file: ImportedFile) -> ImportedFile:
    """Write the good lines of a file, all or none, and keep the faulty ones. An imported file changes nothing again."""
    try:
        with transaction.atomic(), because("import", file=file.pk, by=by.pk if by else None):
            locked = ImportedFile.objects.select_for_update().get(pk=file.pk)
            if locked.state in {ImportedFile.State.IMPORTED, ImportedFile.State.REFUSED}:
                return locked
            done = _write(locked)
            locked.imported_at = timezone.now()
            return _keep(locked, ImportedFile.State.IMPORTED, done)
    except Unreadable as unreadable:
        return _refuse(file, unreadable)


def withdraw_contents(organisation: Organisation) -> set[str]:
    """Keep no more what was given in: lines imported are rows, the others may be given again. The count of lines stays, and
    the fingerprint of an imported file, so that it brings nobody back. Returns the names of the contents to delete."""
    rows = ImportedFile.objects.filter(organisation=organisation).select_for_update()
    names = set(rows.exclude(content="").values_list("content", flat=True))
    FaultyLine.objects.filter(file__organisation=organisation).delete()
    waiting = rows.filter(state__in=[ImportedFile.State.RECEIVED, ImportedFile.State.PREVIEWED])
    waiting.update(state=ImportedFile.State.REFUSED, refusal=WITHDRAWN)
    rows.update(content="")
    return names


@dataclass
class _Done:
    """What became of the lines: good ones, faulty ones, the first faults, the effect on each kind of object."""

    good: int = 0
    faulty: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, good: int, faults: list[Fault]) -> None:
        self.good += good
        self.faulty.update(fault.line for fault in faults)
        self.faults += faults[: max(0, KEPT_FAULTS - len(self.faults))]


def _write(file: ImportedFile) -> _Done:
    """Read, understand, match and write every line. In French whatever the user's language: all read what is kept."""
    with translation.override(settings.LANGUAGE_CODE), _uncollected():
        source = read(Path(file.content.path))
        form, columns, _ignored = recognise(source.headers)
        if source.table:
            columns = {header: one for header, one in columns.items() if header in source.headers}
        writer = WRITERS[form.target](file.organisation, timezone.localdate(file.uploaded_at))
        done = _Done()
        for understood, wrong in _ahead(_understood(source.lines, form, columns)):
            done.add(0, wrong)
            done.add(*writer.write(understood))
        done.add(*writer.finish())
        done.counts = writer.counts()
        return done


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: it walks all that is alive again and again as rows pile up, and rows hold no cycle."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _understood(
    lines: Iterator[Line], form: Format, columns: dict[str, Column]
) -> Iterator[tuple[Numbered, list[Fault]]]:
    """Batches of lines understood, with the faults of the others."""
    while batch := list(islice(lines, BATCH)):
        understood: Numbered = []
        faults: list[Fault] = []
        for line in batch:
            values, wrong = understand(line, columns)
            if form.refusal:
                wrong = [Fault(line.number, "", "", form.refusal, "Rien à corriger dans le fichier.")]
            if wrong:
                faults += wrong
            else:
                understood.append((line.number, values))
        yield understood, faults


def _ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, the next one made by a thread while PostgreSQL writes the last."""
    context = copy_context()  # with the language

    def following() -> T | None:
        return context.run(next, batches, None)

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(following)
        while (batch := coming.result()) is not None:
            coming = reader.submit(following)
            yield batch


def _keep(file: ImportedFile, state: str, done: _Done) -> ImportedFile:
    file.state, file.good_lines, file.counts = ImportedFile.State(state), done.good, done.counts
    file.faulty_lines = len(done.faulty)
    rows = [
        FaultyLine(
            file=file,
            line=fault.line,
            column=_storable(fault.column)[:100],
            value=_storable(fault.value)[:250],
            message=_storable(fault.message)[:300],
            remedy=_storable(fault.remedy)[:300],
        )
        for fault in sorted(done.faults, key=lambda fault: fault.line)
    ]
    with transaction.atomic():
        file.save()
        file.faults.all().delete()
        FaultyLine.objects.bulk_create(rows, batch_size=1000)
    return file


def _refuse(file: ImportedFile, unreadable: Unreadable) -> ImportedFile:
    """A file found damaged on the way: nothing of it was written, and its content is not kept."""
    file.state, file.refusal = ImportedFile.State.REFUSED, _storable(str(unreadable))
    with transaction.atomic():
        file.faults.all().delete()
        file.save()
    file.content.delete()
    return file


def _storable(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text)
