"""Searching ROME: `python -m benchmarks.skills`, on a database with ROME loaded (`manage.py load_reference rome FOLDER`).

Milliseconds of `skills.search.closest` (ORM, worst and median of many queries with typos) beside the same bare SQL; on a
machine that does something else, the best turn of each query is what the search itself takes.
"""

import os
import statistics

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from benchmarks.results import milliseconds  # noqa: E402
from skills.models import Skill  # noqa: E402
from skills.search import MOST, closest, likeness  # noqa: E402

ASKED = [
    "elaguer des arbres", "netoyer", "conduire un chariot", "peinture", "accueillir le public", "soudrue", "cuisinne",
    "preparer les commandes", "maconnerie", "reparer un velo", "trier des dechets", "entretenir un logement",
]  # fmt: skip
TURNS = 8
SQL = """SELECT id, label FROM skills_skill WHERE kind IN ('know_how', 'behaviour') AND label_key %%> plain_text(%s)
    ORDER BY word_similarity(plain_text(%s), label_key) DESC, label_key, id LIMIT %s"""


def bare(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [str(likeness(text))])
        cursor.execute(SQL, [text, text, MOST])
        cursor.fetchall()


def main():
    rows = Skill.objects.filter(kind__in=("know_how", "behaviour"))
    bare("echauffement")
    orm, sql, calm = [], [], []
    for text in ASKED:
        turns = [
            (milliseconds(lambda text=text: closest(rows, text)), milliseconds(lambda text=text: bare(text)))
            for _turn in range(TURNS)
        ]
        orm += [mine for mine, _bare in turns]
        sql += [theirs for _mine, theirs in turns]
        calm.append(min(mine for mine, _bare in turns))  # the turn that other work disturbed least
        print(f"  {text:<26} {calm[-1]:6.1f} ms")
    print(f"{rows.count()} skills, {len(orm)} searches, load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")
    print(
        f"calm     median {statistics.median(calm):6.1f} ms   worst {max(calm):6.1f} ms   (each query's best of {TURNS})"
    )
    print(f"search   median {statistics.median(orm):6.1f} ms   worst {max(orm):6.1f} ms")
    print(f"bare SQL median {statistics.median(sql):6.1f} ms   worst {max(sql):6.1f} ms")
    print(f"ratio of medians {statistics.median(orm) / statistics.median(sql):.2f}")


if __name__ == "__main__":
    main()
