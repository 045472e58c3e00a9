"""`manage.py migrate`, safe while people work: it never keeps them waiting behind a table it waits for.

A change of table waits for those who read it, and everyone else then waits behind the change. Here it gives up after a few
seconds, lets them by, and begins again: migrations already done stay done.
"""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

PATIENCE = "3s"  # how long others may be kept waiting at a time
ATTEMPTS = 20
BUSY = {"55P03", "40P01"}  # a lock not given in time, or only in a circle


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        for attempt in range(ATTEMPTS):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in BUSY:
                    raise
                connection.close()  # Django leaves its transaction open when what it keeps for the end is refused
                connection.connect()
                self.stderr.write("Une table est occupée : on laisse passer ceux qui travaillent, puis on recommence.")
                time.sleep(0.2 * min(attempt + 1, 10))
            else:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                return
        raise CommandError(
            "Une table reste occupée : recommencez quand ce qui la tient (sauvegarde, export) sera fini."
        )
