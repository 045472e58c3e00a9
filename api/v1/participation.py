"""Participation and citizenship: closed lists and counts; no field holds an opinion."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api.resources import Day, OwnOrganisation, Reading, StrictSerializer, VisibleReference, Writing, author
from api.v1.plan import Dated, mover
from law.nomenclature import choices
from parcours.models import Worker
from participation import actions
from participation.models import (
    AssociationMember,
    Ballot,
    Body,
    BodyMeeting,
    CivicStatement,
    ExpressionSession,
    Proposal,
    Seat,
    SurveyWave,
    VoterHelp,
)

P = Permission
PROPOSAL_ANSWERS, CIVIC_ANSWERS = choices("proposal_answer"), choices("civic_answer")
SUBJECTS = choices("expression_subject")


class OfStructure(Writing):
    """Rows of a structure: written where the principal may write."""

    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP


class SessionSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()
    attendees = serializers.SerializerMethodField()

    class Meta:
        model = ExpressionSession
        fields = ("id", "organisation", "on", "subjects", "minutes", "held", "attendance_listed", "attendees")
        read_only_fields = ("held", "attendance_listed")

    def get_attendees(self, session: ExpressionSession) -> list[int]:
        return sorted(attendance.worker_id for attendance in session.attendances.all())


class SessionHeld(serializers.Serializer[Any]):
    held = serializers.BooleanField()
    minutes = serializers.IntegerField(required=False, min_value=1)
    attendees = VisibleReference(
        Worker, P.WRITE_FOLLOW_UP, many=True, required=False, help_text="Absent : aucune liste n'a été tenue."
    )


class ExpressionSessions(OfStructure):
    """Séances d'expression collective ; sans liste de présence, qui est venu est inconnu."""

    model, serializer_class, verb = ExpressionSession, SessionSerializer, actions.plan_session
    filterset_fields = {"organisation": ["exact"], "on": ["gte", "lte"], "held": ["exact"]}
    move = mover(SessionHeld, SessionSerializer, actions.hold_session, "session")

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("attendances")


class ProposalSerializer(StrictSerializer):
    session = VisibleReference(ExpressionSession, P.WRITE_FOLLOW_UP)

    class Meta:
        model = Proposal
        fields = ("id", "session", "subject", "words", "made_on", "answer", "answer_words", "answered_on")
        read_only_fields = ("answer", "answer_words", "answered_on")
        extra_kwargs = {"made_on": {"required": False}}


class ProposalAnswer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=PROPOSAL_ANSWERS)
    answer_words = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)
    answered_on = Day(default=timezone.localdate)


class Proposals(Dated):
    """Propositions des groupes, sans auteur, et la suite donnée."""

    model, serializer_class, verb = Proposal, ProposalSerializer, actions.propose
    filterset_fields = {
        "session": ["exact"],
        "session__organisation": ["exact"],
        "made_on": ["gte", "lte"],
        "answer": ["exact"],
    }
    move = mover(ProposalAnswer, ProposalSerializer, actions.answer_proposal, "proposal")


class BallotSerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()

    class Meta:
        model = Ballot
        exclude = ("recorded_by",)


class Ballots(OfStructure):
    """Élections du CSE, en nombres seulement : ni liste, ni candidat, ni syndicat."""

    model, serializer_class, verb = Ballot, BallotSerializer, actions.record_ballot
    filterset_fields = {"organisation": ["exact"], "first_round_on": ["gte", "lte"]}


class BodySerializer(StrictSerializer):
    organisation: Any = OwnOrganisation()

    class Meta:
        model = Body
        fields = ("id", "organisation", "kind", "level", "voting_seats", "checked_on")


class Bodies(OfStructure):
    """Instances où se prennent ou se préparent les décisions."""

    model, serializer_class, verb = Body, BodySerializer, actions.describe_body
    filterset_fields = {"organisation": ["exact"], "kind": ["exact"], "level": ["exact"]}

    def cleaned(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**super().cleaned(values), "today": timezone.localdate()}


