"""How fast files come in, beside a bare COPY of the same rows: `python -m benchmarks.imports [lines]`.

Makes a file of people and one of contracts for an empty structure, gives them to the importer (read, understand, match,
check, write, history, references), and copies the same contracts into a table of the same shape. Rolled back at the end.
"""

import os
import resource
import sys
import time
from datetime import date, timedelta
from io import BytesIO
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from contracts import imports  # noqa: E402


def files(lines: int) -> tuple[bytes, bytes]:
    people, contracts = (
        ["Matricule;Nom;Prénom;Date de naissance"],
        ["Matricule;Numéro de contrat;Nature;Signé le;Début;Fin prévue;Heures hebdomadaires"],
    )
    for n in range(lines):
        start = date(2025, 1, 1) + timedelta(days=n % 300)
        people.append(f"M{n};Nom{n};Prénom;{1 + n % 28:02d}/0{1 + n % 9}/{1960 + n % 45}")
        contracts.append(
            f"M{n};C{n};CDDI;{start:%d/%m/%Y};{start:%d/%m/%Y};{start + timedelta(days=180):%d/%m/%Y};26,5"
        )
    return "\n".join(people).encode() + b"\n", "\n".join(contracts).encode() + b"\n"


def run(lines: int) -> None:
    organisation = Organisation.objects.create(kind="ACI", name="Banc")
    for name, content in zip(("personnes", "contrats"), files(lines), strict=True):
        started = time.perf_counter()
        file = imports.receive(by=None, organisation=organisation, name=f"{name}.csv", stream=BytesIO(content))
        file = imports.commit(by=None, file=file)
        connection.check_constraints()  # references are checked when a transaction ends, and this one will be undone
        seconds = time.perf_counter() - started
        print(f"{name:>10} : {file.good_lines} bonnes lignes en {seconds:6.2f} s, {lines / seconds:8.0f} lignes/s")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (LIKE contracts_contract INCLUDING ALL) ON COMMIT DROP")
        cursor.execute("SELECT * FROM contracts_contract ORDER BY id")
        rows = cursor.fetchall()
        started = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        bare = time.perf_counter() - started
    print(
        f"  COPY nu : {len(rows)} lignes en {bare:6.2f} s ; l'import de contrats coûte {seconds / bare:4.1f}× le COPY"
    )
    print(f"  mémoire : {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} Mo au plus")


if __name__ == "__main__":
    if Organisation.objects.exists():
        sys.exit("La base n'est pas vide : ce banc ne tourne que sur une base de mesure.")
    with TemporaryDirectory() as folder, transaction.atomic():
        settings.MEDIA_ROOT = folder
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
        transaction.set_rollback(True)
