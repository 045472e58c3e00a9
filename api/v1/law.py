"""The values of the law, as they stand on a day."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import permissions
from accounts.roles import Permission
from lawbook.reading import by_theme


class LawValueSerializer(serializers.Serializer):  # type: ignore[type-arg]
    since = serializers.DateField(help_text="Premier jour ; 1900-01-01 pour « toujours ».")
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    confirmed = serializers.BooleanField(help_text="Le texte a été lu.")
    in_force = serializers.BooleanField()
    added = serializers.BooleanField(help_text="Ajoutée par l'administration, et non livrée avec Parcours.")


class LawParameterSerializer(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField()
    theme = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField()
    origin = serializers.ChoiceField(choices=["law", "platform", "house"])
    values = LawValueSerializer(many=True)


class LawParameters(APIView):
    """Les paramètres de la loi, avec leurs valeurs datées, leur source et leur statut."""

    @extend_schema(
        responses=LawParameterSerializer(many=True),
        parameters=[
            OpenApiParameter(
                "on", description="Jour où l'on se place (aujourd'hui par défaut).", type=OpenApiTypes.DATE
            )
        ],
    )
    def get(self, request: Request) -> Response:
        day = serializers.DateField().run_validation(request.query_params.get("on") or timezone.localdate())
        rows: list[dict[str, Any]] = [
            {
                "key": parameter.key,
                "theme": theme,
                "label": parameter.label,
                "unit": parameter.unit,
                "origin": parameter.origin,
                "values": [
                    {
                        "since": line.since,
                        "value": line.value,
                        "source": line.source,
                        "confirmed": line.confirmed,
                        "in_force": line.in_force,
                        "added": line.added is not None,
                    }
                    for line in dated
                ],
            }
            for theme, held in by_theme(day)
            for parameter, dated in held
        ]
        return Response(LawParameterSerializer(rows, many=True).data)

    def check_permissions(self, request: Request) -> None:
        if Permission.SEE_LAW not in permissions(request.user):
            self.permission_denied(request)