class SeatSerializer(StrictSerializer):
    body = VisibleReference(Body, P.WRITE_FOLLOW_UP)
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP, required=False, allow_null=True)

    class Meta:
        model = Seat
        fields = ("id", "body", "holder_status", "worker", "voting", "started_on", "ended_on")


class LastDay(serializers.Serializer[Any]):
    ended_on = Day(default=timezone.localdate)


class Seats(Writing):
    """Sièges tenus ; seules les personnes en parcours, ou qui l'ont été, sont nommées."""

    model, serializer_class, verb = Seat, SeatSerializer, actions.take_seat
    reads_with, writes_with = P.SEE_PEOPLE, P.WRITE_FOLLOW_UP
    filterset_fields = {"body": ["exact"], "worker": ["exact"], "holder_status": ["exact"], "ended_on": ["isnull"]}

    @extend_schema(request=LastDay, responses=SeatSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Le siège est quitté après son dernier jour."""
        asked = LastDay(data=request.data)
        asked.is_valid(raise_exception=True)
        seat = self.get_object()
        row = actions.leave_seat(by=author(request), seat=seat, **asked.validated_data)
        return Response(SeatSerializer(row, context=self.get_serializer_context()).data)


class MeetingSerializer(StrictSerializer):
    body = VisibleReference(Body, P.WRITE_FOLLOW_UP)

    class Meta:
        model = BodyMeeting
        fields = ("id", "body", "held_on", "present", "present_workers")


class BodyMeetings(Dated):
    """Réunions d'une instance, en sièges présents ; le même jour renvoyé se corrige."""

    model, serializer_class, verb = BodyMeeting, MeetingSerializer, actions.record_meeting
    filterset_fields = {"body": ["exact"], "held_on": ["gte", "lte"]}


class CivicSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = CivicStatement
        fields = ("id", "worker", "asked_on", "answer", "kind", "acted_on")


class CivicStatements(Dated):
    """Actions citoyennes que la personne déclare ; sans ligne, on ne lui a pas demandé."""

    model, serializer_class, verb = CivicStatement, CivicSerializer, actions.state_civic_action
    filterset_fields = {"worker": ["exact"], "asked_on": ["gte", "lte"], "answer": ["exact"]}


class MemberSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = AssociationMember
        fields = ("id", "worker", "started_on", "ended_on")


class AssociationMembers(Dated):
    """Adhésions à l'association qui porte la structure, et à aucune autre."""

    model, serializer_class, verb = AssociationMember, MemberSerializer, actions.join_association
    filterset_fields = {"worker": ["exact"], "ended_on": ["isnull"]}

    @extend_schema(request=LastDay, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """L'adhésion prend fin après son dernier jour."""
        asked = LastDay(data=request.data)
        asked.is_valid(raise_exception=True)
        row = actions.leave_association(by=author(request), membership=self.get_object(), **asked.validated_data)
        return Response(MemberSerializer(row, context=self.get_serializer_context()).data)


class VoterHelpSerializer(StrictSerializer):
    worker = VisibleReference(Worker, P.WRITE_FOLLOW_UP)

    class Meta:
        model = VoterHelp
        fields = ("id", "worker", "offered_on", "help")


class VoterHelps(Dated):
    """Aide à l'inscription sur les listes électorales ; ni l'inscription ni le vote ne sont notés."""

    model, serializer_class, verb = VoterHelp, VoterHelpSerializer, actions.help_to_register
    filterset_fields = {"worker": ["exact"], "offered_on": ["gte", "lte"]}


class WaveSerializer(serializers.ModelSerializer[SurveyWave]):
    class Meta:
        model = SurveyWave
        fields = ("id", "organisation", "opened_on", "closed_on")


class SurveyWaves(Reading):
    """Vagues de l'enquête ; les réponses ne sortent pas par ici."""

    model, serializer_class, reads_with = SurveyWave, WaveSerializer, P.SEE_PEOPLE
    filterset_fields = {"organisation": ["exact"], "opened_on": ["gte", "lte"]}
