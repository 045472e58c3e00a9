"""Files past their term: told, kept with a reason, or erased by the night; each once however often the night runs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.roles import Role
from jobs.actions import enqueue, perform
from jobs.models import Job
from parcours.models import Worker
from privacy import erasure, retention, tombstones, traces
from privacy.models import Consultation, Erasure, Keeping, Term
from tests.factories import (
    ContractFactory,
    FollowUpFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)
AFTER = DAY + timedelta(days=30)


def life(structure, *, left_on, contract_ended_on=None, **worker):
    person = WorkerFactory(organisation=structure, **worker)
    pathway = PathwayFactory(worker=person, started_on=date(2015, 1, 5), ended_on=left_on)
    if contract_ended_on:
        ContractFactory(
            worker=person, started_on=date(2015, 1, 5), planned_end_on=contract_ended_on, ended_on=contract_ended_on
        )
    return pathway


def night(day, again="") -> None:
    """The night's job, and all it asks for."""
    enqueue("privacy.retain", key=f"privacy.retain:{day}{again}", arguments={"day": day.isoformat()})
    while waiting := list(Job.objects.filter(done_at=None, failed_at=None).order_by("id")):
        for job in waiting:
            perform(job.pk)


def test_a_file_is_due_at_the_last_of_its_terms_and_never_while_someone_is_here(structure):
    told = life(structure, left_on=date(2023, 1, 10)).worker
    worked = life(structure, left_on=date(2021, 3, 1), contract_ended_on=date(2021, 3, 1)).worker
    life(structure, left_on=date(2022, 3, 1), contract_ended_on=date(2022, 3, 1))  # five years are not over
    life(structure, left_on=date(2024, 6, 16))  # two years less a day
    life(structure, left_on=None)
    heard = life(structure, left_on=date(2020, 1, 6))
    FollowUpFactory(pathway=heard, held_on=date(2025, 9, 1))

    retention.tell(DAY)

    rows = {row.worker: (row.rule, row.reached_on, row.erase_on) for row in Term.objects.all()}
    assert rows == {
        told: ("accompaniment", date(2025, 1, 10), AFTER),
        worked: ("employment", date(2026, 3, 1), AFTER),
    }


def test_the_night_tells_then_erases_after_the_grace_each_once(structure):
    director, hr = user_with(Role.DIRECTOR, structure), user_with(Role.HR, structure)
    user_with(Role.COUNSELLOR, structure)
    worker = life(structure, left_on=date(2020, 1, 6), last_name="Durand").worker

    night(DAY)
    night(DAY, again=":2")

    assert sorted(message.to[0] for message in mail.outbox) == sorted([director.email, hr.email])
    assert "Durand" not in mail.outbox[0].body + mail.outbox[0].subject
    night(AFTER - timedelta(days=1))
    assert Worker.objects.filter(pk=worker.pk).exists()
    night(AFTER)
    night(AFTER, again=":2")
    assert not Worker.objects.filter(pk=worker.pk).exists()
    assert [(row.ground, row.organisation) for row in Erasure.objects.all()] == [("term", structure)]
    assert len(mail.outbox) == 2


def test_a_file_kept_for_a_dispute_is_told_again_once_it_is_over(structure):
    director = user_with(Role.DIRECTOR, structure)
    worker = life(structure, left_on=date(2020, 1, 6)).worker
    night(DAY)

    keeping = retention.keep_file(
        by=director, worker=worker, reason="Prud'hommes", until=DAY + timedelta(days=90), today=DAY
    )
    night(AFTER)

    assert (Term.objects.count(), Worker.objects.count()) == (0, 1)
    assert erasure.obstacles(worker, AFTER) == ["Son dossier est gardé jusqu'au 13/09/2026 : Prud'hommes."]
    retention.stop_keeping(by=director, keeping=keeping, today=AFTER + timedelta(days=5))
    night(AFTER + timedelta(days=5))
    assert Term.objects.get().erase_on == AFTER + timedelta(days=35)


def test_someone_who_comes_back_is_on_the_list_no_more(structure):
    worker = life(structure, left_on=date(2020, 1, 6)).worker
    night(DAY)
    PathwayFactory(worker=worker, started_on=DAY, ended_on=None)

    night(AFTER)

    assert (Term.objects.count(), Worker.objects.count()) == (0, 1)


def test_what_the_law_makes_the_employer_keep_is_not_erased_on_demand(structure):
    director = user_with(Role.DIRECTOR, structure)
    worker = life(structure, left_on=date(2024, 1, 8), contract_ended_on=date(2024, 1, 8)).worker

    with pytest.raises(ValidationError, match=r"Contrats, heures et paie.* jusqu'au 08/01/2029"):
        erasure.ask_erasure(by=director, worker=worker, ground="asked", today=DAY)

    never_hired = life(structure, left_on=DAY - timedelta(days=1)).worker
    perform(erasure.ask_erasure(by=director, worker=never_hired, ground="asked", today=DAY).pk)
    assert list(Worker.objects.all()) == [worker]


