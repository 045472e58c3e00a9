"""Skills seen at work; what a person tells of her life; the steps of her rights."""

from typing import Any

import django_filters
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.filters import Filters
from api.resources import (
    Day,
    Exportable,
    Readable,
    StrictSerializer,
    VisibleReference,
    WordedSerializer,
    Writing,
    author,
)
from api.v1.frameworks import OfferedSkill
from law.nomenclature import choices
from parcours.models import Pathway, Worker
from rights import actions as rights
from rights.catalogue import right_choices
from rights.models import Circumstance, RightStep
from skills import actions as skills
from skills.models import Assessment

P = Permission
RIGHT_STATES = choices("right_state")


class AssessmentSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    skill: Any = OfferedSkill()

    class Meta:
        model = Assessment
        fields = (
            "id", "worker", "skill", "level", "assessed_on", "assessed_by", "context", "evidence", "words", "validated",
            "signed_on", "worker_signed_on", "author",
        )  # fmt: skip
        read_only_fields = ("author",)


class Looks(serializers.Serializer):  # type: ignore[type-arg]
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    skill: Any = OfferedSkill()
    supervisor = serializers.ChoiceField(choices=Assessment.Level.choices, required=False, allow_null=True)
    by_worker = serializers.ChoiceField(choices=Assessment.Level.choices, required=False, allow_null=True)
    assessed_on = Day(default=timezone.localdate)
    context = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)  # type: ignore[assignment]
    evidence = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    words = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    validated = serializers.BooleanField(default=False)
    supervisor_signs = serializers.BooleanField(default=False)
    worker_signs = serializers.BooleanField(default=False)


class Assessments(Writing):
    """Compétences vues en situation de travail, de 1 à 4."""

    model, serializer_class = Assessment, AssessmentSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, skills.assess
    filterset_fields = {"worker": ["exact"], "skill": ["exact"], "assessed_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"assessed_by": Assessment.By.SUPERVISOR, **values}

    @extend_schema(request=Looks, responses={201: AssessmentSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Le regard de l'encadrant et celui de la personne, côte à côte, en une fois."""
        asked = Looks(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        levels = {"supervisor": values.pop("supervisor", None), "worker": values.pop("by_worker", None)}
        rows = skills.assess_together(by=author(request), today=timezone.localdate(), levels=levels, **values)
        shown = AssessmentSerializer(rows, many=True, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)


class CircumstanceSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Circumstance
        fields = ("id", "worker", "kind", "since", "until", "label")


class CircumstanceEnd(serializers.Serializer):  # type: ignore[type-arg]
    until = Day(allow_null=True)


class Circumstances(Writing):
    """Situations déclarées par la personne, qui ouvrent des droits."""

    model, serializer_class = Circumstance, CircumstanceSerializer
    reads_with, writes_with, verb = P.WRITE_FOLLOW_UP, P.WRITE_FOLLOW_UP, rights.tell_circumstance
    filterset_fields = {"worker": ["exact"], "kind": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=CircumstanceEnd, responses=CircumstanceSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Dire, ou corriger, le dernier jour d'une situation."""
        circumstance = self.get_object()
        asked = CircumstanceEnd(data=request.data)
        asked.is_valid(raise_exception=True)
        row = rights.end_circumstance(
            by=author(request), circumstance=circumstance, today=timezone.localdate(), **asked.validated_data
        )
        return Response(CircumstanceSerializer(row, context=self.get_serializer_context()).data)


class RightStepSerializer(WordedSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    right = serializers.ChoiceField(choices=right_choices(), allow_blank=True, help_text="Lu vide : un droit réservé.")
    readable = Readable()

    class Meta:
        model = RightStep
        fields = (
            "id", "pathway", "right", "state", "triggered_on", "trigger", "due_on", "requested_on", "opened_on", "refused_on",
            "appealed_on", "expires_on", "closed_on", "waiver_signed_on", "held_before", "renewed_from", "note",
            "readable",
        )  # fmt: skip
        read_only_fields = (
            "state", "due_on", "requested_on", "opened_on", "refused_on", "appealed_on", "expires_on", "closed_on",
            "waiver_signed_on", "held_before", "renewed_from", "note",
        )  # fmt: skip

    def validate_right(self, right: str) -> str:
        if not right:
            raise serializers.ValidationError(_("Dites quel droit."))
        return right


class RightStepFilter(Filters):
    right = django_filters.ChoiceFilter(method="named", choices=right_choices())

    class Meta:
        model = RightStep
        fields = {"pathway": ["exact"], "pathway__worker": ["exact"], "state": ["exact"], "due_on": ["gte", "lte"]}

    def named(self, rows: Any, _name: str, right: str) -> Any:
        return rows.filter(readable=True, right=right)


class Move(serializers.Serializer):  # type: ignore[type-arg]
    state = serializers.ChoiceField(choices=RIGHT_STATES)
    on = Day(default=timezone.localdate)
    expires_on = Day(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, default="", max_length=300)
    waiver_signed = serializers.BooleanField(default=False)


class RightSteps(Exportable, Writing):
    """Démarches d'accès aux droits ; ceux qui disent la santé ou le séjour ne sont nommés qu'aux conseillers."""

    listing = "right-steps"
    model, serializer_class, filterset_class = RightStep, RightStepSerializer, RightStepFilter
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, rights.trigger_right

    def perform_create(self, serializer: Any) -> None:
        super().perform_create(serializer)
        serializer.instance = self.as_read(serializer.instance)

    @extend_schema(request=Move, responses=RightStepSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Faire avancer une démarche : demandée, ouverte, refusée…"""
        step = self.get_object()
        if not step.readable:
            raise Http404
        asked = Move(data=request.data)
        asked.is_valid(raise_exception=True)
        step = rights.move_step(by=author(request), step=step, **asked.validated_data)
        return Response(RightStepSerializer(self.as_read(step), context=self.get_serializer_context()).data)
