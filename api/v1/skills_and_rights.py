"""Skills, assessments, trainings; rights steps."""

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import organisations
from accounts.roles import Permission
from api.resources import Exportable, Reading, StrictSerializer, VisibleReference, Writing, author
from law.nomenclature import choices
from parcours.models import Pathway, Worker
from rights import actions as rights
from rights.models import Circumstance, RightStep
from skills import actions as skills
from skills import awards
from skills.models import Assessment, Award, Badge, Certificate, Skill, Training, TrainingSession
from skills.search import closest

P = Permission
RIGHT_STATES = choices("right_state")


class SkillFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        method="labelled", label="Partie de l'intitulé, accents et fautes de frappe indifférents"
    )
    occupation = django_filters.CharFilter(field_name="occupations__code", label="Code ROME d'un métier")

    class Meta:
        model = Skill
        fields = ("framework", "kind", "code")

    def labelled(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(pk__in=[skill.pk for skill in closest(rows, text)])


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
        return Skill.objects.offered(mine)


class AssessmentSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    skill: Any = serializers.PrimaryKeyRelatedField(queryset=Skill.objects.filter(framework__organisation=None))

    class Meta:
        model = Assessment
        fields = (
            "id", "worker", "skill", "level", "assessed_on", "assessed_by", "context", "evidence", "words", "validated",
            "signed_on", "worker_signed_on", "author",
        )  # fmt: skip
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
            "id", "worker", "title", "provider", "objective", "started_on", "ended_on", "in_working_time", "funder",
            "mandatory_safety", "certifying", "certification", "certification_code", "due_on", "result", "result_on",
            "drop_reason", "afest", "afest_situation", "afest_trainer", "afest_reviewed_on", "afest_assessed_on",
        )  # fmt: skip


class Trainings(Reading):
    """Formations."""

    model, serializer_class, reads_with = Training, TrainingSerializer, P.SEE_PEOPLE
    filterset_fields = {"worker": ["exact"], "started_on": ["gte", "lte"], "result": ["exact"]}


class TrainingSessionSerializer(StrictSerializer):
    class Meta:
        model = TrainingSession
        fields = ("id", "training", "held_on", "planned_hours", "attended_hours", "excused")


class TrainingSessions(Reading):
    """Séances de formation ; des heures suivies nulles sont inconnues."""

    model, serializer_class, reads_with = TrainingSession, TrainingSessionSerializer, P.SEE_PEOPLE
    filterset_fields = {"training": ["exact"], "held_on": ["gte", "lte"]}


class CertificateSerializer(StrictSerializer):
    class Meta:
        model = Certificate
        fields = (
            "id",
            "worker",
            "training",
            "title",
            "certifier",
            "reference",
            "level",
            "partial",
            "obtained_on",
            "expires_on",
        )


class Certificates(Reading):
    """Diplômes, titres, certificats, habilitations."""

    model, serializer_class, reads_with = Certificate, CertificateSerializer, P.SEE_PEOPLE
    filterset_fields = {"worker": ["exact"], "obtained_on": ["gte", "lte"], "expires_on": ["gte", "lte"]}


class AwardSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    badge = VisibleReference(Badge, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Award
        fields = (
            "id",
            "uuid",
            "badge",
            "worker",
            "awarded_on",
            "evidence",
            "credential",
            "revoked_on",
            "revocation_reason",
        )
        read_only_fields = ("uuid", "credential", "revoked_on", "revocation_reason")


class Revocation(serializers.Serializer):  # type: ignore[type-arg]
    reason = serializers.CharField(max_length=300)


class Awards(Writing):
    """Badges remis (Open Badges 3.0) ; `credential` est le document signé."""

    model, serializer_class = Award, AwardSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, awards.give_badge
    filterset_fields = {"worker": ["exact"], "badge": ["exact"], "awarded_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=Revocation, responses=AwardSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Retirer un badge, avec le motif."""
        asked = Revocation(data=request.data)
        asked.is_valid(raise_exception=True)
        row = awards.revoke_badge(
            by=author(request), award=self.get_object(), on=timezone.localdate(), **asked.validated_data
        )
        return Response(AwardSerializer(row, context=self.get_serializer_context()).data)


class CircumstanceSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Circumstance
        fields = ("id", "worker", "kind", "since", "until", "label")


class Circumstances(Writing):
    """Situations déclarées par la personne, qui ouvrent des droits."""

    model, serializer_class = Circumstance, CircumstanceSerializer
    reads_with, writes_with, verb = P.WRITE_FOLLOW_UP, P.WRITE_FOLLOW_UP, rights.tell_circumstance
    filterset_fields = {"worker": ["exact"], "kind": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}


class RightStepSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = RightStep
        fields = (
            "id", "pathway", "right", "state", "triggered_on", "trigger", "due_on", "requested_on", "opened_on", "refused_on",
            "appealed_on", "expires_on", "closed_on", "waiver_signed_on", "held_before", "renewed_from", "note",
        )  # fmt: skip
        read_only_fields = (
            "state", "due_on", "requested_on", "opened_on", "refused_on", "appealed_on", "expires_on", "closed_on",
            "waiver_signed_on", "held_before", "renewed_from", "note",
        )  # fmt: skip


class Move(serializers.Serializer):  # type: ignore[type-arg]
    state = serializers.ChoiceField(choices=RIGHT_STATES)
    on = serializers.DateField(default=timezone.localdate)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, default="", max_length=300)
    waiver_signed = serializers.BooleanField(default=False)


class RightSteps(Exportable, Writing):
    """Démarches d'accès aux droits."""

    listing = "right-steps"
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
