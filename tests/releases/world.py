"""A federation of invented structures and people, straight into a snapshot: what a release is made of, without the facts."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np

from accounts.models import Departement, Organisation, Region
from accounts.roles import Role
from disclosure.population import Population
from disclosure.synthetic import population
from indicators.periods import Period
from jobs.models import Job
from releases import actions, facts, snapshot, tasks
from releases.catalogue import catalogue
from releases.models import Release
from tests.factories import CommuneFactory, FederationFactory, user_with

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
SEXES = {"F": "F", "H": "M"}
AGES = {"<26": "-26", "26-34": "26-49", "35-44": "26-49", "45-54": "50+", "55+": "50+"}
LEVELS = {"3": "2", "4": "3", "5+": "4", "infra 3": "1"}


class World:
    """The federation, its analyst and its publisher, and its structures where the population says they are."""

    def __init__(self, people: Population) -> None:
        self.people = people
        self.federation = FederationFactory()
        self.analyst = user_with(Role.ANALYST, self.federation)
        self.publisher = user_with(Role.PUBLISHER, self.federation)
        dimensions = people.dimensions
        _codes, first = np.unique(dimensions["structure"].codes, return_index=True)
        regions = [Region(code=f"{chr(65 + n)}Z", name=name) for n, name in enumerate(dimensions["region"].labels)]
        Region.objects.bulk_create(regions)
        region_of = dict(zip(dimensions["department"].codes[first], dimensions["region"].codes[first], strict=True))
        departments = {
            number: Departement(
                code=f"Z{number:02d}", name=dimensions["department"].labels[number], region=regions[region]
            )
            for number, region in sorted(region_of.items())
        }
        Departement.objects.bulk_create(departments.values())
        communes = {
            n: CommuneFactory(code=f"Z{n:04d}", name=f"Ville {n}", departement=d) for n, d in departments.items()
        }
        self.structures = Organisation.objects.bulk_create(
            Organisation(
                kind=dimensions["kind"].labels[dimensions["kind"].codes[row]],
                name=f"Structure {code}",
                federation=self.federation,
                commune=communes[dimensions["department"].codes[row]],
            )
            for code, row in zip(_codes, first, strict=True)
        )
        self.number_of = dict(zip(_codes.tolist(), (s.pk for s in self.structures), strict=True))

    def rows(self, seed: int = 1) -> Iterator[facts.Row]:
        """The people as rows of a snapshot, with a value for each attribute of the catalogue (unknown for one in ten)."""
        draw = np.random.default_rng(seed)
        size = len(self.people)
        told = {name: [column.labels[code] for code in column.codes] for name, column in self.people.dimensions.items()}
        values: dict[str, list] = {}
        for table in catalogue().tables:
            if not table.attribute or table.attribute in values:
                continue
            known = draw.random(size) < 0.9
            if table.counts_labels:
                weights = draw.dirichlet(np.ones(len(table.labels)) * 4)
                drawn = draw.choice(len(table.labels), size, p=weights)
                values[table.attribute] = [table.labels[n] if k else None for n, k in zip(drawn, known, strict=True)]
            else:
                low, high = (table.low, table.high) if table.high > table.low else (-24, 24)
                drawn = np.round(draw.uniform(low, high, size), 2)
                values[table.attribute] = [float(x) if k else None for x, k in zip(drawn, known, strict=True)]
        structure = self.people.dimensions["structure"].codes.tolist()
        for n, person in enumerate(self.people.persons.tolist()):
            kept = {name: column[n] for name, column in values.items() if column[n] is not None}
            yield (
                person, self.number_of[structure[n]], SEXES[told["sex"][n]], AGES[told["age"][n]], LEVELS[told["level"][n]],
                kept,
            )  # fmt: skip

    def begun(self, period: Period = YEAR, at: datetime = NOW) -> Release:
        """A release asked for, whose key the first job has named."""
        release = actions.prepare(by=self.analyst, federation=self.federation, period=period, known_at=at)
        tasks.begin(release=release.pk)
        return Release.objects.get(pk=release.pk)

    def prepared(self, rows=None, period: Period = YEAR, at: datetime = NOW) -> Release:
        """A release whose snapshot is these rows, its jobs done up to the checks."""
        release = self.begun(period, at)
        snapshot.write(release, self.rows() if rows is None else rows)
        Job.objects.filter(batch=release.batch).update(done_at=at)
        for step in (tasks.freeze, tasks.protect, tasks.audit):
            step(release=release.pk)
        return Release.objects.get(pk=release.pk)

    def published(self, rows=None, period: Period = YEAR, at: datetime = NOW) -> Release:
        release = self.prepared(rows, period, at)
        assert release.state == Release.State.AUDITED, json.dumps(release.audits.first().report, indent=1)
        actions.approve(by=self.publisher, release=release, at=at)
        return actions.publish(by=self.publisher, release=release, at=at)


def small_world(structures: int = 12) -> World:
    """Some 12 structures of about 60 people in three regions."""
    return World(population(seed=3, structures=structures, mean_size=60, regions=3, departments=6))
