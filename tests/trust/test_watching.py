"""Watching: readiness, metrics, nights missed and told, logs that name nobody."""

import json
import logging
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from jobs import actions, nights, tasks
from jobs.models import Job
from jobs.registry import handler
from tests.factories import FederationFactory, OrganisationFactory, PathwayFactory, WorkerFactory, user_with
from tests.trust.world import client_of
from web.views.nights import COUNTED, TITLES

pytestmark = pytest.mark.django_db


def night(name="contracts.refresh_flags", **fields) -> Job:
    key = fields.pop("key", nights.key_of(name, nights.due("02:00", timezone.now())))
    now = timezone.now()
    return Job.objects.create(name=name, key=key, available_at=now, **fields)


def test_ready_says_which_part_is_missing(monkeypatch, settings):
    assert Client().get("/pret/").json() == {"database": True, "migrations": True, "broker": True}

    monkeypatch.setattr("web.views.health._migrated", lambda: False)
    late = Client().get("/pret/")
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    lost = Client().get("/pret/")

    assert (late.status_code, late.json()["migrations"]) == (503, False)
    assert (lost.status_code, lost.json()["broker"]) == (503, False)


def test_every_job_of_the_night_is_called_by_a_title_people_understand(settings):
    assert set(TITLES) == set(settings.NIGHT)


def test_ready_does_not_break_without_a_database(monkeypatch):
    def down():
        raise DatabaseError("gone")

    monkeypatch.setattr("web.views.health._migrated", down)
    assert Client().get("/pret/").json()["database"] is False


def test_metrics_are_for_who_holds_the_secret_and_name_nobody(settings):
    assert Client().get("/metriques/", HTTP_AUTHORIZATION="Bearer ").status_code == 404
    settings.METRICS_TOKEN = "s3cret"
    worker = PathwayFactory(worker__last_name="Zplantéz").worker
    client_of(user_with(Role.DIRECTOR, worker.organisation)).get(f"/salaries/{worker.pk}/")
    now = timezone.now()
    night(done_at=now - timedelta(hours=1), started_at=now - timedelta(hours=2))
    night("x", key="w")
    night("x", key="f", failed_at=now)
    assert Client().get("/metriques/", HTTP_AUTHORIZATION="Bearer autre").status_code == 404

    text = Client().get("/metriques/", HTTP_AUTHORIZATION="Bearer s3cret").content.decode()

    assert 'parcours_requests_total{method="GET",status="200",view="worker"}' in text
    assert 'parcours_request_seconds_bucket{le="0.25",view="worker"}' in text
    states = {state: f'parcours_jobs{{state="{state}"}} 1.0' in text for state in ("waiting", "done", "failed")}
    assert states == {"waiting": True, "done": True, "failed": True}
    assert 'parcours_night_age_seconds{job="contracts.refresh_flags"} 3' in text
    assert "Zplantéz" not in text
    assert f"/{worker.pk}/" not in text


def test_the_page_of_the_nights_says_when_how_long_on_what_and_what_failed():
    now = timezone.now()
    night(started_at=now - timedelta(seconds=90), done_at=now, result={"alertes": 41, "ids": [1]})
    night("indicators.compute", attempts=2, error="ValueError: Amina Diallo est inconnue")
    night("parcours.scan_attachment", key="s", failed_at=now, attempts=5, error="OSError: /media/amina.pdf")

    page = client_of(user_with(Role.ADMINISTRATOR, OrganisationFactory())).get("/travaux/").content.decode()

    assert "90,0 s" in page
    assert "alertes : 41" in page
    assert "1 (ValueError)" in page
    assert "parcours.scan_attachment · 5 essais" in page
    assert "Amina" not in page
    assert "amina" not in page
    assert "jamais" in page


@pytest.mark.parametrize("name", configured.NIGHT)
def test_what_a_job_of_the_night_counts_is_told_in_words(name):
    found = handler(name)(day="2026-06-15", known_at="2026-06-15T02:00:00+02:00", batch="nuit")

    assert {what for what, n in found.items() if isinstance(n, int)} <= set(COUNTED)


