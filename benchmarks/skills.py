"""Searching ROME: `python -m benchmarks.skills`, on a database with ROME loaded (`manage.py load_reference rome FOLDER`).

Milliseconds of `skills.search.closest` (ORM, worst and median of many queries with typos) beside the same bare SQL.
"""

import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from skills.models import Skill  # noqa: E402
from skills.search import LIKENESS, MOST, closest  # noqa: E402

ASKED = [
    "elaguer des arbres", "netoyer", "conduire un chariot", "peinture", "accueillir le public", "soudrue", "cuisinne",
    "preparer les commandes", "maconnerie", "reparer un velo", "trier des dechets", "entretenir un logement",
]  # fmt: skip
SQL = """SELECT id, label FROM skills_skill WHERE kind IN ('know_how', 'behaviour') AND label_key %%> plain_text(%s)
    ORDER BY word_similarity(plain_text(%s), label_key) DESC, label_key, id LIMIT %s"""


def spent(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def bare(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [str(LIKENESS)])
        cursor.execute(SQL, [text, text, MOST])
        cursor.fetchall()


def main():
    rows = Skill.objects.filter(kind__in=("know_how", "behaviour"))
    bare("echauffement")
    orm, sql = [], []
    for _turn in range(5):
        for text in ASKED:
            orm.append(spent(lambda text=text: closest(rows, text)))
            sql.append(spent(lambda text=text: bare(text)))
    print(f"{rows.count()} skills, {len(orm)} searches")
    print(f"search   median {statistics.median(orm):6.1f} ms   worst {max(orm):6.1f} ms")
    print(f"bare SQL median {statistics.median(sql):6.1f} ms   worst {max(sql):6.1f} ms")
    print(f"ratio of medians {statistics.median(orm) / statistics.median(sql):.2f}")


if __name__ == "__main__":
    main()
