"""The principal itself, its organisations, its tokens; the indicators of its structures."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.access import organisations, permissions
from accounts.models import ApiToken, Organisation, User
from accounts.roles import Permission, Role
from api.resources import OwnOrganisation, Reading, StrictSerializer, author
from indicators.catalogue import definitions
from indicators.models import Value
from law.nomenclature import choices

P = Permission
STRUCTURE_KINDS = choices("structure_kind")


class OrganisationSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Organisation
        fields = ("id", "nature", "kind", "name", "siret", "commune", "group", "federation", "closed_on")


class Organisations(Reading):
    """Les organisations où l'on tient un rôle, et les structures de ses groupes."""

    model, serializer_class = Organisation, OrganisationSerializer
    filterset_fields = {"nature": ["exact"], "kind": ["exact"], "siret": ["exact"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Organisation.objects.none()
        held = [organisations(self.request.user, p).values("pk") for p in permissions(self.request.user)]
        rows = Organisation.objects.none()
        for ids in held:
            rows = rows | Organisation.objects.filter(pk__in=ids)
        return rows.distinct()

    def check_permissions(self, request: Request) -> None:
        if not permissions(request.user):
            self.permission_denied(request)


class Me(APIView):
    """Qui je suis pour l'API, et ce que je peux y faire."""

    @extend_schema(
        responses={
            200: {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "permissions": {"type": "array", "items": {"type": "string"}},
                },
            }
        }
    )
    def get(self, request: Request) -> Response:
        return Response({"name": str(request.user), "permissions": sorted(permissions(request.user))})

    def check_permissions(self, request: Request) -> None:
        if not request.user.is_authenticated:
            self.permission_denied(request)


class TokenSerializer(StrictSerializer):
    """Un programme de la structure, sans son secret."""

    organisation = OwnOrganisation(P.MANAGE_ORGANISATION, any_nature=True)

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "organisation",
            "name",
            "role",
            "prefix",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields = ("prefix", "created_at", "last_used_at", "revoked_at")


class IssuedToken(TokenSerializer):
    secret = serializers.CharField(read_only=True, help_text="Montré cette seule fois.")

    class Meta:
        model = ApiToken
        fields = (*TokenSerializer.Meta.fields, "secret")
        read_only_fields = TokenSerializer.Meta.read_only_fields


class Tokens(Reading):
    """Jetons d'API : créer (le secret n'est montré qu'une fois), lister, révoquer. Un programme n'en crée pas."""

    model, serializer_class, reads_with, writes_with = (
        ApiToken,
        TokenSerializer,
        P.MANAGE_ORGANISATION,
        P.MANAGE_ORGANISATION,
    )
    filterset_fields = {"organisation": ["exact"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ApiToken.objects.none()
        return ApiToken.objects.filter(organisation__in=organisations(self.request.user, P.MANAGE_ORGANISATION))

    @extend_schema(request=TokenSerializer, responses={201: IssuedToken})
    def create(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            self.permission_denied(request)
        asked = TokenSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        organisation, role = values["organisation"], Role(values["role"])
        if role not in tokens.roles_to_give(request.user, organisation):
            raise serializers.ValidationError({"role": [tokens.TOO_MUCH]})
        token, secret = tokens.issue(
            by=author(request),
            organisation=organisation,
            name=values["name"],
            role=role,
            expires_at=values.get("expires_at"),
        )
        return Response({**TokenSerializer(token).data, "secret": secret}, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=TokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        token = self.get_object()
        tokens.revoke(token, timezone.now())
        token.refresh_from_db()
        return Response(TokenSerializer(token).data)


class ValueSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    label: Any = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()

    class Meta:
        model = Value
        fields = (
            "id", "indicator", "label", "unit", "method", "scope", "organisation", "period_start", "period_end", "known_at", "k", "known",
            "eligible", "value", "interval_low", "interval_high", "low", "high", "coverage", "status", "parts", "parameters", "inputs",
        )  # fmt: skip

    def get_label(self, value: Value) -> str:
        return definitions()[value.indicator].label

    def get_unit(self, value: Value) -> str:
        return definitions()[value.indicator].unit


class Values(Reading):
    """Valeurs d'indicateurs de ses structures : immuables, datées de ce qui était connu."""

    model, serializer_class, reads_with = Value, ValueSerializer, P.SEE_INDICATORS
    filterset_fields = {
        "organisation": ["exact"], "indicator": ["exact"], "period_start": ["exact", "gte"], "period_end": ["exact", "lte"],
        "known_at": ["lte"],
    }  # fmt: skip
