"""The life around contracts: announced assignments, immersions, PASS IAE suspended and prolonged, derogations, drafts.

Added to what the stories wrote, from the rows themselves: no dice, so the stories stay as they were.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count

from console.demo.story import months_between
from contracts.models import Assignment, Contract, ContractDraft, Derogation, Immersion, PlannedMonth
from law.dates import last_day
from parcours.models import PassIAE, PassProlongation, PassSuspension

PLACES = (
    "au domicile du client",
    "sur le chantier, centre-ville",
    "à l'entrepôt, zone d'activités",
    "à l'école Jean-Moulin",
)
TASKS = ("Entretien des locaux", "Manutention et rangement", "Aide au jardin", "Service en restauration")
EQUIPMENT = ("gants, fournis par l'association", "chaussures de sécurité, fournies par le client", "aucun")
HOSTS = ("Boulangerie Maël", "Garage Kervella", "EHPAD Les Tilleuls", "Jardinerie du Pont", "Mairie de Bruz")
OBJECTIVES = ("Voir le métier de près", "Tenir le rythme d'une journée", "Rencontrer l'équipe avant une embauche")


def enrich(today: date) -> int:
    """Write it all; returns the count of rows added."""
    return _assignments(today) + _immersions(today) + _passes(today) + _derogations(today) + _drafts(today)


def _assignments(today: date) -> int:
    rows = list(Assignment.objects.order_by("pk"))
    planned = []
    for n, row in enumerate(rows):
        notice = (0, 1, 2, 3, 4, 5, 7, 9)[n % 8]
        row.announced_on = None if n % 7 == 3 else row.started_on - timedelta(days=notice)
        row.place, row.tasks = PLACES[n % 4], TASKS[n % 4]
        if n % 5:
            row.protective_equipment, row.client_pay = EQUIPMENT[n % 3], Decimal("12.40") + n % 4
            row.signed_on = row.started_on - timedelta(days=1)
        if row.ended_on is not None and row.ended_on >= today - timedelta(days=120):
            planned += [
                PlannedMonth(assignment=row, month=month, hours=Decimal(20 + n % 3 * 10))
                for month in months_between(row.started_on, row.ended_on)
            ]
    names = ["announced_on", "place", "tasks", "protective_equipment", "client_pay", "signed_on"]
    Assignment.objects.bulk_update(rows, names, batch_size=1000)
    return len(PlannedMonth.objects.bulk_create(planned))


def _immersions(today: date) -> int:
    long = [
        contract
        for contract in Contract.objects.filter(kind="FIXED_TERM_I", planned_end_on__isnull=False).order_by("pk")
        if ((contract.ended_on or contract.planned_end_on or today) - contract.started_on).days >= 110
    ]
    rows = []
    for n, contract in enumerate(long[::8]):
        start = contract.started_on + timedelta(days=45)
        end = start + timedelta(days=(4, 9, 13, 20)[n % 4])
        if start > today + timedelta(days=30):
            continue
        result = ("hired", "confirmed", "refined", "other_project", "")[n % 5] if end < today else ""
        rows.append(
            Immersion(
                worker_id=contract.worker_id,
                contract=contract,
                host_name=HOSTS[n % 5],
                object=("discover", "confirm", "recruit")[n % 3],
                objective=OBJECTIVES[n % 3],
                started_on=start,
                ended_on=end,
                prescriber="France Travail",
                signed_on=start - timedelta(days=6),
                result=result,
                assessment="La personne a tenu son poste ; bilan fait à trois." if result else "",
            )
        )
    return len(Immersion.objects.bulk_create(rows))


def _passes(today: date) -> int:
    """Suspended: the person stopped and was not hired again. Prolonged: the end is near and someone asked in time."""
    alone = PassIAE.objects.annotate(same=Count("worker__passes")).filter(same=1, ended_on__gte=today)
    suspensions, prolongations, moved = [], [], []
    for n, row in enumerate(
        alone.select_related("worker__counsellor").prefetch_related("worker__contracts").order_by("pk")
    ):
        contracts = list(row.worker.contracts.all())
        stopped = max((c.ended_on for c in contracts if c.ended_on), default=None)
        hired_again = any(c.ended_on is None or (stopped and c.started_on > stopped) for c in contracts)
        if stopped and not hired_again and row.started_on <= stopped < today - timedelta(days=20):
            start = stopped + timedelta(days=1)
            if (today - start).days <= 365 and n % 2:
                one = PassSuspension(
                    pass_iae=row, started_on=start, ended_on=last_day(start, 36), reason="contract_broken"
                )
                row.ended_on += timedelta(days=one.days)
                suspensions.append(one)
                moved.append(row)
        elif row.worker.counsellor and (row.ended_on - today).days <= 120 and n % 3 == 0:
            accepted = n % 2 == 0
            one_more = PassProlongation(
                pass_iae=row, reason="complete_training" if accepted else "rqth", from_on=row.ended_on,
                days=90 if accepted else 180, state="accepted" if accepted else "requested",
                report="Formation jusqu'au printemps." if accepted else "Projet en cours, reconnaissance obtenue en juin.",
                requested_on=today - timedelta(days=12), requested_by=row.worker.counsellor,
                decided_on=today - timedelta(days=12) if accepted else None,
            )  # fmt: skip
            prolongations.append(one_more)
            if accepted:
                row.ended_on += timedelta(days=90)
                moved.append(row)
    PassIAE.objects.bulk_update(moved, ["ended_on"])
    PassSuspension.objects.bulk_create(suspensions)
    PassProlongation.objects.bulk_create(prolongations)
    return len(suspensions) + len(prolongations)


def _derogations(today: date) -> int:
    """Half of the people under 20 hours a week in an ACI have the prefect's decision."""
    rows: dict[int, Derogation] = {}
    short = Contract.objects.filter(kind="FIXED_TERM_I", weekly_hours__lt=20, worker__organisation__kind="ACI")
    for contract in short.select_related("worker").order_by("pk"):
        if contract.worker_id % 2 and contract.worker_id not in rows:
            rows[contract.worker_id] = Derogation(
                organisation_id=contract.worker.organisation_id, worker_id=contract.worker_id, kind="hours_individual",
                decided_by="prefect", decided_on=contract.started_on - timedelta(days=10),
                started_on=contract.started_on, ended_on=last_day(contract.started_on, 12), reference="DDETS 35",
            )  # fmt: skip
    return len(Derogation.objects.bulk_create(rows.values()))


def _drafts(today: date) -> int:
    """Renewals being prepared for the contracts that end within 45 days."""
    ending = Contract.objects.filter(
        kind="FIXED_TERM_I", ended_on=None, renewed_by=None, worker__counsellor__isnull=False,
        planned_end_on__range=(today, today + timedelta(days=45)),
    ).select_related("worker__counsellor")  # fmt: skip
    rows = []
    for contract in ending.order_by("pk"):
        if contract.pk % 3 == 0 and contract.planned_end_on and contract.worker.counsellor:
            start = contract.planned_end_on + timedelta(days=1)
            rows.append(
                ContractDraft(
                    worker=contract.worker,
                    kind=contract.kind,
                    renews=contract,
                    started_on=start,
                    planned_end_on=last_day(start, 4),
                    weekly_hours=contract.weekly_hours,
                    hourly_gross=contract.hourly_gross,
                    prepared_by=contract.worker.counsellor,
                    prepared_on=today - timedelta(days=3),
                )
            )
    return len(ContractDraft.objects.bulk_create(rows))
