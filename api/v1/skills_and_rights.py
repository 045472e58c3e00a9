"""Skills, assessments, trainings; rights steps."""

from typing import Any

import django_filters
from django.db.models import Q, Value
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import organisations
from accounts.roles import Permission
from api.resources import Reading, StrictSerializer, VisibleReference, Writing, author
from law.nomenclature import choices
from parcours.models import Pathway, Worker
from parcours.models.worker import PlainText
from rights import actions as rights
from rights.models import RightStep
from skills import actions as skills
from skills.models import Assessment, Skill, Training, TrainingSession

P = Permission
RIGHT_STATES = choices("right_state")


class SkillFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(method="labelled", label="Partie de l'intitulé, accents indifférents")

    class Meta:
        model = Skill
        fields = ("framework", "kind", "code")

    def labelled(self, rows: Any, _name: str, text: str) -> Any:
        for word in text.split():
            rows = rows.filter(label_key__contains=PlainText(Value(word)))
        return rows


class SkillSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Skill
        fields = ("id", "framework", "code", "kind", "label")


class Skills(Reading):
    """Compétences des référentiels communs et de la structure."""

    model, serializer_class, filterset_class, reads_with = Skill, SkillSerializer, SkillFilter, P.SEE_PEOPLE

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Skill.objects.none()
        mine = organisations(self.request.user, P.SEE_PEOPLE)
        return Skill.objects.filter(Q(framework__organisation=None) | Q(framework__organisation__in=mine))


class AssessmentSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    skill: Any = serializers.PrimaryKeyRelatedField(queryset=Skill.objects.filter(framework__organisation=None))

    class Meta:
        model = Assessment
        fields = ("id", "worker", "skill", "level", "assessed_on", "assessed_by", "context", "author")
        read_only_fields = ("author",)


class Assessments(Writing):
    """Compétences vues en situation de travail, de 1 à 4."""

    model, serializer_class = Assessment, AssessmentSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, skills.assess
    filterset_fields = {"worker": ["exact"], "skill": ["exact"], "assessed_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"assessed_by": Assessment.By.SUPERVISOR, **values}


class TrainingSerializer(StrictSerializer):
    class Meta:
        model = Training
        fields = (
            "id",
            "worker",
            "title",
            "provider",
            "started_on",
            "ended_on",
            "mandatory_safety",
            "certifying",
            "result",
        )


class Trainings(Reading):
    """Formations."""

    model, serializer_class, reads_with = Training, TrainingSerializer, P.SEE_PEOPLE
    filterset_fields = {"worker": ["exact"], "started_on": ["gte", "lte"], "result": ["exact"]}


class TrainingSessionSerializer(StrictSerializer):
    class Meta:
        model = TrainingSession
        fields = ("id", "training", "held_on", "planned_hours", "attended_hours")


class TrainingSessions(Reading):
    """Séances de formation ; des heures suivies nulles sont inconnues."""

    model, serializer_class, reads_with = TrainingSession, TrainingSessionSerializer, P.SEE_PEOPLE
    filterset_fields = {"training": ["exact"], "held_on": ["gte", "lte"]}


class RightStepSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = RightStep
        fields = (
            "id", "pathway", "right", "state", "triggered_on", "trigger", "due_on", "requested_on", "opened_on", "expires_on",
            "closed_on", "note",
        )  # fmt: skip
        read_only_fields = ("state", "due_on", "requested_on", "opened_on", "expires_on", "closed_on", "note")


class Move(serializers.Serializer):  # type: ignore[type-arg]
    state = serializers.ChoiceField(choices=RIGHT_STATES)
    on = serializers.DateField(default=timezone.localdate)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, default="", max_length=300)


class RightSteps(Writing):
    """Démarches d'accès aux droits."""

    model, serializer_class = RightStep, RightStepSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, rights.trigger_right
    filterset_fields = {
        "pathway": ["exact"],
        "pathway__worker": ["exact"],
        "right": ["exact"],
        "state": ["exact"],
        "due_on": ["gte", "lte"],
    }

    @extend_schema(request=Move, responses=RightStepSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Faire avancer une démarche : demandée, ouverte, refusée…"""
        asked = Move(data=request.data)
        asked.is_valid(raise_exception=True)
        step = rights.move_step(by=author(request), step=self.get_object(), **asked.validated_data)
        return Response(RightStepSerializer(step, context=self.get_serializer_context()).data)
