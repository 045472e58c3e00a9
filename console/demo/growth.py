"""What a person learns, is seen to do, and tells of her life because it opens rights."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from console.demo.story import Teller
from console.demo.world import TRAININGS
from rights.models import Circumstance
from skills.models import Assessment, Certificate, Qualification, Training, TrainingSession

CIRCUMSTANCES = (
    "lease", "bank_refusal", "debts", "mobility_need", "housing_need", "health_limits", "no_address", "energy_bills",
    "low_income", "leisure", "training_project", "no_social_number", "rent_debt", "lone_parent",
)  # fmt: skip
PLACES = ("Chantier du parc", "Atelier", "Chez le client", "Cuisine", "Entrepôt")
SEEN = (
    "Seul sur le poste toute la matinée",
    "A montré le geste à une collègue",
    "Travail fini dans le temps prévu",
    "",
)
WORDS = ("Je m'y sens bien.", "Encore besoin d'aide pour finir.", "J'aimerais montrer aux nouveaux.", "", "")
HIGHER = {"70": "51", "60": "51", "50": "51", "51": "41", "40": "30"}


class Growth(Teller):
    """Has dice of its own: what is told here changes nothing of the person's working life."""

    def __init__(self, life: Teller) -> None:
        self.__dict__.update(life.__dict__)
        self.random = Random(f"{life.worker.reference} {life.entry}")  # noqa: S311 - invented lives, not secrets

    def skills(self) -> None:
        for title, safety, sessions, hours in self.random.sample(TRAININGS, self.random.choice((0, 1, 1, 2))):
            self._training(title, safety, sessions, hours)
        for skill in self.random.sample(self.setting.skills, self.random.choice((0, 2, 3, 4))):
            self._assessments(skill)
        level = self.worker.education_level
        over = self.exit_on <= self.today
        if self.happens(0.9):
            reached = HIGHER.get(level, level) if over and self.happens(0.12) else level
            row = self.story.learn(self.entry, Qualification(pathway=self.pathway, entry_level=level))
            if over and self.happens(0.85):
                self.story.change(self.exit_on, row, exit_level=reached)

    def _training(self, title: str, safety: bool, sessions: int, hours: int) -> None:
        r = self.random
        start = self.entry + timedelta(days=r.randrange(10, 300))
        if start > min(self.exit_on, self.today):
            return
        days = [start + timedelta(days=7 * n) for n in range(sessions)]
        over = days[-1] <= self.today
        dropped = over and self.happens(0.08)
        training = self.story.learn(
            start,
            Training(
                worker=self.worker,
                title=title,
                provider=r.choice(("GRETA", "AFPA", "Centre de formation COORACE", "")),
                started_on=start,
                ended_on=days[-1],
                mandatory_safety=safety,
                certifying=not safety,
                in_working_time=r.choice((True, True, True, False, None)),
                funder=r.choice(("OPCO", "Région", "Structure", "")),
                certification="" if safety else r.choice(("rncp", "rs", "clea", "cqp", "block")),
                due_on=None if safety else days[-1] + timedelta(days=30),
                result="running",
                afest=self.happens(0.1),
            ),
        )
        if training.afest:
            training.afest_situation = "Poste de travail analysé avec l'encadrant"
            training.afest_trainer = "Encadrant technique"
            training.afest_reviewed_on = days[-1] if over and self.happens(0.8) else None
        for held in days:
            unknown = held > self.today or self.happens(0.06)
            attended = None if unknown else Decimal(r.choice((hours, hours, hours, 0)))
            self.story.learn(
                held,
                TrainingSession(
                    training=training,
                    held_on=held,
                    planned_hours=hours,
                    attended_hours=attended,
                    excused=attended == 0 and self.happens(0.5),
                ),
            )
        if dropped:
            why = r.choice(("job", "health", "family", "other"))
            self.story.change(days[-1], training, result="dropped", result_on=days[-1], drop_reason=why)
        elif over and safety:
            self.story.change(days[-1], training, result="completed", result_on=days[-1])
            until = days[-1] + timedelta(days=730)
            self._certificate(training, title, days[-1], until if "secouriste" in title.lower() else None)
        elif over and self.happens(0.9):  # else the result is awaited, then unknown
            told = days[-1] + timedelta(days=30)
            result = r.choice(("certified", "certified", "certified", "partial", "failed"))
            self.story.change(told, training, result=result, result_on=told)
            if told <= self.today and result in {"certified", "partial"}:
                self._certificate(training, title, told, None, result == "partial")

    def _certificate(self, training, title, on, until, partial=False) -> None:  # type: ignore[no-untyped-def]
        row = Certificate(
            worker=self.worker, training=training, title=title, obtained_on=on, expires_on=until, partial=partial
        )
        self.story.learn(on, row)

    def _assessments(self, skill) -> None:  # type: ignore[no-untyped-def]
        r = self.random
        seen = self.entry + timedelta(days=r.randrange(30, 120))
        level, acquired = r.choice((1, 1, 2)), False
        while seen <= min(self.exit_on, self.today):
            evidence = r.choice(SEEN)
            validated = level >= 3 and not acquired and self.happens(0.7)
            acquired = acquired or validated
            self.story.learn(
                seen,
                Assessment(
                    worker=self.worker,
                    skill=skill,
                    level=level,
                    assessed_on=seen,
                    assessed_by="supervisor",
                    context=r.choice(PLACES),
                    evidence=evidence,
                    validated=validated,
                    signed_on=seen,
                    worker_signed_on=seen if self.happens(0.85) else None,
                    author=self.counsellor,
                ),
            )
            if self.happens(0.6):
                own = min(4, max(1, level + r.choice((-1, 0, 0, 1))))
                self.story.learn(
                    seen,
                    Assessment(
                        worker=self.worker,
                        skill=skill,
                        level=own,
                        assessed_on=seen,
                        assessed_by="worker",
                        context=r.choice(PLACES),
                        words=r.choice(WORDS),
                        signed_on=seen,
                        author=self.counsellor,
                    ),
                )
            level = min(4, level + r.choice((0, 1, 1)))
            seen += timedelta(days=r.randrange(100, 200))

    def rights(self) -> None:
        """What the person tells; the nights of the story open the steps (console.demo.nights)."""
        r = self.random
        if self.happens(0.12):
            return  # no diagnosis: what she may claim is unknown
        diagnosed = self.entry + timedelta(days=r.randrange(3, 30))
        if diagnosed > self.today:
            return
        self.story.change(diagnosed, self.pathway, rights_diagnosed_on=diagnosed)
        for kind in r.sample(CIRCUMSTANCES, r.choice((0, 0, 1, 1, 2, 3))):
            told = diagnosed + timedelta(days=r.choice((0, 0, 0, 60, 150)))
            if told <= min(self.exit_on, self.today):
                self._tell(told, kind, told - timedelta(days=r.randrange(0, 60)))
        if self.happens(0.18):
            until = diagnosed + timedelta(days=r.randrange(40, 700))
            self._tell(diagnosed, "residence_permit", until - timedelta(days=r.choice((364, 1460))), until, "carte")
        if self.happens(0.3):
            since = diagnosed - timedelta(days=r.randrange(20, 340))
            self._tell(diagnosed, "c2s", since, since + timedelta(days=364) if self.happens(0.85) else None)
        if self.happens(0.15):
            self._tell(diagnosed, "child", diagnosed - timedelta(days=r.randrange(30, 1400)))

    def _tell(self, told, kind, since, until=None, label="") -> None:  # type: ignore[no-untyped-def]
        self.story.learn(
            told,
            Circumstance(
                worker=self.worker, kind=kind, since=since, until=until, label=label, recorded_by=self.counsellor
            ),
        )
