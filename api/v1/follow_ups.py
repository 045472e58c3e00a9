"""Follow-ups, of one person or of several at once, their attachments and templates."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.filters import Filters
from api.resources import (
    Exportable,
    OwnOrganisation,
    Readable,
    Reading,
    StrictSerializer,
    VisibleReference,
    WordedSerializer,
    Writing,
    author,
)
from law.nomenclature import choices
from parcours import attachments, follow_ups
from parcours.follow_up_templates import change_template, drop_template, write_template
from parcours.models import Attachment, FollowUp, FollowUpTemplate, Pathway

P = Permission
FOLLOW_UP_KINDS, FOLLOW_UP_OUTCOMES = choices("follow_up_kind"), choices("follow_up_outcome")
SAID = ("kind", "held_on", "minutes", "themes", "note", "private_note", "next_step", "next_due_on")


class _Said(WordedSerializer):
    """What a follow-up says, whoever it is about. Read, it says what its reader may know."""

    private_note = serializers.CharField(
        source="own_note", required=False, allow_blank=True, help_text="Lue par son auteur seulement."
    )
    sent_once = serializers.UUIDField(
        write_only=True, required=False, help_text="Renvoyée, la même clé ne double rien."
    )


class FollowUpSerializer(_Said):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    readable = Readable()

    class Meta:
        model = FollowUp
        fields = (
            "id", "pathway", "author", "outcome", *SAID, "together", "sent_once", "readable", "cancelled_at", "cancel_reason",
        )  # fmt: skip
        read_only_fields = ("author", "together", "cancelled_at", "cancel_reason")


class Attendance(serializers.Serializer):  # type: ignore[type-arg]
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    outcome = serializers.ChoiceField(choices=FOLLOW_UP_OUTCOMES, default="present")


class GroupSerializer(_Said):
    people = Attendance(many=True, write_only=True)

    class Meta:
        model = FollowUp
        fields = ("people", *SAID, "sent_once")


class Correction(_Said):
    reason = serializers.CharField(max_length=300, write_only=True)

    class Meta:
        model = FollowUp
        fields = ("reason", "outcome", *SAID)


class CancelReason(serializers.Serializer):  # type: ignore[type-arg]
    reason = serializers.CharField(max_length=300)


class FollowUpFilter(Filters):
    q = django_filters.CharFilter(
        method="saying",
        label="Mots de la note, accents et pluriels indifférents ; santé et justice, scellés, ne sont pas lus",
    )
    theme = django_filters.ChoiceFilter(method="about", choices=choices("theme"))
    cancelled = django_filters.BooleanFilter(field_name="cancelled_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = FollowUp
        fields = {
            "pathway": ["exact"], "pathway__worker": ["exact"], "kind": ["exact"], "held_on": ["gte", "lte"],
            "author": ["exact"], "together": ["exact"], "next_due_on": ["gte", "lte"],
        }  # fmt: skip

    def saying(self, rows: Any, _name: str, text: str) -> Any:
        return rows.saying(text)

    def about(self, rows: Any, _name: str, theme: str) -> Any:
        return rows.about(theme)


def _named(values: Any) -> dict[str, Any]:
    """Validated values under the names of the verbs."""
    return {("private_note" if name == "own_note" else name): value for name, value in values.items()}


class FollowUps(Exportable, Writing):
    """Suivis : entretiens, visites, bilans, ateliers… Le contenu réservé (santé, justice) est vide pour qui ne peut le lire."""

    listing = "follow-ups"
    model, serializer_class, filterset_class = FollowUp, FollowUpSerializer, FollowUpFilter
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP

    def perform_create(self, serializer: Any) -> None:
        values = _named(serializer.validated_data)
        written = follow_ups.record_follow_up(by=author(self.request), today=timezone.localdate(), **values)
        serializer.instance = self.as_read(written)

    @extend_schema(request=GroupSerializer, responses={201: FollowUpSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def group(self, request: Request) -> Response:
        """Noter un atelier ou une visite pour plusieurs personnes, avec la présence de chacune, en une fois."""
        asked = GroupSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = _named(asked.validated_data)
        attendance = [(one["pathway"], one["outcome"]) for one in values.pop("people")]
        written = follow_ups.record_together(
            by=author(request), attendance=attendance, today=timezone.localdate(), **values
        )
        rows = self.get_queryset().filter(pk__in=[row.pk for row in written]).order_by("id")
        return Response(FollowUpSerializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=Correction, responses=FollowUpSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Corriger ce que l'on a écrit, avec le motif ; l'ancien contenu reste dans l'historique."""
        follow_up = self.get_object()
        asked = Correction(data=request.data, context=self.get_serializer_context(), partial=True)
        asked.is_valid(raise_exception=True)
        values = _named(asked.validated_data)
        follow_ups.correct_follow_up(
            by=author(request),
            follow_up=follow_up,
            reason=values.pop("reason", ""),
            today=timezone.localdate(),
            **values,
        )
        return Response(FollowUpSerializer(self.as_read(follow_up)).data)

    @extend_schema(request=CancelReason, responses=FollowUpSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Annuler un suivi écrit par erreur : il reste au dossier, barré, et ne compte plus."""
        follow_up = self.get_object()
        asked = CancelReason(data=request.data)
        asked.is_valid(raise_exception=True)
        follow_ups.cancel_follow_up(by=author(request), follow_up=follow_up, at=timezone.now(), **asked.validated_data)
        return Response(FollowUpSerializer(self.as_read(follow_up)).data)


class AttachmentSerializer(StrictSerializer):
    class Meta:
        model = Attachment
        fields = ("id", "follow_up", "name", "media_type", "size", "sha256", "scan", "uploaded_at")
        read_only_fields = ("name", "media_type", "size", "sha256", "scan", "uploaded_at")


class AttachmentUpload(serializers.Serializer):  # type: ignore[type-arg]
    follow_up = VisibleReference(FollowUp, P.WRITE_FOLLOW_UP)
    file = serializers.FileField(allow_empty_file=True)


class Attachments(mixins.DestroyModelMixin, Reading):
    """Pièces jointes d'un suivi : le type est lu dans le contenu, le nom n'est qu'un texte."""

    model, serializer_class = Attachment, AttachmentSerializer
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {"follow_up": ["exact"], "scan": ["exact"]}
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": AttachmentUpload}, responses={201: AttachmentSerializer})
    def create(self, request: Request) -> Response:
        asked = AttachmentUpload(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        follow_up, file = asked.validated_data["follow_up"], asked.validated_data["file"]
        if not follow_up.readable:
            raise serializers.ValidationError({"follow_up": [_("Objet inconnu.")]})
        kept = attachments.attach(by=author(request), follow_up=follow_up, name=file.name, stream=file)
        return Response(AttachmentSerializer(kept).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: str) -> FileResponse:
        """Le fichier, à enregistrer ; refusé tant que l'antivirus n'a pas répondu."""
        kept = self.get_object()
        if not kept.served:
            raise ValidationError(kept.get_scan_display(), code=kept.scan)
        return FileResponse(
            kept.content.open("rb"),
            as_attachment=True,
            filename=kept.name,
            content_type=kept.media_type,
            headers=attachments.HEADERS,
        )

    def perform_destroy(self, instance: Attachment) -> None:
        attachments.remove(by=author(self.request), attachment=instance, reason="")


class TemplateChange(StrictSerializer):
    class Meta:
        model = FollowUpTemplate
        fields: tuple[str, ...] = ("title", "kind", "minutes", "themes", "note", "next_step", "next_in_days")


class TemplateSerializer(TemplateChange):
    organisation: Any = OwnOrganisation()

    class Meta(TemplateChange.Meta):
        fields = ("id", "organisation", *TemplateChange.Meta.fields)


class Templates(mixins.DestroyModelMixin, Writing):
    """Modèles de suivi de la structure."""

    model, serializer_class = FollowUpTemplate, TemplateSerializer
    reads_with, writes_with, verb = P.WRITE_FOLLOW_UP, P.WRITE_FOLLOW_UP, write_template
    filterset_fields = {"organisation": ["exact"], "kind": ["exact"]}

    @extend_schema(request=TemplateChange, responses=TemplateSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Récrire un modèle : ce qui est envoyé remplace, le reste demeure."""
        template = self.get_object()
        asked = TemplateChange(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        row = change_template(by=author(request), template=template, **asked.validated_data)
        return Response(TemplateSerializer(row, context=self.get_serializer_context()).data)

    def perform_destroy(self, instance: FollowUpTemplate) -> None:
        drop_template(by=author(self.request), template=instance)
