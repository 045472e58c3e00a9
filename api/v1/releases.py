"""What is released: editions, their tables, their figures. Read under the database role that can read nothing else."""

from typing import Any

import django_filters
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import organisations
from accounts.roles import Permission
from disclosure.audience import Audience
from releases import reading
from releases.models import Issue, ReleasedCell, ReleasedTable
from releases.role import released_only


class _Released(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """Rows of the federations whose releases the principal may read. Who reads is asked first, then the role is put on."""

    reads_with = Permission.SEE_RELEASES
    rows: Any
    model: Any
    federations: list[int]

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return type(self).rows(self.federations)

    def _within(self, answer: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.federations = list(organisations(request.user, self.reads_with).values_list("pk", flat=True))
        with released_only():
            response: Response = answer(request, *args, **kwargs)
        return response

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._within(super().list, request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._within(super().retrieve, request, *args, **kwargs)


class ReleaseSerializer(serializers.ModelSerializer[Issue]):
    class Meta:
        model = Issue
        fields = (
            "id", "release", "audience", "label", "period_start", "period_end", "revision", "known_at", "published_at",
            "catalogue", "policy", "ptable_sha256", "labels", "places", "note",
        )  # fmt: skip


class ReleaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    audience = django_filters.ChoiceFilter(choices=[(one.value, one.value) for one in Audience])
    period_end__gte = django_filters.DateFilter("period_end", "gte")
    period_end__lte = django_filters.DateFilter("period_end", "lte")


class Releases(_Released):
    """Éditions parues, une par public : période, note, libellés. Une publication retirée ne se lit plus."""

    model, serializer_class, filterset_class = Issue, ReleaseSerializer, ReleaseFilter
    rows = staticmethod(reading.issues_for)


class TableSerializer(serializers.ModelSerializer[ReleasedTable]):
    class Meta:
        model = ReleasedTable
        fields = (
            "id", "issue", "code", "margin", "title", "dimension", "observatoire", "measure", "unit", "of", "categories",
        )  # fmt: skip


class TableFilter(django_filters.FilterSet):  # type: ignore[misc]
    release = django_filters.NumberFilter("issue", label="Édition (identifiant de /releases/)")
    code = django_filters.CharFilter("code")
    margin = django_filters.CharFilter(
        "margin", label="Ventilation, « region×kind » par exemple ; rien pour l'ensemble"
    )
    dimension = django_filters.CharFilter("dimension")


class Tables(_Released):
    """Tableaux publiés, un par ventilation."""

    model, serializer_class, filterset_class = ReleasedTable, TableSerializer, TableFilter
    rows = staticmethod(reading.tables_for)


class CellSerializer(serializers.ModelSerializer[ReleasedCell]):
    code = serializers.CharField(source="table.code", read_only=True)
    release = serializers.IntegerField(source="table.issue_id", read_only=True)

    class Meta:
        model = ReleasedCell
        fields = (
            "id", "release", "table", "code", "coordinates", "category", "base", "number", "value", "error", "marker",
        )  # fmt: skip


class CellFilter(django_filters.FilterSet):  # type: ignore[misc]
    release = django_filters.NumberFilter("table__issue", label="Édition (identifiant de /releases/)")
    table = django_filters.NumberFilter("table", label="Tableau (identifiant de /tables/)")
    code = django_filters.CharFilter("table__code", label="Code du tableau")
    margin = django_filters.CharFilter("table__margin", label="Ventilation du tableau")
    category = django_filters.CharFilter("category")
    marker = django_filters.CharFilter("marker")
    region = django_filters.CharFilter("coordinates__region")
    department = django_filters.CharFilter("coordinates__department")
    kind = django_filters.CharFilter("coordinates__kind")
    structure = django_filters.CharFilter("coordinates__structure")


class Cells(_Released):
    """Chiffres publiés : valeur et marge à 95 % (`error`), ou une marque. `np` : non publié, sans jamais dire pourquoi."""

    model, serializer_class, filterset_class = ReleasedCell, CellSerializer, CellFilter
    rows = staticmethod(reading.cells_for)
