"""Contracts and what happens to them, worked months, flags, imported files."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load, organisations
from accounts.roles import Permission
from api.resources import Exportable, Reading, StrictSerializer, VisibleReference, Writing, author
from contracts import actions, decisions, imports
from contracts.flags import describe
from contracts.models import (
    Amendment,
    Assignment,
    Contract,
    Decision,
    FaultyLine,
    Flag,
    ImportedFile,
    Suspension,
    WorkedMonth,
)
from law.nomenclature import choices
from parcours.models import Worker

P = Permission
CONTRACT_KINDS = choices("contract_kind")


class ContractSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.DECIDE_CONTRACTS)
    renews = VisibleReference(Contract, P.DECIDE_CONTRACTS, required=False, allow_null=True)

    class Meta:
        model = Contract
        fields = (
            "id", "worker", "reference", "kind", "renews", "signed_on", "started_on", "planned_end_on", "ended_on", "end_reason",
            "weekly_hours", "hourly_gross", "rome_code", "sentence_adjustment",
        )  # fmt: skip


class Contracts(Exportable, Writing):
    """Contrats de travail ; un renouvellement est un contrat qui en renouvelle un autre."""

    listing = "contracts"
    model, serializer_class = Contract, ContractSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.sign_contract
    filterset_fields = {
        "worker": ["exact"], "kind": ["exact"], "reference": ["exact"], "started_on": ["gte", "lte"],
        "planned_end_on": ["gte", "lte"], "ended_on": ["isnull", "gte", "lte"],
    }  # fmt: skip


class _OfContract(StrictSerializer):
    contract = VisibleReference(Contract, P.DECIDE_CONTRACTS)


class AmendmentSerializer(_OfContract):
    class Meta:
        model = Amendment
        fields = (
            "id",
            "contract",
            "signed_on",
            "effective_on",
            "planned_end_on",
            "weekly_hours",
            "hourly_gross",
            "reason",
        )


class Amendments(Writing):
    """Avenants ; seuls changent les termes nommés."""

    model, serializer_class = Amendment, AmendmentSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.amend_contract
    filterset_fields = {"contract": ["exact"], "effective_on": ["gte", "lte"]}


class SuspensionSerializer(_OfContract):
    class Meta:
        model = Suspension
        fields = ("id", "contract", "started_on", "ended_on", "reason")


class Suspensions(Writing):
    """Suspensions de contrat ; sans fin tant que le retour n'est pas connu."""

    model, serializer_class = Suspension, SuspensionSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.suspend_contract
    filterset_fields = {"contract": ["exact"], "started_on": ["gte", "lte"]}


class AssignmentSerializer(StrictSerializer):
    class Meta:
        model = Assignment
        fields = ("id", "contract", "client_name", "client_kind", "started_on", "ended_on")


class Assignments(Exportable, Reading):
    """Mises à disposition et missions."""

    listing = "assignments"
    model, serializer_class, reads_with = Assignment, AssignmentSerializer, P.SEE_CONTRACTS
    filterset_fields = {"contract": ["exact"], "client_kind": ["exact"]}


class WorkedMonthSerializer(_OfContract):
    closed = serializers.BooleanField(default=False)

    class Meta:
        model = WorkedMonth
        fields = ("id", "contract", "assignment", "month", "paid_hours", "gross_pay", "closed")
        read_only_fields = ("assignment",)
        extra_kwargs = {"paid_hours": {"required": True}, "gross_pay": {"required": True}}


class WorkedMonths(Exportable, Writing):
    """Mois travaillés ; des heures inconnues sont nulles, pas zéro."""

    listing = "worked-months"
    model, serializer_class = WorkedMonth, WorkedMonthSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.record_month
    filterset_fields = {"contract": ["exact"], "contract__worker": ["exact"], "month": ["exact", "gte", "lte"]}


