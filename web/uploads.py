"""Files on their way in: one for which the disk has no room tells so to whoever reads it, and the rest of the form is kept."""

import io
from contextlib import suppress
from typing import Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from audit.files import FULL, no_room


class _Lost(io.RawIOBase):
    """The content of such a file."""

    def _refuse(self, *_given: Any) -> NoReturn:
        raise no_room()

    read = readline = readinto = seek = _refuse


class UploadHandler(TemporaryFileUploadHandler):
    """To a temporary file, as Django's; a full disk stops the writing, not the reading of what else was sent."""

    lost = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.lost = False
        self._trying(lambda: super(UploadHandler, self).new_file(*args, **kwargs))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self.lost:
            self._trying(lambda: super(UploadHandler, self).receive_data_chunk(raw_data, start))

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        found: Any = None
        if not self.lost:
            found = self._trying(lambda: super(UploadHandler, self).file_complete(file_size))
        if found is None:
            found = UploadedFile(_Lost(), self.file_name, self.content_type, file_size, self.charset)  # type: ignore[arg-type]
        return found  # type: ignore[no-any-return]

    def _trying(self, act: Any) -> Any:
        try:
            return act()
        except OSError as error:
            if error.errno not in FULL:
                raise
            self.lost = True
            with suppress(OSError, AttributeError):
                self.file.close()
            return None