def test_it_is_kept_a_year_who_read_what(structure):
    worker = WorkerFactory(organisation=structure)
    reader = user_with(Role.HR, structure)
    for hour in ("2025-06-14 09:00Z", "2025-06-15 09:00Z"):
        Consultation.objects.create(reader=reader, worker=worker, page="worker", hour=hour)

    assert (traces.forget(DAY)["consultations_forgotten"], Consultation.objects.count()) == (1, 1)


@pytest.mark.parametrize("model", [AccessLog, AccessAttempt, AccessFailureLog], ids=lambda model: model.__name__)
def test_it_is_kept_a_year_who_signed_in_or_failed_to(model, monkeypatch):
    monkeypatch.setattr(traces, "BATCH", 2)
    counted = {"failures_since_start": 1} if model is AccessAttempt else {}
    for number, at in enumerate(["2020-01-01 09:00Z", "2024-01-01 09:00Z", "2025-06-14 09:00Z", "2025-06-15 09:00Z"]):
        row = model.objects.create(username=f"{number}@example.org", ip_address="192.0.2.1", user_agent="x", **counted)
        model.objects.filter(pk=row.pk).update(attempt_time=at)

    night(DAY)
    night(DAY, again=":2")

    assert [row.username for row in model.objects.all()] == ["3@example.org"]
    results = Job.objects.filter(name="privacy.retain").order_by("id").values_list("result", flat=True)
    assert [result["traces_forgotten"] for result in results] == [3, 0]


def test_a_session_that_is_over_is_kept_nowhere(structure):
    user = user_with(Role.HR, structure)
    yesterday = datetime(2026, 6, 14, 18, tzinfo=UTC)
    for key, ends in (("over", "2026-06-14 20:00Z"), ("live", "2026-06-15 03:00Z"), ("closed", None), ("new", None)):
        if ends:
            Session.objects.create(session_key=key, session_data="", expire_date=ends)
        row = UserSession.objects.create(user=user, session_key=key, ip="192.0.2.1", user_agent="x")
        UserSession.objects.filter(pk=row.pk).update(last_seen_at=yesterday)
    UserSession.objects.filter(session_key="new").update(last_seen_at=datetime(2026, 6, 15, 1, tzinfo=UTC))

    night(DAY)

    assert [row.session_key for row in Session.objects.all()] == ["live"]
    assert sorted(row.session_key for row in UserSession.objects.all()) == ["live", "new"]


def test_work_done_or_given_up_is_forgotten_a_year_later_but_what_the_page_of_nights_tells():
    old, recent = datetime(2025, 6, 14, 3, tzinfo=UTC), datetime(2025, 6, 16, 3, tzinfo=UTC)

    def job(name, key, **state):
        return Job.objects.create(name=name, key=key, available_at=old, **state)

    job("privacy.erase", "erased", done_at=old)
    job("documents.press", "given up", failed_at=old, error="ValueError: Durand")
    job("privacy.sweep", "privacy.sweep:2025-06-12", done_at=old)
    kept = [
        job("privacy.erase", "of the year", done_at=recent),
        job("privacy.erase", "waiting"),
        job("privacy.sweep", "privacy.sweep:2025-06-13", done_at=old + timedelta(hours=1)),
        job("privacy.sweep", "privacy.sweep:2025-06-14", failed_at=old, error="OSError: x"),
    ]

    assert [traces.forget(DAY)["traces_forgotten"], traces.forget(DAY)["traces_forgotten"]] == [3, 0]
    assert list(Job.objects.order_by("id")) == kept


def test_a_keeping_says_why_and_until_when(structure):
    worker = WorkerFactory(organisation=structure)
    by = user_with(Role.HR, structure)

    with pytest.raises(ValidationError):
        retention.keep_file(by=by, worker=worker, reason=" ", until=AFTER, today=DAY)
    with pytest.raises(ValidationError, match="Cette date est passée"):
        retention.keep_file(by=by, worker=worker, reason="litige", until=DAY, today=DAY)
    assert Keeping.objects.count() == 0


@pytest.mark.parametrize(("role", "led"), [(Role.HR, True), (Role.DIRECTOR, True), (Role.COUNSELLOR, False)])
def test_who_decides_on_files_is_led_to_them_from_the_register(structure, role, led):
    page = client_for(user_with(role, structure)).get("/donnees/registre/").content.decode()

    assert ('href="/donnees/"' in page) is led


def test_every_rule_says_where_it_comes_from():
    for rule in retention.rules(DAY).values():
        assert rule.months > 0
        assert rule.source
        assert rule.confirmed in {True, False}


def test_the_night_erases_again_whom_a_release_under_way_kept_for_a_while(structure, monkeypatch):
    worker = life(structure, left_on=date(2020, 1, 6)).worker
    mark = tombstones.marks(worker.pk, worker.created_at)[0]
    Erasure.objects.create(organisation=structure, mark=mark, ground="asked", erased_at="2026-06-01 09:00Z")
    monkeypatch.setattr("releases.snapshot.drawing", lambda organisation_id: "2025")
    night(DAY)
    assert Worker.objects.get() == worker

    monkeypatch.setattr("releases.snapshot.drawing", lambda organisation_id: None)
    night(DAY + timedelta(days=1))

    assert (Worker.objects.count(), Erasure.objects.count()) == (0, 1)
