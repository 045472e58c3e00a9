"""Structures invented by hypothesis: contracts that overlap, leave gaps, renew, break, are amended; hours, rates, dates and
outcomes that are missing; facts learnt late, corrected or deleted, before and after the knowledge date."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, models, transaction

from accounts.models import Organisation, User
from audit.history import recorded_at
from contracts.models import Amendment, Contract, Decision, WorkedMonth
from law.dates import add_months
from law.nomenclature import choices
from parcours.models import Exit, Pathway, Worker
from rights.models import RightStep
from skills.models import Training, TrainingSession
from tests.factories import OrganisationFactory, UserFactory
from tests.indicators.invented_more import LEVELS, More
from tests.indicators.worlds import PARIS

FIRST, LAST = date(2024, 6, 1), date(2025, 9, 30)
K = datetime(2025, 7, 20, 2, 30, tzinfo=PARIS)
KINDS = ["FIXED_TERM_I", "FIXED_TERM_I", "FIXED_TERM_USAGE", "FIXED_TERM_USAGE", "TEMPORARY", "PERMANENT", "OTHER", ""]
OUTCOMES = [*[code for code, _label in choices("exit_outcome")], "", ""]
STATES = [*[code for code, _label in choices("right_state")], ""]


class Inventor(More):
    def __init__(self, rnd: random.Random, grouped: bool = True) -> None:
        self.rnd, self.grouped = rnd, grouped
        self.organisation: Organisation = OrganisationFactory(kind=rnd.choice(["ACI", "EI", "AI", "ETTI", "SAP"]))
        self.user: User = UserFactory()

    def chance(self, percent: int) -> bool:
        return self.rnd.randrange(100) < percent

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        return first + timedelta(days=self.rnd.randrange(max((last - first).days, 0) + 1))

    def maybe(self, percent: int, make: Callable[[], object]) -> object:
        return make() if self.chance(percent) else None

    def learnt(self, row: models.Model, after: datetime | None = None) -> datetime | None:
        """Keep a row as learnt some day, most often before K; None when the database refuses it."""
        days = self.rnd.choice([-300, -200, -100, -50, -20, -2, 1])
        at = max(K + timedelta(days=days), after or K - timedelta(days=400))
        try:
            with recorded_at(at), transaction.atomic():
                row.save()
        except IntegrityError:
            return None
        return at

    def corrected(self, row: models.Model, at: datetime, **fields: object) -> None:
        """Change, or once in four times delete, a row some time after it was learnt."""
        for name, value in fields.items():
            setattr(row, name, value)
        later = at + timedelta(days=self.rnd.choice([1, 60, 150]))
        try:
            with recorded_at(later), transaction.atomic():
                if self.chance(25):
                    row.delete()
                else:
                    row.save()
        except (IntegrityError, models.ProtectedError):
            pass

    def world(self) -> Organisation:
        self.prepare()
        people = []
        for n in range(self.rnd.randint(2, 5)):
            worker = Worker(organisation=self.organisation, first_name="A", last_name=f"W{n}", **self.file())
            known = self.learnt(worker)
            if known is not None:
                people.append(worker)
                self.person(worker)
                if self.chance(15):
                    self.corrected(worker, known, sex="F", education_level="70")
        self.together([worker for worker in people if worker.pk])
        return self.organisation

    def person(self, worker: Worker) -> None:
        for _ in range(self.rnd.randint(1, 3)):
            self.pathway(worker)
        previous: Contract | None = None
        for _ in range(self.rnd.randint(0, 4)):
            previous = self.contract(worker, previous) or previous
        for n in range(self.rnd.randint(0, 2)):
            self.training(worker, n)
        self.life(worker)

    def contract(self, worker: Worker, previous: Contract | None) -> Contract | None:
        start = self.day(last=date(2025, 8, 1))
        follows = previous is not None and previous.planned_end_on is not None and self.chance(60)
        if follows and previous is not None and previous.planned_end_on is not None:
            start = previous.planned_end_on + timedelta(days=self.rnd.choice([-3, 1, 1, 1, 2, 20]))
        planned = self.maybe(85, lambda: start + timedelta(days=self.rnd.choice([3, 29, 30, 31, 91, 180, 181, 364])))
        row = Contract(
            worker=worker,
            kind=self.rnd.choice(KINDS),
            started_on=start,
            planned_end_on=planned,
            signed_on=self.maybe(75, lambda: start + timedelta(days=self.rnd.choice([-40, -5, 0, 6]))),
            ended_on=self.maybe(25, lambda: start + timedelta(days=self.rnd.choice([0, 12, 30, 100, 200]))),
            hourly_gross=self.maybe(
                80, lambda: Decimal(self.rnd.choice(["11.65", "11.88", "12.02", "14.5", "12.3456"]))
            ),
            rome_code=self.rnd.choice(["A1203", "K2204", ""]),
            handed_on=self.maybe(70, lambda: start + timedelta(days=self.rnd.choice([0, 2, 3, 4]))),
            rights_information_on=self.maybe(60, lambda: start + timedelta(days=self.rnd.choice([0, 90, 100]))),
        )
        if follows and self.chance(60):
            row.renews = previous
        at = self.learnt(row)
        if at is None:
            return None
        months = self.rnd.randint(0, 8)
        for n in range(months):
            month = WorkedMonth(
                contract=row,
                month=add_months(start.replace(day=1), n),
                paid_hours=self.maybe(
                    85, lambda: Decimal(self.rnd.choice(["0", "0.5", "1", "60", "60", "104.25", "151.67"]))
                ),
                gross_pay=self.maybe(
                    85, lambda: Decimal(self.rnd.choice(["0", "1060.15", "1081.08", "1801.80", "7128"]))
                ),
                paid_days=self.maybe(70, lambda: self.rnd.choice([0, 3, 21, 31])),
                closed=self.chance(85),
            )
            known = self.learnt(month, at)
            if known is not None and self.chance(15):
                self.corrected(month, known, paid_hours=Decimal("77"))
        for _ in range(self.rnd.choice([0, 0, 1, 2])):
            self.amendment(row, at)
        self.around(row, at)
        if planned is not None:
            for _ in range(self.rnd.choice([0, 1, 1, 2])):
                self.decision(row, planned)
        if self.chance(20):
            self.corrected(row, at, ended_on=self.maybe(50, lambda: start + timedelta(days=45)), kind="FIXED_TERM_I")
        return row

    def amendment(self, row: Contract, at: datetime) -> None:
        effective = self.day(row.started_on)
        end = self.maybe(60, lambda: max(effective, row.started_on) + timedelta(days=self.rnd.choice([10, 90, 200])))
        rate = self.maybe(50, lambda: Decimal("13.1"))
        amendment = Amendment(
            contract=row,
            signed_on=effective + timedelta(days=self.rnd.choice([-10, 0, 15])),
            effective_on=effective,
            planned_end_on=end,
            hourly_gross=rate,
        )
        known = self.learnt(amendment, at)
        if known is None or self.chance(30):
            return
        try:
            with recorded_at(known), transaction.atomic():
                row.planned_end_on = end or row.planned_end_on
                row.hourly_gross = rate or row.hourly_gross
                row.save()
        except IntegrityError:
            row.refresh_from_db()

    def decision(self, row: Contract, end: date) -> None:
        day = end - timedelta(days=self.rnd.choice([40, 16, 15, 15, 14, 0]))
        decision = Decision(
            worker=row.worker,
            contract=row,
            kind=self.rnd.choice([*Decision.Kind.values, "renew", "renew"]),
            reason="x",
            decided_by=self.user,
            notified_on=self.maybe(70, lambda: day + timedelta(days=self.rnd.choice([-1, 0, 1]))),
            recorded_at=datetime(day.year, day.month, day.day, self.rnd.choice([0, 12, 23]), 30, tzinfo=PARIS),
        )
        self.learnt(decision)

    def pathway(self, worker: Worker) -> None:
        start = self.day()
        end = self.maybe(75, lambda: start + timedelta(days=self.rnd.choice([5, 60, 88, 91, 92, 200])))
        row = Pathway(
            worker=worker, started_on=start, ended_on=end, rights_diagnosed_on=self.maybe(60, lambda: self.day(start))
        )
        at = self.learnt(row)
        if at is None:
            return
        if end is not None and self.chance(80):
            leaving = Exit(
                pathway=row,
                exited_on=end,
                outcome=self.rnd.choice(OUTCOMES),
                contract_months=self.maybe(70, lambda: Decimal(self.rnd.choice(["5.99", "6", "6.01", "1"]))),
                education_level=self.rnd.choice(LEVELS),
            )
            known = self.learnt(leaving, at)
            if known is not None:
                self.news(leaving, known)
            if known is not None and self.chance(20):
                self.corrected(leaving, known, outcome="cdi")
        for n in range(self.rnd.randint(0, 3)):
            self.step(row, self.rnd.choice(["D02", "D04", "D20", f"D0{n + 1}"]), at)
        self.plan(row, at)

    def step(self, pathway: Pathway, right: str, at: datetime) -> None:
        triggered = self.day(pathway.started_on)
        opened = self.maybe(60, lambda: triggered + timedelta(days=self.rnd.choice([0, 10, 90, 91])))
        state = self.rnd.choice(STATES)
        row = RightStep(
            pathway=pathway,
            right=right,
            state="requested" if opened is None and state in ("opened", "renewed") else state,
            triggered_on=triggered,
            opened_on=opened,
            expires_on=self.maybe(40, lambda: (opened or triggered) + timedelta(days=self.rnd.choice([0, 30, 365]))),
            closed_on=self.maybe(40, lambda: self.day(triggered)),
        )
        known = self.learnt(row, at)
        if known is not None and self.chance(20):
            self.corrected(row, known, state="declined", closed_on=self.day(triggered))

    def training(self, worker: Worker, n: int) -> None:
        start = self.day()
        row = Training(
            worker=worker,
            title=f"Formation {n}",
            started_on=start,
            ended_on=self.maybe(50, lambda: start + timedelta(days=40)),
            mandatory_safety=self.chance(30),
            certifying=self.chance(60),
            certification=self.rnd.choice(["block", "clea", ""]),
            result=self.rnd.choice(["certified", "failed", "dropped", "partial", "completed", "running", ""]),
            due_on=self.maybe(60, self.day),
            result_on=self.maybe(50, self.day),
            afest=self.chance(20),
            afest_situation=self.rnd.choice(["Chantier", ""]),
            afest_reviewed_on=self.maybe(60, self.day),
        )
        at = self.learnt(row)
        if at is None:
            return
        for n in range(self.rnd.randint(0, 3)):
            session = TrainingSession(
                training=row,
                held_on=start + timedelta(days=n),
                attended_hours=self.maybe(80, lambda: Decimal(self.rnd.choice(["0", "3.5", "7"]))),
            )
            self.learnt(session, at)
