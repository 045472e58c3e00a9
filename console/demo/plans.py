"""The other half of the demonstration: plans, news after exits, participation, partners. Some of it is missing on purpose.

Drawn from a `Random` of its own, so that the lives told before it stay what they were.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db.models import Model

from accounts.models import User
from console.demo.lives import Life
from console.demo.story import Setting, Story
from console.demo.world import ACTIONS, DIRECTORY, OBJECTIVES, PROPOSALS, STRENGTHS, pick
from law.crosswalk import crosswalk, themes_of_topics
from law.dates import add_months
from law.nomenclature import choices
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    Exit,
    ExitCall,
    ExitCallAttempt,
    HoursWish,
    Objective,
    Pathway,
    PlanAction,
    PlanReview,
    Strength,
)
from participation.models import (
    AssociationMember,
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
    VoterHelp,
)
from partners.models import Agreement, Orientation, Partner, Service, UnmetNeed

ORDER: tuple[type[Model], ...] = (
    Strength, Diagnosis, Barrier, BarrierState, Objective, PlanAction, EngagementContract, PlanReview, HoursWish, ExitCall,
    ExitCallAttempt, Agreement, Orientation, UnmetNeed, ExpressionSession, Attendance, Proposal, Ballot, Body, Seat,
    BodyMeeting, CivicStatement, AssociationMember, VoterHelp, SurveyWave, SurveyCode, SurveyAnswer,
)  # fmt: skip


def tell(random: Random, story: Story, lives: Sequence[Life]) -> None:
    """File the plans of these lives, and what their structures do together."""
    exits = {id(row.pathway): row for rows in story.rows.values() for row in rows if isinstance(row, Exit)}
    reviewed = {
        id(row): fields["plan_reviewed_on"]
        for changes in story.changes.values()
        for row, fields in changes
        if isinstance(row, Pathway) and "plan_reviewed_on" in fields
    }
    by_setting: dict[int, list[Life]] = defaultdict(list)
    settings: dict[int, Setting] = {}
    for life in lives:
        by_setting[id(life.setting)].append(life)
        settings[id(life.setting)] = life.setting
    for key, setting in settings.items():
        services = _directory(random, setting)
        agreed = _agreements(random, story, setting, services)
        for life in by_setting[key]:
            _Plan(random, story, life, services, exits.get(id(life.pathway)), reviewed.get(id(life.pathway))).tell()
        _together(random, story, setting, by_setting[key], agreed)


def _directory(random: Random, setting: Setting) -> list[Service]:
    """A few partners around the structure, common to all as those of data·inclusion are."""
    commune = setting.organisation.commune
    services = []
    for number, (name, kind, service, topic) in enumerate(DIRECTORY):
        place = {
            "commune": commune, "departement": commune.departement if commune else None, "city": commune.name if commune else "",
            "latitude": 47.2 + random.random(), "longitude": -1.6 + random.random(), "updated_on": date(2026, 1, 5),
        }  # fmt: skip
        identity = f"demonstration--{setting.organisation.siret}-{number}"
        partner, _new = Partner.objects.get_or_create(
            organisation=None, source_id=identity,
            defaults={"source": "demonstration", "name": name, "kind": kind, "phone": "02 00 00 00 00", **place},
        )  # fmt: skip
        services.append(
            Service.objects.get_or_create(
                partner=partner, source_id=identity,
                defaults={"source": "demonstration", "name": service, "kind": "accompagnement", "topics": [topic],
                          "themes": themes_of_topics([topic]), "fee": "gratuit", **place,
                          "description": "Sur rendez-vous, avec ou sans professionnel."},
            )[0]
        )  # fmt: skip
    return services


def _agreements(random: Random, story: Story, setting: Setting, services: list[Service]) -> User:
    by = setting.counsellors[0]
    for service in random.sample(services, 4):
        signed = story.today - timedelta(days=random.randrange(200, 1500))
        story.learn(signed, Agreement(
            organisation=setting.organisation, partner=service.partner, subject=service.name, signed_on=signed, recorded_by=by
        ))  # fmt: skip
    return by


class _Plan:
    """The plan of one life."""

    def __init__(
        self,
        random: Random,
        story: Story,
        life: Life,
        services: list[Service],
        left: Exit | None,
        reviewed: date | None,
    ) -> None:
        self.random, self.story, self.life, self.services = random, story, life, services
        self.left, self.reviewed = left, reviewed
        self.worker, self.pathway, self.by = life.worker, life.pathway, life.counsellor
        self.last = min(life.exit_on, story.today)
        self.sent: set[tuple[int, str, date]] = set()  # nobody is sent twice a day to one service for one thing

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def day(self, after: date, least: int, most: int) -> date | None:
        """A day drawn after another one, or None when it is past the pathway."""
        drawn = after + timedelta(days=self.random.randrange(least, most))
        return drawn if drawn <= self.last else None

    def tell(self) -> None:
        self._strengths()
        self._situation()
        self._engagement()
        self._reviews()
        self._wishes()
        self._citizenship()
        if self.left is not None:
            self._news(self.left)

    def _strengths(self) -> None:
        for kind, words in self.random.sample(STRENGTHS, self.random.choice((0, 1, 2, 2, 3))):
            if day := self.day(self.life.entry, 0, 60):
                said_by = pick(self.random, {"worker": 75, "supervisor": 15, "counsellor": 10})
                self.story.learn(day, Strength(
                    worker=self.worker, kind=kind, words=words, said_by=said_by, stated_on=day, recorded_by=self.by
                ))  # fmt: skip

    def _situation(self) -> None:
        looked = self.day(self.life.entry, 5, 50)
        if looked is None or self.happens(0.15):
            return  # nobody went round the situation: unknown
        everything = [code for code, _label in choices("theme")]
        themes = sorted(
            self.random.sample(everything, self.random.randrange(7, len(everything) + 1)), key=everything.index
        )
        self.story.learn(looked, Diagnosis(pathway=self.pathway, made_on=looked, themes=themes, recorded_by=self.by))
        for theme in self.random.sample(
            [t for t in themes if t in ACTIONS], min(self.random.choice((0, 1, 1, 2, 2, 3)), 3)
        ):
            self._barrier(theme, looked)
        for theme in self.random.sample(sorted(OBJECTIVES), self.random.choice((0, 1, 1, 2))):
            if day := self.day(looked, 0, 30):
                objective = self.story.learn(day, Objective(
                    pathway=self.pathway, words=OBJECTIVES[theme], own_words=pick(self.random, {True: 80, False: 12, None: 8}),
                    theme=theme, set_on=day, cosigned_on=day if self.happens(0.7) else None, recorded_by=self.by,
                ))  # fmt: skip
                self._action(theme, day, objective=objective)
                closed = self.day(day, 60, 300)
                if closed and self.happens(0.6):
                    self.story.change(
                        closed, objective, state=pick(self.random, {"reached": 8, "set_aside": 2}), closed_on=closed
                    )

    def _barrier(self, theme: str, day: date) -> None:
        situations = sorted(crosswalk()[theme].situations)
        voice = pick(self.random, {"worker": 70, "counsellor": 20, "supervisor": 10})
        barrier = self.story.learn(day, Barrier(
            pathway=self.pathway, theme=theme, identified_on=day, said_by=voice, recorded_by=self.by,
            situation=self.random.choice(situations) if situations and self.happens(0.6) else "",
        ))  # fmt: skip
        moves = [(day, "identified", voice)]
        if acted := self.day(day, 1, 40):
            if self.happens(0.75):
                self._action(theme, acted, barrier=barrier)
                moves.append((acted, "addressed", "counsellor"))
            elif self.happens(0.5):
                self._no_solution(theme, acted)
        fate = pick(self.random, {"lifted": 45, "counsellor": 12, "worsened": 8, "open": 35})
        if (over := self.day(day, 45, 260)) and fate != "open":
            said = "worker" if fate == "lifted" else "counsellor"
            moves.append((over, "worsened" if fate == "worsened" else "resolved", said))
        for since, state, who in moves:
            self.story.learn(
                since, BarrierState(barrier=barrier, state=state, since=since, said_by=who, recorded_by=self.by)
            )

    def _action(
        self, theme: str, day: date, objective: Objective | None = None, barrier: Barrier | None = None
    ) -> None:
        fit = [service for service in self.services if theme in service.themes]
        provider = pick(self.random, {"internal": 55, "both": 30, "external": 15})
        late = (day - self.life.entry).days > 200  # the longer the pathway, the more the person does by herself
        autonomy = pick(self.random, {"by": 40 if late else 15, "with": 45, "for": 8 if late else 30, "": 7})
        action = self.story.learn(day, PlanAction(
            pathway=self.pathway, objective=objective, barrier=barrier, theme=theme, what=self.random.choice(ACTIONS[theme]),
            autonomy=autonomy, provider=provider, decided_on=day, state_on=day, recorded_by=self.by,
            due_on=day + timedelta(days=self.random.randrange(14, 90)),
        ))  # fmt: skip
        fit = [service for service in fit if (service.pk, theme, day) not in self.sent]
        if provider != "internal" and fit:
            service = self.random.choice(fit)
            self.sent.add((service.pk, theme, day))
            sent = self.story.learn(day, Orientation(
                pathway=self.pathway, partner=service.partner, service=service, action=action, theme=theme, sent_on=day,
                state_on=day, recorded_by=self.by,
            ))  # fmt: skip
            if told := self.day(day, 5, 60):
                state = pick(
                    self.random,
                    {"completed": 45, "accepted": 20, "waiting": 12, "refused": 10, "declined": 6, "no_answer": 7},
                )
                self.story.change(told, sent, state=state, state_on=told)
        if (moved := self.day(day, 7, 80)) and self.happens(0.75):
            self.story.change(
                moved, action, state=pick(self.random, {"done": 70, "doing": 22, "dropped": 8}), state_on=moved
            )

    def _no_solution(self, theme: str, day: date) -> None:
        reason = pick(
            self.random,
            {"none_exists": 30, "full": 25, "too_far": 20, "schedule": 10, "not_eligible": 10, "too_expensive": 5},
        )
        self.story.learn(day, UnmetNeed(
            pathway=self.pathway, theme=theme, reason=reason, commune=self.worker.commune, noted_on=day, recorded_by=self.by
        ))  # fmt: skip

    def _engagement(self) -> None:
        proposed = self.day(self.life.entry, 8, 45)
        if proposed is None or self.happens(0.12):
            return
        signed = self.day(proposed, 0, 20)
        contract = self.story.learn(proposed, EngagementContract(
            pathway=self.pathway, version=1, proposed_on=proposed, recorded_by=self.by,
            worker_commits="Venir aux rendez-vous, dire ce qui ne va pas, avancer sur mes objectifs.",
            structure_commits="Un entretien par mois, deux heures payées par semaine pour mes démarches, une formation.",
        ))  # fmt: skip
        if signed and self.happens(0.88):
            both = self.happens(0.93)
            self.story.change(
                signed, contract, signed_worker_on=signed, **({"signed_structure_on": signed} if both else {})
            )

    def _reviews(self) -> None:
        if self.reviewed is None:
            return
        day = self.life.entry + timedelta(days=90)
        while day <= self.reviewed:
            self.story.learn(day, PlanReview(
                pathway=self.pathway, held_on=day, worker_present=True, next_on=day + timedelta(days=90), author=self.by,
                worker_words=self.random.choice(("", "", "Ça avance, je vois le bout.", "Le bus, c'est encore compliqué.")),
                signed_worker_on=day if self.happens(0.6) else None,
            ))  # fmt: skip
            day += timedelta(days=90)

    def _wishes(self) -> None:
        day = self.day(self.life.entry, 10, 60)
        while day and self.happens(0.85):
            hours = Decimal(self.random.choice((20, 24, 26, 28, 30, 35, 35)))
            free = pick(self.random, {True: 70, False: 20, None: 10})
            self.story.learn(day, HoursWish(
                worker=self.worker, weekly_hours=hours, available=free, stated_on=day, recorded_by=self.by,
                held_back_by=pick(self.random, {"childcare": 5, "transport": 4, "other": 1}) if free is False else "",
            ))  # fmt: skip
            day = self.day(day, 120, 220)

    def _citizenship(self) -> None:
        if (day := self.day(self.life.entry, 60, 250)) and self.happens(0.6):
            answer = pick(self.random, {"acted": 28, "none": 55, "no_answer": 17})
            acted = answer == "acted"
            self.story.learn(day, CivicStatement(
                worker=self.worker, asked_on=day, answer=answer, recorded_by=self.by,
                kind=pick(self.random, {"volunteering": 5, "association": 4, "council": 2, "civic_training": 1}) if acted else "",
                acted_on=day - timedelta(days=self.random.randrange(1, 40)) if acted else None,
            ))  # fmt: skip
        if (day := self.day(self.life.entry, 30, 300)) and self.happens(0.3):
            help = pick(self.random, {"informed": 6, "accompanied": 3, "declined": 1})
            self.story.learn(day, VoterHelp(worker=self.worker, offered_on=day, help=help, recorded_by=self.by))
        if (day := self.day(self.life.entry, 30, 200)) and self.happens(0.2):
            self.story.learn(day, AssociationMember(worker=self.worker, started_on=day, recorded_by=self.by))

    def _news(self, left: Exit) -> None:
        if left.outcome == "withdrawn":
            return
        recorded = min(self.story.today, left.exited_on + timedelta(days=20))
        stays = left.outcome or "unemployed"
        for months in (3, 6, 12):
            due = add_months(left.exited_on, months)
            call = self.story.learn(recorded, ExitCall(exit=left, months=months, due_on=due))
            told = due + timedelta(days=self.random.randrange(-5, 12))
            if told > self.story.today or self.happens(0.12):
                continue  # still to be made
            for _try in range(self.random.choice((0, 0, 0, 1, 2))):
                self.story.learn(
                    told, ExitCallAttempt(call=call, tried_on=told, channel="telephone", recorded_by=self.by)
                )
            answer = pick(self.random, {"answered": 76, "not_reached": 20, "declined": 4})
            found = {"answer": answer, "answered_on": told, "recorded_by": self.by}
            if answer == "answered":
                if self.happens(0.25):
                    stays = pick(self.random, {"cdi": 3, "cdd_mission": 4, "unemployed": 3, "qualifying_training": 2})
                found |= {"situation": stays, "said_by": pick(self.random, {"worker": 9, "partner": 1})}
            self.story.change(told, call, **found)


def _together(random: Random, story: Story, setting: Setting, lives: list[Life], by: User) -> None:
    """Sessions, proposals, a ballot, bodies and seats, and a wave of the survey."""
    structure, today = setting.organisation, story.today
    present = [life for life in lives if life.entry <= today]

    def there(day: date) -> list[Life]:
        return [life for life in present if life.entry <= day <= life.exit_on]

    if random.random() < 0.85:
        for back in range(700, -60, -90):
            on = today - timedelta(days=back + random.randrange(20))
            past = on <= today
            listed = past and random.random() < 0.85
            session = story.learn(on - timedelta(days=25) if not past else on, ExpressionSession(
                organisation=structure, on=on, subjects=sorted(random.sample(("conditions", "organisation", "safety", "project"), 2)),
                held=True if past else None, minutes=60, attendance_listed=listed, recorded_by=by,
            ))  # fmt: skip
            if not past:
                continue
            if listed:
                for life in there(on):
                    if random.random() < 0.55:
                        story.learn(on, Attendance(session=session, worker=life.worker))
            for subject, words in random.sample(PROPOSALS, random.choice((0, 1, 1, 2))):
                made = story.learn(
                    on, Proposal(session=session, subject=subject, words=words, made_on=on, recorded_by=by)
                )
                told = on + timedelta(days=random.randrange(10, 100))
                if told <= today and random.random() < 0.8:
                    story.change(
                        told, made, answer=pick(random, {"accepted": 5, "adapted": 3, "refused": 2}), answered_on=told
                    )
    _ballot_and_bodies(random, story, setting, there, by)
    _survey(random, story, setting, there, by)


def _ballot_and_bodies(random: Random, story: Story, setting: Setting, there, by: User) -> None:  # type: ignore[no-untyped-def]
    structure, today = setting.organisation, story.today
    day = today - timedelta(days=random.randrange(150, 700))
    workers = len(there(day))
    staff = random.randrange(4, 9)
    voters = max(0, workers - random.randrange(0, 4))
    registered = max(0, voters - random.choice((0, 0, 1, 3))) if int(structure.siret or 0) % 5 else None
    elected = min(1, registered or 0) if random.random() < 0.5 else 0
    story.learn(day, Ballot(
        organisation=structure, first_round_on=day, outcome="elected", recorded_by=by,
        rule="missions" if structure.kind == "ETTI" else "contract", headcount=workers + staff, headcount_workers=workers,
        electors=voters + staff, electors_workers=voters, seats=2, elected=1 + elected, elected_workers=elected,
        registered=None if registered is None else registered + staff, registered_workers=registered,
    ))  # fmt: skip
    for kind, seats in (("board", 9), ("workers_council", 6)):
        if random.random() < 0.2:
            continue  # nobody described it
        checked = today - timedelta(days=random.choice((60, 200, 700)))
        body = story.learn(checked, Body(
            organisation=structure, kind=kind, voting_seats=seats, checked_on=checked, recorded_by=by
        ))  # fmt: skip
        people = there(checked)
        held = random.sample(people, min(len(people), 1 if kind == "board" else 5)) if random.random() < 0.7 else []
        for life in held:
            seat = story.learn(checked, Seat(
                body=body, holder_status="worker", worker=life.worker, started_on=checked, recorded_by=by
            ))  # fmt: skip
            if life.exit_on <= today:
                story.change(life.exit_on, seat, ended_on=life.exit_on)
        for _seat in range(seats - len(held)):
            story.learn(checked, Seat(body=body, holder_status="volunteer", started_on=checked, recorded_by=by))
        met = checked + timedelta(days=30)
        if met <= today:
            story.learn(met, BodyMeeting(
                body=body, held_on=met, present=seats - 2, present_workers=min(len(held), seats - 2), recorded_by=by
            ))  # fmt: skip


def _survey(random: Random, story: Story, setting: Setting, there, by: User) -> None:  # type: ignore[no-untyped-def]
    def key() -> UUID:
        return UUID(int=random.getrandbits(128), version=4)

    for back in (330, 150):
        opened = story.today - timedelta(days=back)
        closed = opened + timedelta(days=21)
        people = there(opened)
        if not people:
            continue
        wave = story.learn(opened, SurveyWave(organisation=setting.organisation, opened_on=opened, recorded_by=by))
        story.change(closed, wave, closed_on=closed)
        for life in people:
            answered = random.random() < 0.62
            digest = f"{random.getrandbits(256):064x}"
            story.learn(opened, SurveyCode(id=key(), wave=wave, digest=digest, sex=life.worker.sex, used=answered))
            for item, _label in choices("power_to_act_item"):
                if answered:
                    value = pick(random, {5: 25, 4: 38, 3: 20, 2: 10, 1: 4, None: 3})
                    story.learn(closed, SurveyAnswer(id=key(), wave=wave, item=item, value=value, sex=life.worker.sex))
