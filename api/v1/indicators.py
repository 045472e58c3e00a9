"""Indicators to read: the catalogue, the dashboard, a sheet, who is unknown, the plan; targets and experiments to write."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import load, organisations
from accounts.models import Organisation
from accounts.roles import Permission
from api.resources import Day, OwnOrganisation, StrictSerializer, VisibleReference, Writing, author
from contracts.models import Contract
from indicators import actions, plan, report
from indicators.catalogue import BREAKDOWNS, DIMENSIONS, Definition, definitions
from indicators.computation import unknowns
from indicators.measures.shape import rounded
from indicators.models import Experiment, Participant, Target
from indicators.periods import end_of
from indicators.report import statement
from parcours.models import Worker

P = Permission
ORGANISATION = OpenApiParameter("organisation", int, required=True, description="La structure.")
AS_OF = OpenApiParameter(
    "as_of", OpenApiTypes.DATE, description="Tel que connu à la fin de ce jour ; maintenant par défaut."
)
OBJECT = {200: OpenApiTypes.OBJECT}


class _Asked(serializers.Serializer[Any]):
    organisation = serializers.IntegerField()
    as_of = Day(required=False)
    by = serializers.ListField(child=serializers.ChoiceField(choices=sorted(BREAKDOWNS)), required=False, default=list)
    year = serializers.IntegerField(required=False, min_value=2000, max_value=2100)


def _asked(request: Request) -> dict[str, Any]:
    """The structure, which the principal may see, and the knowledge date."""
    given: dict[str, Any] = request.query_params.dict()
    given["by"] = request.query_params.getlist("by")
    asked = _Asked(data=given)
    asked.is_valid(raise_exception=True)
    values = asked.validated_data
    mine = organisations(request.user, P.SEE_INDICATORS).structures()
    at: datetime = end_of(values["as_of"]) if "as_of" in values else timezone.now()
    return {**values, "organisation": load(mine, pk=values["organisation"]), "at": min(at, timezone.now())}


def _definition(code: str) -> Definition:
    if code not in definitions():
        raise Http404
    return definitions()[code]


def _described(definition: Definition) -> dict[str, Any]:
    return {**asdict(definition), "sensitive": definition.sensitive}


class Catalogue(APIView):
    """Les définitions de tous les indicateurs, et les neuf dimensions."""

    reads_with = P.SEE_INDICATORS

    @extend_schema(operation_id="indicators_list", responses=OBJECT)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "dimensions": [asdict(dimension) for dimension in DIMENSIONS],
                "indicators": [_described(definition) for definition in definitions().values()],
            }
        )


class Dashboard(APIView):
    """Le tableau de bord d'une structure : le dernier chiffre de chaque indicateur, sa méthode, l'étendue de son type."""

    reads_with = P.SEE_INDICATORS

    @extend_schema(parameters=[ORGANISATION, AS_OF], responses=OBJECT)
    def get(self, request: Request) -> Response:
        asked = _asked(request)
        board = report.board(asked["organisation"], asked["at"])
        rows = {row["indicator"]: row for row in statement.of_board(asked["organisation"], board.lines).rows}

        def line(one: report.Line) -> dict[str, Any] | None:
            row = rows.get(one.sheet.definition.code)
            return row and {**row, "trend": one.trend_words or None, "target": one.target_words or None}

        return Response(
            {
                "known_at": board.known_at,
                "dimensions": [
                    {
                        "code": block.dimension.code, "label": block.dimension.label, "lead": line(block.lead),
                        "others": [found for other in block.others if (found := line(other))],
                    }
                    for block in board.blocks
                ],
                "data": line(board.data),
            }
        )  # fmt: skip


class IndicatorSheet(APIView):
    """La fiche d'un indicateur : définition, série, groupes de personnes, révisions, courbe ou matrice."""

    reads_with = P.SEE_INDICATORS

    @extend_schema(
        parameters=[
            ORGANISATION,
            AS_OF,
            OpenApiParameter("by", str, many=True, description="Une ou deux ventilations."),
        ],
        responses=OBJECT,
    )
    def get(self, request: Request, code: str) -> Response:
        definition, asked = _definition(code), _asked(request)
        structure: Organisation = asked["organisation"]
        sheet = report.sheet(structure, code, asked["at"])
        reading = sheet.latest
        found: dict[str, Any] = {
            "definition": _described(definition),
            "rows": statement.of_sheet(structure, sheet).rows,
            "trend": trend.words if (trend := report.trend_of(sheet)) else None,
        }
        if reading is not None:
            found |= self._opened(request, structure, reading, asked)
        return Response(found)

    def _opened(
        self, request: Request, structure: Organisation, reading: report.Reading, asked: dict[str, Any]
    ) -> dict[str, Any]:
        value, definition = reading.value, reading.definition
        triangle = report.revisions(value.scope, definition.code, until=asked["at"])
        kind = report.of_kind(structure, [reading], asked["at"], cells=True).get((definition.code, reading.period))
        alike = report.alike(reading, kind)
        return {
            "parts": [asdict(part) for part in report.parts_of(definition, value.parts, reading.small)],
            "rules": [asdict(rule) for rule in report.rules_of(definition, reading.period)],
            "cells": self._cells(request, structure, reading, asked["by"]),
            "revisions": [
                {"period_start": period.start, "period_end": period.end, "known_at": row.known_at,
                 "reading": row.reading.headline}
                for period, rows in sorted(triangle.items())
                for row in rows
            ],
            "alike": None
            if alike is None
            else {name: None if number is None else rounded(number) for name, number in asdict(alike).items()},
            "curve": report.curve_of(value),
            "matrix": report.transitions(value) if definition.code == "SEC-03" else None,
        }  # fmt: skip

    def _cells(
        self, request: Request, structure: Organisation, reading: report.Reading, by: list[str]
    ) -> list[dict[str, Any]]:
        if "domain" in by:
            load(organisations(request.user, P.SEE_SENSITIVE), pk=structure.pk)
        try:
            cells = report.broken_down(reading.value, by) if by else []
        except ValueError as error:
            raise serializers.ValidationError({"by": [str(error)]}) from error
        return [
            {
                "breakdown": cell.breakdown, "reading": told.headline, "known": told.value.known,
                "eligible": told.value.eligible, "k": told.value.k, "coverage": told.value.coverage,
            }
            for cell in cells
            for told in [cell.reading(reading.value)]
        ]  # fmt: skip


