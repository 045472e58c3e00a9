"""Partners: the directory, agreements, orientations, needs without an answer."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.models import Commune
from accounts.roles import Permission
from api.resources import Day, OwnOrganisation, Reading, StrictSerializer, VisibleReference
from api.v1.plan import Dated, mover, state_and_day
from law.nomenclature import choices
from parcours.models import Pathway, PlanAction
from partners import actions, search
from partners.models import Agreement, Orientation, Partner, Service, UnmetNeed

P = Permission
ORIENTATION_STATES = choices("orientation_state")


class KnownReference(VisibleReference):
    """The id of a partner, or of a service of a partner, that the principal knows of."""

    def get_queryset(self) -> Any:
        known = Partner.objects.known_to(self.context["request"].user)
        return known if self.model is Partner else Service.objects.filter(partner__in=known)


class PartnerSerializer(serializers.ModelSerializer[Partner]):
    class Meta:
        model = Partner
        exclude = ("organisation",)


class Partners(Reading):
    """Répertoire : structures communes, et celles que la structure a ajoutées pour elle."""

    model, serializer_class, reads_with = Partner, PartnerSerializer, P.SEE_PEOPLE
    filterset_fields = {"kind": ["exact"], "departement": ["exact"], "commune": ["exact"], "source_id": ["exact"]}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Partner.objects.none()
        return Partner.objects.known_to(self.request.user)


class ServiceSerializer(serializers.ModelSerializer[Service]):
    km = serializers.FloatField(read_only=True, allow_null=True, help_text="Kilomètres à vol d'oiseau, approximatifs.")

    class Meta:
        model = Service
        exclude = ("search_key",)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("theme", str, description="Thème de Parcours"),
            OpenApiParameter(
                "near", str, description="Code INSEE d'une commune : son département, et la distance de chaque service"
            ),
            OpenApiParameter("departement", str, description="Code du département"),
            OpenApiParameter("q", str, description="Mots du nom du service"),
        ]
    )
)
class Services(Reading):
    """Services du répertoire, par thème et par lieu."""

    model, serializer_class, reads_with = Service, ServiceSerializer, P.SEE_PEOPLE

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Service.objects.none()
        asked = self.request.query_params
        return search.services(
            self.request.user,
            theme=asked.get("theme", ""),
            departement=asked.get("departement", ""),
            near=Commune.objects.filter(pk=asked.get("near", "")).first(),
            text=asked.get("q", ""),
        )


class AgreementSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()
    partner = KnownReference(Partner)

    class Meta:
        model = Agreement
        fields = ("id", "organisation", "partner", "subject", "signed_on", "ended_on")


class Agreements(Dated):
    """Conventions datées avec des partenaires."""

    model, serializer_class, verb = Agreement, AgreementSerializer, actions.agree
    filterset_fields = {"organisation": ["exact"], "partner": ["exact"]}


class OrientationSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)
    partner = KnownReference(Partner, required=False)
    service = KnownReference(Service, required=False, allow_null=True)
    action = VisibleReference(PlanAction, P.WRITE_FOLLOW_UP, required=False, allow_null=True)

    class Meta:
        model = Orientation
        fields = ("id", "pathway", "partner", "service", "action", "theme", "sent_on", "state", "state_on")
        read_only_fields = ("state", "state_on")


class Orientations(Dated):
    """Personnes orientées vers un partenaire, et ce qu'il en est advenu."""

    model, serializer_class, verb = Orientation, OrientationSerializer, actions.orient
    filterset_fields = {
        "pathway": ["exact"],
        "pathway__worker": ["exact"],
        "partner": ["exact"],
        "theme": ["exact"],
        "state": ["exact"],
    }
    move = mover(
        state_and_day("orientation_state", "OrientationMove"),
        OrientationSerializer,
        actions.move_orientation,
        "orientation",
    )


class UnmetNeedSerializer(StrictSerializer):
    pathway = VisibleReference(Pathway, P.WRITE_FOLLOW_UP)

    class Meta:
        model = UnmetNeed
        fields = ("id", "pathway", "theme", "topic", "reason", "commune", "noted_on", "answered_on")
        read_only_fields = ("commune", "answered_on")


class NeedAnswered(serializers.Serializer[Any]):
    answered_on = Day(default=timezone.localdate)


class UnmetNeeds(Dated):
    """Besoins sans réponse ; la commune est celle où vit la personne ce jour-là."""

    model, serializer_class, verb = UnmetNeed, UnmetNeedSerializer, actions.note_unmet_need
    filterset_fields = {"pathway": ["exact"], "theme": ["exact"], "noted_on": ["gte", "lte"], "answered_on": ["isnull"]}
    move = mover(NeedAnswered, UnmetNeedSerializer, actions.answer_need, "need")
