"""The archive of a backup: a ZIP that any tool opens, whose last part, `manifest.json`, says what the others must be.

Written aside and renamed when whole: a file that bears the name asked for is a whole backup.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from embedded.state import Refusal, in_words

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20


class Draft:
    """An archive being written: each part is hashed as it goes by."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, stream: IO[bytes]) -> None:
        """Copy a stream of any length into a part."""
        digest, size = hashlib.sha256(), 0
        with self._file.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                part.write(chunk)
        self._parts[name] = {"sha256": digest.hexdigest(), "size": size}

    def close(self, facts: dict[str, Any]) -> None:
        manifest = {"format": FORMAT, **facts, "parts": self._parts}
        self._file.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextmanager
def written(target: Path) -> Iterator[Draft]:
    """A new archive, readable by its owner only. Raises Refusal rather than replace a file."""
    if target.exists():
        raise Refusal(f"{target} existe déjà : une sauvegarde n'en remplace pas une autre, donnez un autre nom.")
    draft = target.with_name(f"{target.name}.unfinished")
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as output:
                with zipfile.ZipFile(output, "w") as file:
                    yield Draft(file)
                output.flush()
                os.fsync(output.fileno())
            draft.rename(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise in_words(error, target) from error


class Archive:
    """An archive whose every part is what its manifest says."""

    def __init__(self, file: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self._file, self.manifest = file, manifest

    def names(self, folder: str) -> list[str]:
        return [name for name in self.manifest["parts"] if name.startswith(f"{folder}/")]

    def open(self, name: str) -> IO[bytes]:
        return self._file.open(name)

    def content(self, name: str) -> bytes:
        """A small part; empty when the archive has none of that name."""
        return self._file.read(name) if name in self.manifest["parts"] else b""

    def digest(self, name: str) -> str:
        return str(self.manifest["parts"][name]["sha256"])


@contextmanager
def checked(source: Path) -> Iterator[Archive]:
    """An archive read once whole. Raises Refusal when it is damaged, cut short, or of a newer kind."""
    try:
        file = zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise _damaged(source) from error
    except OSError as error:
        raise Refusal(f"{source} ne se lit pas : {error.strerror or error}.") from error
    with file:
        yield Archive(file, _verified(file, source))


def _verified(file: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """The manifest, once every part is found to be what it says."""
    try:
        manifest: dict[str, Any] = json.loads(file.read(MANIFEST))
        if manifest["format"] > FORMAT:
            raise Refusal(f"{source} vient d'une version plus récente de Parcours : mettez d'abord à jour ce code.")
        if sorted(info.filename for info in file.infolist()) != sorted([MANIFEST, *manifest["parts"]]):
            raise _damaged(source)
        for name, expected in manifest["parts"].items():
            with file.open(name) as part:
                if _digest(part) != expected["sha256"]:
                    raise _damaged(source)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, OSError, NotImplementedError) as error:
        raise _damaged(source) from error
    return manifest


def _damaged(source: Path) -> Refusal:
    return Refusal(f"{source} est abîmé ou incomplet : rien n'a été changé. Prenez une autre sauvegarde.")


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as stream:
        return _digest(stream)
