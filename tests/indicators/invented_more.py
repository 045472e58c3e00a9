"""The rest of an invented structure: plans, follow-ups, skills, news after exits, participation, partners, experiments."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Organisation, User
from audit.history import recorded_at
from contracts.models import Assignment, Contract, Derogation, PayMinimum, Suspension
from indicators.models import Experiment, Participant
from law.dates import add_months
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    Exit,
    ExitCall,
    FollowUp,
    HoursWish,
    PassIAE,
    Pathway,
    PlanAction,
    PlanReview,
    Worker,
)
from participation.models import (
    Attendance,
    Ballot,
    Body,
    BodyMeeting,
    CivicStatement,
    ExpressionSession,
    Proposal,
    Seat,
    SurveyAnswer,
    SurveyCode,
    SurveyWave,
)
from partners.models import Agreement, Orientation, Partner
from skills.models import Assessment, Qualification, Skill
from tests.factories import OrganisationFactory, PartnerFactory, SkillFactory
from tests.indicators.worlds import PARIS

LEVELS = ["70", "60", "50", "51", "40", "30", "01", ""]

LONG_AGO = datetime(2024, 1, 1, tzinfo=PARIS)


class More:
    """What an Inventor also knows how to invent; it draws from the same dice."""

    rnd: Any
    user: User
    organisation: Organisation
    chance: Callable[[int], bool]
    day: Callable[..., date]
    maybe: Callable[..., Any]
    learnt: Callable[..., datetime | None]
    corrected: Callable[..., None]
    skills: list[Skill]
    partners: list[Partner]
    grouped: bool

    def file(self) -> dict[str, Any]:
        """What a person's file says, or does not."""
        rnd = self.rnd
        return {
            "sex": rnd.choice(["F", "F", "M", "M", ""]),
            "birth_date": self.maybe(80, lambda: rnd.choice([date(1968, 6, 30), date(1970, 7, 1), date(1990, 1, 1)])),
            "education_level": rnd.choice(LEVELS),
            "disabled_worker": rnd.choice([True, False, None]),
            "rsa": rnd.choice([True, False, None]),
        }

    def days_after(self, day: date, choices: list[int]) -> date:
        return day + timedelta(days=self.rnd.choice(choices))

    def around(self, contract: Contract, at: datetime) -> None:
        """Suspensions and assignments of a contract."""
        if self.chance(25):
            start = self.days_after(contract.started_on, [0, 5, 20])
            self.learnt(Suspension(
                contract=contract, started_on=start, ended_on=self.maybe(80, lambda: self.days_after(start, [0, 10, 45, 70])),
                reason=self.rnd.choice(["illness", "parental", "training", ""]),
            ), at)  # fmt: skip
        for _ in range(self.rnd.choice([0, 0, 1, 2])):
            start = self.days_after(contract.started_on, [0, 2, 10])
            row = Assignment(
                contract=contract, client_name="Client", started_on=start,
                announced_on=self.maybe(75, lambda start=start: self.days_after(start, [-9, -3, -2, 0])),
                cancelled_on=start if self.chance(15) else None,
            )  # fmt: skip
            known = self.learnt(row, at)
            if known is not None and self.chance(20):
                self.corrected(row, known, announced_on=start - timedelta(days=5))

    def life(self, worker: Worker) -> None:
        """What the person says, learns and does."""
        rnd = self.rnd
        for _ in range(rnd.choice([0, 1, 1, 2])):
            free = rnd.choice([True, False, None])
            self.learnt(HoursWish(
                worker=worker, weekly_hours=rnd.choice([10, 24, 35]), available=free, stated_on=self.day(date(2024, 11, 1)),
                held_back_by="childcare" if free is False and self.chance(60) else "", recorded_by=self.user,
            ))  # fmt: skip
        for _ in range(rnd.choice([0, 0, 1, 3])):
            day = self.day()
            self.learnt(Assessment(
                worker=worker, skill=rnd.choice(self.skills), level=3, assessed_on=day, validated=self.chance(70),
                evidence=rnd.choice(["Vu", "Vu", ""]), signed_on=day, author=self.user,
                worker_signed_on=self.maybe(70, lambda day=day: self.days_after(day, [0, 1, 40])),
            ))  # fmt: skip
        for _ in range(rnd.choice([0, 1, 1, 2])):
            asked, acted = self.day(), self.chance(40)
            self.learnt(CivicStatement(
                worker=worker, asked_on=asked, answer="acted" if acted else rnd.choice(["none", "no_answer"]),
                kind="volunteering" if acted else "", acted_on=self.days_after(asked, [0, -30, -300]) if acted else None,
                recorded_by=self.user,
            ))  # fmt: skip
        if self.chance(40):
            start = self.day()
            kind = rnd.choice(["hours_individual", "part_time_request", "difficulties"])
            self.learnt(Derogation(
                organisation=self.organisation, worker=worker, kind=kind, decided_by="prefect", decided_on=start,
                started_on=start, ended_on=self.days_after(start, [30, 365]),
            ))  # fmt: skip
        if self.chance(60):
            self.learnt(PassIAE(
                worker=worker, number=rnd.choice(["999991234567", "999997654321"]), started_on=date(2024, 1, 1),
                ended_on=date(2025, 12, 31),
            ))  # fmt: skip

    def plan(self, pathway: Pathway, at: datetime) -> None:
        """The plan of a pathway, and its follow-ups."""
        rnd, start, by = self.rnd, pathway.started_on, self.user
        if self.chance(60):
            self.learnt(Diagnosis(pathway=pathway, made_on=self.day(start), themes=["mobilite"], recorded_by=by), at)
        if self.chance(50):
            self.learnt(
                Qualification(pathway=pathway, entry_level=rnd.choice(LEVELS), exit_level=rnd.choice(LEVELS)), at
            )
        if self.chance(60):
            self.learnt(EngagementContract(
                pathway=pathway, version=1, worker_commits="a", structure_commits="b", proposed_on=start, recorded_by=by,
                signed_worker_on=self.maybe(80, lambda: self.days_after(start, [0, 29, 30, 31])),
                signed_structure_on=self.maybe(80, lambda: self.days_after(start, [0, 30, 40])),
            ), at)  # fmt: skip
        for _ in range(rnd.choice([0, 1, 2])):
            held = self.day(max(start, date(2025, 1, 1)))
            self.learnt(PlanReview(
                pathway=pathway, held_on=held, worker_present=rnd.choice([True, False, None]), author=by,
                next_on=held + timedelta(days=90),
            ), at)  # fmt: skip
        for _ in range(rnd.choice([0, 1, 3])):
            row = FollowUp(
                pathway=pathway, author=by, kind=rnd.choice(["entretien_individuel", "telephone", "bilan", "tiers"]),
                outcome=rnd.choice(["present", "present", "absent", "excused", "cancelled"]), held_on=self.day(start),
                minutes=rnd.choice([None, 10, 15, 60]),
            )  # fmt: skip
            known = self.learnt(row, at)
            if known is not None and self.chance(20):
                self.corrected(row, known, cancelled_at=known, cancel_reason="Saisi deux fois")
        for theme in rnd.sample(["mobilite", "logement", "sante"], rnd.choice([0, 1, 2])):
            self.barrier(pathway, theme, at)
        for _ in range(rnd.choice([0, 0, 1, 2])):
            sent = self.day(start)
            self.learnt(Orientation(
                pathway=pathway, partner=rnd.choice(self.partners), theme="mobilite", sent_on=sent, state_on=sent, recorded_by=by
            ), at)  # fmt: skip

    def barrier(self, pathway: Pathway, theme: str, at: datetime) -> None:
        found = self.day(pathway.started_on)
        row = Barrier(pathway=pathway, theme=theme, identified_on=found, said_by="worker", recorded_by=self.user)
        if self.learnt(row, at) is None:
            return
        for state, who in (("identified", "worker"), ("resolved", "counsellor"), ("resolved", "worker")):
            if self.chance(45):
                since = self.days_after(found, [0, 30, 90, 180, 200])
                self.learnt(BarrierState(barrier=row, state=state, since=since, said_by=who, recorded_by=self.user), at)
        for _ in range(self.rnd.choice([0, 1, 2])):
            decided = self.days_after(found, [0, 40, 100])
            self.learnt(PlanAction(
                pathway=pathway, barrier=row, what="a", decided_on=decided, state=self.rnd.choice(["to_do", "done", "dropped"]),
                state_on=self.days_after(decided, [0, 10, 100]), recorded_by=self.user,
            ), at)  # fmt: skip

    def news(self, leaving: Exit, at: datetime) -> None:
        for months in (3, 6, 12):
            due = add_months(leaving.exited_on, months)
            told = self.days_after(due, [-16, -15, 0, 15, 16, 60])
            answer = self.rnd.choice(["answered", "answered", "not_reached", ""])
            spoke = answer == "answered"
            self.learnt(ExitCall(
                exit=leaving, months=months, due_on=due, answer=answer, answered_on=told if answer else None,
                situation=self.rnd.choice(["cdi", "cdd_mission", "unemployed", "other_siae", ""]) if spoke else "",
                since=self.maybe(50, lambda told=told: self.days_after(told, [0, -40, -100])) if spoke else None,
                contract_months=self.rnd.choice([None, Decimal(6), Decimal(3)]) if spoke else None,
            ), at)  # fmt: skip

    def prepare(self) -> None:
        """What people are later tied to: skills, partners, the rest of the group."""
        self.skills = [SkillFactory(), SkillFactory()]
        self.partners = [PartnerFactory(kind=kind) for kind in ("firm", "local_authority", "", "other_siae")]
        self.sibling: Organisation | None = None
        if self.grouped and self.chance(50):
            group = OrganisationFactory(nature="group", kind="")
            self.organisation.group = group
            with recorded_at(LONG_AGO):
                self.organisation.save()
            self.sibling = OrganisationFactory(kind="EI", group=group)
            for number in ("999991234567", "999997654321"):
                twin = Worker(organisation=self.sibling, first_name="A", last_name=number)
                if self.learnt(twin) is None:
                    continue
                self.learnt(
                    PassIAE(worker=twin, number=number, started_on=date(2024, 1, 1), ended_on=date(2025, 12, 31))
                )
                self.learnt(Pathway(worker=twin, started_on=self.day(date(2024, 9, 1)), ended_on=None))

    def together(self, people: list[Worker]) -> None:
        """What the structure does with them all."""
        rnd, by, here = self.rnd, self.user, self.organisation
        for partner in self.partners:
            signed = self.day()
            if self.chance(60):
                self.learnt(Agreement(
                    organisation=here, partner=partner, subject="a", signed_on=signed, recorded_by=by,
                    ended_on=self.maybe(30, lambda signed=signed: self.days_after(signed, [0, 100])),
                ))  # fmt: skip
        for _ in range(rnd.choice([0, 1, 3])):
            held = rnd.choice([True, True, False, None])
            row = ExpressionSession(
                organisation=here, on=self.day(), subjects=["conditions"], held=held, recorded_by=by,
                attendance_listed=bool(held) and self.chance(75),
            )  # fmt: skip
            known = self.learnt(row)
            if known is None:
                continue
            for worker in people:
                if worker.pk and self.chance(30):
                    self.learnt(Attendance(session=row, worker=worker), known)
            if self.chance(60):
                answered = self.chance(60)
                self.learnt(Proposal(
                    session=row, subject="conditions", words="a", made_on=row.on, answer="accepted" if answered else "",
                    answered_on=self.days_after(row.on, [0, 60, 61]) if answered else None, recorded_by=by,
                ), known)  # fmt: skip
        for code in rnd.sample(["", "A", "A1203", "K22"], rnd.choice([0, 1, 2])):
            minimum = Decimal(rnd.choice(["11.00", "12.10", "14.50"]))
            self.learnt(
                PayMinimum(organisation=here, rome_code=code, since=self.day(), hourly_gross=minimum, source="IDCC")
            )
        for _ in range(rnd.choice([0, 1, 2])):
            self.ballot()
        for kind in rnd.sample(["board", "assembly", "cse"], rnd.choice([0, 1, 2])):
            self.body(kind, people)
        for _ in range(rnd.choice([0, 1, 2])):
            self.wave()
        for n in range(rnd.choice([0, 1, 2])):
            self.experiment(n, people)

    def ballot(self) -> None:
        counts: dict[str, int | None] = {}
        for name, most in (("headcount", 60), ("electors", 50), ("registered", 45), ("voters", 20), ("elected", 6)):
            counts[name] = self.maybe(85, lambda most=most: most)
            counts[f"{name}_workers"] = self.maybe(85, lambda most=most: self.rnd.choice([most // 2, most // 3, 0]))
        self.learnt(Ballot(organisation=self.organisation, first_round_on=self.rnd.choice(
            [date(2021, 6, 30), date(2021, 7, 1), date(2024, 9, 1), date(2025, 5, 6)]), recorded_by=self.user, **counts))  # fmt: skip

    def body(self, kind: str, people: list[Worker]) -> None:
        row = Body(
            organisation=self.organisation, kind=kind, voting_seats=self.rnd.choice([None, 3, 9]), recorded_by=self.user,
            checked_on=self.maybe(85, lambda: self.rnd.choice([date(2023, 1, 1), date(2023, 12, 31), date(2025, 2, 1)])),
        )  # fmt: skip
        known = self.learnt(row)
        if known is None:
            return
        for _ in range(self.rnd.choice([0, 2, 4])):
            status = self.rnd.choice(["worker", "former_worker", "volunteer"])
            start = self.day()
            named = status != "volunteer" and bool(people) and self.chance(70)
            holder = self.rnd.choice(people) if named else None
            self.learnt(Seat(
                body=row, holder_status=status, worker=holder if holder is not None and holder.pk else None, voting=self.chance(85),
                started_on=start, ended_on=self.maybe(30, lambda start=start: self.days_after(start, [0, 60])), recorded_by=self.user,
            ), known)  # fmt: skip
        if self.chance(60):
            self.learnt(BodyMeeting(
                body=row, held_on=self.day(), present=self.maybe(85, lambda: 3), present_workers=self.maybe(85, lambda: 1),
                recorded_by=self.user,
            ), known)  # fmt: skip

    def wave(self) -> None:
        opened = self.day()
        row = SurveyWave(
            organisation=self.organisation, opened_on=opened, recorded_by=self.user,
            closed_on=self.maybe(80, lambda: self.days_after(opened, [0, 20])),
        )  # fmt: skip
        if self.learnt(row) is None:
            return
        for n in range(self.rnd.randint(0, 6)):
            sex = self.rnd.choice(["F", "M", ""])
            SurveyCode.objects.create(wave=row, digest=f"{row.pk:040d}{n:024d}", sex=sex)
            for item in ("decided_with_me", "listened"):
                if self.chance(60):
                    SurveyAnswer.objects.create(wave=row, item=item, value=self.rnd.choice([None, 2, 4, 5]), sex=sex)

    def experiment(self, n: int, people: list[Worker]) -> None:
        start = self.day()
        ended = self.maybe(50, lambda: self.days_after(start, [0, 30, 100]))
        row = Experiment(
            organisation=self.organisation, title=f"E{n}", subject="organisation", hypothesis="a", outcome="b", comparison="c",
            registered_on=start, started_on=start, ended_on=ended, result="d" if ended else "",
            evaluation_published_on=ended if ended and self.chance(50) else None,
        )  # fmt: skip
        known = self.learnt(row)
        if known is None:
            return
        for worker in people:
            if worker.pk and self.chance(60):
                joined = self.days_after(start, [0, 10])
                contract = worker.contracts.order_by("pk").first() if self.chance(50) else None
                self.learnt(Participant(
                    experiment=row, worker=worker, contract=contract, joined_on=joined,
                    left_on=self.maybe(20, lambda joined=joined: self.days_after(joined, [0, 50])),
                    consented_on=self.maybe(70, lambda joined=joined: self.days_after(joined, [-1, 0, 300])),
                ), known)  # fmt: skip
