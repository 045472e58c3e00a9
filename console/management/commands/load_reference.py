"""`manage.py load_reference`: large official nomenclatures, from their own files."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.reference import ReferenceFileError, load_communes, load_territory
from skills.reference import RomeFileError, load_rome


class Command(BaseCommand):
    help = "Charge une nomenclature officielle : les communes (COG, INSEE) ou le ROME 4.0 (France Travail)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["communes", "rome"])
        parser.add_argument("path", type=Path, help="fichier des communes (CSV, CSV.gz, JSON) ou dossier du ROME")
        parser.add_argument("--release", dest="release", default="60", help="version du ROME (60 par défaut)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            if options["name"] == "communes":
                load_territory()
                self.stdout.write(f"{load_communes(path)} communes chargées.")
            else:
                counts = load_rome(path, options["release"])
                self.stdout.write(", ".join(f"{count} {kind}" for kind, count in counts.items()))
        except OSError as error:
            raise CommandError(f"{path} : {error.strerror}.") from error
        except (ReferenceFileError, RomeFileError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(f"Rien n'a été chargé. {error}") from error
