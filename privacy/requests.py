"""What a person asks about her data: received, perhaps prolonged once, answered within its term, then done.

The term is counted as GDPR art. 12(3) says (`requests.yaml`). Nothing here erases or copies: what was granted is done by the
verbs of `copies` and `erasure` and by the ordinary forms, and noted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Principal
from accounts.models import User
from accounts.policies import Model
from accounts.roles import Permission
from audit.saving import not_later, saved, together
from contracts.models import Amendment, Contract, Suspension, WorkedMonth
from law.dates import add_months
from parcours.models import Barrier, Exit, FollowUp, Objective, Pathway, PlanAction, Strength, Worker
from privacy import catalogue, reach
from privacy.consultation import way
from privacy.copies import as_told
from privacy.erasure import obstacles
from privacy.models import Consultation, DataRequest
from rights.models import RightStep
from skills.models import Assessment, Certificate, Training

# The tables behind each part that may be contested; where their words may be reserved, only what changed is said.
TABLES: dict[str, tuple[Model, ...]] = {
    "identity": (Worker,), "pathway": (Pathway, Exit), "contracts": (Contract, Amendment, Suspension),
    "hours": (WorkedMonth,), "follow_ups": (FollowUp,), "plan": (Objective, PlanAction, Barrier, Strength),
    "rights": (RightStep,), "skills": (Assessment, Training, Certificate),
}  # fmt: skip
RESERVED = {"follow_ups", "plan", "rights"}
UNTOLD = {"id", "created_at", "name_key", "recorded_at"}


def receive(
    *,
    by: User,
    worker: Worker,
    kind: str,
    received_on: date,
    channel: str,
    words: str,
    today: date,
    part: str = "",
    wanted: str = "",
) -> DataRequest:
    """Write down what a person asks, in her words; its answer is due a month later. Raises ValidationError, for all that is
    wrong at once."""
    together(
        partial(not_later, "received_on", received_on, today),
        partial(_there_were_rights, received_on),
        partial(_correction_alone_is_told, kind, {"part": part, "wanted": wanted}),
    )
    return saved(
        DataRequest(
            worker=worker,
            kind=kind,
            received_on=received_on,
            channel=channel,
            words=words.strip(),
            part=part,
            wanted=wanted.strip(),
            due_on=add_months(received_on, catalogue.term()["months"]),
            received_by=by,
        )
    )


def _there_were_rights(received_on: date) -> None:
    if received_on < catalogue.since():
        raise ValidationError({"received_on": _("Ces droits existent depuis le %(day)s.") % _day(catalogue.since())})


def _correction_alone_is_told(kind: str, told: dict[str, str]) -> None:
    """A correction says what is wrong and what it should be; no other request does."""
    if kind == "rectification":
        faults = {
            name: _("Dites-le : c'est ce qu'il faut corriger.") for name, said in told.items() if not said.strip()
        }
    else:
        faults = {name: _("Seule une correction le dit.") for name, said in told.items() if said.strip()}
    if faults:
        raise ValidationError(faults)


def check_identity(*, by: User, request: DataRequest, checked_on: date, today: date) -> DataRequest:
    """Note the day it was established that the request comes from the person."""
    not_later("checked_on", checked_on, today)
    request.identity_checked_on = checked_on
    return saved(request)


def extend(*, by: User, request: DataRequest, reason: str, extended_on: date, today: date) -> DataRequest:
    """Give oneself two months more, once; the person is told why within the first month. Raises ValidationError."""
    not_later("extended_on", extended_on, today)
    if request.answered_on:
        raise ValidationError(_("Cette demande a déjà sa réponse."))
    if request.extended_on:
        raise ValidationError(_("Le délai a déjà été prolongé : il ne l'est qu'une fois."))
    if extended_on > request.due_on:
        raise ValidationError(
            {"extended_on": _("Le mois est passé le %(day)s : il fallait le dire avant.") % _day(request.due_on)}
        )
    months = catalogue.term()["months"] + catalogue.term()["extended_months"]
    request.extended_on, request.extension_reason = extended_on, reason.strip()
    request.due_on = add_months(request.received_on, months)
    return saved(request)


def answer(
    *, by: User, request: DataRequest, answer: str, answered_on: date, said: str, today: date, ground: str = ""
) -> DataRequest:
    """Answer a request, once. A refusal gives a ground of the list; what may not be erased is not granted.

    Raises ValidationError.
    """
    not_later("answered_on", answered_on, today)
    if request.answered_on:
        raise ValidationError(_("Cette demande a déjà sa réponse."))
    if answer in DataRequest.GROUNDED and not ground:
        raise ValidationError({"ground": _("Un refus, même en partie, dit son motif.")})
    if ground and request.kind not in catalogue.entries("grounds").get(ground, {"kinds": []})["kinds"]:
        raise ValidationError({"ground": _("Ce motif n'existe pas pour cette demande.")})
    if answer == DataRequest.Answer.GRANTED and request.kind == "erasure" and (why := obstacles(request.worker, today)):
        raise ValidationError({"answer": why})
    request.answer, request.answered_on, request.answered_by = answer, answered_on, by
    request.ground, request.said = ground, said.strip()
    return saved(request)


def note_done(*, by: User, request: DataRequest, done_on: date, today: date, done: str = "") -> DataRequest:
    """Note that what was granted is done. Raises ValidationError."""
    not_later("done_on", done_on, today)
    request.done_on, request.done = done_on, done.strip()
    return saved(request)


def _day(day: date) -> dict[str, str]:
    return {"day": f"{day:%d/%m/%Y}"}


def copied_on(request: DataRequest) -> date | None:
    """The day a copy of her data was last made since she asked."""
    rows = Consultation.objects.filter(worker=request.worker_id, page="subject-access", hour__gte=_start(request))
    last = rows.order_by("-hour").first()
    return timezone.localdate(last.hour) if last else None


def contested(worker: Worker, reader: Principal) -> QuerySet[DataRequest]:
    """What whoever reads this file must know: what she says is wrong and was not corrected, the uses that are stopped or
    limited. Her words on a part that may be reserved are `readable` by those alone who may read her requests."""
    granted = Q(answer__in=DataRequest.GRANTED)
    wrong = Q(kind="rectification", answer__in=DataRequest.GROUNDED)
    limited = granted & (Q(kind="objection") | Q(kind="restriction", done_on=None))
    told = ~Q(part__in=RESERVED) | Q(pk__in=DataRequest.objects.visible_to(reader).values("pk"))
    rows = DataRequest.objects.filter(wrong | limited, worker=worker).order_by("received_on", "pk")
    return rows.annotate(readable=Case(When(told, then=Value(True)), default=Value(False)))


def people_to_answer(user: User) -> list[int]:
    """The numbers of the people whose request this user must answer."""
    waiting = DataRequest.objects.visible_to(user, Permission.PROTECT_DATA).unanswered()
    return list(waiting.values_list("worker_id", flat=True))


@dataclass(frozen=True)
class Change:
    """One value of a contested part that changed since the request. Both are None where the words are reserved."""

    at: datetime
    by: str
    table: str
    field: str
    before: str | None
    after: str | None


def corrections(request: DataRequest, most: int = 30) -> list[Change]:
    """What changed in the contested part since the request and until it was said done, newest first, from the history."""
    found = [change for model in TABLES.get(request.part, ()) for change in _changes(model, request)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:most]


def _changes(model: Model, request: DataRequest) -> Iterator[Change]:
    history: Any = reach.history_of(model)
    mine = model._base_manager.filter(**{way(model): request.worker_id}).values("pk")
    events = list(history.objects.filter(pgh_obj_id__in=mine).select_related("pgh_context").order_by("pgh_id"))
    start = _start(request)
    end = _midnight(request.done_on + timedelta(days=1)) if request.done_on else None
    authors = User.objects.in_bulk({_author(event) for event in events if event.pgh_created_at >= start} - {None})
    columns = [field for field in model._meta.concrete_fields if field.name not in UNTOLD and not field.generated]
    last: dict[int, Any] = {}
    for event in events:
        before, last[event.pgh_obj_id] = last.get(event.pgh_obj_id), event
        if before is None or event.pgh_created_at < start or (end and event.pgh_created_at >= end):
            continue
        for column in columns:
            if getattr(before, column.attname, None) == getattr(event, column.attname, None):
                continue
            told = [None if request.part in RESERVED else str(as_told(one, column) or "") for one in (before, event)]
            who = str(authors.get(_author(event)) or "")
            yield Change(event.pgh_created_at, who, str(model._meta.verbose_name), str(column.verbose_name), *told)


def _author(event: Any) -> int | None:
    found: int | None = (event.pgh_context.metadata if event.pgh_context else {}).get("user")
    return found


def _start(request: DataRequest) -> datetime:
    return _midnight(request.received_on)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())
