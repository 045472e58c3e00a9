"""`manage.py load_reference`: large official nomenclatures, from their own files."""

import csv
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from accounts.reference import ReferenceFileError, load_communes, load_territory
from partners.imports import UnreadableFile, read_directory
from partners.models import DirectoryFile
from skills.reference import RomeFileError, load_rome

UNFIT = "une ligne ne tient pas dans la base : un code donné deux fois, ou un texte trop long ou illisible."
# What a damaged file raises on the way, and how to mend it.
UNREADABLE: dict[type[Exception], str] = {
    UnicodeDecodeError: "le texte n'est pas en UTF-8. Reprenez le fichier d'origine, ou enregistrez-le dans ce codage.",
    json.JSONDecodeError: "ce n'est pas du JSON entier. Reprenez le fichier d'origine.",
    RecursionError: "ce n'est pas le JSON attendu. Reprenez le fichier d'origine.",
    csv.Error: "ce n'est pas un CSV lisible. Reprenez le fichier d'origine.",
    gzip.BadGzipFile: "l'archive gzip est abîmée. Téléchargez-la de nouveau.",
    EOFError: "l'archive gzip est coupée. Téléchargez-la de nouveau.",
    zlib.error: "l'archive gzip est abîmée. Téléchargez-la de nouveau.",
    DatabaseError: UNFIT,
    psycopg.DataError: UNFIT,  # COPY's own
}


class Command(BaseCommand):
    help = "Charge une donnée officielle : communes (COG, INSEE), ROME 4.0 (France Travail), répertoire data·inclusion."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["communes", "rome", *DirectoryFile.Kind.values])
        parser.add_argument(
            "path", type=Path, help="fichier (communes : CSV, CSV.gz, JSON ; répertoire : JSON, CSV) ou dossier du ROME"
        )
        parser.add_argument("--release", dest="release", default="60", help="version du ROME (60 par défaut)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            if options["name"] == "communes":
                with transaction.atomic():
                    load_territory()
                    count = load_communes(path)
                self.stdout.write(f"{count} communes chargées.")
            elif options["name"] in DirectoryFile.Kind.values:
                with path.open("rb") as stream:
                    file = read_directory(by=None, kind=options["name"], name=path.name, stream=stream)
                for fault in file.faults.all()[:50]:
                    self.stderr.write(f"{fault}" + (f" ({fault.column})" if fault.column else ""))
                told = f"{file.created} ajoutés, {file.changed} modifiés, {file.unchanged} inchangés, {file.faulty} refusés."
                self.stdout.write(told)
            else:
                counts = load_rome(path, options["release"])
                self.stdout.write(", ".join(f"{count} {kind}" for kind, count in counts.items()))
        except (ReferenceFileError, RomeFileError, UnreadableFile) as error:
            raise CommandError(f"Rien n'a été chargé. {error}") from error
        except tuple(UNREADABLE) as error:
            said = next(words for kind, words in UNREADABLE.items() if isinstance(error, kind))
            raise CommandError(f"Rien n'a été chargé. {path.name} : {said}") from error
        except OSError as error:
            raise CommandError(f"{path} : {error.strerror}.") from error
