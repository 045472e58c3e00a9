"""The life of contracts: drafts, derogations, work for clients, months, immersions. Verbs are actions."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load, organisations
from accounts.roles import Permission
from api.resources import (
    Day,
    Exportable,
    OwnOrganisation,
    Reading,
    Strict,
    StrictSerializer,
    VisibleReference,
    Writing,
    author,
)
from contracts import actions, assignments, derogations, immersions, life, months
from contracts.models import (
    Assignment,
    Contract,
    ContractDraft,
    Derogation,
    Immersion,
    PlannedMonth,
    Regularisation,
    WorkedMonth,
)
from law.nomenclature import choices
from parcours.models import Worker

P = Permission
DEROGATION_KINDS = choices("derogation_kind")


def perform(view: Any, request: Request, asked: type[Strict], verb: Callable[..., Any], **given: Any) -> Any:
    """Clean what is asked, then call the verb on the object of the address."""
    cleaned = asked(data=request.data)
    cleaned.is_valid(raise_exception=True)
    return verb(by=author(request), **given, **cleaned.validated_data)


class DraftSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.DECIDE_CONTRACTS)
    renews = VisibleReference(Contract, P.DECIDE_CONTRACTS, required=False, allow_null=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = ContractDraft
        fields = (
            "id", "worker", "kind", "renews", "started_on", "planned_end_on", "weekly_hours", "hourly_gross", "rome_code",
            "sentence_adjustment", "state", "contract", "prepared_by", "prepared_on", "abandoned_on", "abandon_reason",
        )  # fmt: skip
        read_only_fields = ("contract", "prepared_by", "prepared_on", "abandoned_on", "abandon_reason")

    def get_state(self, draft: ContractDraft) -> str:
        return str(life.draft_state(draft).value)


class SignDraft(Strict):
    signed_on = Day()
    reference = serializers.CharField(required=False, allow_blank=True, max_length=64)


class AbandonDraft(Strict):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Drafts(Writing):
    """Projets de contrat : rien ne les compte avant leur signature."""

    model, serializer_class = ContractDraft, DraftSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.prepare_contract
    filterset_fields = {"worker": ["exact"], "contract": ["isnull"], "abandoned_on": ["isnull"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=SignDraft, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        perform(self, request, SignDraft, actions.sign_draft, draft=self.get_object(), today=timezone.localdate())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=AbandonDraft, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def abandon(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        done = perform(self, request, AbandonDraft, actions.abandon_draft, draft=draft, today=timezone.localdate())
        return Response(self.get_serializer(done).data)


class DerogationSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.DECIDE_CONTRACTS, required=False, allow_null=True)
    organisation: Any = OwnOrganisation(required=False)
    article = serializers.SerializerMethodField()

    class Meta:
        model = Derogation
        fields = (
            "id", "organisation", "worker", "kind", "decided_by", "decided_on", "started_on", "ended_on", "reference", "note",
            "article",
        )  # fmt: skip

    def get_article(self, row: Derogation) -> str:
        return derogations.article_of(row.kind)


class Derogations(Writing):
    """Dérogations : qui a levé quelle limite, pour qui, de quand à quand."""

    model, serializer_class = Derogation, DerogationSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, derogations.record_derogation
    filterset_fields = {"worker": ["exact"], "organisation": ["exact"], "kind": ["exact"], "ended_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}


class AssignmentSerializer(StrictSerializer):
    contract = VisibleReference(Contract, P.DECIDE_CONTRACTS)
    monthly_hours = serializers.DecimalField(
        max_digits=6, decimal_places=2, required=False, write_only=True, help_text="Heures prévues chaque mois"
    )
    missing_mentions = serializers.SerializerMethodField(help_text="Mentions de R5132-20 CT qui manquent")

    class Meta:
        model = Assignment
        fields = (
            "id", "contract", "client_name", "client_kind", "started_on", "ended_on", "announced_on", "cancelled_on", "place",
            "tasks", "client_pay", "protective_equipment", "signed_on", "monthly_hours", "missing_mentions",
        )  # fmt: skip
        read_only_fields = ("cancelled_on",)

    def get_missing_mentions(self, row: Assignment) -> list[str]:
        return assignments.missing_mentions(row)


class ChangeAssignment(Strict):
    ended_on = Day(required=False)
    announced_on = Day(required=False)
    place = serializers.CharField(required=False, max_length=200)
    tasks = serializers.CharField(required=False, max_length=300)
    client_pay = serializers.DecimalField(max_digits=7, decimal_places=4, required=False)
    protective_equipment = serializers.CharField(required=False, max_length=200)
    signed_on = Day(required=False)


class CancelOn(Strict):
    cancelled_on = Day()


class Assignments(Exportable, Writing):
    """Mises à disposition et missions."""

    listing = "assignments"
    model, serializer_class = Assignment, AssignmentSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, assignments.assign
    filterset_fields = {
        "contract": ["exact"], "contract__worker": ["exact"], "client_kind": ["exact"], "started_on": ["gte", "lte"],
        "announced_on": ["isnull"],
    }  # fmt: skip

    @extend_schema(request=ChangeAssignment, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        row = perform(self, request, ChangeAssignment, assignments.change_assignment, assignment=self.get_object())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=CancelOn, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = perform(self, request, CancelOn, assignments.cancel_assignment, assignment=self.get_object())
        return Response(self.get_serializer(row).data)


class PlannedMonthSerializer(StrictSerializer):
    assignment = VisibleReference(Assignment, P.DECIDE_CONTRACTS)

    class Meta:
        model = PlannedMonth
        fields = ("id", "assignment", "month", "hours")


class PlannedMonths(Writing):
    """Heures prévues chez un client, mois par mois ; envoyées deux fois, les dernières comptent."""

    model, serializer_class = PlannedMonth, PlannedMonthSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, assignments.plan_month
    filterset_fields = {"assignment": ["exact"], "month": ["exact", "gte", "lte"]}


class WorkedMonthSerializer(StrictSerializer):
    contract = VisibleReference(Contract, P.DECIDE_CONTRACTS)
    closed = serializers.BooleanField(default=False)

    class Meta:
        model = WorkedMonth
        fields = ("id", "contract", "assignment", "month", "paid_hours", "gross_pay", "closed")
        read_only_fields = ("assignment",)
        extra_kwargs = {"paid_hours": {"required": True}, "gross_pay": {"required": True}}


class RegularisationSerializer(StrictSerializer):
    class Meta:
        model = Regularisation
        fields = (
            "id", "worked_month", "hours_before", "hours_after", "pay_before", "pay_after", "reason", "recorded_on",
            "recorded_by",
        )  # fmt: skip


class Regularise(Strict):
    paid_hours = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    gross_pay = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    reason = serializers.CharField(max_length=200)


class CloseMonth(Strict):
    organisation = serializers.IntegerField()
    month = Day()


class Closed(serializers.Serializer):  # type: ignore[type-arg]
    closed = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.IntegerField(), help_text="Contrats dont les heures manquent")


class WorkedMonths(Exportable, Writing):
    """Mois travaillés ; des heures inconnues sont nulles, pas zéro."""

    listing = "worked-months"
    model, serializer_class = WorkedMonth, WorkedMonthSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, months.record_month
    filterset_fields = {"contract": ["exact"], "contract__worker": ["exact"], "month": ["exact", "gte", "lte"]}

    @extend_schema(request=Regularise, responses=RegularisationSerializer)
    @action(detail=True, methods=["post"])
    def regularise(self, request: Request, pk: str) -> Response:
        given = {"worked_month": self.get_object(), "today": timezone.localdate()}
        row = perform(self, request, Regularise, months.regularise, **given)
        return Response(RegularisationSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CloseMonth, responses=Closed)
    @action(detail=False, methods=["post"])
    def close(self, request: Request) -> Response:
        asked = CloseMonth(data=request.data)
        asked.is_valid(raise_exception=True)
        structure = load(
            organisations(request.user, P.DECIDE_CONTRACTS).structures(),
            pk=asked.validated_data["organisation"],
        )
        month = asked.validated_data["month"].replace(day=1)
        done = months.close_month(by=author(request), organisation=structure, month=month, today=timezone.localdate())
        return Response({"closed": done.closed, "missing": [line.contract.pk for line in done.missing]})


class Regularisations(Reading):
    """Corrections de mois clos : avant, après, pourquoi, par qui."""

    model, serializer_class, reads_with = Regularisation, RegularisationSerializer, P.SEE_CONTRACTS
    filterset_fields = {"worked_month": ["exact"], "worked_month__contract": ["exact"], "recorded_on": ["gte", "lte"]}


class ImmersionSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    contract = VisibleReference(Contract, P.SEE_CONTRACTS, required=False, allow_null=True)
    renews = VisibleReference(Immersion, P.WRITE_FOLLOW_UP, required=False, allow_null=True)

    class Meta:
        model = Immersion
        fields = (
            "id", "worker", "contract", "renews", "host_name", "host_siret", "tutor", "object", "objective", "started_on",
            "ended_on", "hours", "prescriber", "signed_on", "result", "assessment", "cancelled_on",
        )  # fmt: skip
        read_only_fields = ("result", "assessment", "cancelled_on")


class CompleteImmersion(Strict):
    result = serializers.CharField(allow_blank=True)
    ended_on = Day(required=False)
    hours = serializers.DecimalField(max_digits=6, decimal_places=2, required=False)
    assessment = serializers.CharField(required=False, allow_blank=True)


class Immersions(Writing):
    """Immersions (PMSMP), dans les limites de la loi."""

    model, serializer_class = Immersion, ImmersionSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, immersions.plan_immersion
    filterset_fields = {"worker": ["exact"], "contract": ["exact"], "object": ["exact"], "started_on": ["gte", "lte"]}

    @extend_schema(request=CompleteImmersion, responses=ImmersionSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        row = perform(self, request, CompleteImmersion, immersions.complete_immersion, immersion=self.get_object())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=CancelOn, responses=ImmersionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = perform(self, request, CancelOn, immersions.cancel_immersion, immersion=self.get_object())
        return Response(self.get_serializer(row).data)
