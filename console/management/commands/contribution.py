"""`manage.py contribution`: what a member with its own installation sends to the federation, made, signed and received."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organisation
from releases import contributions, secrets
from releases.models import Contribution, ContributorKey
from releases.periods import period_written


class Command(BaseCommand):
    help = "Prépare et signe la contribution d'un adhérent à une publication ; enregistre sa clé, reçoit son fichier."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        key = steps.add_parser("key", help="chez l'adhérent : créer sa clé de signature, dire la moitié publique")
        key.add_argument("path", type=Path, metavar="CLÉ")
        make = steps.add_parser("make", help="chez l'adhérent : écrire le fichier signé d'une période (2025, 2025-T3)")
        make.add_argument("period", metavar="PÉRIODE")
        make.add_argument("--key", type=Path, required=True, help="clé de signature (PEM)")
        make.add_argument("--sequence", type=int, default=1, help="numéro d'envoi, un de plus à chaque envoi")
        make.add_argument("--output", type=Path, required=True, metavar="FICHIER")
        register = steps.add_parser("register", help="à la fédération : accepter la clé publique d'un adhérent")
        register.add_argument("public_key", metavar="CLÉ_PUBLIQUE")
        revoke = steps.add_parser("revoke", help="à la fédération : ne plus accepter une clé")
        revoke.add_argument("public_key", metavar="CLÉ_PUBLIQUE")
        receive = steps.add_parser(
            "receive", help="à la fédération : recevoir un fichier apporté autrement que par l'API"
        )
        receive.add_argument("path", type=Path, metavar="FICHIER")
        for step in (make, register, receive):
            step.add_argument("--organisation", required=True, help="SIRET de l'adhérent")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['step']}")(**options)
        except ValidationError as refusal:
            raise CommandError("\n".join(refusal.messages)) from refusal
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as refusal:
            raise CommandError(f"{refusal.filename} : {refusal.strerror}.") from refusal

    def do_key(self, *, path: Path, **_options: Any) -> None:
        key = Ed25519PrivateKey.generate()
        with path.open("xb") as kept:
            path.chmod(0o600)
            kept.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.stdout.write(f"Clé publique, à donner à la fédération : {contributions.public_half(key)}")

    def do_make(
        self, *, period: str, key: Path, sequence: int, output: Path, organisation: str, **_options: Any
    ) -> None:
        try:
            signing = load_pem_private_key(key.read_bytes(), password=None)
        except ValueError as wrong:
            raise CommandError(f"{key} n'est pas une clé : « manage.py contribution key » en crée une.") from wrong
        if not isinstance(signing, Ed25519PrivateKey):
            raise CommandError(f"{key} n'est pas une clé Ed25519 : « manage.py contribution key » en crée une.")
        asked = period_written(period)
        secrets.create(asked.end.year)
        made = contributions.make(
            member=self.member(organisation), period=asked, sequence=sequence, known_at=timezone.now(), key=signing
        )
        output.write_bytes(made)
        people = made.count(b"\n") - 2
        self.stdout.write(f"{output} : {people} personnes, envoi n° {sequence}.")

    def do_register(self, *, public_key: str, organisation: str, **_options: Any) -> None:
        contributions.register(organisation=self.member(organisation), public_key=public_key, at=timezone.now())
        self.stdout.write("Clé enregistrée.")

    def do_revoke(self, *, public_key: str, **_options: Any) -> None:
        key = ContributorKey.objects.filter(public_key=public_key, revoked_at=None).first()
        if key is None:
            raise CommandError("Cette clé n'est pas enregistrée, ou elle est déjà reprise.")
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        self.stdout.write("Clé reprise : elle ne signe plus rien.")

    def do_receive(self, *, path: Path, organisation: str, **_options: Any) -> None:
        found: Contribution = contributions.receive(
            organisation=self.member(organisation), content=path.read_bytes(), at=timezone.now()
        )
        self.stdout.write(f"Reçue : {found.count} personnes, envoi n° {found.sequence}.")

    def member(self, siret: str) -> Organisation:
        found = Organisation.objects.filter(siret=siret.replace(" ", "")).first()
        if found is None:
            raise CommandError(f"Aucune organisation n'a pour SIRET « {siret} ».")
        return found
