"""The plan: strengths, objectives, actions, obstacles, engagement, reviews, wished hours; calls after an exit."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import Day, Readable, Reading, StrictSerializer, VisibleReference, WordedSerializer, Writing, author
from law.nomenclature import choices
from parcours import exits, plan
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    ExitCall,
    HoursWish,
    Objective,
    Pathway,
    PlanAction,
    PlanReview,
    Strength,
    Worker,
)

P = Permission
SAID_BY, THEMES = choices("said_by"), choices("theme")
OBJECTIVE_STATES, ACTION_STATES, BARRIER_STATES = (
    choices(f"{name}_state") for name in ("objective", "action", "barrier")
)
CALL_ANSWERS = choices("exit_call_answer")


class Dated(Writing):
    """A verb that is told what day it is."""

    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}


def mover(asks: type[serializers.Serializer[Any]], shows: Any, verb: Callable[..., Any], row: str) -> Any:
    """The action `POST …/{id}/move/` of a resource: what it asks, what it shows, the verb and the name of its row."""

    @extend_schema(request=asks, responses=shows)
    @action(detail=True, methods=["post"])
    def move(self: Any, request: Request, pk: str) -> Response:
        found = self.get_object()
        asked = asks(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        verb(by=author(request), today=timezone.localdate(), **{row: found}, **asked.validated_data)
        found.refresh_from_db()
        return Response(shows(found, context=self.get_serializer_context()).data)

    return move


def state_and_day(nomenclature: str, name: str, day: str = "on") -> type[serializers.Serializer[Any]]:
    """A serializer that asks for a state of a nomenclature and the day it began."""
    fields = {
        "state": serializers.ChoiceField(choices=choices(nomenclature)),
        day: Day(default=timezone.localdate),
    }
    return type(name, (serializers.Serializer,), fields)


class StrengthSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Strength
        fields = ("id", "worker", "kind", "words", "said_by", "stated_on")


class Strengths(Dated):
    """Points d'appui de la personne."""

    model, serializer_class, verb = Strength, StrengthSerializer, plan.add_strength
    filterset_fields = {"worker": ["exact"], "kind": ["exact"]}


class ObjectiveSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Objective
        fields = ("id", "pathway", "words", "own_words", "theme", "set_on", "cosigned_on", "state", "closed_on")
        read_only_fields = ("state", "closed_on")


class Objectives(Dated):
    """Objectifs, dans les mots de la personne ; `own_words` nul est inconnu."""

    model, serializer_class, verb = Objective, ObjectiveSerializer, plan.set_objective
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"], "state": ["exact"]}
    move = mover(
        state_and_day("objective_state", "ObjectiveMove"), ObjectiveSerializer, plan.close_objective, "objective"
    )


class PlanActionSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    objective = VisibleReference(Objective, P.WRITE_FOLLOW_UP, required=False, allow_null=True)
    barrier = VisibleReference(Barrier, P.WRITE_FOLLOW_UP, required=False, allow_null=True)

    class Meta:
        model = PlanAction
        fields = (
            "id", "pathway", "objective", "barrier", "theme", "what", "autonomy", "provider", "decided_on", "due_on", "state",
            "state_on",
        )  # fmt: skip
        read_only_fields = ("state", "state_on")


class PlanActions(Dated):
    """Actions du plan : par, avec ou pour la personne ; par la structure, un partenaire ou les deux."""

    model, serializer_class, verb = PlanAction, PlanActionSerializer, plan.add_action
    filterset_fields = {
        "pathway": ["exact"], "pathway__worker": ["exact"], "state": ["exact"], "due_on": ["gte", "lte"], "theme": ["exact"],
    }  # fmt: skip
    move = mover(state_and_day("action_state", "PlanActionMove"), PlanActionSerializer, plan.move_action, "action")


class DiagnosisSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    barriers = serializers.ListField(
        child=serializers.ChoiceField(choices=THEMES), write_only=True, required=False,
        help_text="Parmi les thèmes abordés, ceux où quelque chose freine.",
    )  # fmt: skip

    class Meta:
        model = Diagnosis
        fields = ("id", "pathway", "made_on", "themes", "barriers")


class Diagnoses(Dated):
    """Tours de la situation ; un thème absent de tous est inconnu."""

    model, serializer_class, verb = Diagnosis, DiagnosisSerializer, plan.look_at_situation
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"], "made_on": ["gte", "lte"]}


class BarrierStateSerializer(serializers.ModelSerializer[BarrierState]):
    class Meta:
        model = BarrierState
        fields = ("state", "since", "said_by")


class BarrierSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    states = BarrierStateSerializer(many=True, read_only=True)

    class Meta:
        model = Barrier
        fields = ("id", "pathway", "theme", "situation", "words", "identified_on", "said_by", "states")


class BarrierMove(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=BARRIER_STATES)
    since = Day(default=timezone.localdate)
    said_by = serializers.ChoiceField(choices=SAID_BY)


class Barriers(Dated):
    """Obstacles et leurs états datés ; « levé » dit par la personne est la seule preuve."""

    model, serializer_class, verb = Barrier, BarrierSerializer, plan.note_barrier
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"], "theme": ["exact"]}
    move = mover(BarrierMove, BarrierSerializer, plan.move_barrier, "barrier")

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("states")


class EngagementSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = EngagementContract
        fields = (
            "id", "pathway", "version", "worker_commits", "structure_commits", "proposed_on", "signed_worker_on",
            "signed_structure_on",
        )  # fmt: skip
        read_only_fields = ("version", "signed_worker_on", "signed_structure_on")


class Signatures(serializers.Serializer[Any]):
    signed_worker_on = Day(required=False)
    signed_structure_on = Day(required=False)


class Engagements(Dated):
    """Contrats d'engagement réciproque, version par version."""

    model, serializer_class, verb = EngagementContract, EngagementSerializer, plan.propose_engagement
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"]}
    move = mover(Signatures, EngagementSerializer, plan.sign_engagement, "engagement")


class PlanReviewSerializer(WordedSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    readable = Readable()
    next_on = Day(required=False, help_text="Sans date, au rythme ordinaire des bilans.")

    class Meta:
        model = PlanReview
        fields = (
            "id", "pathway", "held_on", "worker_present", "worker_words", "summary", "signed_worker_on", "next_on", "author",
            "readable",
        )  # fmt: skip
        read_only_fields = ("author",)


class PlanReviews(Dated):
    """Bilans du plan, dont les mots sont réservés aux conseillers et à qui l'a fait ; `worker_present` nul est inconnu."""

    model, serializer_class, verb = PlanReview, PlanReviewSerializer, plan.review_plan
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"], "held_on": ["gte", "lte"]}

    def perform_create(self, serializer: Any) -> None:
        super().perform_create(serializer)
        serializer.instance = self.as_read(serializer.instance)


class HoursWishSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = HoursWish
        fields = ("id", "worker", "weekly_hours", "available", "held_back_by", "stated_on")


class HoursWishes(Dated):
    """Heures que la personne dit souhaiter ; le même jour, la dernière parole compte."""

    model, serializer_class, verb = HoursWish, HoursWishSerializer, plan.wish_hours
    filterset_fields = {"worker": ["exact"], "stated_on": ["gte", "lte"]}


class ExitCallSerializer(serializers.ModelSerializer[ExitCall]):
    class Meta:
        model = ExitCall
        fields = (
            "id", "exit", "months", "due_on", "answer", "answered_on", "said_by", "situation", "since", "contract_months",
        )  # fmt: skip


class CallAnswer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=CALL_ANSWERS)
    answered_on = Day(default=timezone.localdate)
    situation = serializers.ChoiceField(choices=choices("exit_outcome"), required=False, allow_blank=True)
    since = Day(required=False, allow_null=True)
    contract_months = serializers.DecimalField(max_digits=5, decimal_places=2, required=False, allow_null=True)
    said_by = serializers.ChoiceField(choices=SAID_BY, required=False, allow_blank=True)


class CallAttempt(serializers.Serializer[Any]):
    tried_on = Day(default=timezone.localdate)
    channel = serializers.ChoiceField(choices=choices("contact_channel"), default="telephone")


class ExitCalls(Reading):
    """Nouvelles à 3, 6 et 12 mois après la sortie ; « non joignable » est une réponse."""

    model, serializer_class, reads_with, writes_with = ExitCall, ExitCallSerializer, P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {"exit": ["exact"], "months": ["exact"], "answer": ["exact"], "due_on": ["gte", "lte"]}
    move = mover(CallAnswer, ExitCallSerializer, exits.answer_call, "call")

    @extend_schema(request=CallAttempt, responses=ExitCallSerializer)
    @action(detail=True, methods=["post"])
    def attempts(self, request: Request, pk: str) -> Response:
        """Garder la trace d'un essai qui n'a pas joint la personne."""
        call = self.get_object()
        asked = CallAttempt(data=request.data)
        asked.is_valid(raise_exception=True)
        exits.note_attempt(by=author(request), call=call, today=timezone.localdate(), **asked.validated_data)
        return Response(ExitCallSerializer(call).data)
