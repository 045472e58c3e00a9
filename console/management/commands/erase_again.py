"""`manage.py erase_again`: after a backup was put back, erase anew those who had been erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand

from privacy.erasure import erase_again


class Command(BaseCommand):
    help = "Après la restauration d'une sauvegarde, efface de nouveau les personnes effacées depuis."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Personnes effacées de nouveau : {erase_again()}")