def test_a_missed_night_is_told_once_to_the_administrators_and_shown():
    federation = FederationFactory()
    administrator = user_with(Role.ADMINISTRATOR, federation, email="admin@example.org")
    user_with(Role.COUNSELLOR, OrganisationFactory(), email="conseil@example.org")
    User.objects.create_superuser("equipe@example.org")
    late = nights.due("02:00", timezone.now()) + nights.LATE_AFTER + timedelta(minutes=1)
    before = nights.due("02:00", timezone.now()) - timedelta(days=1)
    night(key=nights.key_of("contracts.refresh_flags", before), done_at=before)

    assert nights.alerts(late - timedelta(minutes=2)) == []
    assert [told["name"] for _key, told in nights.alerts(late)] == ["contracts.refresh_flags"]
    for _time in range(3):
        for key, told in nights.alerts(late):
            actions.perform(actions.enqueue("jobs.alert", key=key, arguments=told).pk)

    assert sorted(message.to[0] for message in mail.outbox) == ["admin@example.org", "equipe@example.org"]
    assert "contracts.refresh_flags" in mail.outbox[0].subject
    night(done_at=late)
    assert nights.alerts(late) == []
    assert administrator.is_active


def test_the_schedule_asks_for_the_alert_by_itself(monkeypatch):
    due = nights.due("02:00", timezone.now())
    late = timezone.localtime(due + nights.LATE_AFTER + timedelta(minutes=5))
    night(key=nights.key_of("contracts.refresh_flags", due - timedelta(days=1)), done_at=due - timedelta(days=1))
    monkeypatch.setattr(
        "jobs.tasks.timezone.localtime", lambda *given: late if not given else given[0].astimezone(late.tzinfo)
    )

    tasks.nightly("contracts.refresh_flags", "02:00")
    tasks.nightly("contracts.refresh_flags", "02:00")

    assert Job.objects.filter(name="jobs.alert").count() == 1


def test_a_night_never_asked_for_yet_alarms_nobody():
    assert nights.missed(timezone.now()) == []


class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


def test_logs_name_nobody_even_when_a_view_or_a_job_breaks(monkeypatch):
    """Pages are run with planted names, a view and a job break with a name in their error: no line holds one."""
    worker = WorkerFactory(last_name="Zplantéz", first_name="Zprénomz")
    PathwayFactory(worker=worker)
    director = user_with(Role.DIRECTOR, worker.organisation, email="zmailz@example.org", last_name="Zdirectricez")
    kept = Kept()
    root = logging.getLogger()
    kept.setFormatter(next(h.formatter for h in root.handlers if type(h) is logging.StreamHandler))
    root.addHandler(kept)
    client = Client(raise_request_exception=False)
    try:
        client.post("/compte/login/", {"login": "zmailz@example.org", "password": "Zmotdepassez"})
        client = client_of(director)
        for path in (
            "/salaries/?q=Zplantéz",
            f"/salaries/{worker.pk}/",
            "/suivis/?q=Zplantéz",
            "/salaries/999999/?q=Zplantéz",
        ):
            client.get(path)
        client.post("/salaries/nouveau/", {"first_name": "Zplantéz", "last_name": "Zplantéz"})
        monkeypatch.setattr("web.views.workers.moments", lambda *args: (_ for _ in ()).throw(ValueError("de Zplantéz")))
        assert client.get(f"/salaries/{worker.pk}/").status_code == 500
        monkeypatch.setattr("jobs.actions.handler", lambda name: lambda: (_ for _ in ()).throw(ValueError("Zplantéz")))
        with pytest.raises(ValueError):
            actions.perform(night("x", key="k").pk)
        logging.getLogger("celery").error("Task failed", exc_info=ValueError("Zplantéz"))
    finally:
        root.removeHandler(kept)
    said = "\n".join(kept.lines)

    assert "ValueError" in said
    assert json.loads(kept.lines[-1])["event"] == "Task failed"
    assert [name for name in ("Zplant", "Zprénomz", "zmailz", "Zdirectricez", "Zmotdepassez") if name in said] == []
