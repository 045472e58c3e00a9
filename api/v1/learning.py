"""What a person learns: trainings, their days, certificates, level of qualification."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import StrictSerializer, VisibleReference, Writing, author
from api.v1.plan import Dated
from parcours.models import Pathway, Worker
from skills import learning
from skills.models import Certificate, Qualification, Training, TrainingSession

P = Permission


def changer(changes: type[StrictSerializer], shows: type[StrictSerializer], verb: Callable[..., Any], row: str) -> Any:
    """The action `POST …/{id}/change/`: what is sent replaces what is kept, what is not sent stays."""

    @extend_schema(request=changes, responses=shows)
    @action(detail=True, methods=["post"])
    def change(self: Any, request: Request, pk: str) -> Response:
        found = self.get_object()
        asked = changes(data=request.data, context=self.get_serializer_context(), partial=True)
        asked.is_valid(raise_exception=True)
        kept = {name: getattr(found, name) for name in changes.Meta.fields}
        verb(by=author(request), today=timezone.localdate(), **{row: found}, **{**kept, **asked.validated_data})
        return Response(shows(found, context=self.get_serializer_context()).data)

    return change


class TrainingChange(StrictSerializer):
    class Meta:
        model = Training
        fields: tuple[str, ...] = (
            "title", "provider", "objective", "started_on", "ended_on", "in_working_time", "funder", "mandatory_safety",
            "certifying", "certification", "certification_code", "due_on", "result", "result_on", "drop_reason", "afest",
            "afest_situation", "afest_trainer", "afest_reviewed_on", "afest_assessed_on",
        )  # fmt: skip


class TrainingSerializer(TrainingChange):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta(TrainingChange.Meta):
        fields = ("id", "worker", *TrainingChange.Meta.fields)


class Trainings(Dated):
    """Formations ; un résultat vide est inconnu."""

    model, serializer_class, verb = Training, TrainingSerializer, learning.record_training
    filterset_fields = {"worker": ["exact"], "started_on": ["gte", "lte"], "result": ["exact"]}
    change = changer(TrainingChange, TrainingSerializer, learning.change_training, "training")


class TrainingSessionSerializer(StrictSerializer):
    training = VisibleReference(Training, P.WRITE_FOLLOW_UP)

    class Meta:
        model = TrainingSession
        fields = ("id", "training", "held_on", "planned_hours", "attended_hours", "excused")


class TrainingSessions(Dated):
    """Séances de formation ; des heures suivies nulles sont inconnues. Le même jour renvoyé se corrige."""

    model, serializer_class, verb = TrainingSession, TrainingSessionSerializer, learning.record_training_day
    filterset_fields = {"training": ["exact"], "held_on": ["gte", "lte"]}


class CertificateChange(StrictSerializer):
    training = VisibleReference(Training, P.WRITE_FOLLOW_UP, required=False, allow_null=True)

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = (
            "training", "title", "certifier", "reference", "level", "partial", "obtained_on", "expires_on",
        )  # fmt: skip


class CertificateSerializer(CertificateChange):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta(CertificateChange.Meta):
        fields = ("id", "worker", *CertificateChange.Meta.fields)


class Certificates(Dated):
    """Diplômes, titres, certificats, habilitations."""

    model, serializer_class, verb = Certificate, CertificateSerializer, learning.record_certificate
    filterset_fields = {"worker": ["exact"], "obtained_on": ["gte", "lte"], "expires_on": ["gte", "lte"]}
    change = changer(CertificateChange, CertificateSerializer, learning.change_certificate, "certificate")


class QualificationSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Qualification
        fields = ("id", "pathway", "entry_level", "exit_level")


class Qualifications(Writing):
    """Niveau de qualification à l'entrée et à la sortie ; vide, il est inconnu. Renvoyé, il se corrige."""

    model, serializer_class, verb = Qualification, QualificationSerializer, learning.note_qualification
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {"pathway": ["exact"], "pathway__worker": ["exact"]}
