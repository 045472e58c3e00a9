"""A network shaped like life, for benchmarks: structures, people, pathways, PASS IAE, contracts, months, decisions.

`python -m benchmarks.seed [workers] [structures]` fills an empty database; benchmarks call `fill`. Deterministic: the
same arguments give the same rows. Rows are dealt by Python and written by COPY, a table at a time for each share of
people, so that memory stays flat. About 4.5 contracts a person: 220 000 people are a million contracts.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, models, transaction  # noqa: E402

from accounts.models import Membership, Organisation, User  # noqa: E402
from contracts.models import Assignment, Contract, Decision, WorkedMonth  # noqa: E402
from law.dates import add_months, last_day  # noqa: E402
from parcours.models import PassIAE, Pathway, Worker  # noqa: E402

TODAY = date(2026, 6, 15)
SHARE = 20_000  # people dealt before their rows are copied
KINDS = ("ACI", "ACI", "ACI", "ACI", "AI", "AI", "EI", "EI", "ETTI", "GEIQ")
FIRST = ("Amina", "Jean", "Fatou", "Karim", "Lucie", "Yann", "Nadia", "Pierre", "Awa", "Sofiane", "Élise", "Moussa")
LAST = ("Le Goff", "Diallo", "Martin", "Benali", "Moreau", "Traoré", "Petit", "Haddad", "Rivoal", "Da Silva", "Nguyen")
CLIENTS = ("particulier",) * 6 + ("association", "collectivite", "entreprise")
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Organisation: ("id", "kind", "name"),
    User: ("id", "email", "first_name", "last_name", "password"),
    Membership: ("id", "user_id", "organisation_id", "role", "started_on"),
    Worker: ("id", "organisation_id", "reference", "first_name", "last_name", "birth_date", "sex", "counsellor_id"),
    Pathway: ("id", "worker_id", "started_on", "ended_on", "phase"),
    PassIAE: ("id", "worker_id", "number", "started_on", "ended_on"),
    Contract: (
        "id", "worker_id", "kind", "renews_id", "signed_on", "started_on", "planned_end_on", "ended_on", "end_reason",
        "weekly_hours", "hourly_gross",
    ),
    Assignment: ("id", "contract_id", "client_name", "client_kind", "started_on", "ended_on"),
    WorkedMonth: ("id", "contract_id", "assignment_id", "month", "paid_hours", "gross_pay", "closed"),
    Decision: (
        "id", "worker_id", "contract_id", "rule", "due_on", "kind", "reason", "decided_by_id", "notified_on", "recorded_at",
    ),
}  # fmt: skip


class Dealer:
    """Deals the rows of one person after another; `rows` holds those not copied yet, in the order of COLUMNS."""

    def __init__(self, seed: int, structures: int, months: bool) -> None:
        self.random = Random(seed)
        self.structures, self.months = structures, months
        self.rows: dict[type[models.Model], list[tuple[Any, ...]]] = defaultdict(list)
        self.last: dict[type[models.Model], int] = defaultdict(int)

    def add(self, model: type[models.Model], *values: Any) -> int:
        self.last[model] += 1
        self.rows[model].append((self.last[model], *values))
        return self.last[model]

    def organisations(self) -> None:
        """Structure n has id n, counsellors 2n - 1 and 2n among the users, and its HR after them all."""
        for number in range(1, self.structures + 1):
            self.add(Organisation, KINDS[number % len(KINDS)], f"Structure {number}")
        for role, each in (("counsellor", 2), ("hr", 1)):
            for number in range(self.structures * each):
                user = self.add(User, f"{role}{number + 1}@banc.example", "Camille", f"Banc {number + 1}", "!")
                self.add(Membership, user, number // each + 1, role, date(2020, 1, 1))

    def person(self, number: int) -> None:
        r = self.random
        structure = number % self.structures + 1
        kind = KINDS[structure % len(KINDS)]
        entry = TODAY - timedelta(days=r.randrange(4, 1500))
        stay = int(min(r.expovariate(1 / 420) + 20, 900))
        exit_on = entry + timedelta(days=stay)
        worker = self.add(
            Worker, structure, f"P{number}", r.choice(FIRST), f"{r.choice(LAST)} {number % 997}",
            date(1962, 1, 1) + timedelta(days=r.randrange(16_000)), r.choice("FM"), structure * 2 - r.randrange(2),
        )  # fmt: skip
        left = exit_on if exit_on < TODAY else None
        self.add(Pathway, worker, entry, left, "sortie" if left else "accompagnement")
        if kind != "GEIQ" and r.random() > 0.01:
            self.add(PassIAE, worker, f"99999{worker:07d}", entry, entry + timedelta(days=729))
        last = min(exit_on, TODAY + timedelta(days=10))
        if kind in {"AI", "ETTI"}:
            self._short_contracts(worker, structure, kind, entry, last)
        else:
            self._chain(worker, structure, kind, entry, last)

    def _chain(self, worker: int, structure: int, kind: str, start: date, last: date) -> None:
        """Fixed-term contracts that follow one another, with a rare gap, a rare one too long, a rare break."""
        r = self.random
        hours = r.choice((20, 24, 26, 26, 26, 30, 35)) if r.random() > 0.02 else 16
        previous, ceiling = None, last_day(start, 24 if r.random() > 0.02 else 27)
        while start <= min(last, ceiling):
            end = min(last_day(start, r.choice((4, 4, 5, 6, 6, 8, 12))), ceiling)
            broken = r.random() < 0.08
            ended = None
            if broken:
                ended = start + timedelta(days=r.randrange(5, 100))
                ended = min(ended, end) if ended < TODAY else None
            elif end < TODAY and r.random() > 0.02:
                ended = end
            contract = self._contract(
                worker,
                "FIXED_TERM_I" if kind != "GEIQ" else "PROFESSIONAL_TRAINING",
                previous,
                start,
                end,
                ended,
                hours,
            )
            if r.random() > 0.3 and end < TODAY + timedelta(days=45):
                self._decision(worker, contract, structure, end)
            self._months(contract, None, start, ended or end, hours * 4)
            if (ended and ended < end) or end >= ceiling:
                break
            previous = contract
            start = end + timedelta(days=1 if r.random() > 0.05 else 25)

    def _short_contracts(self, worker: int, structure: int, kind: str, start: date, last: date) -> None:
        """Contracts by the task, each with its client; some people work nearly only for companies."""
        r = self.random
        usage, company = kind == "AI", r.random() < 0.15
        while start <= last:
            end = start + timedelta(days=r.choice((6, 13, 27, 30, 30, 60)) if usage else r.choice((4, 11, 18, 32, 60)))
            ended = end if end < TODAY else None
            hours = r.choice((8, 12, 16, 20)) if usage else 35
            contract = self._contract(
                worker, "FIXED_TERM_USAGE" if usage else "TEMPORARY", None, start, end, ended, hours
            )
            client = "entreprise" if company or not usage else r.choice(CLIENTS)
            assignment = self.add(Assignment, contract, f"Client {r.randrange(400)}", client, start, end)
            self._months(contract, assignment, start, end, hours * 4)
            start = end + timedelta(days=r.choice((1, 3, 10, 30, 45, 60)))

    def _contract(
        self, worker: int, kind: str, previous: int | None, start: date, end: date, ended: date | None, hours: int
    ) -> int:
        signed = start - timedelta(days=self.random.randrange(10)) if self.random.random() > 0.01 else None
        reason = "" if ended is None else "term" if ended == end else "hired_elsewhere"
        return self.add(
            Contract,
            worker,
            kind,
            previous,
            signed,
            start,
            end,
            ended,
            reason,
            hours,
            "12.3100" if hours < 35 else "12.5",
        )

    def _decision(self, worker: int, contract: int, structure: int, end: date) -> None:
        day = end - timedelta(days=self.random.choice((45, 30, 20, 16, 10, 2)))
        if day > TODAY:
            return
        told = day if self.random.random() > 0.15 else None
        kind = self.random.choice(("renew", "renew", "end_with_exit_plan"))
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        self.add(Decision, worker, contract, "CONTRACT_END", end, kind, "Bilan fait", structure * 2, told, at)

    def _months(self, contract: int, assignment: int | None, start: date, end: date, hours: int) -> None:
        month, last = start.replace(day=1), min(end, TODAY - timedelta(days=40))
        while self.months and month <= last:
            share = 1.0 if month > start and add_months(month, 1) <= end else 0.5
            paid = round(hours * share * self.random.uniform(0.85, 1.1), 2)
            self.add(WorkedMonth, contract, assignment, month, paid, round(paid * 12.31, 2), True)
            month = add_months(month, 1)


def _filled(model: type[models.Model]) -> list[tuple[str, Any]]:
    """Columns that must hold something and are not dealt, with the model's own default."""
    dealt = set(COLUMNS[model])
    found = []
    for field in model._meta.concrete_fields:
        if field.column in dealt or field.null or field.generated:
            continue
        now = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
        found.append((str(field.column), datetime(2026, 6, 15, tzinfo=UTC) if now else field.get_default()))
    return found