class DecisionSerializer(_OfContract):
    on_time = serializers.BooleanField(read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields = (
            "id", "worker", "contract", "rule", "due_on", "kind", "reason", "decided_by", "notified_on", "recorded_at", "on_time",
            "sent_once",
        )  # fmt: skip
        read_only_fields = ("worker", "rule", "due_on", "decided_by", "recorded_at")
        extra_kwargs = {"sent_once": {"write_only": True}}


class Decisions(Writing):
    """Décisions sur les fins de contrat ; la date d'enregistrement est celle de l'horloge."""

    model, serializer_class = Decision, DecisionSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, decisions.decide
    filterset_fields = {"contract": ["exact"], "kind": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"notified_on": None, "worker": values["contract"].worker, **values, "at": timezone.now()}


class FlagSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    title = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()
    articles = serializers.SerializerMethodField()
    decisions = serializers.SerializerMethodField()

    class Meta:
        model = Flag
        fields = (
            "id", "organisation", "worker", "contract", "pass_iae", "code", "severity", "rung", "due_on", "facts", "opened_on",
            "closed_on", "title", "why", "articles", "decisions",
        )  # fmt: skip

    def get_title(self, flag: Flag) -> str:
        return describe(flag).title

    def get_why(self, flag: Flag) -> str:
        return describe(flag).why

    def get_articles(self, flag: Flag) -> list[str]:
        return list(describe(flag).articles)

    def get_decisions(self, flag: Flag) -> list[str]:
        return list(describe(flag).decisions)


class Flags(Exportable, Reading):
    """Alertes : ce qui doit être décidé, pourquoi, par quel article, avant quand."""

    listing = "flags"
    model, serializer_class, reads_with = Flag, FlagSerializer, P.SEE_CONTRACTS
    filterset_fields = {
        "organisation": ["exact"], "worker": ["exact"], "code": ["exact"], "severity": ["exact", "gte"],
        "due_on": ["gte", "lte"], "closed_on": ["isnull"],
    }  # fmt: skip


class FaultSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = FaultyLine
        fields = ("line", "column", "value", "message", "remedy")


class FileSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = ImportedFile
        fields = (
            "id", "organisation", "name", "format", "sha256", "size", "state", "refusal", "good_lines", "faulty_lines", "counts",
            "uploaded_at", "imported_at",
        )  # fmt: skip
        read_only_fields = fields


class Upload(serializers.Serializer):  # type: ignore[type-arg]
    organisation = serializers.IntegerField()
    file = serializers.FileField(allow_empty_file=True)


class Files(Reading):
    """Fichiers importés : déposer (examiné aussitôt), lire les erreurs, confirmer."""

    model, serializer_class, reads_with, writes_with = ImportedFile, FileSerializer, P.IMPORT_FILES, P.IMPORT_FILES
    filterset_fields = {"organisation": ["exact"], "state": ["exact"]}

    @extend_schema(request={"multipart/form-data": Upload}, responses={201: FileSerializer})
    def create(self, request: Request) -> Response:
        asked = Upload(data=request.data)
        asked.is_valid(raise_exception=True)
        structures = organisations(request.user, P.IMPORT_FILES).filter(nature="structure")
        organisation = load(structures, pk=asked.validated_data["organisation"])
        given = asked.validated_data["file"]
        file = imports.receive(by=author(request), organisation=organisation, name=given.name, stream=given.file)
        return Response(FileSerializer(imports.preview(file)).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=FileSerializer)
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        file = imports.commit(by=author(request), file=self.get_object())
        return Response(FileSerializer(file).data)

    @extend_schema(responses=FaultSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def faults(self, request: Request, pk: str) -> Response:
        return Response(FaultSerializer(self.get_object().faults.all(), many=True).data)

    def get_parsers(self) -> list[Any]:
        creating = (
            getattr(self, "request", None) is not None and getattr(self, "action_map", {}).get("post") == "create"
        )
        return [MultiPartParser()] if creating else super().get_parsers()
