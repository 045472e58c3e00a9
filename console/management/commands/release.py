"""`manage.py release`: the publications of the federation, from their preparation to their withdrawal, and their keys."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organisation, User
from releases import actions, role, secrets
from releases.models import Audit, Release
from releases.periods import period_code, period_written
from releases.tasks import run

NEEDS_USER = ("prepare", "approve", "publish", "withdraw", "abandon")


class Command(BaseCommand):
    help = "Prépare, approuve, publie ou retire les chiffres de la fédération ; crée les clés et le rôle de la base."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        prepare = steps.add_parser("prepare", help="préparer une année (2025) ou un trimestre (2025-T3)")
        prepare.add_argument("period", metavar="PÉRIODE")
        prepare.add_argument("--inline", action="store_true", help="tout faire ici, sans travailleur")
        for name, what in (
            ("approve", "approuver ce qu'un autre a préparé"),
            ("publish", "publier ce qui est approuvé"),
            ("withdraw", "retirer une publication"),
            ("abandon", "renoncer à une publication pas encore parue"),
        ):
            step = steps.add_parser(name, help=what)
            step.add_argument("release", type=int, metavar="NUMÉRO")
            if name == "withdraw":
                step.add_argument("--reason", required=True, help="le motif, lu par la fédération")
        for name in NEEDS_USER:
            steps.choices[name].add_argument("--by", required=True, help="adresse e-mail de la personne")
        steps.choices["prepare"].add_argument("--federation", type=int, help="identifiant, s'il y en a plusieurs")
        steps.add_parser("list", help="les publications et leur état")
        for name, what in (
            ("key", "créer la clé d'une année"),
            ("forget", "détruire la clé d'une année et les relevés faits sous elle"),
        ):
            steps.add_parser(name, help=what).add_argument("--year", type=int, required=True)
        steps.add_parser("role", help=f"créer le rôle {role.ROLE} de la base et ses droits")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['step']}")(**options)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except PermissionDenied as refusal:
            raise CommandError("Cette personne n'a pas ce droit dans la fédération.") from refusal
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal

    def do_prepare(self, *, period: str, by: str, inline: bool, federation: int | None, **_options: Any) -> None:
        now = timezone.now()
        release = actions.prepare(
            by=self.user(by), federation=self.federation(federation), period=period_written(period), known_at=now
        )
        self.say(run(release) if inline else release)

    def do_approve(self, *, release: int, by: str, **_options: Any) -> None:
        self.say(actions.approve(by=self.user(by), release=self.release(release), at=timezone.now()))

    def do_publish(self, *, release: int, by: str, **_options: Any) -> None:
        self.say(actions.publish(by=self.user(by), release=self.release(release), at=timezone.now()))

    def do_withdraw(self, *, release: int, by: str, reason: str, **_options: Any) -> None:
        row = self.release(release)
        self.say(actions.withdraw(by=self.user(by), release=row, reason=reason, at=timezone.now()))

    def do_abandon(self, *, release: int, by: str, **_options: Any) -> None:
        self.say(actions.abandon(by=self.user(by), release=self.release(release)))

    def do_list(self, **_options: Any) -> None:
        for release in Release.objects.all():
            self.say(release)

    def do_key(self, *, year: int, **_options: Any) -> None:
        self.stdout.write(f"Clé de {year} : {secrets.create(year)}")

    def do_forget(self, *, year: int, **_options: Any) -> None:
        people, files = actions.forget(year=year)
        self.stdout.write(
            f"La clé de {year} est détruite, avec {people} lignes de relevés et {files} envois d'adhérents : les chiffres de "
            "cette année ne se corrigent plus."
        )

    def do_role(self, **_options: Any) -> None:
        if not role.ensure():
            raise CommandError(
                f"L'utilisateur de la base n'a pas le droit de créer {role.ROLE} : le faire faire par l'administrateur."
            )
        self.stdout.write(f"{role.ROLE} lit {', '.join(role.READABLE)}, et rien d'autre.")

    def say(self, release: Release) -> None:
        self.stdout.write(
            f"{release.pk:>4}  {period_code(release.period):<8} révision {release.revision}  {release.get_state_display()}"
        )
        audit = Audit.objects.filter(release=release).first()
        if audit is not None and release.state in (Release.State.AUDITED, Release.State.REFUSED):
            for entry in audit.report:
                figures = ", ".join(f"{name} {value:g}" for name, value in entry["figures"].items())
                self.stdout.write(f"      {'✓' if entry['held'] else '✗'} {entry['check']} : {figures}")

    def user(self, email: str) -> User:
        found = User.objects.filter(email__iexact=email).first()
        if found is None:
            raise CommandError(f"Personne n'a l'adresse {email}.")
        return found

    def federation(self, pk: int | None) -> Organisation:
        found = list(Organisation.objects.filter(nature=Organisation.Nature.FEDERATION, **({"pk": pk} if pk else {})))
        if len(found) != 1:
            raise CommandError(f"{len(found)} fédération(s) trouvée(s) : dire laquelle avec --federation.")
        return found[0]

    def release(self, pk: int) -> Release:
        found = Release.objects.filter(pk=pk).first()
        if found is None:
            raise CommandError(f"Il n'y a pas de publication {pk}.")
        return found
