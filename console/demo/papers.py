"""Papers already issued, letterheads and choices of notification: what a structure has after some months of use."""

from collections.abc import Sequence
from datetime import date

from accounts.models import Organisation, User
from contracts.models import Contract
from documents import actions
from documents.models import LETTERHEAD
from documents.papers import KINDS
from notifications.actions import prefer
from notifications.models import Preference
from parcours.models import Worker

SHOWN = 4  # of each kind and structure, in the first structures
STREETS = ("3 rue des Lilas", "12 quai des Tanneurs", "8 chemin du Verger")


def write_papers(*, structures: Sequence[Organisation], today: date) -> int:
    """Issue a few papers in some structures; how many."""
    issued = 0
    for number, structure in enumerate(structures[: len(STREETS)]):
        author = User.objects.filter(memberships__organisation=structure).order_by("pk").first()
        if author is None:
            continue
        town = structure.commune
        address = STREETS[number] + (f"\n{town.postal_codes[0]} {town.name}" if town and town.postal_codes else "")
        actions.adapt(
            by=author,
            organisation=structure,
            kind=LETTERHEAD,
            texts={"address": address, "contact": "bonjour@demo.example", "signatory_title": "Direction"},
            version=0,
        )
        contracts = Contract.objects.filter(worker__organisation=structure).order_by("-started_on", "-pk")
        subjects: list[tuple[str, Contract | Worker]] = [
            *(("contract_summary", contract) for contract in contracts.filter(ended_on=None)[:SHOWN]),
            *(("work_certificate", contract) for contract in contracts.exclude(ended_on=None)[:SHOWN]),
            *(
                ("my_pathway", worker)
                for worker in Worker.objects.filter(organisation=structure).order_by("pk")[:SHOWN]
            ),
        ]
        for kind, subject in subjects:
            actions.issue(by=author, kind=KINDS[kind], subject=subject, today=today)
            issued += 1
    return issued


def write_preferences() -> None:
    """One user in three chose something else than the usual way."""
    frequencies = list(Preference.Frequency)
    for user in User.objects.order_by("pk")[::3]:
        prefer(by=user, frequency=frequencies[user.pk % len(frequencies)], by_structure=user.pk % 2 == 0)
