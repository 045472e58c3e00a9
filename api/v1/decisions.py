"""Decisions about alerts: one by one, or the same for several at once, with a preview."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import Day, Strict, StrictSerializer, VisibleReference, Writing, author
from api.v1.contract_life import DraftSerializer, perform
from contracts import decisions
from contracts.flags import URGENCY
from contracts.models import Contract, Decision, Flag

P = Permission
TOGETHER = 100  # alerts decided at once


class DecisionSerializer(StrictSerializer):
    contract = VisibleReference(Contract, P.DECIDE_CONTRACTS)
    on_time = serializers.BooleanField(read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields = (
            "id", "worker", "contract", "rule", "due_on", "kind", "reason", "decided_by", "notified_on", "recorded_at", "on_time",
            "sent_once",
        )  # fmt: skip
        read_only_fields = ("worker", "rule", "due_on", "decided_by", "recorded_at")
        extra_kwargs = {"sent_once": {"write_only": True}}


class Told(Strict):
    notified_on = Day()


class LineSerializer(Strict):
    flag = serializers.IntegerField(help_text="Alerte")
    planned_end_on = Day(
        required=False, allow_null=True, help_text="Pour renouveler : la nouvelle fin ; sinon la même durée"
    )


class PreviewTogether(Strict):
    kind = serializers.ChoiceField(choices=Decision.Kind.choices)
    lines = LineSerializer(many=True, allow_empty=False, max_length=TOGETHER)  # type: ignore[call-arg]


class DecideTogether(PreviewTogether):
    reason = serializers.CharField()
    notified_on = Day(required=False, allow_null=True)
    sent_once = serializers.UUIDField(help_text="La même clé deux fois est la même décision")
    seen = serializers.IntegerField(
        required=False, help_text="Nombre de lignes possibles à l'aperçu ; s'il a changé, rien n'est écrit"
    )


class RenewalSerializer(serializers.Serializer):  # type: ignore[type-arg]
    started_on = Day(allow_null=True)
    planned_end_on = Day(allow_null=True)
    weekly_hours = serializers.DecimalField(
        max_digits=4, decimal_places=2, allow_null=True, source="terms.weekly_hours"
    )
    articles = serializers.ListField(child=serializers.CharField(), help_text="Articles qui l'interdisent")
    watch = serializers.ListField(child=serializers.CharField(), help_text="Ce que la loi demande de regarder")


class PlannedSerializer(serializers.Serializer):  # type: ignore[type-arg]
    flag = serializers.IntegerField(source="flag.pk")
    worker = serializers.IntegerField(source="flag.worker_id")
    contract = serializers.IntegerField(source="flag.contract_id", allow_null=True)
    possible = serializers.SerializerMethodField()
    effect = serializers.CharField()
    refusal = serializers.CharField(help_text="Vide si la décision est possible")
    renewal = RenewalSerializer(allow_null=True)

    def get_possible(self, plan: decisions.Plan) -> bool:
        return not plan.refusal


class TogetherSerializer(serializers.Serializer):  # type: ignore[type-arg]
    decisions = DecisionSerializer(many=True)
    drafts = DraftSerializer(many=True)
    refused = PlannedSerializer(many=True)


class Decisions(Writing):
    """Décisions sur les fins de contrat ; la date d'enregistrement est celle de l'horloge."""

    model, serializer_class = Decision, DecisionSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, decisions.decide
    filterset_fields = {"contract": ["exact"], "kind": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"notified_on": None, "worker": values["contract"].worker, **values, "at": timezone.now()}

    @extend_schema(request=Told, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def told(self, request: Request, pk: str) -> Response:
        """Le jour où la personne a été informée, quand il n'était pas encore connu."""
        given = {"decision": self.get_object(), "today": timezone.localdate()}
        return Response(self.get_serializer(perform(self, request, Told, decisions.note_told, **given)).data)

    @extend_schema(request=PreviewTogether, responses=PlannedSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def preview(self, request: Request) -> Response:
        """Ce qu'une même décision ferait à plusieurs alertes, et ce que la loi refuse ; rien n'est écrit."""
        asked, flags, ends = self._asked(request, PreviewTogether)
        plans = decisions.plan(flags, asked["kind"], today=timezone.localdate(), ends=ends)
        return Response(PlannedSerializer(plans, many=True).data)

    @extend_schema(request=DecideTogether, responses=TogetherSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def together(self, request: Request) -> Response:
        """La même décision pour plusieurs alertes, et les projets de renouvellement : tout ce qui est possible, ou rien."""
        asked, flags, ends = self._asked(request, DecideTogether)
        done = decisions.answer_together(
            by=author(request),
            flags=flags,
            ends=ends,
            at=timezone.now(),
            kind=asked["kind"],
            reason=asked["reason"],
            notified_on=asked.get("notified_on"),
            sent_once=asked["sent_once"],
            seen=asked.get("seen"),
        )
        return Response(TogetherSerializer(done, context=self.get_serializer_context()).data)

    def _asked(
        self, request: Request, asked: type[PreviewTogether]
    ) -> tuple[dict[str, Any], list[Flag], dict[int, date]]:
        """What is asked, cleaned; the flags, which the principal may decide, the most urgent first; the ends typed."""
        cleaned = asked(data=request.data)
        cleaned.is_valid(raise_exception=True)
        lines = {line["flag"]: line.get("planned_end_on") for line in cleaned.validated_data["lines"]}
        rows = Flag.objects.visible_to(request.user, P.DECIDE_CONTRACTS).filter(pk__in=lines).order_by(*URGENCY)
        flags = list(rows.select_related("worker", "contract", "organisation"))
        known = {flag.pk for flag in flags}
        unknown = [str(pk) for pk in lines if pk not in known]
        if unknown:
            raise serializers.ValidationError(
                {"lines": [_("Alertes inconnues : %(flags)s.") % {"flags": ", ".join(unknown)}]}
            )
        return cleaned.validated_data, flags, {pk: end for pk, end in lines.items() if end is not None}
