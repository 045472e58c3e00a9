"""What happens to one person: a pathway, contracts as the structure's kind signs them, months, meetings, rights, an exit.

Everything is drawn from one `Random`. Each fact carries the day it was learnt: `Story.learn` files the row under it, and a
later change of the same row under a later day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.models import Organisation, User
from console.demo.world import CLIENTS, FIRST_NAMES, LAST_NAMES, TRAININGS, pick
from contracts.models import Amendment, Assignment, Contract, Decision, Suspension, WorkedMonth
from law import history, law_on
from law.dates import add_months, last_day
from law.findings import pass_last_day
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker
from rights.catalogue import rights
from rights.models import RightStep
from skills.models import Assessment, Skill, Training, TrainingSession

PARIS = ZoneInfo("Europe/Paris")
Change = tuple[Model, dict[str, Any]]


@dataclass
class Story:
    """Rows by the day they were learnt, and changes of rows by the day the change was learnt."""

    today: date
    rows: dict[date, list[Model]] = field(default_factory=lambda: defaultdict(list))
    changes: dict[date, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, day: date, row: Model) -> Any:
        """File a row; one learnt in the future is not known, and is dropped by the caller's own test."""
        self.rows[min(day, self.today)].append(row)
        return row

    def change(self, day: date, row: Model, **fields: Any) -> None:
        if day <= self.today:
            self.changes[day].append((row, fields))


@dataclass(frozen=True)
class Setting:
    organisation: Organisation
    counsellors: list[User]
    skills: list[Skill]


def months_between(start: date, end: date) -> list[date]:
    """First days of the months from start's to end's, both included."""
    month, found = start.replace(day=1), []
    while month <= end:
        found.append(month)
        month = add_months(month, 1)
    return found


