"""Filters of the API. The number of a row is compared, never looked up: a filter does not tell which numbers exist."""

from datetime import UTC
from typing import Any

import django_filters
from django import forms
from django.db import models
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.rest_framework.filterset import FILTER_FOR_DBFIELD_DEFAULTS, FilterSet


class RowNumber(django_filters.NumberFilter):  # type: ignore[misc]
    """Rows tied to another by its number; an unknown number, or one of another structure, gives an empty list."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"min_value": 0, "max_value": 2**63 - 1, **options})


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """An instant in UTC: PostgreSQL knows no offset past sixteen hours."""

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        try:
            return found and found.astimezone(UTC)
        except OverflowError as outside:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from outside


class Instant(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantField


class Filters(FilterSet):  # type: ignore[misc]
    FILTER_DEFAULTS = {**FILTER_FOR_DBFIELD_DEFAULTS, models.DateTimeField: {"filter_class": Instant}}

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        if isinstance(field, models.ForeignKey) and lookup_type == "exact":
            coded = isinstance(field.target_field, models.CharField)  # a commune has a code, not a number
            return (django_filters.CharFilter, {"max_length": 20}) if coded else (RowNumber, {})
        return super().filter_for_lookup(field, lookup_type)


class Backend(DjangoFilterBackend):  # type: ignore[misc]
    filterset_base = Filters
