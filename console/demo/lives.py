"""What happens to one person: a welcome, work, accompaniment, skills, rights, an exit. Everything is drawn from one `Random`."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from console.demo.growth import Growth
from console.demo.story import Setting, Story
from console.demo.working_life import WorkingLife
from console.demo.world import FIRST_NAMES, LAST_NAMES, pick
from law import law_on
from law.pass_iae import pass_last_day
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker


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
        growth = Growth(self)
        growth.skills()
        growth.rights()
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
