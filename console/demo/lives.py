"""What happens to one person: a welcome, work, accompaniment, skills, rights, an exit. Everything is drawn from one `Random`."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from console.demo.story import Setting, Story
from console.demo.working_life import WorkingLife
from console.demo.world import FIRST_NAMES, LAST_NAMES, TRAININGS, pick
from law import law_on
from law.dates import last_day
from law.findings import pass_last_day
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker
from rights.catalogue import rights
from rights.models import RightStep
from skills.models import Assessment, Training, TrainingSession


class Life(WorkingLife):
    def __init__(self, random: Random, story: Story, setting: Setting, number: int, entry: date) -> None:
        self.random, self.story, self.setting = random, story, setting
        self.kind, self.entry, self.today = setting.organisation.kind, entry, story.today
        self.worker = self._worker(number)
        self.counsellor = self.worker.counsellor or setting.counsellors[0]
        stay = int(min(700, max(25, random.gauss(330, 190))))
        self.exit_on = entry + timedelta(days=stay)
        self.pathway = story.learn(entry, Pathway(worker=self.worker, started_on=entry, phase="integration"))

    def live(self) -> None:
        self._pass()
        if self.kind == "AI":
            self._assignments(self._usage_contracts())
        elif self.kind == "ETTI":
            self._missions()
        elif self.kind == "GEIQ":
            self._alternation()
        else:
            self._cddi_chain()
        self._accompaniment()
        self._skills()
        self._rights()
        self._leave()

    def _worker(self, number: int) -> Worker:
        r, today = self.random, self.today
        sex = pick(r, {"F": 46, "M": 52, "": 2})
        birth = date(today.year, 1, 1) - timedelta(days=int(r.triangular(18.5, 63, 34) * 365.25))
        organisation = self.setting.organisation
        commune = organisation.commune
        worker = Worker(
            organisation=organisation,
            reference=f"{organisation.kind}-{number:04d}",
            first_name=r.choice(FIRST_NAMES[sex or "F"]),
            last_name=r.choice(LAST_NAMES),
            birth_date=None if self.happens(0.01) else birth,
            sex=sex,
            phone=f"06 00 {number // 100:02d} {number % 100:02d} 00" if self.happens(0.85) else "",
            city=commune.name if commune else "",
            commune=commune,
            postal_code=commune.postal_codes[0] if commune else "",
            education_level=pick(r, {"70": 22, "60": 8, "50": 18, "51": 24, "40": 9, "41": 6, "30": 3, "01": 4, "": 6}),
            disabled_worker={"yes": True, "no": False, "?": None}[pick(r, {"yes": 11, "no": 78, "?": 11})],
            rsa={"yes": True, "no": False, "?": None}[pick(r, {"yes": 36, "no": 55, "?": 9})],
            counsellor=None if self.happens(0.02) else r.choice(self.setting.counsellors),
        )
        return self.story.learn(self.entry, worker)  # type: ignore[no-any-return]

    def _pass(self) -> None:
        if self.kind == "GEIQ" or self.happens(0.03):
            return
        start = self.entry - timedelta(days=self.random.choice((0, 0, 0, 0, 40, 180, 400)))
        end = pass_last_day(start, law_on(max(start, date(2021, 9, 1))))
        number = f"99999{self.random.randrange(10**7):07d}"
        granted = self.story.learn(
            self.entry, PassIAE(worker=self.worker, number=number, started_on=start, ended_on=end)
        )
        if self.happens(0.08):
            self.story.change(end - timedelta(days=30), granted, ended_on=end + timedelta(days=365))

    def _accompaniment(self) -> None:
        r, end = self.random, min(self.exit_on, self.today)
        day, rhythm = self.entry + timedelta(days=r.randrange(1, 8)), r.choice((14, 21, 28, 40))
        if self.exit_on > self.today and self.happens(0.2):
            end -= timedelta(days=r.randrange(35, 120))  # nobody has seen her for a while
        first = True
        while day <= end:
            kind = (
                "diagnostic"
                if first
                else pick(
                    r,
                    {
                        "entretien_individuel": 44,
                        "telephone": 20,
                        "visite_chantier": 12,
                        "bilan": 10,
                        "atelier_collectif": 8,
                        "tripartite": 6,
                    },
                )
            )
            due = day + timedelta(days=r.randrange(7, 45)) if self.happens(0.35) else None
            self.story.learn(
                day,
                FollowUp(
                    pathway=self.pathway,
                    author=self.counsellor,
                    kind=kind,
                    outcome=pick(r, {"present": 88, "excused": 7, "absent": 5}),
                    held_on=day,
                    minutes=r.choice((15, 30, 30, 45, 60, 90)),
                    themes=sorted(
                        set(r.sample(("mobilite", "logement", "projet", "formation", "administratif", "numerique"), 2))
                    ),
                    note=r.choice(
                        (
                            "",
                            "",
                            "Projet qui se précise.",
                            "Démarche faite ensemble.",
                            "Prend confiance sur le chantier.",
                        )
                    ),
                    next_step=r.choice(("Refaire le CV", "Appeler la CAF", "Visiter l'entreprise", "Préparer le bilan"))
                    if due
                    else "",
                    next_due_on=due,
                ),
            )
            first = False
            day += timedelta(days=max(3, int(r.gauss(rhythm, 6))))
        reviews = [d for d in (self.entry + timedelta(days=90 * n) for n in range(1, 9)) if d <= end]
        if reviews and self.happens(0.9):
            self.story.change(reviews[-1], self.pathway, plan_reviewed_on=reviews[-1], phase="accompagnement")

    def _skills(self) -> None:
        r = self.random
        for title, safety, sessions, hours in r.sample(TRAININGS, r.choice((0, 1, 1, 2))):
            start = self.entry + timedelta(days=r.randrange(10, 300))
            if start > min(self.exit_on, self.today):
                continue
            days = [start + timedelta(days=7 * n) for n in range(sessions)]
            over = days[-1] <= self.today
            result = r.choice(("completed", "certified", "certified", "failed", "dropped")) if over else "running"
            training = self.story.learn(
                start,
                Training(
                    worker=self.worker,
                    title=title,
                    started_on=start,
                    ended_on=days[-1],
                    mandatory_safety=safety,
                    certifying=not safety,
                    result=result,
                ),
            )
            for held in days:
                unknown = held > self.today or self.happens(0.06)
                attended = None if unknown else Decimal(r.choice((hours, hours, hours, 0)))
                self.story.learn(
                    held, TrainingSession(training=training, held_on=held, planned_hours=hours, attended_hours=attended)
                )
        for skill in r.sample(self.setting.skills, r.choice((0, 2, 3, 4))):
            seen = self.entry + timedelta(days=r.randrange(30, 120))
            level = r.choice((1, 1, 2))
            while seen <= min(self.exit_on, self.today):
                for eyes in ("supervisor", "worker"):
                    if eyes == "supervisor" or self.happens(0.5):
                        self.story.learn(
                            seen,
                            Assessment(
                                worker=self.worker,
                                skill=skill,
                                level=level,
                                assessed_on=seen,
                                assessed_by=eyes,
                                author=self.counsellor,
                            ),
                        )
                level = min(4, level + r.choice((0, 1, 1)))
                seen += timedelta(days=r.randrange(100, 200))

    def _rights(self) -> None:
        r = self.random
        if self.happens(0.12):
            return  # no diagnosis: what she may claim is unknown
        diagnosed = self.entry + timedelta(days=r.randrange(3, 30))
        if diagnosed > self.today:
            return
        self.story.change(diagnosed, self.pathway, rights_diagnosed_on=diagnosed)
        for code in sorted({"D04", "D20", *r.sample(("D02", "D09", "D10", "D14", "D15", "D17", "D24", "D26"), 3)}):
            right = rights()[code]
            step = self.story.learn(
                diagnosed,
                RightStep(
                    pathway=self.pathway,
                    right=code,
                    state="to_study",
                    triggered_on=diagnosed,
                    trigger=right.trigger,
                    due_on=diagnosed + timedelta(days=right.due_days),
                    updated_by=self.counsellor,
                ),
            )
            asked, answered = (diagnosed + timedelta(days=d) for d in sorted(r.sample(range(3, 110), 2)))
            fate = pick(
                r,
                {
                    "opened": 64,
                    "requested": 10,
                    "to_study": 10,
                    "refused": 5,
                    "declined": 4,
                    "not_concerned": 4,
                    "unknown": 3,
                },
            )
            if fate in {"opened", "requested", "refused"}:
                self.story.change(asked, step, state="requested", requested_on=asked)
            if fate in {"refused", "declined", "not_concerned"}:
                self.story.change(answered, step, state=fate, closed_on=answered)
            if fate == "unknown":
                self.story.change(answered, step, state="")
            if fate == "opened":
                expires = last_day(answered, right.validity_months) if right.validity_months else None
                self.story.change(answered, step, state="opened", opened_on=answered, expires_on=expires)
                if expires and expires < min(self.exit_on, self.today) and self.happens(0.3):
                    self.story.change(expires + timedelta(days=1), step, state="lapsed", closed_on=expires)

    def _leave(self) -> None:
        if self.exit_on > self.today or self.happens(0.01):
            return
        told = min(self.today, self.exit_on + timedelta(days=self.random.randrange(0, 20)))
        self.story.change(told, self.pathway, ended_on=self.exit_on, phase="sortie")
        outcome = pick(
            self.random,
            {"cdi": 13, "cdd_mission": 22, "business_creation": 2, "public_service": 2, "aided_contract": 5, "qualifying_training": 12,
             "other_siae": 7, "unemployed": 21, "inactive": 5, "retired": 2, "withdrawn": 4, "": 7},
        )  # fmt: skip
        months = (
            Decimal(self.random.choice((1, 3, 4, 6, 6, 9, 12)))
            if outcome == "cdd_mission" and self.happens(0.94)
            else None
        )
        self.story.learn(
            told,
            Exit(
                pathway=self.pathway,
                exited_on=self.exit_on,
                outcome=outcome,
                contract_months=months,
                recorded_by=self.counsellor,
            ),
        )
