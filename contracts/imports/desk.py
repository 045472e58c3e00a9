"""The desk where files are given in: received once, looked at, then written in one transaction."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Organisation, User
from audit.history import because
from contracts.imports.formats import Column, Fault, Format, recognise, understand
from contracts.imports.reading import Line, Source, Unreadable, read
from contracts.imports.writers import WRITERS
from contracts.imports.writing import Values
from contracts.models import FaultyLine, ImportedFile

BATCH = 2000
KEPT_FAULTS = 2000  # faults shown; the count is exact beyond
CHUNK = 1 << 20


class _DryRun(Exception):
    """Ends a preview: everything it wrote is undone."""


def receive(*, by: User | None, organisation: Organisation, name: str, stream: BinaryIO) -> ImportedFile:
    """Keep a file, streamed to disk; the same content given again is the same row.

    An empty, binary, unknown or oversized file is kept as refused, with the reason: this raises nothing.
    """
    with NamedTemporaryFile(dir=_folder()) as draft:
        digest, size = hashlib.sha256(), 0
        while (chunk := stream.read(CHUNK)) and size <= settings.IMPORT_MAX_BYTES:
            digest.update(chunk)
            size += len(chunk)
            draft.write(chunk)
        draft.flush()
        known = ImportedFile.objects.filter(organisation=organisation, sha256=digest.hexdigest()).first()
        if known is not None:
            return known
        refusal, code = "", ""
        try:
            if size > settings.IMPORT_MAX_BYTES:
                raise Unreadable(f"Le fichier dépasse {settings.IMPORT_MAX_BYTES >> 20} Mo : découpez-le.")
            code = recognise(read(Path(draft.name)).headers)[0].label
        except Unreadable as unreadable:
            refusal = str(unreadable)
        draft.seek(0)
        row = ImportedFile(
            organisation=organisation,
            name=name[-255:],
            format=code[:32],
            sha256=digest.hexdigest(),
            size=size,
            state=ImportedFile.State.REFUSED if refusal else ImportedFile.State.RECEIVED,
            refusal=refusal,
            uploaded_by=by,
        )
        suffix = Path(name).suffix[:10] if Path(name).suffix[1:].isalnum() else ""
        row.content.save(f"{digest.hexdigest()[:20]}{suffix}", File(draft), save=False)
        row.save()
        return row


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def preview(file: ImportedFile) -> ImportedFile:
    """Say what a file would do: everything is done in a transaction that is undone. Imported files are left alone."""
    if file.state in {ImportedFile.State.IMPORTED, ImportedFile.State.REFUSED}:
        return file
    done: tuple[int, list[Fault], dict[str, Any]] = (0, [], {})
    try:
        with transaction.atomic():
            done = _write(file)
            raise _DryRun
    except _DryRun:
        return _keep(file, ImportedFile.State.PREVIEWED, *done)
    except Unreadable as unreadable:
        return _refuse(file, unreadable)


def commit(*, by: User | None, file: ImportedFile) -> ImportedFile:
    """Write the good lines of a file, all or none, and keep the faulty ones. An imported file changes nothing again."""
    try:
        with transaction.atomic(), because("import", file=file.pk, by=by.pk if by else None):
            locked = ImportedFile.objects.select_for_update().get(pk=file.pk)
            if locked.state in {ImportedFile.State.IMPORTED, ImportedFile.State.REFUSED}:
                return locked
            good, faults, counts = _write(locked)
            locked.imported_at = timezone.now()
            return _keep(locked, ImportedFile.State.IMPORTED, good, faults, counts)
    except Unreadable as unreadable:
        return _refuse(file, unreadable)


def _write(file: ImportedFile) -> tuple[int, list[Fault], dict[str, Any]]:
    """Read, understand, match and write every line. (good lines, faults, what became of each kind of object).

    In French whatever the user's language: what is kept of a file is read by all.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _written(file)


def _written(file: ImportedFile) -> tuple[int, list[Fault], dict[str, Any]]:
    source: Source = read(Path(file.content.path))
    form, columns, _ignored = recognise(source.headers)
    writer = WRITERS[form.target](file.organisation, timezone.localdate(file.uploaded_at))
    faults: list[Fault] = []
    good = 0
    for lines in _batches(source.lines):
        understood: list[tuple[int, Values]] = []
        for line in lines:
            values, wrong = _understood(line, form, columns)
            faults += wrong
            if not wrong:
                understood.append((line.number, values))
        written, late = writer.write(understood)
        good += written
        faults += late
    return good, faults, {name: asdict(tally) for name, tally in writer.tallies.items()}


def _understood(line: Line, form: Format, columns: dict[str, Column]) -> tuple[Values, list[Fault]]:
    values, faults = understand(line, columns)
    return ({"refusal": form.refusal}, []) if form.refusal else (values, faults)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _keep(file: ImportedFile, state: str, good: int, faults: list[Fault], counts: dict[str, Any]) -> ImportedFile:
    file.state, file.good_lines, file.counts = ImportedFile.State(state), good, counts
    file.faulty_lines = len({fault.line for fault in faults})
    with transaction.atomic():
        file.save()
        file.faults.all().delete()
        FaultyLine.objects.bulk_create(
            [FaultyLine(file=file, **asdict(fault)) for fault in sorted(faults, key=lambda f: f.line)[:KEPT_FAULTS]],
            batch_size=1000,
        )
    return file


def _refuse(file: ImportedFile, unreadable: Unreadable) -> ImportedFile:
    file.state, file.refusal = ImportedFile.State.REFUSED, str(unreadable)
    file.save()
    return file
