"""Papers: what was issued, issue one, open it; the record of exports; notifications of the reader."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load
from accounts.models import User
from accounts.roles import Permission
from api.resources import Reading, author
from contracts.flags import describe
from documents import actions
from documents.models import Export, Paper
from documents.papers import KINDS
from notifications import actions as notification_actions
from notifications.models import Notice

P = Permission
PAPER_KINDS = [(kind.code, kind.label) for kind in KINDS.values()]


class PaperSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Paper
        fields = (
            "id", "organisation", "worker", "contract", "kind", "subject_id", "title", "issued_on", "issued_by", "issued_at",
            "facts_sha256", "press", "wording", "letterhead", "file_sha256", "size",
        )  # fmt: skip
        read_only_fields = fields


class IssuePaper(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.ChoiceField(choices=PAPER_KINDS)
    subject_id = serializers.IntegerField(help_text="Identifiant du contrat, de l'avenant, de la personne…")


class Papers(Reading):
    """Documents émis ; les mêmes faits redemandés rendent le même document."""

    model, serializer_class, reads_with, writes_with = Paper, PaperSerializer, P.SEE_PEOPLE, P.SEE_PEOPLE
    filterset_fields = {"worker": ["exact"], "contract": ["exact"], "kind": ["exact"], "issued_on": ["gte", "lte"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Paper.objects.none()
        return Paper.objects.visible_to(self.request.user)

    @extend_schema(request=IssuePaper, responses={201: PaperSerializer})
    def create(self, request: Request) -> Response:
        asked = IssuePaper(data=request.data)
        asked.is_valid(raise_exception=True)
        kind = KINDS[asked.validated_data["kind"]]
        rows: Any = kind.about._default_manager
        subject = load(rows.visible_to(request.user, kind.issued_with), pk=asked.validated_data["subject_id"])
        paper = actions.issue(by=author(request), kind=kind, subject=subject, today=timezone.localdate())
        return Response(PaperSerializer(paper).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: str) -> HttpResponse:
        """Le PDF, octet pour octet celui qui fut émis."""
        return HttpResponse(actions.content_of(self.get_object()), content_type="application/pdf")


class ExportSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Export
        fields = (
            "id", "organisation", "exported_by", "token", "listing", "format", "filters", "started_at", "finished_at", "rows",
            "complete",
        )  # fmt: skip


class Exports(Reading):
    """Ce qui est sorti : qui, quelle liste, combien de lignes."""

    model, serializer_class, reads_with = Export, ExportSerializer, P.MANAGE_ORGANISATION
    filterset_fields = {"organisation": ["exact"], "listing": ["exact"], "started_at": ["gte", "lte"]}


class NoticeSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    title = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ("id", "organisation", "recipient", "flag", "severity", "rung", "told_on", "read_at", "title")

    def get_title(self, notice: Notice) -> str:
        return describe(notice.flag).title


class Notices(Reading):
    """Notifications : à une personne, les siennes ; à un jeton, celles de son organisation."""

    model, serializer_class, reads_with, writes_with = Notice, NoticeSerializer, P.SEE_CONTRACTS, P.SEE_CONTRACTS
    related = ("flag",)
    filterset_fields = {"told_on": ["gte", "lte"], "read_at": ["isnull"], "severity": ["exact", "gte"]}

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        notice = self.get_object()
        if isinstance(request.user, User):
            notification_actions.mark_read(by=request.user, at=timezone.now(), notice=notice)
            notice.refresh_from_db()
        return Response(NoticeSerializer(notice).data)