class Unknown(APIView):
    """Qui est inconnu dans le dernier chiffre d'un indicateur, et pourquoi ; pour qui peut voir les personnes."""

    reads_with = P.SEE_PEOPLE

    @extend_schema(parameters=[ORGANISATION, AS_OF], responses=OBJECT)
    def get(self, request: Request, code: str) -> Response:
        definition, asked = _definition(code), _asked(request)
        structure = load(organisations(request.user, P.SEE_PEOPLE), pk=asked["organisation"].pk)
        reading = report.sheet(structure, code, asked["at"]).latest
        found = unknowns(structure.pk, code, reading.period, reading.value.known_at) if reading else []
        return Response(
            {"complete": definition.complete, "people": [{"worker": worker, "reason": why} for worker, why in found]}
        )


class StrategicPlan(APIView):
    """Le plan 2012-2017, clause par clause : ce qui la mesure, la cible votée pour l'année, atteinte ou non, ou inconnu."""

    reads_with = P.SEE_INDICATORS

    @extend_schema(parameters=[ORGANISATION, AS_OF, OpenApiParameter("year", int)], responses=OBJECT)
    def get(self, request: Request) -> Response:
        asked = _asked(request)
        year = asked.get("year", timezone.localdate().year)
        account = plan.account(asked["organisation"], year, asked["at"])
        return Response({"year": year, "clauses": [
            {
                "number": clause.number, "text": clause.text, "unmeasured": clause.unmeasured,
                "indicators": [
                    {"indicator": aim.definition.code, "reading": aim.reading.headline if aim.reading else None,
                     "target": aim.target.value if aim.target else None, "reached": aim.reached}
                    for aim in account.of(clause)
                ],
            }
            for section in plan.plan() for group in section.groups for clause in group.clauses
        ]})  # fmt: skip


