"""Contributions of members that run their own installation: send a signed file, see what was received."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load, organisations
from accounts.roles import Permission
from api.resources import Reading
from api.v1.contracts import Upload
from releases import contributions
from releases.models import Contribution


class ContributionSerializer(serializers.ModelSerializer[Contribution]):
    class Meta:
        model = Contribution
        fields = ("id", "organisation", "period_start", "period_end", "sequence", "catalogue", "structures", "count", "sha256", "received_at")  # fmt: skip
        read_only_fields = fields


class Contributions(Reading):
    """Contributions reçues de l'adhérent : déposer un fichier signé, relire ce qui a été reçu. Les lignes ne se relisent pas."""

    model, serializer_class = Contribution, ContributionSerializer
    reads_with = writes_with = Permission.MANAGE_ORGANISATION
    filterset_fields = {"organisation": ["exact"], "period_end": ["exact"]}

    def get_queryset(self) -> Any:
        return super().get_queryset().defer("people")

    @extend_schema(request={"multipart/form-data": Upload}, responses={201: ContributionSerializer})
    def create(self, request: Request) -> Response:
        asked = Upload(data=request.data)
        asked.is_valid(raise_exception=True)
        mine = organisations(request.user, Permission.MANAGE_ORGANISATION).exclude(nature="federation")
        organisation = load(mine, pk=asked.validated_data["organisation"])
        content = asked.validated_data["file"].read(contributions.MOST_BYTES + 1)
        found = contributions.receive(organisation=organisation, content=content, at=timezone.now())
        return Response(ContributionSerializer(found).data, status=status.HTTP_201_CREATED)

    def get_parsers(self) -> list[Any]:
        creating = (
            getattr(self, "request", None) is not None and getattr(self, "action_map", {}).get("post") == "create"
        )
        return [MultiPartParser()] if creating else super().get_parsers()
