"""What the structures of the demonstration aim at and try: targets of the year and of the last one, two experiments."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Membership, Organisation
from contracts.models import Contract
from indicators import actions

STRUCTURES, PARTICIPANTS = 3, 9
TARGETS = {
    "SEC-01": "0.6", "CON-01": "250", "ACC-01": "0.6", "REM-03": "0.3", "COM-02": "0.4", "ENG-03": "0.7", "SOR-01": "0.6",
}  # fmt: skip


def aim(today: date) -> int:
    """Targets voted by the first structures, and their experiments: one told to its end, one under way. Returns how many
    rows were written."""
    written = 0
    for structure in Organisation.objects.filter(nature="structure").order_by("id")[:STRUCTURES]:
        by = Membership.objects.filter(organisation=structure).order_by("id")[0].user
        for year in (today.year - 1, today.year):
            for code, value in TARGETS.items():
                actions.vote_target(
                    by=by, organisation=structure, indicator=code, year=year, value=Decimal(value),
                    voted_on=date(year, 1, 1) + timedelta(days=40), voted_by="assembly",
                )  # fmt: skip
                written += 1
        written += _experiments(structure, by, today)
    return written


def _experiments(structure: Organisation, by, today: date) -> int:  # type: ignore[no-untyped-def]
    start, written = today - timedelta(days=400), 0
    told = actions.register_experiment(
        by=by, organisation=structure, title="Tutorat entre salariés", subject="relations",
        hypothesis="Un salarié formé au tutorat accueille mieux que l'encadrant seul : moins de départs le premier mois.",
        outcome="Part des entrants encore là au bout d'un mois.", comparison="Les entrants de l'année d'avant.",
        registered_on=start - timedelta(days=20), started_on=start, planned_end_on=start + timedelta(days=180),
    )  # fmt: skip
    running = actions.register_experiment(
        by=by, organisation=structure, title="Semaine de quatre jours", subject="organisation",
        hypothesis="À heures égales, une journée libre pour ses démarches fait baisser les absences.",
        outcome="Part des heures payées sur les heures prévues.", comparison="L'équipe qui garde cinq jours.",
        registered_on=today - timedelta(days=110), started_on=today - timedelta(days=100),
        planned_end_on=today + timedelta(days=80),
    )  # fmt: skip
    for experiment, day in ((told, start), (running, running.started_on)):
        there = Contract.objects.filter(
            worker__organisation=structure, started_on__lte=day, planned_end_on__gt=day + timedelta(days=30)
        )
        workers = {contract.worker_id: contract.worker for contract in there.select_related("worker").order_by("id")}
        for number, worker in enumerate(list(workers.values())[:PARTICIPANTS]):
            agreed = (
                None if number % 4 == 3 else day - timedelta(days=3)
            )  # one in four: nobody wrote whether she agrees
            actions.join_experiment(by=by, experiment=experiment, worker=worker, joined_on=day, consented_on=agreed)
            written += 1
    actions.end_experiment(by=by, experiment=told, ended_on=start + timedelta(days=180))
    actions.publish_evaluation(
        by=by, experiment=told, published_on=start + timedelta(days=240),
        result="Pas d'écart constaté sur les départs du premier mois ; les tuteurs, eux, demandent à continuer.",
    )  # fmt: skip
    return written + 2
