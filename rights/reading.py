"""Everything about one person's rights on a day, for her page, the checklist and the papers."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.access import Principal
from contracts.models import Contract, WorkedMonth
from law.clocks import Clock, Job, Month, Person, clocks
from law.nomenclature import choices, codes
from parcours.models import PassIAE, Pathway, Worker
from rights.catalogue import Right, rights
from rights.models import Circumstance, RightStep
from rights.transitions import moves


@dataclass(frozen=True)
class Line:
    """A step with what the catalogue says of it. `late`: still to do after its day; `answer_on`: when one is awaited. Of a right
    that its reader may not know, the catalogue says nothing and no move is hers."""

    step: RightStep
    right: Right | None
    late: bool
    answer_on: date | None
    moves: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
    """`to_do` by urgency, `waiting` for an answer, `open`, `over`; and what is known already, with the clocks."""

    worker: Worker
    pathway: Pathway | None
    day: date
    to_do: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    open: list[Line] = field(default_factory=list)
    over: list[Line] = field(default_factory=list)
    circumstances: list[Circumstance] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    current_pass: PassIAE | None = None

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Every line not over by theme, in the order of the nomenclature, for the printed page; those reserved come last."""
        lines = [*self.to_do, *self.waiting, *self.open]
        known = [(line.right.group if line.right else "", line) for line in lines]
        themes = [*choices("right_group"), ("", _("Réservé aux conseillers de la structure"))]
        named = [(label, [line for group, line in known if group == code]) for code, label in themes]
        return [(label, mine) for label, mine in named if mine]


PLACE = {"": "to_do", "to_study": "to_do", "requested": "waiting", "appealed": "waiting", "opened": "open"}


def checklist(worker: Worker, day: date, reader: Principal) -> Checklist:
    """The rights of a person on a day, as far as their reader may know them. Six queries, however many steps."""
    found = Checklist(
        worker=worker,
        pathway=worker.pathways.first(),
        day=day,
        circumstances=list(Circumstance.objects.visible_to(reader).filter(worker=worker)),
        clocks=person_clocks(worker, day),
        current_pass=worker.passes.first(),
    )
    steps = (
        RightStep.objects.visible_to(reader).filter(pathway__worker=worker).select_related("renewed_from", "pathway")
    )
    for step in steps.order_by("due_on", "expires_on", "id"):
        right = rights()[step.right] if step.readable else None
        line = Line(
            step=step,
            right=right,
            late=step.state in {"", "to_study"} and step.due_on is not None and step.due_on < day,
            answer_on=right.answer_expected_on(step.requested_on) if right and step.requested_on else None,
            moves=moves(step.state) if right else (),
        )
        getattr(found, PLACE.get(step.state, "over")).append(line)
    return found


def person_clocks(worker: Worker, day: date) -> list[Clock]:
    """The clocks of a person on a day, from her contracts and paid months in the structure. Three queries."""
    pathway = worker.pathways.filter(started_on__lte=day).order_by("started_on").first()
    endless = set(codes("contract_kind", open_ended=True))
    jobs = [
        Job(c.kind, c.started_on, c.ended_on or (None if c.kind in endless else c.planned_end_on), c.weekly_hours)
        for c in Contract.objects.filter(worker=worker)
    ]
    months = [Month(m.month, m.paid_hours, m.gross_pay) for m in WorkedMonth.objects.filter(contract__worker=worker)]
    return clocks(Person(worker.birth_date, pathway.started_on if pathway else None, jobs, months), day)
