"""The snapshot of a release: people of a period as known at K, blinded and frozen, and read back as a population."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation
from disclosure.keys import blinded
from disclosure.population import STRUCTURE, Column, Population
from indicators import scopes
from releases import facts
from releases.catalogue import Table, catalogue
from releases.contributed import rows_of
from releases.facts import Row
from releases.models import Release, SnapshotRow
from releases.secrets import secret_of

COLUMNS = ("release_id", "record", "structure", "sex", "age", "level", "values")
DRAWN_FROM = (Release.State.PREPARING, Release.State.PREPARED, Release.State.PROTECTED)
BY = 20_000  # rows read at a time


def tables_of(release: Release) -> tuple[Table, ...]:
    return catalogue(release.catalogue).of(year=release.is_year)


def structures_of(release: Release) -> list[int]:
    """Ids of the federation's structures open during the period, by itself or through their group."""
    inside = Organisation.objects.structures().affiliates_of(release.federation_id)
    still_open = inside.exclude(closed_on__lt=release.period_start)
    return list(still_open.order_by("id").values_list("id", flat=True).distinct())


def places_of(organisation_ids: Iterable[int], known_at: datetime) -> dict[str, dict[str, str]]:
    """Where each structure is as known at K, and its name: public facts, frozen with the release."""
    ids = sorted(set(organisation_ids))
    names = dict(Organisation.objects.filter(id__in=ids).values_list("id", "name"))
    return {
        str(place.id): {
            "name": names[place.id],
            "kind": place.kind,
            "department": place.departement or facts.UNKNOWN,
            "region": place.region or facts.UNKNOWN,
        }
        for place in scopes.places(known_at, ids)
    }


def take(release: Release, organisation_ids: Sequence[int]) -> int:
    """Write the rows of some structures, from what is known here or from what their member contributed. How many people."""
    contributed, rows = rows_of(release, organisation_ids)
    here = [pk for pk in organisation_ids if pk not in contributed]
    key = secret_of(release.period_end.year, release.key_id).of_people()
    # read whole before the first row is written: a connection that copies answers nothing else
    if here:
        rows += [
            (blinded(key, f"here|{worker_id}"), structure, told["sex"], told["age"], told["level"], values)
            for worker_id, structure, told, values in facts.people(
                here, release.period, release.known_at, tables_of(release)
            )
        ]
    return write(release, rows)


def drawing(organisation_id: int) -> Release | None:
    """A release that counts a structure and whose snapshot is still needed as it is: it is not drawn, or not checked, yet."""
    return Release.objects.filter(places__has_key=str(organisation_id), state__in=DRAWN_FROM).first()


def forget_people(organisation_id: int, worker_ids: Iterable[int]) -> int:
    """Remove people of a structure from every snapshot that may hold them. Figures drawn from it stay. How many rows.

    Raises ValidationError while a release is being drawn from one of them.
    """
    if release := drawing(organisation_id):
        raise ValidationError(
            _("La publication « %(release)s » compte sa structure : attendez qu'elle soit contrôlée.")
            % {"release": release}
        )
    removed = 0
    for release in Release.objects.filter(places__has_key=str(organisation_id)):
        rows = SnapshotRow.objects.filter(release=release)
        if rows.exists():
            key = secret_of(release.period_end.year, release.key_id).of_people()
            removed += rows.filter(record__in=[blinded(key, f"here|{pk}") for pk in worker_ids]).delete()[0]
    return removed


def write(release: Release, rows: Iterable[Row]) -> int:
    """Append rows to a snapshot, by COPY. Returns how many."""
    written = 0
    names = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY {SnapshotRow._meta.db_table} ({names}) FROM STDIN") as copy:
        for record, structure, sex, age, level, values in rows:
            copy.write_row((release.pk, record, structure, sex, age, level, json.dumps(values, sort_keys=True)))
            written += 1
    return written


def read(release: Release) -> Iterator[Row]:
    """All the rows, in the order of their keys."""
    rows = SnapshotRow.objects.filter(release=release).order_by("record")
    return rows.values_list("record", "structure", "sex", "age", "level", "values").iterator(chunk_size=BY)


def labels_of(*releases: Release) -> dict[str, tuple[str, ...]]:
    """The labels of each dimension, in their own order, for all the releases given."""
    places = {code: place for release in releases for code, place in release.places.items()}
    return {
        STRUCTURE: tuple(sorted(places, key=int)),
        **{
            name: tuple(sorted({place[name] for place in places.values()})) for name in ("department", "region", "kind")
        },
        "sex": facts.SEXES,
        "age": facts.AGES,
        "level": facts.LEVELS,
    }


def population(release: Release, labels: dict[str, tuple[str, ...]] | None = None) -> tuple[Population, str]:
    """The people of a snapshot on the labels given (its own by default), and the fingerprint of all that is in it."""
    known = labels or labels_of(release)
    code_of = {name: {label: code for code, label in enumerate(column)} for name, column in known.items()}
    size = SnapshotRow.objects.filter(release=release).count()
    persons = np.empty(size, dtype=np.int64)
    told = {name: np.empty(size, dtype=np.int64) for name in known}
    tables = {table.attribute: table for table in tables_of(release) if table.attribute}
    words = {name: {v: n for n, v in enumerate(t.labels)} for name, t in tables.items() if t.counts_labels}
    attributes = {name: np.full(size, -1, dtype=np.int64) for name in words}
    amounts = {name: np.full(size, np.nan) for name in tables if name not in words}
    digest = hashlib.sha256(json.dumps(release.places, sort_keys=True).encode())
    for number, row in enumerate(read(release)):
        record, structure, sex, age, level, values = row
        digest.update(json.dumps(row, sort_keys=True).encode())
        persons[number] = record
        place = release.places[str(structure)]
        where = {STRUCTURE: str(structure), **place, "sex": sex, "age": age, "level": level}
        for name, codes in code_of.items():
            told[name][number] = codes[where[name]]
        for name, value in values.items():
            if name in words:
                attributes[name][number] = words[name][value]
            elif name in amounts:
                amounts[name][number] = value
    people = Population(
        persons,
        {name: Column(told[name], known[name]) for name in known},
        {name: Column(codes, tables[name].labels) for name, codes in attributes.items()},
        amounts,
    )
    return people, digest.hexdigest()
