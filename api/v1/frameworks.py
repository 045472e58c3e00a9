"""The skills a structure speaks of: frameworks and their entries; badges, those who hold them, keys that sign them."""

from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import load, organisations
from accounts.models import Organisation
from accounts.roles import Permission
from api.filters import Filters
from api.resources import OwnOrganisation, StrictSerializer, VisibleReference, Writing, author
from parcours.models import Worker
from skills import awards, frameworks
from skills.models import Award, Badge, Framework, IssuerKey, Skill
from skills.search import closest

P = Permission


@extend_schema_field(OpenApiTypes.INT)
class OfferedSkill(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """The id of a skill of the common frameworks, or of one's structures."""

    def get_queryset(self) -> Any:
        return Skill.objects.offered(organisations(self.context["request"].user, P.WRITE_FOLLOW_UP))


class FrameworkSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation(
        allow_null=True, help_text="Nulle : un référentiel commun, que nul n'écrit ici."
    )

    class Meta:
        model = Framework
        fields = ("id", "organisation", "code", "version", "name", "source")

    def validate_organisation(self, structure: Organisation | None) -> Organisation:
        if structure is None:
            raise serializers.ValidationError(_("Dites pour quelle structure."))
        return structure


class FrameworkFile(serializers.Serializer):  # type: ignore[type-arg]
    file = serializers.FileField(allow_empty_file=True)


class FileRead(serializers.Serializer):  # type: ignore[type-arg]
    read = serializers.IntegerField()


class Frameworks(Writing):
    """Référentiels de compétences : les communs (sans structure) et ceux de la structure."""

    model, serializer_class = Framework, FrameworkSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, frameworks.create_framework
    filterset_fields = {"organisation": ["exact", "isnull"], "code": ["exact"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Framework.objects.none()
        return Framework.objects.offered(organisations(self.request.user, P.SEE_PEOPLE))

    @extend_schema(request={"multipart/form-data": FrameworkFile}, responses=FileRead)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request, pk: str) -> Response:
        """Lire un CSV (`code;intitule;nature`) ; une ligne fausse, et rien n'est écrit."""
        own = Framework.objects.filter(organisation__in=organisations(request.user, P.WRITE_FOLLOW_UP))
        framework = load(own, pk=pk)
        asked = FrameworkFile(data=request.data)
        asked.is_valid(raise_exception=True)
        read = frameworks.read_skills(by=author(request), framework=framework, stream=asked.validated_data["file"])
        return Response({"read": read})


class SkillFilter(Filters):
    q = django_filters.CharFilter(
        method="labelled", label="Partie de l'intitulé, accents et fautes de frappe indifférents"
    )
    occupation = django_filters.CharFilter(field_name="occupations__code", label="Code ROME d'un métier")

    class Meta:
        model = Skill
        fields = ("framework", "kind", "code")

    def labelled(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(pk__in=[skill.pk for skill in closest(rows, text)])


class OwnFramework(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    def get_queryset(self) -> Any:
        mine = organisations(self.context["request"].user, P.WRITE_FOLLOW_UP)
        return Framework.objects.filter(organisation__in=mine)


class SkillSerializer(StrictSerializer):
    framework: Any = OwnFramework()

    class Meta:
        model = Skill
        fields = ("id", "framework", "code", "kind", "label")


class Wording(serializers.Serializer):  # type: ignore[type-arg]
    label = serializers.CharField(max_length=300)  # type: ignore[assignment]


class Skills(mixins.DestroyModelMixin, Writing):
    """Compétences des référentiels communs et de la structure ; seules celles de la structure s'écrivent."""

    model, serializer_class, filterset_class = Skill, SkillSerializer, SkillFilter
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, frameworks.add_skill

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Skill.objects.none()
        needed = P.SEE_PEOPLE if self.request.method == "GET" else P.WRITE_FOLLOW_UP
        return Skill.objects.offered(organisations(self.request.user, needed)).select_related("framework")

    @extend_schema(request=Wording, responses=SkillSerializer)
    @action(detail=True, methods=["post"])
    def reword(self, request: Request, pk: str) -> Response:
        """Dire autrement une compétence de la structure."""
        skill = self.get_object()
        asked = Wording(data=request.data)
        asked.is_valid(raise_exception=True)
        row = frameworks.reword_skill(by=author(request), skill=skill, **asked.validated_data)
        return Response(SkillSerializer(row, context=self.get_serializer_context()).data)

    def perform_destroy(self, instance: Skill) -> None:
        frameworks.remove_skill(by=author(self.request), skill=instance)


class BadgeChange(StrictSerializer):
    class Meta:
        model = Badge
        fields: tuple[str, ...] = ("name", "description", "criteria")


class BadgeSerializer(BadgeChange):
    organisation: Any = OwnOrganisation()
    skill: Any = OfferedSkill(required=False, allow_null=True)

    class Meta(BadgeChange.Meta):
        fields = ("id", "uuid", "organisation", "name", "description", "criteria", "skill", "closed_on")
        read_only_fields = ("uuid", "closed_on")


class Badges(Writing):
    """Badges que la structure remet ; une fois remis, leurs mots ne changent plus."""

    model, serializer_class = Badge, BadgeSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, awards.create_badge
    filterset_fields = {"organisation": ["exact"], "skill": ["exact"], "closed_on": ["isnull"]}

    @extend_schema(request=BadgeChange, responses=BadgeSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Changer les mots d'un badge que personne n'a encore reçu."""
        badge = self.get_object()
        asked = BadgeChange(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        row = awards.change_badge(by=author(request), badge=badge, **asked.validated_data)
        return Response(BadgeSerializer(row, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=BadgeSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Ne plus remettre un badge ; ceux déjà remis tiennent toujours."""
        row = awards.close_badge(by=author(request), badge=self.get_object(), on=timezone.localdate())
        return Response(BadgeSerializer(row, context=self.get_serializer_context()).data)


class KeySerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()

    class Meta:
        model = IssuerKey
        fields = ("id", "uuid", "organisation", "public", "created_on", "retired_on")
        read_only_fields = ("uuid", "public", "created_on", "retired_on")


class IssuerKeys(Writing):
    """Clés qui signent les badges, leur moitié publique seulement. En créer une retire la précédente, qui vérifie encore."""

    model, serializer_class = IssuerKey, KeySerializer
    reads_with = writes_with = P.MANAGE_ORGANISATION
    verb = awards.renew_key
    filterset_fields = {"organisation": ["exact"], "retired_on": ["isnull"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "on": timezone.localdate()}


class AwardSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)
    badge = VisibleReference(Badge, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Award
        fields = (
            "id", "uuid", "badge", "worker", "awarded_on", "evidence", "credential", "revoked_on", "revocation_reason",
        )  # fmt: skip
        read_only_fields = ("uuid", "credential", "revoked_on", "revocation_reason")


class Revocation(serializers.Serializer):  # type: ignore[type-arg]
    reason = serializers.CharField(max_length=300)


class Awards(Writing):
    """Badges remis (Open Badges 3.0) ; `credential` est le document signé."""

    model, serializer_class = Award, AwardSerializer
    reads_with, writes_with, verb = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, awards.give_badge
    filterset_fields = {"worker": ["exact"], "badge": ["exact"], "awarded_on": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "today": timezone.localdate()}

    @extend_schema(request=Revocation, responses=AwardSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Retirer un badge, avec le motif."""
        award = self.get_object()
        asked = Revocation(data=request.data)
        asked.is_valid(raise_exception=True)
        row = awards.revoke_badge(by=author(request), award=award, on=timezone.localdate(), **asked.validated_data)
        return Response(AwardSerializer(row, context=self.get_serializer_context()).data)