def _copy(model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    filled = _filled(model)
    names = ", ".join(f'"{name}"' for name in (*COLUMNS[model], *(name for name, _value in filled)))
    more = tuple(value for _name, value in filled)
    table = model._meta.db_table
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row + more)


def _shares(workers: int) -> Iterator[range]:
    for start in range(0, workers, SHARE):
        yield range(start, min(start + SHARE, workers))


def fill(*, workers: int, structures: int, seed: int = 1, months: bool = True) -> dict[str, int]:
    """Fill an empty database, in one transaction; counts of rows by table. Filled already with as many people: kept.

    `months=False` leaves the worked months out where they are not measured. Raises SystemExit on any other database.
    """
    if Organisation.objects.filter(name="Structure 1").exists() and Worker.objects.count() == workers:
        return {model._meta.db_table: model._default_manager.count() for model in COLUMNS}
    if Organisation.objects.exists():
        raise SystemExit("La base n'est pas vide : on ne mesure que sur une base de mesure.")
    dealer = Dealer(seed, structures, months)
    with transaction.atomic():
        dealer.organisations()
        for share in _shares(workers):
            for number in share:
                dealer.person(number)
            for model in COLUMNS:
                if dealer.rows[model]:
                    _copy(model, dealer.rows.pop(model))
        with connection.cursor() as cursor:
            for model, last in dealer.last.items():
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [model._meta.db_table, last])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {model._meta.db_table: last for model, last in dealer.last.items()}


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:]]
    started = time.perf_counter()
    print(fill(workers=asked[0] if asked else 2_200, structures=asked[1] if len(asked) > 1 else 600))
    print(f"{time.perf_counter() - started:.1f} s")
