"""Fifty thousand rows as files: queries, seconds, memory, beside a bare COPY of the same rows.

    python -m benchmarks.exports [rows]

Everything is made in a transaction that is rolled back.
"""

import os
import sys
import time
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Membership, Organisation, User  # noqa: E402
from benchmarks.results import peak  # noqa: E402
from contracts.models import Contract  # noqa: E402
from documents.exports import LISTINGS, download  # noqa: E402
from parcours.models import Worker  # noqa: E402


def fill(rows: int) -> User:
    structure = Organisation.objects.create(kind="ACI", name="Banc des exports")
    user = User.objects.create(email="banc@exemple.test")
    Membership.objects.create(user=user, organisation=structure, role="director", started_on=date(2020, 1, 1))
    for start in range(0, rows, 5000):
        workers = Worker.objects.bulk_create(
            Worker(organisation=structure, last_name=f"Nom{n}", first_name="Prénom", reference=f"M{n}")
            for n in range(start, min(start + 5000, rows))
        )
        Contract.objects.bulk_create(
            Contract(
                worker=worker, kind="FIXED_TERM_I", started_on=date(2025, 1, 1), weekly_hours=26, hourly_gross="12.02",
                planned_end_on=date(2025, 1, 1) + timedelta(days=180), reference=f"C{worker.pk}",
            )
            for worker in workers
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parcours_worker, contracts_contract, accounts_organisation")  # else plans are guesses
    return user


def run(rows: int) -> None:
    user = fill(rows)
    listing = LISTINGS["contracts"]
    started = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT o.name, w.reference, w.last_name, w.first_name, c.reference, c.kind, c.signed_on, c.started_on,"
            " c.planned_end_on, c.ended_on, c.end_reason, c.weekly_hours, c.hourly_gross, c.rome_code"
            " FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id"
            " JOIN accounts_organisation o ON o.id = w.organisation_id"
            " WHERE o.name = 'Banc des exports' ORDER BY c.id) TO STDOUT"
        ) as copy,
    ):
        size = sum(len(piece) for piece in copy)
    bare = time.perf_counter() - started
    print(f"COPY nu : {rows} lignes, {size / 1e6:5.1f} Mo en {bare:5.2f} s")
    for format in ("csv", "xlsx"):
        before = peak()
        with CaptureQueriesContext(connection) as asked:
            started = time.perf_counter()
            file = download(
                by=user, listing=listing, rows=listing.rows(user), format=format, filters={}, at=timezone.now()
            )
            size = sum(len(piece) for piece in file.pieces)
            seconds = time.perf_counter() - started
        print(
            f"   {format:>4} : {size / 1e6:5.1f} Mo en {seconds:5.2f} s, {len(asked)} requêtes, "
            f"{seconds / bare:5.1f}× le COPY, mémoire {before} → {peak()} Mo"
        )


if __name__ == "__main__":
    with transaction.atomic():
        for rows in [int(sys.argv[1])] if len(sys.argv) > 1 else [5_000, 50_000]:
            run(rows)
            Organisation.objects.filter(name="Banc des exports").update(name="Banc précédent")
            User.objects.filter(email="banc@exemple.test").update(email=f"banc{rows}@exemple.test")
        transaction.set_rollback(True)
