"""Every page, file or answer of the API about one person notes who read it.

Lists are not noted name by name: on a screen they show names and dates; taken away as files, they are exports, which have
their own record. Through an access of the platform's team, that a list was read is noted too.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils import timezone

from accounts import walls
from agenda.models import Appointment, Snooze
from contracts.models import Contract, Flag
from documents.models import Paper
from documents.papers import KINDS
from indicators.models import Participant
from parcours.models import (
    Attachment,
    Barrier,
    EngagementContract,
    ExitCall,
    FollowUp,
    Objective,
    PlanAction,
    Worker,
)
from participation.models import Seat
from partners.models import Orientation, UnmetNeed
from privacy import reach
from privacy.consultation import consulted, listed
from privacy.models import DataRequest
from rights.models import RightStep
from skills.models import Award, Certificate, Training
from web.views.acts import ACTS

# What the parameter of an address names.
NAMED: dict[str, type[Model]] = {
    "worker_id": Worker, "contract_id": Contract, "flag_id": Flag, "follow_up_id": FollowUp, "attachment_id": Attachment,
    "paper_id": Paper, "step_id": RightStep, "call_id": ExitCall, "training_id": Training, "certificate_id": Certificate,
    "award_id": Award, "appointment_id": Appointment, "snooze_id": Snooze, "objective_id": Objective,
    "action_id": PlanAction, "barrier_id": Barrier, "engagement_id": EngagementContract, "orientation_id": Orientation,
    "need_id": UnmetNeed, "seat_id": Seat, "participant_id": Participant,
    "request_id": DataRequest,
}  # fmt: skip


def named(match: ResolverMatch) -> tuple[type[Model], Any] | None:
    """The row of a person that an address names, if it names one."""
    given = match.kwargs
    if match.url_name == "act" and given["name"] in ACTS:
        return ACTS[given["name"]].model, given["object_id"]
    if "subject_id" in given and given.get("kind") in KINDS:
        return KINDS[given["kind"]].about, given["subject_id"]
    for name, model in NAMED.items():
        if name in given:
            return model, given[name]
    view = getattr(match.func, "cls", None)
    shown: Any = getattr(view, "model", None)
    return (shown, given["pk"]) if "pk" in given and shown in reach.ties() else None


class ConsultationMiddleware:
    """Reads that were answered are noted; writes are in the history."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if request.method == "GET" and response.status_code == 200 and match:
            page, row = match.url_name or "", named(match)
            openings = getattr(request.user, "openings", ())
            if openings:
                walls.writing_again()
            if row:
                consulted(request.user, *row, page, timezone.now())
            elif openings:
                listed(openings, page, timezone.now())
        return response
