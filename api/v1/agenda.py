"""The counsellor's day: who needs someone, what is put off, appointments, the addresses of calendar programs."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import reached
from accounts.models import User
from accounts.roles import Permission
from agenda import actions
from agenda.attention import the_day
from agenda.models import Appointment, FeedToken, Snooze
from api.resources import Day, Reading, StrictSerializer, VisibleReference, Writing, author
from parcours.models import Worker

P = Permission


class ReasonSerializer(serializers.Serializer):  # type: ignore[type-arg]
    code = serializers.CharField()
    subject = serializers.IntegerField()
    due_on = Day()
    urgency = serializers.IntegerField()
    text = serializers.CharField()
    back_on = Day(allow_null=True)


class PersonSerializer(serializers.Serializer):  # type: ignore[type-arg]
    worker_id = serializers.IntegerField()
    pathway_id = serializers.IntegerField()
    urgency = serializers.IntegerField()
    last_seen_on = Day(allow_null=True)
    reasons = ReasonSerializer(many=True)
    put_off = ReasonSerializer(many=True)


class Attention(APIView):
    """Qui a besoin de quelqu'un aujourd'hui, et pourquoi, du plus urgent au moins urgent."""

    reads_with = P.WRITE_FOLLOW_UP

    @extend_schema(responses=PersonSerializer(many=True))
    def get(self, request: Request) -> Response:
        who: Any = request.user
        day = the_day(
            organisations=reached(who, P.WRITE_FOLLOW_UP),
            trusted=reached(who, P.SEE_SENSITIVE),
            today=timezone.localdate(),
            reader=who if isinstance(who, User) else None,
        )
        return Response(PersonSerializer([*day.people, *day.waiting], many=True).data)


class SnoozeSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Snooze
        fields = ("id", "worker", "fact", "subject", "due_on", "until", "reason", "snoozed_on", "snoozed_by")
        read_only_fields = ("snoozed_on", "snoozed_by")


class Snoozes(Writing):
    """Faits remis à plus tard ; `fact`, `subject` et `due_on` sont ceux que donne `attention`."""

    model, serializer_class = Snooze, SnoozeSerializer
    reads_with, writes_with, verb = P.WRITE_FOLLOW_UP, P.WRITE_FOLLOW_UP, actions.snooze
    filterset_fields = {"worker": ["exact"], "fact": ["exact"], "until": ["gte", "lte"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"subject": 0, **values, "today": timezone.localdate()}

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str) -> Response:
        """Reprendre tout de suite."""
        actions.wake(by=author(request), snooze=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AppointmentSerializer(StrictSerializer):
    workers: Any = VisibleReference(Worker, P.WRITE_FOLLOW_UP, many=True, write_only=True)

    class Meta:
        model = Appointment
        fields = (
            "id", "worker", "workers", "counsellor", "kind", "starts_at", "minutes", "place", "together", "cancelled_at",
            "cancel_reason",
        )  # fmt: skip
        read_only_fields = ("worker", "counsellor", "together", "cancelled_at", "cancel_reason")


class AppointmentChange(serializers.Serializer):  # type: ignore[type-arg]
    starts_at = serializers.DateTimeField()


class AppointmentCancel(serializers.Serializer):  # type: ignore[type-arg]
    reason = serializers.CharField(max_length=300)


class Appointments(Reading):
    """Rendez-vous à venir et passés. Un rendez-vous tenu se lit dans le suivi du même jour."""

    model, serializer_class = Appointment, AppointmentSerializer
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {
        "worker": ["exact"], "counsellor": ["exact"], "starts_at": ["gte", "lt"], "cancelled_at": ["isnull"],
    }  # fmt: skip

    @extend_schema(request=AppointmentSerializer, responses={201: AppointmentSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Une ligne par personne."""
        asked = AppointmentSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = {"kind": "entretien_individuel", **asked.validated_data}
        rows = actions.plan_appointment(by=author(request), now=timezone.now(), **values)
        return Response(AppointmentSerializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AppointmentChange, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        appointment = self.get_object()
        asked = AppointmentChange(data=request.data)
        asked.is_valid(raise_exception=True)
        row = actions.move_appointment(
            by=author(request), appointment=appointment, now=timezone.now(), **asked.validated_data
        )
        return Response(AppointmentSerializer(row).data)

    @extend_schema(request=AppointmentCancel, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        appointment = self.get_object()
        asked = AppointmentCancel(data=request.data)
        asked.is_valid(raise_exception=True)
        row = actions.cancel_appointment(
            by=author(request), appointment=appointment, at=timezone.now(), **asked.validated_data
        )
        return Response(AppointmentSerializer(row).data)


class FeedSerializer(StrictSerializer):
    class Meta:
        model = FeedToken
        fields = ("id", "name", "created_at", "last_used_at", "revoked_at")
        read_only_fields = ("created_at", "last_used_at", "revoked_at")


class IssuedFeed(FeedSerializer):
    address = serializers.URLField(read_only=True, help_text="Montrée cette seule fois.")

    class Meta:
        model = FeedToken
        fields = (*FeedSerializer.Meta.fields, "address")
        read_only_fields = FeedSerializer.Meta.read_only_fields


class Feeds(Reading):
    """Adresses secrètes de son propre agenda (iCalendar). Un programme n'en a pas : elles sont à une personne."""

    model, serializer_class = FeedToken, FeedSerializer
    reads_with = writes_with = (P.WRITE_FOLLOW_UP, P.PROTECT_DATA)

    def get_queryset(self) -> Any:
        who: Any = self.request.user if not getattr(self, "swagger_fake_view", False) else None
        return FeedToken.objects.filter(user=who) if isinstance(who, User) else FeedToken.objects.none()

    @extend_schema(request=FeedSerializer, responses={201: IssuedFeed})
    def create(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            self.permission_denied(request)
        asked = FeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        feed, secret = actions.issue_feed(by=author(request), name=asked.validated_data["name"])
        address = request.build_absolute_uri(f"/agenda/flux/{secret}.ics")
        return Response({**FeedSerializer(feed).data, "address": address}, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=FeedSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        feed = self.get_object()
        actions.revoke_feed(by=author(request), feed=feed, at=timezone.now())
        feed.refresh_from_db()
        return Response(FeedSerializer(feed).data)
