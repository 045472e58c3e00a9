"""Workers, pathways, exits, PASS IAE."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.filters import Filters, RowNumber
from api.resources import Day, Exportable, OwnOrganisation, Reading, StrictSerializer, VisibleReference, Writing, author
from law.nomenclature import choices
from parcours import actions
from parcours.models import Exit, PassIAE, Pathway, Worker

P = Permission
EXIT_OUTCOMES, EDUCATION_LEVELS = choices("exit_outcome"), choices("education_level")


class WorkerFilter(Filters):
    q = django_filters.CharFilter(method="named", label="Nom ou prénom, accents et ordre indifférents")
    organisation = RowNumber()
    counsellor = RowNumber()
    in_pathway = django_filters.BooleanFilter(method="open_pathway", label="Parcours ouvert")

    class Meta:
        model = Worker
        fields = ("reference", "emplois_id")

    def named(self, rows: Any, _name: str, text: str) -> Any:
        return rows.named(text)

    def open_pathway(self, rows: Any, _name: str, wanted: bool) -> Any:
        ids = Pathway.objects.open().values("worker")
        return rows.filter(pk__in=ids) if wanted else rows.exclude(pk__in=ids)


class WorkerSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()
    started_on = Day(write_only=True, help_text="Entrée dans le parcours")

    class Meta:
        model = Worker
        fields = (
            "id", "organisation", "reference", "emplois_id", "first_name", "last_name", "birth_date", "sex", "email", "phone",
            "address", "postal_code", "city", "commune", "education_level", "disabled_worker", "rsa", "counsellor", "started_on",
        )  # fmt: skip
        read_only_fields = ("counsellor",)


class WorkerCorrection(StrictSerializer):
    class Meta:
        model = Worker
        fields = (
            "first_name", "last_name", "birth_date", "sex", "email", "phone", "address", "postal_code", "city", "education_level",
            "disabled_worker", "rsa",
        )  # fmt: skip


class Workers(Exportable, Writing):
    """Personnes accueillies par la structure."""

    listing = "workers"
    model, serializer_class, filterset_class = Worker, WorkerSerializer, WorkerFilter
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = actions.welcome_worker(by=author(self.request), **serializer.validated_data).worker

    @extend_schema(request=WorkerCorrection, responses=WorkerSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Corriger qui est la personne et comment la joindre ; seuls les champs donnés changent."""
        worker, asked = self.get_object(), WorkerCorrection(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        actions.correct_worker(by=author(request), worker=worker, **asked.validated_data)
        return Response(self.get_serializer(worker).data)


class PathwaySerializer(StrictSerializer):
    class Meta:
        model = Pathway
        fields = ("id", "worker", "started_on", "ended_on", "phase", "rights_diagnosed_on", "plan_reviewed_on")


class Pathways(Reading):
    """Parcours : entrée, phase, sortie."""

    model, serializer_class, reads_with = Pathway, PathwaySerializer, P.SEE_PEOPLE
    filterset_fields = {
        "worker": ["exact"],
        "phase": ["exact"],
        "started_on": ["gte", "lte"],
        "ended_on": ["gte", "lte", "isnull"],
    }


class ExitSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Exit
        fields = ("id", "pathway", "exited_on", "outcome", "contract_months", "education_level", "said_by")


class Exits(Writing):
    """Sorties de parcours ; une situation vide est inconnue."""

    model, serializer_class = Exit, ExitSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, actions.record_exit
    filterset_fields = {"pathway": ["exact"], "outcome": ["exact"], "exited_on": ["gte", "lte"]}


class PassSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = PassIAE
        fields = ("id", "worker", "number", "started_on", "ended_on", "origin")
        read_only_fields = ("origin",)


class Passes(Writing):
    """PASS IAE ; `ended_on` est le dernier jour valable."""

    model, serializer_class = PassIAE, PassSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, actions.record_pass
    filterset_fields = {"worker": ["exact"], "ended_on": ["gte", "lte"]}
