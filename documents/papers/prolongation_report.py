"""The report that goes with a request to prolong a PASS IAE (R5132-1-8 CT)."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.roles import Permission
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text
from parcours.models import FollowUp, PassProlongation


@dataclass(frozen=True)
class Job:
    kind: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class Done:
    """How many follow-ups of a nature took place, and their minutes in all."""

    kind: str
    count: int
    minutes: int


@dataclass(frozen=True)
class ProlongationReport:
    """`days` asked from the end of the PASS; `would_end_on` is the last day if it is granted."""

    person: Person
    number: str
    pass_started_on: date
    pass_ends_on: date
    reason: str
    days: int
    would_end_on: date
    prescriber: str
    requested_on: date
    report: str
    jobs: tuple[Job, ...]
    done: tuple[Done, ...]


def facts(asked: PassProlongation, today: date) -> ProlongationReport:
    held = asked.pass_iae
    worker = held.worker
    follow_ups = FollowUp.objects.filter(
        pathway__worker=worker, cancelled_at=None, outcome="present", held_on__gte=held.started_on, held_on__lte=today
    )
    counts: dict[str, list[int]] = {}
    for row in follow_ups.order_by("kind"):
        kept = counts.setdefault(row.get_kind_display(), [0, 0])
        kept[0], kept[1] = kept[0] + 1, kept[1] + row.minutes
    return ProlongationReport(
        person=Person.of(worker),
        number=str(held),
        pass_started_on=held.started_on,
        pass_ends_on=asked.from_on,
        reason=asked.get_reason_display(),
        days=asked.days,
        would_end_on=asked.from_on + timedelta(days=asked.days),
        prescriber=asked.prescriber,
        requested_on=asked.requested_on,
        report=asked.report,
        jobs=tuple(
            Job(c.get_kind_display(), c.started_on, c.ended_on or c.planned_end_on)
            for c in worker.contracts.order_by("started_on", "pk")
        ),
        done=tuple(Done(kind, count, minutes) for kind, (count, minutes) in counts.items()),
    )


KIND = PaperKind(
    code="prolongation_report",
    label="Bilan de prolongation du PASS IAE",
    about=PassProlongation,
    facts=facts,
    seen_with=Permission.SEE_PEOPLE,
    issued_with=Permission.SEE_PEOPLE,
    related=("pass_iae__worker__organisation__commune",),
    texts={
        "intro": Text(
            "Phrase d'introduction",
            "{structure} demande la prolongation du PASS IAE de {salarie} et en présente ici les raisons.",
        )
    },
)
