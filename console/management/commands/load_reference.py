"""`manage.py load_reference`: large official nomenclatures, from their own files."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.reference import ReferenceFileError, load_communes, load_territory
from partners.imports import UnreadableFile, read_directory
from partners.models import DirectoryFile
from skills.reference import RomeFileError, load_rome


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
                load_territory()
                self.stdout.write(f"{load_communes(path)} communes chargées.")
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
        except OSError as error:
            raise CommandError(f"{path} : {error.strerror}.") from error
        except (ReferenceFileError, RomeFileError, UnreadableFile, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(f"Rien n'a été chargé. {error}") from error
