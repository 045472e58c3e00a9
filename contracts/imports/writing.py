"""Understood lines against what the structure already knows: matched, checked, written batch by batch.

What a batch speaks of is loaded for that batch alone, so memory does not grow with the file or the structure. A blank cell
never erases. A line that the law or the tables forbid is a fault and leaves the others alone: constraints are checked here
first, and if the database still refuses a batch it is halved until the culprit is alone.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db import DataError, IntegrityError, models, transaction
from django.db.models import F

from accounts.models import Organisation
from audit.saving import violated
from contracts.imports.formats import Fault
from contracts.imports.staging import SCATTER, Among, M, Staging, loaded
from contracts.imports.values import plain
from contracts.models import Assignment, Contract, PayMinimum, WorkedMonth
from parcours.models import PassIAE, Pathway, Worker

Values = dict[str, Any]
Numbered = list[tuple[int, Values]]
Rows = list[tuple[int, models.Model]]
NO_END = date.max
ONE_AT_A_TIME = {Pathway, Contract}  # a person's do not overlap: an index of ranges says so
ORDER: tuple[type[models.Model], ...] = (Worker, Pathway, PassIAE, Contract, Assignment, WorkedMonth, PayMinimum)
WHO = ("id", "reference", "emplois_id", "last_name", "first_name", "birth_date")  # what finds a person
MOST_WAITING = 10_000  # lines kept aside because they may depend on a later one


class Refused(Exception):
    """A line that cannot be written: the column, what is wrong, how to mend it.

    `later`: another line of the file may still make it right, so it is tried again after the last one.
    """

    def __init__(self, column: str, message: str, remedy: str, value: object = "", later: bool = False) -> None:
        super().__init__(message)
        self.column, self.message, self.remedy, self.value, self.later = column, message, remedy, str(value), later

    def fault(self, number: int) -> Fault:
        return Fault(number, self.column, self.value, self.message, self.remedy)


@dataclass
class Tally:
    """What became of the objects of one kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Batch:
    """Rows of one batch waiting to be written, with the line each comes from; the new ones by kind."""

    new: dict[type[models.Model], Rows] = field(default_factory=lambda: defaultdict(list))
    changed: dict[models.Model, tuple[int, set[str]]] = field(default_factory=dict)


class People:
    """The people of one structure that some lines speak of, found by identifier, else by name and birth date."""

    def __init__(
        self,
        organisation: Organisation,
        lines: list[Values],
        reference: str = "worker_reference",
        emplois_id: str = "worker_emplois_id",
        columns: Sequence[str] = WHO,
    ) -> None:
        self.workers: dict[int, Worker] = {}
        self.by_reference: dict[str, Worker] = {}
        self.by_emplois: dict[int, Worker] = {}
        everyone = Worker.objects.filter(organisation=organisation)
        references = {values[reference] for values in lines if values.get(reference)}
        numbers = {values[emplois_id] for values in lines if values.get(emplois_id)}
        found: dict[int, Worker] = {}
        if references:
            found |= {one.id: one for one in loaded(everyone.filter(Among(F("reference"), references)), *columns)}
        if numbers:
            found |= {one.id: one for one in loaded(everyone.filter(Among(F("emplois_id"), numbers)), *columns)}
        namesakes = [pk for pk in self._namesakes(everyone, lines) if pk not in found]
        if namesakes:
            found |= {one.id: one for one in loaded(everyone.filter(Among(F("id"), namesakes)), *columns)}
        for number in sorted(found):
            self.add(found[number])

    @staticmethod
    def _namesakes(everyone: models.QuerySet[Worker], asked: list[Values]) -> list[int]:
        """Those who have the name and the birth date of a line."""
        people = {key for values in asked if (key := person_key(values))}
        born = {birth_date for _name, birth_date in people}
        known = everyone.filter(Among(F("birth_date"), born)).values_list("pk", "last_name", "first_name", "birth_date")
        return [
            pk
            for pk, last_name, first_name, birth_date in (known.iterator(chunk_size=5000) if born else ())
            if (plain(f"{last_name} {first_name}"), birth_date) in people
        ]

    def add(self, worker: Worker) -> None:
        self.workers[worker.pk] = worker
        if worker.reference:
            self.by_reference[worker.reference] = worker
        if worker.emplois_id:
            self.by_emplois[worker.emplois_id] = worker
        if "by_person" in self.__dict__:
            self._name(worker)

    @cached_property
    def by_person(self) -> dict[tuple[str, date], list[Worker]]:
        """By name and birth date, made when a line first names somebody so."""
        named: dict[tuple[str, date], list[Worker]] = defaultdict(list)
        self.__dict__["by_person"] = named
        for worker in self.workers.values():
            self._name(worker)
        return named

    def _name(self, worker: Worker) -> None:
        key = person_key(worker.__dict__)
        if key and worker not in self.by_person[key]:
            self.by_person[key].append(worker)

    def all(self) -> list[Worker]:
        return list(self.workers.values())

    def same_person(self, values: Values) -> list[Worker]:
        key = person_key(values)
        return self.by_person.get(key, []) if key else []

    def find(self, values: Values) -> Worker:
        """The person a line speaks of. Raises Refused when unknown, or when two people fit."""
        if (number := values.get("worker_emplois_id")) is not None:
            found = self.by_emplois.get(number)
            if found is None:
                raise Refused("", "Personne inconnue", "Importez d'abord le fichier des candidats des Emplois.", number)
            return found
        if reference := values.get("worker_reference"):
            found = self.by_reference.get(reference)
            if found is None:
                raise Refused("Matricule", "Personne inconnue", "Importez d'abord le fichier des personnes.", reference)
            return found
        fitting = self.same_person(values)
        if len(fitting) == 1:
            return fitting[0]
        name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
        if fitting:
            raise Refused("Nom", "Deux personnes ont ce nom et cette date de naissance", "Ajoutez le matricule.", name)
        if person_key(values) is None:
            raise Refused(
                "Nom", "Aucune personne désignée", "Donnez le matricule, ou nom, prénom et date de naissance."
            )
        raise Refused("Nom", "Personne inconnue", "Importez d'abord le fichier des personnes.", name)


