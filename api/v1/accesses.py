"""Accesses of the platform's team to one's structures, and what was read through them."""

from typing import Any

from rest_framework import serializers

from accounts.access import organisations
from accounts.models import Opening
from accounts.roles import Permission
from api.resources import Reading
from privacy.models import Consultation, OpenedList


class ReadPageSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Consultation
        fields = ("worker", "page", "hour")


class ReadListSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = OpenedList
        fields = ("page", "hour")


class OpeningSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    holder = serializers.EmailField(source="holder.email", help_text="Adresse de qui l'a ouvert.")
    closed_by = serializers.EmailField(source="closed_by.email", allow_null=True, default=None)
    pages = ReadPageSerializer(source="consultations", many=True, help_text="Pages d'une personne.")
    lists = ReadListSerializer(many=True, help_text="Listes et autres pages.")

    class Meta:
        model = Opening
        fields = (
            "id", "organisation", "holder", "kind", "motive", "reference", "opened_at", "until", "closed_at", "closed_by",
            "pages", "lists",
        )  # fmt: skip


class Openings(Reading):
    """Accès de l'équipe technique à ses structures : qui, pourquoi, jusqu'à quand, ce qui a été lu."""

    model, serializer_class, reads_with = Opening, OpeningSerializer, Permission.PROTECT_DATA
    filterset_fields = {"organisation": ["exact"], "opened_at": ["gte", "lte"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Opening.objects.none()
        mine = organisations(self.request.user, self.reads_with)
        rows = Opening.objects.filter(organisation__in=mine).select_related("holder", "closed_by")
        return rows.prefetch_related("consultations", "lists")
