"""What people ask about their data, and what they agree to."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import Day, StrictSerializer, VisibleReference, Writing, author
from api.v1.partners import KnownReference
from law.nomenclature import choices
from parcours.models import Attachment, Worker
from partners.models import Partner
from privacy import catalogue, consents, requests
from privacy.models import Consent, DataRequest

P = Permission


class DataRequestSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    person = serializers.StringRelatedField[Any](
        source="worker", help_text="Son nom : qui répond sur ses données ne lit pas son dossier."
    )
    channel = serializers.ChoiceField(choices=choices("contact_channel"))
    days_late = serializers.SerializerMethodField(
        help_text="Jours de retard de la réponse, ou à ce jour ; 0 : à temps."
    )

    class Meta:
        model = DataRequest
        fields = (
            "id", "worker", "person", "kind", "received_on", "channel", "words", "part", "wanted", "received_by", "identity_checked_on",
            "due_on", "extended_on", "extension_reason", "answer", "answered_on", "answered_by", "ground", "said", "done_on",
            "done", "days_late",
        )  # fmt: skip
        read_only_fields = (
            "received_by", "identity_checked_on", "due_on", "extended_on", "extension_reason", "answer", "answered_on",
            "answered_by", "ground", "said", "done_on", "done",
        )  # fmt: skip

    def get_days_late(self, row: DataRequest) -> int:
        return row.days_late(timezone.localdate())


class IdentityCheck(serializers.Serializer[Any]):
    checked_on = Day(default=timezone.localdate)


class Extension(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)
    extended_on = Day(default=timezone.localdate, help_text="Jour où la personne en a été informée.")


class RequestAnswer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=DataRequest.Answer.choices)
    ground = serializers.ChoiceField(choices=catalogue.choices_of("grounds"), required=False, allow_blank=True)
    said = serializers.CharField(max_length=4000)
    answered_on = Day(default=timezone.localdate)


class RequestDone(serializers.Serializer[Any]):
    done_on = Day(default=timezone.localdate)
    done = serializers.CharField(max_length=500, required=False, allow_blank=True)


class DataRequests(Writing):
    """Demandes des personnes sur leurs données : accès, correction, effacement, limitation, portabilité, opposition."""

    model, serializer_class, verb = DataRequest, DataRequestSerializer, requests.receive
    reads_with, writes_with = (P.WRITE_FOLLOW_UP, P.PROTECT_DATA), P.WRITE_FOLLOW_UP
    related = ("worker",)
    filterset_fields = {
        "worker": ["exact"], "kind": ["exact"], "due_on": ["gte", "lte"], "answered_on": ["isnull", "gte", "lte"],
    }  # fmt: skip

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    def _through(self, request: Request, asks: type[serializers.Serializer[Any]], verb: Any) -> Response:
        row, asked = self.get_object(), asks(data=request.data)
        asked.is_valid(raise_exception=True)
        verb(by=author(request), request=row, today=timezone.localdate(), **asked.validated_data)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=IdentityCheck, responses=DataRequestSerializer)
    @action(detail=True, methods=["post"], writes_with=P.PROTECT_DATA)
    def identity(self, request: Request, pk: str) -> Response:
        """Noter le jour où il est établi que la demande vient de la personne."""
        return self._through(request, IdentityCheck, requests.check_identity)

    @extend_schema(request=Extension, responses=DataRequestSerializer)
    @action(detail=True, methods=["post"], writes_with=P.PROTECT_DATA)
    def extend(self, request: Request, pk: str) -> Response:
        """Deux mois de plus, une fois, dits à la personne dans le premier mois."""
        return self._through(request, Extension, requests.extend)

    @extend_schema(request=RequestAnswer, responses=DataRequestSerializer)
    @action(detail=True, methods=["post"], writes_with=P.PROTECT_DATA)
    def answer(self, request: Request, pk: str) -> Response:
        """Répondre, une fois ; un refus, même en partie, donne un motif de la liste."""
        return self._through(request, RequestAnswer, requests.answer)

    @extend_schema(request=RequestDone, responses=DataRequestSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Noter que ce qui fut accordé est fait."""
        return self._through(request, RequestDone, requests.note_done)


class ConsentSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    partner = KnownReference(Partner, required=False, allow_null=True)
    paper = VisibleReference(Attachment, P.WRITE_FOLLOW_UP, required=False, allow_null=True)
    agreed = serializers.BooleanField(help_text="Sans valeur supposée : ce que la personne a dit.")

    class Meta:
        model = Consent
        fields = (
            "id", "worker", "purpose", "partner", "version", "words", "agreed", "said_on", "how", "paper", "collected_by",
            "withdrawn_on", "withdrawn_how",
        )  # fmt: skip
        read_only_fields = ("version", "words", "collected_by", "withdrawn_on", "withdrawn_how")


class Withdrawal(serializers.Serializer[Any]):
    withdrawn_on = Day(default=timezone.localdate)
    withdrawn_how = serializers.ChoiceField(choices=Consent.How.choices)


class Consents(Writing):
    """Accords donnés, refusés, retirés, dans les mots montrés ; le dernier compte, et aucun n'est pas un oui."""

    model, serializer_class, verb = Consent, ConsentSerializer, consents.answer
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {
        "worker": ["exact"], "purpose": ["exact"], "partner": ["exact"], "agreed": ["exact"], "withdrawn_on": ["isnull"],
    }  # fmt: skip

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=Withdrawal, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Retirer un accord, aussi simplement qu'il fut donné."""
        row, asked = self.get_object(), Withdrawal(data=request.data)
        asked.is_valid(raise_exception=True)
        consents.withdraw(by=author(request), consent=row, today=timezone.localdate(), **asked.validated_data)
        return Response(self.get_serializer(row).data)
