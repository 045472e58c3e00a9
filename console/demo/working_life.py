"""The working half of a life: contracts as the structure's kind signs them, what changes them, what was paid."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from console.demo.story import PARIS, Teller, months_between
from console.demo.world import CLIENTS, pick
from contracts.models import Amendment, Assignment, Contract, Decision, Suspension, WorkedMonth
from law import history, law_on
from law.dates import add_months, last_day


def _handed(start: date, reference: str) -> dict[str, date | None]:
    """When the contract and the written information were given: in time for most, late or not noted for some."""
    turn = start.toordinal() + sum(map(ord, reference))
    return {
        "handed_on": None if turn % 9 == 0 else start + timedelta(days=(0, 1, 2, 2, 6)[turn % 5]),
        "rights_information_on": None if turn % 7 == 0 else start + timedelta(days=(0, 10, 30, 120)[turn % 4]),
    }


class WorkingLife(Teller):
    def _sign(self, kind: str, start: date, end: date | None, hours: Decimal, **more: Any) -> Contract:
        smic = law_on(start).amount("smic.hourly")
        raise_ = Decimal(self.random.choice((100, 100, 100, 101, 102, 103, 105, 110))) / 100
        signed = None if self.happens(0.03) else start - timedelta(days=self.random.randrange(0, 12))
        contract = Contract(
            worker=self.worker,
            reference=f"{self.worker.reference}-{start:%y%m%d}",
            kind="" if self.happens(0.008) else kind,
            signed_on=signed,
            started_on=start,
            planned_end_on=end,
            weekly_hours=hours,
            hourly_gross=None if self.happens(0.03) else (smic * raise_).quantize(Decimal("0.0001")),
            **_handed(start, self.worker.reference),
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
        if self.happens(0.05):
            hours = Decimal(16)  # under the 20 hours of the law
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
            and self.age() >= 57
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
            kinds: dict[str, float] = (
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
                former_weekly_hours=contract.weekly_hours,
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
                worker=self.worker,
                contract=contract,
                rule="CONTRACT_END",
                due_on=end,
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
            full = (contract.weekly_hours or Decimal(26)) * 52 / 12
            if most:
                full = Decimal(str(most * self.random.uniform(0.4, 1.2)))
            hours = (full * min(share, Decimal(1)) * season * Decimal(str(self.random.uniform(0.9, 1)))).quantize(
                Decimal("0.01")
            )
            floor = max(contract.hourly_gross or Decimal(0), law_on(month).amount("smic.hourly"))
            unknown = self.happens(0.015)
            # a day of seven hours, and no more days than the month had; one payroll in twenty does not give them
            worked = None if unknown or int(hours * 100) % 20 == 7 else min(days, int(hours / 7) + (hours % 7 > 0))
            self.story.learn(
                known_on,
                WorkedMonth(
                    contract=contract,
                    assignment=assignment,
                    month=month,
                    paid_hours=None if unknown else hours,
                    gross_pay=None if unknown or self.happens(0.02) else (hours * floor).quantize(Decimal("0.01")),
                    paid_days=worked,
                    closed=add_months(month, 2) <= self.today,
                ),
            )
