"""Files that no row names: a crash or a full disk, between a file and its row, left them; nobody reads them, and no erasure of
a person finds them. They go once old enough for no one to be about to name them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils.translation import gettext as _

from accounts.policies import Model, is_history
from audit.files import DRAFT
from embedded.backup import ASIDE, RESTORING

DAY = 24 * 3600
FEW = 20  # a crash leaves one or two; more than this, and more than one file in twenty, is another database's


@dataclass(frozen=True)
class Leftovers:
    """What a look at the folder found: files old enough to judge, and those among them that no row names (paths)."""

    judged: int
    unnamed: list[Path]

    @property
    def size(self) -> int:
        """Bytes of those unnamed."""
        return sum(path.stat().st_size for path in self.unnamed if path.exists())


def columns() -> Iterator[tuple[Model, "models.FileField"]]:
    """Every column of the models, history included, that names a file."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field


def find(now: float) -> Leftovers:
    """Look for the files last written UNNAMED_FILES_DAYS ago or more that no row names, past rows (history) included.

    Raises ValidationError when the database does not look like that of the files: while a restore keeps another aside, when
    most of what it names is missing, or when too many files would go. Files of folders that no column writes to are not seen.
    """
    if aside := _kept_aside():
        raise ValidationError(
            _("Une autre base est gardée (%(name)s) : la restauration doit d'abord être confirmée ou défaite.")
            % {"name": aside}
        )
    root = Path(default_storage.path(""))
    written_to = {str(field.upload_to).partition("/")[0] for _model, field in columns()}
    files = [path for name in sorted(written_to) for path in (root / name).rglob("*") if path.is_file()]
    files += [path for path in root.glob(f"{DRAFT}*") if path.is_file()]
    before = now - settings.UNNAMED_FILES_DAYS * DAY
    old = [path for path in files if path.stat().st_mtime <= before]
    # Asked after the folder was read: what was named meanwhile counts.
    known: set[str] = set()
    today: set[str] = set()
    for model, field in columns():
        names = {str(root / name) for name in _names(model, field)}
        known |= names
        if not is_history(model):
            today |= names
    unnamed = [path for path in old if str(path) not in known]
    missing = len(today - {str(path) for path in files})
    if missing > len(today) / 2:
        raise ValidationError(
            _("La base nomme %(n)s fichiers dont %(missing)s manquent : ce dossier n'est pas le sien.")
            % {"n": len(today), "missing": missing}
        )
    if len(unnamed) > max(FEW, len(old) / 20):
        raise ValidationError(
            _("%(n)s fichiers sur %(old)s ne sont nommés par aucune ligne : cette base n'est sans doute pas la leur.")
            % {"n": len(unnamed), "old": len(old)}
        )
    return Leftovers(len(old), unnamed)


def sweep(now: float) -> tuple[int, int]:
    """Remove what `find` finds; (files removed, bytes). Asked again, it removes nothing more. Raises ValidationError as it does."""
    found = find(now)
    size = found.size
    for path in found.unnamed:
        path.unlink(missing_ok=True)
    return len(found.unnamed), size


def _names(model: Model, field: "models.FileField") -> Iterator[str]:
    rows = model._base_manager.exclude(**{field.attname: ""}).values_list(field.attname, flat=True)
    return rows.distinct().iterator(chunk_size=20_000)


def _kept_aside() -> str:
    """A database that a restore kept, or is making; empty when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, current_database() || %s)"
            " OR datname = current_database() || %s LIMIT 1",
            [ASIDE, RESTORING],
        )
        row = cursor.fetchone()
    return row[0] if row else ""
