"""Participation of a structure: sessions, proposals and answers, ballots, bodies and seats, and the workers' own voice."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import walls
from accounts.access import load
from accounts.roles import Permission
from law import law_on
from parcours.models import Worker
from participation import actions, survey
from participation.electorate import electorate
from participation.models import Ballot, Body, ExpressionSession, Proposal, Seat, SurveyCode, SurveyWave
from web.access import chosen_structure, held, me, needs
from web.forms.participation import (
    AttendanceForm,
    BallotForm,
    BodyForm,
    CodeForm,
    LeaveForm,
    MeetingForm,
    ProposalForm,
    ReplyForm,
    SeatForm,
    SessionForm,
    VoiceForm,
)
from web.writing import form_page


@needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_PEOPLE)
    today = timezone.localdate()
    mine = {"organisation": structure}
    waves = list(SurveyWave.objects.visible_to(request.user).filter(**mine)[:2])
    return render(
        request,
        "web/participation.html",
        {
            "structure": structure,
            "structures": structures,
            "today": today,
            "sessions": ExpressionSession.objects.visible_to(request.user).filter(**mine).prefetch_related("attendances", "proposals")[:12],
            "waiting": Proposal.objects.visible_to(request.user).filter(session__organisation=structure, answer="").order_by("made_on"),
            "answer_days": law_on(today).whole("proposal.answer_days"),
            "ballots": Ballot.objects.visible_to(request.user).filter(**mine)[:3],
            "electorate": electorate(structure, today),
            "bodies": Body.objects.visible_to(request.user).filter(**mine).prefetch_related("held_seats__worker", "meetings"),
            "waves": [(wave, survey.results(wave)) for wave in waves],
            "open_wave": any(wave.closed_on is None for wave in waves),
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
        },
    )  # fmt: skip


_form = partial(form_page, back="participation")


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def plan_session(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.WRITE_FOLLOW_UP)
    form = SessionForm(request.POST or None, initial={"on": timezone.localdate()})
    by = me(request)
    return _form(
        request, form, title=_("Séance d'expression collective"),
        save=lambda **values: actions.plan_session(by=by, organisation=structure, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def hold_session(request: HttpRequest, session_id: int) -> HttpResponse:
    session = load(ExpressionSession.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=session_id)
    workers = Worker.objects.filter(
        organisation=session.organisation_id, pathways__started_on__lte=session.on
    ).distinct()
    already = list(session.attendances.values_list("worker_id", flat=True))
    form = AttendanceForm(request.POST or None, workers=workers, initial={"attendees": already, "held": "oui"})
    by, today = me(request), timezone.localdate()
    return _form(
        request, form, title=f"{_('Présences')} — {session}",
        save=lambda held, listed, attendees: actions.hold_session(
            by=by, session=session, held=held, attendees=list(attendees) if listed else None, today=today
        ),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, session_id: int) -> HttpResponse:
    session = load(ExpressionSession.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=session_id)
    by, today = me(request), timezone.localdate()
    return _form(
        request, ProposalForm(request.POST or None), title=f"{_('Proposition')} — {session}",
        save=lambda **values: actions.propose(by=by, session=session, today=today, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, proposal_id: int) -> HttpResponse:
    proposal = load(Proposal.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=proposal_id)
    by, today = me(request), timezone.localdate()
    form = ReplyForm(request.POST or None, initial={"answered_on": today})
    return _form(
        request, form, title=str(proposal),
        save=lambda **values: actions.answer_proposal(by=by, proposal=proposal, today=today, **values),
    )  # fmt: skip


@needs(Permission.SEE_PEOPLE)
@require_http_methods(["GET", "POST"])
def ballot(request: HttpRequest) -> HttpResponse:
    """Recorded by those who decide on contracts, or who write the files; workers' counts are proposed from the contracts."""
    may = held(request)
    needed = Permission.DECIDE_CONTRACTS if Permission.DECIDE_CONTRACTS in may else Permission.WRITE_FOLLOW_UP
    structure, _all = chosen_structure(request, needed)
    today, by = timezone.localdate(), me(request)
    found = electorate(structure, today)
    proposed = {"first_round_on": today, "rule": "missions" if structure.kind == "ETTI" else "contract",
                "headcount_workers": found.present, "electors_workers": found.electors}  # fmt: skip
    form = BallotForm(request.POST or None, initial=proposed)
    return _form(
        request, form, title=_("Élection du CSE"),
        save=lambda **values: actions.record_ballot(by=by, organisation=structure, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def body(request: HttpRequest) -> HttpResponse:
    structure, _all = chosen_structure(request, Permission.WRITE_FOLLOW_UP)
    by, today = me(request), timezone.localdate()
    form = BodyForm(request.POST or None, initial={"checked_on": today})
    return _form(
        request, form, title=_("Décrire une instance"),
        save=lambda **values: actions.describe_body(by=by, organisation=structure, today=today, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def seat(request: HttpRequest, body_id: int) -> HttpResponse:
    where = load(Body.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=body_id)
    by = me(request)
    form = SeatForm(
        request.POST or None, workers=Worker.objects.filter(organisation=where.organisation_id),
        initial={"started_on": timezone.localdate()},
    )  # fmt: skip
    return _form(
        request,
        form,
        title=f"{_('Siège')} — {where}",
        save=lambda **values: actions.take_seat(by=by, body=where, **values),
    )


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def meeting(request: HttpRequest, body_id: int) -> HttpResponse:
    """Count who was there; the same day again corrects the count."""
    where = load(Body.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=body_id)
    by, today = me(request), timezone.localdate()
    form = MeetingForm(request.POST or None, initial={"held_on": today})
    return _form(
        request, form, title=f"{_('Réunion')} — {where}",
        save=lambda **values: actions.record_meeting(by=by, body=where, today=today, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, seat_id: int) -> HttpResponse:
    rows = Seat.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).filter(ended_on=None)
    held, by = load(rows.select_related("body", "worker"), pk=seat_id), me(request)
    form = LeaveForm(request.POST or None, initial={"ended_on": timezone.localdate()})
    who = held.worker or held.get_holder_status_display()
    return _form(
        request, form, title=f"{_('Fin du mandat')} — {who}, {held.body}",
        save=lambda **values: actions.leave_seat(by=by, seat=held, **values),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def open_wave(request: HttpRequest) -> HttpResponse:
    """Open a wave and print its codes: they are shown this one time."""
    structure, _all = chosen_structure(request, Permission.WRITE_FOLLOW_UP)
    try:
        wave, codes = survey.open_wave(by=me(request), organisation=structure, opened_on=timezone.localdate())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("participation")
    return render(request, "web/survey_codes.html", {"wave": wave, "codes": codes})


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def close_wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    wave = load(SurveyWave.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=wave_id)
    try:
        survey.close_wave(by=me(request), wave=wave, closed_on=timezone.localdate())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("participation")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def voice(request: HttpRequest) -> HttpResponse:
    """The workers' own page: a code, five statements, no name. Open to whoever holds a code."""
    code = request.POST.get("code", "")
    if not code:
        return render(request, "web/voice.html", {"code_form": CodeForm()})
    with walls.through(SurveyCode, survey.digest(code)):
        return spoken(request, code)


def spoken(request: HttpRequest, code: str) -> HttpResponse:
    if "answers" not in request.POST:
        if survey.usable(code):
            return render(request, "web/voice.html", {"form": VoiceForm(), "code": code})
        code_form = CodeForm(request.POST)
        code_form.add_error("code", _("Ce code n'ouvre rien : vérifiez-le, ou demandez-en un autre à la structure."))
        return render(request, "web/voice.html", {"code_form": code_form})
    form = VoiceForm(request.POST)
    if form.is_valid():
        try:
            survey.answer(code=code, values=form.cleaned_data)
            return render(request, "web/voice.html", {"done": True})
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "web/voice.html", {"form": form, "code": code})
