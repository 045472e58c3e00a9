"""Verbs on participation and citizenship. What is tied to a person is chosen in closed lists: no opinion has a place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import not_later, saved
from parcours.models import Worker
from participation.models import (
    AssociationMember,
    Attendance,
    Ballot,
    Body,
    BodyMeeting,
    CivicStatement,
    ExpressionSession,
    Proposal,
    Seat,
    VoterHelp,
)


def plan_session(
    *,
    by: User,
    organisation: Organisation,
    on: date,
    subjects: Sequence[str],
    minutes: int | None = None,
) -> ExpressionSession:
    """Plan a session, past or to come; whether it was held is said by `hold_session`."""
    return saved(
        ExpressionSession(organisation=organisation, on=on, subjects=list(subjects), minutes=minutes, recorded_by=by)
    )


@transaction.atomic
def hold_session(
    *,
    by: User,
    session: ExpressionSession,
    held: bool,
    today: date,
    attendees: Sequence[Worker] | None = None,
    minutes: int | None = None,
) -> ExpressionSession:
    """Say whether a session was held and who came: the list replaces the former one, None means that no list was kept.

    Raises ValidationError for a session to come, or a worker of another structure.
    """
    if held:
        not_later("on", session.on, today)
    session.held = held
    session.minutes = minutes if minutes is not None else session.minutes
    session.attendance_listed = held and attendees is not None
    saved(session)
    wanted = {worker.pk for worker in attendees or ()} if session.attendance_listed else set()
    if any(worker.organisation_id != session.organisation_id for worker in attendees or ()):
        raise ValidationError({"attendees": _("Une personne n'est pas de cette structure.")})
    already = set(session.attendances.values_list("worker_id", flat=True))
    session.attendances.filter(worker_id__in=already - wanted).delete()
    Attendance.objects.bulk_create(Attendance(session=session, worker_id=pk) for pk in sorted(wanted - already))
    return session


def propose(
    *, by: User, session: ExpressionSession, subject: str, words: str, today: date, made_on: date | None = None
) -> Proposal:
    """Write a proposal of the group, as the group's."""
    day = made_on or session.on
    not_later("made_on", day, today)
    return saved(Proposal(session=session, subject=subject, words=words, made_on=day, recorded_by=by))


def answer_proposal(
    *, by: User, proposal: Proposal, answer: str, answered_on: date, today: date, answer_words: str = ""
) -> Proposal:
    """Give the group its answer."""
    not_later("answered_on", answered_on, today)
    proposal.answer, proposal.answer_words, proposal.answered_on = answer, answer_words, answered_on
    return saved(proposal)


def record_ballot(*, by: User, organisation: Organisation, first_round_on: date, **counts: Any) -> Ballot:
    """Record an election as counts, or correct them: one row by structure and first round. Raises ValidationError."""
    ballot = Ballot.objects.filter(organisation=organisation, first_round_on=first_round_on).first() or Ballot(
        organisation=organisation, first_round_on=first_round_on
    )
    for name, value in counts.items():
        setattr(ballot, name, value)
    ballot.recorded_by = by
    return saved(ballot)


def describe_body(
    *,
    by: User,
    organisation: Organisation,
    kind: str,
    checked_on: date,
    today: date,
    level: str = "structure",
    voting_seats: int | None = None,
) -> Body:
    """Say that a body exists and how many votes it has, as checked on a day; again to check it anew."""
    not_later("checked_on", checked_on, today)
    body = Body.objects.filter(organisation=organisation, kind=kind, level=level).first() or Body(
        organisation=organisation, kind=kind, level=level
    )
    body.voting_seats, body.checked_on, body.recorded_by = voting_seats, checked_on, by
    return saved(body)


def take_seat(
    *,
    by: User,
    body: Body,
    holder_status: str,
    started_on: date,
    worker: Worker | None = None,
    voting: bool = True,
    ended_on: date | None = None,
) -> Seat:
    """Somebody takes a seat. Raises ValidationError for a worker of another structure."""
    if worker is not None and worker.organisation_id != body.organisation_id:
        raise ValidationError({"worker": _("Cette personne n'est pas de la structure.")})
    return saved(
        Seat(
            body=body,
            holder_status=holder_status,
            worker=worker,
            voting=voting,
            started_on=started_on,
            ended_on=ended_on,
            recorded_by=by,
        )
    )


def leave_seat(*, by: User, seat: Seat, ended_on: date) -> Seat:
    """The seat is left after its last day."""
    seat.ended_on = ended_on
    return saved(seat)


def record_meeting(
    *,
    by: User,
    body: Body,
    held_on: date,
    today: date,
    present: int | None = None,
    present_workers: int | None = None,
) -> BodyMeeting:
    """Count the seats present at a meeting; the same day twice corrects the count."""
    not_later("held_on", held_on, today)
    meeting = body.meetings.filter(held_on=held_on).first() or BodyMeeting(body=body, held_on=held_on)
    meeting.present, meeting.present_workers, meeting.recorded_by = present, present_workers, by
    return saved(meeting)


def state_civic_action(
    *,
    by: User,
    worker: Worker,
    asked_on: date,
    answer: str,
    today: date,
    kind: str = "",
    acted_on: date | None = None,
) -> CivicStatement:
    """Keep what a person answered when asked about her citizen actions. A refusal is kept as such, and counts unknown."""
    not_later("asked_on", asked_on, today)
    return saved(
        CivicStatement(worker=worker, asked_on=asked_on, answer=answer, kind=kind, acted_on=acted_on, recorded_by=by)
    )


def join_association(
    *, by: User, worker: Worker, started_on: date, today: date, ended_on: date | None = None
) -> AssociationMember:
    """A worker becomes a member of the association that carries the structure."""
    not_later("started_on", started_on, today)
    return saved(AssociationMember(worker=worker, started_on=started_on, ended_on=ended_on, recorded_by=by))


def leave_association(*, by: User, membership: AssociationMember, ended_on: date) -> AssociationMember:
    """The membership ends after its last day."""
    membership.ended_on = ended_on
    return saved(membership)


def help_to_register(*, by: User, worker: Worker, offered_on: date, help: str, today: date) -> VoterHelp:
    """Note the help offered with the electoral roll; the same day twice corrects it."""
    not_later("offered_on", offered_on, today)
    row = worker.voter_helps.filter(offered_on=offered_on).first() or VoterHelp(worker=worker, offered_on=offered_on)
    row.help, row.recorded_by = help, by
    return saved(row)
