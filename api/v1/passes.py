"""The life of a PASS IAE: suspensions and prolongations."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import Day, Strict, StrictSerializer, VisibleReference, Writing
from api.v1.contract_life import perform
from parcours import passes
from parcours.models import PassIAE, PassProlongation, PassSuspension

P = Permission


class PassSuspensionSerializer(StrictSerializer):
    pass_iae = VisibleReference(PassIAE, P.WRITE_FOLLOW_UP)
    ended_on = Day(required=False, help_text="Vide : le plus tard que la plateforme admet")

    class Meta:
        model = PassSuspension
        fields = ("id", "pass_iae", "started_on", "ended_on", "reason", "note")


class MoveEnd(Strict):
    ended_on = Day()


class PassSuspensions(Writing):
    """Suspensions de PASS IAE : la fin du PASS recule d'autant ; une embauche y met fin d'elle-même."""

    model, serializer_class = PassSuspension, PassSuspensionSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, passes.suspend_pass
    filterset_fields = {"pass_iae": ["exact"], "pass_iae__worker": ["exact"], "started_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=MoveEnd, responses=PassSuspensionSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        row = perform(self, request, MoveEnd, passes.move_suspension_end, suspension=self.get_object())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=Strict, responses={204: None})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        perform(self, request, Strict, passes.cancel_suspension, suspension=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProlongationSerializer(StrictSerializer):
    pass_iae = VisibleReference(PassIAE, P.WRITE_FOLLOW_UP)

    class Meta:
        model = PassProlongation
        fields = (
            "id", "pass_iae", "reason", "days", "from_on", "state", "report", "prescriber", "requested_on", "requested_by",
            "decided_on", "refusal_reason", "refusal_note",
        )  # fmt: skip
        read_only_fields = (
            "from_on", "state", "requested_on", "requested_by", "decided_on", "refusal_reason", "refusal_note",
        )  # fmt: skip


class Accept(Strict):
    decided_on = Day()
    prescriber = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Refuse(Strict):
    decided_on = Day()
    refusal_reason = serializers.CharField()
    refusal_note = serializers.CharField(required=False, allow_blank=True)


class Prolongations(Writing):
    """Prolongations de PASS IAE : demandées, puis acceptées ou refusées."""

    model, serializer_class = PassProlongation, ProlongationSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, passes.request_prolongation
    filterset_fields = {"pass_iae": ["exact"], "pass_iae__worker": ["exact"], "state": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=Accept, responses=ProlongationSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        row = perform(self, request, Accept, passes.accept_prolongation, prolongation=self.get_object())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=Refuse, responses=ProlongationSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        row = perform(self, request, Refuse, passes.refuse_prolongation, prolongation=self.get_object())
        return Response(self.get_serializer(row).data)
