"""Contracts and what happens to them, worked months, flags, imported files."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load, organisations
from accounts.roles import Permission
from api.filters import Filters, RowNumber
from api.resources import Day, Exportable, Reading, Strict, StrictSerializer, VisibleReference, Writing, author
from api.v1.contract_life import perform
from contracts import actions, imports, life, listing
from contracts.flags import describe
from contracts.models import (
    Amendment,
    Contract,
    FaultyLine,
    Flag,
    ImportedFile,
    Suspension,
)
from law.nomenclature import choices
from parcours.models import Worker

P = Permission
CONTRACT_KINDS = choices("contract_kind")


class ContractSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.DECIDE_CONTRACTS)
    renews = VisibleReference(Contract, P.DECIDE_CONTRACTS, required=False, allow_null=True)

    state = serializers.SerializerMethodField(help_text="État ce jour : signed, running, ended, broken")

    class Meta:
        model = Contract
        fields = (
            "id", "worker", "reference", "kind", "renews", "signed_on", "started_on", "planned_end_on", "ended_on", "end_reason",
            "end_notified_on", "weekly_hours", "hourly_gross", "rome_code", "sentence_adjustment", "state",
        )  # fmt: skip

    def get_state(self, contract: Contract) -> str:
        return str(life.state_on(contract, timezone.localdate()).value)


class ContractFilter(Filters):
    """The filters of the page « Contrats », and a few exact ones."""

    state = django_filters.ChoiceFilter(method="in_state", choices=life.State.choices, label="État ce jour")
    q = django_filters.CharFilter(
        method="after_the_others", label="Nom ou prénom, accents indifférents ; à défaut, les noms qui y ressemblent"
    )
    organisation = RowNumber(field_name="worker__organisation", label="Structure")
    counsellor = RowNumber(field_name="worker__counsellor", label="Conseiller")
    ends_since = django_filters.DateFilter(field_name="end_on", lookup_expr="gte", label="Finit à partir du")
    ends_until = django_filters.DateFilter(field_name="end_on", lookup_expr="lte", label="Finit jusqu'au")
    unsigned = django_filters.BooleanFilter(field_name="signed_on", lookup_expr="isnull", label="Sans signature")
    lifted = django_filters.BooleanFilter(label="Une dérogation couvre la personne ce jour")

    class Meta:
        model = Contract
        fields = {
            "worker": ["exact"], "kind": ["exact"], "reference": ["exact"], "started_on": ["gte", "lte"],
            "planned_end_on": ["gte", "lte"], "ended_on": ["isnull", "gte", "lte"],
        }  # fmt: skip

    def in_state(self, rows: Any, _name: str, state: str) -> Any:
        return rows.filter(life.in_state(life.State(state), timezone.localdate()))

    def after_the_others(self, rows: Any, _name: str, _text: str) -> Any:
        return rows  # whether a name is held or only resembled is asked of what the other filters leave

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(listing.told(queryset, timezone.localdate()))
        if self.form.cleaned_data.get("ends_since"):
            found = found.filter(end_on__lt=listing.NO_END)
        return listing.named(found, self.form.cleaned_data.get("q") or "")[0]


class Renew(Strict):
    planned_end_on = Day()
    signed_on = Day(allow_null=True)
    started_on = Day(required=False)
    weekly_hours = serializers.DecimalField(max_digits=4, decimal_places=2, required=False)
    hourly_gross = serializers.DecimalField(max_digits=7, decimal_places=4, required=False)


class Convert(Strict):
    kind = serializers.ChoiceField(choices=CONTRACT_KINDS)
    started_on = Day()
    signed_on = Day(allow_null=True)
    weekly_hours = serializers.DecimalField(max_digits=4, decimal_places=2, required=False)
    hourly_gross = serializers.DecimalField(max_digits=7, decimal_places=4, required=False)


class End(Strict):
    ended_on = Day()
    reason = serializers.CharField()
    notified_on = Day(required=False, allow_null=True)


class Resume(Strict):
    returned_on = Day()


class VersionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    since = Day()
    planned_end_on = Day(allow_null=True)
    weekly_hours = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    hourly_gross = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)


class Contracts(Exportable, Writing):
    """Contrats de travail ; un renouvellement est un contrat qui en renouvelle un autre."""

    listing = "contracts"
    model, serializer_class, filterset_class = Contract, ContractSerializer, ContractFilter
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.sign_contract

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    def _do(self, request: Request, asked: type[Strict], verb: Callable[..., Contract]) -> Response:
        done = perform(self, request, asked, verb, contract=self.get_object(), today=timezone.localdate())
        created = status.HTTP_200_OK if verb is actions.end_contract else status.HTTP_201_CREATED
        return Response(self.get_serializer(done).data, status=created)

    @extend_schema(request=Renew, responses={201: ContractSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        return self._do(request, Renew, actions.renew_contract)

    @extend_schema(request=Convert, responses={201: ContractSerializer})
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: str) -> Response:
        return self._do(request, Convert, actions.convert_to_cdi)

    @extend_schema(request=End, responses=ContractSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        return self._do(request, End, actions.end_contract)

    @extend_schema(responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def versions(self, request: Request, pk: str) -> Response:
        contract = self.get_object()
        return Response(VersionSerializer(life.versions(contract, contract.amendments.all()), many=True).data)


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

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}


class SuspensionSerializer(_OfContract):
    class Meta:
        model = Suspension
        fields = ("id", "contract", "started_on", "ended_on", "reason")


class Suspensions(Writing):
    """Suspensions de contrat ; sans fin tant que le retour n'est pas connu."""

    model, serializer_class = Suspension, SuspensionSerializer
    reads_with, writes_with, verb = P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, actions.suspend_contract
    filterset_fields = {"contract": ["exact"], "started_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=Resume, responses=SuspensionSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        given = {"suspension": self.get_object(), "today": timezone.localdate()}
        return Response(self.get_serializer(perform(self, request, Resume, actions.resume_contract, **given)).data)


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
        structures = organisations(request.user, P.IMPORT_FILES).structures()
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
