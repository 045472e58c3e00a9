"""Files kept whole or not at all: a full disk is said in words, and leaves nothing half-written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

FULL = {errno.ENOSPC, errno.EDQUOT}
DRAFT = "tmp"  # how the name of a file being written begins, at the root of the folder


def no_room() -> ValidationError:
    said = _(
        "Le disque du serveur est plein : rien n'est enregistré. Réessayez plus tard, et prévenez l'équipe technique."
    )
    return ValidationError(said, code="disk_full")


@contextmanager
def room() -> Iterator[None]:
    """Within the block, a full disk is a ValidationError; other errors stay what they are."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise no_room() from error


class WholeFiles(FileSystemStorage):
    """Each file is written apart, then takes its name: one that is cut short never has it. Raises ValidationError when the disk
    is full."""

    def _save(self, name: str, content: "File[Any]") -> str:
        with room():
            os.makedirs(self.location, exist_ok=True)
            draft = NamedTemporaryFile(dir=self.location, prefix=DRAFT, delete=False)  # noqa: SIM115 - it takes its name, or goes
            try:
                with draft:
                    for chunk in content.chunks():
                        draft.write(chunk if isinstance(chunk, bytes) else chunk.encode())
                whole: Any = File(None, name)
                whole.temporary_file_path = lambda: draft.name
                saved: str = super()._save(name, whole)  # type: ignore[misc]
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(draft.name)
                raise
        return saved
