"""Follow-ups in one table, or cut up: `python -m benchmarks.partitions [rows]`, in a database of its own.

The same rows and the same indexes three times: one table; sixteen by hash of the pathway, which a person's page names; one for each
year, as archives are usually cut. What the site asks of them is timed in turn, by bare SQL: medians in milliseconds.
"""

import os
import random
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from benchmarks.database import database  # noqa: E402
from benchmarks.results import keep, milliseconds, timed  # noqa: E402

ROWS, TIMES, PEOPLE = 2_000_000, 200, 250  # people of a structure; five follow-ups each over five years
FIRST_YEAR, YEARS = 2022, 5
COLUMNS = "pathway_id, author_id, kind, outcome, held_on, minutes, themes, note, next_step, created_at, cancel_reason"
FILLED = f"""INSERT INTO {{table}} ({COLUMNS})
    SELECT n %% %(pathways)s + 1, n %% 997 + 1, 'telephone', 'present', date '{FIRST_YEAR}-01-01' + (n / %(pathways)s * 365 + n %% 353)::int,
           30, '{{{{logement}}}}', (ARRAY['Point sur le projet', 'Recherche de logement', 'Permis de conduire'])[1 + n %% 3], '', now(), ''
    FROM generate_series(0::bigint, %(rows)s - 1) n"""
ONE_MORE = f"INSERT INTO {{table}} ({COLUMNS}) SELECT {COLUMNS} FROM parcours_followup WHERE id <= %s"
WAYS = {"one table": "", "sixteen by hash of the pathway": "HASH (pathway_id)", "one a year": "RANGE (held_on)"}


def made(table: str, way: str) -> None:
    """A table like that of follow-ups, cut up or not, with its indexes; a unique one must also name what the table is cut by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'parcours_followup'")
        indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"CREATE TABLE {table} (LIKE parcours_followup INCLUDING DEFAULTS INCLUDING IDENTITY)"
                       + (f" PARTITION BY {way}" if way else ""))  # fmt: skip
        if way.startswith("HASH"):
            for n in range(16):
                cursor.execute(
                    f"CREATE TABLE {table}_{n} PARTITION OF {table} FOR VALUES WITH (MODULUS 16, REMAINDER {n})"
                )
        elif way:
            for year in range(FIRST_YEAR, FIRST_YEAR + YEARS + 1):
                cursor.execute(f"CREATE TABLE {table}_{year} PARTITION OF {table}"
                               f" FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')")  # fmt: skip
        key = f", {way.partition('(')[2]}" if way else ")"
        for number, index in enumerate(indexes):
            named = index.replace(index.split(" INDEX ")[1].split(" ON ")[0], f"{table}_index_{number}", 1)
            named = named.replace("public.parcours_followup", table)
            if way and "UNIQUE" in named and key.strip(", )") not in named:
                named = named[:-1] + key
            cursor.execute(named)


def asked(table: str, pathways: int) -> dict[str, Callable[[], Any]]:
    dice = random.Random(1)

    def run(sql: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=table), values)
            if cursor.description:
                cursor.fetchall()

    def structure() -> list[int]:
        first = dice.randrange(pathways // PEOPLE) * PEOPLE + 1
        return list(range(first, first + PEOPLE))

    last = "SELECT * FROM {table} WHERE pathway_id = ANY(%s) {and_} ORDER BY held_on DESC, id DESC LIMIT 30"
    return {
        "a person's": lambda: run(
            "SELECT * FROM {table} WHERE pathway_id = %s ORDER BY held_on DESC, id DESC", dice.randint(1, pathways)
        ),
        "a structure's last thirty": lambda: run(last.replace("{and_}", ""), structure()),
        "the same, of the last year": lambda: run(
            last.replace("{and_}", f"AND held_on >= date '{FIRST_YEAR + YEARS - 1}-01-01'"), structure()
        ),
        "one by its number": lambda: run("SELECT * FROM {table} WHERE id = %s", dice.randint(1, pathways)),
        "one more": lambda: run(ONE_MORE, 1),
    }


def measured(rows: int) -> dict[str, Any]:
    pathways, found = rows // 5, {}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # neither history nor references: the table alone
        cursor.execute(FILLED.format(table="parcours_followup"), {"rows": 200, "pathways": pathways})
        cursor.execute("VACUUM ANALYZE parcours_followup")
    for number, (name, way) in enumerate(WAYS.items()):
        table, told = f"banc_{number}", {}
        made(table, way)
        with connection.cursor() as cursor:
            fill = partial(cursor.execute, FILLED.format(table=table), {"rows": rows, "pathways": pathways})
            told["all of them, once (s)"] = timed(fill)[0]
            cursor.execute(f"VACUUM ANALYZE {table}")
        for what, ask in asked(table, pathways).items():
            taken = []
            for _time in range(TIMES):
                with transaction.atomic():
                    taken.append(milliseconds(ask))
                    transaction.set_rollback(True)
            told[what] = median(taken)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass", [table]
            )
            cut = cursor.fetchone()[0]
            cursor.execute("SELECT pg_table_size(%s) + pg_indexes_size(%s)", [table, table])
            told["megabytes"] = float(cut or cursor.fetchone()[0]) / 1e6
            cursor.execute(f"DROP TABLE {table}")
        found[name] = told
        print(name, {what: round(one, 2) for what, one in told.items()}, flush=True)
    return found


if __name__ == "__main__":
    asked_for = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with database("banc_partitions", keep=False):
        ways = measured(asked_for)
    keep("partitions", rows=asked_for, times=TIMES, ways=ways)
