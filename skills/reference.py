"""ROME 4.0 from France Travail's own CSV files: occupations, know-how, behaviour, knowledge, and who needs what.

`code_ogr` is the key of skills and knowledge, the only one that outlives a release; occupations keep their ROME code.
One transaction: twice changes nothing, an error writes nothing.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from skills.models import Framework, Skill

FILES = {
    "occupations": ("unix_referentiel_code_rome", {"code_rome", "libelle_rome"}, 1_500),
    "skills": ("unix_referentiel_competence", {"code_ogr", "libelle_competence", "cat_comp"}, 15_000),
    "knowledge": ("unix_referentiel_savoir", {"code_ogr_savoir", "libelle_savoir"}, 12_000),
    "links": ("unix_liens_rome_referentiels", {"code_rome", "code_ogr"}, 80_000),
}
KINDS = {"Savoir-faire": Skill.Kind.KNOW_HOW, "Savoir-être professionnel": Skill.Kind.BEHAVIOUR}


class RomeFileError(ValueError):
    """A file is missing, cut, or not the one it should be; the message says which and how to mend it, in French."""


def _read(folder: Path, name: str) -> Iterator[dict[str, str]]:
    prefix, columns, fewest = FILES[name]
    found = sorted([*folder.glob(f"{prefix}_v*.csv"), *folder.glob(f"{prefix}_v*.csv.gz")])
    if not found:
        raise RomeFileError(f"{folder.name} : fichier {prefix}_v….csv absent. Prenez l'archive ROME 4.0 complète.")
    path = found[-1]
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    missing = columns - set(table.fieldnames or [])
    if missing:
        raise RomeFileError(f"{path.name}, ligne 1 : colonnes absentes : {', '.join(sorted(missing))}.")
    count = 0
    for line in table:
        count += 1
        if any(not line[column] for column in columns):
            raise RomeFileError(f"{path.name}, ligne {table.line_num} : il y manque {', '.join(sorted(columns))}.")
        yield line
    if count < fewest:
        raise RomeFileError(f"{path.name} : {count} lignes lues, il en faut au moins {fewest}. Fichier incomplet.")


@transaction.atomic
def load_rome(folder: Path, version: str) -> dict[str, int]:
    """Load a release of ROME 4.0; returns how many of each. Raises RomeFileError."""
    framework, _new = Framework.objects.get_or_create(
        code="ROME",
        version=version,
        organisation=None,
        defaults={"name": "ROME 4.0", "source": f"France Travail – ROME 4.0 {version}, Licence Ouverte 2.0"},
    )

    def rows() -> Iterator[Skill]:
        for line in _read(folder, "occupations"):
            yield Skill(framework=framework, kind="occupation", code=line["code_rome"], label=line["libelle_rome"])
        for line in _read(folder, "skills"):
            kind = KINDS.get(line["cat_comp"], Skill.Kind.KNOW_HOW)
            yield Skill(framework=framework, kind=kind, code=line["code_ogr"], label=line["libelle_competence"][:300])
        for line in _read(folder, "knowledge"):
            label = line["libelle_savoir"][:300]
            yield Skill(framework=framework, kind="knowledge", code=line["code_ogr_savoir"], label=label)

    Skill.objects.bulk_create(
        rows(),
        update_conflicts=True,
        unique_fields=["framework", "kind", "code"],
        update_fields=["label"],
        batch_size=2000,
    )
    _link(framework, folder)
    kinds = Skill.objects.filter(framework=framework).values_list("kind", flat=True)
    return {kind: sum(one == kind for one in kinds) for kind in dict.fromkeys(kinds)}


def _link(framework: Framework, folder: Path) -> None:
    """Occupation → skill links, by COPY into a passing table then one INSERT."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE rome_link (occupation text, code text) ON COMMIT DROP")
        with cursor.copy("COPY rome_link FROM STDIN") as copy:
            for line in _read(folder, "links"):
                copy.write_row((line["code_rome"], line["code_ogr"]))
        cursor.execute(
            "ANALYZE rome_link, skills_skill"
        )  # rows of this very transaction: without it the join is a nested loop
        cursor.execute(
            """INSERT INTO skills_skill_occupations (from_skill_id, to_skill_id)
               SELECT DISTINCT s.id, o.id FROM rome_link l
               JOIN skills_skill o ON o.framework_id = %(id)s AND o.kind = 'occupation' AND o.code = l.occupation
               JOIN skills_skill s ON s.framework_id = %(id)s AND s.kind <> 'occupation' AND s.code = l.code
               ON CONFLICT DO NOTHING""",
            {"id": framework.pk},
        )
        cursor.execute("DROP TABLE rome_link")
