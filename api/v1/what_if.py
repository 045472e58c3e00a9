"""What a contract would change before it is signed: POST /contracts/what-if/ writes nothing."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Permission
from api.resources import Day, StrictSerializer, VisibleReference
from contracts import simulation
from contracts.models import Contract
from law.findings import Finding
from law.nomenclature import choices
from parcours.models import Worker

P = Permission


class GrantedSerializer(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.ChoiceField(choices=choices("derogation_kind"))
    started_on = Day()
    ended_on = Day()


class TypedTermsSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.DECIDE_CONTRACTS)
    renews = VisibleReference(Contract, P.DECIDE_CONTRACTS, required=False, allow_null=True)
    derogation = GrantedSerializer(required=False, allow_null=True)

    class Meta:
        model = Contract
        fields = (
            "worker", "renews", "kind", "signed_on", "started_on", "planned_end_on", "weekly_hours", "hourly_gross",
            "sentence_adjustment", "derogation",
        )  # fmt: skip


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code, "severity": int(finding.severity), "forbids": finding.forbids, "title": finding.rule.title,
        "why": finding.why, "next": finding.next, "articles": finding.articles, "due_on": finding.due_on,
    }  # fmt: skip


class WhatIf(APIView):
    """Ce qu'un contrat ouvre, enfreint, paie et couvre, avant signature ; rien n'est écrit."""

    writes_with = P.DECIDE_CONTRACTS

    @extend_schema(request=TypedTermsSerializer, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        asked = TypedTermsSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        terms = dict(asked.validated_data)
        seen = simulation.simulate(
            worker=terms.pop("worker"),
            renews=terms.pop("renews", None),
            derogation=terms.pop("derogation", None),
            terms=terms,
            today=timezone.localdate(),
        )
        return Response(
            {
                "may_be_saved": seen.may_be_saved,
                "breaks": [_said(finding) for finding in seen.breaks],
                "opens": [
                    {
                        "code": one.after.code, "label": one.after.label, "unit": one.after.unit,
                        "threshold": one.after.threshold, "before": one.before.value, "after": one.after.value,
                        "opened": one.opened, "reached_on": one.reached_on, "source": one.after.source,
                    }
                    for one in seen.opens
                ],
                "pay": asdict(seen.pay),
                "cover": asdict(seen.cover),
                "profile": {"before": asdict(seen.before), "after": asdict(seen.after)},
            }
        )  # fmt: skip
