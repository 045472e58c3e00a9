"""How fast files come in, beside a bare COPY of the same rows: `python -m benchmarks.imports [lines…]`.

For each size, in a database of its own, dropped at the end: a file of people and one of contracts for a new structure, given to the
importer (read, understand, match, check, write, history, references, commit), five structures one after the other; then the same
contracts by COPY into a table of the same shape, with its indexes. Medians; kept for docs/performance.md.
"""

import os
import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from io import BytesIO
from statistics import median
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from benchmarks.database import database  # noqa: E402
from benchmarks.results import keep, peak  # noqa: E402
from contracts import imports  # noqa: E402

TURNS = 5


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


def bare(organisation: Organisation) -> float:
    """Seconds a COPY of a structure's contracts takes, into a table with the same indexes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (LIKE contracts_contract INCLUDING ALL) ON COMMIT DROP")
        cursor.execute(
            "SELECT c.* FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id WHERE w.organisation_id = %s"
            " ORDER BY c.id",
            [organisation.pk],
        )
        rows = cursor.fetchall()
        started = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return time.perf_counter() - started


def measured(lines: int) -> dict[str, float]:
    """Median seconds of each file, and of the bare COPY."""
    taken: dict[str, list[float]] = defaultdict(list)
    for turn in range(TURNS):
        organisation = Organisation.objects.create(kind="ACI", name=f"Banc {turn}")
        for name, content in zip(("people", "contracts"), files(lines), strict=True):
            started = time.perf_counter()
            file = imports.receive(by=None, organisation=organisation, name=f"{name}.csv", stream=BytesIO(content))
            file = imports.commit(by=None, file=file)
            taken[name].append(time.perf_counter() - started)
            assert file.good_lines == lines, file.refusal
        taken["bare"].append(bare(organisation))
    return {name: median(times) for name, times in taken.items()} | {"lines": lines, "memory": peak()}


def main(sizes: list[int]) -> None:
    runs = []
    for lines in sizes:
        with database(f"banc_imports_{lines}", keep=False), TemporaryDirectory() as folder:
            settings.MEDIA_ROOT = folder
            one = measured(lines)
        runs.append(one)
        print(
            f"{lines} lignes : personnes {lines / one['people']:.0f}/s, contrats {lines / one['contracts']:.0f}/s"
            f" ({one['contracts'] / one['bare']:.1f} × le COPY nu), {one['memory']:.0f} Mo au plus",
            flush=True,
        )
    keep("imports", turns=TURNS, sizes=runs)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [20_000])
