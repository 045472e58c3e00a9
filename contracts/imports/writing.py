"""Understood lines against what the structure already knows: matched, checked, written batch by batch.

A blank cell never erases. A line that the law or the tables forbid is a fault and leaves the others alone: constraints are
checked here first, and if the database still refuses a batch it is written again row by row to find the culprit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError, models, transaction

from accounts.models import Organisation
from audit.saving import violated
from contracts.imports.formats import Fault
from contracts.imports.values import plain
from contracts.models import Assignment, Contract, WorkedMonth
from parcours.models import PassIAE, Pathway, Worker

Values = dict[str, Any]
NO_END = date.max
Person = tuple[str, str, date]


class Refused(Exception):
    """A line that cannot be written: the column, what is wrong, how to mend it."""

    def __init__(self, column: str, message: str, remedy: str, value: object = "") -> None:
        super().__init__(message)
        self.column, self.message, self.remedy, self.value = column, message, remedy, str(value)


@dataclass
class Tally:
    """What became of the objects of one kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Batch:
    """Rows of one batch waiting to be written, with the line each comes from."""

    new: list[tuple[int, models.Model]] = field(default_factory=list)
    changed: dict[int, tuple[int, models.Model, set[str]]] = field(default_factory=dict)


class People:
    """The people of one structure, found by identifier, else by name and birth date."""

    def __init__(self, organisation: Organisation) -> None:
        self.by_reference: dict[str, Worker] = {}
        self.by_emplois: dict[int, Worker] = {}
        self.by_person: dict[Person, list[Worker]] = defaultdict(list)
        for worker in Worker.objects.filter(organisation=organisation).iterator(chunk_size=5000):
            self.add(worker)

    def add(self, worker: Worker) -> None:
        if worker.reference:
            self.by_reference[worker.reference] = worker
        if worker.emplois_id:
            self.by_emplois[worker.emplois_id] = worker
        if worker.birth_date:
            self.by_person[plain(worker.last_name), plain(worker.first_name), worker.birth_date].append(worker)

    def same_person(self, values: Values) -> list[Worker]:
        if not all(values.get(name) for name in ("last_name", "first_name", "birth_date")):
            return []
        return self.by_person.get((plain(values["last_name"]), plain(values["first_name"]), values["birth_date"]), [])

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
        if not fitting:
            raise Refused("Nom", "Personne inconnue", "Importez d'abord le fichier des personnes.", name)
        raise Refused("Nom", "Deux personnes ont ce nom et cette date de naissance", "Ajoutez le matricule.", name)


class Writer:
    """Writes the lines of one file for one structure. Subclasses say how a line becomes rows."""

    def __init__(self, organisation: Organisation, today: date) -> None:
        self.organisation, self.today = organisation, today
        self.people = People(organisation)
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.batch = Batch()
        self.seen: dict[object, int] = {}

    def write(self, lines: Iterable[tuple[int, Values]]) -> tuple[int, list[Fault]]:
        """Write some lines; the number of good ones, and the faults of the others."""
        faults: list[Fault] = []
        good = 0
        for number, values in lines:
            try:
                self.line(number, values)
                good += 1
            except Refused as refused:
                faults.append(Fault(number, refused.column, refused.value[:250], refused.message, refused.remedy))
        late = self.flush()
        return good - len({fault.line for fault in late}), faults + late

    def line(self, number: int, values: Values) -> None:
        raise NotImplementedError

    def once(self, key: object, number: int) -> None:
        """Raises Refused when an earlier line of the file already spoke of the same thing."""
        first = self.seen.setdefault(key, number)
        if first != number:
            raise Refused("", f"Déjà décrit à la ligne {first}", "Gardez une seule des deux lignes.")

    def add(self, number: int, row: models.Model) -> None:
        self.tallies[str(row._meta.verbose_name_plural)].created += 1
        self.batch.new.append((number, row))

    def merge(self, number: int, row: models.Model, values: Values) -> None:
        """Put known values into a row; counted as changed only when one differs."""
        tally = self.tallies[str(row._meta.verbose_name_plural)]
        different = {name for name, value in values.items() if getattr(row, name) != value}
        if not different:
            tally.unchanged += 1
            return
        for name in different:
            setattr(row, name, values[name])
        if row.pk is None:  # created by an earlier line of the same batch
            return
        tally.changed += 1
        kept = self.batch.changed.setdefault(id(row), (number, row, set()))
        kept[2].update(different)

    def flush(self) -> list[Fault]:
        """Write the batch: new rows by kind in the order they point to each other, then changes."""
        batch, self.batch = self.batch, Batch()
        faults: list[Fault] = []
        lost: set[int] = set()
        for model in (Worker, Pathway, PassIAE, Contract, Assignment, WorkedMonth):
            waiting: Numbered = [(n, row) for n, row in batch.new if type(row) is model and n not in lost]
            while waiting:
                ready = [(n, row) for n, row in waiting if _ready(row)]
                waiting = [(n, row) for n, row in waiting if not _ready(row)]
                if not ready:  # they renew a contract that was refused
                    faults += [
                        Fault(
                            n, "Renouvelle", "", "Le contrat renouvelé n'a pas pu être importé", "Corrigez-le d'abord."
                        )
                        for n, _row in waiting
                    ]
                    break
                written = self._safely(ready, partial(_create, model))
                faults += written
                lost |= {fault.line for fault in written}
        by_fields: dict[tuple[type[models.Model], tuple[str, ...]], list[tuple[int, models.Model]]] = defaultdict(list)
        for number, row, names in batch.changed.values():
            by_fields[type(row), tuple(sorted(names))].append((number, row))
        for (model_, names_), rows in by_fields.items():
            faults += self._safely(rows, partial(_change, model_, names_))
        return faults

    def _safely(
        self, rows: list[tuple[int, models.Model]], write: Callable[[list[tuple[int, models.Model]]], object]
    ) -> list[Fault]:
        """Write rows at once; when the database refuses them, halve until the guilty one is alone."""
        if not rows:
            return []
        try:
            with transaction.atomic():
                write(rows)
            return []
        except IntegrityError as error:
            if len(rows) == 1:
                number, row = rows[0]
                refusal = violated(error, type(row))
                message = refusal.messages[0] if refusal else "La base refuse cette ligne"
                self.tallies[str(row._meta.verbose_name_plural)].created -= row.pk is None
                return [Fault(number, "", "", message, "Corrigez la ligne ou retirez-la.")]
        middle = len(rows) // 2
        for _number, row in rows:
            if row._state.adding:
                row.pk = None
        return self._safely(rows[:middle], write) + self._safely(rows[middle:], write)


Numbered = list[tuple[int, models.Model]]


def _create(model: type[models.Model], rows: Numbered) -> None:
    model._default_manager.bulk_create([row for _number, row in rows])


def _change(model: type[models.Model], names: tuple[str, ...], rows: Numbered) -> None:
    model._default_manager.bulk_update([row for _number, row in rows], names)


def _ready(row: models.Model) -> bool:
    """Whether what a new row points to is already written: a renewal may come in the batch of the contract it renews."""
    return not isinstance(row, Contract) or row.renews is None or row.renews.pk is not None