def person_key(values: Values) -> tuple[str, date] | None:
    """Name and birth date as they are compared; None when one is missing."""
    last_name, first_name, birth_date = (values.get(name) for name in ("last_name", "first_name", "birth_date"))
    return (plain(f"{last_name} {first_name}"), birth_date) if last_name and first_name and birth_date else None


class Writer:
    """Writes the lines of one file for one structure. Subclasses say what a batch needs and how a line becomes rows."""

    def __init__(self, organisation: Organisation, today: date) -> None:
        self.organisation, self.today = organisation, today
        self.tallies: dict[type[models.Model], Tally] = defaultdict(Tally)
        self.stagings: dict[type[models.Model], Staging] = {}
        self.batch = Batch()
        self.seen: dict[int, int] = {}
        self.waiting: list[tuple[int, Values]] = []
        self.last_try = False

    def counts(self) -> dict[str, dict[str, int]]:
        """What became of each kind of object, under its French name."""
        return {str(model._meta.verbose_name_plural): asdict(tally) for model, tally in self.tallies.items()}

    def write(self, lines: Numbered) -> tuple[int, list[Fault]]:
        """Write some lines; the number of good ones, and the faults of the others. Lines may be kept for `finish`."""
        faults: list[Fault] = []
        good = 0
        self.load([values for _number, values in lines])
        for number, values in lines:
            try:
                self.line(number, dict(values))
                good += 1
            except Refused as refused:
                if refused.later and not self.last_try and len(self.waiting) < MOST_WAITING:
                    self.waiting.append((number, values))
                else:
                    faults.append(refused.fault(number))
        late = self.flush()
        return good - len({fault.line for fault in late}), faults + late

    def finish(self) -> tuple[int, list[Fault]]:
        """Try again the lines that waited for others, as long as one more goes in; then the rest are faults."""
        total, faults = 0, list[Fault]()
        while self.waiting:
            lines, self.waiting = self.waiting, []
            good, wrong = self.write(lines)
            total, faults = total + good, faults + wrong
            self.last_try = good == 0
        return total, faults

    def load(self, lines: list[Values]) -> None:
        """Load what the structure knows of the people and things these lines speak of, in a fixed number of queries."""

    def line(self, number: int, values: Values) -> None:
        """Turn a line into rows to add or change. Raises Refused."""
        raise NotImplementedError

    def once(self, key: object, number: int) -> None:
        """Raises Refused when an earlier line of the file already spoke of the same thing."""
        first = self.seen.setdefault(hash(key), number)
        if first != number:
            raise Refused("", f"Déjà décrit à la ligne {first}", "Gardez une seule des deux lignes.")

    def staging(self, model: type[models.Model]) -> Staging:
        if model not in self.stagings:
            self.stagings[model] = Staging(model)
        return self.stagings[model]

    def add(self, number: int, model: type[M], /, **values: Any) -> M:
        """A new row of the line, to write with the batch: its values by attribute, a reference by its number."""
        row: Any = self.staging(model).new(values)
        self.batch.new[model].append((number, row))
        return row  # type: ignore[no-any-return]

    def merge(self, number: int, row: models.Model, values: Values) -> None:
        """Put known values into a row; it is written only when one differs."""
        different = {name for name, value in values.items() if getattr(row, name) != value}
        for name in different:
            setattr(row, name, values[name])
        if row._state.adding:  # created by an earlier line of the same batch
            return
        if different:
            self.batch.changed.setdefault(row, (number, set()))[1].update(different)
        elif row not in self.batch.changed:
            self.tallies[type(row)].unchanged += 1

    def flush(self) -> list[Fault]:
        """Write the batch: changes first, which may make room for new rows; then new rows, what is pointed to first."""
        batch, self.batch = self.batch, Batch()
        faults: list[Fault] = []
        lost: set[tuple[type[models.Model], int]] = set()
        by_fields: dict[tuple[type[models.Model], tuple[str, ...]], Rows] = defaultdict(list)
        after: dict[tuple[type[models.Model], tuple[str, ...]], Rows] = defaultdict(list)
        new = {(model, row.pk) for model, new in batch.new.items() for _number, row in new} if batch.changed else set()
        for row, (number, names) in batch.changed.items():
            points_to_new = any(target in new for target in _targets(row))
            (after if points_to_new else by_fields)[type(row), tuple(sorted(names))].append((number, row))
        faults += self._changes(by_fields, lost)
        for model in ORDER:
            if not (rows := batch.new[model]):
                continue
            if model in ONE_AT_A_TIME:
                rows.sort(key=lambda numbered: scattered(numbered[1]))
            faults += self._safely(rows, self.staging(model).insert, lost)
            written = [row for _number, row in rows if not lost or (model, row.pk) not in lost]
            for row in written:
                row._state.adding = False
            if written:
                self.tallies[model].created += len(written)
        return faults + self._changes(after, lost)

    def _changes(
        self,
        by_fields: dict[tuple[type[models.Model], tuple[str, ...]], Rows],
        lost: set[tuple[type[models.Model], int]],
    ) -> list[Fault]:
        faults: list[Fault] = []
        for (model, names), rows in by_fields.items():
            staging = self.staging(model)

            def change(
                these: Sequence[models.Model], staging: Staging = staging, names: tuple[str, ...] = names
            ) -> None:
                staging.change(these, names)

            late = self._safely(rows, change, lost)
            self.tallies[model].changed += len(rows) - len(late)
            faults += late
        return faults

    def _safely(
        self, rows: Rows, write: Callable[[Sequence[models.Model]], None], lost: set[tuple[type[models.Model], int]]
    ) -> list[Fault]:
        """Write rows at once; when the database refuses them, halve until the guilty one is alone."""
        faults: list[Fault] = []
        if lost:
            orphans = [(number, row) for number, row in rows if any(target in lost for target in _targets(row))]
            faults = [
                Fault(n, "", "", "Cette ligne dépend d'une ligne refusée", "Corrigez d'abord l'autre ligne.")
                for n, _row in orphans
            ]
            lost |= {(type(row), row.pk) for _number, row in orphans if row._state.adding}
            left = {id(row) for _number, row in orphans}
            rows = [(number, row) for number, row in rows if id(row) not in left]
        if not rows:
            return faults
        try:
            with transaction.atomic():
                write([row for _number, row in rows])
            return faults
        except (IntegrityError, DataError) as error:
            if len(rows) == 1:
                number, row = rows[0]
                if row._state.adding:
                    lost.add((type(row), row.pk))
                refusal = violated(error, type(row)) if isinstance(error, IntegrityError) else None
                message = refusal.messages[0] if refusal else "La base refuse cette ligne"
                return [*faults, Fault(number, "", "", message, "Corrigez la ligne ou retirez-la.")]
        middle = len(rows) // 2
        return faults + self._safely(rows[:middle], write, lost) + self._safely(rows[middle:], write, lost)


def scattered(row: Any) -> tuple[int, int, date]:
    """The order to write rows whose people's ranges may not overlap: a contract after the one it renews, and neighbours apart,
    which costs an index of ranges (GiST) half as much as one after the other."""
    return row.worker_id % SCATTER, row.worker_id, row.started_on


def _targets(row: models.Model) -> list[tuple[type[models.Model], int]]:
    """What a row points to, as (model, primary key)."""
    return [
        (field.related_model, getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    ]
