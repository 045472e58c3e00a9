"""`manage.py import_file`: the same importer as the page, for files too big or too many for a browser."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation, User
from contracts import imports
from contracts.models import ImportedFile

SHOWN = 40


class Command(BaseCommand):
    help = "Importe des fichiers de personnes, de contrats ou de mois travaillés dans une structure."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FICHIER")
        parser.add_argument("--organisation", required=True, help="SIRET ou identifiant de la structure")
        parser.add_argument(
            "--preview", action="store_true", help="dire ce que le fichier changerait, sans rien écrire"
        )
        parser.add_argument("--by", help="adresse e-mail de la personne qui importe")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self.organisation(options["organisation"])
        by = User.objects.get_by_natural_key(options["by"]) if options["by"] else None
        states = [self.one(path, organisation, by, options["preview"]) for path in options["paths"]]
        if ImportedFile.State.REFUSED in [state for state, _faulty in states]:
            raise SystemExit(2)
        if any(faulty for _state, faulty in states):
            raise SystemExit(1)

    def organisation(self, key: str) -> Organisation:
        siret = key.replace(" ", "")
        found = Organisation.objects.structures().filter(siret=siret).first()
        if found is None and key.isdigit() and len(key) < 14:
            found = Organisation.objects.structures().filter(pk=int(key)).first()
        if found is None:
            raise CommandError(f"Aucune structure n'a pour SIRET ou identifiant « {key} ».")
        return found

    def one(self, path: Path, organisation: Organisation, by: User | None, preview: bool) -> tuple[str, int]:
        try:
            with path.open("rb") as stream:
                file = imports.receive(by=by, organisation=organisation, name=path.name, stream=stream)
        except OSError as error:
            raise CommandError(f"{path} : {error.strerror}.") from error
        except ValidationError as error:
            raise CommandError(f"{path} : {error.messages[0]}") from error
        already = file.state == ImportedFile.State.IMPORTED
        file = imports.preview(file) if preview else imports.commit(by=by, file=file)
        self.stdout.write(f"{path.name} — {file.format or 'format inconnu'}")
        if file.state == ImportedFile.State.REFUSED:
            self.stdout.write(f"  Refusé : {file.refusal}")
            return file.state, 0
        if already:
            self.stdout.write("  Déjà importé : rien ne change.")
        self.stdout.write(f"  {file.good_lines} bonnes lignes, {file.faulty_lines} en erreur")
        for name, done in file.counts.items():
            self.stdout.write(
                f"  {name} : {done['created']} créés, {done['changed']} modifiés, {done['unchanged']} sans changement"
            )
        for fault in file.faults.all()[:SHOWN]:
            where = f"ligne {fault.line}" + (f", {fault.column}" if fault.column else "")
            value = f" « {fault.value} »" if fault.value else ""
            self.stdout.write(f"    {where}{value} : {fault.message}. {fault.remedy}")
        return file.state, file.faulty_lines