class OfDirector(Writing):
    """Rows of a structure, written by those who steer it."""

    reads_with, writes_with = P.SEE_INDICATORS, P.STEER


class TargetSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()

    class Meta:
        model = Target
        fields = ("id", "organisation", "indicator", "year", "value", "voted_on", "voted_by")


class Targets(OfDirector):
    """Cibles votées par la structure ; votée de nouveau, une cible remplace la précédente, que l'historique garde."""

    model, serializer_class, verb = Target, TargetSerializer, actions.vote_target
    filterset_fields = {"organisation": ["exact"], "indicator": ["exact"], "year": ["exact"]}

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        target = self.get_object()
        actions.withdraw_target(by=author(request), target=target)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExperimentSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()

    class Meta:
        model = Experiment
        fields = (
            "id", "organisation", "title", "subject", "hypothesis", "outcome", "comparison", "registered_on", "started_on",
            "planned_end_on", "ended_on", "result", "evaluation_published_on",
        )  # fmt: skip
        read_only_fields = ("registered_on", "ended_on", "result", "evaluation_published_on")


class _End(serializers.Serializer[Any]):
    ended_on = Day()


class _Evaluation(serializers.Serializer[Any]):
    result = serializers.CharField()
    published_on = Day(default=timezone.localdate)


class Experiments(OfDirector):
    """Expérimentations, inscrites avant de commencer ; elles ne se retirent pas."""

    model, serializer_class, verb = Experiment, ExperimentSerializer, actions.register_experiment
    filterset_fields = {"organisation": ["exact"], "subject": ["exact"], "ended_on": ["isnull"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**super().cleaned(values), "registered_on": timezone.localdate()}

    @extend_schema(request=_End, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        return self._moved(request, pk, _End, actions.end_experiment)

    @extend_schema(request=_Evaluation, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def evaluation(self, request: Request, pk: str) -> Response:
        return self._moved(request, pk, _Evaluation, actions.publish_evaluation)

    def _moved(self, request: Request, pk: str, asks: Any, verb: Any) -> Response:
        experiment = self.get_object()
        asked = asks(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(
            ExperimentSerializer(verb(by=author(request), experiment=experiment, **asked.validated_data)).data
        )


class ParticipantSerializer(StrictSerializer):
    experiment = VisibleReference(Experiment, P.STEER)
    worker = VisibleReference(Worker, P.STEER)
    contract = VisibleReference(Contract, P.STEER, required=False, allow_null=True)

    class Meta:
        model = Participant
        fields = ("id", "experiment", "worker", "contract", "joined_on", "left_on", "consented_on")
        read_only_fields = ("left_on",)
        extra_kwargs = {"consented_on": {"default": None}}


class _Day(serializers.Serializer[Any]):
    on = Day(default=timezone.localdate)


class Participants(Writing):
    """Participations à une expérimentation ; sans accord daté, on ne sait pas si la personne est d'accord."""

    model, serializer_class, verb = Participant, ParticipantSerializer, actions.join_experiment
    reads_with, writes_with = P.SEE_PEOPLE, P.STEER
    filterset_fields = {"experiment": ["exact"], "worker": ["exact"], "left_on": ["isnull"]}

    @extend_schema(request=_Day, responses=ParticipantSerializer)
    @action(detail=True, methods=["post"])
    def consent(self, request: Request, pk: str) -> Response:
        row, on = self._found(request, pk)
        return self._shown(actions.record_consent(by=author(request), participant=row, consented_on=on))

    @extend_schema(request=_Day, responses=ParticipantSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        row, on = self._found(request, pk)
        return self._shown(actions.leave_experiment(by=author(request), participant=row, left_on=on))

    def _found(self, request: Request, pk: str) -> tuple[Participant, Any]:
        row = self.get_object()
        asked = _Day(data=request.data)
        asked.is_valid(raise_exception=True)
        return row, asked.validated_data["on"]

    def _shown(self, row: Participant) -> Response:
        return Response(ParticipantSerializer(row, context=self.get_serializer_context()).data)