class Life:
    def __init__(self, random: Random, story: Story, setting: Setting, number: int, entry: date) -> None:
        self.random, self.story, self.setting = random, story, setting
        self.kind, self.entry, self.today = setting.organisation.kind, entry, story.today
        self.worker = self._worker(number)
        self.counsellor = self.worker.counsellor or setting.counsellors[0]
        stay = int(min(700, max(25, random.gauss(330, 190))))
        self.exit_on = entry + timedelta(days=stay)
        self.pathway = story.learn(entry, Pathway(worker=self.worker, started_on=entry, phase="integration"))

    def happens(self, share: float) -> bool:
        return self.random.random() < share

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

    # Contracts ------------------------------------------------------------------------------------------------------

    def _sign(self, kind: str, start: date, end: date | None, hours: Decimal, **more: Any) -> Contract:
        smic = law_on(start).amount("smic.hourly")
        raise_ = Decimal(self.random.choice((100, 100, 100, 101, 102, 103, 105, 110))) / 100
        signed = None if self.happens(0.015) else start - timedelta(days=self.random.randrange(0, 12))
        contract = Contract(
            worker=self.worker,
            reference=f"{self.worker.reference}-{start:%y%m%d}",
            kind="" if self.happens(0.008) else kind,
            signed_on=signed,
            started_on=start,
            planned_end_on=end,
            weekly_hours=hours,
            hourly_gross=None if self.happens(0.03) else (smic * raise_).quantize(Decimal("0.0001")),
            **more,
        )
        for since, floor in history("smic.hourly"):  # nobody stays below the SMIC when it rises
            below = contract.hourly_gross is not None and contract.hourly_gross < Decimal(str(floor))
            if start < since <= min(end or self.today, self.today) and below:
                self.story.change(since, contract, hourly_gross=Decimal(str(floor)))
        return self.story.learn(max(self.entry, min(signed or start, start)), contract)  # type: ignore[no-any-return]

    def _cddi_chain(self) -> None:
        r = self.random
        hours = Decimal(
            r.choice((20, 24, 26, 26, 26, 28, 30, 35)) if self.kind == "ACI" else r.choice((26, 30, 35, 35))
        )
        if self.happens(0.02):
            hours = Decimal(16)
        start, previous = self.entry, None
        ceiling = last_day(start, 24) if not self.happens(0.02) else last_day(start, 27)
        while start <= min(self.exit_on, self.today):
            months = r.choice((4, 4, 5, 6, 6)) if previous is None else r.choice((4, 6, 6, 8, 12))
            end = min(last_day(start, months), ceiling) if not self.happens(0.01) else last_day(start, 3)
            contract = self._sign("FIXED_TERM_I", start, end, hours, renews=previous)
            self._decide(contract, end)
            if self.happens(0.07):
                self._amend(contract)
            if self.happens(0.06):
                self._suspend(contract)
            stop = self._maybe_break(contract, end, last=end >= self.exit_on)
            self._months(contract, stop)
            previous, start = contract, end + timedelta(days=1)
            if stop < end or end >= ceiling:
                self.exit_on = min(self.exit_on, stop)
                break
            if start - timedelta(days=12) > self.today:  # the renewal is not signed yet
                break
        if (
            previous
            and self._age() >= 57
            and (start - self.entry).days > 365
            and start <= self.today
            and self.happens(0.5)
        ):
            forever = self._sign("PERMANENT_I", start, None, hours)
            self.exit_on = self.today + timedelta(days=900)
            self._months(forever, self.today)

    def _usage_contracts(self) -> list[Contract]:
        contracts: list[Contract] = []
        start = self.entry
        while start <= min(self.exit_on, self.today):
            end = min(last_day(start, self.random.choice((1, 1, 2, 3, 6))), self.exit_on)
            end = max(end, start)
            contracts.append(self._sign("FIXED_TERM_USAGE", start, end, Decimal(self.random.choice((8, 12, 16, 20)))))
            if end < self.today:
                self.story.change(end + timedelta(days=2), contracts[-1], ended_on=end, end_reason="term")
            start = end + timedelta(days=self.random.choice((1, 1, 1, 4, 20, 45)))
        return contracts

    def _assignments(self, contracts: list[Contract]) -> None:
        """Mises à disposition: most people work for households, some nearly only for companies (the 480 hours)."""
        company = self.happens(0.18)
        for contract in contracts:
            kinds = (
                {"entreprise": 9, "particulier": 1}
                if company
                else {"particulier": 6, "association": 2, "collectivite": 2, "entreprise": 1, "": 0.3}
            )
            for client_kind in dict.fromkeys(pick(self.random, kinds) for _time in range(2)):
                assignment = self.story.learn(
                    contract.started_on,
                    Assignment(
                        contract=contract,
                        client_name=self.random.choice(CLIENTS[client_kind]),
                        client_kind=client_kind,
                        started_on=contract.started_on,
                        ended_on=contract.planned_end_on,
                    ),
                )
                most = 75 if company else 45
                self._months(contract, contract.planned_end_on or self.today, assignment, most)

    def _missions(self) -> None:
        start = self.entry
        while start <= min(self.exit_on, self.today):
            end = start + timedelta(days=self.random.choice((4, 11, 18, 32, 60, 88)))
            contract = self._sign("TEMPORARY", start, end, Decimal(35))
            self.story.learn(
                start,
                Assignment(
                    contract=contract,
                    client_name=self.random.choice(CLIENTS["entreprise"]),
                    client_kind="entreprise",
                    started_on=start,
                    ended_on=end,
                ),
            )
            self._months(contract, end)
            if end < self.today:
                self.story.change(end + timedelta(days=1), contract, ended_on=end, end_reason="term")
            start = end + timedelta(days=self.random.choice((1, 2, 3, 10, 30)))

    def _alternation(self) -> None:
        kind = self.random.choice(("APPRENTICESHIP", "PROFESSIONAL_TRAINING"))
        end = last_day(self.entry, self.random.choice((12, 12, 18, 24)))
        contract = self._sign(kind, self.entry, end, Decimal(35))
        self._decide(contract, end)
        self.exit_on = self._maybe_break(contract, end, last=True)
        self._months(contract, self.exit_on)

    def _maybe_break(self, contract: Contract, end: date, last: bool) -> date:
        """The contract's effective last day: broken early for some, else its term."""
        if self.happens(0.09):
            stop = contract.started_on + timedelta(
                days=self.random.randrange(5, max(6, (end - contract.started_on).days))
            )
            reason = self.random.choice(
                ("hired_elsewhere", "agreement", "resignation", "trial_worker", "training", "abandonment")
            )
            if stop <= self.today:
                self.story.change(stop + timedelta(days=1), contract, ended_on=stop, end_reason=reason)
                self.exit_on = stop
                return stop
        if end < self.today and not self.happens(0.03):
            reason = "term" if last else "renewed"
            self.story.change(end + timedelta(days=3), contract, ended_on=end, end_reason=reason)
        return end

    def _amend(self, contract: Contract) -> None:
        effective = contract.started_on + timedelta(days=40)
        hours = min(Decimal(35), (contract.weekly_hours or Decimal(26)) + 4)
        if effective > self.today or hours == contract.weekly_hours:
            return
        signed = effective - timedelta(days=5)
        self.story.learn(
            signed,
            Amendment(
                contract=contract,
                signed_on=signed,
                effective_on=effective,
                weekly_hours=hours,
                reason="Hausse des heures",
            ),
        )
        self.story.change(effective, contract, weekly_hours=hours)

    def _suspend(self, contract: Contract) -> None:
        start = contract.started_on + timedelta(days=self.random.randrange(20, 90))
        if start > self.today:
            return
        row = self.story.learn(
            start,
            Suspension(
                contract=contract, started_on=start, reason=self.random.choice(("illness", "pmsmp", "training"))
            ),
        )
        end = start + timedelta(days=self.random.randrange(5, 40))
        self.story.change(end, row, ended_on=end)

    def _decide(self, contract: Contract, end: date) -> None:
        """Decided early, late or not at all; told or not known to be told."""
        day = end - timedelta(days=self.random.choice((45, 35, 25, 20, 16, 10, 4)))
        if day > self.today or day <= contract.started_on or self.happens(0.25):
            return
        told = None if self.happens(0.12) else day + timedelta(days=self.random.choice((0, 0, 1, 3)))
        if told and told > self.today:
            told = None
        self.story.learn(
            day,
            Decision(
                contract=contract,
                kind=self.random.choice(("renew", "renew", "end_with_exit_plan", "convert_cdi")),
                reason="Bilan partagé avec la personne et son encadrant.",
                decided_by=self.counsellor,
                notified_on=told,
                recorded_at=datetime.combine(day, time(10), PARIS),
            ),
        )

    def _months(self, contract: Contract, stop: date, assignment: Assignment | None = None, most: float = 0) -> None:
        """Paid months; payroll closes the 8th of the next one, and some months never came."""
        first, last = contract.started_on, min(stop, self.today)
        for month in months_between(first, last):
            known_on = add_months(month, 1) + timedelta(days=7)
            if known_on > self.today or self.happens(0.02):
                continue
            days = (min(last, last_day(month, 1)) - max(first, month)).days + 1
            share = Decimal(days) / (last_day(month, 1) - month).days if days > 0 else Decimal(0)
            season = Decimal("0.82") if month.month in {8, 12} else Decimal(1)
            full = (
                Decimal(str(most * self.random.uniform(0.4, 1.2))) if most else (contract.weekly_hours or 26) * 52 / 12
            )
            hours = (full * min(share, Decimal(1)) * season * Decimal(str(self.random.uniform(0.9, 1)))).quantize(
                Decimal("0.01")
            )
            floor = max(contract.hourly_gross or Decimal(0), law_on(month).amount("smic.hourly"))
            unknown = self.happens(0.015)
            self.story.learn(
                known_on,
                WorkedMonth(
                    contract=contract,
                    assignment=assignment,
                    month=month,
                    paid_hours=None if unknown else hours,
                    gross_pay=None if unknown or self.happens(0.02) else (hours * floor).quantize(Decimal("0.01")),
                    closed=add_months(month, 2) <= self.today,
                ),
            )

    # Accompaniment --------------------------------------------------------------------------------------------------

    def _age(self) -> int:
        birth = self.worker.birth_date
        return 0 if birth is None else (self.today - birth).days // 365

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
