"""What every resource of the API shares: rows one may see, references one may give, verbs that write."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from accounts.access import Principal, organisations
from accounts.models import ApiToken, Organisation, User
from accounts.roles import Permission
from audit.days import IN_LIFE
from documents.exports import LISTINGS, TYPES, download


def author(request: Request) -> User:
    """Who writes: the signed-in user, or the person who created the token."""
    who: Any = request.user
    return who.created_by if isinstance(who, ApiToken) else who


class VisibleReference(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """The id of another object: one that may not be seen is unknown, as one that does not exist."""

    default_error_messages = {
        "does_not_exist": gettext_lazy("Objet inconnu."),
        "incorrect_type": gettext_lazy("Un identifiant est attendu."),
    }

    def __init__(self, model: Any = None, permission: Permission | None = None, **options: Any) -> None:
        self.model, self.permission = model, permission
        super().__init__(**({"queryset": model.objects.none(), **options} if model else options))

    def get_queryset(self) -> Any:
        principal: Principal = self.context["request"].user
        return self.model.objects.visible_to(principal, self.permission)


class OwnOrganisation(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """The structure a row is written for: one where the principal holds the permission; any other is unknown.

    `any_nature` takes groups and federations too.
    """

    default_error_messages = VisibleReference.default_error_messages

    def __init__(self, permission: Permission | None = None, *, any_nature: bool = False, **options: Any) -> None:
        self.permission, self.any_nature = permission, any_nature
        super().__init__(**{"queryset": Organisation.objects.none(), **options})

    def get_queryset(self) -> Any:
        view: Any = self.context["view"]
        held = organisations(self.context["request"].user, self.permission or view.writes_with)
        return held if self.any_nature else held.structures()


class Day(serializers.DateField):
    """A day of a life, as pages take it: from 1900 to 2199."""

    default_validators = [*IN_LIFE]


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """Un champ inconnu est refusé, par son nom."""  # read in the description; nothing is dropped nor assigned by surprise

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) or hasattr(data, "keys"):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(set(data.keys()) - writable)
            if unknown:
                raise serializers.ValidationError({name: [_("Champ inconnu.")] for name in unknown})
        return super().to_internal_value(data)


class StrictSerializer(Strict, serializers.ModelSerializer):  # type: ignore[type-arg]
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: Day,
    }

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        """A choice that may be empty is described so even when it is only read."""
        kept = {"allow_blank": True} if kwargs.get("choices") and kwargs.get("allow_blank") else {}
        return {**super().include_extra_kwargs(kwargs, extra_kwargs), **kept}

    def get_validators(self) -> list[Any]:
        return []  # the verbs validate constraints, with the same words as the pages


class WordedSerializer(StrictSerializer):
    # What its reader may know of a row (`parcours.models.sensitive.WordedQuerySet`).
    def to_representation(self, instance: Any) -> Any:
        said = super().to_representation(instance)
        shown = {name: getattr(instance, f"shown_{name}") for name in instance.words_of_trust if name in said}
        return {**said, **shown}


class Readable(serializers.BooleanField):
    """Whether what a row says is for its reader."""

    def __init__(self, **options: Any) -> None:
        told = {"read_only": True, "help_text": "Faux : le contenu est réservé, ses champs sont vides."}
        super().__init__(**{**told, **options})


class Reading(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """List and detail of the rows the principal may see. Subclasses name `model`, `reads_with` and `related`.

    When several permissions read, the model itself says which rows each reaches (`visible_to` without one)."""

    model: Any
    reads_with: Permission | tuple[Permission, ...]
    related: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        # Holding the right to write somewhere is not holding it here: a change loads its row with that right.
        needed = (
            self.reads_with if self.request.method in SAFE_METHODS else getattr(self, "writes_with", self.reads_with)
        )
        seen = self.model.objects.visible_to(self.request.user, None if isinstance(needed, tuple) else needed)
        return seen.select_related(*self.related)


class Writing(mixins.CreateModelMixin, Reading):
    """Also creates, through a verb: `verb(by=…, **cleaned)` returns the new row."""

    writes_with: Permission
    verb: Callable[..., Any]

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = type(self).verb(by=author(self.request), **self.cleaned(serializer.validated_data))

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def as_read(self, row: Any) -> Any:
        """A row just written, as its author may read it."""
        return self.get_queryset().get(pk=row.pk)


class _File(BaseRenderer):
    """Stands for a file that is streamed: the answer is made before any renderer."""

    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return JSONRenderer().render(data, media_type, context)  # only an error comes here


class CsvFile(_File):
    media_type, format = "text/csv", "csv"


class XlsxFile(_File):
    media_type, format = TYPES["xlsx"], "xlsx"


class Exportable(viewsets.GenericViewSet):  # type: ignore[type-arg]
    """A list that also comes as a file, with its filters: `export/?format=csv` or `xlsx`. `listing` names its columns."""

    listing: str

    @extend_schema(responses={(200, media): OpenApiTypes.BINARY for media in ("text/csv", TYPES["xlsx"])})
    @action(detail=False, renderer_classes=[CsvFile, XlsxFile], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """La liste en fichier, avec ses filtres ; ce qui sort est noté."""
        kind: Any = request.accepted_renderer
        file = download(
            by=request.user,
            listing=LISTINGS[self.listing],
            rows=self.filter_queryset(self.get_queryset()).order_by("pk"),
            format=kind.format,
            filters={name: str(value) for name, value in request.query_params.items() if name != "format"},
            at=timezone.now(),
        )
        response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return response
