# ruff: noqa: S608 - the only variable parts of these statements are names of tables
"""From the ledger to the released tables, in two statements an audience."""

from datetime import datetime

from django.db import connection
from django.utils import translation

from accounts.models import Departement, Region
from disclosure.audience import Audience
from disclosure.catalogue import Measure
from disclosure.population import STRUCTURE
from law.nomenclature import nomenclatures
from releases import protecting, snapshot
from releases.catalogue import Table
from releases.models import Issue, LedgerCell, Release, ReleasedCell, ReleasedTable
from releases.notes import note

QUARTILES = {"p25": "Premier quartile", "p50": "Médiane", "p75": "Troisième quartile"}
CELLS = f"""
INSERT INTO {ReleasedCell._meta.db_table} (table_id, place, coordinates, category, base, number, value, error, marker)
SELECT t.id, l.place,
    COALESCE((SELECT jsonb_object_agg(split_part(part, '=', 1), split_part(part, '=', 2))
              FROM unnest(string_to_array(NULLIF(l.place, ''), '|')) part), '{{}}'),
    l.category, l.base, l.number, l.value, l.error, l.marker
FROM {LedgerCell._meta.db_table} l
JOIN {ReleasedTable._meta.db_table} t ON t.issue_id = %(issue)s AND t.code = l.table AND t.margin = l.margin
WHERE l.release_id = %(release)s AND l.audience = %(audience)s
ORDER BY l.id
"""


def publish(release: Release, audience: Audience, at: datetime) -> Issue:
    """Write what an audience may read of a release."""
    issue = Issue.objects.create(
        release=release,
        federation=release.federation_id,
        audience=audience.value,
        period_start=release.period_start,
        period_end=release.period_end,
        label=release.period.label,
        revision=release.revision,
        known_at=release.known_at,
        published_at=at,
        catalogue=release.catalogue,
        policy=release.policy,
        ptable_sha256=protecting.ptable_of(release).sha256,
        labels=labels(release, audience),
        places=release.places if audience == Audience.FEDERATION else {},
        note=note(release, audience),
    )
    ReleasedTable.objects.bulk_create(
        ReleasedTable(
            issue=issue,
            code=table.code,
            margin=protecting.margin_name(margin),
            title=table.title,
            dimension=table.dimension,
            observatoire=list(table.observatoire),
            measure=table.measure.value,
            unit=table.unit,
            of=table.of,
            categories=categories(table),
        )
        for table in snapshot.tables_of(release)
        for margin in table.statistic(audience).margins
    )
    with connection.cursor() as cursor:
        cursor.execute(CELLS, {"issue": issue.pk, "release": release.pk, "audience": audience.value})
    return issue


def categories(table: Table) -> dict[str, str]:
    match table.measure:
        case Measure.SHARE:
            return table.categories
        case Measure.QUANTILES:
            return QUARTILES
        case Measure.MEAN:
            return {"mean": "Moyenne"}
        case Measure.SURVIVAL:
            return {"median": "Durée médiane"}
        case Measure.COUNT:
            return {"": table.title}


def labels(release: Release, audience: Audience) -> dict[str, dict[str, str]]:
    """Each dimension's codes in words, in their order."""
    unknown = {"?": "Non renseigné"}
    kinds = {entry["code"]: entry["label"] for entry in nomenclatures()["structure_kind"]}
    here = snapshot.labels_of(*filter(None, (release, protecting.former_release(release))))
    names: dict[str, dict[str, str]] = {
        "department": dict(Departement.objects.values_list("code", "name")),
        "region": dict(Region.objects.values_list("code", "name")),
        "kind": kinds,
        "sex": {"F": "Femmes", "M": "Hommes"},
        "age": {"-26": "Moins de 26 ans", "26-49": "26 à 49 ans", "50+": "50 ans et plus"},
        "level": {"1": "Sans diplôme", "2": "CAP ou BEP", "3": "Bac", "4": "Au-delà du bac"},
        STRUCTURE: {code: place["name"] for code, place in release.places.items()},
    }
    with translation.override("fr"):
        return {
            name: {code: str(names[name].get(code) or unknown.get(code, code)) for code in codes}
            for name, codes in here.items()
            if audience == Audience.FEDERATION or name != STRUCTURE
        }
